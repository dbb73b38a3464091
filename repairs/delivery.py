"""Handing messages to their carrier: one at a time, claimed with a lease, asked outside any transaction.

Each company is a lane of its own: while one hangs, the others' messages go on (`repairs/lanes.py`).
A worker that is killed leaves a claim that runs out. It may have died between the carrier's receipt and writing it
down: a carrier that can be asked is asked before any second try; with one that can't, that is the one way to get a
message twice, so after a few tries of which nobody heard the end it is left to the staff.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, Q, Sum, When
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.carrying import CarrierFailed, CarrierGone, CarrierRefused, CarrierSilent
from repairs.carriers import CARRIED, arrived, carry, repeats_show
from repairs.models import GaveUp, Message, MessageChannel, PushDevice
from repairs.workflow import Urgency

MOST_TRIES = 20
# So often a message may go out while nobody hears whether it arrived; of danger rather once too often than never.
MOST_UNHEARD, MOST_UNHEARD_OF_DANGER = 3, 6
_LONGEST_WAIT = timedelta(hours=1)
# An e-mail wakes nobody.
_SILENT = frozenset({MessageChannel.EMAIL})


def lease() -> timedelta:
    """How long a claim holds: safely longer than a carrier may take to answer."""
    return timedelta(seconds=2 * max(settings.SMS_TIMEOUT, settings.CARRIER_TIMEOUT))


def _wait(tries: int) -> timedelta:
    """Half a minute, then twice as long each time, an hour at most."""
    return min(timedelta(seconds=15 * 2.0 ** min(tries, 12)), _LONGEST_WAIT)


def deliver_next(lane: str | None = None) -> bool:
    """Try the message whose turn it is in `lane` (in any), if there is one; whether there was.

    Other workers take the others meanwhile.
    """
    message = _claim(lane)
    if message is None:
        return False
    if message.claimed_until is not None:
        _hand_over(message)
    return True


@transaction.atomic(durable=True)
def _claim(lane: str | None = None) -> Message | None:
    """The message is this worker's until its lease runs out; or given up, when it may not be tried any more."""
    now = timezone.now()
    message = _first(now, lane, danger=True) or _first(now, lane, danger=False)
    if message is None:
        return None
    changes = _instead(message, now) or {
        "tries": message.tries + 1,
        "tried_at": now,
        # Until somebody hears how it ended, nobody knows: this worker may be killed.
        "unheard": message.unheard + 1,
        "claimed_until": now + lease(),
    }
    for name, value in changes.items():
        setattr(message, name, value)
    message.save(update_fields=list(changes))
    return message


def _first(now: datetime, lane: str | None, *, danger: bool) -> Message | None:
    """Which is next of those about danger, or of the others: each is one short walk along the index of the lane."""
    turn = Message.objects.to_try(now).filter(channel__in=CARRIED, danger=danger)
    if lane is not None:
        turn = turn.filter(lane=lane)
    # Everything a carrier reads comes along: it works in a thread that has no business with the database.
    turn = turn.select_related("ticket", "recipient", "device", "robot").order_by("next_try_at", "pk")
    return turn.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()


def _instead(message: Message, now: datetime) -> dict[str, Any]:
    """What happens to it instead of being tried now, if anything; danger waits for no morning and knows no cap."""
    if message.tries >= MOST_TRIES:
        return _given_up(GaveUp.TIRED)  # workers were killed, or broke, at every try
    if _too_often_unheard(message):
        return _given_up(GaveUp.UNHEARD)
    danger = _is_danger(message)
    morning = None if message.channel in _SILENT else quiet_until(now)
    if morning and not danger:
        return {"next_try_at": morning, "claimed_until": None}
    # What somebody on the staff sends again was looked at.
    counted = message.channel == MessageChannel.SMS and message.resent_at is None and not danger
    if counted and _had_enough(message.phone, now):
        return _given_up(GaveUp.CAPPED)
    return {}


def _is_danger(message: Message) -> bool:
    return message.ticket.urgency == Urgency.DANGER


def _too_often_unheard(message: Message) -> bool:
    most = MOST_UNHEARD_OF_DANGER if _is_danger(message) else MOST_UNHEARD
    return message.unheard >= most and repeats_show(message)


def quiet_hours() -> tuple[int, int] | None:
    """From which hour until which people are not woken; `None` where they always may be."""
    begins, ends = settings.QUIET_FROM, settings.QUIET_UNTIL
    return None if begins == ends else (begins, ends)


def quiet_until(at: datetime) -> datetime | None:
    """When people may be woken again, if `at` is within their night; exactly then it is day."""
    hours, local = quiet_hours(), timezone.localtime(at)
    if hours is None:
        return None
    begins, ends = hours
    # Over midnight, as from 22 to 7, or within one day, as from 0 to 6.
    at_night = begins <= local.hour < ends if begins < ends else not ends <= local.hour < begins
    if not at_night:
        return None
    morning = local.replace(hour=ends, minute=0, second=0, microsecond=0)
    return morning if local.hour < ends else morning + timedelta(days=1)


def _had_enough(phone: str, now: datetime) -> bool:
    """Whether the day's messages to `phone` are used up; counting and claiming are one step for each phone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sms {phone}"])
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = Q(sent_at__gte=midnight) | Q(sent_at__isnull=True, tried_at__gte=midnight)
    # What nobody heard the end of may have arrived each time; one that is on the way just now is such a try, too.
    arrived = F("unheard") + Case(When(sent_at__isnull=False, then=1), default=0)
    counted = Message.objects.filter(today, channel=MessageChannel.SMS, phone=phone).aggregate(most=Sum(arrived))
    most: int = settings.SMS_PHONE_DAY_CAP
    return (counted["most"] or 0) >= most


def _given_up(why: GaveUp) -> dict[str, Any]:
    return {"gave_up_at": timezone.now(), "gave_up_because": why, "next_try_at": None, "claimed_until": None}


def _hand_over(message: Message) -> None:
    row = Message.objects.filter(pk=message.pk)
    # A failure is only ours to write down while the claim is ours.
    mine = row.filter(tries=message.tries, claimed_until=message.claimed_until)
    try:
        # Whoever tried before may have died, or given up waiting, after the carrier had it; also long ago, where
        # somebody on the staff sends it again and the tries are counted anew.
        if (message.tries == 1 and message.resent_at is None) or not arrived(message):
            carry(message, late=partial(_heard_late, message.pk))
    except CarrierRefused as refusal:
        why = GaveUp.GONE if isinstance(refusal, CarrierGone) else GaveUp.REFUSED
        if why == GaveUp.GONE and message.device_id:
            # The permission was taken back, or the browser is gone: nothing will ever arrive there.
            PushDevice.objects.filter(pk=message.device_id).delete()
        mine.update(**_given_up(why), unheard=message.unheard - 1, last_error=str(refusal)[:200])
    except CarrierSilent as silence:
        mine.update(**_after_silence(message), last_error=str(silence)[:200])
    except CarrierFailed as failure:
        mine.update(**_later(message.tries), unheard=message.unheard - 1, last_error=str(failure)[:200])
    else:
        _write_receipt(message.pk)


def _write_receipt(pk: int) -> None:
    """It went, and nobody needs to try any more; also when the claim ran out meanwhile, or it was given up."""
    sent: dict[str, Any] = {"sent_at": timezone.now(), "claimed_until": None, "gave_up_at": None, "gave_up_because": ""}
    heard = Greatest(F("unheard") - 1, 0)
    Message.objects.filter(pk=pk, sent_at__isnull=True).update(**sent, unheard=heard, last_error="")


def _heard_late(pk: int) -> None:
    """In the carrier's own thread, long after nobody waited for it any more."""
    try:
        _write_receipt(pk)
    finally:
        connection.close()


def _later(tries: int, *, patience: int = 0) -> dict[str, Any]:
    if tries >= MOST_TRIES:
        return _given_up(GaveUp.TIRED)
    return {"next_try_at": timezone.now() + _wait(tries + patience), "claimed_until": None}


def _after_silence(message: Message) -> dict[str, Any]:
    """Of the few tries that are left each waits longer, as the company may be away for a while: three span a quarter of
    an hour, as the six of danger do at the usual pace."""
    if _too_often_unheard(message):
        return _given_up(GaveUp.UNHEARD)
    few = repeats_show(message) and not _is_danger(message)
    return _later(message.tries, patience=2 * message.unheard if few else 0)
