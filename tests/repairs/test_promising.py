"""What is owed by when: which promise is next, what meets it, what a new urgency changes, which times are kept."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from repairs import actions
from repairs.models import Booking, BookingState, ClockRun, Message, PauseReason, Ticket, TicketEvent
from repairs.promises import due_columns
from repairs.slots import next_slots
from repairs.workflow import Clock, State, Urgency
from tests.clients import signed_in
from tests.town import Town

HOUR = timedelta(hours=1)
TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=False):
        yield


def _next() -> tuple[Any, ...]:
    ticket = Ticket.objects.get()
    return ticket.due_clock, ticket.due_at, ticket.rung, ticket.climbs_at


def _finish(town: Town, ticket: Ticket) -> None:
    actions.finish(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)], note="换好了")


# ---------------------------------------------------------------- which promise is next
def test_each_step_leads_to_the_next_promise(town: Town) -> None:
    ticket, seen = town.ticket(), []
    seen.append(_next()[:2])
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency="urgent")
    actions.assign(ticket, by=town.lin, worker=town.wang)
    seen.append(_next()[:2])
    actions.arrive(ticket, by=town.wang)
    seen.append(_next()[:2])
    actions.make_safe(ticket, by=town.wang)
    seen.append(_next()[:2])
    _finish(town, ticket)
    seen.append(_next()[:2])

    assert seen == [
        (Clock.ACKNOWLEDGE, at(24, 17)),
        (Clock.ARRIVE, at(24, 11)),
        (Clock.MAKE_SAFE, at(24, 13)),
        (Clock.RESTORE, at(26, 9)),
        ("", None),
    ]


@pytest.mark.parametrize(
    ("urgency", "climbs"),
    [("danger", at(24, 9, 24)), ("urgent", at(24, 10, 36)), ("normal", at(25, 16, 12)), ("planned", at(30, 17, 48))],
)
def test_the_manager_hears_at_the_ladder_s_first_rung(town: Town, urgency: str, climbs: datetime) -> None:
    town.acknowledged(urgency=urgency)

    assert _next()[2:] == (0, climbs)


def test_another_promise_begins_at_the_foot_of_the_ladder_and_the_same_one_stays_where_it_was(town: Town) -> None:
    ticket = town.assigned(urgency="urgent")
    Ticket.objects.update(rung=2)
    ticket.rung = 2

    assert due_columns(ticket)["rung"] == 2
    assert due_columns(ticket)["climbs_at"] == at(24, 12)  # 150 % of two hours
    assert due_columns(ticket, arrived_at=TUESDAY)["rung"] == 0
    assert due_columns(ticket, times_reopened=1, reopened_at=TUESDAY)["rung"] == 0


def test_at_the_top_of_the_ladder_nothing_climbs_any_more(town: Town) -> None:
    ticket = town.assigned(urgency="urgent")
    ticket.rung = 4

    assert due_columns(ticket)["climbs_at"] is None


@pytest.mark.parametrize(
    ("urgency", "sentence"),
    [
        ("urgent", "原承诺今天 11:00前到场，还没有人来。"),
        ("planned", "原承诺12月1日 20:00前到场，还没有人来。"),
    ],
)
def test_what_is_late_is_called_by_its_name_and_moment(town: Town, urgency: str, sentence: str) -> None:
    ticket = town.assigned(urgency=urgency)
    late = at(24, 11, 5) if urgency == "urgent" else at(30) + timedelta(days=3)
    with time_machine.travel(late, tick=False):
        html = signed_in(town.chen).get(reverse("repairs:ticket", args=[ticket.pk])).content.decode()

    assert sentence in html


# ---------------------------------------------------------------- an agreed time
def test_the_agreed_time_is_the_promise_to_arrive(town: Town) -> None:
    town.team()
    ticket = town.assigned()
    booking = town.booked(ticket)
    booked = Ticket.objects.get().arrive_by
    actions.unbook(town.seen(ticket), by=town.chen, seen=booking.pk)

    assert (booked, Ticket.objects.get().arrive_by) == (booking.ends_at, at(26, 9))


def test_a_time_at_which_nobody_came_stays_the_promise_and_stays_late(town: Town) -> None:
    town.team()
    booking = town.booked(town.assigned())
    with time_machine.travel(booking.ends_at + HOUR, tick=False):
        actions.miss(town.seen(booking.ticket))
        actions.pause(town.seen(booking.ticket), by=town.lin, reason=PauseReason.PART, next_on=date(2026, 11, 27))

    assert _next()[:2] == (Clock.ARRIVE, booking.ends_at)


def test_urgent_repairs_are_promised_their_hours_whatever_was_agreed(town: Town) -> None:
    town.team()
    town.booked(town.assigned(urgency="urgent"))

    assert Ticket.objects.get().arrive_by == at(24, 11)


def test_a_door_that_stayed_shut_was_reached(town: Town) -> None:
    ticket = town.assigned()
    actions.nobody_home(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)])

    assert _next()[0] == Clock.RESTORE
    assert ClockRun.objects.get(clock=Clock.ARRIVE).kept


# ---------------------------------------------------------------- made safe, planned
def test_made_safe_is_said_once_and_told(town: Town) -> None:
    ticket = town.endangered()
    actions.make_safe(ticket, by=town.wang, note="关了总阀")

    with pytest.raises(actions.TicketMoved):
        actions.make_safe(town.seen(ticket), by=town.wang)
    assert "险情已暂时排除，承诺11月25日 09:00前修好。" in Message.objects.filter(event__verb="make_safe")[0].text
    assert not actions.may(town.seen(ticket), "make_safe", town.wang)


def test_a_plan_names_its_day_which_is_promised_from_then_on(town: Town) -> None:
    ticket = town.planned()
    assert _next()[:2] == (Clock.ARRIVE, at(30 + 1 - 1, 20) + timedelta(days=1))
    actions.post_plan(ticket, by=town.lin, planned_for=date(2026, 12, 18), note="换整根立管，停水半天。")

    ticket = Ticket.objects.get()
    day = datetime(2026, 12, 18, 20, tzinfo=timezone.get_default_timezone())
    assert (ticket.due_clock, ticket.due_at, ticket.restore_by) == (Clock.RESTORE, day, day)
    assert {run.clock for run in ClockRun.objects.all()} == {Clock.ACKNOWLEDGE, Clock.ARRIVE, Clock.PLAN}
    assert "换整根立管，停水半天。 计划周五 12月18日维修。" in Message.objects.filter(event__verb="post_plan")[0].text


def test_a_pause_puts_the_planned_day_off(town: Town) -> None:
    ticket = town.planned()
    actions.post_plan(ticket, by=town.lin, planned_for=date(2026, 11, 27), note="换立管")
    actions.pause(town.seen(ticket), by=town.lin, reason=PauseReason.OWNERS, next_on=date(2026, 11, 26))

    # Tuesday from nine on and Wednesday are lost; the next day that counts after Friday is Monday and Tuesday.
    assert Ticket.objects.get().restore_by == datetime(2026, 12, 1, 20, tzinfo=timezone.get_default_timezone())


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2028, 1, 1)])
def test_a_plan_lies_ahead(town: Town, day: date) -> None:
    with pytest.raises(actions.MoveRefused, match="一年内"):
        actions.post_plan(town.planned(), by=town.lin, planned_for=day, note="换立管")


# ---------------------------------------------------------------- more or less urgent
def test_more_urgent_counts_everything_from_the_report(town: Town) -> None:
    ticket = town.assigned()
    with time_machine.travel(at(24, 15), tick=False):
        actions.set_urgency(town.seen(ticket), by=town.lin, urgency="urgent")

    ticket = Ticket.objects.get()
    assert (ticket.arrive_by, ticket.make_safe_by, ticket.restore_by) == (at(24, 11), at(24, 13), at(26, 9))
    assert (ticket.due_at, ticket.is_overdue) == (at(24, 11), False)
    with time_machine.travel(at(24, 15), tick=False):
        assert ticket.is_overdue


def test_what_was_met_stays_as_it_was_promised(town: Town) -> None:
    ticket = town.on_site()
    before = ticket.arrive_by
    actions.set_urgency(ticket, by=town.lin, urgency="danger")

    assert (Ticket.objects.get().arrive_by, Ticket.objects.get().due_at) == (before, at(24, 11))


def test_less_urgent_needs_a_reason_the_resident_reads(town: Town) -> None:
    ticket = town.assigned(urgency="urgent")
    with pytest.raises(actions.MoveRefused, match="缓"):
        actions.set_urgency(ticket, by=town.lin, urgency="normal", note=" ")
    actions.set_urgency(town.seen(ticket), by=town.lin, urgency="normal", note="阀门已关，不再漏。")

    ticket = Ticket.objects.get()
    assert (ticket.make_safe_by, ticket.restore_by) == (None, at(29, 20))
    html = signed_in(town.chen).get(reverse("repairs:ticket", args=[ticket.pk])).content.decode()
    assert "急修 → 一般" in html
    told = Message.objects.filter(event__verb="set_urgency", recipient=town.chen).values_list("text", flat=True)
    worker = Message.objects.get(event__verb="set_urgency", recipient=town.wang)
    assert "现按“一般”处理。" in worker.text
    assert "现按“一般”处理：阀门已关，不再漏。 下一项承诺时间：11月26日 09:00。" in told[0]


def test_taking_up_as_less_urgent_needs_a_reason_too(town: Town) -> None:
    ticket = town.ticket()
    with pytest.raises(actions.MoveRefused):
        actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency="planned")

    assert Ticket.objects.get().state == State.SUBMITTED


def test_the_same_urgency_is_no_change(town: Town) -> None:
    with pytest.raises(actions.MoveRefused):
        actions.set_urgency(town.assigned(), by=town.lin, urgency="normal")


def test_an_old_page_sets_no_urgency(town: Town) -> None:
    ticket = town.acknowledged()
    actions.assign(town.seen(ticket), by=town.lin, worker=town.wang)
    with pytest.raises(actions.TicketMoved):
        actions.set_urgency(ticket, by=town.lin, urgency="urgent")


@pytest.mark.parametrize("while_taking_up", [True, False])
def test_in_danger_nobody_waits_for_the_agreed_time(town: Town, *, while_taking_up: bool) -> None:
    town.team()
    booking = town.booked(town.ticket() if while_taking_up else town.assigned())
    ticket = town.seen(booking.ticket)
    if while_taking_up:
        actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.DANGER)
    else:
        actions.set_urgency(ticket, by=town.lin, urgency=Urgency.DANGER)

    booking.refresh_from_db()
    event = TicketEvent.objects.latest("pk")
    assert (booking.state, booking.place) == (BookingState.CANCELLED, None)
    assert event.changes["visit"][1] is None
    assert not Booking.objects.live().exists()
    html = signed_in(town.chen).get(reverse("repairs:ticket", args=[ticket.pk])).content.decode()
    assert reverse("repairs:ticket_visit", args=[ticket.pk]) not in html


# ---------------------------------------------------------------- rework
def test_reopening_starts_a_restore_clock_of_its_own_and_nothing_else(town: Town) -> None:
    ticket = town.on_site(urgency="urgent")
    _finish(town, ticket)
    arrive_by = ticket.arrive_by
    with time_machine.travel(at(26, 12), tick=False):
        actions.not_fixed(town.seen(ticket), by=town.chen, note="还在滴水")

    ticket = Ticket.objects.get()
    assert (ticket.due_clock, ticket.due_at) == (Clock.RESTORE, at(28, 12))
    assert ticket.arrive_by == arrive_by
    assert list(ClockRun.objects.values_list("clock", "round")) == [
        (clock, 0) for clock in (Clock.ACKNOWLEDGE, Clock.ARRIVE, Clock.MAKE_SAFE, Clock.RESTORE)
    ]


def test_each_run_keeps_its_own_time(town: Town) -> None:
    ticket = town.finished()
    with time_machine.travel(at(26, 12), tick=False):
        actions.not_fixed(town.seen(ticket), by=town.chen, note="还在滴水")
        actions.assign(town.seen(ticket), by=town.lin, worker=town.guo)
    with time_machine.travel(at(27, 12), tick=False):
        again = town.seen(ticket)
        actions.arrive(again, by=town.guo)
        actions.finish(again, by=town.guo, photos=[town.photo(again, town.guo)], note="再换一次")

    runs = ClockRun.objects.filter(clock=Clock.RESTORE).values_list("round", "started_at", "stopped_at", "whole")
    assert list(runs) == [(0, TUESDAY, TUESDAY, timedelta(0)), (1, at(26, 12), at(27, 12), 12 * HOUR)]


# ---------------------------------------------------------------- from the pages
def test_the_worker_makes_safe_from_the_phone_with_a_picture(town: Town) -> None:
    from tests.town import picture

    ticket, browser = town.endangered(), signed_in(town.wang)
    address = reverse("repairs:ticket_make_safe", args=[ticket.pk])
    assert address in browser.get(reverse("repairs:job", args=[ticket.pk])).content.decode()
    answer = browser.post(address, {"version": ticket.version, "note": "", "photos": [picture()]}, follow=True)

    assert "已记录排险，并已告知居民；接下来还要修好。" in answer.content.decode()
    assert TicketEvent.objects.get(verb="make_safe").photos.count() == 1


@pytest.mark.parametrize(
    ("verb", "sent", "sentence"),
    [
        ("post_plan", {"planned_for": "明天", "note": "换立管"}, "请选择今天起一年内的日期。"),
        ("post_plan", {"planned_for": "2026-11-01", "note": "换立管"}, "请选择今天起一年内的日期。"),
        ("post_plan", {"planned_for": "2026-12-01", "note": ""}, "请写明打算怎么修，居民会看到。"),
        ("set_urgency", {"urgency": "someday", "note": ""}, "请选择紧急程度。"),
        ("set_urgency", {"urgency": "planned", "note": ""}, "现在就是这个紧急程度，请选择其他的。"),
    ],
)
def test_what_can_t_be_is_answered_in_one_sentence(town: Town, verb: str, sent: dict[str, str], sentence: str) -> None:
    ticket = town.planned()
    answer = signed_in(town.lin).post(
        reverse(f"repairs:ticket_{verb}", args=[ticket.pk]), {"version": ticket.version} | sent
    )

    assert (answer.status_code, answer.content.decode().count(sentence)) == (422, 1)


def test_the_desk_posts_the_plan_and_changes_the_urgency(town: Town) -> None:
    ticket, browser = town.planned(), signed_in(town.lin)
    sent = {"version": ticket.version, "planned_for": "2026-12-18", "note": "换整根立管。"}
    browser.post(reverse("repairs:ticket_post_plan", args=[ticket.pk]), sent)
    sent = {"version": ticket.version, "urgency": "urgent", "note": ""}
    html = browser.post(reverse("repairs:ticket_set_urgency", args=[ticket.pk]), sent, follow=True).content.decode()

    assert "计划周五 12月18日维修。" in html
    assert "计划 → 急修" in html
    assert Ticket.objects.get().urgency == Urgency.URGENT


# ---------------------------------------------------------------- at once, on connections of their own
@pytest.mark.django_db(transaction=True)
def test_of_two_who_make_it_safe_at_once_one_is_told_so() -> None:
    town = Town()
    first = town.endangered()
    seen = [town.seen(first) for _each in range(6)]
    gate, ends = Barrier(6), list[str]()

    def press(do: Callable[[], object]) -> None:
        gate.wait()
        try:
            do()
            ends.append("done")
        except actions.TicketMoved:
            ends.append("moved")
        finally:
            connections.close_all()

    threads = [Thread(target=press, args=[partial(actions.make_safe, each, by=town.wang)]) for each in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends) == ["done"] + ["moved"] * 5
    assert ClockRun.objects.filter(clock=Clock.MAKE_SAFE).count() == 1


def test_in_danger_no_time_is_agreed(town: Town) -> None:
    town.team()
    ticket = town.assigned(urgency=Urgency.DANGER)
    page = signed_in(town.lin).get(reverse("repairs:desk_ticket", args=[ticket.pk])).content.decode()

    assert "约这个时间" not in page
    with pytest.raises(actions.TicketMoved):
        actions.book(ticket, by=town.lin, starts_at=next_slots(ticket, 1)[0].starts_at)
    assert not Booking.objects.exists()
