"""本单承诺: every promise of one ticket as both sides read it: by when, how it stands, what is paused, who was told."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from repairs.clock_runs import Standing, unmet
from repairs.clocks import due, running
from repairs.ladder import Rung, next_rung
from repairs.models import Ticket
from repairs.pledges import kept_days, pledges
from repairs.promise_facts import Facts, Run, Stood, facts_of
from repairs.promise_words import on_rung, plain_word, promise_word, rework, told_names
from repairs.spans import due as nearness
from repairs.spans import hours_span, span
from repairs.times import lately
from repairs.workflow import Clock, Urgency

_ORDER = list(Clock)


class Shown(NamedTuple):
    """One promise: its name, how it stands (a pill's tone, icon and word), and what else there is to say of it."""

    title: str
    tone: str
    icon: str
    word: str
    lines: list[str]


class Met(NamedTuple):
    """A promise met before kept times were written: only what the ticket's own columns prove."""

    clock: str
    by: datetime
    at: datetime


def shown(ticket: Ticket, facts: Facts | None = None, *, plain: bool = False) -> list[Shown]:
    """Every promise of `ticket` (read `with_facts`, or one statement more), run by run, in the order they come due;
    `plain`: in the resident's words."""
    page = _Page(ticket, facts or facts_of(ticket), timezone.now(), plain)
    over = ticket.finished_at or ticket.closed_at
    found = [(run.round, run.clock, page.ended(run)) for run in page.facts.runs]
    found += [(page.round(each.clock), each.clock, page.met(each)) for each in _met_before(ticket, page.facts.runs)]
    found += [(page.round(each.clock), each.clock, page.stands(each)) for each in unmet(ticket) if not over]
    return [row for _round, _clock, row in sorted(found, key=lambda each: (each[0], _ORDER.index(Clock(each[1]))))]


def _met_before(ticket: Ticket, runs: list[Run]) -> Iterator[Met]:
    """What has no kept time, where it is certain when it was promised and when it was met; else nothing is said."""
    again = bool(ticket.times_reopened)
    certain = {
        Clock.ACKNOWLEDGE: (ticket.acknowledge_by, ticket.acknowledged_at, True),
        Clock.ARRIVE: (ticket.arrive_by, ticket.arrived_at, not again and not ticket.times_nobody_home),
        Clock.MAKE_SAFE: (ticket.make_safe_by, ticket.made_safe_at, True),
        Clock.RESTORE: (ticket.restore_by, ticket.finished_at, ticket.urgency != Urgency.PLANNED),
    }
    for clock, (by, at, sure) in certain.items():
        round_ = ticket.times_reopened if clock is Clock.RESTORE else 0
        written = any((run.clock, run.round) == (clock, round_) for run in runs)
        if by and at and sure and not written:
            yield Met(clock, by, at)


class _Page:
    """Makes the rows of one ticket."""

    def __init__(self, ticket: Ticket, facts: Facts, now: datetime, plain: bool) -> None:
        self.ticket, self.facts, self.now = ticket, facts, now
        self._word = plain_word if plain else promise_word
        self._given = pledges(ticket.urgency, ticket.mode, timezone.localdate(ticket.filed_at), ticket.estate_id)
        self._pause = facts.standing(now)

    def ended(self, run: Run) -> Shown:
        """One that was met, or ended with the ticket, with the time it took."""
        late = span(run.stopped_at - run.due_at)
        if run.kept:
            state = "jade", "circle-check", pgettext("promise", "Kept")
        elif run.met:
            state = "rose", "clock-alert", _("Met %(time)s late") % {"time": late}
        elif run.stopped_at > run.due_at:
            state = "rose", "clock-alert", pgettext("promise", "Not kept")
        else:
            state = "grey", "circle-minus", pgettext("promise", "Ended before it was due")
        met = [self._by_and_met(run.due_at, run.stopped_at), _time_used(run)]
        lines = met if run.met else [self._by_and_met(run.due_at, None)]
        lines += [self._own_run(run), self._told(run.clock, run.round)]
        return self._shown(run.clock, run.round, state, lines)

    def met(self, met: Met) -> Shown:
        """One met before kept times were written."""
        kept = met.at <= met.by
        word = pgettext("promise", "Kept") if kept else _("Met %(time)s late") % {"time": span(met.at - met.by)}
        state = ("jade", "circle-check", word) if kept else ("rose", "clock-alert", word)
        return self._shown(met.clock, self.round(met.clock), state, [self._by_and_met(met.by, met.at)])

    def stands(self, stands: Standing) -> Shown:
        """One that is still owed: time left, late, or paused and why."""
        near = nearness(stands.by, since=stands.starts, now=self.now)
        lines = [self._by_and_met(stands.by, None)]
        pause = self._pause_of(stands)
        if pause:
            state = "amber", "circle-pause", pgettext("promise", "Paused")
            lines.append(_("The clock stands still: %(pause)s.") % {"pause": pause.words})
        elif stands.by < self.now:
            state = "rose", "clock-alert", near.words
        else:
            state = near.tone or "sea", "hourglass", near.words
        lines += [self._own(stands), self._told(stands.clock, self.ticket.times_reopened), self._onward(stands)]
        return self._shown(stands.clock, self.round(stands.clock), state, lines)

    def round(self, clock: str) -> int:
        """The run it is promised in: only the repair is promised again."""
        return self.ticket.times_reopened if clock in {Clock.PLAN, Clock.RESTORE} else 0

    def _shown(self, clock: str, round_: int, state: tuple[str, str, str], lines: list[str]) -> Shown:
        title = self._word(clock, self.ticket.urgency)
        return Shown(rework(title) if round_ else title, *state, [line for line in lines if line])

    def _by_and_met(self, by: datetime, at: datetime | None) -> str:
        if at is None:
            return _("Promised by %(by)s") % {"by": lately(by)}
        return _("Promised by %(by)s, met %(at)s") % {"by": lately(by), "at": lately(at)}

    def _pause_of(self, stands: Standing) -> Stood | None:
        # Taking it up is never put off, and what was late before the pause stays late.
        pausable = stands.clock is not Clock.ACKNOWLEDGE and stands.by > self.now
        return self._pause if pausable else None

    # ------------------------------------------------------------------ the estate's own
    def _own(self, stands: Standing) -> str:
        given = self._given.get(stands.clock)
        if given is None or not given.own:
            return ""
        still = () if stands.clock is Clock.ACKNOWLEDGE else self.facts.stretches()
        return _own_words() if due(given.amount, stands.starts, kept_days(), still) == stands.by else ""

    def _own_run(self, run: Run) -> str:
        """Said only where the time promised was just that: the urgency, or an agreed visit, may have changed it."""
        given = self._given.get(Clock(run.clock))
        if given is None or not given.own:
            return ""
        by = due(given.amount, run.started_at, kept_days())
        same = running(given.amount.basis, run.started_at, by, kept_days()) == run.promised
        return _own_words() if same else ""

    # ------------------------------------------------------------------ the ladder
    def _told(self, clock: str, round_: int) -> str:
        names = told_names(self.facts, clock, round_)
        return _("Told: %(names)s") % {"names": names} if names else ""

    def _onward(self, stands: Standing) -> str:
        ticket = self.ticket
        above = next_rung(ticket.urgency, ticket.rung)
        if stands.clock != ticket.due_clock or ticket.climbs_at is None or above is None:
            return ""
        name = ticket.organisation.name if above is Rung.MANAGER else self.facts.above[above]
        words = {"when": lately(max(ticket.climbs_at, self.now)), "next": on_rung(above, name)}
        return _("If it is not met, %(next)s hears of it %(when)s") % words


def _own_words() -> str:
    return _("This estate's own promise, stricter than the usual one")


def _time_used(run: Run) -> str:
    words = {"whole": hours_span(run.whole), "without": hours_span(run.without_pauses), "of": hours_span(run.promised)}
    if run.whole == run.without_pauses:
        return _("Took %(whole)s of %(of)s on its clock") % words
    return _("Took %(whole)s on its clock, %(without)s of %(of)s without the pauses") % words
