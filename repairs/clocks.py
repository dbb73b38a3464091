"""The arithmetic of promises: how long a clock has run, and when it will have run so long. No database, no words.

A clock runs on a calendar (always, in service hours 08:00–20:00 daily, in service hours of working days) and stands
still while it is paused. Everything is exact to the microsecond; days are Shanghai's.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SERVICE_STARTS, SERVICE_ENDS = datetime.time(8), datetime.time(20)
_DAY = datetime.timedelta(days=1)
_NOTHING = datetime.timedelta(0)


class Kept(Protocol):
    """The calendar as it is kept; `repairs.workdays.Calendar` is one."""

    def is_workday(self, day: datetime.date) -> bool:
        """Whether offices work on that day."""
        ...


class Basis(StrEnum):
    """When a clock runs."""

    ALWAYS = "always"
    SERVICE = "service"
    WORKING = "working"


class Stretch(NamedTuple):
    """From – to, the end not included."""

    starts: datetime.datetime
    ends: datetime.datetime


class Amount(NamedTuple):
    """How long something may take: a time on the clock, or so many whole days, to the close of the last one."""

    basis: Basis
    time: datetime.timedelta = _NOTHING
    days: int = 0


def opening(basis: Basis, day: datetime.date, kept: Kept) -> Stretch | None:
    """When the clock runs on `day`."""
    if basis is Basis.ALWAYS:
        return Stretch(_at(day, datetime.time()), _at(day + _DAY, datetime.time()))
    if basis is Basis.WORKING and not kept.is_workday(day):
        return None
    return Stretch(_at(day, SERVICE_STARTS), _at(day, SERVICE_ENDS))


def running(
    basis: Basis, starts: datetime.datetime, ends: datetime.datetime, kept: Kept, pauses: Iterable[Stretch] = ()
) -> datetime.timedelta:
    """How long the clock ran from `starts` to `ends`, pauses left out; never negative."""
    total = _NOTHING
    for stretch in _stretches(basis, starts, kept, pauses, last=ends.astimezone(SHANGHAI).date()):
        total += max(min(stretch.ends, ends) - stretch.starts, _NOTHING)
    return total


def advance(
    basis: Basis, starts: datetime.datetime, time: datetime.timedelta, kept: Kept, pauses: Iterable[Stretch] = ()
) -> datetime.datetime:
    """The first moment at which the clock has run for `time` since `starts`."""
    if time <= _NOTHING:
        return starts
    for stretch in _stretches(basis, starts, kept, pauses):
        length = stretch.ends - stretch.starts
        if length >= time:
            return stretch.starts + time
        time -= length
    raise OverflowError("The clock never runs that long.")  # the calendar ended before


def due(amount: Amount, starts: datetime.datetime, kept: Kept, pauses: Sequence[Stretch] = ()) -> datetime.datetime:
    """By when `amount` is used up. Whole days begin with the day after and end at a close, put off by just what ran in
    the pauses."""
    if not amount.days:
        return advance(amount.basis, starts, amount.time, kept, pauses)
    # The day of the start does not count, nor does a pause on it: whoever reports later that day is promised the same.
    begins = _at(starts.astimezone(SHANGHAI).date() + _DAY, datetime.time())
    day, left = begins.date(), amount.days - (opening(amount.basis, begins.date(), kept) is not None)
    while left > 0:
        day += _DAY
        left -= opening(amount.basis, day, kept) is not None
    whole = running(amount.basis, begins, _close(amount.basis, day, kept), kept)
    return advance(amount.basis, begins, whole, kept, pauses)


def part(
    basis: Basis,
    starts: datetime.datetime,
    ends: datetime.datetime,
    percent: int,
    kept: Kept,
    pauses: Sequence[Stretch] = (),
) -> datetime.datetime:
    """When `percent` of the clock's time from `starts` to `ends` has run; a hundred per cent is exactly `ends`."""
    whole = running(basis, starts, ends, kept, pauses)
    if percent < 100:
        return min(advance(basis, starts, whole * percent / 100, kept, pauses), ends)
    return advance(basis, ends, whole * (percent - 100) / 100, kept, pauses)


def close_of(basis: Basis, day: datetime.date, kept: Kept) -> datetime.datetime:
    """When the clock stops on `day`; where it doesn't run that day, when service does."""
    return _close(basis, day, kept)


def moved(
    basis: Basis, starts: datetime.datetime, ends: datetime.datetime, kept: Kept, pauses: Sequence[Stretch]
) -> datetime.datetime:
    """`ends`, the close of a day that was named, put off by the pauses since `starts`; again the close of a day, and
    never one in a pause."""
    whole = running(basis, starts, ends, kept)
    if running(basis, starts, ends, kept, pauses) != whole:
        ends = _close(basis, advance(basis, starts, whole, kept, pauses).astimezone(SHANGHAI).date(), kept)
    for pause in _merged(pauses):
        # Over a day off that was named no time of the clock is lost, and yet nobody comes on it.
        if pause.starts < ends <= pause.ends:
            next_ = next(_stretches(basis, pause.ends, kept, pauses))
            ends = _close(basis, next_.starts.astimezone(SHANGHAI).date(), kept)
    return ends


def _close(basis: Basis, day: datetime.date, kept: Kept) -> datetime.datetime:
    open_ = opening(basis, day, kept)
    return open_.ends if open_ else _at(day, SERVICE_ENDS)


def _at(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(day, time, SHANGHAI)


def _stretches(
    basis: Basis,
    starts: datetime.datetime,
    kept: Kept,
    pauses: Iterable[Stretch],
    last: datetime.date = datetime.date.max - _DAY,
) -> Iterator[Stretch]:
    """The stretches in which the clock runs from `starts` on, day by day, without the pauses, in order."""
    still = _merged(pauses)
    day = starts.astimezone(SHANGHAI).date()
    while day <= last:
        open_ = opening(basis, day, kept)
        if open_ and open_.ends > starts:
            yield from _without(still, Stretch(max(open_.starts, starts), open_.ends))
        day += _DAY


def _merged(pauses: Iterable[Stretch]) -> list[Stretch]:
    """Pauses that touch or overlap count once."""
    merged: list[Stretch] = []
    for pause in sorted(each for each in pauses if each.ends > each.starts):
        if merged and pause.starts <= merged[-1].ends:
            merged[-1] = Stretch(merged[-1].starts, max(merged[-1].ends, pause.ends))
        else:
            merged.append(pause)
    return merged


def _without(still: list[Stretch], stretch: Stretch) -> Iterator[Stretch]:
    begins = stretch.starts
    for pause in still:
        if pause.ends <= begins:
            continue
        if pause.starts >= stretch.ends:
            break
        if pause.starts > begins:
            yield Stretch(begins, pause.starts)
        begins = pause.ends
    if begins < stretch.ends:
        yield Stretch(begins, stretch.ends)
