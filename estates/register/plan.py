"""What bringing in a file would do, the same shape for every kind of file."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from openpyxl.utils import get_column_letter

from estates.access import RegisterReach
from estates.models import RegisterKind
from estates.register.columns import COLUMNS
from estates.register.files import Formula
from estates.register.reasons import Refusal, RowRefused
from estates.register.table import Choice, Entry, Progress, shown

# What "new" counts for each kind of file, in this order.
COUNTED: dict[RegisterKind, tuple[str, ...]] = {
    RegisterKind.DWELLINGS: ("estates", "buildings", "entrances", "dwellings"),
    RegisterKind.ORGANISATIONS: ("organisations",),
    RegisterKind.MANAGEMENTS: ("managements",),
    RegisterKind.STAFF: ("people", "appointments"),
}


@dataclass
class Plan:
    """Counts, the rows behind them, and how to do it; `digest` differs when anything would be done differently."""

    new: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    rows: int = 0
    changes: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The same for two plans that would do the same."""
        refused = [(each.row, each.code) for each in self.refused]
        whole = [sorted(self.made), self.changes, refused, self.vanished]
        return hashlib.sha256(json.dumps(whole, ensure_ascii=False, default=str).encode()).hexdigest()

    def counts(self, kind: RegisterKind) -> dict[str, Any]:
        """The figures, as they are shown and kept."""
        new = {each: self.new[each] for each in COUNTED[kind]}
        figures = {"new": new, "changed": len(self.changes), "unchanged": self.unchanged, "refused": len(self.refused)}
        return figures | {"rows": self.rows, "communities": self.new["communities"], "vanished": len(self.vanished)}

    def change(self, entry: Entry, what: str, told: list[tuple[str, object, object]]) -> None:
        """Note a row that differs from the register: (title of the column, as it is, as it will be)."""
        changed = [[title, _text(old), _text(new)] for title, old, new in told]
        self.changes.append({"row": entry.number, "what": what, "changed": changed})


def _text(value: object) -> str:
    return "" if value is None else str(value)


class Comparison(Protocol):
    """Compares the rows of one kind with the register as it is now, and can then write what it found."""

    plan: Plan

    def take(self, entry: Entry) -> None:
        """Compare one row; raises RowRefused."""

    def finish(self) -> None:
        """After the last row."""

    def write(self) -> None:
        """Bring the register to what the rows say; inside the caller's transaction."""


Maker = Callable[[RegisterReach, Choice, list[Entry]], Comparison]


def compare(comparison: Comparison, rows: list[Entry], choice: Choice, progress: Progress) -> Plan:
    """Every row compared or refused; ends with a plan."""
    plan = comparison.plan
    plan.rows = len(rows)
    for position, entry in enumerate(rows, 1):
        try:
            _refuse_unwritten(entry, choice)
            comparison.take(entry)
        except RowRefused as refused:
            plan.refused.append(Refusal(entry.number, refused.code, refused.words, shown(entry.cells)))
        if position % 1000 == 0:
            progress(position, len(rows))
    comparison.finish()
    plan.refused.sort(key=lambda each: each.row)
    return plan


def _refuse_unwritten(entry: Entry, choice: Choice) -> None:
    if entry.hollow:
        raise RowRefused("hollow", column=title_of(choice.kind, entry.hollow[0]), cells=entry.hollow[1])
    for at, value in entry.values.items():
        if isinstance(value, Formula):
            raise RowRefused("formula", cell=cell_name(choice, at, entry.number))


def cell_name(choice: Choice, at: str, row: int) -> str:
    """As Excel names it: D1044."""
    return f"{get_column_letter(choice.columns[at] + 1)}{row}"


def title_of(kind: RegisterKind, at: str) -> str:
    """The English title of a column."""
    return next(column.title for column in COLUMNS[kind] if column.field == at)
