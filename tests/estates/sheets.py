"""Registers as offices really write them, made for the tests: the two samples' peculiarities, and worse."""

import datetime
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook

HEADER = ["序号", "街道", "社区", "小区名称", "楼栋", "梯号", "户号", "所在层", "建筑面积（㎡）", "用途", "建成年份"]
PLAIN = ["街道", "社区", "小区名称", "楼栋", "梯号", "户号", "所在层", "建筑面积", "用途", "建成年份"]
LONG_GONE = datetime.date(2021, 1, 1)
NEW_ESTATE = ["临江街道", "新门社区", "东篱小区（示例）"]

Row = list[Any]


def flat(*above: str, label: Any = "101", floor: Any = 1, area: Any = 60, kind: Any = "住宅", year: Any = 1988) -> Row:
    """A row of a plain register; `above` replaces the estate, building and stair from the right of the street on."""
    places = [*above] or [*NEW_ESTATE, "1号楼", "1梯"]
    return [*places, label, floor, area, kind, year]


def workbook(path: Path, rows: Iterable[Row], *, merges: Iterable[str] = (), notes: bool = False) -> Path:
    """An Excel file of these rows; `notes` adds a second sheet of words."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "2024年底数台账"
    for row in rows:
        sheet.append(row)
    for cells in merges:
        sheet.merge_cells(cells)
    if notes:
        book.create_sheet("填表说明").append(["面积按产权证登记填写；梯号按楼道口标注填写。"])
    book.save(path)
    return path


def text(path: Path, rows: Iterable[Row], encoding: str = "utf-8") -> Path:
    """A CSV file of these rows."""
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def plain(path: Path, *rows: Row) -> Path:
    """A small register without peculiarities."""
    return workbook(path, [PLAIN, *rows])


def office_register(path: Path) -> Path:
    """Two estates of twelve and eight flats, written like the sample: 20 flats, five rows with mistakes (31 to 35)."""
    rows: list[Row] = [
        ["鲤城区老旧小区底数台账（示例数据）"],
        ["填报单位：区住建局", None, None, None, None, "填报时间：2024年1月30日"],
        HEADER,
    ]
    rows += _block(1, ["临江街道", "新门社区", "东篱小区（示例）"], "1号楼", stairs=2, floors=3, year=1995)
    rows.append([None, None, None, "小计", None, None, "12户"])
    rows.append([])
    rows += _block(13, ["海滨街道", "水仙社区", "晴雨新村（示例）"], "2幢", stairs=1, floors=4, year=1982)
    rows.append([None, None, None, "小计", None, None, "8户"])
    rows += [[], [], []]
    rows.append([None, None, None, "合计", None, None, "20户"])
    facts = ["1号楼", "1梯", "101", 1, 60, "住宅", 1988]
    rows.append([None, "海滨街道", "水仙社区", None, *facts])
    rows.append([None, "不存在街道", "某社区", "无名小区（示例）", *facts])
    rows.append([None, "临江街道", "新门社区", "错面积小区（示例）", *facts[:4], "六十平", *facts[5:]])
    rows.append([None, "临江街道", "新门社区", "错年份小区（示例）", *facts[:6], 2088])
    rows.append([None, "临江街道", "新门社区", '=HYPERLINK("x","y")', *facts])
    merges = ["A1:K1", "B4:B15", "C4:C15", "D4:D15", "B18:B25", "C18:C25", "D18:D25"]
    return workbook(path, rows, merges=merges, notes=True)


def _block(first: int, above: Row, building: str, *, stairs: int, floors: int, year: int) -> list[Row]:
    rows: list[Row] = []
    for stair in range(1, stairs + 1):
        for floor in range(1, floors + 1):
            place = [None, None, None, None, building, f"{stair}梯"]
            rows += [[*place, floor * 100 + side, floor, 60.5, "住宅", year] for side in (1, 2)]
    rows[0][1:4] = above
    rows[1][6] = str(rows[1][6])
    rows[2][4], rows[3][6], rows[4][8] = f"{building} ".translate(_WIDE), str(rows[3][6]).translate(_WIDE), "88.5㎡"
    rows[5][5], rows[6][9] = "一梯", "店面"
    for number, row in enumerate(rows, first):
        row[0] = number
    return rows


_WIDE = {ord(str(digit)): 0xFF10 + digit for digit in range(10)}


def big_register(path: Path, dwellings: int) -> Path:
    """Estates of a hundred flats, street, community and estate merged over each block."""
    rows: list[Row] = [["底数台账"], HEADER]
    merges = []
    for number in range(dwellings):
        block, within = divmod(number, 100)
        building, stair, rest = within // 50 + 1, within // 10 % 5 + 1, within % 10
        above: Row = ["临江街道", "新门社区", f"大区{block}号（示例）"] if within == 0 else [None, None, None]
        place = [f"{building}幢", f"{stair}梯", f"{rest // 2 + 1}0{rest % 2 + 1}"]
        rows.append(
            [number + 1, *above, *place, rest // 2 + 1, f"{50 + rest}.{within:02d}㎡", "住宅", 1980 + block % 20]
        )
        if within == 0:
            merges += [f"{column}{number + 3}:{column}{number + 102}" for column in "BCD"]
    return workbook(path, rows, merges=merges)


def today(days: int = 0) -> datetime.date:
    """A fixed day and those around it."""
    return datetime.date(2026, 1, 1) + datetime.timedelta(days=days)


def mutilated(path: Path, target: Path, part: str, cuts: list[tuple[float, int]]) -> Path:
    """The Excel file with bytes of one part changed: (where from 0 to 1, which byte)."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            content = bytearray(old.read(info))
            for where, byte in cuts if info.filename == part else []:
                content[int(where * (len(content) - 1))] = byte
            new.writestr(info.filename, bytes(content))
    return target


def archive(**parts: bytes) -> bytes:
    """A zip file with these parts; __ stands for a slash."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()
