"""Who does a job: given by the dispatcher, taken from the pool, given in turn, or handed back."""

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.models import DispatchMode, DispatchRule, Ticket, TicketEvent
from repairs.suggestions import AT_WORK, suggestions
from repairs.workflow import State, Urgency

from .moving import MoveRefused, dispatch_mode, move


def _reserve(ticket: Ticket, worker: User, *, own: bool = False) -> None:
    """Room for one more open job of `worker`, who belongs to the organisation; holds until the transaction ends.

    `own`: it is they who ask, and the refusal speaks to them.
    """
    if Permission.TICKET_WORK not in access.permissions_in(worker, ticket.estate, ticket.organisation):
        raise MoveRefused(_("%(name)s doesn't work for this organisation.") % {"name": worker.display_name})
    rule = DispatchRule.objects.filter(organisation=ticket.organisation, open_jobs_most__isnull=False).first()
    # Danger first: no setting keeps anybody from going.
    if rule is None or rule.open_jobs_most is None or ticket.urgency == Urgency.DANGER:
        return
    # Two jobs given to one person in the same second count one after the other.
    _one_at_a_time(f"jobs:{worker.pk}")
    jobs = Ticket.objects.filter(assignee=worker, state__in=AT_WORK).exclude(pk=ticket.pk).count()
    if jobs >= rule.open_jobs_most:
        raise MoveRefused(_own_limit(jobs) if own else _limit(worker, jobs))


def _one_at_a_time(name: str) -> None:
    """Whoever asks for the same name waits until the other's transaction has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _limit(worker: User, jobs: int) -> str:
    return ngettext(
        "%(name)s already has %(count)d open job, which is the limit here. Choose somebody else.",
        "%(name)s already has %(count)d open jobs, which is the limit here. Choose somebody else.",
        jobs,
    ) % {"name": worker.display_name, "count": jobs}


def _own_limit(jobs: int) -> str:
    return ngettext(
        "You already have %(count)d open job, which is the limit here. Finish one, then take another.",
        "You already have %(count)d open jobs, which is the limit here. Finish one, then take another.",
        jobs,
    ) % {"count": jobs}


@transaction.atomic
def assign(ticket: Ticket, *, by: User, worker: User, note: str = "") -> TicketEvent:
    """Give the job to a worker of the organisation on duty."""
    _reserve(ticket, worker)
    return move(ticket, "assign", by=by, note=note, assignee=worker, assigned_at=timezone.now())


@transaction.atomic
def take(ticket: Ticket, *, by: User) -> TicketEvent:
    """抢单: a worker takes a job nobody has; of several who press at once one gets it, the others `TicketMoved`."""
    _reserve(ticket, by, own=True)
    return move(ticket, "take", by=by, assignee=by, assigned_at=timezone.now())


@transaction.atomic
def rotate(ticket: Ticket, *, worker: User) -> TicketEvent:
    """轮转: the clock gives the job to whose turn it is."""
    _reserve(ticket, worker)
    return move(ticket, "rotate", by=None, assignee=worker, assigned_at=timezone.now())


def ask_whose_turn(ticket: Ticket) -> None:
    """Where jobs are given in turn, let the clock give this one as soon as the caller's transaction has ended."""
    if dispatch_mode(ticket.organisation) == DispatchMode.IN_TURN:
        # Named, not imported: the task module stands above this one.
        app.configure_task("repairs.tasks.give_in_turn").defer(ticket=ticket.pk)


@transaction.atomic
def give_in_turn(pk: int) -> TicketEvent | None:
    """Give a ticket that nobody has to whose turn it is; None when it has somebody, or when nobody fits.

    Two clocks at once give it once, and two tickets at once go to two people: one organisation, one at a time.
    """
    organisation = Ticket.objects.filter(pk=pk).values_list("organisation", flat=True).first()
    _one_at_a_time(f"turn:{organisation}")
    ticket = Ticket.objects.for_page().filter(pk=pk, state=State.ACKNOWLEDGED).first()
    if ticket is None or dispatch_mode(ticket.organisation) != DispatchMode.IN_TURN:
        return None
    worker = whose_turn(ticket)
    return rotate(ticket, worker=worker) if worker else None


def whose_turn(ticket: Ticket) -> User | None:
    """Of those who can go, whoever got their last job the longest ago; who handed this one back is not asked again."""
    refused = TicketEvent.objects.filter(ticket=ticket, verb="hand_back").values_list("changes", flat=True)
    not_again = {each["assignee"][0] for each in refused if "assignee" in each}
    # A dispatcher can be given a job, but has no turn.
    not_again |= {each.person_id for each in access.appointed(ticket.organisation, Permission.TICKET_ASSIGN)}
    turn = [each for each in suggestions(ticket) if each.can_go and each.person.pk not in not_again]
    last = dict(
        Ticket.objects.filter(assignee__in=[each.person.pk for each in turn], assigned_at__isnull=False)
        .order_by()
        .values("assignee")
        .annotate(last=Max("assigned_at"))
        .values_list("assignee", "last")
    )
    turn.sort(key=lambda each: (each.person.pk in last, last.get(each.person.pk), each.in_hand, each.person.pk))
    return turn[0].person if turn else None


def hand_back(ticket: Ticket, *, by: User, note: str) -> TicketEvent:
    """The worker can't do it and says why; the dispatcher chooses somebody else. An agreed time stands."""
    return move(ticket, "hand_back", by=by, note=note, assignee=None, assigned_at=None)
