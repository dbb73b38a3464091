"""Telling the residents: one row per person and channel in the event's own transaction, delivered by the worker."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from django.utils.functional import Promise as StrPromise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from accounts.models import User
from estates.models import Residence
from repairs.messages.sentences import SENTENCES
from repairs.models import Booking, Message, MessageChannel, MessageChoice, MessageKind, Ticket, TicketEvent
from repairs.times import window
from repairs.workflow import Channel, Urgency


def wording(event: TicketEvent, ticket: Ticket) -> str:
    """What the reporter reads about `event`, in their language."""
    with translation.override(ticket.reporter.language):
        return about(ticket, SENTENCES[event.verb](ticket, event))


def about(ticket: Ticket, sentence: str) -> str:
    """`sentence` with the ticket it speaks of in front, in the active language."""
    words = {"number": ticket.number, "headline": ticket.headline, "sentence": sentence}
    return _("%(number)s %(headline)s: %(sentence)s") % words


def ask_for_delivery() -> None:
    """A job for the worker, deferred in the caller's transaction."""
    # Named, not imported: the task module stands above this one.
    app.configure_task("repairs.tasks.deliver_messages", queue="messages").defer()


def tell_resident(event: TicketEvent, ticket: Ticket) -> list[Message]:
    """Write the messages of `event`, to be delivered by the worker."""
    messages = messages_of(event, ticket)
    if any(message.channel == MessageChannel.SMS for message in messages):
        ask_for_delivery()
    return Message.objects.bulk_create(messages)


# Given up, or the report itself taken back.
_OFF = gettext_lazy("The visit for a repair in your stair is off; you need not be at home.")
_TO_HOUSEHOLDS: dict[str, StrPromise] = {
    "book": gettext_lazy(
        "For a repair in your stair your door has to be opened too: %(when)s. Can you? Please answer."
    ),
    "rebook": gettext_lazy("The visit for a repair in your stair moves to %(when)s. Can you? Please answer."),
    "refuse": gettext_lazy("The visit for a repair in your stair is off; another time will be looked for."),
    "expire": gettext_lazy("The visit for a repair in your stair is off; another time will be looked for."),
    "nobody_came": gettext_lazy("Nobody came at %(when)s. We are sorry; another time will be looked for."),
    "miss": gettext_lazy("Nobody came at %(when)s. We are sorry; another time will be looked for."),
    "nobody_home": gettext_lazy("The visit for a repair in your stair is off; another time will be looked for."),
    "remind": gettext_lazy("The worker comes %(when)s and your door has to be opened too."),
}


def tell_households(event: TicketEvent, booking: Booking) -> list[Message]:
    """The other households of a booking, in the app: what, when, and nothing about who else lives there."""
    today = timezone.localdate()
    doors = booking.consents.values("dwelling")
    lives = Residence.objects.current(today).filter(dwelling__in=doors).exclude(person=event.by)
    people = User.objects.filter(Exists(lives.filter(person=OuterRef("pk"))), is_active=True)
    told = []
    for person in people.exclude(pk=event.ticket.reporter_id):
        with translation.override(person.language):
            when = window(booking.starts_at, booking.ends_at)
            text = str(_TO_HOUSEHOLDS.get(event.verb, _OFF)) % {"when": when}
        told.append(
            Message(
                event=event,
                ticket=event.ticket,
                channel=MessageChannel.APP,
                recipient=person,
                text=text,
                created_at=event.at,
                sent_at=event.at,
            )
        )
    return Message.objects.bulk_create(told)


def messages_of(event: TicketEvent, ticket: Ticket) -> list[Message]:
    """Who is told about `event`, not stored yet: in the app the reporter, by SMS a contact who proved or agreed.

    Nobody is told what they did themselves, except that their report arrived.
    """
    reporter = ticket.reporter
    own = event.by_id == reporter.pk and event.verb != "report"
    if own and not _for_a_caller(ticket, reporter):
        return []
    told: dict[str, Any] = {"event": event, "ticket": ticket, "text": wording(event, ticket), "created_at": event.at}
    messages = [] if own else [Message(channel=MessageChannel.APP, recipient=reporter, sent_at=event.at, **told)]
    if ticket.contact_phone and _reachable(ticket, reporter) and _by_sms(event, ticket):
        sms = Message(channel=MessageChannel.SMS, phone=ticket.contact_phone, next_try_at=event.at, **told)
        messages.append(sms)
    return messages


def _for_a_caller(ticket: Ticket, reporter: User) -> bool:
    """Whether a clerk wrote the report down for somebody else, who hears what that clerk does too."""
    return ticket.channel in {Channel.PHONE, Channel.WALK_IN} and reporter.phone != ticket.contact_phone


def _reachable(ticket: Ticket, reporter: User) -> bool:
    # An unverified number typed by a stranger gets no messages: it may be anybody's.
    return ticket.phone_verified or (ticket.contact_agreed and ticket.channel != Channel.ONLINE)


_REMINDERS = frozenset({"remind", "set_out"})
_QUESTIONS = frozenset({"finish", "comment", "unbook", "refuse", "expire", "miss", "nobody_home"})


def kind_of(verb: str) -> MessageKind:
    """What a message about that step is for."""
    if verb in _REMINDERS:
        return MessageKind.REMINDER
    return MessageKind.QUESTION if verb in _QUESTIONS else MessageKind.PROGRESS


def _by_sms(event: TicketEvent, ticket: Ticket) -> bool:
    """Danger always; else what `settings.SMS_KINDS` pays for and the owner of the phone did not switch off."""
    kind = kind_of(event.verb)
    if ticket.urgency == Urgency.DANGER:
        return True
    off = MessageChoice.objects.filter(person__phone=ticket.contact_phone, kind=kind, sms=False)
    return kind in settings.SMS_KINDS and not off.exists()
