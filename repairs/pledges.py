"""Reading the service promises: what holds for an estate on a day, the house's and what is stricter in its own.

A version that has begun never changes and a new one begins tomorrow at the earliest (the database sees to both), so
what held on a day is read once by a process and kept: everybody who reports waits for it.
"""

import time
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone

from estates.models import ManagementMode
from repairs.clocks import Amount, due
from repairs.models import Pledge, PledgeVersion, Ticket
from repairs.workdays import Calendar, calendar
from repairs.workflow import Clock, Urgency

# How old the overrides of days may be; what was promised by older ones is computed anew after an override's change.
CALENDAR_LIVES = 30.0


class Given(NamedTuple):
    """A promise as it holds: how much time, and whether the estate's own is stricter than the house's."""

    amount: Amount
    own: bool


class Terms(NamedTuple):
    """What is promised to one ticket: how much for each clock, and the days it is counted in."""

    amounts: Mapping[Clock, Amount]
    kept: Calendar


# By mode and urgency: each promise of the house with the estate's own beside it, if it has one.
_Pairs = dict[tuple[str, str], dict[Clock, tuple[Amount, Amount | None]]]


def terms_of(ticket: Ticket) -> Terms:
    """What was promised to `ticket` when it was sent, for its urgency as it is now."""
    return terms(ticket.urgency, ticket.mode, ticket.filed_at, ticket.estate_id)


def terms(urgency: str, mode: str, filed_at: datetime, estate: int | None = None) -> Terms:
    """What is promised for a report sent then, in that estate, managed in that mode."""
    given, kept = pledges(urgency, mode, timezone.localdate(filed_at), estate), kept_days()
    return Terms({clock: each.amount for clock, each in given.items()}, kept)


def pledges(urgency: str, mode: str, on: date, estate: int | None = None) -> dict[Clock, Given]:
    """Each promise that holds on that day, in the order they come due; of two the stricter."""
    read = _in_force if on <= timezone.localdate() else _in_force.__wrapped__
    return {clock: stricter(*pair, on) for clock, pair in read(estate, on)[table_mode(mode), urgency].items()}


def table_mode(mode: str) -> str:
    """The mode whose promises hold: where nobody manages, the community's fallback keeps them."""
    return ManagementMode.FALLBACK if mode == ManagementMode.NOBODY else mode


@lru_cache(maxsize=4096)
def _in_force(estate: int | None, on: date) -> _Pairs:
    """One statement for all modes and urgencies."""
    versions = PledgeVersion.objects.in_force(on, estate)
    rows = Pledge.objects.filter(version__in=versions).select_related("version").order_by("version__starts_on", "pk")
    house = {key(row): row.amount for row in rows if row.version.estate_id is None}
    own = {key(row): row.amount for row in rows if row.version.estate_id is not None}
    found: _Pairs = {}
    for clock in Clock:
        for (mode, urgency, of), amount in house.items():
            if of == clock:
                found.setdefault((mode, urgency), {})[clock] = amount, own.get((mode, urgency, of))
    return found


def key(row: Pledge) -> tuple[str, str, str]:
    """What a promise is about."""
    return row.mode, row.urgency, row.clock


def stricter(house: Amount, own: Amount | None, on: date) -> Given:
    """Of two promises the stricter; the estate's own only where it is."""
    if own is None or not is_stricter(own, house, on):
        return Given(house, own=False)
    return Given(own, own=True)


def is_stricter(own: Amount, house: Amount, on: date) -> bool:
    """Whether `own` is never later and sometimes earlier; amounts of two kinds are weighed from that day's morning."""
    if (own.basis, bool(own.days)) == (house.basis, bool(house.days)):
        return (own.days, own.time) < (house.days, house.time)
    morning = timezone.make_aware(datetime.combine(on, datetime.min.time()))
    return due(own, morning, kept_days()) < due(house, morning, kept_days())


_days: tuple[float, Calendar] | None = None


def kept_days() -> Calendar:
    """The days the promises are counted in, with what an administrator overrode; read twice a minute by a process."""
    global _days
    now = time.monotonic()
    if _days is None or now - _days[0] > CALENDAR_LIVES:
        _days = now, calendar()
    return _days[1]


def forget() -> None:
    """Read everything anew the next time."""
    global _days
    _days = None
    _in_force.cache_clear()


# What is promised for each urgency; the same rule as the constraint `pledge_is_made_for_its_urgency`.
CLOCKS: dict[Urgency, tuple[Clock, ...]] = {
    Urgency.DANGER: (Clock.ACKNOWLEDGE, Clock.ARRIVE, Clock.MAKE_SAFE, Clock.RESTORE),
    Urgency.URGENT: (Clock.ACKNOWLEDGE, Clock.ARRIVE, Clock.MAKE_SAFE, Clock.RESTORE),
    Urgency.NORMAL: (Clock.ACKNOWLEDGE, Clock.ARRIVE, Clock.RESTORE),
    Urgency.PLANNED: (Clock.ACKNOWLEDGE, Clock.ARRIVE, Clock.PLAN),
}
