"""上门日程: a week of every team of a desk, what is booked in each window, and what nobody has planned yet."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.db.models import Window as Over
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from repairs.models import Booking, BookingState, Team, Ticket, Window
from repairs.models.visit import LIVE
from repairs.queue import Desk
from repairs.queue_rows import URGENCY_TONES, due_of, urgency_word
from repairs.spans import Due
from repairs.timeline import status_word
from repairs.times import day_words, hours
from repairs.workflow import BEFORE_VISIT, Urgency

UNPLANNED_SHOWN = 30
TONES = {
    BookingState.ASKED: "amber",
    BookingState.KEPT: "jade",
    BookingState.NOBODY_HOME: "rose",
    BookingState.NOBODY_CAME: "rose",
}


class Card(NamedTuple):
    """One job on the board; `action` is where moving it is sent, empty for what can't be moved."""

    pk: int
    href: str
    action: str
    seen: int | None
    headline: str
    place: str
    worker: str
    word: str
    tone: str
    urgency: str
    urgency_tone: str
    due: Due


class Cell(NamedTuple):
    """One window: its hours, what is in it, what is left."""

    pk: int
    hours: str
    label: str
    left: str
    open: bool
    cards: list[Card]


class Day(NamedTuple):
    """A column of one team."""

    word: str
    today: bool
    cells: list[Cell]


class TeamWeek(NamedTuple):
    """A row."""

    name: str
    trades: str
    days: list[Day]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


def board_address(monday: date) -> str:
    """The board of that week."""
    return reverse("repairs:board") + "?" + urlencode({"week": monday.isoformat()})


def board_page(desk: Desk, monday: date) -> dict[str, object]:
    """The week as the page draws it; four statements, however many teams, windows and workers."""
    here = board_address(monday)
    days = [monday + timedelta(days=ahead) for ahead in range(7)]
    since, until = _midnight(monday), _midnight(monday + timedelta(days=7))
    windows = _windows(desk, since, until)
    cards = _booked(desk, since, until, here)
    teams = _teams(desk, {window.team_id for window in windows})
    heads = {day: day_words(day) for day in days}
    cells: dict[tuple[int, date], list[Cell]] = defaultdict(list)
    for window in windows:
        day = timezone.localtime(window.starts_at).date()
        cells[window.team_id, day].append(_cell(window, heads[day], cards.get(window.pk, []), desk.now))
    unplanned, total = _unplanned(desk, here)
    return {
        "weeks": [_week(team, heads, cells) for team in teams],
        "heads": list(heads.values()),
        "title": _("Visits"),
        "span": f"{heads[days[0]]} – {heads[days[-1]]}",
        "earlier": board_address(monday - timedelta(days=7)),
        "later": board_address(monday + timedelta(days=7)),
        "this_week": board_address(timezone.localdate() - timedelta(days=timezone.localdate().weekday())),
        "here": here,
        "unplanned": unplanned,
        "unplanned_total": total,
        "unplanned_more": max(total - len(unplanned), 0),
    }


def _week(team: Team, heads: dict[date, str], cells: dict[tuple[int, date], list[Cell]]) -> TeamWeek:
    today = timezone.localdate()
    return TeamWeek(
        team.name,
        pgettext("list", ", ").join(getattr(team, "trade_names", ())),
        [Day(said, day == today, cells.get((team.pk, day), [])) for day, said in heads.items()],
    )


def _teams(desk: Desk, busy: set[int]) -> list[Team]:
    """Those at work, and those given up that still have windows in this week."""
    rows = Team.objects.visible_to(desk.user).filter(Q(active=True) | Q(pk__in=busy))
    names = f"trades__name_{'en' if (get_language() or '').startswith('en') else 'zh'}"
    named = Q(trades__isnull=False)
    return list(
        rows.annotate(trade_names=ArrayAgg(names, filter=named, order_by="trades__position", default=Value([])))
    )


def _windows(desk: Desk, since: datetime, until: datetime) -> list[Window]:
    teams = Team.objects.visible_to(desk.user)
    free = Q(places__bookings__isnull=True)
    return list(
        Window.objects.filter(team__in=teams, starts_at__gte=since, starts_at__lt=until)
        .annotate(
            room=Count("places"),
            free=Count("places", filter=free),
            held=Count("places", filter=free & Q(places__held=True)),
            team_name=F("team__name"),
        )
        .order_by("starts_at", "pk")
    )


def _cell(window: Window, day: str, cards: list[Card], now: datetime) -> Cell:
    counts = {name: getattr(window, name) for name in ("room", "free", "held")}
    left = _("%(free)d of %(room)d free") % counts
    if counts["held"]:
        left += " " + ngettext("(%(count)d for urgent)", "(%(count)d for urgent)", counts["held"]) % {
            "count": counts["held"]
        }
    if not window.offered:
        left = _("no longer offered")
    said = hours(window.starts_at, window.ends_at)
    name = getattr(window, "team_name", "")
    takes = window.offered and window.starts_at > now and counts["free"] > 0
    return Cell(window.pk, said, f"{name} {day} {said}", left, takes, cards)


def _booked(desk: Desk, since: datetime, until: datetime, here: str) -> dict[int, list[Card]]:
    rows = (
        Booking.objects.filter(
            ticket__in=desk.tickets(),
            place__isnull=False,
            place__window__starts_at__gte=since,
            place__window__starts_at__lt=until,
        )
        .annotate(window_pk=F("place__window"))
        .select_related(
            *(f"ticket__{name}" for name in ("repair_type", "estate", "building", "entrance", "dwelling", "assignee"))
        )
        .order_by("place__number", "pk")
    )
    found: dict[int, list[Card]] = defaultdict(list)
    for booking in rows:
        found[getattr(booking, "window_pk", 0)].append(_card(booking.ticket, booking, here, desk.now))
    return found


def _unplanned(desk: Desk, here: str) -> tuple[list[Card], int]:
    """Open, nobody there yet, no agreed time, and not in danger, where nobody waits for one: what is due first, and
    how many there are in all."""
    planned = Exists(Booking.objects.live().filter(ticket=OuterRef("pk")))
    rows = (
        desk.tickets()
        .filter(~planned, state__in=BEFORE_VISIT)
        .exclude(urgency=Urgency.DANGER)
        .for_list()
        .annotate(total=Over(Count("pk")))
        .order_by(F("due_at").asc(nulls_last=True), "pk")[:UNPLANNED_SHOWN]
    )
    tickets = list(rows)
    total: int = getattr(tickets[0], "total", 0) if tickets else 0
    return [_card(ticket, None, here, desk.now) for ticket in tickets], total


def _card(ticket: Ticket, booking: Booking | None, here: str, now: datetime) -> Card:
    movable = ticket.state in BEFORE_VISIT and (booking is None or booking.state in LIVE)
    verb = "desk_rebook" if booking else "desk_book"
    said = booking and booking.state != BookingState.BOOKED
    return Card(
        pk=ticket.pk,
        href=reverse("repairs:desk_visit", args=[ticket.pk]) + "?" + urlencode({"next": f"{here}#t{ticket.pk}"}),
        action=reverse(f"repairs:{verb}", args=[ticket.pk]) if movable else "",
        seen=booking.pk if booking else None,
        headline=ticket.headline,
        place=ticket.place.full,
        worker=ticket.assignee.display_name if ticket.assignee else _("nobody yet"),
        word=str(booking.get_state_display()) if booking and said else status_word(ticket),
        tone=TONES.get(BookingState(booking.state), "sea") if booking else "",
        urgency=urgency_word(ticket),
        urgency_tone=URGENCY_TONES.get(Urgency(ticket.urgency), ""),
        due=due_of(ticket, now),
    )
