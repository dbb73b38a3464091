"""Which steps of the ladder a ticket takes now: everything is worked out here, nothing is written."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from estates.models import Organisation
from repairs.ladder import Rung, percent
from repairs.models import ClimbReason, Met, Ticket
from repairs.rungs import organisation_on

# Whether somebody holds that rung in that organisation.
Held = Callable[[Rung, Organisation | None], bool]


class Step(NamedTuple):
    """One rung reached: whose it is, why, and whether somebody was there."""

    rung: Rung
    percent: int
    organisation: Organisation | None
    reason: ClimbReason
    met: Met
    # Where only that nobody was below brought it here: the step it began with.
    began: "Step | None" = None


class Climb(NamedTuple):
    """The steps a ticket takes now, in order, and what is next (None: nothing any more)."""

    steps: list[Step]
    rung: int
    climbs_at: datetime | None
    onward: Organisation | None


def climb_of(
    ticket: Ticket,
    ahead: Iterable[tuple[Rung, datetime]],
    now: datetime,
    held: Held,
    *,
    danger: bool = False,
    unowned: bool = False,
) -> Climb:
    """What `ticket` climbs now; `ahead` are the rungs it has not reached with their moments, lowest first.

    A step where nobody is there is taken too and is itself the reason for the next, at once. So is `danger` for every
    step up to the street, and that nobody could take the ticket up (`unowned`) for its first.
    """
    steps: list[Step] = []
    pressed = ClimbReason.UNOWNED if unowned else None
    rung = ticket.rung
    for above, moment in ahead:
        reason = ClimbReason.DANGER if danger and above < Rung.DISTRICT else pressed
        if moment > now and reason is None:
            # Below what is next, also where a rung above it was told first (see `ladder.still_told`).
            return Climb(steps, min(rung, above - 1), moment, organisation_on(above, ticket))
        if moment <= now and reason is ClimbReason.VACANT:
            reason = ClimbReason.LATE
        began = (steps[-1].began or steps[-1]) if steps and reason is ClimbReason.VACANT else None
        step = _step(ticket, above, held, reason or ClimbReason.LATE)._replace(began=began)
        # Where somebody further up was told before, nobody has to be told instead.
        pressed = None if step.met is Met.PEOPLE or above < ticket.rung else ClimbReason.VACANT
        steps.append(step)
        rung = max(rung, above)
    return Climb(steps, rung, None, None)


def _step(ticket: Ticket, rung: Rung, held: Held, reason: ClimbReason) -> Step:
    share = percent(ticket.urgency, ticket.due_clock, rung)
    organisation = organisation_on(rung, ticket)
    if rung is not Rung.MANAGER and organisation == ticket.organisation:
        met = Met.ITSELF
    else:
        met = Met.PEOPLE if held(rung, organisation) else Met.NOBODY
    return Step(rung, share, organisation, ClimbReason.DANGER if share == 0 else reason, met)


def kept(step: Step, ticket: Ticket, onward: Climb | None) -> dict[str, Any]:
    """What the timeline keeps of a step, in plain values; `onward`: for the last of several, what is next."""
    told: dict[str, Any] = {
        "rung": int(step.rung),
        "clock": ticket.due_clock,
        "percent": step.percent,
        "reason": step.reason.value,
        "met": step.met.value,
        "organisation": step.organisation.name if step.organisation else "",
        "phone": step.organisation.phone if step.organisation else "",
        "late": ticket.organisation.name,
    }
    if step.began:
        told["began"] = {"reason": step.began.reason.value, "percent": step.began.percent}
    if onward and onward.climbs_at and onward.onward:
        told["next"] = {"organisation": onward.onward.name, "at": onward.climbs_at.isoformat()}
    return told
