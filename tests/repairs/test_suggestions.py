"""Who could go and why, jobs that workers take, and jobs that go round."""

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from accounts.roles import Role
from estates.models import Appointment, Organisation
from repairs import actions, tasks
from repairs.models import Booking, DayOff, DispatchMode, DispatchRule, Team, Ticket, TicketEvent
from repairs.suggestions import suggestions
from repairs.workflow import State
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import LONG_AGO, Town

WORKERS = {"wang", "guo", "lin", "manager"}


def _rule(town: Town, mode: DispatchMode, most: int | None = None) -> None:
    DispatchRule.objects.create(organisation=town.centre, mode=mode, open_jobs_most=most)


def _words(ticket: Ticket) -> list[str]:
    return [each.words for each in suggestions(ticket)]


def _names(ticket: Ticket) -> list[str]:
    return [each.person.display_name for each in suggestions(ticket)]


def _worker(organisation: Organisation, number: int, trade: str = "水电师傅") -> User:
    person = User.objects.create_user(username=f"worker{number}", display_name=f"师傅{number}")
    Appointment.objects.create(
        person=person, organisation=organisation, role=Role.WORKER, trade=trade, starts_on=LONG_AGO
    )
    return person


# ---------------------------------------------------------------- who could go
def test_the_trade_decides_who_stands_first(town: Town) -> None:
    pipes, power = town.acknowledged(), town.acknowledged(repair_type=town.type("ELE-OUT1"))

    assert _words(pipes)[:2] == ["王建国 · 水电师傅 · 现在空闲", "林秀英 · 调度 · 现在空闲"]
    assert _words(pipes)[-1] == "郭志强 · 电工 · 不做这类维修 · 现在空闲"
    assert set(_names(power)[:2]) == {"王建国", "郭志强"}


def test_a_team_with_the_trade_counts_for_its_people(town: Town) -> None:
    town.team("电工班", "ELE").members.set([town.guo])
    town.team("疏通班", "DRN").members.set([town.guo])

    assert "郭志强 · 电工 · 现在空闲" in _words(town.acknowledged())


def test_whoever_has_another_visit_then_stands_behind(town: Town) -> None:
    town.team(capacity=2)
    first = town.assigned()
    town.booked(first)
    ticket = town.acknowledged(words="客厅漏水")
    actions.book(ticket, by=town.lin, starts_at=Booking.objects.get().starts_at)

    words = {line.split(" · ")[0]: line for line in _words(ticket)}
    assert "那个时段有别的活" in words["王建国"]
    assert words["郭志强"].startswith("郭志强 · 电工 · 那个时段空闲")
    assert _names(ticket)[0] == "郭志强"


@pytest.mark.parametrize("whole_team", [True, False])
def test_whoever_is_off_that_day_stands_behind(town: Town, whole_team: bool) -> None:
    team = town.team()
    today = timezone.localdate()
    person = None if whole_team else town.wang
    DayOff.objects.create(team=team, person=person, starts_on=today, ends_on=today)

    away = [line for line in _words(town.acknowledged()) if "今天休息" in line]
    assert [line.split(" · ")[0] for line in away] == (["王建国", "郭志强"] if whole_team else ["王建国"])


def test_having_been_in_this_flat_or_building_is_said(town: Town) -> None:
    town.finished()

    assert _words(town.acknowledged())[0] == "王建国 · 水电师傅 · 现在空闲 · 今天 1 单 · 来过这户"
    other = town.acknowledged(place=None, by=town.neighbour)
    Ticket.objects.filter(pk=other.pk).update(dwelling=town.flat501)
    assert "来过这栋楼" in _words(town.seen(other))[0]


def test_at_the_limit_is_said_and_stands_behind(town: Town) -> None:
    _rule(town, DispatchMode.DISPATCHER, most=1)
    town.assigned()

    assert _words(town.acknowledged())[-1] == "王建国 · 水电师傅 · 手上 1 件 · 已到上限 · 今天 1 单"


def test_forty_workers_cost_as_many_questions_as_two(town: Town) -> None:
    ticket = town.booked(town.acknowledged()).ticket if town.team() else None
    assert ticket
    counts = []
    for more in (0, 38):
        for number in range(more):
            _worker(town.centre, number)
        with CaptureQueriesContext(connection) as captured:
            found = suggestions(town.seen(ticket))
        counts.append(len(captured) - 1)
        assert len(found) >= 4 + more

    assert counts[0] == counts[1] <= 4


# ---------------------------------------------------------------- 抢单
def test_a_job_to_take_shows_the_building_and_the_kind_and_nothing_else(town: Town) -> None:
    _rule(town, DispatchMode.POOL)
    ticket = town.acknowledged(words="陈阿婆家厨房下水管漏水")
    page = signed_in(town.wang).get("/jobs/").content.decode()

    assert f'action="/jobs/{ticket.pk}/take/"' in page
    assert "水门新村（示例） 3幢" in page
    for secret in ("502", "2梯", "厨房下水管", "陈", ticket.number, town.chen.phone or "?"):
        assert secret not in page


def test_a_job_can_be_seen_only_after_it_is_taken(town: Town) -> None:
    _rule(town, DispatchMode.POOL)
    ticket = town.acknowledged()
    wang = signed_in(town.wang)
    assert [wang.get(f"/{page}/{ticket.pk}/").status_code for page in ("jobs", "desk/tickets", "tickets")] == [404] * 3

    assert wang.post(f"/jobs/{ticket.pk}/take/", follow=True).redirect_chain == [(f"/jobs/{ticket.pk}/", 302)]
    assert Ticket.objects.get().assignee == town.wang


def test_only_workers_of_the_organisation_take_its_jobs(town: Town) -> None:
    _rule(town, DispatchMode.POOL)
    ticket = town.assigned()
    expected = {302: WORKERS | {"nobody"}, 404: everybody_but(*WORKERS)}

    assert who_gets(town, f"/jobs/{ticket.pk}/take/", post={}) == expected
    assert signed_in(town.wang).get(f"/jobs/{ticket.pk}/take/").status_code == 405
    assert Ticket.objects.get().assignee == town.wang


@pytest.mark.parametrize("mode", [DispatchMode.DISPATCHER, DispatchMode.IN_TURN])
def test_elsewhere_nobody_takes_or_is_offered_anything(town: Town, mode: DispatchMode) -> None:
    _rule(town, mode)
    ticket = town.acknowledged()

    assert signed_in(town.wang).post(f"/jobs/{ticket.pk}/take/").status_code == 404
    assert "/take/" not in signed_in(town.wang).get("/jobs/").content.decode()


def test_whoever_comes_second_hears_so_without_a_name(town: Town) -> None:
    _rule(town, DispatchMode.POOL)
    ticket = town.acknowledged()
    actions.take(ticket, by=town.guo)
    page = signed_in(town.wang).post(f"/jobs/{ticket.pk}/take/", follow=True).content.decode()

    assert "慢了一步，这单已经被抢走了。" in page
    assert "郭志强" not in page


def test_the_trade_that_fits_stands_first_in_the_pool(town: Town) -> None:
    _rule(town, DispatchMode.POOL)
    pipes = town.acknowledged()
    power = town.acknowledged(repair_type=town.type("ELE-OUT1"))
    Ticket.objects.filter(pk=pipes.pk).update(due_at=timezone.now() + timedelta(minutes=1))
    page = signed_in(town.guo).get("/jobs/").content.decode()

    assert page.index(f"/jobs/{power.pk}/take/") < page.index(f"/jobs/{pipes.pk}/take/")


def test_the_limit_is_a_sentence_and_refuses_in_words(town: Town) -> None:
    _rule(town, DispatchMode.POOL, most=1)
    town.assigned()
    wang = signed_in(town.wang)
    assert "本单位每位师傅手上最多 1 单，您现在有 1 单。" in wang.get("/jobs/").content.decode()

    second = town.acknowledged(words="客厅漏水")
    page = wang.post(f"/jobs/{second.pk}/take/", follow=True).content.decode()
    assert "您手上已有 1 单，到了本单位的上限，先做完一单再抢。" in page
    assert Ticket.objects.get(pk=second.pk).assignee is None


# ---------------------------------------------------------------- 轮转
def _in_turn(town: Town) -> None:
    _rule(town, DispatchMode.IN_TURN)
    town.team()  # wang and guo do everything


def _given(ticket: Ticket) -> User | None:
    tasks.give_in_turn(ticket.pk)
    return Ticket.objects.get(pk=ticket.pk).assignee


def test_taking_a_report_up_calls_the_clock_only_where_jobs_go_round(town: Town) -> None:
    town.acknowledged()
    assert not ProcrastinateJob.objects.filter(task_name="repairs.tasks.give_in_turn").exists()

    _in_turn(town)
    ticket = town.acknowledged(words="客厅漏水")
    job = ProcrastinateJob.objects.get(task_name="repairs.tasks.give_in_turn")
    assert job.args == {"ticket": ticket.pk}


def test_jobs_go_round_from_one_to_the_next(town: Town) -> None:
    _in_turn(town)
    given = [_given(town.acknowledged(words=f"漏水 {number}")) for number in range(4)]

    assert given == [town.wang, town.guo, town.wang, town.guo]
    assert TicketEvent.objects.filter(verb="rotate", by=None).count() == 4


@pytest.mark.parametrize("why", ["day off", "another visit", "limit", "trade"])
def test_whoever_cannot_go_is_passed_over(town: Town, why: str) -> None:
    _in_turn(town)
    ticket = town.acknowledged()
    # Guo had a job only today: were nothing in the way, it would be Wang's turn.
    Ticket.objects.filter(pk=town.finished(words="门铃不响").pk).update(assignee=town.guo)
    team = Team.objects.get()
    if why == "day off":
        DayOff.objects.create(team=team, person=town.wang, starts_on=date(2020, 1, 1), ends_on=date(2099, 1, 1))
    elif why == "trade":
        team.members.set([town.guo])
        Appointment.objects.filter(person=town.wang).update(trade="电梯师傅")
    else:
        other = town.assigned(words="阳台漏水")
        Ticket.objects.filter(pk=other.pk).update(assigned_at=timezone.now() - timedelta(days=9))
        Ticket.objects.filter(pk=other.pk).update(assignee=town.wang)
        if why == "limit":
            DispatchRule.objects.update(open_jobs_most=1)
        else:
            starts = town.booked(other).starts_at
            actions.book(ticket, by=town.lin, starts_at=starts)

    assert _given(ticket) == town.guo


def test_where_nobody_fits_it_stays_for_the_dispatcher(town: Town) -> None:
    _rule(town, DispatchMode.IN_TURN, most=1)
    for worker in (town.wang, town.guo):
        actions.assign(town.acknowledged(words=worker.display_name), by=town.lin, worker=worker)
    ticket = town.acknowledged()

    assert _given(ticket) is None
    assert Ticket.objects.get(pk=ticket.pk).state == State.ACKNOWLEDGED


def test_whoever_handed_it_back_is_not_asked_again(town: Town) -> None:
    _in_turn(town)
    ticket = town.acknowledged()
    first = _given(ticket)
    assert first
    actions.hand_back(town.seen(ticket), by=first, note="够不着，要搭架子")
    tasks.sweep_turns(0)

    assert Ticket.objects.get().assignee == town.guo != first


def test_the_sweep_leaves_other_organisations_alone(town: Town) -> None:
    town.team()
    town.acknowledged()
    tasks.sweep_turns(0)

    assert Ticket.objects.get().assignee is None


def _together(*calls: Any) -> None:
    gate = Barrier(len(calls))

    def press(call: Any) -> None:
        gate.wait()
        call()
        connections.close_all()

    threads = [Thread(target=press, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_many_clocks_give_each_job_once_and_to_everybody_in_turn() -> None:
    town = Town()
    _in_turn(town)
    tickets = [town.acknowledged(words=f"漏水 {number}") for number in range(6)]
    _together(*([lambda: tasks.sweep_turns(0)] * 4), *[lambda pk=each.pk: tasks.give_in_turn(pk) for each in tickets])

    assert TicketEvent.objects.filter(verb="rotate").count() == 6
    by_worker = Ticket.objects.values_list("assignee", flat=True)
    assert sorted(by_worker) == sorted([town.wang.pk, town.guo.pk] * 3)


# ---------------------------------------------------------------- handing back
def test_handing_back_needs_a_reason(town: Town) -> None:
    ticket = town.assigned()
    sent = {"version": ticket.version, "note": " "}
    answer = signed_in(town.wang).post(f"/tickets/{ticket.pk}/hand-back/", sent)

    assert answer.status_code == 422
    assert "请写明原因，接手的人需要知道。" in answer.content.decode()
    assert Ticket.objects.get().state == State.ASSIGNED


def test_a_worker_who_hands_back_is_led_to_the_other_jobs(town: Town) -> None:
    ticket = town.assigned()
    sent = {"version": ticket.version, "note": "要换立管"}
    answer = signed_in(town.wang).post(f"/tickets/{ticket.pk}/hand-back/", sent, follow=True)

    assert answer.redirect_chain == [("/jobs/", 302)]
    assert (Ticket.objects.get().state, Ticket.objects.get().assignee) == (State.ACKNOWLEDGED, None)
