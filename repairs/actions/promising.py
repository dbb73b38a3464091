"""The verbs of what is promised: made safe, the plan posted, and another urgency, which counts from the report."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from repairs.clocks import Basis, close_of
from repairs.messages import tell_households, tell_staff
from repairs.models import Booking, BookingState, Photo, Ticket, TicketEvent
from repairs.pledges import kept_days
from repairs.promises import due_columns
from repairs.workflow import Urgency, is_lower

from .climbing import ask_to_ring, ring_again
from .moving import Entry, MoveRefused, TicketMoved, end_booking, hold, move, span_of

# Further ahead nobody plans a day.
PLANNED_WITHIN_DAYS = 366


def plannable() -> tuple[date, date]:
    """The first and the last day a plan may name: today only until its close, which is what would be promised."""
    today = timezone.localdate()
    over = close_of(Basis.WORKING, today, kept_days()) <= timezone.now()
    return today + timedelta(days=over), today + timedelta(days=PLANNED_WITHIN_DAYS)


@transaction.atomic
def make_safe(
    ticket: Ticket, *, by: User, photos: Iterable[Photo] = (), note: str = "", entry: Entry | None = None
) -> TicketEvent:
    """排险: nobody is in danger any more, the repair itself is still owed. Once."""
    hold(ticket)
    now = timezone.now()
    owed = due_columns(ticket, made_safe_at=now)
    return move(ticket, "make_safe", by=by, note=note, photos=photos, entry=entry, made_safe_at=now, **owed)


@transaction.atomic
def post_plan(ticket: Ticket, *, by: User, planned_for: date, note: str) -> TicketEvent:
    """公布计划: what will be done and on which day, which is promised from now on."""
    hold(ticket)
    first, last = plannable()
    if not first <= planned_for <= last:
        raise MoveRefused(_("Please choose a day from today on, within a year."))
    posted: dict[str, Any] = {"plan_posted_at": timezone.now(), "planned_for": planned_for}
    told = {"planned_for": planned_for.isoformat()}
    return move(ticket, "post_plan", by=by, note=note, told=told, **posted, **due_columns(ticket, **posted))


@transaction.atomic
def set_urgency(ticket: Ticket, *, by: User, urgency: str, note: str = "") -> TicketEvent:
    """More or less urgent than it was taken up as; every promise not yet met counts from the report again.

    Raises `MoveRefused` when nothing would change or a lower one is given no reason, `TicketMoved` on an old page: it
    needs no new version, which would refuse what a worker enters where there is no network, so the urgency that was
    seen counts too.
    """
    seen = ticket.urgency
    if hold(ticket).version != ticket.version or ticket.urgency != seen:
        raise TicketMoved(ticket)
    if urgency == ticket.urgency:
        raise MoveRefused(_("It is that urgent already. Choose another urgency."))
    say_why(ticket, urgency, note)
    off = off_in_danger(ticket, urgency)
    visit = (span_of(off), None) if off else None
    owed = due_columns(ticket, urgency=urgency)
    event = move(ticket, "set_urgency", by=by, note=note, visit=visit, urgency=urgency, **owed)
    if off is not None:
        tell_households(event, off)
    if urgency == Urgency.DANGER:
        ring_again(event, ticket)
        ask_to_ring(ticket)
    if ticket.assignee:
        tell_staff(event, ticket, [ticket.assignee])
    return event


def say_why(ticket: Ticket, urgency: str, note: str) -> None:
    """Less urgent than reported needs a reason the resident reads."""
    if is_lower(urgency, ticket.urgency) and not note.strip():
        raise MoveRefused(_("Please write why it is less urgent: the resident reads it."))


def off_in_danger(ticket: Ticket, urgency: str) -> Booking | None:
    """In danger nobody waits for an agreed time: what was agreed, ended. Call with the ticket's row locked."""
    if urgency != Urgency.DANGER or ticket.urgency == Urgency.DANGER:
        return None
    return end_booking(ticket, BookingState.CANCELLED)
