"""A file judged by its first bytes and its size before anything in it is believed."""

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from estates.register.reasons import FileRefused

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
MAX_UNPACKED = 150 * MEGABYTE
MAX_ROWS = 100_000
MAX_COLUMNS = 60
_MOST_PARTS = 2000


class Formula(NamedTuple):
    """A cell that is computed, or an error a formula left behind: whatever it shows is not what somebody wrote."""

    text: str


# How a formula stands in a list of refused rows: nothing runs it, and sent in again it is still no name.
FORMULA_MARK = "#公式 "
_LEFT = re.compile(rf"{FORMULA_MARK}|#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!)$")

Value = str | int | float | datetime.date | Formula | None


class Line(NamedTuple):
    """One line of a sheet; `number` as Excel shows it."""

    number: int
    cells: list[Value]


class Span(NamedTuple):
    """Merged cells, everything counted from 1 and included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass
class Sheet:
    """One sheet, read once from top to bottom; `total` is a guess for the progress bar."""

    name: str
    lines: Iterator[Line]
    total: int
    spans: list[Span] = field(default_factory=list)


def judge(path: Path, name: str) -> str:
    """ "xlsx" or "csv"; raises FileRefused for what is neither. Costs the same for any file."""
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("empty")
    if size > MAX_BYTES:
        raise FileRefused("too_big", most=MAX_BYTES // MEGABYTE)
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise FileRefused("old_excel")
    if start.startswith(b"PK\x03\x04"):
        _judge_archive(path, name)
        return "xlsx"
    return "csv"


def _judge_archive(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename.lower() for part in parts}
            if "xl/workbook.xml" not in names:
                raise FileRefused("macros" if "xl/workbook.bin" in names else "not_a_table")
            if any(part.endswith("vbaproject.bin") for part in names) or name.lower().endswith((".xlsm", ".xltm")):
                raise FileRefused("macros")
            if any(part.flag_bits & 1 for part in parts):
                raise FileRefused("old_excel")
            # The declared sizes bind: zipfile never unpacks more of a part than it declares.
            if sum(part.file_size for part in parts) > MAX_UNPACKED or len(parts) > _MOST_PARTS:
                raise FileRefused("unpacks_too_big", most=MAX_UNPACKED // MEGABYTE)
            _refuse_entities(archive, parts)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise FileRefused("damaged") from error


def _refuse_entities(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    # Excel writes no document type; whoever does wants entities to grow.
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as file:
                if b"<!DOCTYPE" in file.read(2048):
                    raise FileRefused("damaged")


def read_csv(path: Path) -> Sheet:
    """The one sheet of a CSV file in UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030."""
    text = _decoded(path.read_bytes())
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        raise FileRefused("not_a_table")
    head = text[:4096]
    delimiter = max(",;\t", key=lambda char: head.count(char))
    return Sheet("", _csv_lines(text, delimiter), text.count("\n") + 1)


def _decoded(content: bytes) -> str:
    candidates = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused("not_a_table")


def _csv_lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, record in enumerate(reader, 1):
            yield Line(number, [_csv_value(cell) for cell in record[:MAX_COLUMNS]])
    except csv.Error as error:
        raise FileRefused("not_a_table") from error


def written(cell: str) -> Value:
    """A cell of text: nothing, words, or what a formula left behind."""
    text = cell.strip()
    return Formula(text.removeprefix(FORMULA_MARK)) if _LEFT.match(text) else text or None


def _csv_value(cell: str) -> Value:
    text = cell.strip()
    return Formula(text) if text.startswith("=") else written(text)
