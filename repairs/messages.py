"""Telling the resident: one row per person and channel in the event's own transaction, delivered by the worker."""

from collections.abc import Callable
from datetime import datetime
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
from repairs.models import (
    Booking,
    BookingState,
    Message,
    MessageChannel,
    MessageChoice,
    MessageKind,
    PauseReason,
    Ticket,
    TicketEvent,
)
from repairs.times import moment, pause_words, visit_words, window
from repairs.workflow import Channel, Urgency


def _reported(ticket: Ticket, event: TicketEvent) -> str:
    return _("We have your report. %(organisation)s will take it up by %(by)s.") % {
        "organisation": ticket.organisation.name,
        "by": moment(ticket.acknowledge_by),
    }


def _acknowledged(ticket: Ticket, event: TicketEvent) -> str:
    return _("%(organisation)s has taken up your report and promises to repair it by %(by)s.") % {
        "organisation": ticket.organisation.name,
        "by": moment(ticket.restore_by),
    }


def _assigned(ticket: Ticket, event: TicketEvent) -> str:
    return _("%(worker)s will come to repair it.") % {
        "worker": ticket.assignee.display_name if ticket.assignee else ticket.organisation.name
    }


def _arrived(ticket: Ticket, event: TicketEvent) -> str:
    return _("The worker has arrived.")


def _finished(ticket: Ticket, event: TicketEvent) -> str:
    return _("The worker says it is repaired. Please look whether it is really fixed and tell us.")


def _declined(ticket: Ticket, event: TicketEvent) -> str:
    return _("Your report can't be accepted: %(reason)s Questions? Call %(phone)s.") % {
        "reason": event.note,
        "phone": ticket.organisation.phone,
    }


def _commented(ticket: Ticket, event: TicketEvent) -> str:
    return _("%(organisation)s writes: %(words)s") % {"organisation": ticket.organisation.name, "words": event.note}


def _lapsed(ticket: Ticket, event: TicketEvent) -> str:
    return _("Closed after seven days without an answer. Not fixed? Open the ticket and say so; no new form is needed.")


def _agreed(event: TicketEvent) -> str:
    return visit_words(event.changes["visit"][1])


def _booked(ticket: Ticket, event: TicketEvent) -> str:
    if ticket.bookings.filter(state=BookingState.ASKED).exists():
        return _("%(when)s is kept for the visit. It stands as soon as everybody has agreed.") % {
            "when": _agreed(event)
        }
    if not ticket.at_home:
        return _without_you(ticket, event)
    return _("The visit is agreed: %(when)s. Please be at home. You can move or cancel it on the ticket's page.") % {
        "when": _agreed(event)
    }


def _without_you(ticket: Ticket, event: TicketEvent) -> str:
    return _("The worker comes %(when)s. You need not be there.") % {"when": _agreed(event)}


def _planned_anew(ticket: Ticket, event: TicketEvent) -> str:
    return _("The visit at %(when)s did not take place. %(organisation)s plans another one: %(phone)s.") % {
        "when": visit_words(event.changes["visit"][0]),
        "organisation": ticket.organisation.name,
        "phone": ticket.organisation.phone,
    }


def _unbooked(ticket: Ticket, event: TicketEvent) -> str:
    if not ticket.at_home:
        return _planned_anew(ticket, event)
    return _("The visit at %(when)s is off. Please choose another time, or call %(phone)s.") % {
        "when": visit_words(event.changes["visit"][0]),
        "phone": ticket.organisation.phone,
    }


def _all_agreed(ticket: Ticket, event: TicketEvent) -> str:
    if ticket.bookings.filter(state=BookingState.ASKED).exists():
        return _("One more household agrees to %(when)s. We wait for the others.") % {"when": _agreed(event)}
    return _("Everybody has agreed: the worker comes %(when)s.") % {"when": _agreed(event)}


def _refused(ticket: Ticket, event: TicketEvent) -> str:
    return _("A household that has to open its door can't at %(when)s. Please choose another time.") % {
        "when": visit_words(event.changes["visit"][0])
    }


def _expired(ticket: Ticket, event: TicketEvent) -> str:
    return _(
        "Not everybody who has to open a door answered in time; the visit at %(when)s is off. Please choose another"
        " time, or call %(phone)s."
    ) % {"when": visit_words(event.changes["visit"][0]), "phone": ticket.organisation.phone}


def _reminded(ticket: Ticket, event: TicketEvent) -> str:
    if not ticket.at_home:
        return _without_you(ticket, event)
    return _("The worker comes %(when)s. Can't be there? Move it now on the ticket's page.") % {"when": _agreed(event)}


def _set_out(ticket: Ticket, event: TicketEvent) -> str:
    return _("%(worker)s has set out and will be with you soon.") % {
        "worker": ticket.assignee.display_name if ticket.assignee else ticket.organisation.name
    }


def _missed(ticket: Ticket, event: TicketEvent) -> str:
    if not ticket.at_home:
        return _planned_anew(ticket, event)
    return _(
        "Nobody came at the agreed time. We are sorry. Please tap one of the next free times; or call %(phone)s."
    ) % {"phone": ticket.organisation.phone}


def _nobody_home(ticket: Ticket, event: TicketEvent) -> str:
    return _("The worker was at your door and nobody was home. Please choose a new time.")


def _pause_words(event: TicketEvent) -> str:
    kept = event.changes["pause"]
    return pause_words(str(PauseReason(kept["reason"]).label), datetime.fromisoformat(kept["until"]))


def _paused(ticket: Ticket, event: TicketEvent) -> str:
    return _("Paused: %(pause)s. Now promised to be repaired by %(by)s.") % {
        "pause": _pause_words(event),
        "by": moment(ticket.restore_by),
    }


def _renewed(ticket: Ticket, event: TicketEvent) -> str:
    return _("Paused for longer: %(pause)s. Now promised to be repaired by %(by)s.") % {
        "pause": _pause_words(event),
        "by": moment(ticket.restore_by),
    }


def _goes_on(ticket: Ticket, event: TicketEvent) -> str:
    return _("The pause is over, work goes on. Promised to be repaired by %(by)s.") % {"by": moment(ticket.restore_by)}


def _handed_back(ticket: Ticket, event: TicketEvent) -> str:
    return _("Another worker will come. %(organisation)s chooses one now.") % {"organisation": ticket.organisation.name}


_SENTENCES: dict[str, Callable[[Ticket, TicketEvent], str]] = {
    "report": _reported,
    "acknowledge": _acknowledged,
    "assign": _assigned,
    "take": _assigned,
    "rotate": _assigned,
    "hand_back": _handed_back,
    "book": _booked,
    "rebook": _booked,
    "unbook": _unbooked,
    "agree": _all_agreed,
    "refuse": _refused,
    "expire": _expired,
    "remind": _reminded,
    "set_out": _set_out,
    "miss": _missed,
    "nobody_home": _nobody_home,
    "arrive": _arrived,
    "pause": _paused,
    "renew": _renewed,
    "resume": _goes_on,
    "pause_ends": _goes_on,
    "finish": _finished,
    "decline": _declined,
    "comment": _commented,
    "lapse": _lapsed,
}


def wording(event: TicketEvent, ticket: Ticket) -> str:
    """What the reporter reads about `event`, in their language."""
    with translation.override(ticket.reporter.language):
        sentence = _SENTENCES[event.verb](ticket, event)
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
    if event.verb == "report":
        return kind in settings.SMS_KINDS  # the receipt with the number always comes
    off = MessageChoice.objects.filter(person__phone=ticket.contact_phone, kind=kind, sms=False)
    return kind in settings.SMS_KINDS and not off.exists()
