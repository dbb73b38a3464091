"""What the clock does about visits: the evening before, half an hour too late, and nobody answering. Never twice."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from repairs import actions, tasks
from repairs.models import Booking, Message, Ticket, TicketEvent
from repairs.slots import next_slots
from tests.town import Town

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
WEDNESDAY_8 = datetime(2026, 11, 25, 8, 0, tzinfo=timezone.get_default_timezone())


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return TUESDAY.replace(day=day, hour=hour, minute=minute)


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=True):
        yield


def _run(task: Callable[[int], None], moment: datetime) -> None:
    with time_machine.travel(moment, tick=True):
        task(0)


def _book(town: Town, starts_at: datetime = WEDNESDAY_8, **fields: object) -> Booking:
    ticket = town.ticket(words=f"漏水 {starts_at} {Ticket.objects.count()}")
    actions.book(ticket, by=town.chen, starts_at=starts_at, **fields)  # type: ignore[arg-type]
    return Booking.objects.live().get(ticket=ticket)


def _told(verb: str) -> int:
    return Message.objects.filter(event__verb=verb, channel="app", recipient__display_name="陈阿婆").count()


# ---------------------------------------------------------------- the evening before
@pytest.mark.parametrize(("moment", "told"), [(at(17, 59), 0), (at(18), 1), (at(21), 1)])
def test_tomorrow_s_visits_are_reminded_of_from_six_in_the_evening(town: Town, moment: datetime, told: int) -> None:
    town.team()
    _book(town)
    _run(tasks.remind_of_visits, moment)
    _run(tasks.remind_of_visits, moment)

    assert _told("remind") == told


def test_today_the_day_after_and_what_is_not_agreed_are_not_reminded_of(town: Town) -> None:
    town.team()
    _book(town, at(14))
    _book(town, WEDNESDAY_8 + timedelta(days=1))
    _book(town, households=[town.flat501])
    _run(tasks.remind_of_visits, at(18))

    assert _told("remind") == 0


def test_whoever_booked_this_evening_is_not_reminded_ten_minutes_later(town: Town) -> None:
    town.team()
    with time_machine.travel(at(19), tick=True):
        _book(town)
    _run(tasks.remind_of_visits, at(19, 10))

    assert _told("remind") == 0


# ---------------------------------------------------------------- nobody came
@pytest.mark.parametrize(("moment", "state"), [(at(12, 29), "booked"), (at(12, 31), "nobody_came")])
def test_half_an_hour_after_the_end_nobody_has_come(town: Town, moment: datetime, state: str) -> None:
    town.team()
    _book(town, at(10))
    _run(tasks.notice_missed_visits, moment)
    _run(tasks.notice_missed_visits, moment)

    assert Booking.objects.get().state == state
    assert (_told("miss"), Ticket.objects.get().times_nobody_came) == ((1, 1) if state == "nobody_came" else (0, 0))


def test_a_worker_who_came_has_missed_nothing(town: Town) -> None:
    town.team()
    ticket = town.assigned()
    actions.book(ticket, by=town.chen, starts_at=at(10))
    actions.arrive(ticket, by=town.wang)
    _run(tasks.notice_missed_visits, at(13))

    assert Booking.objects.get().state == "kept"


def test_a_time_moved_while_the_clock_looks_is_not_the_one_that_was_missed(town: Town) -> None:
    """The clock read the ticket, then the dispatcher agreed on another time."""
    town.team()
    old = _book(town, at(10))
    stale = town.seen(old.ticket)
    actions.rebook(old.ticket, by=town.lin, seen=old.pk, starts_at=at(14))
    with time_machine.travel(at(12, 31)), pytest.raises(actions.MoveRefused):
        actions.miss(stale)

    assert Booking.objects.live().get().starts_at == at(14)


# ---------------------------------------------------------------- nobody answered
@pytest.mark.parametrize(
    ("starts_at", "answer_by"),
    [
        (at(16), at(12, 30)),  # today: half of the time that is left
        (at(10, day=25), at(22)),  # tomorrow: twelve hours before
        (at(10, day=28), at(9, day=25)),  # later: a day to answer
    ],
)
def test_households_have_until_then_to_answer(town: Town, starts_at: datetime, answer_by: datetime) -> None:
    town.team()
    booking = _book(town, starts_at, households=[town.flat501])

    assert abs(booking.answer_by - answer_by) < timedelta(minutes=2)


@pytest.mark.parametrize(("moment", "state"), [(at(20, 20), "asked"), (at(20, 40), "cancelled")])
def test_a_visit_not_everybody_agreed_to_in_time_is_given_up_and_told(town: Town, moment: datetime, state: str) -> None:
    town.team(capacity=1)
    _book(town, households=[town.flat501])
    _run(tasks.give_up_unanswered_visits, moment)
    _run(tasks.give_up_unanswered_visits, moment)

    assert Booking.objects.get().state == state
    assert _told("expire") == (1 if state == "cancelled" else 0)
    assert Message.objects.filter(event__verb="expire", recipient=town.neighbour).count() == _told("expire")
    free = WEDNESDAY_8 in [slot.starts_at for slot in next_slots(Ticket.objects.get(), 5)]
    assert free is (state == "cancelled")


def test_a_visit_is_not_given_up_before_its_time_whoever_asks(town: Town) -> None:
    town.team()
    booking = _book(town, households=[town.flat501])
    with pytest.raises(actions.TicketMoved):
        actions.expire(town.seen(booking.ticket))

    assert Booking.objects.get().state == "asked"


def test_a_visit_everybody_agreed_to_is_not_given_up(town: Town) -> None:
    town.team()
    booking = _book(town, households=[town.flat501])
    actions.agree(booking.consents.get(), by=town.neighbour)
    _run(tasks.give_up_unanswered_visits, at(23))

    assert Booking.objects.get().state == "booked"


# ---------------------------------------------------------------- two workers at once
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("task", "moment", "verb"),
    [
        (tasks.remind_of_visits, at(18, 1), "remind"),
        (tasks.notice_missed_visits, at(11, day=25), "miss"),
        (tasks.give_up_unanswered_visits, at(21), "expire"),
    ],
)
def test_four_runs_at_once_do_everything_once(task: Callable[[int], None], moment: datetime, verb: str) -> None:
    town = Town()
    town.team(capacity=8)
    for _ in range(6):
        _book(town, households=[town.flat501] if verb == "expire" else [])
    gate = Barrier(4)

    def run() -> None:
        gate.wait()
        task(0)
        connections.close_all()

    with time_machine.travel(moment, tick=True):
        threads = [Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert TicketEvent.objects.filter(verb=verb).count() == 6
    assert _told(verb) == 6
    assert set(Ticket.objects.values_list("times_nobody_came", flat=True)) == {1 if verb == "miss" else 0}
