"""Stretches of time in words, and how near a due moment is."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_SOON = timedelta(minutes=10)


class Due(NamedTuple):
    """How much time is left, in words, and its tone: "rose" (late or nearly), "amber" (soon) or none."""

    words: str
    tone: str


def span(amount: timedelta) -> str:
    """`amount` as people say it: 42 minutes, 1 h 50 min, 3 days. Never negative."""
    days, of_day = divmod(max(int(amount.total_seconds() // 3600), 0), 24)
    if days >= 3 or (days and not of_day):
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": of_day}
    return hours_span(amount)


def hours_span(amount: timedelta) -> str:
    """The same in hours, however many: on a clock that stands still at night they make no days."""
    minutes = max(int(amount.total_seconds() // 60), 0)
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": rest}
    if hours:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    if minutes:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return _("less than a minute")


def due(at: datetime, *, since: datetime, now: datetime) -> Due:
    """How near `at` is; `since` began the clock: amber in its last third, rose in its last tenth or ten minutes."""
    left = at - now
    if left < timedelta(0):
        return Due(_("%(time)s late") % {"time": span(-left)}, "rose")
    words = _("%(time)s left") % {"time": span(left)}
    whole = at - since
    if left <= max(_SOON, whole / 10):
        return Due(words, "rose")
    return Due(words, "amber" if left <= whole / 3 else "")
