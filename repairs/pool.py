"""可抢的单: what a worker may know of a job before taking it: building and kind of repair, no flat, no words."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, DateTimeField, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.places import Place
from repairs.models import Booking, DispatchRule, Team, Ticket
from repairs.models.ticket import DANGER_FIRST
from repairs.queue_rows import URGENCY_TONES, due_of, urgency_word
from repairs.spans import Due
from repairs.suggestions import AT_WORK, TRADE_WORDS
from repairs.times import stretch
from repairs.workflow import Urgency

OFFERED_MOST = 50


class Offer(NamedTuple):
    """One job that can be taken."""

    pk: int
    icon: str
    type_name: str
    place: str
    urgency: str
    tone: str
    due: Due
    visit: str
    fits: bool


class Limit(NamedTuple):
    """How many open jobs one worker may have here, and how many this one has."""

    most: int
    mine: int


def offers(worker: User, now: datetime) -> list[Offer]:
    """What `worker` may take: danger first, then what their team or trade does, then what is due; one statement."""
    trades = {each.trade for each in access.appointments_of(worker) if each.trade}
    spoken = [code for code, words in TRADE_WORDS.items() if any(word in trade for word in words for trade in trades)]
    named = Team.trades.through.objects.filter(team=OuterRef("pk"))
    mine = Team.objects.working().filter(members=worker, organisation=OuterRef("organisation"))
    does = mine.filter(Exists(named.filter(category=OuterRef(OuterRef("repair_type__category")))) | ~Exists(named))
    fits = Case(
        When(Q(Exists(does)) | Q(repair_type__category__code__in=spoken), then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    visits = Booking.objects.live().filter(ticket=OuterRef("pk"))
    rows = (
        Ticket.objects.to_take(worker)
        .select_related("repair_type__category", "estate", "building")
        .annotate(
            fits=fits,
            visit_starts=Subquery(visits.values("starts_at")[:1], output_field=DateTimeField()),
            visit_ends=Subquery(visits.values("ends_at")[:1], output_field=DateTimeField()),
        )
        .order_by(DANGER_FIRST.asc(), "-fits", F("due_at").asc(nulls_last=True), "pk")
        .defer("tokens", "search_text", "answers", "words")
    )
    return [_offer(ticket, now) for ticket in rows[:OFFERED_MOST]]


def _offer(ticket: Ticket, now: datetime) -> Offer:
    starts = getattr(ticket, "visit_starts", None)
    return Offer(
        pk=ticket.pk,
        icon=ticket.repair_type.category.icon,
        type_name=ticket.repair_type.name,
        place=Place(ticket.estate, ticket.building).public,
        urgency=urgency_word(ticket),
        tone=URGENCY_TONES.get(Urgency(ticket.urgency), ""),
        due=due_of(ticket, now),
        visit=stretch(starts, getattr(ticket, "visit_ends", starts)) if starts else "",
        fits=bool(getattr(ticket, "fits", 0)),
    )


def limit_of(worker: User) -> Limit | None:
    """The lowest limit among the organisations `worker` works for; one statement, two where there is one."""
    work = access.organisations_where(worker, Permission.TICKET_WORK)
    rules = DispatchRule.objects.filter(organisation__in=work, open_jobs_most__isnull=False)
    most = rules.order_by("open_jobs_most").values_list("open_jobs_most", flat=True).first()
    if most is None:
        return None
    return Limit(most, Ticket.objects.filter(assignee=worker, state__in=AT_WORK).count())
