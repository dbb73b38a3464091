"""The visit as a desk sees it: on a ticket's panel, and the page on which a time is agreed, moved or given up."""

from typing import NamedTuple

from django.forms import BaseForm
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from repairs import actions
from repairs.forms.desk_visits import DeskAnswerForm, DeskBookForm, DeskRebookForm, DeskUnbookForm
from repairs.models import Booking, BookingState, Ticket
from repairs.times import lately, stretch

CONSENT_TONES = {"agreed": "jade", "refused": "rose", "": "amber"}


class Door(NamedTuple):
    """One household asked: which, and what it said."""

    pk: int
    label: str
    word: str
    tone: str
    waits: bool


class Visit(NamedTuple):
    """An agreed time in words."""

    pk: int
    when: str
    team: str
    word: str
    tone: str
    set_out: str
    doors: list[Door]


def visit_of(ticket: Ticket) -> Visit | None:
    """What is agreed for `ticket`, if anything; two statements."""
    booking = (
        Booking.objects.live()
        .filter(ticket=ticket)
        .select_related("team")
        .prefetch_related("consents__dwelling__entrance")
        .first()
    )
    if booking is None:
        return None
    asked = booking.state == BookingState.ASKED
    doors = [
        Door(
            each.pk,
            f"{each.dwelling.entrance} {each.dwelling}",
            str(each.get_answer_display()) if each.answer else _("not answered yet"),
            CONSENT_TONES[each.answer],
            asked and not each.answer,
        )
        for each in booking.consents.all()
    ]
    return Visit(
        pk=booking.pk,
        when=stretch(booking.starts_at, booking.ends_at),
        team=booking.team.name,
        word=str(booking.get_state_display()) if asked else "",
        tone="amber" if asked else "jade",
        set_out=lately(booking.set_out_at) if booking.set_out_at else "",
        doors=doors,
    )


def visit_parts(ticket: Ticket, user: User, next_url: str = "") -> dict[str, object]:
    """The visit on the panel, with the form that agrees or moves it where this person may."""
    visit = visit_of(ticket)
    plans = actions.may(ticket, "book", user) and actions.plans_visits(ticket, user)
    form: BaseForm | None = None
    if plans and visit is None:
        form = DeskBookForm(ticket=ticket, user=user, next_url=next_url)
    elif plans and visit is not None:
        form = DeskRebookForm(ticket=ticket, user=user, next_url=next_url, initial={"seen": visit.pk})
    return {
        "visit": visit,
        "visit_form": form,
        "visit_action": reverse(f"repairs:desk_{'rebook' if visit else 'book'}", args=[ticket.pk]),
        "wish": str(ticket.get_visit_wish_display()),
        "plans": plans,
    }


def visit_page(ticket: Ticket, user: User, next_url: str, **bound: BaseForm) -> dict[str, object]:
    """Everything about the visit on a page of its own; `bound` is the form that came back, by its verb."""
    parts = visit_parts(ticket, user, next_url)
    visit = parts["visit"]
    seen = {"seen": visit.pk} if isinstance(visit, Visit) else {}
    when = bound.get("rebook" if visit else "book") or parts["visit_form"]
    off = bound.get("unbook") or DeskUnbookForm(ticket=ticket, user=user, next_url=next_url, initial=seen)
    return parts | {
        "parts": parts,
        "ticket": ticket,
        "visit_form": when,
        "unbook_form": off if visit else None,
        "answer_form": DeskAnswerForm(ticket=ticket, user=user, next_url=next_url),
        "answer_errors": bound["agree"].errors if "agree" in bound else None,
        "back": next_url or reverse("repairs:desk_ticket", args=[ticket.pk]),
    }
