"""Producing windows ahead from the shifts of a team, and keeping them in step when a shift changes.

A window somebody booked is never taken from them: it stays, is no longer offered, and whoever changed the shift is told
which bookings they can't honour.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from repairs.models import Booking, DayOff, Shift, Team, Window, WindowPlace
from repairs.models.visit import WindowQuerySet
from repairs.slots import AHEAD_DAYS
from repairs.workdays import Calendar, calendar


class Wanted(NamedTuple):
    """A window as the shifts want it: from – to, how many places, how many of them held back."""

    starts_at: datetime.datetime
    ends_at: datetime.datetime
    places: int
    held: int


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
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    today, now = timezone.localdate(), timezone.now()
    days = [today + datetime.timedelta(days=ahead) for ahead in range(AHEAD_DAYS)]
    wanted = {each.starts_at: each for each in _wanted(team, days, kept or calendar()) if each.starts_at > now}
    rows = Window.objects.filter(team=team).coming(now)
    counted = {pk: (room, held, taken) for pk, room, held, taken in _counts(rows)}
    found: dict[datetime.datetime, Window] = {}
    unhonoured: list[int] = []
    stale: list[int] = []
    for window in rows:
        want = wanted.get(window.starts_at)
        room, held, taken = counted.get(window.pk, (0, 0, 0))
        if want == (window.starts_at, window.ends_at, room, held) and window.offered:
            found[window.starts_at] = window
        elif not taken:
            stale.append(window.pk)
        else:
            found[window.starts_at] = window
            unhonoured += _keep(window, want if want and want.ends_at == window.ends_at else None)
    _remove(stale)
    _add(team, [want for starts_at, want in wanted.items() if starts_at not in found])
    return list(
        Booking.objects.filter(pk__in=unhonoured)
        .select_related("ticket__estate", "ticket__building")
        .order_by("starts_at")
    )


def _counts(windows: WindowQuerySet) -> Iterable[tuple[int, int, int, int]]:
    """Key, places, of them held back, of them booked."""
    room, held = Count("places"), Count("places", filter=Q(places__held=True))
    return windows.annotate(room=room, held=held, taken=Count("places__bookings")).values_list(
        "pk", "room", "held", "taken"
    )


def _remove(windows: Sequence[int]) -> None:
    """Windows nobody booked; one that somebody is booking in this very moment stays for the next run."""
    free = WindowPlace.objects.free().filter(window__in=windows).select_for_update(skip_locked=True, of=("self",))
    WindowPlace.objects.filter(pk__in=[place.pk for place in free]).delete()
    Window.objects.filter(pk__in=windows, places__isnull=True).delete()


def _add(team: Team, wanted: Iterable[Wanted]) -> None:
    windows = [(Window(team=team, starts_at=each.starts_at, ends_at=each.ends_at), each) for each in wanted]
    # A window that could not be removed just now is still there.
    Window.objects.bulk_create([window for window, _each in windows], ignore_conflicts=True)
    stored = {
        window.starts_at: window
        for window in Window.objects.filter(
            team=team, starts_at__in=[each.starts_at for _w, each in windows], places__isnull=True
        )
    }
    WindowPlace.objects.bulk_create(
        WindowPlace(window=stored[each.starts_at], number=number, held=number > each.places - each.held)
        for _window, each in windows
        if each.starts_at in stored
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
        surplus = free.select_for_update(skip_locked=True)[: count - places]
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
