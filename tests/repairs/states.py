"""Every way a ticket can stand, each told by the verbs: what a page about one ticket has to bear."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

import time_machine
from django.utils import timezone

from estates.models import Organisation, OrganisationKind
from repairs import actions, tasks
from repairs.models import Handover, PauseReason, Ticket
from tests.town import Town

HOUR = timedelta(hours=1)
# A Tuesday morning; the pages are read at `READ`, an hour later unless a state says otherwise.
SENT = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
READ = SENT + HOUR


def moment(at: datetime) -> AbstractContextManager[object]:
    """The clock stands still at that moment."""
    return time_machine.travel(at, tick=False)


def given(town: Town, ticket: Ticket) -> Ticket:
    """Lin gives it to Wang."""
    actions.assign(town.seen(ticket), by=town.lin, worker=town.wang)
    return town.seen(ticket)


def finish(town: Town, ticket: Ticket) -> Ticket:
    """Wang says it is done."""
    seen = town.seen(ticket)
    actions.finish(seen, by=town.wang, photos=[town.photo(seen, town.wang)], note="换好了")
    return town.seen(ticket)


def booked(town: Town) -> Ticket:
    """Chen has a time."""
    town.team()
    return town.booked(town.assigned()).ticket


def asked(town: Town) -> Ticket:
    """A time that waits for the neighbour."""
    town.team()
    return town.booked(town.assigned(), households=[town.flat501]).ticket


def missed(town: Town) -> Ticket:
    """Nobody came at the agreed time."""
    ticket = booked(town)
    with moment(SENT + 4 * HOUR):
        actions.miss(Ticket.objects.get(pk=ticket.pk))
    return ticket


def paused(town: Town) -> Ticket:
    """Wang waits for a part."""
    ticket = town.on_site()
    actions.pause(ticket, by=town.lin, reason=PauseReason.PART, next_on=date(2026, 11, 27))
    return ticket


def made_safe(town: Town) -> Ticket:
    """Nobody is in danger any more."""
    ticket = town.endangered()
    actions.make_safe(ticket, by=town.wang)
    return ticket


def planned(town: Town) -> Ticket:
    """The plan is posted."""
    ticket = town.planned()
    actions.post_plan(ticket, by=town.lin, planned_for=date(2026, 12, 10), note="换整根落水管")
    return ticket


def reopened(town: Town) -> Ticket:
    """It was not fixed."""
    ticket = town.finished()
    actions.not_fixed(ticket, by=town.chen, note="又漏了")
    return ticket


def reworked(town: Town) -> Ticket:
    """It was not fixed, and then it was."""
    ticket = reopened(town)
    with moment(READ):
        actions.arrive(given(town, ticket), by=town.wang)
        return finish(town, ticket)


def confirmed(town: Town) -> Ticket:
    """Chen says it is fixed."""
    ticket = town.finished()
    actions.confirm(ticket, by=town.chen)
    return ticket


def lapsed(town: Town) -> Ticket:
    """Chen said nothing."""
    ticket = town.finished()
    actions.lapse(ticket)
    return ticket


def cancelled(town: Town) -> Ticket:
    """Chen took it back."""
    ticket = town.assigned()
    actions.cancel(ticket, by=town.chen)
    return ticket


def declined(town: Town) -> Ticket:
    """The centre does not accept it."""
    ticket = town.acknowledged()
    actions.decline(ticket, by=town.lin, note="不属于本小区")
    return ticket


def water_company() -> Organisation:
    """Outside Anju."""
    return Organisation.objects.create(kind=OrganisationKind.UTILITY, name="城北水司（示例）", phone="0595-2228 7200")


def offered(town: Town) -> Ticket:
    """The water company is asked to take it."""
    ticket = town.assigned()
    actions.offer(ticket, by=town.lin, to=water_company(), note="总表前")
    return ticket


def handed_over(town: Town) -> Ticket:
    """The water company has it, under its own number."""
    ticket = offered(town)
    seen, handover = town.seen(ticket), Handover.objects.get(ticket=ticket)
    actions.pass_outside(seen, by=town.community_officer, seen=handover.pk, reference="SW-1")
    return ticket


def late(town: Town, ticket: Ticket, at: datetime) -> Ticket:
    """So late that it has climbed."""
    with moment(at):
        tasks.climb_the_ladder(0)
    return ticket


State = tuple[Callable[[Town], Ticket], datetime]
STATES: dict[str, State] = {
    "new": (Town.ticket, READ),
    "new, in danger": (lambda town: town.ticket(repair_type=town.type("ELE-SPARK")), SENT + HOUR / 60),
    "new, late": (lambda town: late(town, town.ticket(), SENT + 30 * HOUR), SENT + 30 * HOUR),
    "acknowledged": (Town.acknowledged, READ),
    "assigned": (Town.assigned, READ),
    "booked": (booked, READ),
    "booked, all asked": (asked, READ),
    "nobody came": (missed, SENT + 5 * HOUR),
    "on site": (Town.on_site, READ),
    "paused": (paused, READ),
    "in danger, on site": (Town.endangered, READ),
    "made safe": (made_safe, READ),
    "late after rungs": (lambda town: late(town, town.assigned(urgency="urgent"), SENT + 9 * HOUR), SENT + 9 * HOUR),
    "paused and late": (lambda town: late(town, paused(town), SENT + 400 * HOUR), SENT + 400 * HOUR),
    "survey owed": (Town.planned, READ),
    "plan posted": (planned, READ),
    "offered": (offered, READ),
    "finished": (Town.finished, READ),
    "reopened": (reopened, READ),
    "reopened, late": (lambda town: late(town, reopened(town), SENT + 800 * HOUR), SENT + 800 * HOUR),
    "reworked": (reworked, READ + HOUR),
    "confirmed": (confirmed, READ),
    "unconfirmed": (lapsed, READ),
    "cancelled": (cancelled, READ),
    "rejected": (declined, READ),
    "handed over": (handed_over, READ),
}


def tell(town: Town, state: str) -> tuple[Ticket, datetime]:
    """A ticket that stands so, and when its pages are read."""
    told, read_at = STATES[state]
    with moment(SENT):
        ticket = told(town)
    return town.seen(ticket), read_at
