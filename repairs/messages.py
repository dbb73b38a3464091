"""Telling the resident: one row per person and channel in the event's own transaction, delivered by the worker."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from accounts.models import User
from accounts.sms import SmsFailed, send_sms
from repairs.models import Message, MessageChannel, Ticket, TicketEvent
from repairs.times import moment
from repairs.workflow import Channel


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


_SENTENCES: dict[str, Callable[[Ticket, TicketEvent], str]] = {
    "report": _reported,
    "acknowledge": _acknowledged,
    "assign": _assigned,
    "arrive": _arrived,
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


def tell_resident(event: TicketEvent, ticket: Ticket) -> list[Message]:
    """Write the messages of `event`, to be delivered by the worker."""
    messages = messages_of(event, ticket)
    if any(message.channel == MessageChannel.SMS for message in messages):
        # Named, not imported: the task module stands above this one. Deferred in the caller's transaction.
        app.configure_task("repairs.tasks.deliver_messages").defer()
    return Message.objects.bulk_create(messages)


def messages_of(event: TicketEvent, ticket: Ticket) -> list[Message]:
    """Who is told about `event`, not stored yet: in the app the reporter, by SMS a contact who proved or agreed.

    Nobody is told what they did themselves, except that their report arrived.
    """
    reporter = ticket.reporter
    if event.by_id == reporter.pk and event.verb != "report":
        return []
    told: dict[str, Any] = {"event": event, "ticket": ticket, "text": wording(event, ticket), "created_at": event.at}
    messages = [Message(channel=MessageChannel.APP, recipient=reporter, sent_at=event.at, **told)]
    if ticket.contact_phone and _reachable(ticket, reporter):
        sms = Message(channel=MessageChannel.SMS, phone=ticket.contact_phone, next_try_at=event.at, **told)
        messages.append(sms)
    return messages


def _reachable(ticket: Ticket, reporter: User) -> bool:
    # An unverified number typed by a stranger gets no messages: it may be anybody's.
    return ticket.phone_verified or (ticket.contact_agreed and ticket.channel != Channel.ONLINE)


MOST_TRIES = 20
_LONGEST_WAIT = timedelta(hours=1)


def _wait(tries: int) -> timedelta:
    """Half a minute, then twice as long each time, an hour at most."""
    return min(timedelta(seconds=15 * 2.0 ** min(tries, 12)), _LONGEST_WAIT)


def deliver_next() -> bool:
    """Send the oldest message that is still to go, if there is one; whether there was.

    The row is locked while the provider is asked, so that no two workers send it; a worker killed in
    between leaves it unsent, and the next one takes it.
    """
    with transaction.atomic():
        message = (
            Message.objects.unsent()
            .filter(tries__lt=MOST_TRIES, next_try_at__lte=timezone.now())
            .select_for_update(skip_locked=True)
            .order_by("next_try_at", "pk")
            .first()
        )
        if message is None:
            return False
        message.tries += 1
        try:
            send_sms(message.phone, message.text)
        except SmsFailed as failure:
            message.last_error = str(failure)[:200]
            message.next_try_at = timezone.now() + _wait(message.tries)
        else:
            message.sent_at, message.last_error = timezone.now(), ""
        message.save(update_fields=["tries", "last_error", "next_try_at", "sent_at"])
    return True
