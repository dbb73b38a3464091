"""The day a plan names: which days may be named, when its promise climbs, and what its ladder passed over before."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from estates.models import Appointment
from repairs import actions, tasks
from repairs.models import Escalation, Message, Met, PauseReason, Ticket
from repairs.workflow import Clock, Urgency
from tests.clients import signed_in
from tests.town import Town

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


def at(day: int, hour: int = 0, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def clock() -> Iterator[Any]:
    """The moment, to be moved on."""
    with time_machine.travel(TUESDAY, tick=False) as traveller:
        yield traveller


def _post(town: Town, clock: Any, posted: datetime, day: date) -> Ticket:
    ticket = town.planned()
    clock.move_to(posted)
    actions.post_plan(ticket, by=town.lin, planned_for=day, note="换立管")
    return town.seen(ticket)


def _told(ticket: Ticket, promise: Clock) -> list[tuple[int, str]]:
    tasks.climb_the_ladder(0)
    return list(Escalation.objects.filter(ticket=ticket, clock=promise).order_by("pk").values_list("rung", "reason"))


def _times(ticket: Ticket, clock: Any) -> list[datetime]:
    """When each step of the posted plan is taken."""
    times: list[datetime] = []
    while climbs_at := Ticket.objects.get(pk=ticket.pk).climbs_at:
        times.append(climbs_at)
        clock.move_to(climbs_at - timedelta(seconds=1))
        assert len(_told(ticket, Clock.RESTORE)) == len(times) - 1
        clock.move_to(climbs_at)
        assert len(_told(ticket, Clock.RESTORE)) == len(times)
    return times


# ---------------------------------------------------------------- which day
@pytest.mark.parametrize(
    ("hour", "minute", "first"), [(19, 59, date(2026, 12, 4)), (20, 0, date(2026, 12, 5)), (20, 30, date(2026, 12, 5))]
)
def test_the_form_begins_with_the_first_day_whose_close_lies_ahead(
    town: Town, clock: Any, hour: int, minute: int, first: date
) -> None:
    ticket = town.planned()
    clock.move_to(at(4, hour, minute))
    html = signed_in(town.lin).get(reverse("repairs:desk_ticket", args=[ticket.pk])).content.decode()

    assert f'min="{first}"' in html


def test_a_day_that_is_over_is_not_promised(town: Town, clock: Any) -> None:
    ticket = town.planned()
    clock.move_to(at(4, 20, 30))
    sent = {"version": ticket.version, "planned_for": "2026-12-04", "note": "换立管"}
    answer = signed_in(town.lin).post(reverse("repairs:ticket_post_plan", args=[ticket.pk]), sent)

    assert (answer.status_code, answer.content.decode().count("请选择今天起一年内的日期。")) == (422, 1)
    assert Ticket.objects.get().planned_for is None


# ---------------------------------------------------------------- when it climbs
@pytest.mark.parametrize(
    ("posted", "day", "steps"),
    [
        # Saturday for Sunday: 34 hours.
        (at(5, 10), date(2026, 12, 6), [at(6, 13, 12), at(6, 20), at(8, 6)]),
        # In the last hour of the very day.
        (at(4, 19), date(2026, 12, 4), [at(4, 19, 48), at(4, 20), at(4, 21)]),
        # In the evening for a day off, and over a weekend.
        (at(4, 20), date(2026, 12, 5), [at(5, 15, 12), at(5, 20), at(6, 20)]),
        (at(4, 20), date(2026, 12, 9), [at(8, 20), at(9, 20), at(14, 20)]),
    ],
)
def test_a_plan_climbs_after_its_posting_and_by_itself_at_each_step(
    town: Town, clock: Any, posted: datetime, day: date, steps: list[datetime]
) -> None:
    ticket = _post(town, clock, posted, day)

    assert ticket.due_at == steps[1]
    assert _times(ticket, clock) == steps


def test_a_pause_over_a_planned_sunday_puts_it_off_and_its_steps_too(town: Town, clock: Any) -> None:
    ticket = _post(town, clock, at(5, 10), date(2026, 12, 6))
    actions.pause(ticket, by=town.lin, reason=PauseReason.OWNERS, next_on=date(2026, 12, 7))

    assert Ticket.objects.get().due_at == at(7, 20)
    assert _times(ticket, clock) == [at(7, 16), at(7, 20), at(8, 16)]


# ---------------------------------------------------------------- raised since
@pytest.mark.parametrize("urgency", [Urgency.URGENT, Urgency.NORMAL])
def test_planned_work_raised_when_late_tells_the_community_it_never_troubled(
    town: Town, clock: Any, urgency: Urgency
) -> None:
    ticket = town.planned()
    assert ticket.arrive_by
    clock.move_to(ticket.arrive_by)
    assert _told(ticket, Clock.ARRIVE) == [(1, "late"), (3, "late")]
    actions.set_urgency(town.seen(ticket), by=town.lin, urgency=urgency)

    # As urgent or normal work it should have been reached days ago.
    assert _told(ticket, Clock.ARRIVE) == [(1, "late"), (3, "late"), (2, "late"), (4, "late")]
    told = Message.objects.filter(event__verb="climb", channel="app").exclude(recipient=town.chen)
    assert sorted(each.recipient.pk for each in told if each.recipient) == sorted(
        each.pk for each in (town.manager, town.street_officer, town.community_officer, town.district_officer)
    )


def _raised_in_time(town: Town, clock: Any) -> Ticket:
    """Nobody was its manager, so the street was told of a plan that was not late yet; then it was raised to normal."""
    ticket = _post(town, clock, TUESDAY, date(2026, 11, 25))
    Appointment.objects.filter(person=town.manager).delete()
    clock.move_to(at(25, 14, month=11))
    assert _told(ticket, Clock.RESTORE) == [(1, "late"), (3, "vacant")]
    actions.set_urgency(town.seen(ticket), by=town.lin, urgency=Urgency.NORMAL)
    return town.seen(ticket)


def test_the_community_hears_at_its_own_percentage_whatever_is_done_before(town: Town, clock: Any) -> None:
    ticket = _raised_in_time(town, clock)
    assert ticket.climbs_at == ticket.due_at == at(29, 20, month=11)
    Ticket.objects.update(climbs_at=timezone.now())
    assert len(_told(ticket, Clock.RESTORE)) == 2  # a run that looked too early
    actions.pause(town.seen(ticket), by=town.lin, reason=PauseReason.OWNERS, next_on=date(2026, 11, 27))
    ticket = town.seen(ticket)
    assert ticket.climbs_at == ticket.due_at
    assert ticket.due_at
    clock.move_to(ticket.due_at)

    assert _told(ticket, Clock.RESTORE) == [(1, "late"), (3, "vacant"), (2, "late")]
    ticket = town.seen(ticket)
    assert ticket.rung == 3
    assert ticket.climbs_at
    assert ticket.climbs_at > timezone.now()


def test_where_the_street_was_told_before_a_vacant_community_rings_no_district(town: Town, clock: Any) -> None:
    ticket = _raised_in_time(town, clock)
    Appointment.objects.filter(person=town.community_officer).delete()
    assert ticket.due_at
    clock.move_to(ticket.due_at)

    assert _told(ticket, Clock.RESTORE) == [(1, "late"), (3, "vacant"), (2, "late")]
    assert Escalation.objects.get(ticket=ticket, clock=Clock.RESTORE, rung=2).met == Met.NOBODY
