"""How one message is handed to whoever carries it: one module a channel.

Nothing here knows of tries or claims, and nothing asks the database: a carrier works in a thread of its own.
"""

from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from accounts.carrying import in_time
from accounts.sms import can_be_asked, send_sms, was_sent
from repairs.models import Message, MessageChannel

from .call import ring
from .mail import mail
from .push import notify
from .robot import speak

_BY_CHANNEL: dict[MessageChannel, Callable[[Message], None]] = {
    MessageChannel.EMAIL: mail,
    MessageChannel.PUSH: notify,
    MessageChannel.ROBOT: speak,
    MessageChannel.CALL: ring,
}
CARRIED = (MessageChannel.SMS, *_BY_CHANNEL)


def key_of(message: Message) -> str:
    """The name of a message at its carrier: the same at every try."""
    return f"message-{message.pk}"


def arrived(message: Message) -> bool:
    """Whether its carrier says that it was given `message` already; of most nobody can say."""
    if message.channel != MessageChannel.SMS:
        return False
    # Nobody could give it before it was written; the staff may send it again weeks after.
    return was_sent(message.phone, key_of(message), timezone.localdate(message.created_at))


# At these somebody can tell a repetition apart: a letter by its number, a notification by its tag.
_REPEATABLE = frozenset({MessageChannel.EMAIL, MessageChannel.PUSH})


def repeats_show(message: Message) -> bool:
    """Whether its reader gets it twice when it is tried again after nobody heard how a try ended."""
    return message.channel not in _REPEATABLE and not (message.channel == MessageChannel.SMS and can_be_asked())


def carry(message: Message, late: Callable[[], object] | None = None) -> None:
    """Hand `message` over; raises `CarrierFailed`, or `CarrierSilent` when nothing is heard in time.

    `late` is called, from a thread of its own, when the carrier says only afterwards that it took it.
    """
    channel = MessageChannel(message.channel)
    if channel is MessageChannel.SMS:
        # Keeps its own time: codes for signing in go the same way.
        send_sms(message.phone, message.text, key_of(message), late)
    else:
        work = _BY_CHANNEL[channel]
        in_time(lambda: work(message), settings.CARRIER_TIMEOUT, late=late)
