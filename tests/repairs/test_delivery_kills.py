"""kill -9 at each step between a message's row and its receipt: real processes, a company that counts."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.utils import timezone

from repairs.models import Mailbox, Message
from tests import doomed
from tests.provider import Asked, Provider, provider
from tests.town import Town

ROOT = Path(__file__).resolve().parent.parent.parent
SIGKILLED = -9


@pytest.fixture
def company() -> Iterator[Provider]:
    """One that counts what it is given, and says so when asked (a body that begins with "?")."""
    with provider() as there:

        def answer(asked: Asked) -> tuple[int, bytes]:
            known = asked.body[1:] in [each.body for each in there.asked]
            return (404, b"") if asked.body.startswith(b"?") and not known else (200, b"")

        there.answer = answer
        yield there


def _worker(company: Provider, step: str, backend: str) -> subprocess.Popen[bytes]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connections['default'].settings_dict['NAME']}")
    environment = {
        **os.environ,
        "DATABASE_URL": url.geturl(),
        "ANJU_EMBEDDED": "1",
        "SMS_BACKEND": f"tests.doomed.{backend}",
        "SMS_TIMEOUT": "1",
        "CARRIER_TIMEOUT": "1",
        "QUIET_FROM": "0",
        "QUIET_UNTIL": "0",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "tests.doomed", step, str(company.port)]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def _killed_then_well(company: Provider, step: str, backend: str) -> None:
    """One worker dies at that step; the next one does what is left."""
    if step == "carrying":
        company.free.clear()
    first = _worker(company, step, backend)
    if step == "carrying":
        until = time.monotonic() + 30
        while not company.asked and time.monotonic() < until:
            time.sleep(0.02)
        first.kill()
        company.free.set()
    assert first.wait(60) == SIGKILLED
    assert _worker(company, "none", backend).wait(60) == 0


def _given(company: Provider) -> Counter[bytes]:
    return Counter(asked.body for asked in company.asked if not asked.body.startswith(b"?"))


# Where the company has it and our row does not say so, nobody can know unless the company can be asked.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", doomed.STEPS)
def test_a_worker_killed_at_any_step_loses_nothing(company: Provider, step: str) -> None:
    Town().ticket()
    _killed_then_well(company, step, "Carrier")

    message = Message.objects.get(channel="sms")
    window = step in {"carrying", "carried"}
    assert message.sent_at is not None
    assert _given(company) == {f"message-{message.pk}".encode(): 2 if window else 1}
    assert not Message.objects.to_spread(timezone.now()).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", doomed.STEPS)
def test_where_the_company_can_be_asked_nothing_goes_twice_either(company: Provider, step: str) -> None:
    Town().ticket()
    _killed_then_well(company, step, "AskableCarrier")

    message = Message.objects.get(channel="sms")
    assert message.sent_at is not None
    assert _given(company) == {f"message-{message.pk}".encode(): 1}


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_spreading_writes_each_letter_once(company: Provider) -> None:
    town, now = Town(), timezone.now()
    Mailbox.objects.create(person=town.chen, address="chen@example.com", asked_at=now, confirmed_at=now)
    town.ticket()
    _killed_then_well(company, "spreading", "Carrier")

    letters: list[Any] = list(Message.objects.filter(channel="email").values_list("sent_at", flat=True))
    assert [sent is not None for sent in letters] == [True]
