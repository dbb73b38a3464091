"""What has to be answered, and what was: what came up the ladder, and the orders of offices. For both sides."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from estates.models import Organisation
from repairs import actions
from repairs.canned import Offer, offers
from repairs.forms.oversight import AnswerForm, ClimbAnswerForm, OrderAnswerForm, Shown
from repairs.keyset import newest_first
from repairs.message_rows import offer_pages
from repairs.models import CannedVerb, ClimbAnswer, ClimbReason, Escalation, Met, Supervision, Ticket
from repairs.models.escalation import EscalationQuerySet
from repairs.models.supervision import SupervisionQuerySet
from repairs.times import day_words, lately
from repairs.workflow import Clock

CLIMBS_SHOWN = (Shown.OPEN, Shown.ANSWERED)
ORDERS_SHOWN = (Shown.OPEN, Shown.LATE, Shown.ANSWERED)


class Pill(NamedTuple):
    """One filter over a list."""

    href: str
    word: str
    number: int | None
    current: bool


class Door(NamedTuple):
    """What a reader may have of a row's ticket: a page about it (empty where there is none), and its own words."""

    address: str
    reads: bool


def _doors(tickets: Iterable[int], user: User) -> dict[int, Door]:
    """The door to each of `tickets`. After a handover the first still owes its answers, but reads the ticket no longer:
    it is led to its offer. At most two statements."""
    wanted = set(tickets)
    seen = set(Ticket.objects.worked_by(user).filter(pk__in=wanted).values_list("pk", flat=True))
    offered = offer_pages(wanted - seen, user) if wanted - seen else {}
    return {pk: _desk(pk) if pk in seen else Door(offered.get(pk, ""), reads=False) for pk in wanted}


def _desk(ticket: int) -> Door:
    return Door(reverse("repairs:desk_ticket", args=[ticket]), reads=True)


def _headline(ticket: Ticket, door: Door) -> str:
    return ticket.headline if door.reads else ticket.repair_type.name


class ClimbRow(NamedTuple):
    """One step of the ladder; `form` where the reader still has to answer it."""

    pk: int
    number: str
    headline: str
    place: str
    address: str
    late: str
    phone: str
    why: str
    tone: str
    when: str
    told: str
    answer: str
    note: str
    answered: str
    form: ClimbAnswerForm | None


def climb_rows(
    steps: Iterable[Escalation],
    user: User,
    doors: Mapping[int, Door],
    onward: str = "",
    bound: ClimbAnswerForm | None = None,
) -> list[ClimbRow]:
    """`steps` (read with `for_list()`) as rows; `doors`: to their tickets; `onward`: where an answer leads; `bound`:
    the form that came back."""
    return [
        ClimbRow(
            pk=step.pk,
            number=step.ticket.number,
            headline=_headline(step.ticket, doors[step.ticket_id]),
            place=step.ticket.place.public,
            address=doors[step.ticket_id].address,
            late=_owing(step).name,
            phone=_owing(step).phone,
            why=_why(step),
            tone="rose" if step.percent >= 100 or step.reason != ClimbReason.LATE else "amber",
            when=lately(step.at),
            told=_told(step),
            answer=str(ClimbAnswer(step.answer).label) if step.answer else "",
            note=step.note,
            answered=_by(step.answered_by, step.answered_at),
            form=bound or _climb_form(step, user, onward),
        )
        for step in steps
    ]


def _climb_form(step: Escalation, user: User, onward: str) -> ClimbAnswerForm | None:
    if not step.owes_answer or not actions.may_answer(step, user):
        return None
    return ClimbAnswerForm(row=step, user=user, initial={"next": onward})


def _owing(step: Escalation) -> Organisation:
    """Who is to be rung up: whoever was ordered owes the answer, also when another organisation has the ticket."""
    return step.order.organisation if step.order is not None else step.ticket.organisation


def _why(step: Escalation) -> str:
    if step.order is not None:
        words = {"organisation": _owing(step).name, "office": step.order.office.name}
        return _("%(organisation)s has not answered the order of %(office)s") % words
    if step.reason == ClimbReason.LATE:
        words = {"promise": str(Clock(step.clock).label), "percent": str(step.percent)}
        return _("%(promise)s: %(percent)s%% of the promised time is used") % words
    return f"{Clock(step.clock).label} · {ClimbReason(step.reason).label}"


def _told(step: Escalation) -> str:
    name = step.organisation.name if step.organisation else step.get_rung_display()
    return name if step.met == Met.PEOPLE else f"{name} · {Met(step.met).label}"


def _by(person: User | None, at: datetime | None) -> str:
    return f"{person.display_name} {lately(at)}" if person and at else ""


class OrderRow(NamedTuple):
    """One order; `form` where the reader still has to answer it."""

    pk: int
    number: str
    headline: str
    place: str
    address: str
    office: str
    organisation: str
    phone: str
    text: str
    ordered: str
    due: str
    word: str
    tone: str
    answer: str
    answered: str
    form: OrderAnswerForm | None


def order_rows(
    orders: Iterable[Supervision],
    user: User,
    doors: Mapping[int, Door],
    onward: str = "",
    bound: OrderAnswerForm | None = None,
) -> list[OrderRow]:
    """`orders` (read with `for_list()`) as rows; `doors`: to their tickets."""
    now = timezone.now()
    return [
        OrderRow(
            pk=order.pk,
            number=order.ticket.number,
            headline=_headline(order.ticket, doors[order.ticket_id]),
            place=order.ticket.place.public,
            address=doors[order.ticket_id].address,
            office=order.office.name,
            organisation=order.organisation.name,
            phone=order.organisation.phone,
            text=order.text,
            ordered=_by(order.ordered_by, order.ordered_at),
            due=day_words(order.answer_on),
            word=_state(order, now),
            tone=_tone(order, now),
            answer=order.answer,
            answered=_by(order.answered_by, order.answered_at),
            form=bound or _order_form(order, user, onward),
        )
        for order in orders
    ]


def _order_form(order: Supervision, user: User, onward: str) -> OrderAnswerForm | None:
    if order.answered_at or not actions.may_answer_order(order, user):
        return None
    return OrderAnswerForm(auto_id=f"order_{order.pk}_%s", initial={"next": onward})


def _state(order: Supervision, now: datetime) -> str:
    if order.answered_at:
        return _("Answered in time") if order.answered_at < order.answer_by else _("Answered late")
    if order.answer_by > now:
        return _("Waiting for the answer")
    return _("Not answered, went up") if order.went_up_at else _("Not answered in time")


def _tone(order: Supervision, now: datetime) -> str:
    if order.answered_at:
        return "jade" if order.answered_at < order.answer_by else "amber"
    return "rose" if order.answer_by <= now else "amber"


# ---------------------------------------------------------------- the lists
def climbs_page(user: User, base: str, asked: tuple[Shown, str]) -> dict[str, object]:
    """What came up to the organisations for which `user` answers, on the page at `base`."""
    show, before = asked
    own = Escalation.objects.visible_to(user).of(user)
    shown: EscalationQuerySet = own.answered() if show is Shown.ANSWERED else own.to_answer()
    column = "answered_at" if show is Shown.ANSWERED else "at"
    page = newest_first(shown.for_list(), column, before)
    pills = _pills(base, CLIMBS_SHOWN, show, {Shown.OPEN: own.to_answer().count()})
    rows = climb_rows(page.rows, user, _doors([each.ticket_id for each in page.rows], user), _here(base, show))
    return {"page": page, "rows": rows, "pills": pills, "show": show.value}


def orders_page(
    user: User, base: str, asked: tuple[Shown, str], orders: SupervisionQuerySet, *, giving: bool
) -> dict[str, object]:
    """`orders` of one side, on the page at `base`; `giving`: of the side that ordered."""
    (show, before), now = asked, timezone.now()
    shown = {Shown.OPEN: orders.unanswered(), Shown.LATE: orders.late(now), Shown.ANSWERED: orders.answered()}
    page = newest_first(shown[show].for_list(), "ordered_at", before)
    doors = _doors([each.ticket_id for each in page.rows], user)
    counts = {each: shown[each].count() for each in (Shown.OPEN, Shown.LATE)}
    return {
        "page": page,
        "rows": order_rows(page.rows, user, doors, _here(base, show)),
        "pills": _pills(base, ORDERS_SHOWN, show, counts),
        "show": show.value,
        "giving": giving,
    }


def _here(base: str, show: Shown) -> str:
    return f"{base}?show={show.value}"


def _pills(base: str, offered: Sequence[Shown], shown: Shown, counts: dict[Shown, int]) -> list[Pill]:
    return [Pill(_here(base, each), str(each.label), counts.get(each), each is shown) for each in offered]


# ---------------------------------------------------------------- on the ticket's page, and one alone
def ticket_owed(ticket: Ticket, user: User, canned: Mapping[str, Sequence[Offer]]) -> dict[str, object]:
    """How far the ticket has climbed and what was ordered about it, newest first, with the reader's forms and the words
    that are ready for them."""
    door = _desk(ticket.pk)
    doors, here = {ticket.pk: door}, door.address
    steps = Escalation.objects.filter(ticket=ticket).for_list().order_by("-pk")
    orders = Supervision.objects.filter(ticket=ticket).for_list().order_by("-pk")
    climbs, ordered = climb_rows(steps, user, doors, here), order_rows(orders, user, doors, here)
    _lay_out(climbs, canned, CannedVerb.ANSWER_CLIMB)
    _lay_out(ordered, canned, CannedVerb.ANSWER_ORDER)
    return {"climbs": climbs, "orders": ordered}


def climb_page(step: Escalation, user: User, bound: ClimbAnswerForm | None = None) -> ClimbRow:
    """One step of the ladder with the form of its answer and the words that are ready for it."""
    doors = _doors([step.ticket_id], user)
    rows = climb_rows([step], user, doors, bound=bound)
    _lay_out(rows, _ready(step.ticket, doors), CannedVerb.ANSWER_CLIMB)
    return rows[0]


def order_page(order: Supervision, user: User, bound: OrderAnswerForm | None = None) -> OrderRow:
    """One order with the form of its answer and the words that are ready for it."""
    doors = _doors([order.ticket_id], user)
    rows = order_rows([order], user, doors, bound=bound)
    _lay_out(rows, _ready(order.ticket, doors), CannedVerb.ANSWER_ORDER)
    return rows[0]


def _ready(ticket: Ticket, doors: Mapping[int, Door]) -> Mapping[str, Sequence[Offer]]:
    # They are filled in with the ticket: its worker, its visit, the words of whoever has it now.
    return offers(ticket) if doors[ticket.pk].reads else {}


def _lay_out(rows: Iterable[ClimbRow | OrderRow], canned: Mapping[str, Sequence[Offer]], verb: CannedVerb) -> None:
    for row in rows:
        if row.form is not None:
            row.form.canned = canned.get(verb, ())


def lead_back(form: AnswerForm, fallback: str) -> str:
    """Where an answer leads to."""
    return str(form.cleaned_data.get("next") or reverse(fallback))
