"""What happens next with a ticket, who does it and by when: the sentence every resident's page leads with."""

from django.utils import timezone
from django.utils.translation import gettext as _

from repairs.handovers import Told
from repairs.models import Booking, BookingState, Ticket
from repairs.promise_facts import Facts
from repairs.promise_words import told_names
from repairs.promises import SILENCE_CLOSES_AFTER
from repairs.times import lately, stretch
from repairs.workflow import PAUSABLE, Clock, Closure, State, Urgency


def next_step(
    ticket: Ticket, visit: Booking | None = None, facts: Facts | None = None, handover: Told | None = None
) -> str:
    """What is due next, who does it and by when, in the reader's language; late, that and who was told; paused, why.

    `visit`: the agreed time; `facts`: its pauses and whom it climbed to; `handover`: by which it left Anju.
    """
    if ticket.state == State.CLOSED:
        return _handed_over(handover) if handover else _closed(ticket)
    if ticket.state == State.FINISHED and ticket.finished_at:
        return _(
            "Please look whether it is really fixed, then tell us. Without an answer by %(by)s it is closed"
            " as not confirmed; you can still open it again."
        ) % {"by": lately(ticket.finished_at + SILENCE_CLOSES_AFTER)}
    if visit is not None and not visit.is_over:
        return _visited(ticket, visit) % (_words(ticket) | {"when": stretch(visit.starts_at, visit.ends_at)})
    if ticket.is_overdue:
        return late_step(ticket, facts)
    next_ = _on_time(ticket) % _words(ticket)
    pause = facts.standing(timezone.now()) if facts and ticket.state in PAUSABLE else None
    return _("Paused: %(pause)s. Then: %(next)s") % {"pause": pause.words, "next": next_} if pause else next_


def _words(ticket: Ticket) -> dict[str, str]:
    return {
        "organisation": ticket.organisation.name,
        "phone": ticket.organisation.phone,
        "worker": ticket.assignee.display_name if ticket.assignee else "",
        "due": lately(ticket.due_at) if ticket.due_at else "",
        "by": lately(ticket.acknowledge_by if ticket.state == State.SUBMITTED else ticket.restore_by),
    }


def late_step(ticket: Ticket, facts: Facts | None = None) -> str:
    """The plain truth about what is late, who was told of it, and why it stands still if it does."""
    said = _late(ticket) % _words(ticket)
    if facts and (names := told_names(facts, ticket.due_clock, ticket.times_reopened)):
        said = _after(said, _("Already told: %(names)s.") % {"names": names})
    pause = facts.standing(timezone.now()) if facts and ticket.state in PAUSABLE else None
    return _after(said, _("Paused: %(pause)s.") % {"pause": pause.words}) if pause else said


def _after(first: str, then: str) -> str:
    return _("%(first)s %(then)s") % {"first": first, "then": then}


def _on_time(ticket: Ticket) -> str:
    clock = Clock(ticket.due_clock or Clock.RESTORE)
    if ticket.state == State.SUBMITTED:
        return _("%(organisation)s will take it up by %(by)s.")
    if clock is Clock.PLAN:
        return _("%(organisation)s tells you by %(due)s what will be done and on which day.")
    if clock is Clock.MAKE_SAFE:
        return _("It is made safe by %(due)s and promised to be repaired by %(by)s.")
    if ticket.state == State.ON_SITE:
        return _(
            "%(worker)s is on site; promised to be repaired by %(by)s. When it is done, we ask you whether it is really"
            " fixed."
        )
    arrives = clock is Clock.ARRIVE
    if ticket.state == State.ACKNOWLEDGED:
        return (
            _("%(organisation)s chooses a worker next, who comes by %(due)s.")
            if arrives
            else _("%(organisation)s chooses a worker next. Promised to be repaired by %(by)s.")
        )
    return (
        _("%(worker)s comes by %(due)s. Promised to be repaired by %(by)s.")
        if arrives and ticket.urgency != Urgency.PLANNED
        else _("%(worker)s comes to look at it by %(due)s.")
        if arrives
        else _("%(worker)s will come to you. Promised to be repaired by %(by)s.")
    )


def _visited(ticket: Ticket, visit: Booking) -> str:
    if visit.state == BookingState.ASKED:
        return _("%(when)s is kept for the visit. It stands as soon as everybody has agreed.")
    if ticket.assignee:
        return _("%(worker)s comes to you %(when)s. Please be at home.")
    return _("Somebody from %(organisation)s comes to you %(when)s. Please be at home.")


def _late(ticket: Ticket) -> str:
    if ticket.state == State.SUBMITTED:
        return _("%(organisation)s should have taken it up by %(by)s. Please call them: %(phone)s.")
    return {
        Clock.ARRIVE: _("Somebody should have come by %(due)s. %(organisation)s owes you an answer: %(phone)s."),
        Clock.MAKE_SAFE: _("It should have been made safe by %(due)s. %(organisation)s owes you an answer: %(phone)s."),
        Clock.PLAN: _("The plan should have been posted by %(due)s. %(organisation)s owes you an answer: %(phone)s."),
    }.get(
        Clock(ticket.due_clock or Clock.RESTORE),
        _("It should have been repaired by %(by)s. %(organisation)s owes you an answer: %(phone)s."),
    )


def _handed_over(handover: Told) -> str:
    return _(
        "%(organisation)s has taken it over under the number %(reference)s. Please ask them how it goes: %(phone)s. Not"
        " repaired? Say so below and it opens again."
    ) % {
        "organisation": handover.receiver,
        "reference": handover.reference,
        "phone": handover.phone,
    }


def offered_words(handover: Told) -> str:
    """Who is asked to take it over, and that until then nothing changes."""
    return _("%(to)s is asked to take it over. Until they accept, %(from)s stays responsible; the time runs on.") % {
        "to": handover.receiver,
        "from": handover.sender,
    }


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
