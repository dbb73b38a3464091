"""Orders and answers: who may, once, what is told to whom, and what goes up when its day is over."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.utils import timezone

from estates.models import Appointment
from estates.places import place_of
from repairs import actions, tasks
from repairs.models import Escalation, Message, Supervision, Ticket, TicketEvent
from tests.clients import signed_in
from tests.town import Town

SENT = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
DAY = date(2026, 11, 27)
OVER = datetime(2026, 11, 28, 0, 0, tzinfo=timezone.get_default_timezone())


def _order(town: Town, ticket: Ticket | None = None) -> Supervision:
    ticket = ticket or town.ticket()
    days = timezone.localdate() + timedelta(days=3)
    actions.order(ticket, by=town.street_officer, note="三天内修好并答复", answer_on=days)
    return _seen()


def _seen() -> Supervision:
    return Supervision.objects.select_related("ticket", "office", "organisation").latest("pk")


def _told(verb: str) -> set[str]:
    rows = Message.objects.filter(event__verb=verb, channel="app")
    return set(rows.values_list("recipient__display_name", flat=True))


# ---------------------------------------------------------------- ordering
def test_an_order_says_who_what_whom_and_by_when(town: Town) -> None:
    with time_machine.travel(SENT, tick=False):
        order = _order(town)
    assert (order.office, order.organisation, order.level) == (town.linjiang.office, town.centre, "street")
    assert (order.ordered_by, order.text, order.answer_by) == (town.street_officer, "三天内修好并答复", OVER)
    assert order.answer_on == DAY
    assert _told("order") == {"陈阿婆", "黄经理"}


def test_the_district_orders_in_its_own_name(town: Town) -> None:
    ticket = town.ticket()
    actions.order(ticket, by=town.district_officer, note="请答复", answer_on=timezone.localdate() + timedelta(days=1))
    assert (_seen().office, _seen().level) == (town.district.office, "district")


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_an_order_is_dated_within_the_next_thirty_days(town: Town, days: int) -> None:
    ticket = town.ticket()
    with pytest.raises(actions.MoveRefused, match="三十天"):
        actions.order(ticket, by=town.street_officer, note="x", answer_on=timezone.localdate() + timedelta(days=days))
    assert Supervision.objects.count() == 0


@pytest.mark.parametrize("name", ["manager", "lin", "community_officer", "other_street_officer", "chen", "admin"])
def test_only_the_offices_of_the_place_order(town: Town, name: str) -> None:
    ticket = town.ticket()
    with pytest.raises(PermissionDenied):
        actions.order(ticket, by=getattr(town, name), note="x", answer_on=timezone.localdate() + timedelta(days=1))


def test_an_order_needs_words_and_a_second_waits_for_the_answer(town: Town) -> None:
    order = _order(town)
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(actions.MoveRefused):
        actions.order(town.ticket(words="另一件"), by=town.street_officer, note=" ", answer_on=tomorrow)
    with pytest.raises(actions.TicketMoved):
        actions.order(order.ticket, by=town.street_officer, note="再次", answer_on=tomorrow)


def test_an_office_on_duty_does_not_order_itself(town: Town) -> None:
    ticket = town.ticket(place=place_of(town.garden_flat))
    Ticket.objects.update(organisation=town.haibin.office)
    ticket = town.seen(ticket)
    with pytest.raises(actions.MoveRefused, match="负责"):
        actions.order(
            ticket, by=town.other_street_officer, note="x", answer_on=timezone.localdate() + timedelta(days=1)
        )


# ---------------------------------------------------------------- answering
def test_the_organisation_answers_on_the_timeline_and_everybody_reads_it(town: Town) -> None:
    order = _order(town)
    actions.answer_order(order, by=town.manager, note="今天下午换管")
    order.refresh_from_db()
    assert (order.answer, order.answered_by) == ("今天下午换管", town.manager)
    assert _told("answer_order") == {"陈阿婆", "郑科长"}
    page = signed_in(town.chen).get(f"/tickets/{order.ticket_id}/").content.decode()
    assert "水门家园服务中心（示例）答复临江街道办（示例）：<br>今天下午换管" in page
    assert "临江街道办（示例） 郑*" in page


@pytest.mark.parametrize("name", ["lin", "wang", "other_dispatcher", "street_officer", "community_officer", "chen"])
def test_only_who_answers_for_that_organisation_may(town: Town, name: str) -> None:
    order = _order(town)
    with pytest.raises(PermissionDenied):
        actions.answer_order(order, by=getattr(town, name), note="x")
    assert TicketEvent.objects.filter(verb="answer_order").count() == 0


def test_the_one_who_was_ordered_answers_even_when_another_has_the_ticket(town: Town) -> None:
    order = _order(town)
    Ticket.objects.update(organisation=town.company)
    actions.answer_order(_seen(), by=town.manager, note="已移交清源物业")
    order.refresh_from_db()
    assert order.answered_by == town.manager


def test_an_answer_is_given_once(town: Town) -> None:
    order = _order(town)
    actions.answer_order(order, by=town.manager, note="一")
    with pytest.raises(actions.TicketMoved):
        actions.answer_order(order, by=town.manager, note="二")
    assert TicketEvent.objects.filter(verb="answer_order").count() == 1


# ---------------------------------------------------------------- going up
def test_an_unanswered_order_goes_up_when_its_day_is_over(town: Town) -> None:
    with time_machine.travel(SENT, tick=False) as clock:
        order = _order(town)
        clock.move_to(OVER - timedelta(seconds=1))
        tasks.orders_go_up(0)
        assert Escalation.objects.count() == 0
        clock.move_to(OVER)
        tasks.orders_go_up(0)
        tasks.orders_go_up(0)
    row = Escalation.objects.get()
    assert (row.order, row.organisation, row.reason, row.owes_answer) == (order, town.district.office, "order", True)
    assert _told("order_goes_up") == {"陈阿婆", "区主任", "黄经理"}
    assert TicketEvent.objects.filter(verb="order_goes_up").count() == 1


def test_what_was_answered_does_not_go_up(town: Town) -> None:
    with time_machine.travel(SENT, tick=False) as clock:
        actions.answer_order(_order(town), by=town.manager, note="已修")
        clock.move_to(OVER)
        tasks.orders_go_up(0)
    assert Escalation.objects.count() == 0


def test_an_order_of_the_district_is_told_there_again_once_and_stands(town: Town) -> None:
    with time_machine.travel(SENT, tick=False) as clock:
        actions.order(town.ticket(), by=town.district_officer, note="请答复", answer_on=DAY)
        clock.move_to(OVER)
        tasks.orders_go_up(0)
        clock.shift(timedelta(days=2))
        tasks.orders_go_up(0)
    assert Escalation.objects.count() == 0
    assert Message.objects.filter(event__verb="order_goes_up", recipient=town.district_officer).count() == 1


def test_an_order_that_went_up_can_still_be_answered(town: Town) -> None:
    with time_machine.travel(SENT, tick=False) as clock:
        order = _order(town)
        clock.move_to(OVER)
        tasks.orders_go_up(0)
        actions.answer_order(order, by=town.manager, note="迟了，抱歉")
    order.refresh_from_db()
    assert order.answer
    assert order.went_up_at


# ---------------------------------------------------------------- at once
def _at_once(*presses: Callable[[], object]) -> list[str]:
    start, ends = Barrier(len(presses)), []

    def run(press: Callable[[], object]) -> None:
        start.wait()
        try:
            press()
            ends.append("done")
        except actions.TicketMoved:
            ends.append("moved")
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(press,)) for press in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


@pytest.mark.django_db(transaction=True)
def test_of_answers_at_once_one_wins() -> None:
    town = Town()
    _order(town)
    presses = [_press(town, f"答复{number}") for number in range(4)]
    assert _at_once(*presses) == ["done", "moved", "moved", "moved"]
    assert TicketEvent.objects.filter(verb="answer_order").count() == 1


def _press(town: Town, words: str) -> Callable[[], object]:
    order = _seen()
    return lambda: actions.answer_order(order, by=town.manager, note=words)


@pytest.mark.django_db(transaction=True)
def test_of_orders_at_once_one_stands() -> None:
    town = Town()
    ticket, tomorrow = town.ticket(), timezone.localdate() + timedelta(days=1)
    presses = [lambda: actions.order(town.seen(ticket), by=town.street_officer, note="请答复", answer_on=tomorrow)] * 4
    assert _at_once(*presses) == ["done", "moved", "moved", "moved"]
    assert Supervision.objects.count() == TicketEvent.objects.filter(verb="order").count() == 1


@pytest.mark.django_db(transaction=True)
def test_answered_or_gone_up_never_half_of_both() -> None:
    town = Town()
    with time_machine.travel(SENT, tick=False) as clock:
        _order(town)
        clock.move_to(OVER)
        ups = [_seen() for _ in range(3)]
        ends = _at_once(*[lambda up=up: actions.order_goes_up(up) for up in ups], _press(town, "答复"))
    order = _seen()
    # The answer always counts; the order went up before it, once, or not at all.
    assert order.answer == "答复"
    went_up = TicketEvent.objects.filter(verb="order_goes_up").count()
    assert (went_up, Escalation.objects.count()) == ((1, 1) if order.went_up_at else (0, 0))
    assert ends.count("done") == 1 + went_up


# ---------------------------------------------------------------- answering what came up
def _climbed(town: Town) -> Escalation:
    town.ticket()
    Ticket.objects.update(climbs_at=timezone.now() - timedelta(hours=1))
    Appointment.objects.filter(person=town.manager).delete()
    with time_machine.travel(timezone.now() + timedelta(days=3), tick=False):
        tasks.climb_the_ladder(0)
    return _row(town)


def _row(town: Town) -> Escalation:
    return Escalation.objects.select_related("ticket", "organisation").get(organisation=town.linjiang.office)


def test_the_office_takes_note_and_the_resident_reads_it(town: Town) -> None:
    row = _climbed(town)
    actions.answer_climb(row, by=town.street_officer, answer="noted", note="已催促物业")
    row.refresh_from_db()
    assert (row.answer, row.answered_by, row.note) == ("noted", town.street_officer, "已催促物业")
    page = signed_in(town.chen).get(f"/tickets/{row.ticket_id}/").content.decode()
    assert "临江街道办（示例）已知悉。<br>已催促物业" in page


def test_handing_on_says_to_whom(town: Town) -> None:
    row = _climbed(town)
    with pytest.raises(actions.MoveRefused, match="交给"):
        actions.answer_climb(row, by=town.street_officer, answer="handed", note=" ")
    actions.answer_climb(row, by=town.street_officer, answer="handed", note="供水公司")
    assert _row(town).answer == "handed"


def test_an_order_is_answer_and_order_in_one_press(town: Town) -> None:
    row = _climbed(town)
    tomorrow = timezone.localdate() + timedelta(days=1)
    actions.answer_climb(row, by=town.street_officer, answer="ordered", note="明天修好", answer_on=tomorrow)
    assert (_row(town).answer, Supervision.objects.get().text) == ("ordered", "明天修好")
    assert TicketEvent.objects.filter(verb__in=["order", "answer_climb"]).count() == 1


def test_a_refused_order_leaves_the_step_unanswered(town: Town) -> None:
    row = _climbed(town)
    with pytest.raises(actions.MoveRefused):
        actions.answer_climb(row, by=town.street_officer, answer="ordered", note="明天修好")
    assert (_row(town).answer, Supervision.objects.count()) == ("", 0)


@pytest.mark.parametrize("name", ["lin", "community_officer", "other_street_officer", "district_officer", "chen"])
def test_only_who_answers_for_that_office_may(town: Town, name: str) -> None:
    row = _climbed(town)
    with pytest.raises(PermissionDenied):
        actions.answer_climb(row, by=getattr(town, name), answer="noted")


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_to_a_step_one_wins() -> None:
    town = Town()
    row = _climbed(town)
    presses = [lambda: actions.answer_climb(_row(town), by=town.street_officer, answer="noted")] * 4
    assert _at_once(*presses) == ["done", "moved", "moved", "moved"]
    assert TicketEvent.objects.filter(ticket=row.ticket, verb="answer_climb").count() == 1
