"""From a sheet to rows of known columns: merged and left-out cells filled, subtotals, notes and empty lines dropped."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter

from estates.models import RegisterKind
from estates.register.columns import COLUMNS, HEADER_WITHIN, Column, Header, find_header, heading_key, no_header
from estates.register.files import (
    FORMULA_MARK,
    MAX_COLUMNS,
    MAX_ROWS,
    Formula,
    Line,
    Sheet,
    Span,
    Value,
    judge,
    read_csv,
)
from estates.register.reasons import FileRefused
from estates.register.workbook import sheets_of

_TOTAL = re.compile(r".{0,30}(?:小计|合计|总计|共计|累计)(?:[:：]?[\d,.]+[户套栋幢间个室座人]?)?")
_NOTE = re.compile(r"(?:注|备注|说明|填表|填报|审核|制表|报送|联系人|负责人|单位负责人|经办).{0,12}?[:：].*", re.DOTALL)
_MANY_FORMULAS = 0.1
# An empty cell stands for the one above only where leaving out is the habit of the sheet, else it is a mistake.
_HABIT_ALL_BROADER_EMPTY = 0.4
_HABIT_BROADER_WRITTEN = 0.5
_ROWS_TO_SHOW_A_HABIT = 10

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Entry:
    """One row of data: what stands in the known columns, and the cells as they were."""

    number: int
    values: dict[str, Value]
    cells: list[Value]
    # Merged cells that should have said something and are empty: (field, "D406:D418").
    hollow: tuple[str, str] | None = None


@dataclass(frozen=True)
class Choice:
    """What is read: kind, sheet, the last row of the header and the column of each field."""

    kind: RegisterKind
    sheet: str
    header_row: int
    columns: dict[str, int]
    titles: list[str]

    def title(self, field: str) -> str:
        """What stands over the column of a field; nothing when the row of the header ends before it."""
        at = self.columns[field]
        return self.titles[at] if at < len(self.titles) else ""


@contextmanager
def open_table(path: Path, name: str) -> Iterator[list[Sheet]]:
    """The sheets of a file; raises FileRefused for what is no table."""
    if judge(path, name) == "csv":
        yield [read_csv(path)]
        return
    with sheets_of(path) as sheets:
        yield sheets


class _Merges:
    """Fills merged cells line by line, in the order of the sheet."""

    def __init__(self, spans: list[Span]) -> None:
        self.waiting = spans[::-1]
        self.open: list[tuple[Span, Value]] = []

    def fill(self, line: Line) -> dict[int, Span]:
        """Put the first cell's value into the others; returns which cells were covered by what."""
        number, cells = line
        self.open = [each for each in self.open if each[0].last_row >= number]
        while self.waiting and self.waiting[-1].first_row <= number:
            span = self.waiting.pop()
            column = span.first_column - 1
            if span.last_row >= number:
                self.open.append((span, cells[column] if column < len(cells) else None))
        covered: dict[int, Span] = {}
        for span, value in self.open:
            last = min(span.last_column, MAX_COLUMNS)
            cells.extend([None] * (last - len(cells)))
            for index in range(span.first_column - 1, last):
                if (number, index) != (span.first_row, span.first_column - 1):
                    cells[index] = value
                    covered[index] = span
        return covered


def top_of(sheet: Sheet) -> list[Line]:
    """The first lines of a sheet, merged cells filled."""
    merges, top = _Merges(sheet.spans), []
    for line in sheet.lines:
        if line.number > HEADER_WITHIN + 10:
            break
        merges.fill(line)
        top.append(line)
    return top


def guess(sheets: list[Sheet], kind: RegisterKind | None, wanted: str) -> tuple[Sheet, Header, list[Line]]:
    """The sheet with the best header (or the wanted one) and its first lines of data."""
    best: tuple[Sheet, Header, list[Line]] | None = None
    anything = False
    for sheet in sheets:
        if wanted and sheet.name != wanted:
            continue
        top = top_of(sheet)
        anything = anything or any(value is not None for line in top for value in line.cells)
        header = find_header([line for line in top if line.number <= HEADER_WITHIN], kind)
        if header and (best is None or header.score[:2] > best[1].score[:2]):
            best = (sheet, header, [line for line in top if line.number > header.last_row])
    if best is None:
        raise no_header(kind) if anything else FileRefused("empty")
    return best


def entries(sheet: Sheet, choice: Choice, progress: Progress) -> list[Entry]:
    """Every row of data, cells filled as the office meant them."""
    merges = _Merges(sheet.spans)
    rows: list[Entry] = []
    covered_fields: dict[int, set[str]] = {}
    formulas: list[tuple[int, int]] = []
    titles = [heading_key(title) for title in choice.titles]
    for line in sheet.lines:
        covered = merges.fill(line)
        if line.number % 500 == 0:
            progress(line.number, max(sheet.total, line.number))
        if line.number <= choice.header_row:
            continue
        values = {field: line.cells[at] if at < len(line.cells) else None for field, at in choice.columns.items()}
        what = _what(line, values, titles, choice)
        if what == "total":
            rows.append(Entry(line.number, {}, line.cells))
        if what != "data":
            continue
        if len(rows) >= MAX_ROWS:
            raise FileRefused("too_many_rows", most=MAX_ROWS)
        formulas += [(line.number, choice.columns[field]) for field, value in values.items() if _is_formula(value)][:1]
        covered_fields[line.number] = {field for field, at in choice.columns.items() if at in covered}
        rows.append(Entry(line.number, values, line.cells, _hollow(values, covered, choice)))
    return _finished(rows, covered_fields, formulas, choice)


def _hollow(values: dict[str, Value], covered: dict[int, Span], choice: Choice) -> tuple[str, str] | None:
    for column in reversed(COLUMNS[choice.kind]):
        at = choice.columns.get(column.field, -1)
        if column.fills and at in covered and values[column.field] is None:
            span = covered[at]
            first, last = get_column_letter(span.first_column), get_column_letter(span.last_column)
            return column.field, f"{first}{span.first_row}:{last}{span.last_row}"
    return None


def _is_formula(value: Value) -> bool:
    return isinstance(value, Formula)


def _finished(
    rows: list[Entry], covered: dict[int, set[str]], formulas: list[tuple[int, int]], choice: Choice
) -> list[Entry]:
    data = [row for row in rows if row.values]
    if not data:
        raise FileRefused("no_rows")
    if len(formulas) > len(data) * _MANY_FORMULAS:
        number, column = formulas[0]
        raise FileRefused("formulas", cell=f"{get_column_letter(column + 1)}{number}")
    fills = [column for column in COLUMNS[choice.kind] if column.fills and column.field in choice.columns]
    _fill_down(rows, covered, fills, choice.columns)
    return data


def _what(line: Line, values: dict[str, Value], titles: list[str], choice: Choice) -> str:
    """ "empty", "total", "note", "header" or "data"."""
    texts = [unicodedata.normalize("NFKC", str(value)).strip() for value in line.cells if value is not None]
    if not texts:
        return "empty"
    if any(_TOTAL.fullmatch("".join(text.split())) for text in texts):
        return "total"
    if all(value is None for value in values.values()):
        return "note"
    if _NOTE.match(texts[0]) and sum(value is not None for value in values.values()) <= len(values) // 2:
        return "note"
    if len(set(texts)) == 1 and len(values) > 1 and all(value is not None for value in values.values()):
        return "note"  # one sentence merged over the whole width
    again = [heading_key(value) for value in line.cells]
    if sum(1 for mine, title in zip(again, titles, strict=False) if mine and mine == title) > len(values) // 2:
        return "header"
    numbers = [text.strip("()（）") for text in texts]
    if len(numbers) > 3 and numbers == [
        str(each) for each in range(int_or(numbers[0]), int_or(numbers[0]) + len(numbers))
    ]:
        return "header"  # the columns numbered 1 2 3 4 under the header
    return "data"


def int_or(text: str) -> int:
    """A small whole number, or one that follows nothing."""
    return int(text) if re.fullmatch(r"[01]", text) else -1


def _running_on(total: Entry, fills: list[Column], columns: dict[str, int]) -> list[str]:
    """What still holds below a subtotal: whatever stands to the left of its word; below a grand total nothing."""
    words = [(index, str(cell)) for index, cell in enumerate(total.cells) if cell is not None]
    at = next((index for index, text in words if "小计" in text), None)
    if at is None:
        return []
    ends = next((position for position, column in enumerate(fills) if columns[column.field] >= at), len(fills))
    return [column.field for column in fills[: ends if ends else 2]]


def _fill_down(rows: list[Entry], covered: dict[int, set[str]], fills: list[Column], columns: dict[str, int]) -> None:
    data = [row for row in rows if row.values]
    share = {column.field: _share_left_out(data, covered, column.field) for column in fills}
    last: dict[str, Value] = {}
    for row in rows:
        if not row.values:
            last = {field: last.get(field) for field in _running_on(row, fills, columns)}
            continue
        same_above, broader_written = True, False
        for column in fills:
            field, merged = column.field, covered.get(row.number, set())
            value, above = row.values[field], last.get(field)
            if value is None and field not in merged and above is not None and same_above:
                least = _HABIT_BROADER_WRITTEN if broader_written else _HABIT_ALL_BROADER_EMPTY
                if share[field] >= least and (not broader_written or len(data) >= _ROWS_TO_SHOW_A_HABIT):
                    row.values[field] = above
            elif value is not None and field not in merged:
                broader_written = True
            same_above = same_above and row.values[field] == above
            last[field] = row.values[field]


def _share_left_out(data: list[Entry], covered: dict[int, set[str]], field: str) -> float:
    counted: Counter[bool] = Counter(
        row.values[field] is None for row in data if field not in covered.get(row.number, set())
    )
    return counted[True] / max(counted.total(), 1)


def shown(cells: list[Any]) -> list[str]:
    """Cells as text, for lists and downloads."""
    texts = [
        "" if cell is None else FORMULA_MARK + cell.text if isinstance(cell, Formula) else str(cell) for cell in cells
    ]
    while texts and not texts[-1]:
        texts.pop()
    return texts
