"""The tiles and the types behind them, as the first question of a report shows them: read twice a minute by a process.

Every reporter looks at them, and they change a few times a year. Nothing is decided by what is kept here: a type that
an administrator has just taken out of use may be shown for half a minute, but choosing it asks the catalogue itself.
"""

import time

from repairs.models import Category

LIVES = 30.0

_kept: tuple[float, list[Category]] | None = None


def tiles() -> list[Category]:
    """The categories in use with their types in use in `repair_types.all()`, at most `LIVES` seconds old."""
    global _kept
    now = time.monotonic()
    if _kept is None or now - _kept[0] > LIVES:
        _kept = now, list(Category.objects.for_tiles())
    return _kept[1]


def forget() -> None:
    """Read them anew the next time."""
    global _kept
    _kept = None
