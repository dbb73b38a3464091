"""The verbs of a visit: agreeing a time, moving it, giving it up, and what becomes of it at the door."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Dwelling
from repairs.messages import tell_households
from repairs.models import (
    Booking,
    BookingConsent,
    BookingState,
    ConsentAnswer,
    Photo,
    RepairType,
    Team,
    Ticket,
    TicketEvent,
    Window,
)
from repairs.promises import due_columns
from repairs.slots import NOTICE, Slot, broke, next_slots, take_place
from repairs.times import stretch

from .moving import Entry, MoveRefused, TicketMoved, end_booking, hold, move, span_of


class WindowTaken(MoveRefused):
    """That time went to somebody else, or never was to be had; `slots` are the next three that can be."""

    def __init__(self, sentence: str, slots: list[Slot]) -> None:
        super().__init__(sentence)
        self.slots = slots


def outcome(ticket: Ticket, at_the_door: BookingState) -> BookingState:
    """What becomes of the agreed time now that somebody is at the door: what is booked for another day is given back,
    so that its place serves somebody else; a day long over was not kept."""
    booking = Booking.objects.live().filter(ticket=ticket).first()
    day, today = (timezone.localdate(booking.starts_at) if booking else None), timezone.localdate()
    if day is None or day == today:
        return at_the_door
    return BookingState.CANCELLED if day > today or not _binds(booking) else BookingState.NOBODY_CAME


def _binds(booking: Booking | None) -> bool:
    """A time not everybody has agreed to binds nobody."""
    return booking is not None and booking.state == BookingState.BOOKED


def unfit_booking(ticket: Ticket, repair_type: RepairType) -> Booking | None:
    """The agreed time of a team that doesn't do `repair_type`, ended; call with the ticket's row locked."""
    if repair_type.category_id == ticket.repair_type.category_id:
        return None
    standing = Booking.objects.live().filter(ticket=ticket).first()
    if standing is None or Team.objects.able(repair_type.category_id).filter(pk=standing.team_id).exists():
        return None
    return end_booking(ticket, BookingState.CANCELLED)


def _take(
    ticket: Ticket, by: User, starts_at: datetime, team: Team | None, households: Iterable[Dwelling] = ()
) -> Booking:
    """A place at that time, or the sentence that says why not and what can be had instead."""
    doors = [door for door in households if door.pk != ticket.dwelling_id]
    if doors and by.is_guest:
        # Whoever proved nothing doesn't ring at every door of a stair.
        raise MoveRefused(_("Please sign in with your phone first: then we ask the other flats for you."))
    state = BookingState.ASKED if doors else BookingState.BOOKED
    booking = take_place(ticket, starts_at, team, state=state, made_at=timezone.now(), made_by=by)
    if booking is None:
        raise WindowTaken(_why(ticket, starts_at, team), next_slots(ticket))
    BookingConsent.objects.bulk_create([BookingConsent(booking=booking, dwelling=door) for door in doors])
    return booking


def _why(ticket: Ticket, starts_at: datetime, team: Team | None) -> str:
    """Why that time can't be had: one sentence."""
    if starts_at <= timezone.now() + NOTICE:
        return _("That time is over or begins too soon. Please choose a later one.")
    if team is not None and team.organisation_id != ticket.organisation_id:
        return _("%(team)s belongs to another organisation. Please choose a team of yours.") % {"team": team.name}
    category = ticket.repair_type.category
    if team is not None and not Team.objects.able(category).filter(pk=team.pk).exists():
        return _("%(team)s doesn't do this kind of repair: %(trade)s.") % {"team": team.name, "trade": category.name}
    windows = Window.objects.filter(team__organisation=ticket.organisation_id, starts_at=starts_at, offered=True)
    if not (windows.filter(team=team) if team else windows).exists():
        return _("Nobody works at that time. Please choose one of the times offered.")
    return _("That time has just been taken. Please choose another one.")


@transaction.atomic
def book(
    ticket: Ticket, *, by: User, starts_at: datetime, team: Team | None = None, households: Iterable[Dwelling] = ()
) -> TicketEvent:
    """Agree on a time; with other `households` it stands only when all of them have agreed.

    Raises `WindowTaken` when nothing is left then, `TicketMoved` when a time was agreed meanwhile.
    """
    hold(ticket)
    try:
        with transaction.atomic():
            booking = _take(ticket, by, starts_at, team, households)
    except IntegrityError as twice:
        if not broke(twice, "booking_of_one_ticket_is_single"):
            raise
        raise TicketMoved(ticket) from twice
    visit = (None, span_of(booking))
    event = move(ticket, "book", by=by, visit=visit, visit_wish="", **due_columns(ticket))
    tell_households(event, booking)
    return event


@transaction.atomic
def rebook(ticket: Ticket, *, by: User, seen: int, starts_at: datetime, team: Team | None = None) -> TicketEvent:
    """Move the agreed time; `seen` is the booking the person looked at. Households that agreed are asked again."""
    old = _give_up(ticket, seen, BookingState.MOVED)
    doors = Dwelling.objects.filter(pk__in=old.consents.values("dwelling"))
    booking = _take(ticket, by, starts_at, team, doors)
    event = move(ticket, "rebook", by=by, visit=(span_of(old), span_of(booking)), **due_columns(ticket))
    tell_households(event, booking)
    return event


@transaction.atomic
def unbook(ticket: Ticket, *, by: User, seen: int, note: str = "") -> TicketEvent:
    """Give the agreed time up; the report stands."""
    old = _give_up(ticket, seen, BookingState.CANCELLED)
    event = move(ticket, "unbook", by=by, note=note, visit=(span_of(old), None), **due_columns(ticket))
    tell_households(event, old)
    return event


def _give_up(ticket: Ticket, seen: int, state: BookingState) -> Booking:
    hold(ticket)
    old = end_booking(ticket, state)
    if old is None or old.pk != seen:
        raise TicketMoved(ticket)
    if old.is_over:
        # Moving it afterwards would hide that nobody came.
        raise MoveRefused(_("That time is over. If nobody came, please say so on the ticket's page."))
    return old


def wish(ticket: Ticket, *, by: User, visit_wish: str) -> TicketEvent:
    """As soon as possible, or ring me first: no window is needed for that."""
    return move(ticket, "wish", by=by, visit_wish=visit_wish)


@transaction.atomic
def agree(consent: BookingConsent, *, by: User) -> TicketEvent:
    """A household opens its door at that time; when the last one agrees, the booking stands."""
    if consent.booking.starts_at <= timezone.now():
        raise MoveRefused(_("That time has begun or is over. Another one has to be found."))
    booking = _answer(consent, ConsentAnswer.AGREED, by)
    if not booking.consents.exclude(answer=ConsentAnswer.AGREED).exists():
        booking.state = BookingState.BOOKED
        booking.save(update_fields=["state"])
    return move(booking.ticket, "agree", by=by, visit=(None, span_of(booking)))


@transaction.atomic
def refuse(consent: BookingConsent, *, by: User, note: str = "") -> TicketEvent:
    """A household can't at that time: the place is given back, another time has to be found.

    Who agreed may still say so until the evening before (`BookingConsent.may_be_taken_back`).
    """
    booking = _answer(consent, ConsentAnswer.REFUSED, by)
    end_booking(booking.ticket, BookingState.CANCELLED)
    owed = due_columns(booking.ticket)
    event = move(booking.ticket, "refuse", by=by, note=note, visit=(span_of(booking), None), **owed)
    tell_households(event, booking)
    return event


def _answer(consent: BookingConsent, answer: ConsentAnswer, by: User) -> Booking:
    # Two households that answer in the same second count one after the other.
    hold(consent.booking.ticket_id)
    rows = Booking.objects.select_for_update(of=("self",)).select_related(
        "ticket__organisation", "ticket__estate__community__street__district", "ticket__repair_type__category"
    )
    booking = rows.get(pk=consent.booking_id)
    granted = access.permissions_in(by, booking.ticket.estate, booking.ticket.organisation)
    own_door = BookingConsent.objects.visible_to(by).filter(pk=consent.pk)
    if Permission.TICKET_ASSIGN not in granted and not own_door.exists():
        raise PermissionDenied
    answered = BookingConsent.objects.filter(pk=consent.pk, answer="", booking__state=BookingState.ASKED)
    if answer == ConsentAnswer.REFUSED:
        answered = BookingConsent.objects.filter(pk=consent.pk).refusable(timezone.now())
    if not answered.update(answer=answer, answered_at=timezone.now(), answered_by=by):
        raise TicketMoved(booking.ticket)
    return booking


@transaction.atomic
def set_out(ticket: Ticket, *, by: User, entry: Entry | None = None) -> TicketEvent:
    """The worker is on the way; the resident is told. Not on another day than the one agreed."""
    now = timezone.now()
    hold(ticket)
    agreed = Booking.objects.live().filter(ticket=ticket).first()
    if agreed is not None and timezone.localdate(agreed.starts_at) != timezone.localdate(now):
        words = {"when": stretch(agreed.starts_at, agreed.ends_at)}
        raise MoveRefused(_("The visit is agreed for %(when)s. Set out on that day, or have it moved first.") % words)
    Booking.objects.live().filter(ticket=ticket, set_out_at__isnull=True).update(set_out_at=now, set_out_by=by)
    return move(ticket, "set_out", by=by, entry=entry)


@transaction.atomic
def nobody_home(
    ticket: Ticket, *, by: User, photos: Iterable[Photo], note: str = "", entry: Entry | None = None
) -> TicketEvent:
    """家里没人: the worker stood at the door, with a photo of it and the time; a new time has to be agreed."""
    hold(ticket)
    arrived_at = ticket.arrived_at
    again: dict[str, Any] = {"arrived_at": None, "times_nobody_home": ticket.times_nobody_home + 1}
    # The times of the worker's coming are told by the events; the ticket waits for a visit again.
    event = move(
        ticket,
        "nobody_home",
        by=by,
        note=note,
        photos=photos,
        entry=entry,
        **again,
        **due_columns(ticket, **again),
    )
    missed = end_booking(ticket, outcome(ticket, BookingState.NOBODY_HOME)) or _counted_as_kept(ticket, arrived_at)
    if missed is not None:
        tell_households(event, missed)
    return event


def _counted_as_kept(ticket: Ticket, arrived_at: datetime | None) -> Booking | None:
    """Arriving had counted as keeping the booking; one kept at an earlier coming, before a rework, stays kept."""
    if arrived_at is None:
        return None
    kept = Booking.objects.filter(ticket=ticket, state=BookingState.KEPT, ended_at__gte=arrived_at)
    last = kept.order_by("-pk").first()
    if last is not None:
        last.state = BookingState.NOBODY_HOME
        last.save(update_fields=["state"])
    return last


@transaction.atomic
def nobody_came(ticket: Ticket, *, by: User, note: str = "") -> TicketEvent:
    """师傅没来: the resident waited in vain; the next times are offered."""
    return _not_kept(ticket, "nobody_came", by, note)


@transaction.atomic
def miss(ticket: Ticket) -> TicketEvent:
    """The window is over and nobody came: noticed by the clock, so that late is never silent."""
    return _not_kept(ticket, "miss", None, "")


def _not_kept(ticket: Ticket, verb: str, by: User | None, note: str) -> TicketEvent:
    hold(ticket)
    booking = Booking.objects.live().filter(ticket=ticket).first()
    # A time not everybody has agreed to binds nobody.
    if booking is None or booking.state != BookingState.BOOKED:
        raise TicketMoved(ticket)
    if not booking.is_over:
        raise MoveRefused(_("The agreed time is not over yet. Please call if it is urgent."))
    ended = end_booking(ticket, BookingState.NOBODY_CAME)
    if ended is None or ended.pk != booking.pk:
        # Moved in this very moment: the new time is not the one that was missed.
        raise TicketMoved(ticket)
    visit = (span_of(booking), None)
    event = move(ticket, verb, by=by, note=note, visit=visit, times_nobody_came=ticket.times_nobody_came + 1)
    tell_households(event, booking)
    return event


@transaction.atomic
def expire(ticket: Ticket) -> TicketEvent:
    """Not every household answered in time: the place goes back, all are told. Done by the clock."""
    hold(ticket)
    asked = Booking.objects.select_for_update().filter(ticket=ticket, state=BookingState.ASKED).first()
    if asked is None or asked.answer_by > timezone.now():
        raise TicketMoved(ticket)
    end_booking(ticket, BookingState.CANCELLED)
    event = move(ticket, "expire", by=None, visit=(span_of(asked), None), **due_columns(ticket))
    tell_households(event, asked)
    return event


@transaction.atomic
def remind(ticket: Ticket) -> TicketEvent:
    """The evening before: once for each booking."""
    now = timezone.now()
    hold(ticket)
    rows = Booking.objects.filter(ticket=ticket, state=BookingState.BOOKED, starts_at__gt=now, reminded_at__isnull=True)
    booking = rows.first()
    if booking is None or not rows.filter(pk=booking.pk).update(reminded_at=now):
        raise TicketMoved(ticket)
    event = move(ticket, "remind", by=None, visit=(None, span_of(booking)))
    tell_households(event, booking)
    return event
