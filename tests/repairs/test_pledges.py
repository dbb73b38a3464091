"""本小区服务承诺 as data: what holds on which day, that it never changes once begun, that estates only add."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from estates.models import ManagementMode
from repairs import actions, tasks
from repairs.actions.pledging import PledgeRefused
from repairs.clocks import Amount, Basis
from repairs.models import DayOverride, Pledge, PledgeVersion, Ticket
from repairs.pledges import CLOCKS, forget, kept_days, key, pledges, terms
from repairs.workflow import Clock, Urgency
from tests.clients import signed_in
from tests.town import Town

HOUR = timedelta(hours=1)
TAKEN_UP = (Urgency.NORMAL, Clock.ACKNOWLEDGE)
TWO_HOURS = Amount(Basis.SERVICE, 2 * HOUR)


def _tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def _set(town: Town, amounts: dict[Any, Amount] | None = None, **given: Any) -> PledgeVersion:
    given = {"by": town.manager, "mode": "home_centre", "starts_on": _tomorrow(), **given}
    amounts = {TAKEN_UP: TWO_HOURS} if amounts is None else amounts
    return actions.set_pledges(town.shuimen, amounts=amounts, **given)


# ---------------------------------------------------------------- what the house promises
def test_the_house_promises_everything_from_the_beginning(town: Town) -> None:
    version = PledgeVersion.objects.get()

    assert (version.estate, version.made_by) == (None, None)
    modes = ("company", "home_centre", "fallback")
    assert {key(row) for row in version.pledges.all()} == {
        (mode, urgency, clock) for mode in modes for urgency, clocks in CLOCKS.items() for clock in clocks
    }


def test_where_nobody_manages_the_fallback_is_promised(town: Town) -> None:
    today = timezone.localdate()

    assert pledges("urgent", ManagementMode.NOBODY, today) == pledges("urgent", ManagementMode.FALLBACK, today)


def test_what_holds_is_read_once_in_one_statement(town: Town) -> None:
    with CaptureQueriesContext(connection) as first:
        terms("normal", "company", timezone.now(), town.garden.pk)
    with CaptureQueriesContext(connection) as again:
        terms("urgent", "fallback", timezone.now(), town.garden.pk)

    # The promises, and the overrides of days.
    assert (len(first), len(again)) == (2, 0)


def test_what_begins_tomorrow_is_not_kept_from_before(town: Town) -> None:
    def own() -> bool:
        return pledges(*TAKEN_UP[:1], "home_centre", _tomorrow(), town.shuimen.pk)[Clock.ACKNOWLEDGE].own

    before = own()
    _set(town)

    assert (before, own()) == (False, True)


# ---------------------------------------------------------------- an estate's own
def test_a_stricter_estate_promises_it_to_its_own_tickets_from_its_day_on(town: Town) -> None:
    before = town.ticket()
    _set(town)
    with time_machine.travel(_noon(_tomorrow()), tick=False):
        here, elsewhere = town.ticket(), town.ticket(by=town.nadia, place=None, words="门禁坏了")
        lane = town.ticket(by=town.nadia, words="楼道灯不亮", repair_type=town.type("DRN-PIPE"))

    assert here.acknowledge_by == here.filed_at + 2 * HOUR
    assert (elsewhere.acknowledge_by, lane.acknowledge_by) == (here.acknowledge_by, here.acknowledge_by)
    forget()
    actions.acknowledge(before, by=town.lin, repair_type=before.repair_type, urgency="normal")
    assert before.arrive_by == town.seen(before).arrive_by


def test_a_ticket_keeps_the_version_it_began_with(town: Town) -> None:
    ticket = town.ticket()
    _set(town, {(Urgency.NORMAL, Clock.RESTORE): Amount(Basis.SERVICE, days=1)})
    with time_machine.travel(_noon(_tomorrow() + timedelta(days=1)), tick=False):
        actions.acknowledge(town.seen(ticket), by=town.lin, repair_type=ticket.repair_type, urgency="normal")

    assert town.seen(ticket).restore_by == ticket.restore_by


def test_of_two_promises_the_stricter_holds_when_the_house_catches_up(town: Town) -> None:
    _set(town)
    house = PledgeVersion.objects.create(starts_on=_tomorrow(), made_by=town.admin, made_at=timezone.now())
    given = {"mode": "home_centre", "urgency": "normal", "clock": "acknowledge", "basis": "service"}
    Pledge.objects.create(version=house, time=HOUR, **given)

    holds = pledges("normal", "home_centre", _tomorrow(), town.shuimen.pk)
    assert (holds[Clock.ACKNOWLEDGE].amount.time, holds[Clock.ACKNOWLEDGE].own) == (HOUR, False)
    # What the house's newer version doesn't mention is promised as before.
    assert holds[Clock.RESTORE].amount == Amount(Basis.SERVICE, days=5)


def test_the_street_may_set_it_too_and_nobody_else(town: Town) -> None:
    assert _set(town, by=town.street_officer).made_by == town.street_officer
    for stranger in (town.lin, town.wang, town.chen, town.nadia, town.other_street_officer, town.grid_worker):
        with pytest.raises(PermissionDenied):
            _set(town, by=stranger, starts_on=_tomorrow() + timedelta(days=9))


@pytest.mark.parametrize(
    ("amounts", "starts_in", "sentence"),
    [
        ({TAKEN_UP: Amount(Basis.SERVICE, 9 * HOUR)}, 1, "一般，受理：小区承诺的时间只能比统一标准短，不能更长。"),
        ({TAKEN_UP: TWO_HOURS}, 0, "新的承诺最早从明天开始。"),
    ],
)
def test_what_can_t_be_promised_is_said_in_one_sentence(
    town: Town, amounts: dict[Any, Amount], starts_in: int, sentence: str
) -> None:
    with pytest.raises(PledgeRefused) as refused:
        _set(town, amounts, starts_on=timezone.localdate() + timedelta(days=starts_in))

    assert refused.value.sentence == sentence
    assert PledgeVersion.objects.count() == 1


def test_two_versions_don_t_begin_on_one_day(town: Town) -> None:
    _set(town)
    with pytest.raises(PledgeRefused, match="另有承诺"):
        _set(town)


def test_what_has_not_begun_can_be_taken_back(town: Town) -> None:
    version = _set(town)
    actions.withdraw_pledges(version, by=town.manager)

    assert PledgeVersion.objects.count() == 1


def test_what_has_begun_can_t_be_taken_back(town: Town) -> None:
    version = _set(town)
    with time_machine.travel(_noon(_tomorrow()), tick=False), pytest.raises(PledgeRefused):
        actions.withdraw_pledges(version, by=town.manager)


# ---------------------------------------------------------------- what the database keeps by itself
TOUCHES = [
    "UPDATE repairs_pledge SET days = 1, time = NULL",
    "DELETE FROM repairs_pledge",
    "UPDATE repairs_pledgeversion SET note = 'x'",
    "UPDATE repairs_pledgeversion SET starts_on = '2030-01-01'",
    "DELETE FROM repairs_pledgeversion",
    "INSERT INTO repairs_pledgeversion (starts_on, note) VALUES ('2021-01-01', '')",
    "INSERT INTO repairs_pledgeversion (starts_on, note) VALUES ((now() AT TIME ZONE 'Asia/Shanghai')::date, '')",
]


@pytest.mark.parametrize("statement", TOUCHES)
def test_promises_that_have_begun_stay_as_they_are(town: Town, statement: str) -> None:
    with pytest.raises(IntegrityError, match="stay as they are"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_has_not_begun_may_still_be_changed_but_not_moved_into_the_past(town: Town) -> None:
    version = _set(town)
    version.pledges.update(time=HOUR)
    PledgeVersion.objects.filter(pk=version.pk).update(note="试行")
    for change in ({"starts_on": timezone.localdate()}, {"starts_on": date(2021, 1, 1)}):
        with pytest.raises(IntegrityError, match="tomorrow"), transaction.atomic():
            PledgeVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(IntegrityError, match="stays in its version"), transaction.atomic():
        Pledge.objects.filter(version__starts_on__lt=_tomorrow()).update(version=version)


def _pledge(town: Town, **fields: Any) -> Pledge:
    version = PledgeVersion.objects.filter(starts_on=_tomorrow()).first() or _set(town, {})
    given = {"mode": "company", "urgency": "urgent", "clock": "arrive", "basis": "always", "time": HOUR}
    return Pledge.objects.create(version=version, **(given | fields))


def _version(town: Town, **fields: Any) -> PledgeVersion:
    return PledgeVersion.objects.create(**({"starts_on": _tomorrow()} | fields))


BROKEN: dict[str, Callable[[Town], object]] = {
    "pledge_version_begins_alone": lambda t: (_version(t), _version(t)),
    "pledge_version_says_who_and_when": lambda t: _version(t, made_by=t.manager),
    "pledge_is_made_once_a_version": lambda t: (_pledge(t), _pledge(t)),
    "pledge_is_a_time_or_whole_days": lambda t: _pledge(t, days=1),
    "pledge_mode_and_clock_are_listed": lambda t: _pledge(t, mode="nobody"),
    "pledge_is_made_for_its_urgency": lambda t: _pledge(t, clock="plan"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_breaks_its_rule(town: Town, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BROKEN[name](town)


@pytest.mark.parametrize("fields", [{"time": None}, {"time": timedelta(0)}, {"time": None, "days": 0}])
def test_nothing_is_promised_in_no_time(town: Town, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="pledge_is_a_time_or_whole_days"), transaction.atomic():
        _pledge(town, **fields)


def test_every_rule_of_a_pledge_has_its_failing_row() -> None:
    assert {each.name for model in (PledgeVersion, Pledge) for each in model._meta.constraints} == set(BROKEN)


# ---------------------------------------------------------------- the calendar
def test_an_override_of_a_day_moves_what_is_counted_in_working_days(town: Town) -> None:
    friday = _noon(date(2026, 11, 27))
    before = terms("planned", "company", friday).kept.is_workday(date(2026, 11, 30))
    DayOverride.objects.create(day=date(2026, 11, 30), works=False, note="台风")
    forget()

    assert (before, terms("planned", "company", friday).kept.is_workday(date(2026, 11, 30))) == (True, False)


@pytest.mark.django_db(transaction=True)
def test_open_planned_tickets_follow_an_override_and_nothing_else_does() -> None:
    town = Town()
    planned, normal = town.ticket(), town.ticket(words="b")
    for ticket, urgency in ((planned, "planned"), (normal, "normal")):
        actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=urgency, note="排计划")
    before = {each.pk: each for each in Ticket.objects.all()}
    day = next(day for n in range(1, 9) if kept_days().is_workday(day := timezone.localdate() + timedelta(days=n)))
    DayOverride.objects.create(day=day, works=False, note="台风")
    tasks.renew_promises()

    after = {each.pk: each for each in Ticket.objects.all()}
    assert after[planned.pk].arrive_by > before[planned.pk].arrive_by  # type: ignore[operator]
    assert after[planned.pk].due_at == after[planned.pk].arrive_by
    assert after[planned.pk].restore_by > before[planned.pk].restore_by
    assert (after[normal.pk].arrive_by, after[normal.pk].restore_by) == (
        before[normal.pk].arrive_by,
        before[normal.pk].restore_by,
    )
    tasks.renew_promises()
    assert Ticket.objects.get(pk=planned.pk).arrive_by == after[planned.pk].arrive_by


# ---------------------------------------------------------------- the administration
def _admin(version: PledgeVersion | None, do: str = "change") -> str:
    return reverse(f"admin:repairs_pledgeversion_{do}", args=[version.pk] if version else [])


def test_the_administration_adds_a_version_and_leaves_begun_ones_alone(town: Town) -> None:
    browser, first = signed_in(town.admin), PledgeVersion.objects.get()
    rows = {"pledges-TOTAL_FORMS": 1, "pledges-INITIAL_FORMS": 0, "pledges-0-mode": "company"}
    rows |= {"pledges-0-urgency": "normal", "pledges-0-clock": "acknowledge", "pledges-0-basis": "service"}
    sent = rows | {"pledges-0-time": "2:00:00", "note": "新标准"}
    today = browser.post(_admin(None, "add"), sent | {"starts_on": timezone.localdate().isoformat()})
    tomorrow = browser.post(_admin(None, "add"), sent | {"starts_on": _tomorrow().isoformat()})

    assert "新的承诺最早从明天开始。" in today.content.decode()
    assert tomorrow.status_code == 302
    new = PledgeVersion.objects.get(made_by=town.admin)
    assert (new.starts_on, new.pledges.get().time) == (_tomorrow(), 2 * HOUR)
    refused = [browser.post(_admin(first, do), sent | {"post": "yes"}).status_code for do in ("change", "delete")]
    assert refused == [403, 403]
    assert browser.post(_admin(new, "delete"), {"post": "yes"}).status_code == 302
