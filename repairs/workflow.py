"""The states of a ticket and the one table of moves between them.

No models here. The table decides what is legal, draws the buttons and feeds the tests.
Merging duplicates will be further rows of the same table.
"""

from enum import Enum
from typing import NamedTuple

from django.db import models
from django.utils.translation import pgettext_lazy

from accounts.roles import Permission


class State(models.TextChoices):
    """Where a ticket stands; "done" is never one step."""

    SUBMITTED = "submitted", pgettext_lazy("ticket state", "Waiting to be taken up")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("ticket state", "Taken up")
    ASSIGNED = "assigned", pgettext_lazy("ticket state", "Worker assigned")
    ON_SITE = "on_site", pgettext_lazy("ticket state", "Worker on site")
    FINISHED = "finished", pgettext_lazy("ticket state", "Waiting for confirmation")
    CLOSED = "closed", pgettext_lazy("ticket state", "Closed")


class Closure(models.TextChoices):
    """How a ticket ended; never added up as one."""

    CONFIRMED = "confirmed", pgettext_lazy("ticket closure", "Confirmed fixed")
    UNCONFIRMED = "unconfirmed", pgettext_lazy("ticket closure", "Closed, not confirmed")
    HANDED_OVER = "handed_over", pgettext_lazy("ticket closure", "Handed over and accepted")
    DUPLICATE = "duplicate", pgettext_lazy("ticket closure", "Duplicate")
    CANCELLED = "cancelled", pgettext_lazy("ticket closure", "Cancelled")
    REJECTED = "rejected", pgettext_lazy("ticket closure", "Not accepted")


class Urgency(models.TextChoices):
    """How soon (pledge, DOMAIN.md): E0, E1, N2, P3."""

    DANGER = "danger", pgettext_lazy("urgency", "Danger")
    URGENT = "urgent", pgettext_lazy("urgency", "Urgent")
    NORMAL = "normal", pgettext_lazy("urgency", "Normal")
    PLANNED = "planned", pgettext_lazy("urgency", "Planned")


def is_lower(urgency: str, than: str) -> bool:
    """Whether it may wait longer."""
    order = list(Urgency)
    return order.index(Urgency(urgency)) > order.index(Urgency(than))


class Clock(models.TextChoices):
    """What is promised by a moment. Planned work: to arrive is the survey, and a plan is posted before the repair."""

    ACKNOWLEDGE = "acknowledge", pgettext_lazy("promise", "Take up")
    ARRIVE = "arrive", pgettext_lazy("promise", "Arrive")
    MAKE_SAFE = "make_safe", pgettext_lazy("promise", "Make safe")
    PLAN = "plan", pgettext_lazy("promise", "Post the plan")
    RESTORE = "restore", pgettext_lazy("promise", "Repair")


class Channel(models.TextChoices):
    """How the report reached us."""

    ONLINE = "online", pgettext_lazy("channel", "Resident online")
    PROXY = "proxy", pgettext_lazy("channel", "Reported for someone else")
    PHONE = "phone", pgettext_lazy("channel", "By phone")
    WALK_IN = "walk_in", pgettext_lazy("channel", "At the counter")
    PATROL = "patrol", pgettext_lazy("channel", "Found on patrol")


class Actor(Enum):
    """Whose move it is, beside the permission the move needs."""

    REPORTER = "reporter"
    STAFF = "staff"
    ASSIGNEE = "assignee"
    POOL = "pool"  # any worker of an organisation whose workers take jobs themselves
    RECEIVER = "receiver"  # the organisation a ticket is offered to
    HOUSEHOLD = "household"  # someone whose door has to be opened, or the desk for them
    ANYONE = "anyone"
    CLOCK = "clock"


OPEN_STATES = frozenset({State.SUBMITTED, State.ACKNOWLEDGED, State.ASSIGNED, State.ON_SITE, State.FINISHED})
IN_HAND_STATES = frozenset({State.ACKNOWLEDGED, State.ASSIGNED, State.ON_SITE, State.FINISHED})
# Work is still owed in these; a finished ticket waits for the resident, not for the organisation.
WORK_STATES = frozenset({State.SUBMITTED, State.ACKNOWLEDGED, State.ASSIGNED, State.ON_SITE})
ALL_STATES = frozenset(State)
# Whose clock may stand still: taken up and still owed. Nothing excuses not looking at a report.
PAUSABLE = frozenset({State.ACKNOWLEDGED, State.ASSIGNED, State.ON_SITE})
# A visit can still be agreed: nobody is there yet.
BEFORE_VISIT = frozenset({State.SUBMITTED, State.ACKNOWLEDGED, State.ASSIGNED})


class Move(NamedTuple):
    """One row of the table: `ends=None` leaves the state as it is."""

    starts: frozenset[State]
    ends: State | None
    actor: Actor
    needs: Permission | None = None
    closure: Closure | None = None
    needs_note: bool = False
    needs_photo: bool = False
    takes_photos: bool = False
    internal: bool = False
    tells_reporter: bool = True
    # Only for these, and only while this column is empty.
    urgencies: frozenset[Urgency] = frozenset(Urgency)
    once: str = ""
    # A closed ticket may move again only when it ended in one of these.
    reopens: frozenset[Closure] = frozenset()


# In danger somebody comes at once: there is no time to agree.
_CAN_WAIT = frozenset(Urgency) - {Urgency.DANGER}

MOVES: dict[str, Move] = {
    "acknowledge": Move(frozenset({State.SUBMITTED}), State.ACKNOWLEDGED, Actor.STAFF, Permission.TICKET_ACKNOWLEDGE),
    "assign": Move(
        frozenset({State.ACKNOWLEDGED, State.ASSIGNED}), State.ASSIGNED, Actor.STAFF, Permission.TICKET_ASSIGN
    ),
    "take": Move(frozenset({State.ACKNOWLEDGED}), State.ASSIGNED, Actor.POOL, Permission.TICKET_WORK),
    "rotate": Move(frozenset({State.ACKNOWLEDGED}), State.ASSIGNED, Actor.CLOCK),
    "hand_back": Move(
        frozenset({State.ASSIGNED}),
        State.ACKNOWLEDGED,
        Actor.ASSIGNEE,
        Permission.TICKET_WORK,
        needs_note=True,
        internal=True,
    ),
    "book": Move(BEFORE_VISIT, None, Actor.ANYONE, Permission.TICKET_ASSIGN, urgencies=_CAN_WAIT),
    "rebook": Move(BEFORE_VISIT, None, Actor.ANYONE, Permission.TICKET_ASSIGN, urgencies=_CAN_WAIT),
    "unbook": Move(BEFORE_VISIT, None, Actor.ANYONE, Permission.TICKET_ASSIGN),
    "wish": Move(BEFORE_VISIT, None, Actor.REPORTER, tells_reporter=False),
    "agree": Move(BEFORE_VISIT, None, Actor.HOUSEHOLD, Permission.TICKET_ASSIGN),
    "refuse": Move(BEFORE_VISIT, None, Actor.HOUSEHOLD, Permission.TICKET_ASSIGN),
    "expire": Move(BEFORE_VISIT, None, Actor.CLOCK),
    "remind": Move(BEFORE_VISIT, None, Actor.CLOCK),
    "set_out": Move(frozenset({State.ASSIGNED}), None, Actor.ASSIGNEE, Permission.TICKET_WORK),
    "miss": Move(BEFORE_VISIT, None, Actor.CLOCK),
    "nobody_came": Move(BEFORE_VISIT, None, Actor.REPORTER, tells_reporter=False),
    "nobody_home": Move(
        frozenset({State.ASSIGNED, State.ON_SITE}),
        State.ASSIGNED,
        Actor.ASSIGNEE,
        Permission.TICKET_WORK,
        needs_photo=True,
        takes_photos=True,
    ),
    "arrive": Move(frozenset({State.ASSIGNED}), State.ON_SITE, Actor.ASSIGNEE, Permission.TICKET_WORK),
    "make_safe": Move(
        frozenset({State.ON_SITE}),
        None,
        Actor.ASSIGNEE,
        Permission.TICKET_WORK,
        takes_photos=True,
        urgencies=frozenset({Urgency.DANGER, Urgency.URGENT}),
        once="made_safe_at",
    ),
    "post_plan": Move(
        PAUSABLE,
        None,
        Actor.STAFF,
        Permission.TICKET_ASSIGN,
        needs_note=True,
        urgencies=frozenset({Urgency.PLANNED}),
        once="plan_posted_at",
    ),
    "set_urgency": Move(PAUSABLE, None, Actor.STAFF, Permission.TICKET_ACKNOWLEDGE),
    "finish": Move(
        frozenset({State.ON_SITE}),
        State.FINISHED,
        Actor.ASSIGNEE,
        Permission.TICKET_WORK,
        needs_note=True,
        needs_photo=True,
        takes_photos=True,
    ),
    "pause": Move(PAUSABLE, None, Actor.STAFF, Permission.TICKET_ASSIGN),
    "resume": Move(PAUSABLE, None, Actor.STAFF, Permission.TICKET_ASSIGN),
    "renew": Move(PAUSABLE, None, Actor.STAFF, Permission.PAUSE_RENEW),
    "pause_ends": Move(PAUSABLE, None, Actor.CLOCK),
    "offer": Move(PAUSABLE, None, Actor.STAFF, Permission.TICKET_ASSIGN, needs_note=True, tells_reporter=False),
    "withdraw_offer": Move(PAUSABLE, None, Actor.STAFF, Permission.TICKET_ASSIGN, tells_reporter=False),
    "turn_down": Move(PAUSABLE, None, Actor.RECEIVER, Permission.TICKET_ASSIGN, needs_note=True, tells_reporter=False),
    "accept": Move(PAUSABLE, State.ACKNOWLEDGED, Actor.RECEIVER, Permission.TICKET_ASSIGN),
    "pass_outside": Move(PAUSABLE, State.CLOSED, Actor.STAFF, Permission.HANDOVER_RECORD, closure=Closure.HANDED_OVER),
    # Written for many tickets at once (`actions/climbing.py`); the answers are about a row of their own.
    "climb": Move(WORK_STATES, None, Actor.CLOCK),
    "answer_climb": Move(ALL_STATES, None, Actor.STAFF, Permission.ESCALATION_ANSWER),
    "order": Move(OPEN_STATES, None, Actor.STAFF, Permission.SUPERVISE, needs_note=True),
    "answer_order": Move(ALL_STATES, None, Actor.STAFF, Permission.SUPERVISION_ANSWER, needs_note=True),
    "order_goes_up": Move(ALL_STATES, None, Actor.CLOCK),
    "confirm": Move(
        frozenset({State.FINISHED}), State.CLOSED, Actor.REPORTER, closure=Closure.CONFIRMED, tells_reporter=False
    ),
    "not_fixed": Move(
        frozenset({State.FINISHED, State.CLOSED}),
        State.ACKNOWLEDGED,
        Actor.REPORTER,
        needs_note=True,
        takes_photos=True,
        tells_reporter=False,
        # Whoever was handed it outside Anju answers to the first organisation, not to the resident.
        reopens=frozenset({Closure.UNCONFIRMED, Closure.HANDED_OVER}),
    ),
    "lapse": Move(frozenset({State.FINISHED}), State.CLOSED, Actor.CLOCK, closure=Closure.UNCONFIRMED),
    "cancel": Move(
        frozenset({State.SUBMITTED, State.ACKNOWLEDGED, State.ASSIGNED}),
        State.CLOSED,
        Actor.REPORTER,
        closure=Closure.CANCELLED,
        tells_reporter=False,
    ),
    "decline": Move(
        frozenset({State.SUBMITTED, State.ACKNOWLEDGED, State.ASSIGNED}),
        State.CLOSED,
        Actor.STAFF,
        Permission.TICKET_DECLINE,
        closure=Closure.REJECTED,
        needs_note=True,
    ),
    "comment": Move(ALL_STATES, None, Actor.ANYONE, Permission.TICKET_COMMENT, needs_note=True, takes_photos=True),
    "internal_note": Move(
        ALL_STATES,
        None,
        Actor.STAFF,
        Permission.TICKET_NOTE,
        needs_note=True,
        takes_photos=True,
        internal=True,
        tells_reporter=False,
    ),
}
