"""督办: an office orders an answer by a day, the organisation answers, and what nobody answered goes up."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs.ladder import Rung
from repairs.messages import tell_staff
from repairs.models import ClimbReason, Escalation, Level, Met, Supervision, Ticket, TicketEvent
from repairs.models.supervision import ORDER_MOST
from repairs.rungs import Posts, organisation_on

from .moving import MoveRefused, TicketMoved, hold, move

_RUNGS = {Level.STREET: Rung.STREET, Level.DISTRICT: Rung.DISTRICT}


@transaction.atomic
def order(ticket: Ticket, *, by: User, note: str, answer_on: date) -> TicketEvent:
    """Order the organisation on duty to do something and to answer by the end of the day `answer_on`.

    Raises `MoveRefused` for a day that is not one of the next thirty, `TicketMoved` when another organisation has the
    ticket by now, or the office waits for an answer about it already.
    """
    hold(ticket)
    level, office = _office(ticket, by)
    today = timezone.localdate()
    if not timedelta(0) < answer_on - today <= ORDER_MOST:
        raise MoveRefused(_("Please choose one of the next thirty days."))
    if office == ticket.organisation:
        raise MoveRefused(_("Your own office is on duty here; nobody else has to answer."))
    if Supervision.objects.unanswered().filter(ticket=ticket, office=office).exists():
        raise TicketMoved(ticket)
    told = {"by": answer_on.isoformat(), "organisation": ticket.organisation.name}
    event = move(ticket, "order", by=by, note=note, told={"office": office.name, "order": told})
    Supervision.objects.create(
        ticket=ticket,
        level=level,
        office=office,
        ordered_by=by,
        ordered_at=event.at,
        text=event.note,
        answer_by=timezone.make_aware(datetime.combine(answer_on + timedelta(days=1), time())),
        organisation=ticket.organisation,
    )
    _tell(event, ticket, Rung.MANAGER, ticket.organisation)
    return event


def may_answer_order(supervision: Supervision, user: User) -> bool:
    """Whether `user` answers for the organisation that was ordered."""
    return supervision.organisation in access.organisations_where(user, Permission.SUPERVISION_ANSWER)


@transaction.atomic
def answer_order(supervision: Supervision, *, by: User, note: str) -> TicketEvent:
    """The organisation says what it did or will do; the office and the resident read it.

    Raises `TicketMoved` when somebody answered first.
    """
    ticket, organisation = supervision.ticket, supervision.organisation
    if not may_answer_order(supervision, by):
        raise PermissionDenied
    hold(ticket)
    told = {"office": organisation.name, "order": {"ordered_by": supervision.office.name}}
    event = move(ticket, "answer_order", by=by, note=note, told=told, acting=organisation)
    row = Supervision.objects.unanswered().filter(pk=supervision.pk)
    if not row.update(answer=event.note, answered_at=event.at, answered_by=by):
        raise TicketMoved(ticket)
    _tell(event, ticket, _RUNGS[Level(supervision.level)], supervision.office)
    return event


@transaction.atomic
def order_goes_up(supervision: Supervision) -> TicketEvent:
    """The day is over without an answer: the district hears of it, and of a street's order has to answer for it.

    Done by the clock; raises `TicketMoved` when it was answered, or went up, in this very moment.
    """
    ticket = supervision.ticket
    hold(ticket)
    due = Supervision.objects.to_go_up(timezone.now()).filter(pk=supervision.pk)
    if not due.update(went_up_at=timezone.now()):
        raise TicketMoved(ticket)
    district = organisation_on(Rung.DISTRICT, ticket)
    told = {
        "organisation": supervision.organisation.name,
        "ordered_by": supervision.office.name,
        "to": district.name if district else "",
    }
    event = move(ticket, "order_goes_up", by=None, told={"order": told})
    posts = Posts([district, supervision.organisation])
    if supervision.level == Level.STREET:
        met = Met.PEOPLE if posts.people(Rung.DISTRICT, district) else Met.NOBODY
        Escalation.objects.create(
            ticket=ticket, round=ticket.times_reopened, rung=Rung.DISTRICT, organisation=district, at=event.at,
            reason=ClimbReason.ORDER, met=met, event=event, order=supervision,
        )  # fmt: skip
    tell_staff(event, ticket, posts.people(Rung.DISTRICT, district), district)
    tell_staff(event, ticket, posts.people(Rung.MANAGER, supervision.organisation), supervision.organisation)
    return event


def _office(ticket: Ticket, by: User) -> tuple[Level, Organisation]:
    """For which office `by` orders here: the nearest one they are appointed to."""
    own = access.organisations_where(by, Permission.SUPERVISE)
    for level, rung in _RUNGS.items():
        office = organisation_on(rung, ticket)
        if office in own:
            return level, office
    raise PermissionDenied


def _tell(event: TicketEvent, ticket: Ticket, rung: Rung, organisation: Organisation) -> None:
    tell_staff(event, ticket, Posts([organisation]).people(rung, organisation), organisation)
