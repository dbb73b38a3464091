"""Making a move of the table: whose it is, whether it is legal, and the one place that writes a ticket's state."""

from collections.abc import Iterable
from copy import copy
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs.clock_runs import stop_clocks
from repairs.messages import tell_colleagues, tell_resident
from repairs.models import (
    Booking,
    BookingConsent,
    BookingState,
    DispatchMode,
    DispatchRule,
    Handover,
    Photo,
    RepairType,
    Ticket,
    TicketEvent,
)
from repairs.models.visit import GIVEN_BACK
from repairs.workflow import ALL_STATES, MOVES, Actor, Channel, Move, State


class MoveRefused(Exception):
    """What was given is not enough for the move; `sentence` says what to do, in the reader's language."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class TicketMoved(Exception):
    """Someone else changed the ticket first: the page the person pressed on is out of date."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket.number)
        self.ticket = ticket


# The columns the promises follow from.
OWED = (
    *("state", "urgency", "mode", "filed_at", "acknowledged_at", "arrived_at", "made_safe_at", "finished_at"),
    *("plan_posted_at", "planned_for", "reopened_at", "closed_at", "times_reopened", "times_nobody_home"),
    *("acknowledge_by", "arrive_by", "make_safe_by", "restore_by", "due_at", "due_clock", "rung", "climbs_at"),
)
# The agreed time before and after, each as "start/end" or None.
Visit = tuple[str | None, str | None] | None


class Entry(NamedTuple):
    """One press on a phone: the key the phone made for it, and when it was made, if that was not just now."""

    key: UUID | None = None
    noted_at: datetime | None = None


def was_done(ticket: Ticket, verb: str, *, by: User, key: UUID) -> bool:
    """Whether that very press of `by` stands in the timeline already."""
    return TicketEvent.objects.filter(ticket=ticket, verb=verb, by=by, key=key).exists()


def _noted(entry: Entry | None) -> dict[str, str]:
    return {"noted_at": entry.noted_at.isoformat()} if entry and entry.noted_at else {}


def _legal(ticket: Ticket, move: Move) -> bool:
    if ticket.state == State.CLOSED and move.reopens:
        return ticket.closure in move.reopens
    done = bool(move.once) and getattr(ticket, move.once) is not None
    return ticket.state in move.starts and ticket.urgency in move.urgencies and not done


def entitled(ticket: Ticket, verb: str, user: User, acting: Organisation | None = None) -> bool:
    """Whether this is `user`'s move to make, whatever the state; `acting`: for that organisation."""
    move = MOVES[verb]
    party = ticket.is_party(user)
    if move.actor is Actor.REPORTER:
        return party and not (verb == "confirm" and _praises_own_work(ticket, user))
    granted = access.permissions_in(user, ticket.estate, acting or ticket.organisation)
    if move.actor is Actor.ANYONE:
        return party or move.needs in granted
    if move.actor is Actor.HOUSEHOLD:
        asked = BookingConsent.objects.visible_to(user).filter(booking__ticket=ticket)
        return move.needs in granted or asked.exists()
    if move.actor is Actor.RECEIVER:
        return move.needs is not None and _is_offered(ticket, access.organisations_where(user, move.needs))
    if move.actor is Actor.POOL:
        return move.needs in granted and dispatch_mode(ticket.organisation) == DispatchMode.POOL
    if move.actor is Actor.ASSIGNEE:
        return move.needs in granted and (ticket.assignee_id == user.pk or Permission.TICKET_ASSIGN in granted)
    return move.actor is Actor.STAFF and move.needs in granted


def _is_offered(ticket: Ticket, organisations: list[Organisation]) -> bool:
    return Handover.objects.offered().filter(ticket=ticket, to_organisation__in=organisations).exists()


def _praises_own_work(ticket: Ticket, user: User) -> bool:
    # A desk clerk who took the call must not also be the one who says it is fixed.
    on_behalf = ticket.channel != Channel.ONLINE and not (user.phone and user.phone == ticket.contact_phone)
    return on_behalf and access.works_for(user, ticket.organisation)


def dispatch_mode(organisation: Organisation) -> str:
    """How `organisation` gives out its jobs."""
    rule = DispatchRule.objects.filter(organisation=organisation).first()
    return rule.mode if rule else DispatchMode.DISPATCHER


def may(ticket: Ticket, verb: str, user: User) -> bool:
    """Whether `user` may make this move on `ticket` as it stands."""
    return _legal(ticket, MOVES[verb]) and entitled(ticket, verb, user)


def moves_for(ticket: Ticket, user: User) -> list[str]:
    """The moves `user` may make now, in the table's order: what draws the buttons."""
    # A household that is asked, and an organisation a ticket is offered to, have pages of their own.
    own = [verb for verb, move in MOVES.items() if move.actor not in {Actor.HOUSEHOLD, Actor.RECEIVER}]
    return [verb for verb in own if may(ticket, verb, user)]


def _check(
    ticket: Ticket, verb: str, by: User | None, note: str, photos: list[Photo], acting: Organisation | None
) -> Move:
    move = MOVES[verb]
    if by is None:
        if move.actor is not Actor.CLOCK:
            raise PermissionDenied
    elif not entitled(ticket, verb, by, acting):
        raise PermissionDenied
    if move.needs_note and not note.strip():
        raise MoveRefused(_("Please write a few words."))
    if move.needs_photo and not photos:
        raise MoveRefused(
            _("Please add a photo of the door.")
            if verb == "nobody_home"
            else _("Please add at least one photo taken after the repair.")
        )
    return move


def _write(ticket: Ticket, move: Move, changes: dict[str, Any]) -> None:
    stands = Q(state__in=move.starts - {State.CLOSED} if move.reopens else move.starts)
    if move.reopens:
        stands |= Q(state=State.CLOSED, closure__in=move.reopens)
    # Nor is it the old organisation's to move once another has accepted it, whatever its page still shows.
    row = Ticket.objects.filter(stands, pk=ticket.pk, organisation=ticket.organisation_id, urgency__in=move.urgencies)
    if move.once:
        row = row.filter(**{move.once: None})
    if move.ends is not None:
        # The row moves only if it still stands where the reader saw it: two dispatchers press at once.
        written = row.filter(version=ticket.version).update(version=F("version") + 1, **changes)
        ticket.version += 1
    elif changes:
        # What takes nothing from anybody needs no version, only a state in which it makes sense.
        written = row.update(**changes)
    else:
        written = move.starts == ALL_STATES or row.select_for_update(no_key=True).exists()
    if not written:
        raise TicketMoved(ticket)
    for name, value in changes.items():
        setattr(ticket, name, value)


@transaction.atomic
def move(
    ticket: Ticket,
    verb: str,
    *,
    by: User | None,
    note: str = "",
    photos: Iterable[Photo] = (),
    visit: Visit = None,
    entry: Entry | None = None,
    told: dict[str, Any] | None = None,
    acting: Organisation | None = None,
    **changes: Any,
) -> TicketEvent:
    """Move `ticket` as it was seen (`ticket.version`) and write the event; raises `TicketMoved` when it moved on.

    Kept with the event: `visit` (the agreed times before and after) and what else is `told`. An `entry` is done once.
    `acting` is the organisation for which `by` moves, when it isn't the one that has the ticket.
    """
    row = _check(ticket, verb, by, note, pictures := list(photos), acting)
    if row.ends is not None:
        changes |= {"state": row.ends}
    before, seen = {name: getattr(ticket, name) for name in changes}, copy(ticket)
    _write(ticket, row, changes)
    if entry and entry.key and by and was_done(ticket, verb, by=by, key=entry.key):
        raise TicketMoved(ticket)  # looked at under the ticket's row lock: the same entry sent twice at once
    event = TicketEvent.objects.create(
        ticket=ticket,
        verb=verb,
        by=by,
        at=timezone.now(),
        note=note.strip(),
        internal=row.internal,
        key=entry.key if entry else None,
        changes=changed(before, changes) | ({"visit": list(visit)} if visit else {}) | _noted(entry) | (told or {}),
    )
    stop_clocks(seen, ticket, event.at)
    _attach(pictures, event)
    _tell(event, seen, to_resident=row.tells_reporter)
    return event


def _tell(event: TicketEvent, before: Ticket, *, to_resident: bool) -> None:
    if to_resident:
        tell_resident(event, event.ticket)
    tell_colleagues(event, event.ticket, before)


_TOLD = ("state", "urgency", "repair_type", "assignee", "closure", "restore_by", "visit_wish")


def changed(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, list[Any]]:
    """What the timeline keeps of a change: plain values, old and new."""
    plain = {name: [_plain(before[name]), _plain(changes[name])] for name in _TOLD if name in changes}
    # Who comes and by when stand in the story even where they stay the same.
    return {
        name: pair
        for name, pair in plain.items()
        if pair[0] != pair[1] or name in {"assignee", "restore_by", "visit_wish"}
    }


def _plain(value: Any) -> Any:
    if isinstance(value, RepairType):
        return value.code
    if isinstance(value, datetime):
        return value.isoformat()
    return value.pk if isinstance(value, User) else value


def _attach(photos: list[Photo], event: TicketEvent) -> None:
    keys = [photo.pk for photo in photos]
    waiting = Photo.objects.filter(pk__in=keys, ticket=event.ticket_id, event__isnull=True)
    if keys and waiting.update(event=event) != len(set(keys)):
        # The same form sent twice: the other one has them.
        raise TicketMoved(event.ticket)


def hold(ticket: Ticket | int) -> Ticket:
    """Lock the ticket's row until the transaction ends, before any of its bookings: always in this order, so that two
    people who press at once wait for each other and never both. What decides the promises is read anew, for a verb
    that needs no version would else compute them from what stood before; `version` stays the one that was seen, and
    the row as it stands is returned."""
    key = ticket if isinstance(ticket, int) else ticket.pk
    stands = Ticket.objects.select_for_update(no_key=True).only("pk", "version", *OWED).get(pk=key)
    if isinstance(ticket, Ticket):
        for name in OWED:
            setattr(ticket, name, getattr(stands, name))
    return stands


def span_of(booking: Booking | None) -> str | None:
    """The agreed time as an event keeps it."""
    return f"{booking.starts_at.isoformat()}/{booking.ends_at.isoformat()}" if booking else None


def end_booking(ticket: Ticket, state: BookingState) -> Booking | None:
    """What stood for `ticket` ends as `state`, if anything stood; a moved or cancelled one gives its place back."""
    booking = Booking.objects.live().select_for_update().filter(ticket=ticket).first()
    if booking is None:
        return None
    booking.state, booking.ended_at = state, timezone.now()
    if state in GIVEN_BACK:
        booking.place = None
    booking.save(update_fields=["state", "ended_at", "place"])
    return booking
