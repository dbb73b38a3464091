"""How one message is handed to whoever carries it: one module a channel.

Nothing here knows of tries or claims, and nothing asks the database: a carrier works in a thread of its own.
"""

from collections.abc import Callable

from django.conf import settings

from accounts.carrying import in_time
from accounts.sms import send_sms, was_sent
from repairs.models import Message, MessageChannel

from .call import ring
from .mail import mail
from .push import notify
from .robot import speak

_BY_CHANNEL: dict[MessageChannel, Callable[[Message], None]] = {
    MessageChannel.SMS: lambda message: send_sms(message.phone, message.text, key_of(message)),
    MessageChannel.EMAIL: mail,
    MessageChannel.PUSH: notify,
    MessageChannel.ROBOT: speak,
    MessageChannel.CALL: ring,
}
CARRIED = tuple(_BY_CHANNEL)


def key_of(message: Message) -> str:
    """The name of a message at its carrier: the same at every try."""
    return f"message-{message.pk}"


def arrived(message: Message) -> bool:
    """Whether its carrier says that it was given `message` already; of most nobody can say."""
    return message.channel == MessageChannel.SMS and was_sent(message.phone, key_of(message))


def carry(message: Message) -> None:
    """Hand `message` over; raises `CarrierFailed`, also when nothing is heard in time."""
    channel = MessageChannel(message.channel)
    work = _BY_CHANNEL[channel]
    if channel is MessageChannel.SMS:
        work(message)  # keeps its own time: codes for signing in go the same way
    else:
        in_time(lambda: work(message), settings.CARRIER_TIMEOUT)
