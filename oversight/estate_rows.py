"""The table of estates: who is on duty, the figures of each, in the order asked for, a page at a time."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils import timezone

from estates.duty import Duty, duty_organisations
from estates.models import Estate, ManagementMode
from oversight.figures import Size, counts_by_estate, sizes_of
from oversight.forms import Sort
from oversight.listings import Listing, Window
from oversight.scope import Scope

# A street has at most some sixty estates; only a district has more pages than one.
PAGE = 60
_MODES = list(ManagementMode)


class EstateRow(NamedTuple):
    """One estate with its figures; `mode` is who was appointed, "nobody" where nobody was."""

    estate: Estate
    duty: Duty
    size: Size
    counts: dict[Listing, int]

    @property
    def mode(self) -> ManagementMode:
        """How it is managed."""
        return self.duty.mode if self.duty.appointed else ManagementMode.NOBODY

    @property
    def rate(self) -> float | None:
        """Reports of the window per hundred households; none where no household is registered."""
        if not self.size.households:
            return None
        return round(self.counts[Listing.REPORTED] * 100 / self.size.households, 1)

    def key(self, sort: Sort) -> tuple[float | str, int]:
        """Where it stands in that order: numbers from the largest down, the unmanaged first, ties by key."""
        value: float | str
        if sort is Sort.NAME:
            value = self.estate.name_key
        elif sort is Sort.MODE:
            value = -_MODES.index(self.mode)
        elif sort is Sort.RATE:
            value = -(self.rate if self.rate is not None else -1.0)
        else:
            value = -self.counts[Listing(sort.value)]
        return value, self.estate.pk


class EstatePage(NamedTuple):
    """Some rows in order, and the cursor of the next ones (empty: there are none)."""

    rows: list[EstateRow]
    after: str


def estate_rows(scope: Scope, window: Window) -> list[EstateRow]:
    """Every estate in scope; six statements, however many there are."""
    none: dict[Listing, int] = dict.fromkeys(Listing, 0)
    duties = duty_organisations(scope.estates, timezone.localdate(window.now))
    sizes = sizes_of(scope.estates)
    counts = counts_by_estate(scope.tickets(), window)
    return [EstateRow(each, duties[each.pk], sizes[each.pk], counts.get(each.pk, none)) for each in scope.estates]


def page_of(rows: list[EstateRow], sort: Sort, after: str) -> EstatePage:
    """The rows after the cursor; one we didn't write starts anew."""
    ordered = sorted(rows, key=lambda row: row.key(sort))
    start = next(_begin(ordered, sort, after), 0)
    shown = ordered[start : start + PAGE]
    last = shown[-1].key(sort) if len(ordered) > start + PAGE else None
    return EstatePage(shown, f"{last[0]}_{last[1]}" if last else "")


def _begin(ordered: list[EstateRow], sort: Sort, after: str) -> Iterator[int]:
    """Where the rows behind the cursor begin: by value, so that it holds while the figures change."""
    value, _, pk = after.rpartition("_")
    try:
        cursor = (value if sort is Sort.NAME else float(value), int(pk))
    except ValueError:
        return
    yield from (number for number, row in enumerate(ordered) if row.key(sort) > cursor)
