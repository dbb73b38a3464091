"""What a person chooses about the messages they get."""

from collections.abc import Collection, Iterable

from django.conf import settings
from django.db import transaction

from accounts.models import User
from repairs.models import MessageChoice, MessageKind


@transaction.atomic
def choose_messages(
    *,
    by: User,
    sms: Collection[str] | None = None,
    email: Collection[str] | None = None,
    push: Collection[str] | None = None,
    kinds: Iterable[str] = tuple(MessageKind),
) -> None:
    """From now on those of `kinds` by each channel and no others; `None` leaves a channel as it was.

    In the app everything is told in any case.
    """
    stand = {each.kind: each for each in MessageChoice.objects.select_for_update().filter(person=by)}
    for kind in kinds:
        choice = stand.get(kind) or MessageChoice(person=by, kind=kind, sms=True)
        if sms is not None and kind in settings.SMS_KINDS:
            choice.sms = kind in sms
        choice.email = choice.email if email is None else kind in email
        choice.push = choice.push if push is None else kind in push
        stand[kind] = choice
    columns = ["sms", "email", "push"]
    MessageChoice.objects.bulk_create(
        stand.values(), update_conflicts=True, unique_fields=["person", "kind"], update_fields=columns
    )
