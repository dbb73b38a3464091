"""Telling the residents: one row per person and channel in the event's own transaction, delivered by the worker."""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from accounts.models import User
from estates.models import Residence
from repairs.messages.sentences import SENTENCES
from repairs.models import Audience, Booking, Message, MessageChannel, MessageChoice, MessageKind, Ticket, TicketEvent
from repairs.times import window
from repairs.wording import Wording
from repairs.workflow import Channel, Urgency


def wording(event: TicketEvent, ticket: Ticket, language: str = "") -> dict[str, str]:
    """What the reporter reads about `event`, in their language or another: `text`, and the `sentence` in it."""
    with translation.override(language or ticket.reporter.language):
        sentence = SENTENCES[event.verb](ticket, event)
        return {"text": about(ticket, sentence), "sentence": sentence}


def about(ticket: Ticket, sentence: str, headline: str = "") -> str:
    """`sentence` with the ticket it speaks of in front, in the active language."""
    words = {"number": ticket.number, "headline": headline or ticket.headline, "sentence": sentence}
    return _("%(number)s %(headline)s: %(sentence)s") % words


def ask_for_delivery(channels: Iterable[str]) -> None:
    """A job for the worker in the lane of each channel, deferred in the caller's transaction: one statement."""
    lanes: list[JSONDict] = [{"channel": channel} for channel in dict.fromkeys(channels)]
    if lanes:
        # Named, not imported: the task module stands above this one.
        app.configure_task("repairs.tasks.deliver_messages", queue="messages").batch_defer(*lanes)


def tell_resident(event: TicketEvent, ticket: Ticket) -> list[Message]:
    """Write the messages of `event`, to be delivered by the worker."""
    messages = messages_of(event, ticket)
    ask_for_delivery(message.channel for message in messages)
    return Message.objects.bulk_create(messages)


ASKED = Wording(
    "household.book",
    gettext_noop("For a repair in your stair your door has to be opened too: %(when)s. Can you? Please answer."),
)
ASKED_ANEW = Wording(
    "household.rebook",
    gettext_noop("The visit for a repair in your stair moves to %(when)s. Can you? Please answer."),
)
REMINDED = Wording("household.remind", gettext_noop("The worker comes %(when)s and your door has to be opened too."))
MISSED = Wording(
    "household.miss",
    gettext_noop("Nobody came at %(when)s. We are sorry; another time will be looked for."),
    also=("nobody_came",),
)
ANOTHER_TIME = Wording(
    "household.refuse",
    gettext_noop("The visit for a repair in your stair is off; another time will be looked for."),
    also=("expire", "nobody_home"),
)
# Given up, or the report itself taken back.
OFF = Wording(
    "household.unbook",
    gettext_noop("The visit for a repair in your stair is off; you need not be at home."),
    also=("acknowledge", "arrive", "set_urgency", "accept", "pass_outside", "cancel", "decline"),
)
_TO_HOUSEHOLDS = {
    verb: wording for wording in (ASKED, ASKED_ANEW, REMINDED, MISSED, ANOTHER_TIME) for verb in wording.verbs
}


def tell_households(event: TicketEvent, booking: Booking) -> list[Message]:
    """The other households of a booking, in the app: what, when, and nothing about who else lives there."""
    today = timezone.localdate()
    doors = booking.consents.values("dwelling")
    lives = Residence.objects.current(today).filter(dwelling__in=doors).exclude(person=event.by)
    people = User.objects.filter(Exists(lives.filter(person=OuterRef("pk"))), is_active=True)
    told = []
    # Whoever it was reported for has been told already.
    known = Message.objects.filter(event=event, recipient=OuterRef("pk"), channel=MessageChannel.APP)
    for person in people.exclude(Exists(known)).exclude(pk=event.ticket.reporter_id):
        with translation.override(person.language):
            text = to_household(event, window(booking.starts_at, booking.ends_at))
        told.append(in_the_app(event, event.ticket, person, Audience.HOUSEHOLD, text=text, sentence=text))
    ask_for_delivery(message.channel for message in told)
    return Message.objects.bulk_create(told)


def to_household(event: TicketEvent, when: str) -> str:
    """What another household reads about `event`, in the active language."""
    return _TO_HOUSEHOLDS.get(event.verb, OFF).say(when=when)


def in_the_app(event: TicketEvent, ticket: Ticket, person: User, audience: Audience, **words: str) -> Message:
    """One row a person, there at once; the worker spreads it over the other channels they chose."""
    return Message(
        event=event,
        ticket=ticket,
        channel=MessageChannel.APP,
        audience=audience,
        recipient=person,
        created_at=event.at,
        sent_at=event.at,
        next_try_at=event.at,
        **words,
    )


def messages_of(
    event: TicketEvent,
    ticket: Ticket,
    silent: Container[str] | None = None,
    contacts: Mapping[str, User] | None = None,
) -> list[Message]:
    """Who is told about `event`, not stored yet: in the app the reporter and whoever it was reported for, by SMS a
    contact who proved or agreed; each in their language.

    Nobody is told what they did themselves, except that their report arrived. `silent`: the phones whose owners
    switched this kind off, `contacts`: the accounts of those it was reported for, if they were read for many at once.
    """
    reporter, reachable = ticket.reporter, _reachable(ticket)
    contact = (contacts_of([ticket]) if contacts is None else contacts).get(ticket.contact_phone) if reachable else None
    messages = [
        in_the_app(event, ticket, person, Audience.RESIDENT, **wording(event, ticket, person.language))
        for person in (reporter, contact)
        if person and (event.verb == "report" or person.pk != event.by_id)
    ]
    # By nobody means by the clock: a reminder, a step up the ladder.
    own = event.verb != "report" and event.by_id in {person.pk for person in (reporter, contact) if person}
    if own and not (event.by_id == reporter.pk and _for_a_caller(ticket, reporter)):
        return messages
    if reachable and _by_sms(event, ticket, silent):
        told: dict[str, Any] = {"event": event, "ticket": ticket, "created_at": event.at, "next_try_at": event.at}
        words = wording(event, ticket, _spoken(ticket, contact))
        messages.append(Message(channel=MessageChannel.SMS, phone=ticket.contact_phone, **told, **words))
    return messages


def contacts_of(tickets: Iterable[Ticket]) -> dict[str, User]:
    """The accounts of those for whom somebody else reported `tickets`, by phone; no statement where there are none."""
    others = (each for each in tickets if _reachable(each) and each.contact_phone != each.reporter.phone)
    phones = {each.contact_phone for each in others}
    found = User.objects.filter(phone__in=phones, is_active=True) if phones else ()
    return {str(person.phone): person for person in found}


def _spoken(ticket: Ticket, contact: User | None) -> str:
    """The language of whoever reads the contact's phone: their own where they told us, not that of a clerk."""
    if contact is None and _for_a_caller(ticket, ticket.reporter):
        return settings.LANGUAGE_CODE
    return (contact or ticket.reporter).language


def _for_a_caller(ticket: Ticket, reporter: User) -> bool:
    """Whether a clerk wrote the report down for somebody else, who hears what that clerk does too."""
    return ticket.channel in {Channel.PHONE, Channel.WALK_IN} and reporter.phone != ticket.contact_phone


def _reachable(ticket: Ticket) -> bool:
    # An unverified number typed by a stranger gets no messages: it may be anybody's.
    agreed = ticket.phone_verified or (ticket.contact_agreed and ticket.channel != Channel.ONLINE)
    return bool(ticket.contact_phone) and agreed


_REMINDERS = frozenset({"remind", "set_out"})
_QUESTIONS = frozenset({"finish", "comment", "unbook", "refuse", "expire", "miss", "nobody_home"})


_ORDERS = frozenset(
    {"order", "answer_order", "order_goes_up", "offer", "accept", "turn_down", "withdraw_offer", "pass_outside"}
)


def kind_of(verb: str, audience: str = Audience.RESIDENT) -> MessageKind:
    """What a message about that step is for."""
    if audience == Audience.STAFF and verb in {"climb", "answer_climb"}:
        return MessageKind.LATE
    if audience == Audience.STAFF:
        return MessageKind.ORDER if verb in _ORDERS else MessageKind.JOB
    if verb in _REMINDERS:
        return MessageKind.REMINDER
    return MessageKind.QUESTION if verb in _QUESTIONS else MessageKind.PROGRESS


def silent_phones(phones: Iterable[str], kind: MessageKind) -> set[str]:
    """Those of `phones` whose owners want no text message of that kind."""
    off = MessageChoice.objects.filter(person__phone__in=set(phones), kind=kind, sms=False)
    return {phone for phone in off.values_list("person__phone", flat=True) if phone}


def _by_sms(event: TicketEvent, ticket: Ticket, silent: Container[str] | None) -> bool:
    """Danger always; else what `settings.SMS_KINDS` pays for and the owner of the phone did not switch off."""
    kind = kind_of(event.verb)
    if ticket.urgency == Urgency.DANGER:
        return True
    if kind not in settings.SMS_KINDS or event.verb == "report":
        return kind in settings.SMS_KINDS  # the receipt with the number always comes where the house pays for it
    phone = ticket.contact_phone
    return phone not in (silent_phones([phone], kind) if silent is None else silent)
