"""What stands on the resident's page of one ticket."""

from django.forms import BaseForm
from django.utils import timezone

from accounts.models import User
from estates.models import Appointment
from repairs import actions
from repairs.forms.resident import CancelForm, NotFixedForm, RemarkForm
from repairs.handovers import Told, handover_told
from repairs.materials import used
from repairs.models import Ticket
from repairs.next_step import late_step, next_step, offered_words
from repairs.promise_facts import facts_of
from repairs.promises_page import shown
from repairs.timeline import Row, listed, timeline
from repairs.visit_page import last_booking, live, visit_parts
from repairs.workflow import PAUSABLE

# By name: the move that asks for it.
_FORMS: dict[str, tuple[str, type[BaseForm]]] = {
    "not_fixed": ("not_fixed", NotFixedForm),
    "cancel": ("cancel", CancelForm),
    "remark": ("comment", RemarkForm),
}


def ticket_page(ticket: Ticket, reader: User, **bound: BaseForm) -> dict[str, object]:
    """The context of `repairs/ticket.html`; `bound` holds a form that came back with errors, by name."""
    moves, seen = actions.moves_for(ticket, reader), {"version": ticket.version}
    fresh = {name: form(initial=seen) for name, (verb, form) in _FORMS.items() if verb in moves}
    last = last_booking(ticket)
    visit, facts, handover = live(last), facts_of(ticket), handover_told(ticket)
    pause = facts.standing(timezone.now()) if ticket.state in PAUSABLE else None
    row = listed([ticket], {ticket.pk: visit} if visit else {})[0]
    return {
        "ticket": _with_outsider(row, handover) if handover and not ticket.is_open else row,
        "estate_pk": ticket.estate_id,
        "next_step": next_step(ticket, visit, facts, handover),
        "handing_over": offered_words(handover) if handover and ticket.is_open else "",
        "paused": pause.words if pause and not ticket.is_overdue else "",
        "late": late_step(ticket, facts) if ticket.is_overdue else "",
        "promises": shown(ticket, facts, plain=True),
        "worker": _worker(ticket),
        "lines": timeline(ticket, reader),
        "used": used(ticket),
        "moves": moves,
        "forms": fresh | bound,
        "opened": next(iter(bound), ""),
        **visit_parts(ticket, last),
    }


def _with_outsider(row: Row, handover: Told) -> Row:
    """Whom to call is who has it now, not who handed it over."""
    return row._replace(organisation=handover.receiver, phone=handover.phone)


def _worker(ticket: Ticket) -> dict[str, str] | None:
    """Who comes: the resident opens the door to them, so they are named in full."""
    if ticket.assignee is None or not ticket.is_open:
        return None
    trade = (
        Appointment.objects.filter(person=ticket.assignee, organisation=ticket.organisation)
        .exclude(trade="")
        .values_list("trade", flat=True)
        .first()
    )
    name = ticket.assignee.display_name
    return {"name": name, "first": name[:1], "trade": trade or ""}
