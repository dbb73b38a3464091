"""Producing windows ahead from the shifts of a team, and keeping them in step when a shift changes.

A window somebody booked is never taken from them: it stays, is no longer offered, and whoever changed the shift is told
which bookings they can't honour.
"""

import datetime
import logging
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import NamedTuple

from django.db import DatabaseError, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from repairs.models import Booking, DayOff, Shift, Team, Window, WindowPlace
from repairs.slots import AHEAD_DAYS
from repairs.workdays import Calendar, calendar

# 08–10, 10–12, 14–16, 16–18, Monday to Saturday: the noon rest is kept.
DEFAULT_HOURS = [(8, 10), (10, 12), (14, 16), (16, 18)]
DEFAULT_WEEKDAYS = range(6)
KEPT_AFTER = datetime.timedelta(days=30)
_ONE_SWEEP = 5000
_log = logging.getLogger(__name__)


class Wanted(NamedTuple):
    """A window as the shifts want it: from – to, how many places, how many of them held back."""

    starts_at: datetime.datetime
    ends_at: datetime.datetime
    places: int
    held: int


def default_week(team: Team) -> list[Shift]:
    """The default hours, not stored yet."""
    return [
        Shift(team=team, weekday=weekday, starts=datetime.time(starts), ends=datetime.time(ends))
        for weekday in DEFAULT_WEEKDAYS
        for starts, ends in DEFAULT_HOURS
    ]


def wanted_on(day: datetime.date, shifts: Iterable[Shift], held_back: int) -> list[Wanted]:
    """The windows of one day; the share held back is rounded up and spread over them, the later ones first."""
    shifts = sorted(shifts, key=lambda shift: shift.starts)
    left = ceil(sum(shift.capacity for shift in shifts) * held_back / 100)
    held = [0] * len(shifts)
    while left:
        for number in range(len(shifts) - 1, -1, -1):
            if left and held[number] < shifts[number].capacity:
                held[number] += 1
                left -= 1
    zone = timezone.get_current_timezone()
    return [
        Wanted(
            datetime.datetime.combine(day, shift.starts, zone),
            datetime.datetime.combine(day, shift.ends, zone),
            shift.capacity,
            kept,
        )
        for shift, kept in zip(shifts, held, strict=True)
    ]


def _wanted(team: Team, days: Iterable[datetime.date], kept: Calendar) -> Iterator[Wanted]:
    by_weekday: dict[int, list[Shift]] = {}
    for shift in team.shifts.all() if team.active else ():
        by_weekday.setdefault(shift.weekday, []).append(shift)
    away = list(DayOff.objects.filter(team=team, person__isnull=True, ends_on__gte=timezone.localdate()))
    for day in days:
        weekday = kept.weekday(day)
        if weekday is None or any(each.starts_on <= day <= each.ends_on for each in away):
            continue
        yield from wanted_on(day, by_weekday.get(weekday, ()), team.held_back)


@transaction.atomic
def produce(team: Team, kept: Calendar | None = None) -> list[Booking]:
    """Bring the windows of the next 28 days in line with the shifts; the live bookings that these can't honour.

    Booked places are never touched. A window without bookings is changed or goes; one with bookings keeps its time and
    its booked places, loses free places it should no longer have, and is no longer offered when no shift knows it.
    """
    lock_team(team.pk)
    today, now = timezone.localdate(), timezone.now()
    days = [today + datetime.timedelta(days=ahead) for ahead in range(AHEAD_DAYS)]
    wanted = {each.starts_at: each for each in _wanted(team, days, kept or calendar()) if each.starts_at > now}
    rows = list(Window.objects.filter(team=team).coming(now))
    counted = _counted(rows, wanted)
    found: dict[datetime.datetime, Window] = {}
    unhonoured: list[int] = []
    stale: list[int] = []
    for window in rows:
        want = wanted.get(window.starts_at)
        stands, taken = counted[window.pk]
        if taken == 0 and not _in_line(stands, want):
            stale.append(window.pk)
            continue
        found[window.starts_at] = window
        if not _in_line(stands, want):
            unhonoured += _keep(window, want if want and want.ends_at == window.ends_at else None)
    _remove(stale)
    _add(team, [want for starts_at, want in wanted.items() if starts_at not in found])
    return list(
        Booking.objects.filter(pk__in=unhonoured)
        .select_related("ticket__estate", "ticket__building", "place__window")
        .order_by("starts_at")
    )


def lock_team(pk: int) -> Team:
    """The team, its row locked: two who change its hours do so one after the other, the clock too."""
    return Team.objects.select_for_update(no_key=True).get(pk=pk)


def _in_line(stands: Wanted | None, want: Wanted | None) -> bool:
    # A window nobody wants is named every time while something is booked in it.
    return want is not None and stands == want


def _counted(
    windows: Sequence[Window], wanted: dict[datetime.datetime, Wanted]
) -> dict[int, tuple[Wanted | None, int]]:
    """Each window as it stands (None: no longer offered) and how many places of it are booked."""
    counted = _counts(windows)
    changing = [window for window in windows if not _in_line(counted[window.pk][0], wanted.get(window.starts_at))]
    if changing:
        # Whoever is booking there in this very moment ends first; nobody begins until the change is made.
        places = WindowPlace.objects.filter(window__in=changing).order_by("pk").select_for_update()
        list(places.values_list("pk", flat=True))
        counted |= _counts(changing)
    return counted


def _counts(windows: Iterable[Window]) -> dict[int, tuple[Wanted | None, int]]:
    by_key = {window.pk: window for window in windows}
    counts = Window.objects.filter(pk__in=list(by_key)).annotate(
        room=Count("places"), held=Count("places", filter=Q(places__held=True)), taken=Count("places__bookings")
    )
    rows = counts.values_list("pk", "starts_at", "ends_at", "offered", "room", "held", "taken")
    return {
        pk: (Wanted(starts_at, ends_at, room, held) if offered else None, taken)
        for pk, starts_at, ends_at, offered, room, held, taken in rows
    }


def _remove(windows: Sequence[int]) -> None:
    """Windows nobody booked, with their places."""
    WindowPlace.objects.filter(window__in=windows).delete()
    Window.objects.filter(pk__in=windows).delete()


def _add(team: Team, wanted: Sequence[Wanted]) -> None:
    windows = [Window(team=team, starts_at=each.starts_at, ends_at=each.ends_at) for each in wanted]
    Window.objects.bulk_create(windows)
    WindowPlace.objects.bulk_create(
        WindowPlace(window=window, number=number, held=number > each.places - each.held)
        for window, each in zip(windows, wanted, strict=True)
        for number in range(1, each.places + 1)
    )


def _keep(window: Window, want: Wanted | None) -> list[int]:
    """A booked window: its bookings that can't be honoured, after the free places follow the shift."""
    booked = list(
        Booking.objects.live().filter(place__window=window).order_by("made_at", "pk").values_list("pk", flat=True)
    )
    places = want.places if want else 0
    free = WindowPlace.objects.free().filter(window=window).order_by("held", "-number")
    count = window.places.count()
    if count > places:
        surplus = free[: count - places]
        WindowPlace.objects.filter(pk__in=[place.pk for place in surplus]).delete()
    elif count < places:
        last = max(window.places.values_list("number", flat=True), default=0)
        WindowPlace.objects.bulk_create(
            WindowPlace(window=window, number=last + more) for more in range(1, places - count + 1)
        )
    if window.offered != bool(want):
        window.offered = bool(want)
        window.save(update_fields=["offered"])
    return booked[places:]


def produce_all() -> list[int]:
    """Windows for every working team, each in a transaction of its own; the keys of teams that failed twice.

    May run beside itself, beside bookings and beside somebody who changes a shift.
    """
    kept, failed = calendar(), []
    for team in Team.objects.working().filter(organisation__closed_on__isnull=True):
        for attempt in range(2):
            try:
                produce(team, kept)
                break
            except DatabaseError:
                _log.exception("No windows for team %s, attempt %s", team.pk, attempt + 1)
        else:
            failed.append(team.pk)
    return failed


def sweep() -> int:
    """Windows over for a month that nobody booked go; how many went."""
    over = Window.objects.filter(ends_at__lt=timezone.now() - KEPT_AFTER)
    idle = over.filter(~Exists(Booking.objects.filter(place__window=OuterRef("pk")))).order_by("pk")
    keys = list(idle.values_list("pk", flat=True)[:_ONE_SWEEP])
    with transaction.atomic():
        _remove(keys)
    return len(keys)
