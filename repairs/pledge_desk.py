"""What stands on the desk's pages of the service promises: the estates one sets them for, and one estate's versions."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.duty import Duty, duty_organisation, duty_organisations
from estates.models import Estate, ManagementMode
from repairs.forms.pledges import PledgesForm
from repairs.models import PledgeVersion
from repairs.pledge_page import day_words
from repairs.pledge_versions import ABOUT, Rules
from repairs.pledge_words import clock_words, said
from repairs.queue import Desk
from repairs.rail import frame

# A street has some sixty estates at most.
PAGE = 60
VERSIONS_SHOWN = 20


class When(models.TextChoices):
    """Whether a version has begun and still says what holds."""

    TO_COME = "to_come", pgettext_lazy("version of the promises", "To come")
    IN_FORCE = "in_force", pgettext_lazy("version of the promises", "In force")
    PAST = "past", pgettext_lazy("version of the promises", "Past")


_LOOKS = {
    When.TO_COME: ("amber", "calendar-plus"),
    When.IN_FORCE: ("jade", "badge-check"),
    When.PAST: ("grey", "history"),
}


class EstateRow(NamedTuple):
    """One estate: who is on duty as what, since when it promises more itself, and from when on it will."""

    pk: int
    name: str
    about: str
    organisation: str
    since: str
    to_come: str


class VersionRow(NamedTuple):
    """One version of an estate: when it holds, what it says, who wrote it; `mode` where it is another than now."""

    pk: int
    when: When
    tone: str
    icon: str
    starts_on: str
    mode: str
    lines: list[str]
    note: str
    by: str


def estates_page(user: User, cursor: tuple[str, int] | None) -> dict[str, Any]:
    """The estates for which `user` sets promises, by name; the same statements however many."""
    rows = access.estates_where(user, Permission.PLEDGE_SET).select_related("community__street")
    if cursor:
        name, pk = cursor
        rows = rows.filter(Q(name_key__gte=name) & (Q(name_key__gt=name) | Q(pk__gt=pk)))
    found = list(rows.order_by("name_key", "pk")[: PAGE + 1])
    shown, last = found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None
    return _rail(user) | {
        "rows": _estate_rows(shown),
        "after": f"{last.name_key}_{last.pk}" if last else "",
        "is_first": cursor is None,
    }


def _estate_rows(estates: list[Estate]) -> list[EstateRow]:
    today = timezone.localdate()
    duties = duty_organisations(estates, today)
    starts: dict[int, list[date]] = {}
    own = PledgeVersion.objects.filter(estate__in=estates).order_by("starts_on")
    for pk, starts_on in own.values_list("estate_id", "starts_on"):
        starts.setdefault(pk or 0, []).append(starts_on)
    return [_estate_row(each, duties[each.pk], starts.get(each.pk, []), today) for each in estates]


def _estate_row(estate: Estate, duty: Duty, starts: Iterable[date], today: date) -> EstateRow:
    begun = [day for day in starts if day <= today]
    later = [day for day in starts if day > today]
    return EstateRow(
        pk=estate.pk,
        name=estate.name,
        about=f"{estate.community.street.name} · {estate.community.name}",
        organisation=f"{duty.organisation.name} · {duty.mode.label}",
        since=day_words(begun[-1]) if begun else "",
        to_come=day_words(later[0]) if later else "",
    )


def estate_page(
    user: User, estate: Estate, before: date | None, bound: PledgesForm | None = None, rules: Rules | None = None
) -> dict[str, Any]:
    """One estate: the form and its versions, newest first; `bound` is the form that has to be shown again."""
    today = timezone.localdate()
    duty = duty_organisation(estate, today)
    rules = rules or Rules(estate, duty.mode)
    form = bound or PledgesForm(rules=rules)
    listed = [each for each in reversed(rules.own) if before is None or each.starts_on < before]
    shown = listed[:VERSIONS_SHOWN]
    return _rail(user) | {
        "estate": estate,
        "duty": duty,
        "form": form,
        "entries": form.entries(),
        "versions": [_version_row(each, rules, today) for each in shown],
        "older": shown[-1].starts_on.isoformat() if len(listed) > VERSIONS_SHOWN else "",
        "is_first": before is None,
    }


def rules_of(estate: Estate) -> Rules:
    """What rules the estate as it is managed today."""
    return Rules(estate, duty_organisation(estate, timezone.localdate()).mode)


def _version_row(version: PledgeVersion, rules: Rules, today: date) -> VersionRow:
    when = _when(version, rules, today)
    rows = {(row.mode, row.urgency, row.clock): row for row in version.pledges.all()}
    modes = {row.mode for row in rows.values()}
    other = modes - {rules.mode}
    lines = [
        f"{urgency.label} · {clock_words(urgency, clock)} {said(rows[mode, urgency, clock].amount)}"
        for mode in ManagementMode.values
        for urgency, clock in ABOUT
        if (mode, urgency, clock) in rows
    ]
    return VersionRow(
        pk=version.pk,
        when=when,
        tone=_LOOKS[when][0],
        icon=_LOOKS[when][1],
        starts_on=day_words(version.starts_on),
        mode=", ".join(str(ManagementMode(each).label) for each in sorted(other)),
        lines=lines,
        note=version.note,
        by=version.made_by.display_name if version.made_by else "",
    )


def _when(version: PledgeVersion, rules: Rules, today: date) -> When:
    if version.starts_on > today:
        return When.TO_COME
    return When.IN_FORCE if version == rules.in_force(today) else When.PAST


def _rail(user: User) -> dict[str, Any]:
    return frame(Desk(user)) | {"at_pledges": True}
