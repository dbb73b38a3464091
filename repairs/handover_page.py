"""What stands on the pages of handing over: to whom, the list of a desk, and one offer as both sides read it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs import actions
from repairs.canned import offers, offers_to_receiver
from repairs.desk_page import ticket_address
from repairs.forms.handovers import AcceptForm, FindForm, OfferForm, OutsideForm, TurnDownForm, WithdrawForm
from repairs.forms.staff import VerbForm
from repairs.handovers import discreet, handover_of, is_outside
from repairs.keyset import Page
from repairs.models import Handover, HandoverState, Photo, Scope, Ticket
from repairs.pauses import standing
from repairs.queue import Desk
from repairs.queue_rows import URGENCY_TONES, due_of, urgency_word
from repairs.rail import NUMBERS, frame
from repairs.spans import Due, span
from repairs.timeline import status_word, timeline
from repairs.times import lately
from repairs.workflow import Urgency

TONES = {
    HandoverState.OFFERED: "amber",
    HandoverState.ACCEPTED: "jade",
    HandoverState.TURNED_DOWN: "rose",
    HandoverState.WITHDRAWN: "grey",
    HandoverState.PASSED_OUTSIDE: "jade",
}


class Row(NamedTuple):
    """One offer in a list: nothing of the ticket that its receiver may not read yet."""

    pk: int
    number: str
    icon: str
    type_name: str
    urgency: str
    tone: str
    place: str
    sender: str
    phone: str
    receiver: str
    offered: str
    waited: str
    word: str
    word_tone: str
    due: Due


def rows_of(handovers: Iterable[Handover]) -> list[Row]:
    """`handovers` (read with `for_page()`) as lines."""
    now = timezone.now()
    return [_row(each, now) for each in handovers]


def _row(handover: Handover, now: datetime) -> Row:
    ticket, waits = handover.ticket, handover.state == HandoverState.OFFERED
    return Row(
        pk=handover.pk,
        number=ticket.number,
        icon=ticket.repair_type.category.icon,
        type_name=ticket.repair_type.name,
        urgency=urgency_word(ticket),
        tone=URGENCY_TONES.get(Urgency(ticket.urgency), ""),
        place=ticket.place.public,
        sender=handover.from_organisation.name,
        phone=handover.from_organisation.phone,
        receiver=handover.to_organisation.name,
        offered=lately(handover.offered_at),
        waited=span(now - handover.offered_at) if waits else "",
        word=str(HandoverState(handover.state).label),
        word_tone=TONES[HandoverState(handover.state)],
        due=due_of(ticket, now) if waits else Due("", ""),
    )


def _rail(user: User, *, on_handovers: bool = False) -> dict[str, object]:
    desk = Desk(user)
    return frame(desk, on_handovers=on_handovers)


def handovers_page(user: User, page: Page, *, ours: bool) -> dict[str, object]:
    """The list: what is offered to this desk and waits, or everything this desk offered."""
    return _rail(user, on_handovers=True) | {"page": page, "rows": rows_of(page.rows), "ours": ours}


def numbers_page(user: User, page: Page) -> dict[str, object]:
    """The list of an officer: what waits for the number of somebody outside."""
    rows = [
        (reverse("repairs:desk_hand_over", args=[each.ticket_id]), _row(each, timezone.now())) for each in page.rows
    ]
    return frame(Desk(user), on=NUMBERS) | {"page": page, "rows": rows}


# ---------------------------------------------------------------- the side that has it
def hand_over_page(ticket: Ticket, user: User, find: FindForm, bound: VerbForm | None = None) -> dict[str, object]:
    """Choose to whom; or, while an offer stands, take it back or write down their number."""
    offer = handover_of(ticket)
    seen = {"seen_offer": offer.pk if offer else None}
    forms: dict[str, VerbForm] = {}
    if offer is None and actions.may(ticket, "offer", user):
        forms["offer"] = OfferForm(ticket=ticket, user=user, q=find.wanted())
        forms["offer"].canned = offers(ticket).get("offer", ())
    if offer is not None and actions.may(ticket, "withdraw_offer", user):
        forms["withdraw_offer"] = WithdrawForm(ticket=ticket, user=user, initial=seen)
    absent = offer is not None and is_outside(offer.to_organisation)
    if absent and actions.may(ticket, "pass_outside", user):
        forms["pass_outside"] = OutsideForm(ticket=ticket, user=user, initial=seen)
    if bound is not None and bound.verb in forms:
        bound.canned = forms[bound.verb].canned
        forms[bound.verb] = bound
    return _rail(user) | {
        "ticket": ticket,
        "offer": rows_of([offer])[0] if offer and offer.state == HandoverState.OFFERED else None,
        "reason": offer.reason if offer else "",
        "absent": absent,
        "phone": offer.to_organisation.phone if offer else "",
        "forms": forms,
        "find": find,
        "back": ticket_address(ticket),
    }


# ---------------------------------------------------------------- one offer
def handover_page(handover: Handover, user: User, bound: VerbForm | None = None) -> dict[str, object]:
    """One offer: the receiver reads what is needed to decide, the first side how it goes on while it is open."""
    ticket, waits = handover.ticket, handover.state == HandoverState.OFFERED
    receives = handover.to_organisation in access.organisations_where(user, Permission.TICKET_ASSIGN)
    sent = handover.from_organisation in access.organisations_where(user, Permission.TICKET_ASSIGN)
    has_it = actions.works_on(ticket, user)
    follows = sent and ticket.is_open
    context = {
        "row": rows_of([handover])[0],
        "reason": discreet(handover.reason, ticket),
        "decision": discreet(handover.decision, ticket),
        "reference": handover.outside_reference,
        "decided": lately(handover.decided_at) if handover.decided_at else "",
        "receives": receives and waits,
        "address": ticket_address(ticket) if has_it else "",
        "hand_over": reverse("repairs:desk_hand_over", args=[ticket.pk]) if waits and sent else "",
        "facts": _facts(ticket) if waits and receives else None,
        "state": status_word(ticket),
        "promised": lately(ticket.restore_by) if ticket.is_open and follows else "",
        "lines": _story(ticket, user) if follows and not has_it else [],
    }
    forms = _decision_forms(handover, user, bound) if waits and receives else {}
    return _rail(user, on_handovers=True) | context | {"forms": forms, "opened": bound.verb if bound else ""}


def _decision_forms(handover: Handover, user: User, bound: VerbForm | None) -> dict[str, VerbForm]:
    forms: dict[str, VerbForm] = {
        form.verb: form(ticket=handover.ticket, user=user) for form in (AcceptForm, TurnDownForm)
    }
    if bound is not None:
        forms[bound.verb] = bound
    forms["turn_down"].canned = offers_to_receiver(handover)
    return forms


class Facts(NamedTuple):
    """What a receiver decides by; name, telephone and flat come with accepting."""

    category: str
    part: str
    words: str
    photos: int
    paused: str
    promised: str
    filed: str
    reopened: int


def _facts(ticket: Ticket) -> Facts:
    paused = standing(ticket)
    return Facts(
        category=ticket.repair_type.category.name,
        part=str(Scope(ticket.scope).label),
        words=discreet(ticket.words.strip(), ticket),
        photos=Photo.objects.filter(ticket=ticket, event__verb="report").count(),
        paused=paused.words if paused else "",
        promised=lately(ticket.restore_by),
        filed=lately(ticket.filed_at),
        reopened=ticket.times_reopened,
    )


def _story(ticket: Ticket, reader: User) -> list[object]:
    """As the resident reads it, less the pictures: they went with the ticket."""
    return [line._replace(photos=[], note=discreet(line.note, ticket)) for line in timeline(ticket, reader)]
