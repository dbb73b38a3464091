"""The verbs of a ticket's life: one function per row of the table, each atomic, each with its timeline event."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from repairs.messages import tell_households
from repairs.models import BookingState, Material, Photo, RepairType, Ticket, TicketEvent
from repairs.promises import due_columns
from repairs.workflow import MOVES, Urgency

from .climbing import ask_to_ring
from .dispatch import ask_whose_turn
from .handing_over import end_offer
from .moving import Entry, end_booking, hold, move, span_of
from .pausing import end_pause
from .promising import off_in_danger, say_why
from .visits import outcome, unfit_booking


@transaction.atomic
def acknowledge(ticket: Ticket, *, by: User, repair_type: RepairType, urgency: str, note: str = "") -> TicketEvent:
    """Take the ticket up, its type and urgency kept or set; the promise still counts from the report.

    Less urgent than reported needs a note. Raised to danger, or with a team that doesn't do the new kind of repair, an
    agreed visit is off.
    """
    found_danger = urgency == Urgency.DANGER != ticket.urgency
    now = timezone.now()
    hold(ticket)
    say_why(ticket, urgency, note)
    off = unfit_booking(ticket, repair_type) or off_in_danger(ticket, urgency)
    found_by = ticket.search_columns(repair_type)
    event = move(
        ticket,
        "acknowledge",
        by=by,
        note=note,
        visit=(span_of(off), None) if off else None,
        repair_type=repair_type,
        urgency=urgency,
        acknowledged_at=now,
        **due_columns(ticket, urgency=urgency, acknowledged_at=now),
        **found_by,
    )
    if off is not None:
        tell_households(event, off)
    if found_danger:
        ask_to_ring(ticket)
    ask_whose_turn(ticket)
    return event


@transaction.atomic
def arrive(ticket: Ticket, *, by: User, entry: Entry | None = None) -> TicketEvent:
    """The worker is at the door; a time agreed for today is kept with that, one for another day is no longer needed."""
    now = timezone.now()
    hold(ticket)
    booking = end_booking(ticket, outcome(ticket, BookingState.KEPT))
    elsewhen = booking if booking and booking.state != BookingState.KEPT else None
    visit = (span_of(elsewhen), None) if elsewhen else None
    owed = due_columns(ticket, arrived_at=now)
    event = move(ticket, "arrive", by=by, entry=entry, visit=visit, arrived_at=now, **owed)
    if elsewhen is not None:
        tell_households(event, elsewhen)
    return event


@transaction.atomic
def finish(
    ticket: Ticket,
    *,
    by: User,
    photos: Iterable[Photo],
    note: str,
    materials: Iterable[Material] = (),
    entry: Entry | None = None,
) -> TicketEvent:
    """The work is done, with at least one after-photo; only the resident can say that it is fixed.

    `materials` are lines not yet stored: what was used up, how much, at what price.
    """
    now = timezone.now()
    owed = due_columns(ticket, finished_at=now)
    event = move(ticket, "finish", by=by, note=note, photos=photos, entry=entry, finished_at=now, **owed)
    end_pause(ticket, by)
    end_offer(ticket, event)
    lines = list(materials)
    for line in lines:
        line.ticket, line.event = ticket, event
    Material.objects.bulk_create(lines)
    return event


@transaction.atomic
def _close(ticket: Ticket, verb: str, *, by: User | None, note: str = "") -> TicketEvent:
    now, closure = timezone.now(), MOVES[verb].closure
    owed = due_columns(ticket, closed_at=now)
    event = move(ticket, verb, by=by, note=note, closure=closure, closed_at=now, **owed)
    end_pause(ticket, by)
    end_offer(ticket, event)
    booking = end_booking(ticket, BookingState.CANCELLED)
    if booking is not None:
        tell_households(event, booking)
    return event


def confirm(ticket: Ticket, *, by: User, note: str = "") -> TicketEvent:
    """修好了: the resident says it is fixed."""
    return _close(ticket, "confirm", by=by, note=note)


@transaction.atomic
def not_fixed(ticket: Ticket, *, by: User, note: str, photos: Iterable[Photo] = ()) -> TicketEvent:
    """没有修好: the same ticket opens again, with a new promise for the rework; danger that is not over rings again."""
    again = reopened(ticket, timezone.now())
    event = move(ticket, "not_fixed", by=by, note=note, photos=photos, **again, **due_columns(ticket, **again))
    if ticket.urgency == Urgency.DANGER:
        ask_to_ring(ticket)
    return event


def reopened(ticket: Ticket, at: datetime) -> dict[str, Any]:
    """The columns of `ticket` opened again at that moment, less what is owed; what the first run met stays met."""
    gone = ("assignee", "assigned_at", "arrived_at", "finished_at", "closed_at", "plan_posted_at", "planned_for")
    return dict.fromkeys(gone) | {"closure": "", "reopened_at": at, "times_reopened": ticket.times_reopened + 1}


def lapse(ticket: Ticket) -> TicketEvent:
    """Seven days of silence: closed as unconfirmed, which is not satisfaction. Done by the clock."""
    return _close(ticket, "lapse", by=None)


def cancel(ticket: Ticket, *, by: User, note: str = "") -> TicketEvent:
    """The resident takes the report back, before anybody came."""
    return _close(ticket, "cancel", by=by, note=note)


def decline(ticket: Ticket, *, by: User, note: str) -> TicketEvent:
    """Not accepted, for a reason the resident reads."""
    return _close(ticket, "decline", by=by, note=note)


def comment(ticket: Ticket, *, by: User, note: str, photos: Iterable[Photo] = ()) -> TicketEvent:
    """Say something both sides read."""
    return move(ticket, "comment", by=by, note=note, photos=photos)


def internal_note(ticket: Ticket, *, by: User, note: str, photos: Iterable[Photo] = ()) -> TicketEvent:
    """Say something only the staff reads."""
    return move(ticket, "internal_note", by=by, note=note, photos=photos)
