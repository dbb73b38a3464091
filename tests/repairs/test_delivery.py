"""Delivery that survives: a carrier that hangs, fails, refuses or loses its receipt, and workers that are killed."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from threading import Barrier, Event, Thread
from time import monotonic
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from accounts.sms import SmsFailed, SmsRefused, send_sms
from repairs import actions, delivery, tasks
from repairs.delivery import MOST_TRIES, deliver_next, lease, quiet_until
from repairs.models import Message, Ticket
from repairs.workflow import Urgency
from tests.carrier import AskedCarrier, hire, raises
from tests.town import Town

DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
DOWN = raises(SmsFailed("the line is down"))


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _try_one() -> None:
    """In a thread of its own."""
    deliver_next()
    connections.close_all()


def _at_once(number: int, work: Callable[[], object]) -> None:
    start = Barrier(number)

    def run() -> None:
        start.wait()
        try:
            work()
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _reasons() -> list[str]:
    return list(Message.objects.undelivered().order_by("pk").values_list("gave_up_because", flat=True))


# ---------------------------------------------------------------- a carrier that hangs
def _hang(hangs: Event, free: Event) -> None:
    hangs.set()
    free.wait(20)


@pytest.mark.django_db(transaction=True)
def test_a_carrier_that_hangs_holds_no_row_and_keeps_no_other_message_waiting(settings: Any) -> None:
    town, hangs, free = Town(), Event(), Event()
    first, second = town.ticket(), town.ticket()
    asked = hire(settings, lambda: _hang(hangs, free))
    stuck = Thread(target=_try_one)
    stuck.start()
    assert hangs.wait(20)

    with transaction.atomic():
        Message.objects.select_for_update(nowait=True).get(ticket=first, channel="sms")
    assert (deliver_next(), deliver_next()) == (True, False)
    assert Message.objects.get(ticket=second, channel="sms").sent_at is not None
    free.set()
    stuck.join()
    assert not Message.objects.unsent().exists()
    assert len(asked) == 2


def test_who_hears_nothing_in_time_takes_it_as_failed(settings: Any) -> None:
    settings.SMS_TIMEOUT, free = 0.1, Event()
    hire(settings, lambda: free.wait(20))
    began = monotonic()
    with pytest.raises(SmsFailed):
        send_sms("+8619900001234", "hello")
    assert monotonic() - began < 5
    free.set()


def test_messages_have_a_queue_of_their_own() -> None:
    assert tasks.deliver_messages.queue == tasks.sweep_messages.queue == "messages"
    assert tasks.sweep_turns.queue == "default"


# ---------------------------------------------------------------- claims
def test_the_claim_of_a_killed_worker_runs_out(town: Town, settings: Any) -> None:
    asked = hire(settings)
    town.ticket()
    delivery._claim()
    assert deliver_next() is False

    with time_machine.travel(timezone.now() + lease()):
        assert deliver_next() is True
    assert (len(asked), Message.objects.get(channel="sms").tries) == (1, 2)


LATER = DAY + timedelta(days=1)


def _taken_over() -> None:
    """Another worker claims what this one still asks about: its lease ran out."""
    assert Message.objects.unsent().update(claimed_until=LATER, tries=2) == 1
    connections.close_all()


def _taken_over_and_failed() -> None:
    _taken_over()
    DOWN()


@pytest.mark.django_db(transaction=True)
def test_what_went_after_the_claim_ran_out_is_not_sent_again(settings: Any) -> None:
    Town().ticket()
    asked = hire(settings, _taken_over)
    deliver_next()
    with time_machine.travel(LATER + timedelta(days=1)):
        assert deliver_next() is False
    assert len(asked) == 1


@pytest.mark.django_db(transaction=True)
def test_a_failure_heard_too_late_leaves_the_claim_of_the_next_alone(settings: Any) -> None:
    Town().ticket()
    hire(settings, _taken_over_and_failed)
    deliver_next()
    left = Message.objects.unsent().get()
    assert (left.claimed_until, left.last_error) == (LATER, "")


def test_a_receipt_that_got_lost_costs_one_repetition_and_no_more(town: Town, settings: Any) -> None:
    asked = hire(settings, DOWN)
    town.ticket()
    deliver_next()
    for hours in (1, 2, 3):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            tasks.deliver_messages()
    assert len(asked) == 2


# ---------------------------------------------------------------- giving up
def test_after_twenty_tries_it_is_given_up(town: Town, settings: Any) -> None:
    asked = hire(settings, *[DOWN] * 50)
    town.ticket()
    for hours in range(50):
        with time_machine.travel(timezone.now() + timedelta(hours=2 * hours)):
            deliver_next()
    assert (len(asked), _reasons()) == (MOST_TRIES, ["tired"])


def test_workers_that_died_at_every_try_end_it_too(town: Town, settings: Any) -> None:
    asked = hire(settings)
    town.ticket()
    Message.objects.unsent().update(tries=MOST_TRIES)
    assert (deliver_next(), deliver_next()) == (True, False)
    assert (asked, _reasons()) == ([], ["tired"])


def test_a_number_the_carrier_refuses_is_asked_once(town: Town, settings: Any) -> None:
    asked = hire(settings, raises(SmsRefused("no such number")))
    town.ticket()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert (deliver_next(), deliver_next()) == (True, False)
    assert (len(asked), _reasons()) == (1, ["refused"])


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"gave_up_at": timezone.now(), "next_try_at": None}, "message_given_up_has_a_reason"),
        ({"gave_up_because": "tired"}, "message_given_up_has_a_reason"),
        ({"resent_at": timezone.now()}, "message_resent_has_somebody"),
    ],
)
def test_the_database_keeps_reasons_and_names(town: Town, change: dict[str, Any], name: str) -> None:
    town.ticket()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Message.objects.unsent().update(**change)


# ---------------------------------------------------------------- the day's messages of one phone
def test_a_phone_gets_as_many_as_a_day_allows_and_tomorrow_again(town: Town, settings: Any) -> None:
    settings.SMS_PHONE_DAY_CAP = 3
    asked = hire(settings)
    town.finished()
    tasks.deliver_messages()
    assert (len(asked), _reasons()) == (3, ["capped", "capped"])

    settings.QUIET_FROM = settings.QUIET_UNTIL = 0
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0) + timedelta(days=1)
    for at, sent in ((midnight - timedelta(minutes=1), 3), (midnight + timedelta(minutes=1), 4)):
        _again(at)
        assert len(asked) == sent


def _again(at: Any) -> None:
    """One that was given up waits as if it were new, at that moment."""
    one = Message.objects.undelivered().order_by("pk")[:1].get()
    Message.objects.filter(pk=one.pk).update(gave_up_at=None, gave_up_because="", next_try_at=at)
    with time_machine.travel(at):
        tasks.deliver_messages()


def test_danger_is_told_over_the_cap(town: Town, settings: Any) -> None:
    settings.SMS_PHONE_DAY_CAP = 0
    asked = hire(settings)
    Ticket.objects.filter(pk=town.ticket().pk).update(urgency=Urgency.DANGER)
    town.ticket()
    tasks.deliver_messages()
    assert (len(asked), _reasons()) == (1, ["capped"])


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_keep_the_cap(settings: Any) -> None:
    town = Town()
    settings.SMS_PHONE_DAY_CAP = 3
    for number in range(8):
        town.ticket(words=f"第{number}处漏水")
    asked = hire(settings)
    _at_once(8, deliver_next)
    tasks.deliver_messages()

    assert (len(asked), len(_reasons())) == (3, 5)


# ---------------------------------------------------------------- the night
@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("21:59:59", None),
        ("22:00:00", "25 07:00"),
        ("23:59:59", "25 07:00"),
        ("00:00:00", "24 07:00"),
        ("06:59:59", "24 07:00"),
        ("07:00:00", None),
    ],
)
def test_the_night_is_from_ten_to_seven(at: str, until: str | None) -> None:
    morning = quiet_until(datetime.combine(DAY.date(), time.fromisoformat(at), DAY.tzinfo))
    assert (f"{morning:%d %H:%M}" if morning else None) == until


def test_what_happens_at_night_is_told_at_seven(town: Town, settings: Any) -> None:
    asked = hire(settings)
    counted: list[int] = []
    for hour in (22, 30.999, 31):
        with time_machine.travel(DAY.replace(hour=0) + timedelta(hours=hour)):
            if not counted:
                town.ticket()
            tasks.deliver_messages()
        counted.append(len(asked))
    assert counted == [0, 0, 1]
    assert Message.objects.get(channel="sms").tries == 1


def test_danger_waits_for_no_morning(town: Town, settings: Any) -> None:
    asked = hire(settings)
    Ticket.objects.filter(pk=town.ticket().pk).update(urgency=Urgency.DANGER)
    with time_machine.travel(DAY.replace(hour=23)):
        tasks.deliver_messages()
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("begins", "ends", "quiet"),
    [(0, 6, [0, 3, 5]), (22, 7, [0, 3, 5, 6, 22, 23]), (1, 1, []), (0, 0, [])],
)
def test_a_night_may_begin_at_midnight_or_after(begins: int, ends: int, quiet: list[int], settings: Any) -> None:
    settings.QUIET_FROM, settings.QUIET_UNTIL = begins, ends
    until = {hour: quiet_until(DAY.replace(hour=hour)) for hour in (0, 3, 5, 6, 7, 12, 22, 23)}
    assert [hour for hour, morning in until.items() if morning] == quiet
    assert all(morning.hour == ends for morning in until.values() if morning)


# ---------------------------------------------------------------- a carrier that can be asked
def test_a_carrier_that_can_be_asked_gets_no_message_twice(town: Town, settings: Any) -> None:
    town.ticket()
    asked = hire(settings, raises(SmsFailed("no answer within 10 s")))
    settings.SMS_BACKEND = "tests.carrier.AskedCarrier"
    deliver_next()
    Message.objects.unsent().update(next_try_at=DAY)

    assert (deliver_next(), deliver_next()) == (True, False)
    assert len(asked) == 1
    assert not Message.objects.unsent().exists()


def test_a_carrier_that_can_be_asked_is_asked_about_what_somebody_sends_again(town: Town, settings: Any) -> None:
    town.ticket()
    asked = hire(settings, DOWN)
    settings.SMS_BACKEND = "tests.carrier.AskedCarrier"
    Message.objects.unsent().update(tries=MOST_TRIES - 1)
    deliver_next()
    dead = Message.objects.undelivered().select_related("ticket__organisation").get()
    AskedCarrier.since.clear()
    with time_machine.travel(DAY + timedelta(days=12)):
        actions.resend(dead, by=town.lin)
        assert (deliver_next(), len(asked)) == (True, 1)
    assert not Message.objects.unsent().exists()
    assert AskedCarrier.since == [DAY.date()]


def test_what_the_carrier_never_got_goes_again(town: Town, settings: Any) -> None:
    town.ticket()
    asked = hire(settings, DOWN)
    settings.SMS_BACKEND = "tests.carrier.ForgetfulCarrier"
    deliver_next()
    Message.objects.unsent().update(next_try_at=DAY)

    assert (deliver_next(), deliver_next()) == (True, False)
    assert len(asked) == 2
    assert not Message.objects.unsent().exists()


def test_nothing_goes_again_while_the_carrier_does_not_say_whether_it_has_it(town: Town, settings: Any) -> None:
    town.ticket()
    asked = hire(settings, DOWN)
    settings.SMS_BACKEND = "tests.carrier.SilentCarrier"
    deliver_next()
    Message.objects.unsent().update(next_try_at=DAY)

    assert (deliver_next(), deliver_next()) == (True, False)
    assert len(asked) == 1
    assert Message.objects.unsent().get().last_error == "busy"
