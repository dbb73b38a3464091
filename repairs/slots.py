"""What is really free: the times a ticket can be offered, and taking a place at one of them.

Capacity is never counted before an insert. A booking takes a place, which is a row; that no two bookings hold the same
is a unique index. Whoever comes second gets the next free place, or hears that there is none.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.utils import timezone

from repairs.models import Booking, Team, Ticket, Window, WindowPlace
from repairs.models.visit import URGENT, WindowQuerySet, midnight_after

# Nobody can be at a door in less.
NOTICE = timedelta(minutes=30)
OFFERED_DAYS = 7
AHEAD_DAYS = 28


class Slot(NamedTuple):
    """A time that can be had: some team that can do it has a place free."""

    starts_at: datetime
    ends_at: datetime

    @property
    def key(self) -> str:
        """As forms name it."""
        return self.starts_at.isoformat()


def _hours(ticket: Ticket, now: datetime) -> WindowQuerySet:
    """Windows, full or not, in which somebody can come for `ticket`: a team of its organisation with the trade."""
    teams = Team.objects.working().filter(organisation=ticket.organisation_id).able(ticket.repair_type.category_id)
    return Window.objects.coming(now + NOTICE).filter(team__in=teams, offered=True)


def open_windows(ticket: Ticket, now: datetime | None = None) -> WindowQuerySet:
    """Those of them with a place free for `ticket`."""
    now = now or timezone.now()
    return _hours(ticket, now).with_room(ticket.urgency, now)


def free_slots(ticket: Ticket, *, since: datetime | None = None, days: int = OFFERED_DAYS) -> list[Slot]:
    """The times free within `days` days from `since` on, earliest first; two queries."""
    now = timezone.now()
    first = max(since or now, now)
    hours = _hours(ticket, now).filter(starts_at__gte=first, starts_at__lt=first + timedelta(days=days))
    # Asked for first: planned as one statement it takes half as long again with fifty teams.
    return _free(ticket, now, list(_one_each(hours)))


def next_slots(ticket: Ticket, count: int = 3) -> list[Slot]:
    """The next `count` free times; one query."""
    now = timezone.now()
    return _free(ticket, now, _one_each(_hours(ticket, now)))[:count]


def _one_each(hours: WindowQuerySet) -> "QuerySet[Window, int]":
    """Many teams work at the same times: one window stands for each time."""
    return hours.order_by().values("starts_at", "ends_at").annotate(one=Min("pk")).values_list("one", flat=True)


def _free(ticket: Ticket, now: datetime, windows: "list[int] | QuerySet[Window, int]") -> list[Slot]:
    """Of the times these windows stand for, those at which some team has a place; the first one found settles it."""
    then = open_windows(ticket, now).filter(starts_at=OuterRef("starts_at"), ends_at=OuterRef("ends_at"))
    times = Window.objects.filter(Exists(then), pk__in=windows).order_by("starts_at", "ends_at")
    return [Slot(*each) for each in times.values_list("starts_at", "ends_at")]


def take_place(ticket: Ticket, starts_at: datetime, team: Team | None, **booking: object) -> Booking | None:
    """A stored booking of `ticket` at that time with `team` (None: any that can), or None when nothing is left.

    Inside a transaction. Raises IntegrityError only when the ticket already has a live booking.
    """
    for window, place in _places(ticket, starts_at, team):
        new = Booking(
            ticket=ticket, place=place, team_id=window.team_id, starts_at=window.starts_at, ends_at=window.ends_at
        )
        for name, value in booking.items():
            setattr(new, name, value)
        try:
            with transaction.atomic():
                new.save(force_insert=True)
        except IntegrityError as taken:
            # Somebody else took it between our look and our insert: the next one.
            if not broke(taken, "booking_holds_a_place_alone"):
                raise
            continue
        return new
    return None


def broke(error: IntegrityError, constraint: str) -> bool:
    """Whether it was this constraint that refused."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) == constraint


def _places(ticket: Ticket, starts_at: datetime, team: Team | None) -> Iterator[tuple[Window, WindowPlace]]:
    """Free places at that time, the team with the most room first; locked one by one, so that two look at two."""
    now = timezone.now()
    windows = open_windows(ticket, now).filter(starts_at=starts_at)
    if team is not None:
        windows = windows.filter(team=team)
    taken = Count("places__bookings")
    for window in windows.annotate(room=Count("places") - taken).order_by("-room", "pk"):
        places = WindowPlace.objects.free().filter(window=window)
        if ticket.urgency not in URGENT and window.starts_at >= midnight_after(now):
            places = places.filter(held=False)
        # What was held back for urgent repairs serves those first; the others leave it as long as they can.
        order = "-held" if ticket.urgency in URGENT else "held"
        places = places.order_by(order, "number").select_for_update(skip_locked=True)
        tried: list[int] = []
        while place := places.exclude(pk__in=tried).first():
            tried.append(place.pk)
            yield window, place
