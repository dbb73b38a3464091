"""A line chart drawn on the server: strings and numbers for an inline SVG of 720 × 170."""

from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.timezone import localtime

from oversight.figures import Weeks

_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 708, 12, 138
_LABELS = 5


class Mark(NamedTuple):
    """A word beside an axis, with the line that belongs to it."""

    at: float
    word: str


class WeekRow(NamedTuple):
    """One row of the table behind the chart."""

    begins: str
    reported: int
    confirmed: int


class Chart(NamedTuple):
    """Two lines over the weeks, the axes' marks, and the numbers as a table."""

    reported: str
    confirmed: str
    levels: list[Mark]
    weeks: list[Mark]
    rows: list[WeekRow]


def chart_of(weeks: Weeks) -> Chart:
    """The chart of `weeks`."""
    top = _round_up(max([*weeks.reported, *weeks.confirmed, 1]))
    days = [date_format(localtime(start), "MONTH_DAY_FORMAT") for start in weeks.starts]
    step = max(1, -(-len(days) // _LABELS))
    return Chart(
        reported=_path(weeks.reported, top),
        confirmed=_path(weeks.confirmed, top),
        levels=[Mark(_y(level, top), str(level)) for level in (0, top // 3, top * 2 // 3, top)],
        weeks=[Mark(_x(at, len(days)), days[at]) for at in range(0, len(days), step)],
        rows=[WeekRow(*row) for row in zip(days, weeks.reported, weeks.confirmed, strict=True)],
    )


def _round_up(most: int) -> int:
    """The top of the axis: a round number that divides by three."""
    unit = 3
    while unit * 10 < most:
        unit *= 10
    return -(-most // unit) * unit


def _x(at: int, count: int) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * at / max(count - 1, 1), 1)


def _y(value: int, top: int) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * value / top, 1)


def _path(values: list[int], top: int) -> str:
    return "M" + " ".join(f"{_x(at, len(values))},{_y(value, top)}" for at, value in enumerate(values))
