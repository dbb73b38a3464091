"""本小区服务承诺: by when a ticket should be taken up and repaired (pledge, never a legal deadline).

The numbers are DOMAIN.md's defaults. Pauses, stricter estates and the ladder come with the promises issue;
this is the one place that turns a pledge into a moment.
"""

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple

import holidays
from django.utils import timezone

from estates.models import ManagementMode
from repairs.workflow import Urgency

# Silence is not satisfaction: a finished ticket nobody answers is closed as unconfirmed.
SILENCE_CLOSES_AFTER = timedelta(days=7)
SERVICE_STARTS, SERVICE_ENDS = time(8), time(20)
_DAY_OF_SERVICE = timedelta(hours=12)


class Pledge(NamedTuple):
    """One cell of the table: how long, on which clock."""

    minutes: int = 0
    service_hours: int = 0
    working_days: int = 0
    days: int = 0


# mode → (acknowledge, restore); P3's restore is the day its plan is posted.
_TABLE: dict[Urgency, dict[ManagementMode, tuple[Pledge, Pledge]]] = {
    Urgency.DANGER: {
        ManagementMode.COMPANY: (Pledge(minutes=5), Pledge(minutes=24 * 60)),
        ManagementMode.HOME_CENTRE: (Pledge(minutes=5), Pledge(minutes=24 * 60)),
        ManagementMode.FALLBACK: (Pledge(minutes=5), Pledge(minutes=24 * 60)),
    },
    Urgency.URGENT: {
        ManagementMode.COMPANY: (Pledge(minutes=15), Pledge(minutes=24 * 60)),
        ManagementMode.HOME_CENTRE: (Pledge(minutes=30), Pledge(minutes=48 * 60)),
        ManagementMode.FALLBACK: (Pledge(minutes=30), Pledge(minutes=72 * 60)),
    },
    Urgency.NORMAL: {
        ManagementMode.COMPANY: (Pledge(service_hours=4), Pledge(days=3)),
        ManagementMode.HOME_CENTRE: (Pledge(service_hours=8), Pledge(days=5)),
        ManagementMode.FALLBACK: (Pledge(service_hours=8), Pledge(days=7)),
    },
    Urgency.PLANNED: {
        ManagementMode.COMPANY: (Pledge(working_days=1), Pledge(working_days=15)),
        ManagementMode.HOME_CENTRE: (Pledge(working_days=2), Pledge(working_days=20)),
        ManagementMode.FALLBACK: (Pledge(working_days=2), Pledge(working_days=30)),
    },
}


class Promise(NamedTuple):
    """The two moments promised to the resident."""

    acknowledge_by: datetime
    restore_by: datetime


def promise(filed_at: datetime, urgency: str, mode: str) -> Promise:
    """What is promised for a report sent at `filed_at`; the clock starts there and nowhere else."""
    row = _TABLE[Urgency(urgency)]
    acknowledge, restore = row.get(ManagementMode(mode), row[ManagementMode.FALLBACK])
    return Promise(_after(filed_at, acknowledge), _after(filed_at, restore))


def _after(start: datetime, pledge: Pledge) -> datetime:
    local = timezone.localtime(start)
    if pledge.service_hours:
        return _add_service_time(local, timedelta(hours=pledge.service_hours))
    if pledge.working_days:
        return _end_of_service(_add_working_days(local.date(), pledge.working_days))
    if pledge.days:
        return _end_of_service(local.date() + timedelta(days=pledge.days))
    return start + timedelta(minutes=pledge.minutes)


def _end_of_service(day: date) -> datetime:
    return datetime.combine(day, SERVICE_ENDS, timezone.get_current_timezone())


def _add_service_time(local: datetime, amount: timedelta) -> datetime:
    """`amount` of service time (08:00–20:00 every day) after `local`."""
    opens = local.replace(hour=SERVICE_STARTS.hour, minute=0, second=0, microsecond=0)
    closes = opens + _DAY_OF_SERVICE
    if local < opens:
        local = opens
    elif local >= closes:
        local, closes = opens + timedelta(days=1), closes + timedelta(days=1)
    while amount > closes - local:
        amount -= closes - local
        local, closes = closes + timedelta(hours=12), closes + timedelta(days=1)
    return local + amount


@cache
def _calendar() -> holidays.HolidayBase:
    return holidays.country_holidays("CN")


def _add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day`; China's holidays and make-up workdays (调休) count as they are kept."""
    while count:
        day += timedelta(days=1)
        if _calendar().is_working_day(day):
            count -= 1
    return day
