"""Messages as lists show them: those of one person with the page each is about, and what could not be delivered."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.masks import mask_email, mask_phone
from accounts.models import User
from repairs.models import Audience, BookingConsent, GaveUp, Handover, Message, MessageChannel, Ticket
from repairs.timeline import TITLES
from repairs.times import lately


class MessageRow(NamedTuple):
    """One message; `address` is empty when there is no page for its reader any more."""

    address: str
    title: str
    text: str
    when: str
    new: bool
    # By which other channels it went, in words.
    also: str


def message_rows(messages: Sequence[Message], reader: User) -> list[MessageRow]:
    """`messages` (with their tickets) as rows; a household that is only asked finds the visit, never the ticket."""
    foreign = [message for message in messages if not message.ticket.is_party(reader)]
    at_work = [message.ticket_id for message in foreign if message.audience == Audience.STAFF]
    asked = BookingConsent.objects.visible_to(reader).filter(booking__ticket__in=[each.ticket_id for each in foreign])
    visits = dict(asked.order_by("pk").values_list("booking__ticket", "pk"))
    pages = _pages(at_work, reader) if at_work else {}
    also = _also_sent(messages, reader)
    return [_row(each, reader, visits, pages, also.get(each.event_id, [])) for each in messages]


def _also_sent(messages: Sequence[Message], reader: User) -> dict[int, list[str]]:
    """By which other channels the same was sent to `reader`, by event; one statement."""
    own = Q(recipient=reader) | (Q(phone=reader.phone) if reader.phone else Q(pk=None))
    sent = Message.objects.filter(own, event__in=[each.event_id for each in messages], sent_at__isnull=False)
    found: dict[int, list[str]] = {}
    for event, channel in sent.exclude(channel=MessageChannel.APP).order_by("channel").values_list("event", "channel"):
        word = str(MessageChannel(channel).label)
        if word not in found.setdefault(event, []):
            found[event].append(word)
    return found


def _pages(tickets: list[int], reader: User, name: str = "repairs:ticket") -> dict[int, str]:
    """Where the staff reads about each of `tickets`: the ticket itself, or the offer to or by their organisation."""
    seen = Ticket.objects.visible_to(reader).filter(pk__in=tickets).values_list("pk", flat=True)
    return offer_pages(tickets, reader) | {ticket: reverse(name, args=[ticket]) for ticket in seen}


def offer_pages(tickets: Collection[int], reader: User) -> dict[int, str]:
    """The last offer of each of `tickets` to or by an organisation of `reader`; one statement."""
    offers = Handover.objects.visible_to(reader).filter(ticket__in=tickets).order_by("pk")
    return {ticket: reverse("repairs:handover", args=[pk]) for ticket, pk in offers.values_list("ticket", "pk")}


def _row(message: Message, reader: User, visits: dict[int, int], pages: dict[int, str], also: list[str]) -> MessageRow:
    if message.ticket.is_party(reader):
        title, address = message.ticket.number, reverse("repairs:ticket", args=[message.ticket_id])
    elif message.audience == Audience.STAFF:
        title, address = message.ticket.number, pages.get(message.ticket_id, "")
    else:
        visit = visits.get(message.ticket_id)
        title, address = _("A repair in your stair"), reverse("repairs:visit", args=[visit]) if visit else ""
    new, words = message.read_at is None, pgettext("list", ", ").join(also)
    # Where the number stands above it, the text need not begin with it.
    text = message.text.removeprefix(f"{title} ")
    return MessageRow(address, title, text, lately(message.created_at), new, words)


class UndeliveredRow(NamedTuple):
    """One message nobody tries any more, its address masked."""

    pk: int
    address: str
    number: str
    channel: str
    to: str
    text: str
    why: str
    when: str


def undelivered_rows(messages: Sequence[Message], reader: User) -> list[UndeliveredRow]:
    """`messages` (given up, with tickets, recipients and robots) as rows; without an address where the ticket has gone
    to somebody else."""
    pages = _pages([each.ticket_id for each in messages], reader, "repairs:desk_ticket")
    return [
        UndeliveredRow(
            pk=message.pk,
            address=pages.get(message.ticket_id, ""),
            number=message.ticket.number,
            channel=message.get_channel_display(),
            to=masked_address(message),
            text=message.text,
            why=str(GaveUp(message.gave_up_because).label),
            when=lately(message.gave_up_at) if message.gave_up_at else "",
        )
        for message in messages
    ]


def masked_address(message: Message) -> str:
    """Where it goes, as far as the desk may read it."""
    if message.phone:
        return mask_phone(message.phone)
    if message.email:
        return mask_email(message.email)
    if message.channel == MessageChannel.ROBOT:
        return message.robot.name if message.robot else "–"
    # A colleague is known by name; whoever lives there is not.
    return str(message.recipient) if message.recipient else "–"


class DeliveryRow(NamedTuple):
    """One message about a ticket as the desk sees it: by what, to whom, about what, and how far it is."""

    channel: str
    to: str
    about: str
    tone: str
    state: str


_SHOWN = 60


def delivery_rows(ticket: Ticket) -> list[DeliveryRow]:
    """What was told to whom about `ticket`, newest first; one statement."""
    told = Message.objects.filter(ticket=ticket).select_related("event", "recipient", "robot").order_by("-pk")
    now = timezone.now()
    return [
        DeliveryRow(
            message.get_channel_display(),
            masked_address(message),
            str(TITLES.get(message.event.verb, "")),
            *_delivery_state(message, now),
        )
        for message in told[:_SHOWN]
    ]


def _delivery_state(message: Message, now: datetime) -> tuple[str, str]:
    """How far it is, as a tone and in words."""
    if message.gave_up_at is not None:
        return "rose", str(GaveUp(message.gave_up_because).label)
    if message.channel == MessageChannel.APP:
        return (
            ("jade", _("read %(when)s") % {"when": lately(message.read_at)})
            if message.read_at
            else ("grey", _("there, not read yet"))
        )
    if message.sent_at is not None:
        return "jade", _("sent %(when)s") % {"when": lately(message.sent_at)}
    if message.next_try_at is not None and message.next_try_at > now:
        when = {"when": lately(message.next_try_at)}
        waits = _("not taken yet, tried again %(when)s") if message.tries else _("waits for the morning, %(when)s")
        return "amber", waits % when
    return "grey", _("on its way")
