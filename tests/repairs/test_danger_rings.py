"""Danger rings everybody up to the street at once, however far the ladder was climbed before."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from estates.models import Appointment, Organisation
from repairs import actions, tasks
from repairs.models import Escalation, Message, Ticket
from repairs.workflow import Urgency
from tests.town import Town

SENT = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Iterator[Any]:
    """The moment, to be moved on."""
    with time_machine.travel(SENT, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _phones_of_their_own(request: pytest.FixtureRequest) -> None:
    """In the town all share one."""
    town: Town = request.getfixturevalue("town")
    offices = (town.centre, town.community_office, town.linjiang.office, town.district.office)
    for number, each in enumerate(offices):
        Organisation.objects.filter(pk=each.pk).update(phone=f"0595-2228 011{number}")


def _jobs() -> list[int]:
    jobs = ProcrastinateJob.objects.filter(task_name="repairs.tasks.ring_of_danger")
    return [job.args["ticket"] for job in jobs]


def _late(town: Town, clock: Any, urgency: str, since: timedelta) -> Ticket:
    """Climbed, before anybody knew of the danger."""
    ticket = town.acknowledged(urgency)
    clock.shift(since)
    tasks.climb_the_ladder(0)
    return town.seen(ticket)


def _raise(town: Town, ticket: Ticket) -> None:
    actions.set_urgency(ticket, by=town.lin, urgency=Urgency.DANGER)
    for key in _jobs():
        tasks.ring_of_danger(key)


def _called() -> list[str]:
    return sorted(Message.objects.filter(channel="call").values_list("phone", flat=True))


def _rungs(ticket: Ticket) -> list[int]:
    return list(
        Escalation.objects.filter(ticket=ticket, clock="arrive").order_by("rung").values_list("rung", flat=True)
    )


UP_TO_THE_STREET = [f"+86595222801{number}" for number in (10, 11, 12)]


@pytest.mark.parametrize(("since", "climbed"), [(0, []), (1.7, [1]), (2, [1, 2]), (3, [1, 2, 3]), (4, [1, 2, 3, 4])])
def test_raised_to_danger_rings_whatever_rung_was_reached(
    town: Town, clock: Any, since: float, climbed: list[int]
) -> None:
    ticket = _late(town, clock, Urgency.URGENT, since * HOUR)
    assert (_rungs(ticket), _called()) == (climbed, [])
    _raise(town, ticket)

    above = ["+8659522280113"] if since else []  # it should have been reached after half an hour
    told = Message.objects.filter(channel="app", event__verb__in=("set_urgency", "climb"))
    heard = {each.recipient for each in told.filter(ticket__urgency=Urgency.DANGER, created_at=timezone.now())}
    assert (_rungs(ticket)[:3], _called()) == ([1, 2, 3], UP_TO_THE_STREET + above)
    assert {town.manager, town.community_officer, town.street_officer} <= heard


def test_planned_work_found_dangerous_rings_the_community_it_never_troubled(town: Town, clock: Any) -> None:
    ticket = _late(town, clock, Urgency.PLANNED, timedelta(days=8))
    assert _rungs(ticket) == [1, 3]
    _raise(town, ticket)

    assert (_rungs(ticket)[:3], _called()[:3]) == ([1, 2, 3], UP_TO_THE_STREET)
    assert Ticket.objects.get().rung >= 3


def test_whoever_took_a_lost_post_since_is_told_too(town: Town, clock: Any) -> None:
    post = Appointment.objects.get(person=town.manager)
    Appointment.objects.filter(pk=post.pk).delete()
    ticket = _late(town, clock, Urgency.URGENT, 1.7 * HOUR)
    post.save(force_insert=True)
    _raise(town, ticket)

    assert Message.objects.filter(recipient=town.manager, event__verb="set_urgency", channel="app").count() == 1


def test_danger_that_was_not_fixed_rings_at_once(town: Town, clock: Any) -> None:
    ticket = town.finished(urgency=Urgency.DANGER)
    for key in _jobs():
        tasks.ring_of_danger(key)
    ProcrastinateJob.objects.all()._raw_delete("default")
    actions.not_fixed(town.seen(ticket), by=town.chen, note="还在漏气")
    Message.objects.filter(channel="call").delete()

    assert _jobs() == [ticket.pk]
    tasks.ring_of_danger(ticket.pk)
    assert _called() == UP_TO_THE_STREET
    steps = Escalation.objects.filter(ticket=ticket, round=1).values_list("clock", "rung", "reason")
    assert list(steps.order_by("rung")) == [("restore", rung, "danger") for rung in (1, 2, 3)]


def test_what_was_never_dangerous_reopens_without_ringing(town: Town, clock: Any) -> None:
    actions.not_fixed(town.finished(), by=town.chen, note="还在滴水")

    assert _jobs() == []
