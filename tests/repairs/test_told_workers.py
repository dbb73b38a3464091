"""Workers and the desk hear what concerns them: a job given or taken away, its visit, what the resident does."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from estates.places import place_of
from repairs import actions, tasks
from repairs.models import Booking, DispatchRule, Mailbox, Message, TeamRobot, Ticket
from repairs.slots import next_slots
from repairs.workflow import Urgency
from tests.clients import signed_in
from tests.town import Town

DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _told(verb: str) -> dict[str, str]:
    rows = Message.objects.filter(event__verb=verb, audience="staff", channel="app")
    return {str(name): said for name, said in rows.values_list("recipient__username", "sentence")}


def _booked(town: Town, ticket: Ticket) -> Booking:
    actions.book(ticket, by=town.chen, starts_at=next_slots(ticket, 1)[0].starts_at)
    return Booking.objects.live().get(ticket=ticket)


# ---------------------------------------------------------------- the job
def test_a_worker_hears_of_a_job_that_is_given_to_him(town: Town) -> None:
    town.assigned()

    told = _told("assign")
    assert list(told) == ["wang"]
    assert told["wang"].startswith("交给王建国去修：水门新村（示例） 3幢 2梯，承诺")


def test_of_a_job_that_goes_to_somebody_else_both_hear(town: Town) -> None:
    ticket = town.assigned()
    Message.objects.all().delete()
    actions.assign(ticket, by=town.lin, worker=town.guo)

    told = _told("assign")
    assert sorted(told) == ["guo", "wang"]
    assert told["wang"] == told["guo"]
    assert told["guo"].startswith("改由郭志强去修")
    assert told["guo"].endswith("王建国不用去了。")


def test_whose_turn_it_is_hears_of_it(town: Town) -> None:
    town.team()
    DispatchRule.objects.create(organisation=town.centre, mode="in_turn")
    tasks.give_in_turn(town.acknowledged().pk)

    assert list(_told("rotate")) == [Ticket.objects.get().assignee.username]  # type: ignore[union-attr]


def test_who_takes_a_job_himself_is_told_nothing(town: Town) -> None:
    DispatchRule.objects.create(organisation=town.centre, mode="pool")
    actions.take(town.acknowledged(), by=town.wang)

    assert _told("take") == {}


@pytest.mark.parametrize(("by", "hear"), [("wang", ["lin", "manager"]), ("lin", ["manager", "wang"])])
def test_handed_back_the_others_hear_why(town: Town, by: str, hear: list[str]) -> None:
    actions.hand_back(town.assigned(), by=getattr(town, by), note="要用高空车，电话 13800001234")

    told = _told("hand_back")
    assert sorted(told) == hear
    assert set(told.values()) == {"这件报修又没有师傅了，需要重新派人。原因：要用高空车，电话 ***"}


def test_declined_the_worker_need_not_go(town: Town) -> None:
    actions.decline(town.assigned(), by=town.manager, note="不归我们管")

    assert list(_told("decline")) == ["wang"]


# ---------------------------------------------------------------- its visit
def test_a_worker_hears_of_the_visit_its_move_and_its_end(town: Town) -> None:
    town.team()
    ticket = town.assigned()
    booking = _booked(town, ticket)
    later = next_slots(ticket, 9)[-1].starts_at
    actions.rebook(town.seen(ticket), by=town.lin, seen=booking.pk, starts_at=later)
    actions.unbook(town.seen(ticket), by=town.chen, seen=Booking.objects.live().get().pk)

    first, moved, off = (_told(verb) for verb in ("book", "rebook", "unbook"))
    assert [list(each) for each in (first, moved, off)] == [["wang"]] * 3
    assert first["wang"].startswith("上门时间约好了：")
    assert "改到" in moved["wang"]
    assert off["wang"].endswith("的上门已取消。")


def test_a_visit_several_flats_are_asked_for_stands_when_all_agreed(town: Town) -> None:
    town.team()
    ticket = town.assigned(place=place_of(town.stair2))
    when = next_slots(ticket, 1)[0].starts_at
    actions.book(ticket, by=town.lin, starts_at=when, households=[town.flat501, town.flat502])
    first, second = Booking.objects.get().consents.order_by("pk")
    actions.agree(first, by=town.lin)
    assert _told("agree") == {}

    actions.agree(second, by=town.lin)
    assert (_told("book")["wang"][:8], _told("agree")["wang"][:8]) == ("上门时间先留着1", "上门时间约好了：")


def test_when_nobody_came_worker_and_desk_hear_of_it(town: Town) -> None:
    town.team()
    ticket = town.assigned()
    booking = _booked(town, ticket)
    with time_machine.travel(booking.ends_at, tick=True):
        actions.nobody_came(town.seen(ticket), by=town.chen)

    assert sorted(_told("nobody_came")) == ["lin", "manager", "wang"]


# ---------------------------------------------------------------- the resident
def test_the_resident_takes_it_back(town: Town) -> None:
    actions.cancel(town.assigned(), by=town.chen)

    assert sorted(_told("cancel")) == ["lin", "manager", "wang"]


def test_not_fixed_is_told_in_the_team_chat_too_and_nowhere_in_the_residents_words(town: Town) -> None:
    robot = {"organisation": town.centre, "url": "wecombot://abcdefgh12345678", "changed_at": DAY}
    TeamRobot.objects.create(name="群", changed_by=town.manager, **robot)
    actions.not_fixed(town.finished(), by=town.chen, note="还在漏，电话 13800001234")

    assert sorted(_told("not_fixed")) == ["lin", "manager", "wang"]
    said = Message.objects.filter(event__verb="not_fixed").values_list("channel", "sentence")
    assert {sentence for _channel, sentence in said} == {"住户说没有修好，报修已重新打开，需要派人去。"}
    assert ("robot", "住户说没有修好，报修已重新打开，需要派人去。") in said


def test_a_comment_reaches_the_others_in_the_words_of_colleagues_only(town: Town) -> None:
    ticket = town.assigned()
    actions.comment(ticket, by=town.chen, note="我在家")
    actions.comment(ticket, by=town.lin, note="带上接头")
    actions.comment(ticket, by=town.wang, note="明白")

    rows = Message.objects.filter(event__verb="comment", audience="staff").order_by("event", "recipient")
    assert list(rows.values_list("recipient__username", "sentence")) == [
        ("lin", "住户有新的留言，请打开看看。"),
        ("wang", "住户有新的留言，请打开看看。"),
        ("manager", "住户有新的留言，请打开看看。"),
        ("wang", "同事留言：带上接头"),
    ]


def test_the_worker_finds_the_job_behind_the_message(town: Town) -> None:
    ticket = town.assigned()
    page = signed_in(town.wang).get("/messages/").content.decode()

    assert f'href="/tickets/{ticket.pk}/"' in page
    assert "交给王建国去修" in page


# ---------------------------------------------------------------- a new report
def test_the_desk_hears_of_a_new_report_through_the_job_that_runs_afterwards(town: Town) -> None:
    Mailbox.objects.create(person=town.lin, address="lin@example.com", asked_at=DAY, confirmed_at=DAY)
    town.ticket()
    assert _told("report") == {}
    tasks.deliver_messages()

    assert sorted(_told("report")) == ["lin", "manager"]
    assert [letter.to for letter in mail.outbox] == [["lin@example.com"]]


def test_who_wrote_it_down_is_not_told_of_it_as_new(town: Town) -> None:
    town.proxy()
    tasks.deliver_messages()

    assert list(_told("report")) == ["manager"]


def test_of_danger_the_desk_hears_and_the_manager_not_twice(town: Town) -> None:
    ticket = town.ticket(repair_type=town.type("GAS-SMELL"))
    tasks.ring_of_danger(ticket=ticket.pk)
    tasks.deliver_messages()

    assert ticket.urgency == Urgency.DANGER
    assert (list(_told("report")), "manager" in _told("climb")) == (["lin"], True)


def test_what_the_staff_is_told_costs_no_text_message_unless_the_house_pays_for_it(town: Town) -> None:
    town.wang.phone = "+8619900007777"
    town.wang.save()
    town.assigned()
    tasks.deliver_messages()
    assert not Message.objects.filter(phone=town.wang.phone).exists()
