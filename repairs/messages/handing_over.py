"""What both organisations and the resident read about handing over."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from repairs.models import Ticket, TicketEvent
from repairs.times import moment, visit_words


def _accepted(ticket: Ticket, event: TicketEvent) -> str:
    words = _parties(event) | {"by": moment(ticket.restore_by), "phone": ticket.organisation.phone}
    said = _("%(to)s has taken over your repair from %(from)s. What was promised stands: repaired by %(by)s.") % words
    if "visit" in event.changes:
        words["when"] = visit_words(event.changes["visit"][0])
        said += " " + _("The visit at %(when)s is off; please agree a new one, or call %(phone)s.") % words
    return said


def _passed_outside(ticket: Ticket, event: TicketEvent) -> str:
    return _(
        "%(to)s has taken over your repair; their number for it is %(reference)s. Please call them: %(phone)s. Not"
        " repaired? Open the ticket and say so; no new form is needed."
    ) % _parties(event)


def _parties(event: TicketEvent) -> dict[str, str]:
    """From whom to whom, by the names they had then, and what else was told of it."""
    return dict(event.changes["handover"])


def _offered(ticket: Ticket, event: TicketEvent) -> str:
    words = _parties(event) | {"place": ticket.place.public}
    return _("%(from)s asks you to take this over: %(place)s. Please accept it or say why not.") % words


def _withdrawn(ticket: Ticket, event: TicketEvent) -> str:
    return _("%(from)s has taken its offer back; you need not answer.") % _parties(event)


def _turned_down(ticket: Ticket, event: TicketEvent) -> str:
    words = _parties(event) | {"words": event.note}
    return _("%(to)s does not take it over; it stays with you. They write: %(words)s") % words


def _taken_over(ticket: Ticket, event: TicketEvent) -> str:
    return _("%(to)s has accepted it. You have nothing more to do.") % _parties(event)


def _has_it(ticket: Ticket, event: TicketEvent) -> str:
    return _("%(to)s has it under the number %(reference)s.") % _parties(event)


Sentence = Callable[[Ticket, TicketEvent], str]
TO_RESIDENTS: dict[str, Sentence] = {"accept": _accepted, "pass_outside": _passed_outside}
TO_STAFF: dict[str, Sentence] = {
    "offer": _offered,
    "withdraw_offer": _withdrawn,
    "turn_down": _turned_down,
    "accept": _taken_over,
    "pass_outside": _has_it,
}
# Told to people who have not accepted the ticket: the kind of repair, never the resident's words.
WITHOUT_WORDS = frozenset({"offer", "withdraw_offer"})
