"""Excel files, read in a stream: memory does not grow with the number of rows."""

import datetime
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from estates.register.files import MAX_COLUMNS, Formula, Line, Sheet, Span, Value, written
from estates.register.reasons import FileRefused

# What openpyxl and the libraries under it raise on files that are not what they say (fuzzed in the tests).
_BROKEN = (
    OSError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OverflowError,
    NotImplementedError,
    SyntaxError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
)
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})["']""")
_CHUNK = 1024 * 1024
_LAST_ROW = 1_048_576
_MOST_SPANS = 200_000


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise FileRefused("damaged") from error


@contextmanager
def sheets_of(path: Path) -> Iterator[list[Sheet]]:
    """The visible sheets, each to be read once while the block is open."""
    with path.open("rb") as file:  # ours to close: a damaged file never becomes a workbook that could be closed
        with _readable(), warnings.catch_warnings():
            # Styles, validations and drawings openpyxl does not know are nothing to us.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
            sheets = [_sheet(path, each) for each in book.worksheets if each.sheet_state == "visible"]
        try:
            yield sheets
        finally:
            book.close()


def _sheet(path: Path, sheet: Any) -> Sheet:
    total = sheet.max_row or 0
    spans = _spans(path, sheet) if isinstance(sheet, ReadOnlyWorksheet) else []
    return Sheet(sheet.title, _lines(sheet), min(total, _LAST_ROW), spans)


def _lines(sheet: Any) -> Iterator[Line]:
    sheet.reset_dimensions()  # some programs write a wrong one, and rows would be lost
    rows = sheet.iter_rows(max_col=MAX_COLUMNS)
    number = 0
    while True:
        with _readable(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row = next(rows, None)
        number += 1
        if row is None:
            return
        if number > _LAST_ROW:
            raise FileRefused("damaged")
        yield Line(number, [_value(cell) for cell in row])


def _value(cell: Any) -> Value:
    value = cell.value
    if value is None:
        return None
    if cell.data_type in ("f", "e"):
        return Formula(str(value))
    if isinstance(value, str):
        return written(value)
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, int | float | datetime.date):
        return str(value) if isinstance(value, bool) else value
    return str(value)


def _part_of(sheet: ReadOnlyWorksheet) -> str:
    part: str = vars(sheet)["_worksheet_path"]
    return part


def _spans(path: Path, sheet: ReadOnlyWorksheet) -> list[Span]:
    # Read-only mode leaves merged cells out, and they stand behind all rows: they are looked for in the bytes.
    found: list[Span] = []
    with zipfile.ZipFile(path) as archive, archive.open(_part_of(sheet)) as part:
        kept = b""
        while chunk := part.read(_CHUNK):
            window = kept + chunk
            end = 0
            for match in _MERGE.finditer(window):
                left, top, right, bottom = range_boundaries(match[1].decode())
                if left and top and right and bottom:
                    found.append(Span(top, bottom, left, right))
                end = match.end()
            if len(found) > _MOST_SPANS:
                raise FileRefused("damaged")
            kept = window[max(end, len(window) - 200) :]
    return sorted(found)
