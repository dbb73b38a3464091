"""The ladder: who hears of a promise that runs out, and at which part of its own time. No database.

Community and street are DOMAIN.md's; manager and district are ours: the manager hears while the promise can still be
kept, the district at the next such step. A hundred per cent is exactly the due moment.
"""

from django.db import models
from django.utils.translation import pgettext_lazy

from repairs.workflow import Clock, Urgency


class Rung(models.IntegerChoices):
    """How far up; nobody is passed over."""

    MANAGER = 1, pgettext_lazy("rung", "Manager of the organisation")
    COMMUNITY = 2, pgettext_lazy("rung", "Community")
    STREET = 3, pgettext_lazy("rung", "Street")
    DISTRICT = 4, pgettext_lazy("rung", "District")


# Planned work never troubles the community. Danger rings everybody up to the street as soon as it is reported.
PERCENT: dict[Urgency, dict[Rung, int]] = {
    Urgency.DANGER: {Rung.MANAGER: 0, Rung.COMMUNITY: 0, Rung.STREET: 0, Rung.DISTRICT: 100},
    Urgency.URGENT: {Rung.MANAGER: 80, Rung.COMMUNITY: 100, Rung.STREET: 150, Rung.DISTRICT: 200},
    Urgency.NORMAL: {Rung.MANAGER: 80, Rung.COMMUNITY: 100, Rung.STREET: 200, Rung.DISTRICT: 300},
    Urgency.PLANNED: {Rung.MANAGER: 80, Rung.STREET: 100, Rung.DISTRICT: 200},
}
# They have rung: what is promised after it was taken up rings them all again when it is late, and not before.
_DANGER_IN_HAND = {Rung.MANAGER: 80, Rung.COMMUNITY: 100, Rung.STREET: 100, Rung.DISTRICT: 100}


def percents(urgency: str, clock: str) -> dict[Rung, int]:
    """At how much of that promise's own time each rung is reached, from the lowest up."""
    if urgency == Urgency.DANGER and clock != Clock.ACKNOWLEDGE:
        return _DANGER_IN_HAND
    return PERCENT[Urgency(urgency)]


def next_rung(urgency: str, rung: int) -> Rung | None:
    """The rung above `rung` (0: none yet); None from the top on."""
    return next((each for each in PERCENT[Urgency(urgency)] if each > rung), None)


def still_told(rung: int, before: str, after: str) -> int:
    """How far up from `rung` nobody is missing when the urgency changes: below the first whom `before` passes over and
    `after` doesn't. Whoever was told for all that has a row, which `climb` reads."""
    missed = [each for each in PERCENT[Urgency(after)] if each <= rung and each not in PERCENT[Urgency(before)]]
    return min(missed) - 1 if missed else rung


def percent(urgency: str, clock: str, rung: Rung) -> int:
    """At how much of that promise's own time `rung` is reached."""
    return percents(urgency, clock)[rung]
