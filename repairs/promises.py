"""本小区服务承诺: by when a ticket should be taken up and repaired (pledge, never a legal deadline).

The numbers are DOMAIN.md's defaults; pauses move them (`repairs/pauses.py`). Stricter estates and the ladder come with
the promises issue; this is the one place that turns a pledge into a moment.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from estates.models import ManagementMode
from repairs.clocks import Amount, Basis, Stretch, due
from repairs.workdays import Calendar
from repairs.workflow import Urgency

# Silence is not satisfaction: a finished ticket nobody answers is closed as unconfirmed.
SILENCE_CLOSES_AFTER = timedelta(days=7)
# Without the overrides an administrator wrote: they come with the promises issue.
_CHINA = Calendar({})


def _minutes(count: int) -> Amount:
    return Amount(Basis.ALWAYS, timedelta(minutes=count))


def _service_hours(count: int) -> Amount:
    return Amount(Basis.SERVICE, timedelta(hours=count))


def _days(count: int) -> Amount:
    return Amount(Basis.SERVICE, days=count)


def _working_days(count: int) -> Amount:
    return Amount(Basis.WORKING, days=count)


# mode → (acknowledge, restore); P3's restore is the day its plan is posted.
_TABLE: dict[Urgency, dict[ManagementMode, tuple[Amount, Amount]]] = {
    Urgency.DANGER: {
        ManagementMode.COMPANY: (_minutes(5), _minutes(24 * 60)),
        ManagementMode.HOME_CENTRE: (_minutes(5), _minutes(24 * 60)),
        ManagementMode.FALLBACK: (_minutes(5), _minutes(24 * 60)),
    },
    Urgency.URGENT: {
        ManagementMode.COMPANY: (_minutes(15), _minutes(24 * 60)),
        ManagementMode.HOME_CENTRE: (_minutes(30), _minutes(48 * 60)),
        ManagementMode.FALLBACK: (_minutes(30), _minutes(72 * 60)),
    },
    Urgency.NORMAL: {
        ManagementMode.COMPANY: (_service_hours(4), _days(3)),
        ManagementMode.HOME_CENTRE: (_service_hours(8), _days(5)),
        ManagementMode.FALLBACK: (_service_hours(8), _days(7)),
    },
    Urgency.PLANNED: {
        ManagementMode.COMPANY: (_working_days(1), _working_days(15)),
        ManagementMode.HOME_CENTRE: (_working_days(2), _working_days(20)),
        ManagementMode.FALLBACK: (_working_days(2), _working_days(30)),
    },
}


class Promise(NamedTuple):
    """The two moments promised to the resident."""

    acknowledge_by: datetime
    restore_by: datetime


def promise(filed_at: datetime, urgency: str, mode: str, pauses: Sequence[Stretch] = ()) -> Promise:
    """What is promised for a report sent at `filed_at`; the clock starts there and nowhere else."""
    acknowledge, restore = _amounts(urgency, mode)
    return Promise(due(acknowledge, filed_at, _CHINA, pauses), due(restore, filed_at, _CHINA, pauses))


def restore_basis(urgency: str, mode: str) -> Basis:
    """On which calendar the clock of the repair runs."""
    return _amounts(urgency, mode)[1].basis


def calendar_of_promises() -> Calendar:
    """The days the promises are counted in."""
    return _CHINA


def _amounts(urgency: str, mode: str) -> tuple[Amount, Amount]:
    row = _TABLE[Urgency(urgency)]
    return row.get(ManagementMode(mode), row[ManagementMode.FALLBACK])
