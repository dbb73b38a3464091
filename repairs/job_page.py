"""What stands on a worker's pages: the day's jobs in order, and one job for one hand."""

from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from repairs import pool
from repairs.desk_page import ticket_parts
from repairs.forms.jobs import FinishForm
from repairs.forms.staff import ContactForm, VerbForm
from repairs.models import Booking, BookingState, Ticket, TicketEvent
from repairs.models.photo import PHOTOS_MAX
from repairs.models.ticket import TicketQuerySet
from repairs.photos import MAX_BYTES
from repairs.promise_words import awaits_plan
from repairs.queue import for_desk
from repairs.queue_rows import Row, rows_of
from repairs.rounds import Spot, Stop, in_order
from repairs.timeline import timeline
from repairs.times import moment, stretch
from repairs.workflow import State, Urgency

JOBS_MOST = 100
_ON_THE_WAY = ("assign", "take", "rotate", "nobody_home", "set_out")


class Stopover(NamedTuple):
    """A job of the day: its line, the agreed time in words, and whether that still waits until all agree."""

    row: Row
    window: str
    waits: bool


def day(worker: User) -> dict[str, object]:
    """Today's jobs in the order to go, those with a time on another day, and what was finished today."""
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Ticket.objects.visible_to(worker).filter(assignee=worker)
    to_do = list(_rows(mine.filter(state__in=[State.ASSIGNED, State.ON_SITE])).order_by("due_at", "pk")[:JOBS_MOST])
    done = list(_rows(mine.filter(finished_at__gte=midnight)).order_by("-finished_at", "-pk")[:JOBS_MOST])
    visits = {each.ticket_id: each for each in Booking.objects.live().filter(ticket__in=to_do)}
    tomorrow = midnight + timedelta(days=1)
    later = [each for each in to_do if (visit := visits.get(each.pk)) and visit.starts_at >= tomorrow]
    today = [each for each in to_do if each not in later]
    return {
        "stops": _stopovers(today, visits, now, _spot(done[0]) if done else None),
        "later": _stopovers(later, visits, now, None),
        "done": rows_of(done, now, "repairs:job"),
        "offers": pool.offers(worker, now),
        "limit": pool.limit_of(worker),
    }


def _rows(tickets: TicketQuerySet) -> TicketQuerySet:
    """With what a line shows, and where the place lies."""
    return for_desk(tickets).annotate(in_street=F("street_id"), in_community=F("estate__community_id"))


def _stopovers(tickets: list[Ticket], visits: dict[int, Booking], now: datetime, start: Spot | None) -> list[Stopover]:
    rows = {row.pk: row for row in rows_of(tickets, now, "repairs:job")}
    stops = in_order((_stop(each, visits.get(each.pk)) for each in tickets), start)
    return [Stopover(rows[stop.pk], *_words(visits.get(stop.pk))) for stop in stops]


def _stop(ticket: Ticket, visit: Booking | None) -> Stop:
    return Stop(
        pk=ticket.pk,
        danger=ticket.urgency == Urgency.DANGER,
        on_site=ticket.state == State.ON_SITE,
        window=visit.starts_at if visit else None,
        due_at=ticket.due_at,
        spot=_spot(ticket),
    )


def _spot(ticket: Ticket) -> Spot:
    above: Spot = (getattr(ticket, "in_street", None), getattr(ticket, "in_community", None))
    return (*above, ticket.estate_id, ticket.building_id, ticket.entrance_id)


def _words(visit: Booking | None) -> tuple[str, bool]:
    if visit is None:
        return "", False
    return stretch(visit.starts_at, visit.ends_at), visit.state == BookingState.ASKED


def job_page(ticket: Ticket, worker: User, bound: VerbForm | ContactForm | None = None) -> dict[str, object]:
    """One job: where, when, what, whom to call, and the next step."""
    parts = ticket_parts(ticket, worker, bound)
    visit = Booking.objects.live().filter(ticket=ticket).first()
    window, waits = _words(visit)
    last = TicketEvent.objects.filter(ticket=ticket, verb__in=_ON_THE_WAY).order_by("-pk").first()
    later = FinishForm(ticket=ticket, user=worker) if ticket.state == State.ASSIGNED else None
    if later:
        later.canned = parts["canned"].get("finish", ())
    return parts | {
        "photos_max": PHOTOS_MAX,
        "photo_bytes_max": MAX_BYTES,
        "window": window,
        "window_waits": waits,
        "geo": _geo(ticket),
        "promised": moment(ticket.restore_by),
        "awaits_plan": awaits_plan(ticket),
        "under_way": last is not None and last.verb == "set_out",
        # Where there is no network, arriving and finishing are both kept on the phone, one after the other.
        "finish_later": later,
        "lines": timeline(ticket, worker),
    }


def _geo(ticket: Ticket) -> str:
    """For the phone's own map: the district, the estate and the building, never the flat."""
    district = ticket.estate.community.street.district
    words = [district.name_zh, ticket.estate.name, str(ticket.building or "")]
    return f"geo:0,0?q={quote(' '.join(word for word in words if word))}"
