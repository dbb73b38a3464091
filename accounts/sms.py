"""Text messages out of the house, through the backend that `settings.SMS_BACKEND` names."""

import json
import os
import sys
from collections.abc import Callable
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.carrying import CarrierFailed, CarrierRefused, CarrierSilent, in_time


class SmsFailed(CarrierFailed):
    """The message could not be handed to the provider; trying again later may help."""


class SmsSilent(SmsFailed, CarrierSilent):
    """The provider did not say in time whether it took the message."""


class SmsRefused(SmsFailed, CarrierRefused):
    """The provider will never take this message: the number doesn't exist, or wants none."""


class SmsBackend(Protocol):
    """What carries one message to one phone (E.164), or raises `SmsFailed`; for good, `SmsRefused`.

    A provider that can be asked about what it was given has `has(phone, key, since)` too: see `was_sent`.
    """

    def send(self, phone: str, text: str, key: str = "") -> None:
        """Hand the message over; `key` is the same at every try and no other message's."""


class ConsoleSms:
    """For development: writes number and text to the terminal, in full. Not for a real town."""

    def send(self, phone: str, text: str, key: str = "") -> None:
        """Print the message."""
        sys.stdout.write(f"SMS {phone}: {text}\n")
        sys.stdout.flush()


class FileSms:
    """For the demo and tests: one line of JSON a message, appended to `settings.SMS_FILE`."""

    def send(self, phone: str, text: str, key: str = "") -> None:
        """Append the message in one write, so that parallel senders never mix their lines."""
        line = json.dumps({"at": timezone.now().isoformat(), "to": phone, "text": text}, ensure_ascii=False)
        try:
            append_line(Path(settings.SMS_FILE), line)
        except OSError as error:
            raise SmsFailed from error


def append_line(path: Path, line: str) -> None:
    """Add `line` to a file that only its owner reads, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


def parts_of(text: str) -> int:
    """As how many text messages `text` is counted and paid for, with our signature in front.

    70 characters in one, 67 in each of several; an emoji is two.
    """
    signed = f"【{settings.SMS_SIGN}】{text}" if settings.SMS_SIGN else text
    length = len(signed.encode("utf-16-le")) // 2
    return 1 if length <= 70 else ceil(length / 67)


def send_sms(phone: str, text: str, key: str = "", late: Callable[[], object] | None = None) -> None:
    """Send `text` to `phone` (E.164); raises `SmsFailed`, or `SmsSilent` when nothing is heard within
    `settings.SMS_TIMEOUT`: `late` is called should the provider say afterwards that it took it."""
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    in_time(lambda: backend.send(phone, text, key), settings.SMS_TIMEOUT, failure=SmsSilent, late=late)


def can_be_asked() -> bool:
    """Whether the provider can be asked about what it was given: see `was_sent`."""
    return hasattr(import_string(settings.SMS_BACKEND), "has")


def was_sent(phone: str, key: str, since: date) -> bool:
    """Whether the provider says that it was given this message on the day `since` or later; of one that can't be
    asked: no.

    Raises `SmsFailed` when it can be asked and does not answer: then nobody knows, and sending must wait.
    """
    backend: Any = import_string(settings.SMS_BACKEND)()
    if not can_be_asked():
        return False
    answers: list[bool] = []
    try:
        in_time(lambda: answers.append(backend.has(phone, key, since)), settings.SMS_TIMEOUT)
    except CarrierSilent as silence:
        raise SmsFailed(str(silence)) from silence  # nothing was sent meanwhile: only the question was not answered
    return answers[0]
