"""A call to a duty telephone that reads a sentence aloud: for danger, as a landline reads no text message."""

import json
import sys
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.carrying import CarrierFailed
from accounts.sms import append_line
from repairs.models import Message


class CallBackend(Protocol):
    """What rings one telephone and reads `text` aloud, or raises `CarrierFailed`."""

    def ring(self, phone: str, text: str) -> None:
        """Hand the call over."""


class ConsoleCall:
    """For development: writes number and text to the terminal, in full. Not for a real town."""

    def ring(self, phone: str, text: str) -> None:
        """Print the call."""
        sys.stdout.write(f"CALL {phone}: {text}\n")
        sys.stdout.flush()


class FileCall:
    """For the demo and tests: one line of JSON a call, appended to `settings.CALL_FILE`."""

    def ring(self, phone: str, text: str) -> None:
        """Append the call."""
        line = json.dumps({"at": timezone.now().isoformat(), "to": phone, "text": text}, ensure_ascii=False)
        try:
            append_line(Path(settings.CALL_FILE), line)
        except OSError as error:
            raise CarrierFailed("the file can't be written") from error


def ring(message: Message) -> None:
    """Ring the telephone of one message; the sentence comes with the number of the ticket."""
    backend: CallBackend = import_string(settings.CALL_BACKEND)()
    backend.ring(message.phone, f"{message.ticket.number} {message.sentence}")
