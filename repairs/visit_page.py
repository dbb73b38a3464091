"""What a resident sees of a visit: the agreed time, or the times that can be had, day by day."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from estates.models import Dwelling
from repairs.forms.visits import BookForm, CancelVisitForm, DaysForm, MoveForm, TimeForm
from repairs.models import Booking, BookingConsent, BookingState, ConsentAnswer, Ticket, VisitWish
from repairs.models.visit import LIVE
from repairs.slots import AHEAD_DAYS, OFFERED_DAYS, Slot, free_slots, next_slots
from repairs.times import day, hours, lately, stretch
from repairs.workflow import BEFORE_VISIT, Urgency

# After these a new time has to be found, and the resident should not have to look for it.
FAILED = frozenset({BookingState.NOBODY_CAME, BookingState.NOBODY_HOME})


class Choice(NamedTuple):
    """One time as a row or a button: what the form sends, and its words."""

    key: str
    words: str


class Day(NamedTuple):
    """The times of one day under its heading."""

    heading: str
    times: list[Choice]


class Visit(NamedTuple):
    """An agreed time as the ticket's page shows it."""

    pk: int
    when: str
    sentence: str
    booked: bool
    over: bool


def is_offered(ticket: Ticket) -> bool:
    """Whether its resident chooses the time: a repair at home, or in a flat; in danger somebody comes at once."""
    return ticket.at_home and ticket.urgency != Urgency.DANGER and ticket.state in BEFORE_VISIT


def last_booking(ticket: Ticket) -> Booking | None:
    """The one that stands, else what became of the last one; one query."""
    return Booking.objects.filter(ticket=ticket).order_by("-pk").first()


def live(booking: Booking | None) -> Booking | None:
    """`booking` if it still binds anybody."""
    return booking if booking is not None and booking.state in LIVE else None


def door(dwelling: Dwelling) -> str:
    """A household as its neighbours may read it: building and floor, never the flat."""
    building = dwelling.entrance.building.label
    if dwelling.floor is None:
        return building
    return _("%(building)s floor %(floor)d") % {"building": building, "floor": dwelling.floor}


def waited_for(booking: Booking) -> str:
    """The households that have not agreed yet; one query."""
    missing = booking.consents.exclude(answer=ConsentAnswer.AGREED).select_related("dwelling__entrance__building")
    return _(", ").join(sorted({door(consent.dwelling) for consent in missing}))


def visit_of(booking: Booking) -> Visit:
    """The agreed time in words."""
    sentence = ""
    if booking.state == BookingState.ASKED:
        sentence = _("Kept for you until %(by)s. It stands as soon as %(doors)s has agreed.") % {
            "by": lately(booking.answer_by),
            "doors": waited_for(booking),
        }
    elif booking.is_over:
        sentence = _("That time is over. Did nobody come? Tell us and choose the next time.")
    elif booking.set_out_at:
        sentence = _("The worker is on the way.")
    return Visit(
        pk=booking.pk,
        when=stretch(booking.starts_at, booking.ends_at),
        sentence=sentence,
        booked=booking.state == BookingState.BOOKED,
        over=booking.is_over,
    )


def visit_parts(ticket: Ticket, last: Booking | None) -> dict[str, object]:
    """The part of the ticket's page about the visit; `last` is its newest booking."""
    now = live(last)
    offered = is_offered(ticket)
    failed = offered and now is None and last is not None and last.state in FAILED
    return {
        "visit": visit_of(now) if now else None,
        "offered": offered,
        "failed": last.state if failed and last else "",
        "instead": choices(next_slots(ticket)) if failed else [],
        "wish": VisitWish(ticket.visit_wish).label if ticket.visit_wish and now is None and offered else "",
    }


def choices(slots: Iterable[Slot]) -> list[Choice]:
    """Times as buttons, each with its day."""
    return [Choice(slot.key, stretch(slot.starts_at, slot.ends_at)) for slot in slots]


def by_day(slots: Iterable[Slot]) -> list[Day]:
    """Times under the heading of their day."""
    days = groupby(slots, key=lambda slot: timezone.localtime(slot.starts_at).date())
    return [_day(list(of_day)) for _date, of_day in days]


def _day(slots: list[Slot]) -> Day:
    times = [Choice(slot.key, hours(slot.starts_at, slot.ends_at)) for slot in slots]
    return Day(day(slots[0].starts_at), times)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), timezone.get_current_timezone())


def choosing(ticket: Ticket, since: date | None = None, most: int | None = None) -> dict[str, object]:
    """The times of a week from `since` (of `most` days), the links to the weeks before and after; two queries."""
    today = timezone.localdate()
    first = min(max(since or today, today), today + timedelta(days=AHEAD_DAYS))
    week = timedelta(days=OFFERED_DAYS)
    slots = free_slots(ticket, since=_midnight(first))
    last = today + timedelta(days=AHEAD_DAYS)
    return {
        "days": by_day(slots)[:most],
        "any": bool(slots) or bool(next_slots(ticket, 1)),
        "later": (first + week).isoformat() if first + week < last else "",
        "earlier": max(first - week, today).isoformat() if first > today else "",
        "wishes": VisitWish.choices,
    }


def visit_page(
    ticket: Ticket,
    booking: Booking | None,
    *,
    form: TimeForm | None = None,
    cancel: CancelVisitForm | None = None,
    asked: DaysForm | None = None,
    instead: Iterable[Slot] = (),
) -> dict[str, object]:
    """The context of `repairs/ticket_visit.html`: choose a time, or move the one there is."""
    if form is None:
        form = MoveForm(ticket=ticket, initial={"seen": booking.pk}) if booking else BookForm(ticket=ticket)
    seen = {"seen": booking.pk} if booking else {}
    return {
        "ticket": ticket,
        "visit": visit_of(booking) if booking else None,
        "several": booking is not None and booking.consents.exists(),
        "form": form,
        "cancel": cancel or CancelVisitForm(initial=seen),
        "instead": choices(instead),
        **choosing(ticket, asked.wanted() if asked else None),
    }


class Door(NamedTuple):
    """A visit as a household sees it whose door has to be opened: what and when, and nothing about who lives there."""

    pk: int
    what: str
    where: str
    when: str
    state: str
    answer_by: str
    phone: str
    organisation: str
    takes_back: bool


def doors(consents: Iterable[BookingConsent]) -> list[Door]:
    """`consents` (read with `for_page()`) as their households see them."""
    return [
        Door(
            pk=consent.pk,
            what=consent.booking.ticket.repair_type.name,
            where=_where(consent.booking.ticket),
            when=stretch(consent.booking.starts_at, consent.booking.ends_at),
            state=_stands(consent),
            answer_by=lately(consent.booking.answer_by),
            phone=consent.booking.ticket.organisation.phone,
            organisation=consent.booking.ticket.organisation.name,
            takes_back=consent.may_be_taken_back,
        )
        for consent in consents
    ]


def _stands(consent: BookingConsent) -> str:
    """What is to be said to the household: "open" (please answer), "agreed", "refused" or "off"."""
    if consent.answer == ConsentAnswer.REFUSED:
        return "refused"
    if consent.booking.state not in LIVE or consent.booking.is_over:
        return "off"
    return "agreed" if consent.answer == ConsentAnswer.AGREED else "open"


def _where(ticket: Ticket) -> str:
    if ticket.dwelling is not None:
        return door(ticket.dwelling)
    return " ".join(str(part) for part in (ticket.building, ticket.entrance) if part is not None)
