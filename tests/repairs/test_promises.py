"""By when: the pledge turned into a moment (DOMAIN.md)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from estates.models import ManagementMode
from repairs.pledges import terms
from repairs.promises import moments
from repairs.workflow import Clock, Urgency

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("urgency", "mode", "filed", "acknowledge", "restore"),
    [
        ("danger", "company", "2026-11-22 23:50", "2026-11-22 23:55", "2026-11-23 23:50"),
        ("urgent", "company", "2026-11-22 23:50", "2026-11-23 00:05", "2026-11-23 23:50"),
        ("urgent", "fallback", "2026-11-22 10:00", "2026-11-22 10:30", "2026-11-25 10:00"),
        ("normal", "company", "2026-11-22 10:00", "2026-11-22 14:00", "2026-11-25 20:00"),
        ("normal", "home_centre", "2026-11-22 15:00", "2026-11-23 11:00", "2026-11-27 20:00"),
        ("normal", "home_centre", "2026-11-22 12:00", "2026-11-22 20:00", "2026-11-27 20:00"),
        ("normal", "company", "2026-11-22 23:00", "2026-11-23 12:00", "2026-11-25 20:00"),
        ("normal", "company", "2026-11-22 05:00", "2026-11-22 12:00", "2026-11-25 20:00"),
        # National Day 2026: free from 1 to 7 October, Saturday 10 October is a make-up workday.
        ("planned", "company", "2026-09-30 10:00", "2026-10-08 20:00", "2026-10-27 20:00"),
        ("planned", "home_centre", "2026-10-08 10:00", "2026-10-10 20:00", "2026-11-04 20:00"),
    ],
)
def test_the_promise_follows_its_clock(urgency: str, mode: str, filed: str, acknowledge: str, restore: str) -> None:
    promised = moments(terms(urgency, mode, _at(filed)), _at(filed))
    repaired = promised.get(Clock.PLAN) or promised[Clock.RESTORE]

    assert promised[Clock.ACKNOWLEDGE].astimezone(SHANGHAI) == _at(acknowledge)
    assert repaired.astimezone(SHANGHAI) == _at(restore)


@pytest.mark.parametrize("mode", ManagementMode)
@pytest.mark.parametrize("urgency", Urgency)
def test_every_urgency_has_its_promises_in_every_mode_in_their_order(urgency: Urgency, mode: ManagementMode) -> None:
    filed = _at("2026-11-22 10:00")
    promised = moments(terms(urgency, mode, filed), filed)

    assert [filed, *promised.values()] == sorted([filed, *promised.values()])
    dangers = {Clock.MAKE_SAFE} if urgency in {Urgency.DANGER, Urgency.URGENT} else set()
    last = Clock.PLAN if urgency == Urgency.PLANNED else Clock.RESTORE
    assert set(promised) == {Clock.ACKNOWLEDGE, Clock.ARRIVE, last} | dangers
