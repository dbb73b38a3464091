"""What an office does about what came up to it: taken note, ordered, or handed to somebody."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.models import ClimbAnswer, Escalation, Ticket, TicketEvent

from .moving import MoveRefused, TicketMoved, hold, move
from .supervising import order


def may_answer(escalation: Escalation, user: User) -> bool:
    """Whether `user` answers for the organisation to which this came up."""
    return escalation.organisation in access.organisations_where(user, Permission.ESCALATION_ANSWER)


@transaction.atomic
def answer_climb(
    escalation: Escalation, *, by: User, answer: str, note: str = "", answer_on: date | None = None
) -> TicketEvent:
    """Answer one step of the ladder, once; an order and its answer are one entry of the timeline.

    Raises `TicketMoved` when somebody answered first, `MoveRefused` for handing on without saying to whom, or for an
    order without its words and its day.
    """
    ticket, office = escalation.ticket, escalation.organisation
    if office is None or not may_answer(escalation, by):
        raise PermissionDenied
    hold(ticket)
    if answer == ClimbAnswer.ORDERED:
        if answer_on is None:
            raise MoveRefused(_("Please choose one of the next thirty days."))
        event = order(ticket, by=by, note=note, answer_on=answer_on)
    else:
        if answer == ClimbAnswer.HANDED and not note.strip():
            raise MoveRefused(_("Please write to whom you handed it."))
        told = {"office": office.name, "answer": answer}
        event = move(ticket, "answer_climb", by=by, note=note, told=told, acting=office)
    _write(escalation, ticket, by, answer, event)
    return event


def _write(escalation: Escalation, ticket: Ticket, by: User, answer: str, event: TicketEvent) -> None:
    waiting = Escalation.objects.to_answer().filter(pk=escalation.pk)
    if not waiting.update(answer=answer, note=event.note, answered_at=timezone.now(), answered_by=by):
        raise TicketMoved(ticket)
