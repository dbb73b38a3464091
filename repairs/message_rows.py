"""The messages of one person as a list shows them, each with the page it is about."""

from collections.abc import Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from repairs.models import BookingConsent, Message
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
