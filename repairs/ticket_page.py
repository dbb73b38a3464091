"""What stands on the resident's page of one ticket."""

from django.forms import BaseForm

from accounts.models import User
from estates.models import Appointment
from repairs import actions
from repairs.forms.resident import CancelForm, NotFixedForm, RemarkForm
from repairs.models import Ticket
from repairs.next_step import next_step
from repairs.timeline import listed, timeline


def ticket_page(ticket: Ticket, reader: User, **bound: BaseForm) -> dict[str, object]:
    """The context of `repairs/ticket.html`; `bound` holds a form that came back with errors, by name."""
    seen = {"version": ticket.version}
    blank = {"not_fixed": NotFixedForm(initial=seen), "cancel": CancelForm(initial=seen), "remark": RemarkForm()}
    return {
        "ticket": listed([ticket])[0],
        "next_step": next_step(ticket),
        "worker": _worker(ticket),
        "lines": timeline(ticket, reader),
        "moves": actions.moves_for(ticket, reader),
        "forms": blank | bound,
        "opened": next(iter(bound), ""),
    }


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
