"""As a notification on somebody's device, through the push service of their browser (RFC 8030, 8291, 8292)."""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse
from pywebpush import WebPushException, webpush
from requests import ReadTimeout, RequestException

from accounts.carrying import CarrierFailed, CarrierGone, CarrierRefused, CarrierSilent
from repairs.models import Message, PushDevice

_A_DAY = 24 * 3600
_GONE = {404, 410}


def push_is_on() -> bool:
    """Whether this installation has keys of its own (`manage.py make_push_keys`)."""
    return bool(settings.PUSH_PRIVATE_KEY and settings.PUSH_PUBLIC_KEY)


def notify(message: Message) -> None:
    """The number and the sentence to one device; what the resident wrote stays out of sight of whoever looks on."""
    device = message.device
    if device is None or not push_is_on():
        raise CarrierGone("no such device any more")
    said = {"title": message.ticket.number, "body": message.sentence, "url": reverse("repairs:messages")}
    try:
        _send(device, json.dumps(said | {"tag": f"message-{message.pk}"}, ensure_ascii=False))
    except WebPushException as failure:
        status = failure.response.status_code if failure.response is not None else 0
        if status in _GONE:
            raise CarrierGone(f"push service: {status}") from failure
        if status in {400, 403, 413}:
            raise CarrierRefused(f"push service: {status}") from failure
        raise CarrierFailed(f"push service: {status}") from failure
    except ReadTimeout as silence:
        raise CarrierSilent("push service: no answer") from silence
    except RequestException as failure:
        raise CarrierFailed(type(failure).__name__) from failure
    except ValueError as failure:
        # Keys for which nothing can be encrypted: no further try makes them better.
        raise CarrierRefused("the keys of this device are no keys") from failure


def _send(device: PushDevice, data: str) -> None:
    subscription: dict[str, Any] = {
        "endpoint": device.endpoint,
        "keys": {"p256dh": device.p256dh, "auth": device.auth},
    }
    webpush(
        subscription,
        data,
        vapid_private_key=settings.PUSH_PRIVATE_KEY,
        vapid_claims={"sub": settings.PUSH_CONTACT},
        ttl=_A_DAY,
        timeout=settings.CARRIER_TIMEOUT,
    )
