"""Which tickets stand behind a figure: the one definition that counts them and that lists them."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from repairs.workflow import WORK_STATES, Closure, State

RECURRING_DAYS = 90
# How a ticket ends that was no repair of this place after all.
_NO_REPAIR = [Closure.CANCELLED, Closure.REJECTED, Closure.DUPLICATE, Closure.HANDED_OVER]


class Listing(models.TextChoices):
    """The sets that figures count; their values stand in addresses. No two closures are ever one set."""

    OPEN = "open", pgettext_lazy("oversight listing", "Open")
    LATE = "late", pgettext_lazy("oversight listing", "Late")
    CONFIRMED = "confirmed", pgettext_lazy("oversight listing", "Confirmed fixed")
    UNCONFIRMED = "unconfirmed", pgettext_lazy("oversight listing", "Closed, not confirmed")
    CANCELLED = "cancelled", pgettext_lazy("oversight listing", "Taken back")
    REJECTED = "rejected", pgettext_lazy("oversight listing", "Not accepted")
    REPORTED = "reported", pgettext_lazy("oversight listing", "Reported")
    TIMED = "timed", pgettext_lazy("oversight listing", "Counted in the time to repair")
    RECURRING = "recurring", pgettext_lazy("oversight listing", "The same part again")


class Window(NamedTuple):
    """The last `days` days up to `now`."""

    now: datetime
    days: int

    @property
    def since(self) -> datetime:
        """Where it begins."""
        return self.now - timedelta(days=self.days)

    @property
    def before(self) -> "Window":
        """The window of the same length just before."""
        return Window(self.since, self.days)


def listed(listing: Listing, window: Window) -> Q:
    """The condition a ticket meets to be counted and listed there."""
    conditions = {
        Listing.OPEN: ~Q(state=State.CLOSED),
        Listing.LATE: Q(state__in=WORK_STATES, due_at__lt=window.now),
        Listing.CONFIRMED: _closed(Closure.CONFIRMED, window),
        Listing.UNCONFIRMED: _closed(Closure.UNCONFIRMED, window),
        Listing.CANCELLED: _closed(Closure.CANCELLED, window),
        Listing.REJECTED: _closed(Closure.REJECTED, window),
        Listing.REPORTED: _filed(window),
        Listing.TIMED: _filed(window) & ~Q(closure__in=_NO_REPAIR),
        Listing.RECURRING: _filed(Window(window.now, RECURRING_DAYS)) & ~Q(closure__in=_NO_REPAIR),
    }
    return conditions[listing]


def _closed(closure: Closure, window: Window) -> Q:
    return Q(closure=closure, closed_at__gte=window.since, closed_at__lt=window.now)


def _filed(window: Window) -> Q:
    return Q(filed_at__gte=window.since, filed_at__lt=window.now)
