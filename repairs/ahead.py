"""When many tickets reach the rungs of the ladder that lie ahead of them: their pauses are read in one statement."""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime

from repairs.clocks import Stretch, part
from repairs.ladder import Rung, percents
from repairs.models import Pause, Ticket
from repairs.pledges import terms_of
from repairs.promises import promises_of
from repairs.workflow import PAUSABLE


class Ahead:
    """The rungs ahead of some tickets."""

    def __init__(self, tickets: Iterable[Ticket]) -> None:
        paused = [ticket.pk for ticket in tickets if ticket.state in PAUSABLE]
        rows = Pause.objects.filter(ticket__in=paused).values_list("ticket", "started_at", "ended_at", "until")
        self._pauses: dict[int, list[Stretch]] = {}
        for ticket, started_at, ended_at, until in rows:
            self._pauses.setdefault(ticket, []).append(Stretch(started_at, ended_at or until))

    def rungs(self, ticket: Ticket, taken: Container[int]) -> Iterator[tuple[Rung, datetime]]:
        """Those not `taken` with the moments at which the promise that is due reaches them, lowest first."""
        if ticket.due_at is None:
            return
        pauses = self._pauses.get(ticket.pk, [])
        given = terms_of(ticket)
        of_clock = (each for each in promises_of(ticket, given, pauses) if each.clock == ticket.due_clock)
        due = next(of_clock, None)
        if due is None:
            return
        for rung, share in percents(ticket.urgency, ticket.due_clock).items():
            if rung not in taken:
                yield rung, part(due.climbs_on, due.starts, ticket.due_at, share, given.kept, pauses)
