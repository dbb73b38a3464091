"""Teams and hours: who may see and change them, what is refused, and which agreed visits no longer fit."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from repairs import actions
from repairs.actions import hours
from repairs.models import Booking, DayOff, DispatchRule, Shift, Team, Window
from repairs.slots import next_slots
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
DISPATCH = {"lin", "manager", "other_dispatcher", "clerk"}


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=True):
        yield


def _facts(team: Team, **fields: Any) -> dict[str, Any]:
    members = [member.pk for member in team.members.all()]
    return {"seen": team.mark(), "name": team.name, "held_back": 0, "active": "on", "members": members} | fields


def _wednesday(team: Team, hour: int = 8) -> Shift:
    return team.shifts.get(weekday=2, starts=time(hour))


# ---------------------------------------------------------------- who
def test_who_assigns_finds_the_list_of_teams(town: Town) -> None:
    town.team()
    assert who_gets(town, "/desk/teams/") == {200: DISPATCH, 404: everybody_but(*DISPATCH), 302: {"nobody"}}


def test_a_team_is_seen_in_its_organisation_only(town: Town) -> None:
    seen = {"lin", "manager"}
    assert who_gets(town, f"/desk/teams/{town.team().pk}/") == {
        200: seen,
        404: everybody_but(*seen),
        302: {"nobody"},
    }


@pytest.mark.parametrize(
    "tail", ["save", "shifts/add", "shifts/default", "shifts/{shift}/save", "shifts/{shift}/remove", "days-off/add"]
)
def test_only_the_manager_changes_a_team(town: Town, tail: str) -> None:
    team = town.team()
    address = f"/desk/teams/{team.pk}/{tail.format(shift=_wednesday(team).pk)}/"
    found = who_gets(town, address, post={})
    allowed = next(status for status in found if "manager" in found[status])

    assert found == {allowed: {"manager"} | (found[302] if allowed == 302 else set()), 403: {"lin"}} | {
        404: everybody_but("lin", "manager"),
        302: {"nobody"} | ({"manager"} if allowed == 302 else set()),
    }
    assert allowed in {302, 422}


@pytest.mark.parametrize("tail", ["teams/add", "dispatch-rule/save"])
def test_only_the_manager_changes_an_organisation(town: Town, tail: str) -> None:
    found = who_gets(town, f"/desk/organisations/{town.centre.pk}/{tail}/", post={})
    assert found == {422: {"manager"}, 403: {"lin"}, 404: everybody_but("lin", "manager"), 302: {"nobody"}}


def test_the_verb_itself_refuses_a_dispatcher(town: Town) -> None:
    team = town.team()
    with pytest.raises(PermissionDenied):
        hours.add_default_week(team, by=town.lin)


def test_a_dispatcher_reads_and_finds_no_form(town: Town) -> None:
    team = town.team()
    page = signed_in(town.lin).get(f"/desk/teams/{team.pk}/").content.decode()
    assert "08:00–10:00" in page
    assert f"/desk/teams/{team.pk}/save/" not in page


def test_the_list_costs_the_same_for_one_team_and_for_many(town: Town) -> None:
    town.team()
    browser = signed_in(town.manager)
    browser.get("/desk/teams/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get("/desk/teams/")
    for number in range(6):
        town.team(f"班 {number}")
    with CaptureQueriesContext(connection) as many:
        browser.get("/desk/teams/")
    assert len(many) == len(few)


# ---------------------------------------------------------------- the team
def test_a_new_team_gets_its_default_week_in_one_press(town: Town) -> None:
    browser = signed_in(town.manager)
    browser.post(f"/desk/organisations/{town.centre.pk}/teams/add/", {"name": "疏通班", "held_back": 20})
    team = Team.objects.get()
    browser.post(f"/desk/teams/{team.pk}/shifts/default/")

    assert (team.organisation, team.shifts.count(), team.windows.count()) == (town.centre, 24, 95)


def test_the_default_week_adds_only_what_is_missing(town: Town) -> None:
    team = town.team()
    team.shifts.filter(weekday=0).delete()
    Shift.objects.create(team=team, weekday=0, starts=time(9), ends=time(11), capacity=5)
    hours.add_default_week(team, by=town.manager)

    assert [shift.hours for shift in team.shifts.filter(weekday=0)] == ["09:00–11:00", "14:00–16:00", "16:00–18:00"]


def test_only_people_who_work_there_become_members(town: Town) -> None:
    team = town.team()
    page = signed_in(town.manager).post(f"/desk/teams/{team.pk}/save/", _facts(team, members=[town.nadia.pk]))
    assert page.status_code == 422
    with pytest.raises(hours.HoursRefused) as refused:
        hours.add_team(town.centre, by=town.manager, name="外班", trades=[], members=[town.nadia], held_back=0)
    assert refused.value.sentence == "娜佳不在本单位上班，不能加入班组。"
    assert set(team.members.all()) == {town.wang, town.guo}


def test_a_name_used_twice_is_refused_and_what_was_typed_is_kept(town: Town) -> None:
    town.team("水电班")
    other = town.team("综合班")
    page = signed_in(town.manager).post(f"/desk/teams/{other.pk}/save/", _facts(other, name="水电班", held_back=35))

    assert page.status_code == 422
    assert "本单位已经有同名的班组。" in page.content.decode()
    assert 'value="35"' in page.content.decode()
    other.refresh_from_db()
    assert (other.name, other.held_back) == ("综合班", 0)


def test_a_change_made_from_an_older_sight_is_refused(town: Town) -> None:
    team = town.team()
    first, second = _facts(team, name="甲班"), _facts(team, name="乙班")
    browser = signed_in(town.manager)
    browser.post(f"/desk/teams/{team.pk}/save/", first)
    page = browser.post(f"/desk/teams/{team.pk}/save/", second, follow=True)

    assert "别人先改过了" in page.content.decode()
    assert Team.objects.get().name == "甲班"


def test_a_share_held_back_changes_the_windows_ahead(town: Town) -> None:
    team = town.team()
    signed_in(town.manager).post(f"/desk/teams/{team.pk}/save/", _facts(team, held_back=100))
    assert next_slots(town.ticket())[-1].starts_at.day == 24


# ---------------------------------------------------------------- the week
def _change(browser: Client, shift: Shift, **fields: Any) -> Any:
    given = {"seen": shift.mark(), "starts": shift.starts, "ends": shift.ends, "capacity": shift.capacity} | fields
    return browser.post(f"/desk/teams/{shift.team_id}/shifts/{shift.pk}/save/", given)


def test_a_window_is_added_on_several_weekdays_at_once(town: Town) -> None:
    team = town.team()
    given = {"weekdays": [5, 6], "starts": "19:00", "ends": "21:00", "capacity": 3}
    signed_in(town.manager).post(f"/desk/teams/{team.pk}/shifts/add/", given)

    added = Shift.objects.filter(starts=time(19)).values_list("weekday", "ends", "capacity")
    assert list(added) == [(5, time(21), 3), (6, time(21), 3)]
    assert Window.objects.filter(starts_at__week_day=1).count() == 4


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"weekdays": [6, 2], "starts": "09:00", "ends": "11:00"}, "星期三：这个班组在这段时间已经排了班。"),
        ({"weekdays": [6], "starts": "11:00", "ends": "09:00"}, "星期日：时段要在同一天结束，而且晚于开始时间。"),
        ({"weekdays": [6], "starts": "09:00", "ends": "11:00", "capacity": 0}, "每个时段可安排 1 到 20 户。"),
        ({"weekdays": [6], "starts": "九点", "ends": "11:00"}, "请填写时间，例如 14:00。"),
        ({"weekdays": [], "starts": "09:00", "ends": "11:00"}, "请至少选一天。"),
    ],
)
def test_a_window_that_cannot_be_is_a_sentence_and_changes_nothing(
    town: Town, given: dict[str, Any], sentence: str
) -> None:
    team = town.team()
    page = signed_in(town.manager).post(f"/desk/teams/{team.pk}/shifts/add/", {"capacity": 7} | given)

    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert given["ends"] in page.content.decode()
    assert (team.shifts.count(), team.shifts.filter(weekday=6).count()) == (24, 0)


def test_room_below_what_is_booked_is_refused_by_name_and_nothing_changes(town: Town) -> None:
    team = town.team()
    shift = team.shifts.get(weekday=1, starts=time(10))
    town.booked()
    town.booked(town.ticket(words="客厅漏水"))
    page = _change(signed_in(town.manager), shift, capacity=1)

    assert page.status_code == 422
    assert "11月24日 10:00–12:00已经约了 2 户。请先改约一户，或者把名额留够。" in page.content.decode()
    shift.refresh_from_db()
    assert shift.capacity == 2


def test_more_room_is_there_at_once(town: Town) -> None:
    team = town.team(capacity=1)
    shift = team.shifts.get(weekday=1, starts=time(10))
    town.booked()
    _change(signed_in(town.manager), shift, capacity=2)

    assert next_slots(town.ticket(words="客厅漏水"))[0].starts_at.hour == TUESDAY.replace(hour=2).hour


def test_a_moved_window_names_the_visits_it_cannot_honour(town: Town) -> None:
    team = town.team()
    booking = town.booked()
    browser = signed_in(town.manager)
    _change(browser, team.shifts.get(weekday=1, starts=time(10)), starts="11:00", ends="13:00")
    page = browser.get(f"/desk/teams/{team.pk}/").content.decode()

    assert "有 1 户已约好的上门对不上新的时间" in page
    assert f'href="/desk/tickets/{booking.ticket_id}/">{booking.ticket.number}' in page
    assert ("今天 10:00–12:00" in page, "水门新村（示例） 3幢 2梯 502" in page) == (True, True)
    assert Booking.objects.live().get() == booking


def test_a_removed_window_is_named_in_the_list_until_the_visit_moves(town: Town) -> None:
    team = town.team()
    booking, browser = town.booked(), signed_in(town.manager)
    shift = team.shifts.get(weekday=1, starts=time(10))
    browser.post(f"/desk/teams/{team.pk}/shifts/{shift.pk}/remove/", {"seen": shift.mark()})
    assert "1 户要改约" in browser.get("/desk/teams/").content.decode()

    later = next_slots(booking.ticket)[0].starts_at
    actions.rebook(booking.ticket, by=town.lin, seen=booking.pk, starts_at=later)
    assert "要改约" not in browser.get("/desk/teams/").content.decode()


@pytest.mark.parametrize("verb", ["save", "remove"])
def test_a_window_somebody_changed_meanwhile_stays_as_it_is(town: Town, verb: str) -> None:
    team = town.team()
    shift = _wednesday(team)
    seen = shift.mark()
    Shift.objects.filter(pk=shift.pk).update(capacity=9)
    given = {"seen": seen, "starts": "08:00", "ends": "10:00", "capacity": 3}
    page = signed_in(town.manager).post(f"/desk/teams/{team.pk}/shifts/{shift.pk}/{verb}/", given, follow=True)

    assert "别人先改过了" in page.content.decode()
    assert _wednesday(team).capacity == 9


def test_a_window_somebody_removed_meanwhile_is_said(town: Town) -> None:
    team = town.team()
    shift = _wednesday(team)
    Shift.objects.filter(pk=shift.pk).delete()
    given = {"seen": shift.mark(), "starts": "08:00", "ends": "10:00", "capacity": 3}
    page = signed_in(town.manager).post(f"/desk/teams/{team.pk}/shifts/{shift.pk}/save/", given, follow=True)
    assert "别人先改过了" in page.content.decode()


# ---------------------------------------------------------------- days off
def test_days_off_of_the_team_take_its_windows_and_name_the_visits(town: Town) -> None:
    team = town.team()
    town.booked()
    given = {"starts_on": "2026-11-24", "ends_on": "2026-11-25", "note": "培训"}
    page = signed_in(town.manager).post(f"/desk/teams/{team.pk}/days-off/add/", given, follow=True).content.decode()

    assert ("11月24日–11月25日" in page, "有 1 户已约好的上门对不上新的时间" in page) == (True, True)
    assert timezone.localtime(next_slots(town.ticket(words="客厅漏水"))[0].starts_at).day == 26


def test_days_off_that_go_bring_the_windows_back(town: Town) -> None:
    team = town.team()
    hours.add_day_off(team, by=town.manager, person=None, starts_on=date(2026, 11, 24), ends_on=date(2026, 12, 24))
    assert not Window.objects.exists()
    signed_in(town.manager).post(f"/desk/teams/{team.pk}/days-off/{DayOff.objects.get().pk}/remove/")
    assert Window.objects.count() == 95


def test_days_off_of_one_person_leave_the_windows(town: Town) -> None:
    team = town.team()
    given = {"person": town.wang.pk, "starts_on": "2026-11-24", "ends_on": "2026-12-24"}
    signed_in(town.manager).post(f"/desk/teams/{team.pk}/days-off/add/", given)
    assert (DayOff.objects.get().person, Window.objects.count()) == (town.wang, 95)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"starts_on": "2026-11-26", "ends_on": "2026-11-25"}, "结束日期不能早于开始日期。"),
        ({"starts_on": "2026-11-20", "ends_on": "2026-11-23"}, "这一天已经过了，请选今天或以后。"),
        ({"starts_on": "", "ends_on": "2026-11-25"}, "请选择日期。"),
    ],
)
def test_days_off_that_cannot_be_are_a_sentence(town: Town, given: dict[str, str], sentence: str) -> None:
    page = signed_in(town.manager).post(f"/desk/teams/{town.team().pk}/days-off/add/", given)
    assert (page.status_code, sentence in page.content.decode()) == (422, True)
    assert not DayOff.objects.exists()


# ---------------------------------------------------------------- how jobs are given out
def test_the_manager_chooses_how_jobs_are_given_out(town: Town) -> None:
    given = {"seen": DispatchRule().mark(), "mode": "pool", "open_jobs_most": 5}
    signed_in(town.manager).post(f"/desk/organisations/{town.centre.pk}/dispatch-rule/save/", given)
    rule = DispatchRule.objects.get()
    assert (rule.organisation, rule.mode, rule.open_jobs_most) == (town.centre, "pool", 5)


def test_a_rule_somebody_changed_meanwhile_stays(town: Town) -> None:
    DispatchRule.objects.create(organisation=town.centre, mode="in_turn")
    given = {"seen": DispatchRule().mark(), "mode": "pool"}
    address = f"/desk/organisations/{town.centre.pk}/dispatch-rule/save/"
    page = signed_in(town.manager).post(address, given, follow=True)

    assert "别人先改过了" in page.content.decode()
    assert DispatchRule.objects.get().mode == "in_turn"


# ---------------------------------------------------------------- two at once
def _together(one: Callable[[], object], other: Callable[[], object]) -> list[str]:
    gate, ends = Barrier(2), []

    def run(job: Callable[[], object]) -> None:
        gate.wait()
        try:
            job()
            ends.append("done")
        except (hours.HoursMoved, hours.HoursRefused, actions.WindowTaken) as refused:
            ends.append(type(refused).__name__)
        connections.close_all()

    threads = [Thread(target=run, args=[job]) for job in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_who_save_at_once_one_is_told() -> None:
    town = Town()
    shift = _wednesday(town.team())

    def save(capacity: int) -> None:
        given: dict[str, Any] = {"seen": shift.mark(), "starts": time(8), "ends": time(10), "capacity": capacity}
        hours.change_shift(shift, by=town.manager, **given)

    assert _together(lambda: save(3), lambda: save(4)) == ["HoursMoved", "done"]


@pytest.mark.django_db(transaction=True)
def test_room_taken_away_while_somebody_books_it_is_refused_one_way_or_the_other() -> None:
    town = Town()
    team = town.team()
    shift = team.shifts.get(weekday=1, starts=time(10))
    at = town.booked().starts_at
    second = town.ticket(words="客厅漏水")
    given: dict[str, Any] = {"seen": shift.mark(), "starts": time(10), "ends": time(12), "capacity": 1}
    ends = _together(
        lambda: actions.book(second, by=town.chen, starts_at=at),
        lambda: hours.change_shift(shift, by=town.manager, **given),
    )

    assert ends in (["HoursRefused", "done"], ["WindowTaken", "done"])
    assert Booking.objects.live().filter(starts_at=at).count() == Shift.objects.get(pk=shift.pk).capacity
