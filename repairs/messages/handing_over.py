"""What both organisations and the resident read about handing over."""

from collections.abc import Callable

from django.utils.translation import gettext_noop

from repairs.handovers import discreet
from repairs.models import Ticket, TicketEvent
from repairs.promise_words import awaits_plan
from repairs.times import moment, visit_words
from repairs.wording import Wording

ACCEPT = Wording(
    "resident.accept",
    gettext_noop("%(to)s has taken over your repair from %(from)s. What was promised stands: repaired by %(by)s."),
)
ACCEPT_PLAN = Wording(
    "resident.accept.plan",
    gettext_noop(
        "%(to)s has taken over your repair from %(from)s. What was promised stands: a plan for the repair by %(by)s."
    ),
)
ACCEPT_VISIT_OFF = Wording(
    "resident.accept.visit_off",
    gettext_noop("The visit at %(when)s is off; please agree a new one, or call %(phone)s."),
)


def _accepted(ticket: Ticket, event: TicketEvent) -> str:
    words = _parties(event) | {"by": moment(ticket.restore_by), "phone": ticket.organisation.phone}
    said = (ACCEPT_PLAN if awaits_plan(ticket) else ACCEPT).say(**words)
    if "visit" in event.changes:
        words["when"] = visit_words(event.changes["visit"][0])
        said += " " + ACCEPT_VISIT_OFF.say(**words)
    return said


PASS_OUTSIDE = Wording(
    "resident.pass_outside",
    gettext_noop(
        "%(to)s has taken over your repair; their number for it is %(reference)s. Please call them: %(phone)s. Not"
        " repaired? Open the ticket and say so; no new form is needed."
    ),
)


def _passed_outside(ticket: Ticket, event: TicketEvent) -> str:
    return PASS_OUTSIDE.say(**_parties(event))


def _parties(event: TicketEvent) -> dict[str, str]:
    """From whom to whom, by the names they had then, and what else was told of it."""
    return dict(event.changes["handover"])


OFFER = Wording(
    "staff.offer",
    gettext_noop("%(from)s asks you to take this over: %(place)s. Please accept it or say why not."),
)
OFFER_OUTSIDE = Wording(
    "staff.offer.outside",
    gettext_noop(
        "%(from)s hands it to %(to)s, which is not in Anju, at %(place)s. Please ask them for their number (%(phone)s)"
        " and write it down: it counts from then on."
    ),
)
WITHDRAW_OFFER = Wording(
    "staff.withdraw_offer", gettext_noop("%(from)s has taken its offer back; you need not answer.")
)
TURN_DOWN = Wording(
    "staff.turn_down",
    gettext_noop("%(to)s does not take it over; it stays with you. They write: %(words)s"),
)
TAKEN_OVER = Wording("staff.accept", gettext_noop("%(to)s has accepted it. You have nothing more to do."))
HAS_IT = Wording("staff.pass_outside", gettext_noop("%(to)s has it under the number %(reference)s."))


def _offered(ticket: Ticket, event: TicketEvent) -> str:
    parties = _parties(event)
    if "outside" in parties:
        return OFFER_OUTSIDE.say(**parties, phone=parties["outside"], place=ticket.place.public)
    return OFFER.say(**parties, place=ticket.place.public)


def _withdrawn(ticket: Ticket, event: TicketEvent) -> str:
    return WITHDRAW_OFFER.say(**_parties(event))


def _turned_down(ticket: Ticket, event: TicketEvent) -> str:
    # Words of another organisation: read as on the offer's page.
    return TURN_DOWN.say(**_parties(event), words=discreet(event.note, ticket))


def _taken_over(ticket: Ticket, event: TicketEvent) -> str:
    return TAKEN_OVER.say(**_parties(event))


def _has_it(ticket: Ticket, event: TicketEvent) -> str:
    return HAS_IT.say(**_parties(event))


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
