"""The order of a worker's day: danger first, then by agreed time, and from one door to the next one nearby.

The register has no coordinates, and no map of somebody else's is asked. How near two places are is read from what
they share: the stair, the building, the estate, the community, the street.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

# From the street down to the stair; `None` where the place is not that exact.
Spot = tuple[int | None, ...]


class Stop(NamedTuple):
    """One job of the day; `window` is when its agreed time begins, `due_at` when the promise ends."""

    pk: int
    danger: bool
    on_site: bool
    window: datetime | None
    due_at: datetime | None
    spot: Spot


def steps_between(one: Spot, other: Spot) -> int:
    """0 at the same stair, one more for each level up to what both share; nothing in common is the farthest."""
    shared = 0
    for mine, yours in zip(one, other, strict=True):
        if mine is None or mine != yours:
            break
        shared += 1
    return len(one) - shared


def in_order(stops: Iterable[Stop], start: Spot | None = None) -> list[Stop]:
    """Danger, then the job the worker is at, then window after window, then what has no time; nearest door next.

    `start` is where the worker was last.
    """
    ordered: list[Stop] = []
    for _group, members in groupby(sorted(stops, key=_group_of), key=_group_of):
        left = sorted(members, key=_by_promise)
        while left:
            here = ordered[-1].spot if ordered else start
            nearest = min(left, key=lambda stop: steps_between(here, stop.spot)) if here else left[0]
            left.remove(nearest)
            ordered.append(nearest)
    return ordered


def _group_of(stop: Stop) -> tuple[bool, bool, bool, float]:
    timed = 0.0 if stop.on_site or stop.window is None else stop.window.timestamp()
    return (not stop.danger, not stop.on_site, stop.window is None, timed)


def _by_promise(stop: Stop) -> tuple[bool, float, int]:
    return (stop.due_at is None, stop.due_at.timestamp() if stop.due_at else 0.0, stop.pk)
