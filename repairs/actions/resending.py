"""Sending again what could not be delivered."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from repairs.actions.moving import TicketMoved
from repairs.messages import ask_for_delivery
from repairs.models import Message, TicketEvent


@transaction.atomic
def resend(message: Message, *, by: User) -> TicketEvent:
    """Try a message that was given up once more, whatever the day's cap says; the staff's timeline keeps who wanted it.

    Raises `TicketMoved` when it isn't given up (any more): somebody else pressed first.
    """
    ticket = message.ticket
    if not Message.objects.of_desk(by).filter(pk=message.pk).exists():
        raise PermissionDenied
    now = timezone.now()
    again = {"gave_up_at": None, "gave_up_because": "", "tries": 0, "unheard": 0, "next_try_at": now, "last_error": ""}
    if not Message.objects.undelivered().filter(pk=message.pk).update(resent_at=now, resent_by=by, **again):
        raise TicketMoved(ticket)
    ask_for_delivery([message.channel])
    return TicketEvent.objects.create(ticket=ticket, verb="resend", by=by, at=now, internal=True)
