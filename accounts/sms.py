"""Text messages out of the house, through the backend that `settings.SMS_BACKEND` names."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string


class SmsFailed(Exception):
    """The message could not be handed to the provider; trying again later may help."""


class SmsRefused(SmsFailed):
    """The provider will never take this message: the number doesn't exist, or wants none."""


class SmsBackend(Protocol):
    """What carries one message to one phone (E.164), or raises `SmsFailed`; for good, `SmsRefused`."""

    def send(self, phone: str, text: str) -> None:
        """Hand the message over."""


class ConsoleSms:
    """For development: writes number and text to the terminal, in full. Not for a real town."""

    def send(self, phone: str, text: str) -> None:
        """Print the message."""
        sys.stdout.write(f"SMS {phone}: {text}\n")
        sys.stdout.flush()


class FileSms:
    """For the demo and tests: one line of JSON a message, appended to `settings.SMS_FILE`."""

    def send(self, phone: str, text: str) -> None:
        """Append the message in one write, so that parallel senders never mix their lines."""
        line = json.dumps({"at": timezone.now().isoformat(), "to": phone, "text": text}, ensure_ascii=False)
        path = Path(settings.SMS_FILE)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, f"{line}\n".encode())
            finally:
                os.close(handle)
        except OSError as error:
            raise SmsFailed from error


def send_sms(phone: str, text: str) -> None:
    """Send `text` to `phone` (E.164); raises `SmsFailed`, also when nothing is heard within `settings.SMS_TIMEOUT`.

    The backend runs in a thread of its own, because not every provider's code knows a time-out. What it was still
    doing then goes on unheard: the message may arrive after all.
    """
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    thread = ThreadPoolExecutor(1, thread_name_prefix="sms")
    try:
        thread.submit(backend.send, phone, text).result(timeout=settings.SMS_TIMEOUT)
    except TimeoutError as silence:
        raise SmsFailed(f"no answer within {settings.SMS_TIMEOUT} s") from silence
    finally:
        thread.shutdown(wait=False)
