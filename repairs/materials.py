"""What was used up in a repair, as both sides read it: lines with their sums, and the sum of all."""

from decimal import Decimal
from typing import NamedTuple

from repairs.models import Material, Ticket

_CENT = Decimal("0.01")


class Line(NamedTuple):
    """One material in words: 2 × ¥12.50, ¥25.00."""

    name: str
    amount: str
    price: str
    total: str


class Used(NamedTuple):
    """All of them; `total` is empty where nothing was charged."""

    lines: list[Line]
    total: str


def used(ticket: Ticket) -> Used:
    """The materials of every time `ticket` was finished, in one query."""
    rows = list(Material.objects.filter(ticket=ticket).order_by("pk"))
    return Used([_line(row) for row in rows], _yuan(sum((row.quantity * row.price for row in rows), Decimal(0))))


def _line(row: Material) -> Line:
    return Line(row.name, f"{row.quantity.normalize():f}", _yuan(row.price), _yuan(row.quantity * row.price))


def _yuan(amount: Decimal) -> str:
    return f"¥{amount.quantize(_CENT)}" if amount else ""
