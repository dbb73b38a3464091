"""What stands on the public page 本小区服务承诺 of one estate: every word a string before the template sees it."""

from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from estates.duty import Duty, duty_organisation
from estates.models import Estate
from repairs import pledge_words
from repairs.clocks import Basis
from repairs.pledge_versions import About, Change, Held, Rules
from repairs.pledge_words import Time, said, time_words
from repairs.workflow import Urgency

_LOOKS = {
    Urgency.DANGER: ("rose", "siren"),
    Urgency.URGENT: ("amber", "zap"),
    Urgency.NORMAL: ("sea", "wrench"),
    Urgency.PLANNED: ("grey", "calendar-range"),
}


class Line(NamedTuple):
    """One promise; `house`: what is promised elsewhere, where this estate is stricter."""

    what: str
    time: Time
    house: str


class Group(NamedTuple):
    """The promises of one urgency, with its colour and icon."""

    urgency: str
    tone: str
    icon: str
    example: str
    lines: list[Line]
    calendars: list[str]
    also: str


class ToCome(NamedTuple):
    """What will be different from a day on."""

    day: str
    lines: list[str]


def day_words(day: date) -> str:
    """A day that is read on paper too: with its year."""
    return date_format(day, pgettext("date format", "F j, Y"))


def promises_page(estate: Estate, today: date) -> dict[str, object]:
    """The promises for the estate as it is managed today; the same statements however many versions there are."""
    duty = duty_organisation(estate, today)
    rules = Rules(estate, duty.mode)
    held = rules.on(today)
    own = rules.in_force(today)
    stricter = any(each.own for each in held.values())
    return {
        "estate": estate,
        "duty": duty,
        "managed": _managed(duty),
        "groups": groups_of(held),
        "stricter": stricter,
        "since": day_words(rules.since(today)),
        "note": own.note if own and stricter else "",
        "to_come": [
            ToCome(day_words(day), [change_words(each) for each in changes]) for day, changes in rules.to_come(today)
        ],
        "reasons": pledge_words.pause_reasons(),
        "pause_rule": pledge_words.pause_rule(),
        "ladders": pledge_words.ladders(),
    }


def _managed(duty: Duty) -> str:
    """As what the organisation on duty promises this."""
    if duty.appointed:
        return str(duty.mode.label)
    return _(
        "Nobody has been appointed to manage this estate. Until then it keeps the minimum service and these promises."
    )


def groups_of(held: dict[About, Held]) -> list[Group]:
    """By urgency, what is promised."""
    return [
        _group(urgency, {about: each for about, each in held.items() if about[0] is urgency}) for urgency in Urgency
    ]


def _group(urgency: Urgency, held: dict[About, Held]) -> Group:
    tone, icon = _LOOKS[urgency]
    lines = [
        Line(pledge_words.clock_words(*about), time_words(each.amount), said(each.house) if each.own else "")
        for about, each in held.items()
    ]
    bases: dict[Basis, None] = dict.fromkeys(each.amount.basis for each in held.values())
    calendars = [pledge_words.calendar_words(basis) for basis in bases]
    example, also = pledge_words.example_words(urgency), pledge_words.also_words(urgency)
    return Group(str(urgency.label), tone, icon, example, lines, calendars, also)


def change_words(change: Change) -> str:
    """一般 · 修好：3 天内（原 5 天）"""
    urgency, clock = change.about
    return _("%(urgency)s, %(what)s: %(after)s (until then %(before)s)") % {
        "urgency": urgency.label,
        "what": pledge_words.clock_words(urgency, clock),
        "after": said(change.after.amount),
        "before": said(change.before),
    }
