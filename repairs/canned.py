"""Ready-made answers filled in with a real ticket, in the language of whoever reads them."""

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone, translation

from repairs.models import Handover, Ticket
from repairs.models.canned import OFFERED_MOST, CannedAnswer, CannedVerb
from repairs.placeholders import Placeholder, filled, used
from repairs.promise_words import awaits_plan
from repairs.times import moment, window

# Colleagues read these; everything else the reporter reads.
AMONG_COLLEAGUES = frozenset({CannedVerb.HAND_BACK, CannedVerb.INTERNAL_NOTE, CannedVerb.OFFER, CannedVerb.TURN_DOWN})


class Offer(NamedTuple):
    """One text ready to be sent; `language` is what it is written in."""

    text: str
    language: str


def offers(ticket: Ticket) -> dict[str, list[Offer]]:
    """Verb → what is offered for it, the most particular first; one statement.

    An answer that speaks of something this ticket does not have (an agreed visit, a promise that still can be
    kept) is not offered.
    """
    answers = list(CannedAnswer.objects.offered_for(ticket))
    found: dict[str, list[Offer]] = {}
    for language in {ticket.reporter.language, translation.get_language() or "zh-hans"}:
        with translation.override(language):
            values = _values(ticket, answers)
            said = [(answer, _said(answer, values)) for answer in answers]
        for verb in CannedVerb:
            if language == _language(ticket, verb):
                texts = [text for answer, text in said if text and verb in answer.verbs][:OFFERED_MOST]
                found[verb.value] = [Offer(text, language) for text in texts]
    return found


def offers_to_receiver(handover: Handover) -> list[Offer]:
    """What an organisation that is offered a ticket can say to turn it down; one statement.

    In its own words and language, with its own telephone, and nothing of the ticket it may not read yet.
    """
    language, taker = translation.get_language() or "zh-hans", handover.to_organisation
    values = dict.fromkeys(Placeholder, "") | {
        Placeholder.NUMBER: handover.ticket.number,
        Placeholder.PLACE: handover.ticket.place.public,
        Placeholder.PROMISED: _promised(handover.ticket),
        Placeholder.ORGANISATION: taker.name,
        Placeholder.PHONE: taker.phone,
    }
    answers = CannedAnswer.objects.offered_for(handover.ticket, taker).filter(verbs__contains=[CannedVerb.TURN_DOWN])
    return [Offer(text, language) for answer in answers if (text := _said(answer, values))][:OFFERED_MOST]


def _language(ticket: Ticket, verb: CannedVerb) -> str:
    return (translation.get_language() or "zh-hans") if verb in AMONG_COLLEAGUES else ticket.reporter.language


def _said(answer: CannedAnswer, values: dict[Placeholder, str]) -> str:
    text = answer.text
    return filled(text, values) if all(values[name] for name in used(text)) else ""


def _values(ticket: Ticket, answers: list[CannedAnswer]) -> dict[Placeholder, str]:
    who = ticket.assignee.display_name if ticket.assignee else ticket.organisation.name
    return {
        Placeholder.NUMBER: ticket.number,
        Placeholder.HEADLINE: ticket.headline,
        Placeholder.PLACE: ticket.place.full,
        Placeholder.WORKER: who,
        Placeholder.WHEN: _when(answers),
        Placeholder.PROMISED: _promised(ticket),
        Placeholder.ORGANISATION: ticket.organisation.name,
        Placeholder.PHONE: ticket.organisation.phone,
    }


def _promised(ticket: Ticket) -> str:
    """By when it is repaired, as long as that is promised and lies ahead."""
    ahead = ticket.restore_by > timezone.now() and not awaits_plan(ticket)
    return moment(ticket.restore_by) if ahead else ""


def _when(answers: list[CannedAnswer]) -> str:
    """The agreed visit, read together with the answers."""
    starts: datetime | None = getattr(answers[0], "visit_starts", None) if answers else None
    return window(starts, answers[0].visit_ends) if starts else ""  # type: ignore[attr-defined]
