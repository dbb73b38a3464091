"""What stands on the pages of a desk: the queue with its panel, and one ticket as the staff reads it."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from repairs import actions
from repairs.canned import offers
from repairs.desk_visit import visit_parts
from repairs.forms.jobs import JOB_FORMS
from repairs.forms.oversight import OrderForm
from repairs.forms.pauses import pause_forms
from repairs.forms.promising import PROMISE_FORMS
from repairs.forms.staff import FORMS, Asked, ContactForm, VerbForm
from repairs.handovers import handover_of
from repairs.materials import used
from repairs.message_rows import delivery_rows
from repairs.models import Answer, Pause, Photo, Ticket
from repairs.owed_page import ticket_owed
from repairs.parties import Party
from repairs.pauses import standing, times_renewed, used_words
from repairs.promises_page import shown
from repairs.queue import FOUND_SHOWN, Desk, Listing, Only
from repairs.queue_rows import Row, rows_of
from repairs.rail import address, frame
from repairs.search import is_searchable
from repairs.spans import span
from repairs.timeline import timeline
from repairs.times import lately
from repairs.triage import judge

_YEAR = timedelta(days=365)


class Filter(NamedTuple):
    """One pill over the table."""

    href: str
    word: str
    number: int
    current: bool


def ticket_address(ticket: Ticket) -> str:
    """The staff's page of one ticket."""
    return reverse("repairs:desk_ticket", args=[ticket.pk])


# ---------------------------------------------------------------- the queue
def queue_page(desk: Desk, listing: Listing, asked: Asked) -> dict[str, object]:
    """A listing with its filters, or what a search found, and the opened ticket beside it."""
    found = _found(desk, asked.q) if asked.q else _waiting(desk, listing, asked)
    kept = {"q": asked.q, "only": asked.only.value, "after": str(asked.after) if asked.after and not asked.q else ""}
    context = frame(desk, None if asked.q else listing) | found
    tally = desk.tally(listing)  # counted with the rail
    filters = [
        Filter(address(listing, only=each.value), str(each.label), count, each is asked.only)
        for each, count in tally.filters.items()
        if count or each in {Only.ALL, asked.only}
    ]
    return context | {
        "listing": listing,
        "title": _("Search results") if asked.q else listing.label,
        "total": tally.filters[Only.ALL],
        "waited": span(desk.now - tally.oldest) if tally.oldest else "",
        "filters": filters,
        "only": asked.only,
        "q": asked.q,
        "base": address(listing, **kept) + ("&" if any(kept.values()) else "?"),
        "first": address(listing, only=kept["only"]) if asked.after else "",
        "panel": _opened(desk, listing, asked.selected, found["rows"], kept),
        "selected": asked.selected,
    }


def _waiting(desk: Desk, listing: Listing, asked: Asked) -> dict[str, Any]:
    page = desk.page(listing, asked.only, asked.after)
    onward = address(listing, only=asked.only.value, after=str(page.after)) if page.after else ""
    return {"rows": rows_of(page.tickets, desk.now), "onward": onward}


def _found(desk: Desk, text: str) -> dict[str, Any]:
    if not is_searchable(text):
        return {"rows": [], "too_short": True}
    found = desk.search(text)
    shown = FOUND_SHOWN if found.total > FOUND_SHOWN else 0
    return {"rows": rows_of(found.tickets, desk.now), "found": found.total, "more": found.more, "found_shown": shown}


def _opened(
    desk: Desk, listing: Listing, selected: int | None, rows: list[Row], kept: dict[str, str]
) -> dict[str, object] | None:
    """The panel of the row in the address; after its verb the next row opens by itself."""
    if selected is None:
        return None
    ticket = desk.tickets().for_page().filter(pk=selected).first()
    if ticket is None:
        return None
    keys = [row.pk for row in rows]
    at = keys.index(selected) + 1 if selected in keys else len(keys)
    follows = keys[at] if at < len(keys) else None
    stays = address(listing, **kept, selected=selected)
    parts = ticket_parts(ticket, desk.user, next_url=address(listing, **kept, selected=follows))
    return parts | visit_parts(ticket, desk.user, stays)


# ---------------------------------------------------------------- one ticket
def ticket_page(ticket: Ticket, user: User, bound: VerbForm | ContactForm | None = None) -> dict[str, object]:
    """The staff's page of one ticket; `bound` is the form that has to be shown again."""
    desk = Desk(user)
    rail = frame(desk)
    parts = ticket_parts(ticket, user, bound) | visit_parts(ticket, user)
    owed = ticket_owed(ticket, user, parts["canned"])
    story = {"lines": timeline(ticket, user), "told": delivery_rows(ticket), "promises": shown(ticket)}
    return rail | parts | owed | story | {"parts": parts}


def ticket_parts(
    ticket: Ticket, user: User, bound: VerbForm | ContactForm | None = None, next_url: str = ""
) -> dict[str, Any]:
    """Everything about one ticket but its timeline."""
    row = rows_of([ticket], timezone.now())[0]
    handles = actions.may_reveal(ticket, user)
    said = _answers(ticket, handles)
    verdict = judge(ticket.repair_type, {code: answer for code, _question, _words, answer in said})
    verbs, paused, offer = actions.moves_for(ticket, user), standing(ticket), handover_of(ticket)
    return {
        "ticket": ticket,
        "row": row,
        "more_words": _more_words(ticket),
        "filed": lately(ticket.filed_at),
        "due_by": lately(ticket.due_at) if ticket.due_at else "",
        "photos": _photos(ticket, user),
        "handles": handles,
        "contact_form": bound if isinstance(bound, ContactForm) else ContactForm(),
        "answers": [(question, words) for _code, question, words, _answer in said],
        "notes": verdict.notes,
        "suggested": verdict.suggested_type,
        "history": _history(ticket, user),
        "goes_first": _parties(ticket.repair_type.first_responders),
        "pays": _parties(ticket.repair_type.payers),
        "moves": verbs,
        "paused": paused,
        "times_renewed": times_renewed(paused) if paused else 0,
        "used_time": used_words(ticket),
        "used": used(ticket),
        **_forms(ticket, user, verbs, paused, bound, next_url),
        "handover": offer,
        "offered_since": lately(offer.offered_at) if offer else "",
        "waiting_photos": Photo.objects.waiting(ticket, user)
        if {"finish", "nobody_home", "make_safe"} & {*verbs}
        else [],
    }


def _forms(
    ticket: Ticket,
    user: User,
    verbs: list[str],
    paused: Pause | None,
    bound: VerbForm | ContactForm | None,
    next_url: str,
) -> dict[str, Any]:
    """A form for each move that has one, with the words that are ready for it; `opened`: the one that came back."""
    known = FORMS | JOB_FORMS | PROMISE_FORMS | {OrderForm.verb: OrderForm}
    fresh = {verb: known[verb](ticket=ticket, user=user, next_url=next_url) for verb in verbs if verb in known}
    fresh |= pause_forms(ticket, user, verbs, paused, next_url)
    again = {bound.verb: bound} if isinstance(bound, VerbForm) else {}
    canned = offers(ticket)
    for form in (fresh | again).values():
        form.canned = canned.get(form.verb, ())
    return {"forms": fresh | again, "canned": canned, "opened": next(iter(again), "")}


def _more_words(ticket: Ticket) -> str:
    """What was written beyond the headline."""
    words = ticket.words.strip()
    return words.removeprefix(ticket.headline).strip() if words else ""


def _photos(ticket: Ticket, user: User) -> list[Photo]:
    """What the reporter sent."""
    return list(Photo.objects.visible_to(user).filter(ticket=ticket, event__verb="report"))


def _answers(ticket: Ticket, handles: bool) -> list[tuple[str, str, str, str]]:
    """Question code, question, answer and answer code as given; health and the like only for who handles it (PIPL)."""
    asked = Answer.objects.filter(question__code__in=list(ticket.answers)).select_related("question")
    chosen = [each for each in asked if ticket.answers[each.question.code] == each.code]
    chosen.sort(key=lambda each: (each.question.position, each.question_id))
    return [
        (each.question.code, each.question.text, each.text, each.code)
        for each in chosen
        if handles or not each.question.sensitive
    ]


def _parties(names: list[str]) -> str:
    known = {party.value: str(party.label) for party in Party}
    return pgettext("list", ", ").join(known[name] for name in names if name in known)


class History(NamedTuple):
    """What broke in the same building within a year, this ticket apart."""

    total: int
    alike: int
    latest: str
    href: str


def _history(ticket: Ticket, user: User) -> History:
    place = Q(building=ticket.building) if ticket.building else Q(building__isnull=True)
    year = Q(estate=ticket.estate, filed_at__gte=timezone.now() - _YEAR)
    found = (
        Ticket.objects.visible_to(user)
        .filter(place, year)
        .exclude(pk=ticket.pk)
        .aggregate(
            total=Count("pk"),
            alike=Count("pk", filter=Q(repair_type__category=ticket.repair_type.category_id)),
            latest=Max("filed_at"),
        )
    )
    words = " ".join(str(part) for part in (ticket.estate, ticket.building) if part)
    has_desk = bool(Desk(user).organisations)
    return History(
        found["total"],
        found["alike"],
        lately(found["latest"]) if found["latest"] else "",
        address(Listing.NEW, q=words) if has_desk else "",
    )
