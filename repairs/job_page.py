"""What stands on a worker's pages: the day's jobs, and one job for one hand."""

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from repairs import pool
from repairs.desk_page import ticket_parts
from repairs.forms.staff import ContactForm, VerbForm
from repairs.models import Ticket
from repairs.models.photo import PHOTOS_MAX
from repairs.photos import MAX_BYTES
from repairs.queue import DANGER_FIRST, for_desk
from repairs.queue_rows import rows_of
from repairs.timeline import timeline
from repairs.workflow import State

JOBS_MOST = 100


def day(worker: User) -> dict[str, object]:
    """Jobs in the order to go: danger first, then what is due; and what was finished today."""
    now = timezone.now()
    mine = Ticket.objects.visible_to(worker).filter(assignee=worker)
    to_do = for_desk(mine.filter(state__in=[State.ASSIGNED, State.ON_SITE]))
    order = (DANGER_FIRST.asc(), F("due_at").asc(nulls_last=True), "pk")
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    done = for_desk(mine.filter(finished_at__gte=midnight)).order_by("-finished_at", "-pk")
    return {
        "rows": rows_of(to_do.order_by(*order)[:JOBS_MOST], now, "repairs:job"),
        "done": rows_of(done[:JOBS_MOST], now, "repairs:job"),
        "offers": pool.offers(worker, now),
        "limit": pool.limit_of(worker),
    }


def job_page(ticket: Ticket, worker: User, bound: VerbForm | ContactForm | None = None) -> dict[str, object]:
    """One job: where, what, whom to call, and the next step."""
    limits = {"photos_max": PHOTOS_MAX, "photo_bytes_max": MAX_BYTES}
    return ticket_parts(ticket, worker, bound) | limits | {"lines": timeline(ticket, worker)}
