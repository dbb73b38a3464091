"""The figures of the overview. Each counts one listing of `listings.py`; medians and 90th percentiles, no averages."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Aggregate, Count, DateTimeField, DurationField, ExpressionWrapper, F, Min, Value
from django.db.models.functions import Coalesce, Extract, Floor

from estates.models import Building, Dwelling, Estate
from oversight.listings import Listing, Window, listed
from repairs.models import RepairType
from repairs.models.ticket import TicketQuerySet

_COUNTED = [each for each in Listing if each is not Listing.RECURRING]
RECURRING_FROM = 3
RECURRING_SHOWN = 5
_WEEK_SECONDS = 7 * 24 * 3600


class _Percentile(Aggregate):
    """The value below which that fraction lies, between two values in proportion (PostgreSQL's percentile_cont)."""

    function = "percentile_cont"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, fraction: float, **extra: Any) -> None:
        super().__init__(expression, fraction=float(fraction), **extra)


@dataclass(frozen=True)
class Figures:
    """What the top of the overview says about one scope and window."""

    counts: dict[Listing, int]
    confirmed_before: int
    # The due moment that passed longest ago.
    oldest_due: datetime | None
    median: timedelta | None
    ninetieth: timedelta | None


def figures_of(tickets: TicketQuerySet, window: Window) -> Figures:
    """Every figure in one statement.

    Open and late are as of now, whenever reported; the closures and reports are those of the window. The time to
    repair runs from the report to the end of the work, for reports of the window; one still being repaired counts
    with the time passed so far, so that unfinished work can't make the figure look better. One that was opened
    again runs on from the first report.
    """
    until = Coalesce(F("finished_at"), Value(window.now, output_field=DateTimeField()))
    took = ExpressionWrapper(until - F("filed_at"), output_field=DurationField())
    timed = listed(Listing.TIMED, window)
    found = tickets.aggregate(
        **_counts(window),
        confirmed_before=Count("pk", filter=listed(Listing.CONFIRMED, window.before)),
        oldest_due=Min("due_at", filter=listed(Listing.LATE, window)),
        median=_Percentile(took, 0.5, filter=timed),
        ninetieth=_Percentile(took, 0.9, filter=timed),
    )
    rest = ("confirmed_before", "oldest_due", "median", "ninetieth")
    return Figures({each: found[each.value] for each in _COUNTED}, *(found[name] for name in rest))


def counts_of(tickets: TicketQuerySet, window: Window) -> dict[Listing, int]:
    """How many tickets each listing holds."""
    found = tickets.aggregate(**_counts(window))
    return {each: found[each.value] for each in _COUNTED}


def counts_by_estate(tickets: TicketQuerySet, window: Window) -> dict[int, dict[Listing, int]]:
    """The same for each estate that has any ticket, by its key; one statement."""
    found = tickets.order_by().values_list("estate").annotate(**_counts(window))
    return {estate: dict(zip(_COUNTED, numbers, strict=True)) for estate, *numbers in found}


def _counts(window: Window) -> dict[str, Count]:
    return {each.value: Count("pk", filter=listed(each, window)) for each in _COUNTED}


class Size(NamedTuple):
    """How large an estate is: a household is the people of one dwelling."""

    buildings: int
    households: int


def sizes_of(estates: Iterable[Estate]) -> dict[int, Size]:
    """The size of each estate, by its key; two statements."""
    keys = [estate.pk for estate in estates]
    at = "entrance__building__estate"
    buildings = Building.objects.filter(estate__in=keys).order_by().values_list("estate").annotate(Count("pk"))
    dwellings = Dwelling.objects.filter(**{f"{at}__in": keys}).order_by().values_list(at).annotate(Count("pk"))
    homes, blocks = dict(dwellings), dict(buildings)
    return {key: Size(blocks.get(key, 0), homes.get(key, 0)) for key in keys}


class Weeks(NamedTuple):
    """Reports and confirmed repairs per seven days, oldest first; the last seven days end now."""

    starts: list[datetime]
    reported: list[int]
    confirmed: list[int]


def weeks_of(tickets: TicketQuerySet, now: datetime, count: int) -> Weeks:
    """The last `count` times seven days; two statements. Whole weeks only, so that the newest isn't cut short."""
    window = Window(now, count * 7)
    reported = _per_week(tickets.filter(listed(Listing.REPORTED, window)), "filed_at", now)
    confirmed = _per_week(tickets.filter(listed(Listing.CONFIRMED, window)), "closed_at", now)
    back = range(count - 1, -1, -1)
    starts = [now - timedelta(days=7 * (each + 1)) for each in back]
    return Weeks(starts, [reported[each] for each in back], [confirmed[each] for each in back])


def _per_week(tickets: TicketQuerySet, column: str, now: datetime) -> Counter[int]:
    """How many, by how many weeks ago."""
    age = ExpressionWrapper(Value(now, output_field=DateTimeField()) - F(column), output_field=DurationField())
    weeks = Floor(Extract(age, "epoch") / _WEEK_SECONDS)
    rows = tickets.order_by().annotate(weeks_ago=weeks).values_list("weeks_ago").annotate(Count("pk"))
    counted: Counter[int] = Counter()
    for weeks_ago, number in rows:
        counted[int(weeks_ago)] += number
    return counted


class Recurring(NamedTuple):
    """A part that keeps breaking: the same type of repair in the same building."""

    building: Building
    type: RepairType
    times: int


def recurring_failures(tickets: TicketQuerySet, now: datetime) -> list[Recurring]:
    """Reported three times and more within ninety days, the worst first; three statements."""
    condition = listed(Listing.RECURRING, Window(now, 1))
    found = list(
        tickets.filter(condition, building__isnull=False)
        .order_by()
        .values("building", "repair_type")
        .annotate(times=Count("pk"))
        .filter(times__gte=RECURRING_FROM)
        .order_by("-times", "building", "repair_type")[:RECURRING_SHOWN]
    )
    buildings = Building.objects.select_related("estate").in_bulk([row["building"] for row in found])
    types = RepairType.objects.in_bulk([row["repair_type"] for row in found])
    return [Recurring(buildings[row["building"]], types[row["repair_type"]], row["times"]) for row in found]
