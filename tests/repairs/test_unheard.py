"""A company that takes a message and answers too late, or never: nobody knows whether it arrived."""

from collections.abc import Iterator
from datetime import datetime
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.sms import SmsFailed, SmsSilent
from repairs import delivery, tasks
from repairs.delivery import MOST_TRIES, MOST_UNHEARD_OF_DANGER, deliver_next
from repairs.models import Message, Ticket, TicketEvent
from repairs.workflow import Urgency
from tests.carrier import hire, raises
from tests.provider import provider
from tests.town import Town

DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
DOWN = raises(SmsFailed("the line is down"))
SILENT = raises(SmsSilent("no answer within 10 s"))


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _reasons() -> list[str]:
    return list(Message.objects.undelivered().order_by("pk").values_list("gave_up_because", flat=True))


def _as_often_as_it_goes(channel: str = "sms") -> None:
    """Again and again, without the waits between."""
    for _ in range(MOST_TRIES + 2):
        Message.objects.unsent().filter(channel=channel).update(next_try_at=DAY)
        deliver_next(channel)


@pytest.mark.parametrize(("urgency", "times"), [(Urgency.NORMAL, 3), (Urgency.DANGER, 6)])
def test_what_may_have_arrived_is_tried_a_few_times_and_then_left_to_the_staff(
    town: Town, settings: Any, urgency: Urgency, times: int
) -> None:
    asked = hire(settings, *[SILENT] * 20)
    Ticket.objects.filter(pk=town.ticket().pk).update(urgency=urgency)
    _as_often_as_it_goes()
    assert (len(asked), _reasons()) == (times, ["unheard"])


def test_a_duty_telephone_is_not_rung_all_day_by_a_company_that_hangs(town: Town, settings: Any) -> None:
    settings.CALL_BACKEND, settings.CARRIER_TIMEOUT = "repairs.carriers.call_aliyun.AliyunCall", 0.6
    settings.CALL_KEY_ID = settings.CALL_KEY_SECRET = settings.CALL_TEMPLATE = "x"
    ticket = town.ticket()
    Ticket.objects.filter(pk=ticket.pk).update(urgency=Urgency.DANGER)
    event = TicketEvent.objects.filter(ticket=ticket).order_by("pk")[0]
    said = {"text": "x", "sentence": "x", "created_at": DAY, "next_try_at": DAY, "danger": True}
    Message.objects.create(event=event, ticket=ticket, channel="call", phone="+8659522280119", **said)
    with provider() as company:
        company.free.clear()
        settings.CALL_ENDPOINT = f"http://127.0.0.1:{company.port}"
        _as_often_as_it_goes("call")
        assert (len(company.asked), _reasons()) == (MOST_UNHEARD_OF_DANGER, ["unheard"])


def test_a_worker_killed_while_it_asks_is_such_a_try_too(town: Town, settings: Any) -> None:
    asked = hire(settings, *[SILENT] * 20)
    town.ticket()
    for _ in range(2):
        delivery._claim("sms")
        Message.objects.unsent().update(claimed_until=None)
    _as_often_as_it_goes()
    assert (len(asked), _reasons()) == (1, ["unheard"])


def test_where_it_surely_did_not_arrive_it_is_tried_as_often_as_ever(town: Town, settings: Any) -> None:
    asked = hire(settings, *[DOWN] * 40)
    town.ticket()
    _as_often_as_it_goes()
    assert (len(asked), _reasons()) == (MOST_TRIES, ["tired"])


def test_tries_that_may_have_arrived_count_for_the_day(town: Town, settings: Any) -> None:
    settings.SMS_PHONE_DAY_CAP = 3
    asked = hire(settings, SILENT, SILENT)
    town.ticket()
    _as_often_as_it_goes()
    town.ticket(words="第二处漏水")
    tasks.deliver_messages("sms")
    assert (len(asked), _reasons()) == (3, ["capped"])


@pytest.mark.django_db(transaction=True)
def test_a_receipt_that_comes_too_late_is_written_down_all_the_same(settings: Any) -> None:
    Town().ticket()
    free, settings.SMS_TIMEOUT = Event(), 0.2
    asked = hire(settings, lambda: free.wait(20))
    deliver_next("sms")
    waiting = Message.objects.get(channel="sms")
    assert (waiting.sent_at, waiting.unheard) == (None, 1)
    free.set()
    until = monotonic() + 10
    while monotonic() < until and Message.objects.unsent().filter(channel="sms").exists():
        sleep(0.02)
    late = Message.objects.get(channel="sms")
    assert (late.sent_at is not None, late.unheard, len(asked)) == (True, 0, 1)


def test_a_carrier_that_can_be_asked_may_be_silent_as_often_as_it_likes(town: Town, settings: Any) -> None:
    asked = hire(settings, *[SILENT] * 5)
    settings.SMS_BACKEND = "tests.carrier.ForgetfulCarrier"
    town.ticket()
    _as_often_as_it_goes()
    assert (len(asked), _reasons()) == (6, [])
