"""Headers, merged and left-out cells, and single cells, as offices write them."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from estates.models import RegisterKind
from estates.register import cells, tree, work
from estates.register.exports import defused
from estates.register.files import Formula, Value
from estates.register.reasons import FileRefused, RowRefused
from estates.register.table import Choice, Entry
from tests.estates import sheets
from tests.estates.sheets import HEADER, PLAIN, flat

ABOVE = ["临江街道", "新门社区", "东篱小区（示例）"]


def understood(path: Path) -> tuple[Choice, list[Entry]]:
    choice = work.look_at(path, path.name, None, "")
    return choice, work.read(path, path.name, choice, work.quiet)


def places(path: Path) -> list[list[Value]]:
    """Estate, building, stair and flat of every row."""
    return [[row.values[at] for at in ("estate", "building", "entrance", "dwelling")] for row in understood(path)[1]]


# ---------------------------------------------------------------- the header
@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (["所属街道", "社区（村）", "名称", "幢号", "单元", "房号"], []),
        (["街道名称", "社区名称", "小区", "楼号", "单元号", "室号"], []),
        (["* 街 道", "社\n区", "小区名称：", "栋", "梯", "户"], []),
        (["Street", "Community", "Estate", "Building", "Entrance", "Dwelling"], []),
    ],
)
def test_the_words_over_the_columns_vary(tmp_path: Path, words: list[str], missing: list[str]) -> None:
    choice, rows = understood(sheets.workbook(tmp_path / "a.xlsx", [words, [*ABOVE, "1幢", "1梯", "101"]]))

    assert list(choice.columns.values()) == [0, 1, 2, 3, 4, 5]
    assert len(rows) == 1


def test_the_header_may_stand_below_titles_and_notes(tmp_path: Path) -> None:
    notes: list[sheets.Row] = [["台账"], [], ["说明：街道、社区按实际填写"], ["填报单位：区住建局", None, "2024年"]]
    choice, rows = understood(sheets.workbook(tmp_path / "a.xlsx", [*notes, PLAIN, flat()]))

    assert (choice.header_row, [row.number for row in rows]) == (5, [6])


def test_a_header_of_two_rows_is_read_as_one(tmp_path: Path) -> None:
    above = [
        "序号",
        "所属区域",
        None,
        "小区名称",
        "房屋坐落",
        None,
        None,
        "所在层",
        "面积（㎡）",
        None,
        "用途",
        "建成年份",
    ]
    below = [None, "街道", "社区", None, "楼栋", "梯号", "户号", None, "建筑", "套内", None, None]
    data = [1, *ABOVE, "1幢", "1梯", "101", 1, 60, 48, "住宅", 1990]
    merges = ["B1:C1", "E1:G1", "I1:J1", "A1:A2", "D1:D2", "H1:H2", "K1:K2", "L1:L2"]
    choice, rows = understood(sheets.workbook(tmp_path / "a.xlsx", [above, below, data], merges=merges))

    assert choice.header_row == 2
    assert list(choice.columns.values()) == [1, 2, 3, 4, 5, 6, 7, 8, 10, 11]
    assert rows[0].values["area"] == 60


def test_the_sheet_with_the_table_is_found_behind_a_sheet_of_notes(tmp_path: Path) -> None:
    path = sheets.workbook(tmp_path / "a.xlsx", [PLAIN, flat()], notes=True)
    book = load_workbook(path)
    book.move_sheet("填表说明", -1)
    book.save(path)

    assert understood(path)[0].sheet == "2024年底数台账"


def test_a_hidden_sheet_is_not_brought_in(tmp_path: Path) -> None:
    path = sheets.workbook(tmp_path / "a.xlsx", [PLAIN, flat()], notes=True)
    book = load_workbook(path)
    book["2024年底数台账"].sheet_state = "hidden"
    book.save(path)

    with pytest.raises(FileRefused):
        understood(path)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (["单位名称", "类别", "电话"], RegisterKind.ORGANISATIONS),
        (["小区", "单位", "管理方式", "起", "止"], RegisterKind.MANAGEMENTS),
        (["用户名", "姓名", "单位", "角色", "工种", "起"], RegisterKind.STAFF),
        (PLAIN, RegisterKind.DWELLINGS),
    ],
)
def test_the_header_says_what_the_rows_are(tmp_path: Path, header: list[str], kind: RegisterKind) -> None:
    assert (
        understood(sheets.workbook(tmp_path / "a.xlsx", [header, list("甲乙丙丁戊己庚辛壬癸")[: len(header)]]))[0].kind
        == kind
    )


# ---------------------------------------------------------------- rows
def test_subtotals_blank_rows_notes_and_repeated_headers_are_no_data(tmp_path: Path) -> None:
    rows: list[sheets.Row] = [PLAIN, list("①②③④⑤⑥⑦⑧⑨⑩"), flat(), [None, None, "小计", None, None, "1户"], []]
    rows += [PLAIN, flat(label="102"), ["总 计", None, None, None, None, 2], ["填表人：陈", None, None, "审核人：林"]]
    rows += [[None, None, "东篱小区小计：1户"], ["合计"]]

    assert [row.number for row in understood(sheets.workbook(tmp_path / "a.xlsx", rows))[1]] == [3, 7]


def test_merged_cells_mean_as_above_in_every_column(tmp_path: Path) -> None:
    rows = [PLAIN, flat(), [None] * 5 + ["102", 1, 60, "住宅", None], flat(*ABOVE, "2号楼", "1梯")]
    merges = ["A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:E3", "J2:J3"]
    _choice, read = understood(sheets.workbook(tmp_path / "a.xlsx", rows, merges=merges))

    assert [row.values["building"] for row in read] == ["1号楼", "1号楼", "2号楼"]
    assert read[1].values["year"] == 1988


def test_where_leaving_out_is_the_habit_an_empty_cell_means_as_above(tmp_path: Path) -> None:
    rows = [PLAIN, flat(), *([None] * 5 + [str(label), 1, 60, None, None] for label in (102, 201))]
    rows.append([None, None, None, "2号楼", "1梯", "101", 1, 60, None, None])
    rows.append([None, None, None, None, "2梯", "101", 1, 60, None, None])

    assert [row[1:] for row in places(sheets.workbook(tmp_path / "a.xlsx", rows))] == [
        ["1号楼", "1梯", "101"],
        ["1号楼", "1梯", "102"],
        ["1号楼", "1梯", "201"],
        ["2号楼", "1梯", "101"],
        ["2号楼", "2梯", "101"],
    ]


def test_an_empty_cell_among_full_ones_stays_empty(tmp_path: Path) -> None:
    rows = [PLAIN, *(flat(label=str(label)) for label in range(101, 120))]
    rows[7][3] = None
    _choice, read = understood(sheets.workbook(tmp_path / "a.xlsx", rows))

    assert [row.number for row in read if row.values["building"] is None] == [8]


def test_nothing_runs_on_below_a_subtotal_or_into_another_street(tmp_path: Path) -> None:
    rows = [PLAIN, flat(), [None] * 5 + ["102"], [None, None, "小计"], [None] * 5 + ["103"]]
    rows.append(["海滨街道", *[None] * 4, "104"])
    read = places(sheets.workbook(tmp_path / "a.xlsx", rows))

    assert [row[0] for row in read] == [ABOVE[2], ABOVE[2], None, None]


def test_a_stair_never_runs_on_into_the_next_building(tmp_path: Path) -> None:
    rows = [PLAIN, flat(), *([*ABOVE, "1号楼", None, str(label)] for label in range(102, 114))]
    rows.append([*ABOVE, "2号楼", None, "101"])
    read = places(sheets.workbook(tmp_path / "a.xlsx", rows))

    assert [row[2] for row in read] == ["1梯"] * 13 + [None]


# ---------------------------------------------------------------- cells
@pytest.mark.parametrize(
    ("written", "meant"),
    [(502.0, "502"), ("502.0", "502"), (502, "502"), ("５０２ ", "502"), ("１号楼 ", "1号楼"), ("'-101", "-101")],
)
def test_a_label_is_the_same_however_it_is_stored(written: Any, meant: str) -> None:
    assert cells.label(written, "Flat") == meant


def test_a_label_excel_made_a_date_of_is_refused_and_named() -> None:
    with pytest.raises(RowRefused) as refused:
        cells.label(datetime.date(2024, 3, 1), "Flat", cell="G5")
    assert (refused.value.code, refused.value.words) == ("date", {"cell": "G5"})


@pytest.mark.parametrize(
    ("written", "metres"),
    [("88.5㎡", "88.50"), (88.5, "88.50"), ("８８．５", "88.50"), ("约60平方米", "60.00"), ("1,088.456", "1088.46")],
)
def test_an_area_is_square_metres(written: Any, metres: str) -> None:
    assert cells.area(written) == Decimal(metres)


@pytest.mark.parametrize("written", ["六十平", "-5", 0, "88.5.1", "x", 1e9, "88㎡/99㎡"])
def test_what_is_no_area_is_refused(written: Any) -> None:
    with pytest.raises(RowRefused):
        cells.area(written)


@pytest.mark.parametrize(
    ("written", "storey"),
    [(5, 5), ("五层", 5), ("第12层", 12), ("5F", 5), (3.0, 3), ("地下一层", -1), ("B2", -2), (-1, -1)],
)
def test_a_floor_is_a_number(written: Any, storey: int) -> None:
    assert cells.floor(written) == storey


@pytest.mark.parametrize(
    ("written", "year"), [(1988, 1988), ("1988年", 1988), ("1988.0", 1988), ("1988年5月", 1988), ("1988-05", 1988)]
)
def test_a_year_is_a_year(written: Any, year: int) -> None:
    assert cells.year(written) == year


@pytest.mark.parametrize("written", [2088, 188, "八十年代", "5"])
def test_a_year_that_cannot_be_is_refused(written: Any) -> None:
    with pytest.raises(RowRefused):
        cells.year(written)


@pytest.mark.parametrize(
    "written", ["2024-01-31", "2024/1/31", "2024.1.31", "2024年1月31日", 20240131, "2024-01-31 00:00"]
)
def test_a_day_is_written_in_many_ways(written: Any) -> None:
    assert cells.day(written, "From", required=True) == datetime.date(2024, 1, 31)


@given(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.dates(), st.builds(Formula, st.text())))
def test_no_cell_breaks_the_reading(value: Value) -> None:
    for read in (cells.area, cells.floor, cells.year, cells.kind, lambda one: cells.label(one, "Flat")):
        try:
            read(value)
        except RowRefused as refused:
            assert refused.code  # noqa: PT017


@given(st.text(alphabet="=+-@'\t\r1甲", max_size=6))
def test_an_exported_cell_never_runs_and_comes_back_as_it_was(written: str) -> None:
    out = defused(written)

    assert not out.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cells.undefused(out) == written


def test_a_bare_number_is_the_building_or_stair_of_that_number() -> None:
    estate = tree.Node("东篱", children={"0001幢": tree.Node("1幢"), "0002": tree.Node("2")})

    assert [getattr(tree.find_building(estate, text), "name", None) for text in ("1", "2幢", "3")] == ["1幢", "2", None]
    estate.children["0001号楼"] = tree.Node("1号楼")
    with pytest.raises(RowRefused):
        tree.find_building(estate, "1")


def test_the_samples_header_is_the_one_we_write_ourselves() -> None:
    assert [word.split("（")[0] for word in HEADER[1:]] == PLAIN
