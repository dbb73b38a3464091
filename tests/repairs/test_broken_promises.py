"""A promise already broken stays broken, whatever is changed afterwards, and is kept as not kept."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from repairs import actions
from repairs.models import ClockRun, DayOverride, PauseReason, Ticket
from repairs.pledges import forget
from repairs.recount import recount
from repairs.workflow import Clock
from tests.town import Town

HOUR = timedelta(hours=1)
TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


def at(day: int, hour: int = 0, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=False):
        yield


def _next() -> tuple[Any, ...]:
    ticket = Ticket.objects.get()
    return ticket.due_clock, ticket.due_at


def _kept() -> dict[str, bool]:
    return dict(ClockRun.objects.values_list("clock", "kept"))


def test_less_urgent_heals_no_promise_already_broken(town: Town) -> None:
    ticket = town.assigned(urgency="urgent")
    with time_machine.travel(at(24, 14), tick=False):
        actions.set_urgency(ticket, by=town.lin, urgency="normal", note="阀门已关")
        ticket = town.seen(ticket)
        assert (ticket.is_overdue, ticket.due_clock, ticket.arrive_by) == (True, Clock.ARRIVE, at(24, 11))
        assert ticket.climbs_at is not None
        # Nobody can make it safe any more: that it was not done in time is kept.
        assert (ticket.make_safe_by, ClockRun.objects.get(clock=Clock.MAKE_SAFE).met) == (None, False)
        actions.arrive(ticket, by=town.wang)

    assert _kept() == {Clock.ACKNOWLEDGE: True, Clock.MAKE_SAFE: False, Clock.ARRIVE: False}


def test_less_urgent_in_time_counts_anew_and_what_is_no_longer_promised_was_not_broken(town: Town) -> None:
    ticket = town.assigned(urgency="urgent")
    with time_machine.travel(at(24, 11), tick=False):
        actions.set_urgency(ticket, by=town.lin, urgency="normal", note="阀门已关")

    assert Ticket.objects.get().arrive_by == at(26, 9)
    assert _kept() == {Clock.ACKNOWLEDGE: True}


def test_a_time_agreed_after_the_promise_was_broken_does_not_heal_it(town: Town) -> None:
    town.team()
    ticket = town.assigned()
    with time_machine.travel(at(26, 9, 1), tick=False):
        booking = town.booked(town.seen(ticket))
        assert Ticket.objects.get().arrive_by == at(26, 9) < booking.ends_at
    with time_machine.travel(booking.starts_at, tick=False):
        assert Ticket.objects.get().is_overdue
        actions.arrive(town.seen(ticket), by=town.wang)

    assert _kept() == {Clock.ACKNOWLEDGE: True, Clock.ARRIVE: False}


def test_after_nobody_came_the_next_time_agreed_does_not_heal_it(town: Town) -> None:
    town.team()
    booking = town.booked(town.assigned())
    with time_machine.travel(booking.ends_at + HOUR, tick=False):
        actions.miss(town.seen(booking.ticket))
        town.booked(town.seen(booking.ticket))

    assert _next() == (Clock.ARRIVE, booking.ends_at)


def test_more_urgent_is_promised_earlier_even_where_it_was_broken(town: Town) -> None:
    ticket = town.assigned()
    with time_machine.travel(at(26, 10), tick=False):
        actions.set_urgency(ticket, by=town.lin, urgency="urgent")

    assert Ticket.objects.get().arrive_by == at(24, 11)


def test_a_repair_that_is_late_stays_late_as_planned_work_until_its_plan_is_posted(town: Town) -> None:
    ticket = town.on_site()
    with time_machine.travel(at(30), tick=False):
        actions.set_urgency(ticket, by=town.lin, urgency="planned", note="要换整根立管")
        ticket = town.seen(ticket)
        assert (ticket.due_clock, ticket.due_at, ticket.is_overdue) == (Clock.PLAN, at(29, 20), True)
        actions.post_plan(ticket, by=town.lin, planned_for=date(2026, 12, 18), note="换整根立管")

    day = at(18, 20, month=12)
    assert _next() == (Clock.RESTORE, day)
    assert (_kept()[Clock.RESTORE], _kept()[Clock.PLAN]) == (False, False)


def test_the_planned_day_once_over_is_not_put_off_by_a_pause(town: Town) -> None:
    ticket = town.planned()
    actions.post_plan(ticket, by=town.lin, planned_for=date(2026, 11, 25), note="换立管")
    with time_machine.travel(at(26, 9), tick=False):
        actions.pause(town.seen(ticket), by=town.lin, reason=PauseReason.OWNERS, next_on=date(2026, 12, 3))

    assert Ticket.objects.get().restore_by == at(25, 20)


def test_a_day_declared_off_afterwards_heals_nothing(town: Town) -> None:
    ticket = town.planned()
    before = ticket.arrive_by, ticket.restore_by
    DayOverride.objects.create(day=date(2026, 11, 30), works=False, note="台风")
    with time_machine.travel(at(2, 9, month=12), tick=False):
        recount()

    ticket = Ticket.objects.get()
    assert (ticket.arrive_by, ticket.due_at) == (before[0], before[0])
    assert ticket.restore_by > before[1]
    forget()


def test_rework_is_promised_anew_whatever_became_of_the_first_repair(town: Town) -> None:
    ticket = town.on_site()
    with time_machine.travel(at(4, 9, month=12), tick=False):
        actions.finish(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)], note="换好了")
        actions.not_fixed(town.seen(ticket), by=town.chen, note="还在滴水")

    assert Ticket.objects.get().restore_by == at(9, 20, month=12)
