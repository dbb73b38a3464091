"""The calendar of China with its make-up workdays (调休), and the overrides an administrator wrote.

Source: the State Council's yearly notice as the `holidays` library knows it; `DayOverride` goes before it.
"""

import re
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import holidays

from repairs.models import DayOverride

_SWAPPED = re.compile(r"substituted from (\d\d)/(\d\d)/(\d{4})")
_DAY = timedelta(days=1)


class Calendar(NamedTuple):
    """The days as they are kept; `overrides` read once, so that a month costs no more queries than a day."""

    overrides: dict[date, DayOverride]

    def is_workday(self, day: date) -> bool:
        """Whether offices work on `day`."""
        own = self.overrides.get(day)
        return own.works if own else _china().is_working_day(day)

    def weekday(self, day: date) -> int | None:
        """Whose weekday's shifts hold on `day` (Monday is 0); None on a public holiday.

        An ordinary Saturday is a Saturday: a team may well work then. A make-up workday is worked like the day it
        makes up for.
        """
        own = self.overrides.get(day)
        if own is not None:
            return (day.weekday() if own.as_weekday is None else own.as_weekday) if own.works else None
        if _is_holiday(day):
            return None
        return _made_up(day.year).get(day, day.weekday())


def calendar() -> Calendar:
    """The calendar as it stands now; one query."""
    return Calendar({each.day: each for each in DayOverride.objects.all()})


@cache
def _china() -> holidays.HolidayBase:
    return holidays.country_holidays("CN", language="en_US")


def _is_holiday(day: date) -> bool:
    if day in _china():
        return True
    if _china().is_working_day(day):
        return False
    # The library leaves out the weekend inside a holiday: it belongs to it when it lies between two days of it.
    before, after = day - _DAY, day + _DAY
    while before.weekday() >= 5 and before not in _china():
        before -= _DAY
    while after.weekday() >= 5 and after not in _china():
        after += _DAY
    return before in _china() and after in _china()


@cache
def _made_up(year: int) -> dict[date, int]:
    """Make-up workdays of `year`, each with the weekday it makes up for."""
    made_up = {}
    for around in (year - 1, year, year + 1):
        for day, name in holidays.country_holidays("CN", language="en_US", years=around).items():
            if found := _SWAPPED.search(name):
                month, of_month, of_year = (int(part) for part in found.groups())
                made_up[date(of_year, month, of_month)] = day.weekday()
    return made_up
