"""What happens next with a ticket, who does it and by when: the sentence every resident's page leads with."""

from django.utils.translation import gettext as _

from repairs.models import Booking, BookingState, Pause, Ticket
from repairs.promises import SILENCE_CLOSES_AFTER
from repairs.times import lately, stretch
from repairs.workflow import Closure, State


def next_step(ticket: Ticket, visit: Booking | None = None, pause: Pause | None = None) -> str:
    """One or two sentences in the reader's language; `visit`: the agreed time; `pause`: the one it is in."""
    if ticket.state == State.CLOSED:
        return _closed(ticket)
    words = {
        "organisation": ticket.organisation.name,
        "phone": ticket.organisation.phone,
        "worker": ticket.assignee.display_name if ticket.assignee else "",
        "by": lately(ticket.acknowledge_by if ticket.state == State.SUBMITTED else ticket.restore_by),
    }
    if ticket.state == State.FINISHED and ticket.finished_at:
        words["by"] = lately(ticket.finished_at + SILENCE_CLOSES_AFTER)
        return (
            _(
                "Please look whether it is really fixed, then tell us. Without an answer by %(by)s it is closed"
                " as not confirmed; you can still open it again."
            )
            % words
        )
    if visit is not None and not visit.is_over:
        words["when"] = stretch(visit.starts_at, visit.ends_at)
        return _visited(ticket, visit) % words
    if pause is not None:
        words["pause"] = pause.words
        return _("Paused: %(pause)s. Promised to be repaired by %(by)s.") % words
    if ticket.is_overdue:
        return _late(ticket) % words
    return _on_time(ticket) % words


def _on_time(ticket: Ticket) -> str:
    if ticket.state == State.SUBMITTED:
        return _("%(organisation)s will take it up by %(by)s.")
    if ticket.state == State.ACKNOWLEDGED:
        return _("%(organisation)s chooses a worker next. Promised to be repaired by %(by)s.")
    if ticket.state == State.ASSIGNED:
        return _("%(worker)s will come to you. Promised to be repaired by %(by)s.")
    return _("%(worker)s is on site. When it is done, we ask you whether it is really fixed.")


def _visited(ticket: Ticket, visit: Booking) -> str:
    if visit.state == BookingState.ASKED:
        return _("%(when)s is kept for the visit. It stands as soon as everybody has agreed.")
    if ticket.assignee:
        return _("%(worker)s comes to you %(when)s. Please be at home.")
    return _("Somebody from %(organisation)s comes to you %(when)s. Please be at home.")


def _late(ticket: Ticket) -> str:
    if ticket.state == State.SUBMITTED:
        return _("%(organisation)s should have taken it up by %(by)s. Please call them: %(phone)s.")
    return _("It should have been repaired by %(by)s. %(organisation)s owes you an answer: %(phone)s.")


def _closed(ticket: Ticket) -> str:
    sentences = {
        Closure.CONFIRMED: _("You confirmed that it is fixed. If it breaks again, please report it again."),
        Closure.UNCONFIRMED: _("Closed without your answer. Not fixed? Say so below and it opens again."),
        Closure.CANCELLED: _("You took this report back. Nobody will come."),
        Closure.REJECTED: _("It was not accepted; the reason is below. Questions? Call %(phone)s."),
        Closure.DUPLICATE: _("It is dealt with together with another report of the same problem."),
        Closure.HANDED_OVER: _("Another organisation has taken it over."),
    }
    return sentences[Closure(ticket.closure)] % {"phone": ticket.organisation.phone}
