"""What a person chooses about the messages they get."""

from collections.abc import Collection

from django.conf import settings
from django.db import transaction

from accounts.models import User
from repairs.models import MessageChoice, MessageKind


@transaction.atomic
def choose_messages(*, by: User, sms: Collection[str]) -> None:
    """From now on text messages of the kinds `sms` and no others; in the app everything is told in any case."""
    for kind in MessageKind:
        if kind in settings.SMS_KINDS:
            MessageChoice.objects.update_or_create(person=by, kind=kind, defaults={"sms": kind in sms})
