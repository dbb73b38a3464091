"""By when: the pledge turned into a moment (DOMAIN.md)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from estates.models import ManagementMode
from repairs.promises import promise
from repairs.workflow import Urgency

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
    promised = promise(_at(filed), Urgency(urgency), ManagementMode(mode))

    assert promised.acknowledge_by.astimezone(SHANGHAI) == _at(acknowledge)
    assert promised.restore_by.astimezone(SHANGHAI) == _at(restore)


@pytest.mark.parametrize("mode", ManagementMode)
@pytest.mark.parametrize("urgency", Urgency)
def test_every_urgency_has_a_promise_in_every_mode(urgency: Urgency, mode: ManagementMode) -> None:
    filed = _at("2026-11-22 10:00")
    promised = promise(filed, urgency, mode)

    assert filed < promised.acknowledge_by < promised.restore_by
