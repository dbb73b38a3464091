"""A worker in a process of its own that is killed (kill -9) at the step it is told, or works until nothing waits.

`python -m tests.doomed STEP PORT`: STEP is one of `STEPS`, or "none". It asks a company on this machine at PORT.
"""

import http.client
import os
import signal
import sys
import time
from datetime import date
from typing import Any

STEPS = ("spreading", "claiming", "claimed", "carrying", "carried", "written")
_PATIENCE = 20.0


def die(*_anything: Any, **_more: Any) -> None:
    """No tidying up, no `finally`, no goodbye to the database."""
    os.kill(os.getpid(), signal.SIGKILL)


class Carrier:
    """Hands a message over and waits for the receipt; dies with it when told so."""

    def send(self, phone: str, text: str, key: str = "") -> None:
        """Ask the company."""
        _post(key)
        if sys.argv[1] == "carried":
            die()


class AskableCarrier(Carrier):
    """The same, and it can be asked what it was given."""

    def has(self, phone: str, key: str, since: date) -> bool:
        """Whether the company knows that message."""
        return _post(f"?{key}") == 200


def _post(body: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]), timeout=30)
    connection.request("POST", "/", body)
    return connection.getresponse().status


def main(step: str) -> None:
    """Spread and deliver; where to die is laid into the code beforehand."""
    import django

    django.setup()
    from repairs import delivery, spreading
    from repairs.models import Message

    claim = delivery._claim

    def claim_and_die(*said: Any) -> None:
        claim(*said)
        die()

    if step == "spreading":
        spreading.ask_for_delivery = die  # type: ignore[attr-defined]
    if step == "claiming":
        Message.save = die  # type: ignore[method-assign]
    if step == "claimed":
        delivery._claim = claim_and_die  # type: ignore[assignment]
    until = time.monotonic() + _PATIENCE
    while _owed(Message) and time.monotonic() < until:
        if not (spreading.spread_some() or delivery.deliver_next()):
            time.sleep(0.1)  # somebody else's claim has to run out
        elif step == "written" and Message.objects.filter(channel="sms", sent_at__isnull=False).exists():
            die()


def _owed(messages: Any) -> bool:
    unspread = messages.objects.filter(channel="app", next_try_at__isnull=False)
    return bool(messages.objects.unsent().exists() or unspread.exists())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main(sys.argv[1])
