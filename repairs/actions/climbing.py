"""The clock's verb of the ladder: many tickets at once, each with one event, one row to answer and its messages a step.

The one move that is not written by `moving.move`: a hundred thousand open tickets leave no time for a statement each.
The ticket's row lock and the unique step keep two runs from taking a step twice; a row somebody else holds is left to
the next run.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.roles import Permission
from estates import access
from repairs.ahead import Ahead
from repairs.climbs import Climb, Step, climb_of, kept
from repairs.ladder import Rung
from repairs.messages import Telling, tell_many, tell_staff
from repairs.models import Escalation, Met, Ticket, TicketEvent
from repairs.models.ticket import TicketQuerySet
from repairs.rungs import Posts, organisation_on
from repairs.workflow import MOVES, State, Urgency

# So many tickets are locked at a time: whoever presses on one of them waits for a fraction of a second.
AT_ONCE = 200


class _Taken(NamedTuple):
    """One step with what was written about it."""

    ticket: Ticket
    step: Step
    event: TicketEvent
    last: bool


class _Empty(NamedTuple):
    """Organisations by key in which nobody is left: to take a report up, and to do anything about one in hand."""

    nobody_takes_up: frozenset[int]
    nobody_works: frozenset[int]

    def leaves(self, ticket: Ticket) -> bool:
        """Whether nobody there can do what comes next."""
        left = self.nobody_takes_up if ticket.state == State.SUBMITTED else self.nobody_works
        return ticket.organisation_id in left


@transaction.atomic
def climb(ticket: int | None = None, *, ring: bool = False) -> int:
    """Let those climb whose time has come, `AT_ONCE` at most; how many there were.

    `ticket`: only that one; to `ring` is to tell everybody up to the street of a danger whatever the time. One that
    moved on in this very moment is locked by whoever moved it, or no longer due.
    """
    now, empty = timezone.now(), _empty()
    tickets = _ringing(ticket) if ticket and ring else _claim(now, empty, ticket)
    if not tickets:
        return 0
    climbs = _climbs(tickets, now, empty, ring=ring)
    taken = _write_events(climbs, now)
    _write_steps(taken)
    _write_tickets(climbs)
    _tell(taken)
    return len(tickets)


def ask_to_ring(ticket: Ticket) -> None:
    """A job for the worker, deferred in the caller's transaction: there is danger, and it waits for no minute."""
    # Named, not imported: the task module stands above this one.
    app.configure_task("repairs.tasks.ring_of_danger").defer(ticket=ticket.pk)


def ring_again(event: TicketEvent, ticket: Ticket) -> None:
    """`event` raised `ticket` to danger when its promise had climbed already: no step is taken twice, so whoever was
    told that it is late is told of the danger by this event; the others by the steps that `ask_to_ring` takes."""
    taken = Escalation.objects.filter(ticket=ticket, order__isnull=True)
    of_this = taken.filter(clock=ticket.due_clock, round=ticket.times_reopened).select_related("organisation")
    steps = [(Rung(each.rung), each.organisation) for each in of_this.order_by("rung") if each.organisation]
    posts = Posts(organisation for _rung, organisation in steps)
    for rung, organisation in steps:
        tell_staff(event, ticket, posts.people(rung, organisation), organisation)


def _ringing(ticket: int) -> list[Ticket]:
    """The one in danger; waited for, because nobody comes back for it."""
    rows = _can_climb().filter(pk=ticket, urgency=Urgency.DANGER)
    return list(rows.select_for_update(no_key=True, of=("self",)).for_climbing())


def _can_climb() -> TicketQuerySet:
    return Ticket.objects.filter(state__in=MOVES["climb"].starts).exclude(due_clock="")


def _empty() -> _Empty:
    act = Permission.TICKET_ACKNOWLEDGE, Permission.TICKET_ASSIGN, Permission.TICKET_WORK
    return _Empty(access.without_anybody(act[0]), access.without_anybody(*act))


def _claim(now: datetime, empty: _Empty, only: int | None) -> list[Ticket]:
    """Locked until the transaction ends, without waiting for anybody; those whose time has come first."""
    can_climb = _can_climb() if only is None else _can_climb().filter(pk=only)
    rows = can_climb.select_for_update(skip_locked=True, no_key=True, of=("self",)).for_climbing()
    due = list(rows.filter(climbs_at__lte=now).order_by("climbs_at", "pk")[:AT_ONCE])
    if len(due) < AT_ONCE and empty.nobody_takes_up:
        new, in_hand = Q(state=State.SUBMITTED), Q(organisation__in=empty.nobody_works)
        waiting = rows.filter(new | in_hand, rung=0, organisation__in=empty.nobody_takes_up, climbs_at__gt=now)
        due += waiting.order_by("filed_at", "pk")[: AT_ONCE - len(due)]
    return due


def _climbs(tickets: list[Ticket], now: datetime, empty: _Empty, *, ring: bool) -> list[tuple[Ticket, Climb]]:
    posts = Posts(organisation_on(rung, ticket) for ticket in tickets for rung in Rung)
    steps_before = _steps_before(tickets)
    ahead = Ahead(tickets)
    climbs = []
    for ticket in tickets:
        taken = steps_before.get((ticket.pk, ticket.due_clock, ticket.times_reopened), set())
        ticket.rung = max(ticket.rung, *taken, 0)
        found = climb_of(
            ticket,
            # Also those passed over on the way: planned work, since raised, never troubled the community.
            ahead.rungs(ticket, taken),
            now,
            lambda rung, organisation: bool(posts.people(rung, organisation)),
            danger=ring,
            unowned=ticket.rung == 0 and empty.leaves(ticket),
        )
        climbs.append((ticket, found))
    return climbs


def _steps_before(tickets: list[Ticket]) -> dict[tuple[int, str, int], set[int]]:
    """The steps each promise has taken: what a verb wrote back from an older page must not be climbed again."""
    rows = Escalation.objects.filter(ticket__in=[ticket.pk for ticket in tickets], order__isnull=True)
    taken: dict[tuple[int, str, int], set[int]] = {}
    for ticket, clock, round_, rung in rows.values_list("ticket", "clock", "round", "rung"):
        taken.setdefault((ticket, clock, round_), set()).add(rung)
    return taken


def _write_events(climbs: list[tuple[Ticket, Climb]], now: datetime) -> list[_Taken]:
    taken = []
    for ticket, found in climbs:
        for step in found.steps:
            last = step is found.steps[-1]
            changes = {"climb": kept(step, ticket, found if last else None)}
            taken.append(_Taken(ticket, step, TicketEvent(ticket=ticket, verb="climb", at=now, changes=changes), last))
    TicketEvent.objects.bulk_create([each.event for each in taken])
    return taken


def _write_steps(taken: list[_Taken]) -> None:
    Escalation.objects.bulk_create(
        Escalation(
            ticket=each.ticket,
            clock=each.ticket.due_clock,
            round=each.ticket.times_reopened,
            rung=each.step.rung,
            organisation=each.step.organisation,
            at=each.event.at,
            percent=each.step.percent,
            reason=each.step.reason,
            met=each.step.met,
            event=each.event,
        )
        for each in taken
    )


def _write_tickets(climbs: list[tuple[Ticket, Climb]]) -> None:
    """How far each has climbed and when it climbs again; in one statement, and without a new version: nothing is taken
    from whoever looks at the ticket."""
    rows = [(ticket.pk, found.rung, found.climbs_at) for ticket, found in climbs]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE repairs_ticket SET rung = found.rung, climbs_at = found.climbs_at"
            " FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[]) AS found (id, rung, climbs_at)"
            " WHERE repairs_ticket.id = found.id",
            [list(column) for column in zip(*rows, strict=True)],
        )


def _tell(taken: list[_Taken]) -> None:
    """The resident in the app of each step, by text message only of the last; those it met, each of theirs."""
    posts = Posts(each.step.organisation for each in taken)
    tell_many([_telling(each, posts) for each in taken])


def _telling(taken: _Taken, posts: Posts) -> Telling:
    step = taken.step
    if step.met is Met.ITSELF:
        return Telling(taken.event, taken.ticket, [], None, taken.last)
    return Telling(taken.event, taken.ticket, posts.people(step.rung, step.organisation), step.organisation, taken.last)
