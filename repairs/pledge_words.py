"""The service promises in plain words: how much time, on which calendar, who hears of what is late. No queries."""

from datetime import timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from repairs.clocks import Amount, Basis
from repairs.ladder import PERCENT, Rung, percents
from repairs.models import PauseReason
from repairs.models.pause import PAUSE_MOST
from repairs.workflow import Clock, Urgency

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
# From 08:00 to 20:00: so much of the clock runs on one day of service.
SERVICE_DAY = 12 * _HOUR


class Time(NamedTuple):
    """An amount as people say it, and how exactly it is counted (may be empty)."""

    words: str
    exactly: str


def time_words(amount: Amount) -> Time:
    """How long something may take."""
    if amount.days:
        return _whole_days(amount)
    if amount.basis is not Basis.ALWAYS and not amount.time % SERVICE_DAY:
        return Time(_days(amount.basis, amount.time // SERVICE_DAY), _("by the same time of day"))
    if amount.time % _HOUR:
        count = amount.time // _MINUTE
        return Time(ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}, _service(amount.basis))
    count = amount.time // _HOUR
    return Time(ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}, _service(amount.basis))


def _whole_days(amount: Amount) -> Time:
    ends = _("by midnight of the last day") if amount.basis is Basis.ALWAYS else _("by 20:00 on the last day")
    return Time(_days(amount.basis, amount.days), ends)


def _days(basis: Basis, count: int) -> str:
    if basis is Basis.WORKING:
        return ngettext("%(count)d working day", "%(count)d working days", count) % {"count": count}
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _service(basis: Basis) -> str:
    return "" if basis is Basis.ALWAYS else _("within service hours")


def said(amount: Amount) -> str:
    """The same in one breath: 5 days, by 20:00 on the last day."""
    words, exactly = time_words(amount)
    return (
        pgettext("time promised", "%(words)s, %(exactly)s") % {"words": words, "exactly": exactly} if exactly else words
    )


def calendar_words(basis: Basis) -> str:
    """When the clock runs, as a sentence."""
    return {
        Basis.ALWAYS: _("The clock runs day and night, on holidays too."),
        Basis.SERVICE: _("The clock runs in service hours, 08:00–20:00 every day, on weekends and holidays too."),
        Basis.WORKING: _(
            "The clock runs on working days, 08:00–20:00. Weekends and public holidays don’t count, make-up days do."
        ),
    }[basis]


def clock_words(urgency: str, clock: str) -> str:
    """What is promised by then."""
    if urgency == Urgency.PLANNED and clock == Clock.ARRIVE:
        return pgettext("promised", "Survey on site")
    return {
        Clock.ACKNOWLEDGE: pgettext("promised", "Taken up"),
        Clock.ARRIVE: pgettext("promised", "Somebody comes"),
        Clock.MAKE_SAFE: pgettext("promised", "Made safe"),
        Clock.PLAN: pgettext("promised", "Plan posted"),
        Clock.RESTORE: pgettext("promised", "Repaired"),
    }[Clock(clock)]


def example_words(urgency: str) -> str:
    """What belongs to it, by examples."""
    return {
        Urgency.DANGER: _(
            "Somebody may get hurt: smell of gas, sparks or a fallen wire, trapped in a lift, falling tiles."
        ),
        Urgency.URGENT: _(
            "It can’t wait until tomorrow: no water in the stair, power gone, sewage coming up, a burst pipe."
        ),
        Urgency.NORMAL: _("A nuisance that can wait a little: a dripping valve, a dark stair, a broken door control."),
        Urgency.PLANNED: _(
            "Needs a survey, money or the owners’ consent: pipes to be renewed, a wall to be plastered."
        ),
    }[Urgency(urgency)]


def also_words(urgency: str) -> str:
    """What else is to be known about the promises of an urgency; may be empty."""
    if urgency == Urgency.NORMAL:
        return _("If you agree on a time for the visit, that time is the promise.")
    if urgency == Urgency.PLANNED:
        return _("The plan says on which day it will be repaired; that day is then promised too.")
    return ""


# ---------------------------------------------------------------- when a clock stands still
def pause_reasons() -> list[str]:
    """The only reasons, as they stand on a ticket."""
    return [str(reason.label) for reason in PauseReason]


def pause_rule() -> str:
    """How long, and what is seen of it."""
    return _(
        "Each time %(days)d days at most; only a manager may renew it. You read the reason and the day on which it goes"
        " on. Taking up is never put off."
    ) % {"days": PAUSE_MOST.days}


# ---------------------------------------------------------------- who hears of what is late
class Step(NamedTuple):
    """When, and who is told then."""

    when: str
    who: str


class Ladder(NamedTuple):
    """The steps of one urgency."""

    title: str
    steps: list[Step]


def ladders() -> list[Ladder]:
    """By urgency; danger rings at once, and what is promised after it was taken up has steps of its own."""
    found = [Ladder(str(Urgency.DANGER.label), _steps(Urgency.DANGER, Clock.ACKNOWLEDGE))]
    found.append(Ladder(_("Danger, once it is taken up"), _steps(Urgency.DANGER, Clock.RESTORE)))
    others = (urgency for urgency in PERCENT if urgency is not Urgency.DANGER)
    return found + [Ladder(str(urgency.label), _steps(urgency, Clock.RESTORE)) for urgency in others]


def _steps(urgency: Urgency, clock: Clock) -> list[Step]:
    by_percent: dict[int, list[str]] = {}
    for rung, at in percents(urgency, clock).items():
        by_percent.setdefault(at, []).append(_who(rung))
    return [Step(when_words(at), pgettext("list", ", ").join(who)) for at, who in sorted(by_percent.items())]


def _who(rung: Rung) -> str:
    return {
        Rung.MANAGER: _("the manager"),
        Rung.COMMUNITY: _("the community"),
        Rung.STREET: _("the street office"),
        Rung.DISTRICT: _("the district"),
    }[rung]


def when_words(percent: int) -> str:
    """A part of the time promised, as people say it."""
    known = {
        0: _("As soon as it is reported"),
        80: _("When four fifths are used up"),
        100: _("As soon as it is late"),
        150: _("After 1.5 times the time"),
        200: _("After twice the time"),
        300: _("After three times the time"),
    }
    return known.get(percent) or _("At %(percent)d %% of the time") % {"percent": percent}
