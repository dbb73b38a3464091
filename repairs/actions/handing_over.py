"""The verbs of handing over: offering, and what both sides may answer; the clock never notices any of it.

Every verb holds the ticket's row before it looks at the offer: of two who press at once one is second and is told.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from estates.models import Organisation
from repairs.handovers import destinations, is_outside, receivers, recorders
from repairs.messages import tell_households, tell_staff
from repairs.models import BookingState, Handover, HandoverState, Ticket, TicketEvent
from repairs.promises import due_columns
from repairs.workflow import Closure

from .dispatch import ask_whose_turn
from .moving import MoveRefused, TicketMoved, end_booking, hold, move, span_of
from .pausing import end_pause


@transaction.atomic
def offer(ticket: Ticket, *, by: User, to: Organisation, note: str) -> TicketEvent:
    """移交: ask `to` to take the ticket over, and say why; until they accept nothing changes for the resident."""
    hold(ticket)
    outside = is_outside(to)
    told = _told(ticket.organisation, to, **({"outside": to.phone} if outside else {}))
    event = move(ticket, "offer", by=by, note=note, told=told)
    if _standing(ticket) is not None:
        raise TicketMoved(ticket)
    if not destinations(ticket).filter(pk=to.pk).exists():
        raise MoveRefused(_("%(name)s can't be handed this. Choose one from the list.") % {"name": to.name})
    Handover.objects.create(
        ticket=ticket,
        from_organisation=ticket.organisation,
        to_organisation=to,
        reason=event.note,
        offered_at=event.at,
        offered_by=by,
    )
    if outside:
        tell_staff(event, ticket, recorders(ticket))
    else:
        tell_staff(event, ticket, receivers(to), to)
    return event


@transaction.atomic
def withdraw_offer(ticket: Ticket, *, by: User, seen: int, note: str = "") -> TicketEvent:
    """The first organisation takes its offer back and goes on itself; `seen` is the offer the person looked at."""
    standing = _seen(ticket, seen)
    event = move(ticket, "withdraw_offer", by=by, note=note, told=_of(standing))
    _decide(standing, HandoverState.WITHDRAWN, event)
    asked = standing.to_organisation
    if is_outside(asked):
        tell_staff(event, ticket, recorders(ticket))
    else:
        tell_staff(event, ticket, receivers(asked), asked)
    return event


@transaction.atomic
def turn_down(handover: Handover, *, by: User, note: str) -> TicketEvent:
    """The organisation asked doesn't take it, and says why; the first one, which had it all the time, is told."""
    ticket = handover.ticket
    standing = _seen(ticket, handover.pk)
    event = move(ticket, "turn_down", by=by, note=note, told=_of(standing))
    _decide(standing, HandoverState.TURNED_DOWN, event)
    tell_staff(event, ticket, receivers(standing.from_organisation), standing.from_organisation)
    return event


@transaction.atomic
def accept(handover: Handover, *, by: User, note: str = "") -> TicketEvent:
    """The organisation asked takes it: theirs from now on, with everything that was promised and when.

    Nobody of the first organisation comes any more: its worker is free and what they had agreed is off. A pause
    stands, as its reason may; whoever has the ticket now may end it. Raises `TicketMoved` when the offer, or the
    ticket as it was seen, has changed.
    """
    ticket = handover.ticket
    standing = _seen(ticket, handover.pk)
    taker, worker = standing.to_organisation, ticket.assignee
    booking = end_booking(ticket, BookingState.CANCELLED)
    event = move(
        ticket,
        "accept",
        by=by,
        note=note,
        visit=(span_of(booking), None) if booking else None,
        told=_of(standing),
        organisation=taker,
        assignee=None,
        assigned_at=None,
        **ticket.search_columns(ticket.repair_type, taker),
        **(due_columns(ticket) if booking else {}),
    )
    _decide(standing, HandoverState.ACCEPTED, event)
    if booking is not None:
        tell_households(event, booking)
    before = receivers(standing.from_organisation)
    tell_staff(event, ticket, [*before, *([worker] if worker else [])], standing.from_organisation)
    ask_whose_turn(ticket)
    return event


@transaction.atomic
def pass_outside(ticket: Ticket, *, by: User, seen: int, reference: str, note: str = "") -> TicketEvent:
    """An organisation that is not in Anju has it: an officer writes its own number down, which is the proof, and the
    ticket ends as handed over.

    Raises `MoveRefused` where the organisation has people here: it counts when they accept it themselves.
    """
    standing, reference = _seen(ticket, seen), reference.strip()
    taker = standing.to_organisation
    if not reference:
        raise MoveRefused(_("Please write the number %(name)s gave it.") % {"name": taker.name})
    if not is_outside(taker):
        raise MoveRefused(_("%(name)s is in Anju: it counts when they accept it themselves.") % {"name": taker.name})
    now = timezone.now()
    owed = due_columns(ticket, closed_at=now)
    booking = end_booking(ticket, BookingState.CANCELLED)
    event = move(
        ticket,
        "pass_outside",
        by=by,
        note=note,
        visit=(span_of(booking), None) if booking else None,
        told=_of(standing, phone=taker.phone, reference=reference),
        closure=Closure.HANDED_OVER,
        closed_at=now,
        **owed,
    )
    end_pause(ticket, by)
    _decide(standing, HandoverState.PASSED_OUTSIDE, event, outside_reference=reference)
    if booking is not None:
        tell_households(event, booking)
    tell_staff(event, ticket, receivers(standing.from_organisation), standing.from_organisation)
    return event


def end_offer(ticket: Ticket, event: TicketEvent) -> None:
    """The work is done or the ticket closed: nobody else is asked any more. Call with the ticket's row locked."""
    standing = _standing(ticket)
    if standing is not None:
        _decide(standing, HandoverState.WITHDRAWN, event, decision="")


def _standing(ticket: Ticket) -> Handover | None:
    rows = Handover.objects.offered().filter(ticket=ticket)
    return rows.select_related("from_organisation", "to_organisation").first()


def _seen(ticket: Ticket, seen: int) -> Handover:
    hold(ticket)
    standing = _standing(ticket)
    if standing is None or standing.pk != seen:
        raise TicketMoved(ticket)
    return standing


def _decide(standing: Handover, state: HandoverState, event: TicketEvent, **more: Any) -> None:
    decided = {"state": state, "decision": event.note, "decided_at": event.at, "decided_by": event.by, **more}
    for name, value in decided.items():
        setattr(standing, name, value)
    standing.save(update_fields=list(decided))


def _of(standing: Handover, **more: str) -> dict[str, Any]:
    return _told(standing.from_organisation, standing.to_organisation, **more)


def _told(before: Organisation, after: Organisation, **more: str) -> dict[str, Any]:
    """The names as they are today: an organisation may be called otherwise when the story is read."""
    return {"handover": {"from": before.name, "to": after.name, **more}}
