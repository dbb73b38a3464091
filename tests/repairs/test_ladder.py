"""The ladder: who is told when, why, once, and what the resident reads of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from accounts.roles import Role
from estates.models import Appointment, Community, District, Estate, Organisation, Street
from estates.places import place_of
from repairs import actions, tasks
from repairs.actions import climbing
from repairs.climbs import climb_of
from repairs.ladder import PERCENT, Rung, next_rung, percents
from repairs.models import Escalation, Message, Met, Ticket, TicketEvent
from repairs.promises import due_columns
from repairs.workflow import Clock, Urgency
from tests.clients import signed_in
from tests.town import Town

# A Tuesday morning; a home centre takes a normal report up within 8 service hours.
SENT = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Iterator[Any]:
    """The moment, to be moved on."""
    with time_machine.travel(SENT, tick=False) as traveller:
        yield traveller


def _steps(ticket: Ticket) -> list[tuple[str, int, str, str]]:
    rows = Escalation.objects.filter(ticket=ticket).order_by("pk")
    return list(rows.values_list("clock", "rung", "reason", "met"))


def _gone(*people: User) -> None:
    Appointment.objects.filter(person__in=people).delete()


def _climb() -> None:
    tasks.climb_the_ladder(0)


def _read(ticket: Ticket, who: User) -> str:
    return signed_in(who).get(f"/tickets/{ticket.pk}/", headers={"accept-language": "en"}).content.decode()


# ---------------------------------------------------------------- when
def test_nobody_is_told_before_the_time_is_nearly_used_up(town: Town, clock: Any) -> None:
    ticket = town.ticket()
    clock.move_to(SENT + 6.4 * HOUR - timedelta(seconds=1))
    _climb()
    assert _steps(ticket) == []


def test_a_report_nobody_takes_up_climbs_step_by_step(town: Town, clock: Any) -> None:
    ticket, seen = town.ticket(), []
    # 8 service hours from 09:00: 80 % at 15:24, 100 % at 17:00, 200 % at 13:00 and 300 % at 09:00 of the days after.
    for hours in (6.4, 8, 28, 48):
        clock.move_to(SENT + hours * HOUR - timedelta(seconds=1))
        _climb()
        seen.append(len(_steps(ticket)))
        clock.move_to(SENT + hours * HOUR)
        _climb()
    assert seen == [0, 1, 2, 3]
    assert _steps(ticket) == [("acknowledge", rung, "late", "people") for rung in Rung]
    assert Ticket.objects.get().climbs_at is None


def test_each_step_is_one_event_one_row_and_a_message_for_each_side(town: Town, clock: Any) -> None:
    ticket = town.ticket()
    clock.move_to(SENT + 8 * HOUR)
    _climb()
    assert TicketEvent.objects.filter(verb="climb", internal=False).count() == 2
    told = Message.objects.filter(event__verb="climb", channel="app").order_by("pk")
    assert [each.recipient for each in told] == [town.chen, town.manager, town.chen, town.community_officer]
    # The resident's telephone rings once for steps taken together.
    assert Message.objects.filter(event__verb="climb", channel="sms", phone=town.chen.phone).count() == 1
    assert ticket.number in told[1].text


def test_the_resident_reads_who_was_told_and_what_comes_next(town: Town, clock: Any) -> None:
    ticket = town.ticket()
    clock.move_to(SENT + 8 * HOUR)
    _climb()
    page = _read(ticket, town.chen)
    assert "It is late; 新门社区居委会（示例） has been told and has to answer for it." in page
    assert "If it is not taken up by November 25 13:00, 临江街道办（示例） hears of it." in page


def test_what_was_taken_up_in_this_moment_does_not_climb(town: Town, clock: Any) -> None:
    ticket = town.ticket()
    clock.move_to(SENT + 8 * HOUR)
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.NORMAL)
    _climb()
    assert [step for step in _steps(ticket) if step[0] == "acknowledge"] == []


def test_another_promise_climbs_from_the_ground_again(town: Town, clock: Any) -> None:
    ticket = town.ticket()
    clock.move_to(SENT + 8 * HOUR)
    _climb()
    ticket = town.seen(ticket)
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.NORMAL)
    clock.move_to(ticket.arrive_by or SENT)
    _climb()
    assert [step[:2] for step in _steps(ticket)] == [
        ("acknowledge", 1), ("acknowledge", 2), ("arrive", 1), ("arrive", 2),
    ]  # fmt: skip


def test_rework_climbs_anew(town: Town, clock: Any) -> None:
    ticket = town.finished()
    actions.not_fixed(ticket, by=town.chen, note="还在滴水")
    clock.move_to(ticket.restore_by)
    _climb()
    assert set(Escalation.objects.values_list("clock", "round", "rung")) == {("restore", 1, 1), ("restore", 1, 2)}


def test_a_pause_keeps_the_ladder_waiting(town: Town, clock: Any) -> None:
    ticket = town.acknowledged()
    before = Ticket.objects.get().climbs_at
    actions.pause(ticket, by=town.lin, reason="part", next_on=(SENT + timedelta(days=6)).date())
    after = Ticket.objects.get().climbs_at
    assert before
    assert after
    assert after >= before + timedelta(days=5)
    clock.move_to(before)
    _climb()
    assert _steps(ticket) == []


def test_planned_work_goes_past_the_community(town: Town, clock: Any) -> None:
    ticket = town.ticket(repair_type=town.type("RDP-PARK"))
    Ticket.objects.update(urgency=Urgency.PLANNED)
    ticket.refresh_from_db()
    Ticket.objects.update(**due_columns(ticket))
    clock.move_to(SENT + timedelta(days=30))
    _climb()
    assert [step[1] for step in _steps(ticket)] == [Rung.MANAGER, Rung.STREET, Rung.DISTRICT]


# ---------------------------------------------------------------- nobody there
def test_a_vacant_rung_is_written_and_the_next_follows_at_once(town: Town, clock: Any) -> None:
    ticket = town.ticket()
    _gone(town.manager, town.community_officer)
    clock.move_to(SENT + 6.4 * HOUR)
    _climb()
    assert _steps(ticket) == [
        ("acknowledge", 1, "late", "nobody"),
        ("acknowledge", 2, "vacant", "nobody"),
        ("acknowledge", 3, "vacant", "people"),
    ]
    page = _read(ticket, town.chen)
    assert "水门家园服务中心（示例） has nobody appointed for this, so it goes to the next level at once." in page
    assert "临江街道办（示例） has been told instead and has to answer for it." in page


def test_the_manager_of_a_community_answers_where_it_has_no_officer(town: Town, clock: Any) -> None:
    town.ticket()
    _gone(town.community_officer)
    Appointment.objects.filter(person=town.clerk).update(role=Role.MANAGER)
    clock.move_to(SENT + 8 * HOUR)
    _climb()
    assert Message.objects.filter(recipient=town.clerk, event__verb="climb").count() == 1


def test_what_nobody_can_take_up_climbs_at_once(town: Town, clock: Any) -> None:
    ticket = town.ticket()
    _gone(town.lin, town.manager)
    _climb()
    assert _steps(ticket) == [("acknowledge", 1, "unowned", "nobody"), ("acknowledge", 2, "vacant", "people")]
    _climb()
    assert len(_steps(ticket)) == 2
    assert Ticket.objects.get().climbs_at == SENT + 28 * HOUR


def test_a_community_on_duty_is_the_late_one_itself(town: Town, clock: Any) -> None:
    ticket = town.ticket(by=town.chen, place=place_of(town.lane_flat))
    clock.move_to(SENT + 8 * HOUR)
    _climb()
    assert ticket.organisation == town.community_office
    assert _steps(ticket) == [
        ("acknowledge", 1, "late", "people"),
        ("acknowledge", 2, "late", "itself"),
        ("acknowledge", 3, "vacant", "people"),
    ]
    assert Message.objects.filter(recipient=town.community_officer, event__verb="climb").count() == 1


def test_a_community_without_an_organisation_is_passed_with_a_row(town: Town, clock: Any) -> None:
    ticket = town.ticket(place=place_of(town.garden_flat))
    clock.move_to(SENT + 8 * HOUR)
    _climb()
    community = Escalation.objects.get(ticket=ticket, rung=Rung.COMMUNITY)
    assert (community.organisation, community.met) == (None, Met.NOBODY)
    assert Escalation.objects.get(ticket=ticket, rung=Rung.STREET).organisation == town.haibin.office


def test_the_district_is_the_last_even_where_it_is_vacant(town: Town, clock: Any) -> None:
    ticket = town.ticket()
    _gone(town.manager, town.community_officer, town.street_officer, town.district_officer)
    clock.move_to(SENT + 6.4 * HOUR)
    _climb()
    last = Escalation.objects.get(ticket=ticket, rung=Rung.DISTRICT)
    assert (last.organisation, last.met, last.owes_answer) == (town.district.office, Met.NOBODY, True)
    assert "Its telephone: 0595-2228 0119." in _read(ticket, town.chen)


# ---------------------------------------------------------------- danger
def _danger(town: Town, **fields: Any) -> Ticket:
    return town.ticket(repair_type=town.type("GAS-SMELL"), **fields)


def test_danger_rings_everybody_up_to_the_street_at_once(town: Town, clock: Any) -> None:
    ticket = _danger(town)
    assert ticket.urgency == Urgency.DANGER
    tasks.ring_of_danger(ticket.pk)
    assert _steps(ticket) == [("acknowledge", rung, "danger", "people") for rung in (1, 2, 3)]
    called = Message.objects.filter(event__verb="climb", channel="call", ticket=ticket)
    assert called.count() == 3


def test_danger_rings_by_the_minute_where_the_job_was_lost(town: Town, clock: Any) -> None:
    ticket = _danger(town)
    _climb()
    tasks.ring_of_danger(ticket.pk)
    assert [step[1] for step in _steps(ticket)] == [1, 2, 3]


def test_danger_found_at_the_desk_rings_too(town: Town, clock: Any) -> None:
    ticket = town.ticket()
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.DANGER)
    jobs = ProcrastinateJob.objects.filter(task_name="repairs.tasks.ring_of_danger")
    assert [job.args for job in jobs] == [{"ticket": ticket.pk}]
    tasks.ring_of_danger(ticket.pk)
    assert _steps(ticket) == [("arrive", rung, "danger", "people") for rung in (1, 2, 3)]


def test_danger_taken_up_does_not_ring_again_before_it_is_late(town: Town, clock: Any) -> None:
    ticket = _danger(town)
    tasks.ring_of_danger(ticket.pk)
    ticket = town.seen(ticket)
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.DANGER)
    _climb()
    assert {step[0] for step in _steps(ticket)} == {"acknowledge"}
    clock.move_to(SENT + timedelta(minutes=30))
    _climb()
    assert [step[1] for step in _steps(ticket) if step[0] == "arrive"] == [1, 2, 3, 4]


# ---------------------------------------------------------------- once
def test_a_verb_that_wrote_an_old_rung_back_makes_no_second_step(town: Town, clock: Any) -> None:
    ticket = town.ticket()
    clock.move_to(SENT + 8 * HOUR)
    _climb()
    Ticket.objects.update(rung=0, climbs_at=SENT)
    _climb()
    assert [step[1] for step in _steps(ticket)] == [1, 2]
    assert (Ticket.objects.get().rung, Ticket.objects.get().climbs_at) == (2, SENT + 28 * HOUR)


@pytest.mark.django_db(transaction=True)
def test_runs_at_once_never_take_a_step_twice() -> None:
    town, start = Town(), Barrier(6)
    for number in range(30):
        town.ticket(words=f"第{number}件")
    Ticket.objects.update(climbs_at=timezone.now() - HOUR, due_at=timezone.now() - HOUR)
    done: list[int] = []

    def run() -> None:
        start.wait()
        try:
            done.append(actions.climb())
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    steps = Escalation.objects.filter(rung=Rung.MANAGER)
    assert (len(done), sum(done)) == (6, 30)
    assert (steps.count(), TicketEvent.objects.filter(verb="climb").count()) == (30, Escalation.objects.count())


@pytest.mark.django_db(transaction=True)
def test_a_ticket_somebody_moves_is_left_alone_and_nobody_waits() -> None:
    town = Town()
    ticket, other = town.ticket(), town.ticket(words="另一件")
    Ticket.objects.update(climbs_at=timezone.now() - HOUR)
    done: list[int] = []

    def run() -> None:
        done.append(actions.climb())
        connections.close_all()

    with transaction.atomic():
        actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.NORMAL)
        thread = Thread(target=run)
        thread.start()
        thread.join(timeout=20)
    assert done == [1]
    assert set(Escalation.objects.values_list("ticket", flat=True)) <= {other.pk}


def test_a_run_is_bounded_and_the_next_goes_on(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        town.ticket(words=f"第{number}件")
    Ticket.objects.update(climbs_at=timezone.now() - HOUR)
    monkeypatch.setattr(climbing, "AT_ONCE", 2)
    assert [actions.climb() for _ in range(4)] == [2, 2, 1, 0]


def test_many_cost_as_many_statements_as_one(town: Town, clock: Any) -> None:
    counts = []
    for number in (1, 29):
        for each in range(number):
            town.ticket(words=f"第{number}-{each}件")
        clock.shift(timedelta(days=7))
        with CaptureQueriesContext(connection) as captured:
            actions.climb()
        counts.append(len(captured))
    assert Escalation.objects.filter(rung=Rung.MANAGER).count() == 30
    assert counts[0] == counts[1] <= 16


# ---------------------------------------------------------------- the arithmetic
@given(st.sampled_from(Urgency), st.sampled_from(Clock))
def test_every_rung_lies_at_or_above_the_one_below(urgency: Urgency, clock: Clock) -> None:
    shares = list(percents(urgency, clock).values())
    assert shares == sorted(shares)
    assert list(percents(urgency, clock)) == sorted(percents(urgency, clock))
    assert set(percents(urgency, clock)) == set(PERCENT[urgency])
    assert next_rung(urgency, Rung.DISTRICT) is None


@given(
    st.lists(st.integers(0, 100), min_size=4, max_size=4).map(sorted),
    st.integers(0, 100),
    st.sets(st.sampled_from(Rung)),
    st.booleans(),
)
def test_no_rung_is_passed_over_and_it_stops_where_somebody_is_told_in_time(
    moments: list[int], now: int, vacant: set[Rung], unowned: bool
) -> None:
    ticket = _unsaved()
    ahead = [(rung, SENT + at * HOUR) for rung, at in zip(Rung, moments, strict=True)]
    found = climb_of(ticket, ahead, SENT + now * HOUR, lambda rung, _where: rung not in vacant, unowned=unowned)

    assert [step.rung for step in found.steps] == list(Rung)[: len(found.steps)]
    due = sum(at <= now for at in moments)
    assert len(found.steps) >= max(due, int(unowned))
    if len(found.steps) > max(due, int(unowned)):
        early = found.steps[max(due, int(unowned)) - 1 if due or unowned else 0 : -1]
        assert all(step.met is Met.NOBODY for step in early)
    if found.steps and found.climbs_at is not None:
        assert found.steps[-1].met is Met.PEOPLE
        assert found.climbs_at > SENT + now * HOUR


def _unsaved() -> Ticket:
    office, centre = Organisation(pk=1, name="街道"), Organisation(pk=2, name="中心")
    street = Street(office=office, district=District(office=Organisation(pk=4, name="区")))
    community = Community(street=street, organisation=Organisation(pk=3, name="社区"))
    return Ticket(
        organisation=centre, estate=Estate(community=community), urgency=Urgency.NORMAL, due_clock=Clock.ACKNOWLEDGE
    )
