"""A company that hangs keeps nobody waiting but its own messages, and danger passes what waits."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from repairs import carriers, lanes, tasks
from repairs.actions import reaching
from repairs.delivery import deliver_next
from repairs.management.commands import messenger
from repairs.models import Message, MessageChannel, PushDevice, TeamRobot, Ticket, TicketEvent
from repairs.workflow import Urgency
from tests.carrier import hire
from tests.town import Town

DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _robot(town: Town, chat: str) -> TeamRobot:
    made = {"changed_at": DAY, "changed_by": town.manager}
    return TeamRobot.objects.create(organisation=town.centre, name=chat, url=f"{chat}://0123456789", **made)


def _device(town: Town, host: str) -> PushDevice:
    made = {"p256dh": "x", "auth": "x", "added_at": DAY}
    return PushDevice.objects.create(person=town.chen, endpoint=f"https://{host}/wpush/1", **made)


def _message(ticket: Ticket, channel: str, **address: Any) -> Message:
    event = TicketEvent.objects.filter(ticket=ticket).order_by("pk")[0]
    said = {"text": "x", "sentence": "x", "created_at": DAY, "next_try_at": DAY}
    return Message.objects.create(event=event, ticket=ticket, channel=channel, **said, **address)


# ---------------------------------------------------------------- lanes
def test_each_company_has_a_lane_of_its_own_and_whatever_is_left_has_one(town: Town) -> None:
    ticket = town.ticket()
    rows = [_message(ticket, "robot", robot=_robot(town, chat)) for chat in ("wecombot", "dingtalk", "feishu")]
    hosts = ("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com", "elsewhere.example")
    rows += [_message(ticket, "push", recipient=town.chen, device=_device(town, host)) for host in hosts]
    rows.append(_message(ticket, "call", phone="+8659522280119"))
    found = [row.lane for row in rows]
    assert found == [
        "robot:wecombot",
        "robot:dingtalk",
        "robot:feishu",
        "push:fcm.googleapis.com",
        "push:push.services.mozilla.com",
        "push:push.apple.com",
        "",
        "call",
    ]
    assert set(found) < set(lanes.LANES)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("channel", "addresses", "stuck"),
    [
        ("robot", lambda town: [{"robot": _robot(town, chat)} for chat in ("wecombot", "dingtalk")], "robot:wecombot"),
        (
            "push",
            lambda town: [
                {"recipient": town.chen, "device": _device(town, host)}
                for host in ("fcm.googleapis.com", "updates.push.services.mozilla.com")
            ],
            "push:fcm.googleapis.com",
        ),
    ],
)
def test_one_company_hangs_and_the_others_of_the_channel_go_on(
    channel: str,
    addresses: Callable[[Town], list[dict[str, Any]]],
    stuck: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town, hangs, free = Town(), Event(), Event()
    first, second = (_message(town.ticket(), channel, **each) for each in addresses(town))

    def hand_over(message: Message) -> None:
        if message.pk == first.pk:
            hangs.set()
            free.wait(20)

    monkeypatch.setitem(carriers._BY_CHANNEL, MessageChannel(channel), hand_over)
    with ThreadPoolExecutor(1) as threads:
        hung = threads.submit(_lane, stuck)
        assert hangs.wait(20)
        tasks.deliver_messages(channel)
        second.refresh_from_db()
        assert (second.sent_at is not None, hung.done()) == (True, False)
        free.set()


def _lane(lane: str) -> None:
    try:
        lanes.run_lane(lane)
    finally:
        connections.close_all()


def test_a_channel_of_several_companies_takes_one_and_asks_for_the_others(town: Town) -> None:
    ticket = town.ticket()
    for chat in ("dingtalk", "feishu"):
        _message(ticket, "robot", robot=_robot(town, chat))
    before = ProcrastinateJob.objects.count()
    tasks.deliver_messages("robot")
    jobs = ProcrastinateJob.objects.order_by("id").values_list("args", flat=True)[before:]
    assert list(jobs) == [{"channel": "robot:feishu"}]


def test_what_waits_in_a_lane_that_is_none_any_more_is_taken_in(town: Town, settings: Any) -> None:
    asked = hire(settings)
    town.ticket()
    Message.objects.filter(channel="sms").update(lane="push:taken.out.example")
    tasks.deliver_messages()
    assert not asked
    tasks.sweep_messages(0)
    tasks.deliver_messages("")
    assert len(asked) == 1


# ---------------------------------------------------------------- danger first
def test_danger_passes_what_waited_longer(town: Town, settings: Any) -> None:
    asked = hire(settings)
    for number in range(3):
        town.ticket(words=f"第{number}处")
    danger = town.on_site(urgency=Urgency.DANGER)
    deliver_next("sms")
    assert asked[0][1].startswith(danger.number)


def test_the_next_of_a_lane_is_found_along_its_index(town: Town) -> None:
    town.ticket()
    turn = Message.objects.to_try(timezone.now()).filter(lane="sms", danger=False, channel__in=carriers.CARRIED)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    plan = turn.order_by("next_try_at", "pk")[:1].explain()
    assert "message_in_its_lane" in plan
    assert "Sort" not in plan


# ---------------------------------------------------------------- beside the messages
def test_while_a_letter_to_a_mailbox_hangs_the_next_comes_back_later(town: Town, mailoutbox: list[Any]) -> None:
    reaching.give_mailbox("chen@example.com", by=town.chen, site="http://x")
    letter = town.chen.mailbox.pk
    with lanes.alone(lanes.MAILBOX), pytest.raises(lanes.LaneTaken):
        tasks.write_to_mailbox(letter, "http://x")
    assert not mailoutbox
    tasks.write_to_mailbox(letter, "http://x")
    assert len(mailoutbox) == 1


def test_while_the_test_of_a_robot_hangs_the_next_comes_back_later(town: Town) -> None:
    robot = _robot(town, "feishu")
    with lanes.alone(lanes.ROBOT_TEST), pytest.raises(lanes.LaneTaken):
        tasks.try_robot(robot.pk, "zh-hans")
    robot.refresh_from_db()
    assert robot.tried_at is None


def test_who_comes_back_waits_longer_each_time() -> None:
    for task in (tasks.write_to_mailbox, tasks.try_robot):
        strategy: Any = task.retry_strategy
        assert (strategy.max_attempts, strategy.exponential_wait) == (6, 4)


def _let_go(went: Event, free: Event) -> None:
    """Only once the text message went, or it never will."""
    went.wait(10)
    free.set()


@pytest.mark.django_db(transaction=True)
def test_the_messenger_has_a_thread_for_every_lane_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """More lanes than Python's own pool has threads on two processors hang; the text message of a danger goes."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    free, went = Event(), Event()
    stuck: list[bool] = []

    def run(lane: str) -> None:
        if lane == "sms":
            went.set()
        else:
            stuck.append(free.wait(30) and went.is_set())

    monkeypatch.setattr(lanes, "run_lane", run)
    monkeypatch.setattr(lanes, "take_in_strays", lambda: None)
    monkeypatch.setattr(lanes, "waiting_in", lambda *named: named[0][:1] if named else [])
    for lane in [each for each in lanes.LANES if each != "sms"]:
        tasks.deliver_messages.defer(channel=lane)
    tasks.deliver_messages.defer(channel="sms")
    with ThreadPoolExecutor(2) as threads:
        threads.submit(_let_go, went, free)
        # In a thread of its own: after a test with a browser this one has an event loop already.
        threads.submit(messenger.run, install_signal_handlers=False, wait=False).result(60)
    assert stuck == [True] * (len(lanes.LANES) - 1)
