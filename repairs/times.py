"""Moments as people say them, in the active language and Shanghai's time."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def moment(at: datetime) -> str:
    """A moment that is read later too (messages, promises): 11月25日 18:00; with the year when it's another one."""
    local = timezone.localtime(at)
    this_year = local.year == timezone.localdate().year
    # Formats of our own: Django's Chinese one writes 08月24日.
    form = pgettext("date format", "F j") if this_year else pgettext("date format", "F j, Y")
    day = date_format(local, form)
    return f"{day} {local:%H:%M}"


def lately(at: datetime) -> str:
    """A moment as seen from now: 今天 08:12, 昨天 19:40, 明天 18:00, otherwise the date."""
    local = timezone.localtime(at)
    near = {
        timedelta(0): _("today %(time)s"),
        timedelta(days=-1): _("yesterday %(time)s"),
        timedelta(days=1): _("tomorrow %(time)s"),
    }
    said = near.get(local.date() - timezone.localdate())
    return said % {"time": f"{local:%H:%M}"} if said else moment(at)


def stretch(starts: datetime, ends: datetime) -> str:
    """A window as seen from now: 明天 14:00–16:00."""
    return f"{lately(starts)}–{timezone.localtime(ends):%H:%M}"


def day(at: datetime) -> str:
    """The day of a moment as a heading: 明天 11月25日 星期三."""
    local = timezone.localtime(at)
    near = {0: pgettext("day", "Today"), 1: pgettext("day", "Tomorrow")}
    date = date_format(local, pgettext("date format", "l, F j"))
    said = near.get((local.date() - timezone.localdate()).days)
    return pgettext("day", "%(near)s, %(date)s") % {"near": said, "date": date} if said else date


def window(starts: datetime, ends: datetime) -> str:
    """A window that is read later too (messages, the timeline): 11月25日 14:00–16:00."""
    return f"{moment(starts)}–{timezone.localtime(ends):%H:%M}"


def visit_words(span: str | None) -> str:
    """The agreed time as an event keeps it ("start/end"), in words; empty for none."""
    if not span:
        return ""
    starts, _slash, ends = span.partition("/")
    return window(datetime.fromisoformat(starts), datetime.fromisoformat(ends))


def pause_words(reason: str, until: datetime) -> str:
    """等配件，最迟11月28日继续; the day as people say it, whenever it is read."""
    local = timezone.localtime(until)
    this_year = local.year == timezone.localdate().year
    form = pgettext("date format", "F j") if this_year else pgettext("date format", "F j, Y")
    return _("%(reason)s; goes on by %(day)s at the latest") % {"reason": reason, "day": date_format(local, form)}


def day_words(day: date) -> str:
    """周三 11月25日"""
    form = pgettext("date format", "D, M j")
    # Django knows the long weekday only; on a calendar people write 周三.
    return date_format(day, form).replace("星期", "周")


def hours(starts: datetime, ends: datetime) -> str:
    """14:00–16:00"""
    return f"{timezone.localtime(starts):%H:%M}–{timezone.localtime(ends):%H:%M}"
