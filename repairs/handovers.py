"""Handing over: to whom a ticket can be offered, which offer stands, and what a receiver may read before accepting."""

import re
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Community, Management, Organisation, OrganisationKind, Street
from estates.models.organisation import OrganisationQuerySet
from repairs.ladder import Rung
from repairs.models import Handover, HandoverState, Ticket
from repairs.models.ticket import TicketQuerySet
from repairs.rungs import Posts, organisation_on
from repairs.workflow import PAUSABLE, Closure

# These work wherever they are needed; everybody else only in the district they belong to.
_EVERYWHERE = [OrganisationKind.UTILITY, OrganisationKind.MUNICIPAL, OrganisationKind.CONTRACTOR]
# Seven digits or more, also in groups: a telephone number, whoever wrote it where.
_NUMBER = re.compile(r"\+?\d(?:[\s-]?\d){6,}")


def destinations(ticket: Ticket) -> OrganisationQuerySet:
    """Whom `ticket` can be offered to: utilities, city departments and contractors, and whoever heads or manages a
    part of its district; never the organisation that has it, one that is closed, or one in which nobody can answer
    although people work there."""
    today, district = timezone.localdate(), ticket.street.district_id
    streets = Street.objects.filter(district=district, office=OuterRef("pk"))
    communities = Community.objects.filter(street__district=district, organisation=OuterRef("pk"))
    managed = Management.objects.in_force(today).filter(
        Q(estate__community__street__district=district) | Q(zone__community__street__district=district),
        organisation=OuterRef("pk"),
    )
    here = Q(heads_district=district) | Q(Exists(streets)) | Q(Exists(communities)) | Q(Exists(managed))
    found = Organisation.objects.working(today).exclude(pk=ticket.organisation_id)
    answers = Q(access.staffed(Permission.TICKET_ASSIGN)) | ~Q(access.staffed())
    return found.filter(answers, Q(kind__in=_EVERYWHERE) | here)


def receivers(organisation: Organisation) -> list[User]:
    """Who answers an offer there."""
    return [each.person for each in access.appointed(organisation, Permission.TICKET_ASSIGN)]


def is_outside(organisation: Organisation) -> bool:
    """Whether nobody at all works there in Anju: then its own number counts instead of its word."""
    return Organisation.objects.exclude(access.staffed()).filter(pk=organisation.pk).exists()


def recorders(ticket: Ticket) -> list[User]:
    """The officers who write an outside number down: those of the community, where there are none of the street."""
    rungs = [(rung, organisation_on(rung, ticket)) for rung in (Rung.COMMUNITY, Rung.STREET, Rung.DISTRICT)]
    posts = Posts(organisation for _rung, organisation in rungs)
    return next((people for rung, organisation in rungs if (people := posts.people(rung, organisation))), [])


def handover_of(ticket: Ticket) -> Handover | None:
    """The offer that stands, or by which the ticket left Anju; asks only where there can be one."""
    if ticket.state in PAUSABLE:
        told = Handover.objects.offered()
    elif ticket.closure == Closure.HANDED_OVER:
        told = Handover.objects.filter(state=HandoverState.PASSED_OUTSIDE)
    else:
        return None
    return told.filter(ticket=ticket).select_related("from_organisation", "to_organisation").order_by("-pk").first()


class Told(NamedTuple):
    """What the resident reads of a handover: who asks whom, or who has it now under which number."""

    state: str
    sender: str
    receiver: str
    phone: str
    reference: str


def with_handover(rows: TicketQuerySet) -> TicketQuerySet:
    """`rows` each with its last offer that stands or left Anju, for `handover_told`: no statement of its own."""
    told = Handover.objects.filter(
        ticket=OuterRef("pk"), state__in=[HandoverState.OFFERED, HandoverState.PASSED_OUTSIDE]
    )
    columns = JSONObject(
        state="state",
        sender="from_organisation__name",
        receiver="to_organisation__name",
        phone="to_organisation__phone",
        reference="outside_reference",
    )
    return rows.annotate(last_handover=Subquery(told.order_by("-pk").values(told=columns)[:1]))


def handover_told(ticket: Ticket) -> Told | None:
    """Of a ticket read `with_handover`: the offer that stands, or by which the ticket left Anju."""
    known: dict[str, str] | None = getattr(ticket, "last_handover", None)
    told = Told(**known) if known else None
    if told and told.state == HandoverState.PASSED_OUTSIDE and ticket.closure != Closure.HANDED_OVER:
        return None  # it has been opened again since
    return told


def discreet(text: str, ticket: Ticket) -> str:
    """`text` as somebody may read it who has not accepted the ticket: no telephone number, name or flat of it."""
    text = _NUMBER.sub("***", text)
    flat = str(ticket.dwelling.label) if ticket.dwelling else ""
    for known in (ticket.contact_name, flat):
        if known:
            # A flat 1 does not hide the 1 in 12.
            text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(known)}(?![0-9A-Za-z])", "***", text)
    return text
