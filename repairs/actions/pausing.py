"""The verbs of a pause: the clock stands still, goes on, or is put off once more; and on its day by itself."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.models import Pause, Ticket, TicketEvent
from repairs.models.pause import PAUSE_MOST
from repairs.promises import due_columns

from .moving import MoveRefused, TicketMoved, hold, move


@transaction.atomic
def pause(ticket: Ticket, *, by: User, reason: str, next_on: date, note: str = "") -> TicketEvent:
    """挂起: for a listed reason until the day `next_on` begins; the promise moves by as much.

    Raises `MoveRefused` when that day is not one of the next seven, or `by` may not renew and it would stand still for
    more than seven days in all; `TicketMoved` when it is paused already.
    """
    hold(ticket)
    if Pause.objects.over(timezone.now()).filter(ticket=ticket).exists():
        pause_ends(ticket)  # its day has come, only the clock's job has not been by yet
    if Pause.objects.unended().filter(ticket=ticket).exists():
        raise TicketMoved(ticket)
    return _stand_still(ticket, "pause", by, reason, next_on, note)


@transaction.atomic
def resume(ticket: Ticket, *, by: User, seen: int, note: str = "") -> TicketEvent:
    """Work goes on before the day; `seen` is the pause the person looked at."""
    standing = _standing(ticket, seen)
    _end(standing, by)
    return _move(ticket, "resume", by, standing, note)


@transaction.atomic
def renew(ticket: Ticket, *, by: User, seen: int, next_on: date, note: str = "") -> TicketEvent:
    """A manager puts it off once more, for the same reason and seven days at most; the row before stays as it was."""
    standing = _standing(ticket, seen)
    _end(standing, by)
    return _stand_still(ticket, "renew", by, standing.reason, next_on, note, standing)


@transaction.atomic
def pause_ends(ticket: Ticket) -> TicketEvent:
    """The day has come: the pause ends by itself. Done by the clock; raises `TicketMoved` when somebody was first."""
    hold(ticket)
    over = Pause.objects.over(timezone.now()).filter(ticket=ticket).first()
    if over is None:
        raise TicketMoved(ticket)
    _end(over, None)
    return _move(ticket, "pause_ends", None, over, "")


def end_pause(ticket: Ticket, by: User | None) -> None:
    """The work is done or the ticket closed: nothing is paused any more. Call with the ticket's row locked."""
    standing = Pause.objects.unended().filter(ticket=ticket).first()
    if standing is not None:
        _end(standing, by)


def _standing(ticket: Ticket, seen: int) -> Pause:
    hold(ticket)
    standing = Pause.objects.unended().filter(ticket=ticket, until__gt=timezone.now()).first()
    if standing is None or standing.pk != seen:
        raise TicketMoved(ticket)
    return standing


def _end(standing: Pause, by: User | None) -> None:
    # However late the clock's job comes, the pause was over when its day began.
    now = timezone.now()
    standing.ended_at, standing.ended_by = min(now, standing.until), by if now < standing.until else None
    standing.save(update_fields=["ended_at", "ended_by"])


def _stand_still(
    ticket: Ticket, verb: str, by: User, reason: str, next_on: date, note: str, renews: Pause | None = None
) -> TicketEvent:
    now = timezone.now()
    if not 0 < (next_on - timezone.localdate(now)).days <= PAUSE_MOST.days:
        raise MoveRefused(_("Please choose one of the next seven days."))
    until = timezone.make_aware(datetime.combine(next_on, time()))
    if verb == "pause" and _stood_still(ticket) + (until - now) > PAUSE_MOST and not _may_renew(ticket, by):
        # Ended a minute before its day and begun again, it would go on for ever without a manager.
        raise MoveRefused(
            _("More than seven days in all need a manager. Choose an earlier day, or ask one to pause it.")
        )
    begun = Pause.objects.create(
        ticket=ticket, reason=reason, started_at=now, started_by=by, until=until, renews=renews
    )
    return _move(ticket, verb, by, begun, note)


def _stood_still(ticket: Ticket) -> timedelta:
    """For how long in all since the report, or since it was opened again; nothing is paused now."""
    rows = Pause.objects.filter(ticket=ticket, started_at__gte=ticket.reopened_at or ticket.filed_at)
    stretches = rows.values_list("started_at", "ended_at")
    return sum((ended - started for started, ended in stretches if ended), timedelta(0))


def _may_renew(ticket: Ticket, by: User) -> bool:
    return Permission.PAUSE_RENEW in access.permissions_in(by, ticket.estate, ticket.organisation)


def _move(ticket: Ticket, verb: str, by: User | None, of: Pause, note: str) -> TicketEvent:
    told = {"reason": of.reason, "until": of.until.isoformat()}
    return move(ticket, verb, by=by, note=note, told={"pause": told}, **due_columns(ticket))
