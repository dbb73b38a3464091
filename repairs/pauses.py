"""What the pauses of a ticket mean: the stretches its clock stood still, the promise they move, and the time kept."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from repairs.clocks import Stretch, running
from repairs.models import Pause, Ticket, TicketEvent
from repairs.promises import calendar_of_promises, promise, restore_basis
from repairs.spans import span
from repairs.workflow import PAUSABLE


def stretches(ticket: Ticket) -> list[Stretch]:
    """When the clock of `ticket` stood still; a pause that still stands counts to its day."""
    rows = Pause.objects.filter(ticket=ticket).values_list("started_at", "ended_at", "until")
    return [Stretch(started_at, ended_at or until) for started_at, ended_at, until in rows]


def standing(ticket: Ticket) -> Pause | None:
    """The pause `ticket` is in now, if it is in one; asks only where it can be in one."""
    if ticket.state not in PAUSABLE:
        return None
    return Pause.objects.unended().filter(ticket=ticket, until__gt=timezone.now()).first()


def times_renewed(pause: Pause) -> int:
    """How often it was put off before; one statement for each time."""
    before = pause.renews
    return 1 + times_renewed(before) if before else 0


def restore_began(ticket: Ticket) -> datetime:
    """When the restore clock started: with the report, or with the last reopening (rework has a clock of its own)."""
    if not ticket.times_reopened:
        return ticket.filed_at
    again = TicketEvent.objects.filter(ticket=ticket, verb="not_fixed").order_by("-pk").first()
    return again.at if again else ticket.filed_at


def restore_due(ticket: Ticket) -> datetime:
    """By when it is to be repaired, every pause counted."""
    return promise(restore_began(ticket), ticket.urgency, ticket.mode, stretches(ticket)).restore_by


class Elapsed(NamedTuple):
    """How long the restore clock ran, on the calendar of its promise: everything, and less the pauses."""

    whole: timedelta
    without_pauses: timedelta


def elapsed(ticket: Ticket, now: datetime) -> Elapsed:
    """The time used so far, or until the work was finished."""
    began, ended = restore_began(ticket), ticket.finished_at or ticket.closed_at or now
    basis, kept = restore_basis(ticket.urgency, ticket.mode), calendar_of_promises()
    whole = running(basis, began, ended, kept)
    return Elapsed(whole, running(basis, began, ended, kept, stretches(ticket)))


def used_words(ticket: Ticket) -> str:
    """The time used, for the staff: with the pauses and, where there were any, without."""
    used = elapsed(ticket, timezone.now())
    if used.whole == used.without_pauses:
        return span(used.whole)
    words = {"whole": span(used.whole), "without": span(used.without_pauses)}
    return _("%(whole)s, without pauses %(without)s") % words
