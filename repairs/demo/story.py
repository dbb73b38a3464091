"""One ticket's life, told step by step along the table of moves; the tale stops where it would pass the present."""

from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from repairs.actions.moves import reopened
from repairs.actions.moving import Visit, changed
from repairs.clock_runs import runs_of
from repairs.clocks import Stretch
from repairs.messages import messages_of
from repairs.models import ClockRun, Message, MessageChannel, Pause, Ticket, TicketEvent
from repairs.promises import due_columns
from repairs.workflow import MOVES, State

# Older messages have been read and tell nobody anything.
MESSAGES_KEPT = timedelta(days=14)
_READ_AFTER = timedelta(days=1)


class OutOfTurn(ValueError):
    """The demo's script wants a step the table of moves doesn't allow."""


@dataclass
class Story:
    """A ticket that isn't stored yet, with the events and messages that led to where it stands."""

    ticket: Ticket
    now: datetime
    # How the worker will describe the repair.
    fix: str
    events: list[TicketEvent] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    runs: list[ClockRun] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

    def report(self) -> None:
        """The first event."""
        self._write("report", self.ticket.reporter, self.ticket.filed_at)

    @property
    def last_at(self) -> datetime:
        """When the latest step was taken."""
        return self.events[-1].at

    def move(
        self,
        verb: str,
        at: datetime,
        by: User | None,
        note: str = "",
        visit: Visit = None,
        told: dict[str, Any] | None = None,
        **changes: Any,
    ) -> bool:
        """Take a step, as the verb of that name would have; whether it has happened by now."""
        move, ticket = MOVES[verb], self.ticket
        if at > self.now:
            return False
        reopens = ticket.state == State.CLOSED and ticket.closure in move.reopens
        if at < self.last_at or not (reopens or ticket.state in move.starts - {State.CLOSED}):
            raise OutOfTurn(verb)
        before, seen = {name: getattr(ticket, name) for name in ("state", *changes)}, copy(ticket)
        if move.ends is not None:
            changes |= {"state": move.ends}
            ticket.version += 1
        for name, value in changes.items():
            setattr(ticket, name, value)
        said = changed(before, changes) | ({"visit": list(visit)} if visit else {}) | (told or {})
        self._write(verb, by, at, note, internal=move.internal, changes=said)
        stopped = runs_of(seen, ticket, at, self._paused())
        known = {(run.clock, run.round) for run in self.runs}
        for run in (each for each in stopped if (each.clock, each.round) not in known):
            run.ticket = ticket  # not the copy
            self.runs.append(run)
        return True

    def _paused(self) -> list[Stretch]:
        return [Stretch(each.started_at, each.ended_at or each.until) for each in self.pauses]

    def _owed(self, at: datetime, **as_it_will_be: Any) -> dict[str, Any]:
        return due_columns(self.ticket, at, paused=self._paused(), **as_it_will_be)

    def _write(self, verb: str, by: User | None, at: datetime, note: str = "", **fields: Any) -> None:
        event = TicketEvent(ticket=self.ticket, verb=verb, by=by, at=at, note=note, **fields)
        self.events.append(event)
        tells = verb == "report" or MOVES[verb].tells_reporter
        if tells and at > self.now - MESSAGES_KEPT:
            self.messages += [self._delivered(message) for message in messages_of(event, self.ticket)]

    def _delivered(self, message: Message) -> Message:
        message.next_try_at = None
        if message.channel == MessageChannel.SMS:
            message.sent_at, message.tries = message.created_at, 1
        elif message.created_at < self.now - _READ_AFTER:
            message.read_at = message.created_at + timedelta(minutes=40)
        return message

    # ------------------------------------------------------------------ the verbs, as actions/moves.py writes them
    def acknowledge(self, at: datetime, by: User, urgency: str = "") -> bool:
        """Taken up, the urgency kept or set anew."""
        ticket = self.ticket
        taken_up: dict[str, Any] = {"urgency": urgency or ticket.urgency, "acknowledged_at": at}
        owed = self._owed(at, **taken_up)
        return self.move("acknowledge", at, by, repair_type=ticket.repair_type, **taken_up, **owed)

    def assign(self, at: datetime, by: User, worker: User, note: str = "") -> bool:
        """Given to a worker."""
        return self.move("assign", at, by, note, assignee=worker, assigned_at=at)

    def arrive(self, at: datetime) -> bool:
        """The worker is at the door."""
        owed = self._owed(at, arrived_at=at)
        return self.move("arrive", at, self.ticket.assignee, arrived_at=at, **owed)

    def pause(self, at: datetime, by: User, reason: str, until: datetime, note: str = "") -> bool:
        """The clock stands still."""
        if at > self.now:
            return False
        self.pauses.append(Pause(ticket=self.ticket, reason=reason, started_at=at, started_by=by, until=until))
        return self.move("pause", at, by, note, told=self._of_pause(), **self._owed(at))

    def resume(self, at: datetime, by: User) -> bool:
        """It goes on before its day."""
        if at > self.now:
            return False
        self.pauses[-1].ended_at, self.pauses[-1].ended_by = at, by
        return self.move("resume", at, by, told=self._of_pause(), **self._owed(at))

    def _of_pause(self) -> dict[str, Any]:
        return {"pause": {"reason": self.pauses[-1].reason, "until": self.pauses[-1].until.isoformat()}}

    def finish(self, at: datetime) -> bool:
        """The worker says it is done."""
        owed = self._owed(at, finished_at=at)
        return self.move("finish", at, self.ticket.assignee, self.fix, finished_at=at, **owed)

    def not_fixed(self, at: datetime, by: User, note: str) -> bool:
        """The resident says it isn't."""
        again = reopened(self.ticket, at)
        return self.move("not_fixed", at, by, note, **again, **self._owed(at, **again))

    def close(self, verb: str, at: datetime, by: User | None, note: str = "") -> bool:
        """Confirmed, lapsed, cancelled or declined."""
        owed = self._owed(at, closed_at=at)
        return self.move(verb, at, by, note, closure=MOVES[verb].closure, closed_at=at, **owed)
