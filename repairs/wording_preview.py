"""A text of a message as its reader would see it, tried on a real ticket by the code that sends; nothing is stored."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.sms import parts_of
from repairs.messages import staff_wording, to_household, wording
from repairs.models import Audience, Message, Ticket, TicketEvent
from repairs.placeholders import filled
from repairs.timeline import TITLES
from repairs.times import lately, visit_words
from repairs.wording import Trial, Wording, trying
from repairs.wording_variables import meaning

# How many of the newest messages are looked through for one that uses the text.
_LOOKED_THROUGH = 50


class Preview(NamedTuple):
    """What would be read; `source`: of which ticket, `remark`: what to know about the choice; `parts`: as how many text
    messages it is counted, 0 where none is sent."""

    text: str
    source: str
    remark: str
    phone: str
    parts: int


def preview(own: Wording, language: str, text: str, ticket: Ticket | None = None) -> Preview:
    """`text` in the place of `own`, on `ticket` or the newest one that uses it; else with what the variables mean."""
    with trying(own.key, language, text) as trial:
        of_ticket = list(_told(own).filter(ticket=ticket)[:_LOOKED_THROUGH]) if ticket else []
        found, read = _first(own, of_ticket, trial)
        remark = _not_there(ticket, of_ticket) if ticket and not found else ""
        if found is None:
            newest = list(_told(own)[:_LOOKED_THROUGH])
            found, read = _first(own, newest, trial)
            if not remark and newest and found not in (None, newest[0]):
                remark = _("The newest message after this step used another text; this is the newest one that used it.")
    if found is None:
        return _by_names(own, language, text, remark)
    source = _("%(number)s, “%(step)s”, %(when)s") % {
        "number": found.ticket.number,
        "step": TITLES[found.verb],
        "when": lately(found.at),
    }
    phone = found.ticket.masked_phone if own.audience in {"resident", "all"} else ""
    return Preview(read, source, remark, phone, 0 if own.audience == Audience.HOUSEHOLD else parts_of(read))


def _told(own: Wording) -> QuerySet[TicketEvent]:
    """The steps after which somebody was told something like it, newest first."""
    to = [Audience.RESIDENT, Audience.STAFF] if own.audience == "all" else [own.audience]
    messages = Message.objects.filter(event=OuterRef("pk"), audience__in=to)
    tickets = ("repair_type", "estate", "building", "entrance", "dwelling", "assignee", "organisation", "reporter")
    events = TicketEvent.objects.filter(Exists(messages), verb__in=own.verbs)
    return events.select_related(*(f"ticket__{name}" for name in tickets)).order_by("-pk")


def _first(own: Wording, events: Iterable[TicketEvent], trial: Trial) -> tuple[TicketEvent | None, str]:
    """The first of `events` whose message uses the text, and that message."""
    for event in events:
        trial.said.clear()
        read = _as_read(own, event, trial.language)
        if own.key in trial.said:
            return event, read
    return None, ""


def _as_read(own: Wording, event: TicketEvent, language: str) -> str:
    if own.audience == Audience.HOUSEHOLD:
        span = next((each for each in reversed(event.changes.get("visit", [])) if each), None)
        with translation.override(language):
            return to_household(event, visit_words(span))
    said = staff_wording if own.audience == Audience.STAFF else wording
    return said(event, event.ticket, language)["text"]


def _not_there(ticket: Ticket, events: list[TicketEvent]) -> str:
    words = {"number": ticket.number}
    if events:
        return _("After this step %(number)s was told another text; here is the newest that used this one.") % words
    return _("Nobody was told of such a step of %(number)s; here is the newest ticket that used this text.") % words


def _by_names(own: Wording, language: str, text: str, remark: str) -> Preview:
    with translation.override(language):
        names = {name: f"［{meaning(own, name)}］" for name in own.variables}
        read = filled(text, names)
    none = _("Nobody was told this lately: what the variables mean stands in their places.")
    return Preview(read, "", none, "", 0)
