"""What the tests of the promises' pages share: stricter promises, and reading a page."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from repairs import actions
from repairs.clocks import Amount, Basis
from repairs.models import PledgeVersion
from repairs.workflow import Clock, Urgency
from tests.town import Town

HOUR = timedelta(hours=1)
TAKEN_UP, REPAIRED = (Urgency.NORMAL, Clock.ACKNOWLEDGE), (Urgency.NORMAL, Clock.RESTORE)
TWO_HOURS = Amount(Basis.SERVICE, 2 * HOUR)


def in_days(days: int) -> date:
    """That many days from today."""
    return timezone.localdate() + timedelta(days=days)


def noon(day: date) -> datetime:
    """When everybody is awake."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def set_more(town: Town, amounts: dict[Any, Amount] | None = None, **given: Any) -> PledgeVersion:
    given = {"by": town.manager, "mode": "home_centre", "starts_on": in_days(1), **given}
    return actions.set_pledges(town.shuimen, amounts=amounts or {TAKEN_UP: TWO_HOURS}, **given)


def text(path: str, browser: Client | None = None) -> str:
    """What a reader reads, without marks and with single spaces."""
    answer = (browser or Client()).get(path)
    assert answer.status_code == 200
    body = re.sub(r"(?s).*<main[^>]*>(.*)</main>.*", r"\1", answer.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def statements(path: str, browser: Client | None = None) -> int:
    browser = browser or Client()
    browser.get(path)
    with CaptureQueriesContext(connection) as asked:
        browser.get(path)
    return len(asked)
