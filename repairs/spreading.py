"""From the row in the app to the other channels its reader chose, by the worker and in one transaction.

The row in the app is written with the event; which other rows follow from it is decided here, so that filing a report
asks nobody's choices. Whoever dies in between leaves the row as it was.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from repairs.carriers.push import push_is_on
from repairs.messages import ask_for_delivery, kind_of, to_the_desk
from repairs.models import Audience, Mailbox, Message, MessageChannel, MessageChoice, PushDevice
from repairs.workflow import Urgency

_AT_ONCE = 100


@transaction.atomic(durable=True)
def spread_some() -> int:
    """Spread the messages that waited longest; how many."""
    now = timezone.now()
    turn = Message.objects.to_spread(now).select_related("event", "ticket", "recipient")
    told = list(
        turn.order_by("next_try_at", "pk").select_for_update(skip_locked=True, no_key=True, of=("self",))[:_AT_ONCE]
    )
    if not told:
        return 0
    Message.objects.filter(pk__in=[each.pk for each in told]).update(next_try_at=None)
    rows = list(_rows(told))
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    ask_for_delivery(row.channel for row in rows)
    return len(told)


def _rows(told: Sequence[Message]) -> Iterable[Message]:
    people = {each.recipient_id for each in told}
    chosen = {(each.person_id, each.kind): each for each in MessageChoice.objects.filter(person__in=people)}
    mailboxes = dict(
        Mailbox.objects.filter(person__in=people, confirmed_at__isnull=False).values_list("person", "address")
    )
    devices: dict[int, list[PushDevice]] = {}
    for device in PushDevice.objects.filter(person__in=people) if push_is_on() else ():
        devices.setdefault(device.person_id, []).append(device)
    for each in told:
        person, kind = each.recipient, kind_of(each.event.verb, each.audience)
        if person is None:
            continue
        danger = each.ticket.urgency == Urgency.DANGER
        choice = chosen.get((person.pk, kind)) or MessageChoice(person=person, kind=kind, sms=True)
        if person.pk in mailboxes and (choice.email or danger):
            yield _copy(each, MessageChannel.EMAIL, recipient=person, email=mailboxes[person.pk])
        if choice.push or danger:
            for device in devices.get(person.pk, ()):
                yield _copy(each, MessageChannel.PUSH, recipient=person, device=device)
        # A resident's text message is written with the event: its phone need not be the reporter's.
        paid = danger or (kind in settings.SMS_KINDS and choice.sms)
        if each.audience == Audience.STAFF and person.phone and paid:
            yield _copy(each, MessageChannel.SMS, recipient=person, phone=person.phone)
        if each.event.verb == "report" and each.audience == Audience.RESIDENT:
            yield from to_the_desk(each.event, each.ticket)


def _copy(told: Message, channel: MessageChannel, **address: Any) -> Message:
    return Message(
        event=told.event,
        ticket=told.ticket,
        channel=channel,
        audience=told.audience,
        text=told.text,
        sentence=told.sentence,
        created_at=told.created_at,
        next_try_at=told.created_at,
        **address,
    )
