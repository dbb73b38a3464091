"""本小区服务承诺: by when a ticket is to be taken up, reached, made safe and repaired; a pledge, never a law.

The one place that turns what was promised into moments: `due_columns` computes every column of a ticket that says what
is owed by when, and each verb that changes it writes them. Pauses move what is not yet met; decision 9 says why.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from repairs.clocks import Basis, Stretch, close_of, due, moved, part
from repairs.ladder import next_rung, percent, still_told
from repairs.models import Booking, BookingState, Pause, Ticket
from repairs.models.visit import LIVE
from repairs.pledges import Terms, terms_of
from repairs.workdays import Calendar
from repairs.workflow import PAUSABLE, Clock, Urgency

# Silence is not satisfaction: a finished ticket nobody answers is closed as unconfirmed.
SILENCE_CLOSES_AFTER = timedelta(days=7)
# Where the moment of a promise is kept.
COLUMNS: dict[Clock, str] = {
    Clock.ACKNOWLEDGE: "acknowledge_by",
    Clock.ARRIVE: "arrive_by",
    Clock.MAKE_SAFE: "make_safe_by",
    Clock.PLAN: "restore_by",
    Clock.RESTORE: "restore_by",
}
# While the resident has the word, or when it has ended, nothing is owed.
_NOTHING_DUE: dict[str, Any] = {"due_at": None, "due_clock": "", "rung": 0, "climbs_at": None}


class Promise(NamedTuple):
    """One promise of a ticket: since when it counts on which calendar, by when, and whether it has been met.

    `climbs_on`: the calendar on which the ladder measures it.
    """

    clock: Clock
    basis: Basis
    starts: datetime
    by: datetime
    met: bool
    climbs_on: Basis


def moments(given: Terms, starts: datetime, pauses: Sequence[Stretch] = ()) -> dict[Clock, datetime]:
    """By when each is promised for a report sent at `starts`; taking it up is never put off."""
    return {
        clock: due(amount, starts, given.kept, () if clock is Clock.ACKNOWLEDGE else pauses)
        for clock, amount in given.amounts.items()
    }


def stretches(ticket: Ticket) -> list[Stretch]:
    """When the clock of `ticket` stood still; a pause that still stands counts to its day."""
    rows = Pause.objects.filter(ticket=ticket).values_list("started_at", "ended_at", "until")
    return [Stretch(started_at, ended_at or until) for started_at, ended_at, until in rows]


def due_columns(
    ticket: Ticket, now: datetime | None = None, *, paused: Sequence[Stretch] | None = None, **as_it_will_be: Any
) -> dict[str, Any]:
    """Every column that says what is owed by when, were `ticket` changed so at `now`; pass it on to `move(…)`.

    What has been met or broken stays as it was promised; the rung goes back to the ground when another promise is next.
    `paused`: when it stood still, of a ticket that isn't stored yet.
    """
    will = copy(ticket)
    if _promises_anew(ticket, as_it_will_be):
        as_it_will_be |= {"restore_by": None}
    for name, value in as_it_will_be.items():
        setattr(will, name, value)
    if will.finished_at or will.closed_at:
        return dict(_NOTHING_DUE)
    pauses = paused if paused is not None else stretches(will) if will.pk and will.state in PAUSABLE else []
    given = terms_of(will)
    promises = list(promises_of(will, given, pauses, _slot(will), now or timezone.now()))
    columns: dict[str, Any] = {"make_safe_by": None} if _first_run(will) and not will.made_safe_at else {}
    columns |= {COLUMNS[each.clock]: each.by for each in promises}
    return columns | _next_due(ticket, will, promises, given.kept, pauses)


def _next_due(
    ticket: Ticket, will: Ticket, promises: Sequence[Promise], kept: Calendar, pauses: Sequence[Stretch]
) -> dict[str, Any]:
    """The earliest promise not yet met and when it goes up the ladder; until it is taken up, only that counts."""
    unmet = [each for each in promises if not each.met]
    next_ = min(unmet[:1] if will.acknowledged_at is None else unmet, key=lambda each: each.by)
    same = (next_.clock, will.times_reopened) == (ticket.due_clock, ticket.times_reopened)
    rung = still_told(ticket.rung, ticket.urgency, will.urgency) if same else 0
    above = next_rung(will.urgency, rung)
    at = percent(will.urgency, next_.clock, above) if above else 0
    climbs_at = part(next_.climbs_on, next_.starts, next_.by, at, kept, pauses) if above else None
    return {"due_at": next_.by, "due_clock": next_.clock, "rung": rung, "climbs_at": climbs_at}


def promises_of(
    ticket: Ticket,
    given: Terms,
    pauses: Sequence[Stretch] = (),
    slot: datetime | None = None,
    now: datetime | None = None,
) -> Iterator[Promise]:
    """The promises of the run that `ticket` is in, in the order they are made; `slot`: the end of an agreed visit.

    Taking up, arriving and making safe are promised once, from the report; rework has a restore clock of its own.
    What was broken by `now` is never put off again.
    """
    now = now or timezone.now()
    met = {
        Clock.ACKNOWLEDGE: ticket.acknowledged_at is not None,
        Clock.ARRIVE: has_been_there(ticket),
        Clock.MAKE_SAFE: ticket.made_safe_at is not None,
        Clock.PLAN: ticket.plan_posted_at is not None,
        Clock.RESTORE: False,
    }
    for clock, amount in given.amounts.items():
        restores = clock in {Clock.PLAN, Clock.RESTORE}
        if not restores and not _first_run(ticket):
            continue
        starts = (ticket.reopened_at if restores else None) or ticket.filed_at
        known: datetime | None = getattr(ticket, COLUMNS[clock], None)
        if met[clock] and known is not None:
            by = known
        elif clock is Clock.ARRIVE and slot is not None:
            by = _unhealed(known, _put_off(slot, pauses), now)
        else:
            by = _unhealed(known, due(amount, starts, given.kept, pauses), now)
        yield Promise(clock, amount.basis, starts, by, met[clock], amount.basis)
    if Clock.PLAN in given.amounts and ticket.plan_posted_at and ticket.planned_for:
        day = close_of(Basis.WORKING, ticket.planned_for, given.kept)
        by = moved(Basis.WORKING, ticket.plan_posted_at, day, given.kept, pauses)
        by = _unhealed(getattr(ticket, COLUMNS[Clock.RESTORE], None), by, now)
        # A day off may be named, or the one that is nearly over: only plain time has a share there.
        yield Promise(Clock.RESTORE, Basis.WORKING, ticket.plan_posted_at, by, False, Basis.ALWAYS)


def _unhealed(known: datetime | None, anew: datetime, now: datetime) -> datetime:
    """A promise already broken stays broken, whatever puts off what is still to be kept; more urgent may be earlier."""
    return min(known, anew) if known is not None and known < now else anew


def _promises_anew(ticket: Ticket, as_it_will_be: dict[str, Any]) -> bool:
    """Whether the repair is promised once more, after the plan or for rework: what became of it before is over."""
    new = ("times_reopened", "plan_posted_at")
    return any(name in as_it_will_be and as_it_will_be[name] != getattr(ticket, name) for name in new)


def _first_run(ticket: Ticket) -> bool:
    return not ticket.times_reopened


def has_been_there(ticket: Ticket) -> bool:
    """Somebody came, even if nobody opened; whoever posts a plan has surveyed."""
    return bool(ticket.arrived_at or ticket.plan_posted_at or ticket.times_nobody_home)


def _slot(ticket: Ticket) -> datetime | None:
    """The end of the agreed time, which is then the promise; one at which nobody came stays it until the next."""
    if ticket.pk is None or ticket.urgency != Urgency.NORMAL or has_been_there(ticket) or not _first_run(ticket):
        return None
    binding = Booking.objects.filter(ticket=ticket, state__in=[*LIVE, BookingState.NOBODY_CAME])
    return binding.order_by("-pk").values_list("ends_at", flat=True).first()


def _put_off(slot: datetime, pauses: Sequence[Stretch]) -> datetime:
    """An agreed time is a moment, not an amount: a pause that stands over it puts it off to its end."""
    for pause in sorted(pauses):
        if pause.starts <= slot < pause.ends:
            slot = pause.ends
    return slot
