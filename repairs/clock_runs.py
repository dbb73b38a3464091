"""Stopping clocks: what a move met or ended is kept, with and without pauses, in the transaction of the move.

Called by the one place that makes moves, so that no verb forgets it; a move that stops nothing costs nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from repairs.clocks import Basis, Stretch, running
from repairs.models import ClockRun, Ticket
from repairs.pledges import Terms, terms_of
from repairs.promises import COLUMNS, has_been_there, stretches
from repairs.workflow import PAUSABLE, Clock, Urgency


class Standing(NamedTuple):
    """A promise that was not yet met."""

    clock: Clock
    starts: datetime
    by: datetime


def runs_of(before: Ticket, after: Ticket, at: datetime, paused: Sequence[Stretch] | None = None) -> list[ClockRun]:
    """The clocks that stopped between the two at that moment, not stored yet; `paused` as for `due_columns`."""
    if before.finished_at or before.closed_at:
        return []
    still = {each.clock for each in unmet(after)}
    stopped = [
        (each, met)
        for each in unmet(before)
        # Broken, and with another urgency no longer promised: it ends with that, and is kept as broken.
        if (met := _met(each.clock, after)) or after.closed_at or (each.clock not in still and each.by < at)
    ]
    if not stopped:
        return []
    given = terms_of(before)
    stored = before.pk and before.state in PAUSABLE
    pauses = paused if paused is not None else stretches(before) if stored else []
    return [_run(before, each, bool(met), at, given, pauses) for each, met in stopped]


def stop_clocks(before: Ticket, after: Ticket, at: datetime) -> None:
    """Keep the clocks that stopped; one that stopped before, in the same run, stays as it was."""
    if runs := runs_of(before, after, at):
        ClockRun.objects.bulk_create(runs, ignore_conflicts=True)


def unmet(ticket: Ticket) -> Iterator[Standing]:
    """The promises of the run that `ticket` is in which were not met yet, by its own columns."""
    met = {clock for clock in Clock if _met(clock, ticket)}
    planned = ticket.urgency == Urgency.PLANNED and ticket.plan_posted_at is None
    for clock in Clock:
        by: datetime | None = getattr(ticket, COLUMNS[clock])
        last = clock in {Clock.PLAN, Clock.RESTORE}
        if clock in met or by is None or (ticket.times_reopened and not last):
            continue
        if last and (clock is Clock.PLAN) is not planned:
            continue
        yield Standing(clock, _starts(ticket, clock), by)


def _starts(ticket: Ticket, clock: Clock) -> datetime:
    if clock is Clock.RESTORE and ticket.plan_posted_at and ticket.urgency == Urgency.PLANNED:
        return ticket.plan_posted_at
    again = ticket.reopened_at if clock in {Clock.PLAN, Clock.RESTORE} else None
    return again or ticket.filed_at


def _met(clock: Clock, ticket: Ticket) -> bool:
    """Whoever says that it is repaired has met everything before as well."""
    if clock is Clock.ACKNOWLEDGE:
        return ticket.acknowledged_at is not None
    if ticket.finished_at is not None:
        return True
    return {
        Clock.ARRIVE: has_been_there(ticket),
        Clock.MAKE_SAFE: ticket.made_safe_at is not None,
        Clock.PLAN: ticket.plan_posted_at is not None,
        Clock.RESTORE: False,
    }[clock]


def _run(ticket: Ticket, stood: Standing, met: bool, at: datetime, given: Terms, pauses: Sequence[Stretch]) -> ClockRun:
    amount = given.amounts.get(stood.clock)
    basis = amount.basis if amount else Basis.WORKING
    return ClockRun(
        ticket=ticket,
        clock=stood.clock,
        round=ticket.times_reopened,
        started_at=stood.starts,
        due_at=stood.by,
        stopped_at=at,
        met=met,
        kept=met and at <= stood.by,
        promised=running(basis, stood.starts, stood.by, given.kept, pauses),
        whole=running(basis, stood.starts, at, given.kept),
        without_pauses=running(basis, stood.starts, at, given.kept, pauses),
    )
