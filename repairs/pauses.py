"""What the pauses of a ticket mean: the stretches its clock stood still, the promise they move, and the time kept."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from repairs.clocks import running
from repairs.models import Pause, Ticket
from repairs.pledges import terms_of
from repairs.promises import promises_of, stretches
from repairs.spans import hours_span
from repairs.workflow import PAUSABLE


def standing(ticket: Ticket) -> Pause | None:
    """The pause `ticket` is in now, if it is in one; asks only where it can be in one."""
    if ticket.state not in PAUSABLE:
        return None
    return Pause.objects.unended().filter(ticket=ticket, until__gt=timezone.now()).first()


def times_renewed(pause: Pause) -> int:
    """How often it was put off before; one statement for each time."""
    before = pause.renews
    return 1 + times_renewed(before) if before else 0


class Elapsed(NamedTuple):
    """How long the restore clock ran, on the calendar of its promise: everything, and less the pauses."""

    whole: timedelta
    without_pauses: timedelta


def elapsed(ticket: Ticket, now: datetime) -> Elapsed:
    """The time used so far, or until the work was finished."""
    ended, given = ticket.finished_at or ticket.closed_at or now, terms_of(ticket)
    restore = list(promises_of(ticket, given))[-1]
    whole = running(restore.basis, restore.starts, ended, given.kept)
    return Elapsed(whole, running(restore.basis, restore.starts, ended, given.kept, stretches(ticket)))


def used_words(ticket: Ticket) -> str:
    """The time used, for the staff: with the pauses and, where there were any, without."""
    used = elapsed(ticket, timezone.now())
    if used.whole == used.without_pauses:
        return hours_span(used.whole)
    words = {"whole": hours_span(used.whole), "without": hours_span(used.without_pauses)}
    return _("%(whole)s, without pauses %(without)s") % words
