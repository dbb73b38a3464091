"""What is known of a ticket's promises beside its own columns: read with the ticket, in no statement of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import Extract, JSONObject

from repairs.clocks import Stretch
from repairs.ladder import Rung
from repairs.models import ClockRun, Escalation, Met, Pause, PauseReason, Ticket
from repairs.models.ticket import TicketQuerySet
from repairs.times import pause_words

_ABOVE = {
    Rung.COMMUNITY: "community__organisation",
    Rung.STREET: "community__street__office",
    Rung.DISTRICT: "community__street__district__office",
}


class Run(NamedTuple):
    """A kept time, as `ClockRun` has it."""

    clock: str
    round: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime
    met: bool
    kept: bool
    promised: timedelta
    whole: timedelta
    without_pauses: timedelta


class Stood(NamedTuple):
    """A stretch in which the clock stood still, as `Pause` has it."""

    reason: str
    started_at: datetime
    until: datetime
    ended_at: datetime | None

    @property
    def words(self) -> str:
        """Why and until when."""
        return pause_words(str(PauseReason(self.reason).label), self.until)


class Told(NamedTuple):
    """A step of the ladder that met somebody."""

    clock: str
    round: int
    rung: int
    organisation: str


class Facts(NamedTuple):
    """All of it; `above`: the name of whoever stands on each rung above the organisation, empty for nobody."""

    runs: list[Run]
    pauses: list[Stood]
    told: list[Told]
    above: Mapping[Rung, str]

    def standing(self, now: datetime) -> Stood | None:
        """The pause the ticket is in at that moment."""
        return next((each for each in self.pauses if each.ended_at is None and each.until > now), None)

    def stretches(self) -> list[Stretch]:
        """When the clock stood still; a pause that still stands counts to its day."""
        return [Stretch(each.started_at, each.ended_at or each.until) for each in self.pauses]


def with_facts(rows: TicketQuerySet) -> TicketQuerySet:
    """`rows` each with what `facts_of` reads."""
    seconds = {name: Extract(name, "epoch") for name in ("promised", "whole", "without_pauses")}
    plain = {name: name for name in ("clock", "round", "started_at", "due_at", "stopped_at", "met", "kept")}
    told = {"clock": "clock", "round": "round", "rung": "rung", "organisation": "organisation__name"}
    own, met = {"ticket": OuterRef("pk")}, {"met": Met.PEOPLE, "order": None}
    runs = ClockRun.objects.filter(**own).order_by("pk").values(of=JSONObject(**plain, **seconds))
    pauses = Pause.objects.filter(**own).order_by("pk").values(of=JSONObject(**{each: each for each in Stood._fields}))
    steps = Escalation.objects.filter(**own, **met).order_by("rung", "pk").values(of=JSONObject(**told))
    return rows.annotate(
        kept_runs=ArraySubquery(runs),
        kept_pauses=ArraySubquery(pauses),
        kept_steps=ArraySubquery(steps),
        **{f"rung_{rung.value}": F(f"estate__{path}__name") for rung, path in _ABOVE.items()},
    )


def facts_of(ticket: Ticket) -> Facts:
    """Of a ticket read `with_facts`; of another in one statement."""
    if not hasattr(ticket, "kept_runs"):
        return facts_of(with_facts(Ticket.objects.only("pk")).get(pk=ticket.pk))
    read: dict[str, Any] = vars(ticket)
    return Facts(
        runs=[_run(each) for each in read["kept_runs"]],
        pauses=[Stood(**each | _moments(each, "started_at", "until", "ended_at")) for each in read["kept_pauses"]],
        told=[Told(**each) for each in read["kept_steps"]],
        above={rung: read[f"rung_{rung.value}"] or "" for rung in _ABOVE} | {Rung.MANAGER: ""},
    )


def _run(kept: dict[str, Any]) -> Run:
    lengths = {name: timedelta(seconds=float(kept[name])) for name in ("promised", "whole", "without_pauses")}
    return Run(**kept | _moments(kept, "started_at", "due_at", "stopped_at") | lengths)


def _moments(kept: dict[str, Any], *names: str) -> dict[str, datetime | None]:
    return {name: datetime.fromisoformat(kept[name]) if kept[name] else None for name in names}
