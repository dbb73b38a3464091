"""Messages as lists show them: those of one person with the page each is about, and what could not be delivered."""

from collections.abc import Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.masks import mask_phone
from accounts.models import User
from repairs.models import BookingConsent, GaveUp, Message
from repairs.times import lately


class MessageRow(NamedTuple):
    """One message; `address` is empty when there is no page for its reader any more."""

    address: str
    title: str
    text: str
    when: str
    new: bool


def message_rows(messages: Sequence[Message], reader: User) -> list[MessageRow]:
    """`messages` (with their tickets) as rows; a household that is only asked finds the visit, never the ticket."""
    foreign = [message.ticket_id for message in messages if not message.ticket.is_party(reader)]
    asked = BookingConsent.objects.visible_to(reader).filter(booking__ticket__in=foreign).order_by("pk")
    visits = dict(asked.values_list("booking__ticket", "pk"))
    return [_row(message, reader, visits) for message in messages]


def _row(message: Message, reader: User, visits: dict[int, int]) -> MessageRow:
    if message.ticket.is_party(reader):
        title, address = message.ticket.number, reverse("repairs:ticket", args=[message.ticket_id])
    else:
        visit = visits.get(message.ticket_id)
        title, address = _("A repair in your stair"), reverse("repairs:visit", args=[visit]) if visit else ""
    return MessageRow(address, title, message.text, lately(message.created_at), message.read_at is None)


class UndeliveredRow(NamedTuple):
    """One text message nobody tries any more, the number masked."""

    pk: int
    address: str
    number: str
    phone: str
    text: str
    why: str
    when: str


def undelivered_rows(messages: Sequence[Message]) -> list[UndeliveredRow]:
    """`messages` (given up, with their tickets) as rows."""
    return [
        UndeliveredRow(
            pk=message.pk,
            address=reverse("repairs:desk_ticket", args=[message.ticket_id]),
            number=message.ticket.number,
            phone=mask_phone(message.phone),
            text=message.text,
            why=str(GaveUp(message.gave_up_because).label),
            when=lately(message.gave_up_at) if message.gave_up_at else "",
        )
        for message in messages
    ]
