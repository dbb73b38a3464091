"""A measured figure, what was wanted of it, and how the figures are shown and kept."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Figure(NamedTuple):
    """One line of the table; `wanted` in words ("≤ 2"), `ok` None where nothing was wanted."""

    name: str
    value: float
    unit: str
    wanted: str = ""
    ok: bool | None = None


def plain(name: str, value: float, unit: str) -> Figure:
    """A figure for orientation, with nothing wanted of it."""
    return Figure(name, _short(value), unit)


def at_most(name: str, value: float, unit: str, most: float) -> Figure:
    """Good up to `most`."""
    return Figure(name, _short(value), unit, f"≤ {most:g}", value <= most)


def exactly(name: str, value: float, unit: str, right: float) -> Figure:
    """Good only if it is `right`."""
    return Figure(name, _short(value), unit, f"= {right:g}", value == right)


def _short(value: float) -> float:
    return round(value, 3 if abs(value) < 10 else 1)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(figures: Iterable[Figure]) -> str:
    """For reading: name, value, what was wanted, and a mark at what misses."""
    lines = []
    for each in figures:
        mark = {None: " ", True: "✓", False: "✗"}[each.ok]
        lines.append(f"{mark} {each.name:<44} {each.value:>10g} {each.unit:<10} {each.wanted}".rstrip())
    return "\n".join(lines)


def write(figures: Iterable[Figure], path: Path) -> None:
    """For programs: a list of objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([each._asdict() for each in figures], ensure_ascii=False, indent=1), encoding="utf-8")
