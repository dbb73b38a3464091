"""Each company is a lane of its own: a company that hangs keeps nobody waiting but its own messages."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from repairs import lanes, tasks
from repairs.delivery import deliver_next
from repairs.models import Mailbox, Message, MessageChannel, Ticket
from repairs.workflow import Urgency
from tests.carrier import hire
from tests.town import Town

DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _mailbox(town: Town) -> None:
    now = timezone.now()
    Mailbox.objects.create(person=town.chen, address="chen@example.com", asked_at=now, confirmed_at=now)


def _lane(lane: MessageChannel) -> None:
    try:
        lanes.run_lane(lane)
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_while_the_text_messages_hang_for_thirty_seconds_the_letters_go(settings: Any, mailoutbox: list[Any]) -> None:
    town, hangs, free = Town(), Event(), Event()
    _mailbox(town)
    settings.SMS_TIMEOUT = 40

    def hang() -> None:
        hangs.set()
        free.wait(30)

    hire(settings, hang)
    with ThreadPoolExecutor(len(lanes.LANES)) as threads:
        first = town.ticket()
        stuck = threads.submit(_lane, MessageChannel.SMS)
        assert hangs.wait(20)
        second, began = town.ticket(words="第二处漏水"), monotonic()
        # All lanes one after the other, as in a worker with a single free thread: the one that hangs is passed by.
        tasks.deliver_messages()
        assert (monotonic() - began < 10, stuck.done()) == (True, False)
        assert [letter.body.split()[0] for letter in mailoutbox] == [first.number, second.number]
        free.set()
        stuck.result(timeout=20)
    assert not Message.objects.unsent().exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_written_while_a_run_ends_is_not_left_to_the_sweep(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town()
    late: list[Ticket] = []
    asked = hire(settings)
    town.ticket()
    empty = deliver_next

    def find_nothing_first(lane: MessageChannel) -> bool:
        found = empty(lane)
        if not found and not late:
            late.append(town.ticket(words="第二处漏水"))
            lanes.run_lane(lane)  # the new message's own run finds the lane taken
        return found

    monkeypatch.setattr(lanes, "deliver_next", find_nothing_first)
    lanes.run_lane(MessageChannel.SMS)
    assert len(asked) == 2


def test_a_run_ends_after_a_minute_and_asks_for_the_next(
    town: Town, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = hire(settings)
    for words in ("一处", "两处", "三处"):
        town.ticket(words=words)
    before = ProcrastinateJob.objects.count()
    monkeypatch.setattr(lanes, "_ONE_RUN", 0.0)
    lanes.run_lane(MessageChannel.SMS)
    assert (len(asked), ProcrastinateJob.objects.count()) == (1, before + 1)


def test_the_sweep_asks_for_the_lanes_in_which_something_waits_and_no_others(town: Town, settings: Any) -> None:
    hire(settings)
    town.ticket()
    before = ProcrastinateJob.objects.count()
    tasks.sweep_messages(0)
    new = ProcrastinateJob.objects.order_by("id").values_list("args", flat=True)[before:]
    assert [each["channel"] for each in new] == ["app", "sms"]

    tasks.deliver_messages()
    before = ProcrastinateJob.objects.count()
    tasks.sweep_messages(0)
    assert ProcrastinateJob.objects.count() == before


def test_a_letter_wakes_nobody_and_goes_at_night_too(town: Town, settings: Any, mailoutbox: list[Any]) -> None:
    asked = hire(settings)
    _mailbox(town)
    with time_machine.travel(DAY.replace(hour=23)):
        town.ticket()
        tasks.deliver_messages()
    assert (len(mailoutbox), len(asked)) == (1, 0)


def test_the_messenger_has_a_thread_for_every_lane_and_what_goes_beside_them() -> None:
    assert len({*lanes.LANES, lanes.MAILBOX, lanes.ROBOT_TEST}) < lanes.THREADS
    line = next(line for line in Path("Procfile").read_text().splitlines() if line.startswith("messenger:"))
    assert line.endswith(" manage.py messenger")


def test_danger_is_written_whatever_was_chosen(town: Town, settings: Any, mailoutbox: list[Any]) -> None:
    hire(settings)
    _mailbox(town)
    town.chen.message_choices.create(kind="progress", sms=False, email=False)
    for urgency, letters in ((Urgency.NORMAL, 0), (Urgency.DANGER, 1)):
        ticket = town.ticket(words=urgency.value)
        Ticket.objects.filter(pk=ticket.pk).update(urgency=urgency)
        tasks.deliver_messages()
        assert len(mailoutbox) == letters
