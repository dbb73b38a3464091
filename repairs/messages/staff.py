"""Telling the people who work: one row a person in the app, in the event's own transaction.

A verb that tells somebody on the staff has its sentence in `STAFF_SENTENCES`; the number and the headline of the
ticket go in front by themselves.
"""

from collections.abc import Callable, Iterable

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from estates.models import Organisation
from repairs.messages.residents import about
from repairs.models import Message, MessageChannel, Ticket, TicketEvent


def _reported(ticket: Ticket, event: TicketEvent) -> str:
    return _("A new report, %(urgency)s, at %(place)s.") % {
        "urgency": ticket.get_urgency_display(),
        "place": ticket.place.public,
    }


STAFF_SENTENCES: dict[str, Callable[[Ticket, TicketEvent], str]] = {
    "report": _reported,
}


def tell_staff(
    event: TicketEvent, ticket: Ticket, people: Iterable[User], organisation: Organisation | None = None
) -> list[Message]:
    """Write the messages of `event` for those `people`, each once and in their own language.

    `organisation` is the one that has to act: what rings there goes out too. Who did it is not told. Part of the
    caller's transaction, as the event is.
    """
    told = {person.pk: person for person in people if person.pk != event.by_id and person.is_active}
    messages = [_in_the_app(event, ticket, person) for person in told.values()]
    # The same event told twice, or to somebody who hears it as the reporter already, stays one row.
    return Message.objects.bulk_create(messages, ignore_conflicts=True)


def _in_the_app(event: TicketEvent, ticket: Ticket, person: User) -> Message:
    with translation.override(person.language):
        text = about(ticket, STAFF_SENTENCES[event.verb](ticket, event))
    return Message(
        event=event,
        ticket=ticket,
        channel=MessageChannel.APP,
        recipient=person,
        text=text,
        created_at=event.at,
        sent_at=event.at,
    )
