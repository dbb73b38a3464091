"""A ticket as one line of a desk or of a worker's day: every word made a string before the template sees it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from repairs.models import Scope, Ticket
from repairs.promise_words import promise_word
from repairs.spans import Due, due
from repairs.timeline import status_word
from repairs.times import stretch
from repairs.workflow import Channel, State, Urgency

URGENCY_TONES = {Urgency.DANGER: "rose", Urgency.URGENT: "rose"}


class Row(NamedTuple):
    """One line; `about` stands in small under the headline, `small` is that with the agreed time, `part` stands under
    the place, `step` under the time left; `key` is `pk` as it is written in an address."""

    pk: int
    key: str
    href: str
    number: str
    headline: str
    about: str
    small: str
    urgency: str
    tone: str
    place: str
    part: str
    channel: str
    unverified: bool
    state: str
    closure: str
    word: str
    worker: str
    step: str
    due: Due


def rows_of(tickets: Iterable[Ticket], now: datetime, page: str = "repairs:desk_ticket") -> list[Row]:
    """`tickets` (read by `repairs.queue`) as lines that lead to `page`.

    The words of choices are asked of the choices: `get_…_display` hashes the whole list of them at every call.
    """
    return [_row(ticket, now, page) for ticket in tickets]


def _row(ticket: Ticket, now: datetime, page: str) -> Row:
    about, visit, word = _about(ticket), _visit(ticket), _word(ticket)
    worker = ticket.assignee.display_name if ticket.assignee and ticket.is_open else ""
    return Row(
        pk=ticket.pk,
        key=str(ticket.pk),
        href=reverse(page, args=[ticket.pk]),
        number=ticket.number,
        headline=ticket.headline,
        about=about,
        small=" · ".join(filter(None, (about, visit))),
        urgency=urgency_word(ticket),
        tone=URGENCY_TONES.get(Urgency(ticket.urgency), ""),
        place=ticket.place.full if ticket.dwelling_id else ticket.place.public,
        part="" if ticket.dwelling_id else str(Scope(ticket.scope).label),
        channel=str(Channel(ticket.channel).label),
        unverified=is_unverified(ticket),
        state=ticket.state,
        closure=ticket.closure,
        word=word,
        worker=worker,
        step=f"{word} · {worker}" if worker else word,
        due=due_of(ticket, now),
    )


def _word(ticket: Ticket) -> str:
    """The state as the staff says it: it isn't they who are asked to confirm."""
    return pgettext("desk", "Waiting for the resident") if ticket.state == State.FINISHED else status_word(ticket)


def urgency_word(ticket: Ticket) -> str:
    """Danger and urgent are said; normal and planned go without saying."""
    return str(Urgency(ticket.urgency).label) if ticket.urgency in URGENCY_TONES else ""


def is_unverified(ticket: Ticket) -> bool:
    """The same rule as the filter `repairs.queue.UNVERIFIED`."""
    return not ticket.phone_verified and (ticket.channel == Channel.ONLINE or not ticket.contact_agreed)


def due_of(ticket: Ticket, now: datetime) -> Due:
    """Which promise is next and the time left until it; nothing while the resident has the word."""
    if ticket.due_at is None:
        return Due("", "")
    started = (ticket.filed_at, ticket.acknowledged_at, ticket.plan_posted_at, ticket.reopened_at)
    left = due(ticket.due_at, since=max(filter(None, started)), now=now)
    if not ticket.due_clock:
        return left
    # The time stays in one line, the promise may stand over it.
    words = {
        "promise": promise_word(ticket.due_clock, ticket.urgency),
        "left": left.words.replace(" ", "\N{NO-BREAK SPACE}"),
    }
    return Due(_("%(promise)s: %(left)s") % words, left.tone)


def _about(ticket: Ticket) -> str:
    """The type (when the headline says something else), photos, and what came before."""
    parts = [ticket.repair_type.name] if ticket.headline != ticket.repair_type.name else []
    photos: int = getattr(ticket, "photo_count", 0)
    if photos:
        parts.append(ngettext("%(count)d photo", "%(count)d photos", photos) % {"count": photos})
    if ticket.times_reopened:
        parts.append(_("opened again"))
    return " · ".join(parts)


def _visit(ticket: Ticket) -> str:
    """The agreed time, if there is one."""
    starts, ends = getattr(ticket, "visit_starts", None), getattr(ticket, "visit_ends", None)
    return _("agreed %(visit)s") % {"visit": stretch(starts, ends)} if starts and ends else ""
