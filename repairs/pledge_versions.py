"""What an estate promised, promises and will promise, out of all versions read at once; two statements however many.

A ticket needs only one day of it and reads that from `repairs/pledges.py`; the rule is the same (a test compares them).
"""

from datetime import date, timedelta
from typing import NamedTuple

from estates.models import Estate
from repairs.clocks import Amount
from repairs.models import PledgeVersion
from repairs.pledges import CLOCKS, stricter, table_mode
from repairs.workflow import Clock, Urgency

_DAY = timedelta(days=1)
About = tuple[Urgency, Clock]


class Held(NamedTuple):
    """A promise as it holds on a day: how much time, how much the house gives, and whether the estate's own is less."""

    amount: Amount
    house: Amount
    own: bool


class Change(NamedTuple):
    """One promise that becomes another."""

    about: About
    before: Amount
    after: Held


class Rules:
    """The versions that rule one estate, for one way of managing it."""

    def __init__(self, estate: Estate, mode: str) -> None:
        self.mode = table_mode(mode)
        self.versions = list(PledgeVersion.objects.ruling(estate))
        self._read: dict[date, dict[About, Held]] = {}

    @property
    def own(self) -> list[PledgeVersion]:
        """The estate's own, oldest first."""
        return [each for each in self.versions if each.estate_id is not None]

    def in_force(self, on: date) -> PledgeVersion | None:
        """The estate's own version of that day: it says everything the estate promises of its own."""
        return next((each for each in reversed(self.own) if each.starts_on <= on), None)

    def on(self, day: date) -> dict[About, Held]:
        """What holds on that day, in the order of the urgencies and of what comes due first."""
        if day not in self._read:
            self._read[day] = self._table(day)
        return self._read[day]

    def _table(self, day: date) -> dict[About, Held]:
        house: dict[About, Amount] = {}
        for version in self.versions:
            if version.estate_id is None and version.starts_on <= day:
                house |= self.amounts(version)
        last = self.in_force(day)
        own = self.amounts(last) if last else {}
        table = {}
        for about in (each for each in ABOUT if each in house):
            given = stricter(house[about], own.get(about), day)
            table[about] = Held(given.amount, house[about], given.own)
        return table

    def amounts(self, version: PledgeVersion) -> dict[About, Amount]:
        """What a version itself says for this way of managing."""
        rows = (row for row in version.pledges.all() if row.mode == self.mode)
        return {(Urgency(row.urgency), Clock(row.clock)): row.amount for row in rows}

    def changes(self, day: date) -> list[Change]:
        """What becomes different on that day."""
        before = self.on(day - _DAY)
        return [
            Change(about, before[about].amount, held)
            for about, held in self.on(day).items()
            if about in before and before[about].amount != held.amount
        ]

    def since(self, on: date) -> date:
        """The day from which on it has been as it is on that day."""
        begun = [each.starts_on for each in self.versions if each.starts_on <= on]
        return next((day for day in reversed(begun) if self.changes(day)), begun[0])

    def to_come(self, on: date) -> list[tuple[date, list[Change]]]:
        """The later days on which something changes, soonest first."""
        days = sorted({each.starts_on for each in self.versions if each.starts_on > on})
        return [(day, changes) for day in days if (changes := self.changes(day))]


ABOUT: list[About] = [(urgency, clock) for urgency, clocks in CLOCKS.items() for clock in clocks]
