"""Who does a job: given by the dispatcher, taken from the pool, given in turn, or handed back."""

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.models import DispatchRule, Ticket, TicketEvent
from repairs.workflow import State, Urgency

from .moving import MoveRefused, move

AT_WORK = [State.ASSIGNED, State.ON_SITE]


def _reserve(ticket: Ticket, worker: User) -> None:
    """Room for one more open job of `worker`, who belongs to the organisation; holds until the transaction ends."""
    if Permission.TICKET_WORK not in access.permissions_in(worker, ticket.estate, ticket.organisation):
        raise MoveRefused(_("%(name)s doesn't work for this organisation.") % {"name": worker.display_name})
    rule = DispatchRule.objects.filter(organisation=ticket.organisation, open_jobs_most__isnull=False).first()
    # Danger first: no setting keeps anybody from going.
    if rule is None or rule.open_jobs_most is None or ticket.urgency == Urgency.DANGER:
        return
    with connection.cursor() as cursor:
        # Two jobs given to one person in the same second count one after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"jobs:{worker.pk}"])
    jobs = Ticket.objects.filter(assignee=worker, state__in=AT_WORK).exclude(pk=ticket.pk).count()
    if jobs >= rule.open_jobs_most:
        raise MoveRefused(
            ngettext(
                "%(name)s already has %(count)d open job, which is the limit here. Choose somebody else.",
                "%(name)s already has %(count)d open jobs, which is the limit here. Choose somebody else.",
                jobs,
            )
            % {"name": worker.display_name, "count": jobs}
        )


@transaction.atomic
def assign(ticket: Ticket, *, by: User, worker: User, note: str = "") -> TicketEvent:
    """Give the job to a worker of the organisation on duty."""
    _reserve(ticket, worker)
    return move(ticket, "assign", by=by, note=note, assignee=worker, assigned_at=timezone.now())


@transaction.atomic
def take(ticket: Ticket, *, by: User) -> TicketEvent:
    """抢单: a worker takes a job nobody has; of several who press at once one gets it, the others `TicketMoved`."""
    _reserve(ticket, by)
    return move(ticket, "take", by=by, assignee=by, assigned_at=timezone.now())


@transaction.atomic
def rotate(ticket: Ticket, *, worker: User) -> TicketEvent:
    """轮转: the clock gives the job to whose turn it is."""
    _reserve(ticket, worker)
    return move(ticket, "rotate", by=None, assignee=worker, assigned_at=timezone.now())


def hand_back(ticket: Ticket, *, by: User, note: str) -> TicketEvent:
    """The worker can't do it and says why; the dispatcher chooses somebody else. An agreed time stands."""
    return move(ticket, "hand_back", by=by, note=note, assignee=None, assigned_at=None)
