"""What the pauses of a ticket mean: the stretches its clock stood still, the promise they move, and the time kept."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from repairs.clocks import Basis, running
from repairs.models import Pause, Ticket
from repairs.pledges import terms_of
from repairs.promises import Promise, promises_of, stretches
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
    restore = _restore(ticket)
    whole = running(restore.basis, restore.starts, ended, given.kept)
    return Elapsed(whole, running(restore.basis, restore.starts, ended, given.kept, stretches(ticket)))


def _restore(ticket: Ticket) -> Promise:
    return list(promises_of(ticket, terms_of(ticket)))[-1]


def used_words(ticket: Ticket) -> str:
    """The time used, for the staff: with the pauses and, where there were any, without; said of service hours, of which
    a day has twelve."""
    used = elapsed(ticket, timezone.now())
    words = hours_span(used.whole)
    if used.whole != used.without_pauses:
        given = {"whole": words, "without": hours_span(used.without_pauses)}
        words = _("%(whole)s, without pauses %(without)s") % given
    if _restore(ticket).basis is Basis.ALWAYS:
        return words
    return pgettext("time promised", "%(words)s, %(exactly)s") % {"words": words, "exactly": _("within service hours")}
