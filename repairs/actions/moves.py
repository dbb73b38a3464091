"""Every move of a ticket after it was filed, by the table in `repairs/workflow.py`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.messages import tell_resident
from repairs.models import Photo, RepairType, Ticket, TicketEvent
from repairs.promises import promise
from repairs.workflow import MOVES, Actor, Channel, Move, State


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


def _legal(ticket: Ticket, move: Move) -> bool:
    if ticket.state == State.CLOSED and move.reopens:
        return ticket.closure in move.reopens
    return ticket.state in move.starts


def entitled(ticket: Ticket, verb: str, user: User) -> bool:
    """Whether this is `user`'s move to make, whatever the state."""
    move = MOVES[verb]
    party = ticket.is_party(user)
    if move.actor is Actor.REPORTER:
        return party and not (verb == "confirm" and _praises_own_work(ticket, user))
    granted = access.permissions_in(user, ticket.estate, ticket.organisation)
    if move.actor is Actor.ANYONE:
        return party or move.needs in granted
    if move.actor is Actor.ASSIGNEE:
        return move.needs in granted and (ticket.assignee_id == user.pk or Permission.TICKET_ASSIGN in granted)
    return move.actor is Actor.STAFF and move.needs in granted


def _praises_own_work(ticket: Ticket, user: User) -> bool:
    # A desk clerk who took the call must not also be the one who says it is fixed.
    on_behalf = ticket.channel != Channel.ONLINE and not (user.phone and user.phone == ticket.contact_phone)
    return on_behalf and access.works_for(user, ticket.organisation)


def may(ticket: Ticket, verb: str, user: User) -> bool:
    """Whether `user` may make this move on `ticket` as it stands."""
    return _legal(ticket, MOVES[verb]) and entitled(ticket, verb, user)


def moves_for(ticket: Ticket, user: User) -> list[str]:
    """The moves `user` may make now, in the table's order: what draws the buttons."""
    return [verb for verb in MOVES if may(ticket, verb, user)]


def _check(ticket: Ticket, verb: str, by: User | None, note: str, photos: list[Photo]) -> Move:
    move = MOVES[verb]
    if by is None:
        if move.actor is not Actor.CLOCK:
            raise PermissionDenied
    elif not entitled(ticket, verb, by):
        raise PermissionDenied
    if move.needs_note and not note.strip():
        raise MoveRefused(_("Please write a few words."))
    if move.needs_photo and not photos:
        raise MoveRefused(_("Please add at least one photo taken after the repair."))
    return move


@transaction.atomic
def _move(
    ticket: Ticket,
    verb: str,
    *,
    by: User | None,
    note: str = "",
    photos: Iterable[Photo] = (),
    **changes: Any,
) -> TicketEvent:
    """Move `ticket` as it was seen (`ticket.version`) and write the event; raises `TicketMoved` when it moved on."""
    pictures = list(photos)
    move = _check(ticket, verb, by, note, pictures)
    before = {name: getattr(ticket, name) for name in ("state", *changes)}
    if move.ends is not None:
        changes |= {"state": move.ends}
        stands = Q(state__in=move.starts - {State.CLOSED} if move.reopens else move.starts)
        if move.reopens:
            stands |= Q(state=State.CLOSED, closure__in=move.reopens)
        # The row moves only if it still stands where the reader saw it: two dispatchers press at once.
        seen = Ticket.objects.filter(stands, pk=ticket.pk, version=ticket.version)
        if not seen.update(version=F("version") + 1, **changes):
            raise TicketMoved(ticket)
        ticket.version += 1
        for name, value in changes.items():
            setattr(ticket, name, value)
    event = TicketEvent.objects.create(
        ticket=ticket,
        verb=verb,
        by=by,
        at=timezone.now(),
        note=note.strip(),
        internal=move.internal,
        changes=told(before, changes),
    )
    _attach(pictures, event)
    if move.tells_reporter:
        tell_resident(event, ticket)
    return event


_TOLD = ("state", "urgency", "repair_type", "assignee", "closure", "restore_by")


def told(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, list[Any]]:
    """What the timeline keeps of a change: plain values, old and new."""
    plain = {name: [_plain(before[name]), _plain(changes[name])] for name in _TOLD if name in changes}
    # Who comes and by when stand in the story even where they stay the same.
    return {name: pair for name, pair in plain.items() if pair[0] != pair[1] or name in {"assignee", "restore_by"}}


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


def acknowledge(ticket: Ticket, *, by: User, repair_type: RepairType, urgency: str, note: str = "") -> TicketEvent:
    """Take the ticket up, its type and urgency kept or set; the promise still counts from the report."""
    promised = promise(ticket.filed_at, urgency, ticket.mode)
    found_by = ticket.search_columns(repair_type)
    return _move(
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


def assign(ticket: Ticket, *, by: User, worker: User, note: str = "") -> TicketEvent:
    """Give the job to a worker of the organisation on duty."""
    if Permission.TICKET_WORK not in access.permissions_in(worker, ticket.estate, ticket.organisation):
        raise MoveRefused(_("%(name)s doesn't work for this organisation.") % {"name": worker.display_name})
    return _move(ticket, "assign", by=by, note=note, assignee=worker, assigned_at=timezone.now())


def arrive(ticket: Ticket, *, by: User) -> TicketEvent:
    """The worker is at the door."""
    return _move(ticket, "arrive", by=by, arrived_at=timezone.now())


def finish(ticket: Ticket, *, by: User, photos: Iterable[Photo], note: str) -> TicketEvent:
    """The work is done, with at least one after-photo; only the resident can say that it is fixed."""
    return _move(ticket, "finish", by=by, note=note, photos=photos, finished_at=timezone.now(), due_at=None)


def _close(ticket: Ticket, verb: str, *, by: User | None, note: str = "") -> TicketEvent:
    closure = MOVES[verb].closure
    return _move(ticket, verb, by=by, note=note, closure=closure, closed_at=timezone.now(), due_at=None)


def confirm(ticket: Ticket, *, by: User, note: str = "") -> TicketEvent:
    """修好了: the resident says it is fixed."""
    return _close(ticket, "confirm", by=by, note=note)


def not_fixed(ticket: Ticket, *, by: User, note: str, photos: Iterable[Photo] = ()) -> TicketEvent:
    """没有修好: the same ticket opens again, with a new promise for the rework."""
    promised = promise(timezone.now(), ticket.urgency, ticket.mode)
    return _move(
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
    return _move(ticket, "comment", by=by, note=note, photos=photos)


def internal_note(ticket: Ticket, *, by: User, note: str, photos: Iterable[Photo] = ()) -> TicketEvent:
    """Say something only the staff reads."""
    return _move(ticket, "internal_note", by=by, note=note, photos=photos)
