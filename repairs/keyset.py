"""Keyset pages, newest first: as quick on page 6,500 as on page 1."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet

PAGE = 20


class Page(NamedTuple):
    """Some rows, and the cursor of the next older ones (empty: there are none)."""

    rows: list[Any]
    older: str
    is_first: bool


def newest_first(rows: "QuerySet[Any]", column: str, before: str, size: int = PAGE) -> Page:
    """The `size` rows of `rows` before the cursor, by `column` then id; a cursor we didn't write starts anew."""
    at = _read(before)
    if at is not None:
        moment, pk = at
        # The first condition is redundant, and what lets the index begin at the right place (STACK.md, trap 14).
        rows = rows.filter(
            Q(**{f"{column}__lte": moment}) & (Q(**{f"{column}__lt": moment}) | Q(**{column: moment, "pk__lt": pk}))
        )
    found = list(rows.order_by(f"-{column}", "-pk")[: size + 1])
    older = _write(found[size - 1], column) if len(found) > size else ""
    return Page(found[:size], older, at is None)


def _write(row: Model, column: str) -> str:
    return f"{getattr(row, column).isoformat()}_{row.pk}"


def _read(cursor: str) -> tuple[datetime, int] | None:
    moment, _, pk = cursor.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at, int(pk)) if at.tzinfo and 0 < int(pk) < 2**63 else None
    except ValueError:
        return None
