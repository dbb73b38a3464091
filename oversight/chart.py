"""A line chart drawn on the server: strings and numbers for an inline SVG, wide for desks and narrow for phones."""

from datetime import datetime
from typing import NamedTuple

from django.utils.timezone import localtime

from oversight.figures import Weeks

_LEFT, _TOP, _BOTTOM = 36, 12, 138
# Width in the units of the drawing, how many weeks are named below, and where it shows.
_SHAPES = ((720, 5, "d-none d-sm-block"), (340, 3, "d-sm-none"))


class Mark(NamedTuple):
    """A word beside an axis, with the line that belongs to it; `anchor` keeps the last one inside the drawing."""

    at: float
    word: str
    anchor: str = "middle"


class WeekRow(NamedTuple):
    """One row of the table behind the chart."""

    begins: str
    reported: int
    confirmed: int


class Drawing(NamedTuple):
    """Two lines over the weeks and the axes' marks, for one width; `shows` are the classes that say where."""

    width: int
    right: int
    shows: str
    reported: str
    confirmed: str
    levels: list[Mark]
    weeks: list[Mark]


class Chart(NamedTuple):
    """The drawings, and the numbers as a table."""

    drawings: list[Drawing]
    rows: list[WeekRow]


def chart_of(weeks: Weeks) -> Chart:
    """The chart of `weeks`."""
    days = [_day(start) for start in weeks.starts]
    rows = [WeekRow(*row) for row in zip(days, weeks.reported, weeks.confirmed, strict=True)]
    return Chart([_drawing(weeks, days, *shape) for shape in _SHAPES], rows)


def _day(moment: datetime) -> str:
    """9/14: short, and the same in both languages."""
    local = localtime(moment)
    return f"{local.month}/{local.day}"


def _drawing(weeks: Weeks, days: list[str], width: int, labels: int, shows: str) -> Drawing:
    top = _round_up(max([*weeks.reported, *weeks.confirmed, 1]))
    right, last = width - 8, len(days) - 1
    named = [round(last * label / (labels - 1)) for label in range(labels)]
    return Drawing(
        width=width,
        right=right,
        shows=shows,
        reported=_path(weeks.reported, top, right),
        confirmed=_path(weeks.confirmed, top, right),
        levels=[Mark(_y(level, top), str(level)) for level in (0, top // 3, top * 2 // 3, top)],
        weeks=[Mark(_x(at, last, right), days[at], "end" if at == last else "middle") for at in named],
    )


def _round_up(most: int) -> int:
    """The top of the axis: a round number that divides by three."""
    unit = 3
    while unit * 10 < most:
        unit *= 10
    return -(-most // unit) * unit


def _x(at: int, last: int, right: int) -> float:
    return round(_LEFT + (right - _LEFT) * at / max(last, 1), 1)


def _y(value: int, top: int) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * value / top, 1)


def _path(values: list[int], top: int, right: int) -> str:
    points = (f"{_x(at, len(values) - 1, right)},{_y(value, top)}" for at, value in enumerate(values))
    return "M" + " ".join(points)
