"""The verbs of a ticket's life: one function per row of the table, each atomic, each with its timeline event."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from repairs.messages import tell_households
from repairs.models import BookingState, Material, Photo, RepairType, Ticket, TicketEvent
from repairs.promises import promise
from repairs.workflow import MOVES

from .dispatch import ask_whose_turn
from .moving import Entry, end_booking, move
from .pausing import end_pause


@transaction.atomic
def acknowledge(ticket: Ticket, *, by: User, repair_type: RepairType, urgency: str, note: str = "") -> TicketEvent:
    """Take the ticket up, its type and urgency kept or set; the promise still counts from the report."""
    promised = promise(ticket.filed_at, urgency, ticket.mode)
    found_by = ticket.search_columns(repair_type)
    event = move(
        ticket,
        "acknowledge",
        by=by,
        note=note,
        repair_type=repair_type,
        urgency=urgency,
        acknowledged_at=timezone.now(),
        restore_by=promised.restore_by,
        due_at=promised.restore_by,
        **found_by,
    )
    ask_whose_turn(ticket)
    return event


@transaction.atomic
def arrive(ticket: Ticket, *, by: User, entry: Entry | None = None) -> TicketEvent:
    """The worker is at the door; an agreed time is kept with that."""
    event = move(ticket, "arrive", by=by, entry=entry, arrived_at=timezone.now())
    end_booking(ticket, BookingState.KEPT)
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
    event = move(ticket, "finish", by=by, note=note, photos=photos, entry=entry, finished_at=now, due_at=None)
    end_pause(ticket, by)
    lines = list(materials)
    for line in lines:
        line.ticket, line.event = ticket, event
    Material.objects.bulk_create(lines)
    return event


@transaction.atomic
def _close(ticket: Ticket, verb: str, *, by: User | None, note: str = "") -> TicketEvent:
    closure = MOVES[verb].closure
    event = move(ticket, verb, by=by, note=note, closure=closure, closed_at=timezone.now(), due_at=None)
    end_pause(ticket, by)
    booking = end_booking(ticket, BookingState.CANCELLED)
    if booking is not None:
        tell_households(event, booking)
    return event


def confirm(ticket: Ticket, *, by: User, note: str = "") -> TicketEvent:
    """修好了: the resident says it is fixed."""
    return _close(ticket, "confirm", by=by, note=note)


def not_fixed(ticket: Ticket, *, by: User, note: str, photos: Iterable[Photo] = ()) -> TicketEvent:
    """没有修好: the same ticket opens again, with a new promise for the rework."""
    promised = promise(timezone.now(), ticket.urgency, ticket.mode)
    return move(
        ticket,
        "not_fixed",
        by=by,
        note=note,
        photos=photos,
        assignee=None,
        assigned_at=None,
        arrived_at=None,
        finished_at=None,
        closed_at=None,
        closure="",
        restore_by=promised.restore_by,
        due_at=promised.restore_by,
        times_reopened=ticket.times_reopened + 1,
    )


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
