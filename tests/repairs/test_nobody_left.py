"""Where nobody is left to act: it climbs at once, in every state in which work is owed, and says why."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from estates.models import Appointment
from repairs import actions, tasks
from repairs.models import Escalation, Message, PauseReason, Ticket
from tests.town import Town

SENT = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
HOUR = timedelta(hours=1)
UNOWNED = [(1, "unowned", "nobody"), (2, "vacant", "people")]


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """The moment, to be moved on."""
    with time_machine.travel(SENT, tick=False) as traveller:
        yield traveller


def _steps(ticket: Ticket) -> list[tuple[int, str, str]]:
    tasks.climb_the_ladder(0)
    return list(Escalation.objects.filter(ticket=ticket).order_by("pk").values_list("rung", "reason", "met"))


def _read_by(who: User) -> str:
    who.language = "en"
    who.save()
    tasks.climb_the_ladder(0)
    return Message.objects.get(event__verb="climb", channel="app", recipient=who).sentence


@pytest.mark.parametrize("stands", ["ticket", "acknowledged", "assigned", "on_site"])
def test_what_nobody_is_left_for_climbs_at_once(town: Town, stands: str) -> None:
    ticket: Ticket = getattr(town, stands)()
    assert _steps(ticket) == []
    Appointment.objects.filter(organisation=town.centre).delete()

    assert _steps(ticket) == UNOWNED
    assert _steps(ticket) == UNOWNED


def test_rework_nobody_is_left_for_climbs_at_once(town: Town) -> None:
    ticket = town.finished()
    Appointment.objects.filter(organisation=town.centre).delete()
    assert _steps(ticket) == []
    actions.not_fixed(ticket, by=town.chen, note="还在滴水")

    assert _steps(ticket) == UNOWNED


def test_what_is_in_hand_waits_for_its_time_while_a_worker_is_left(town: Town) -> None:
    new, given = town.ticket(), town.assigned()
    Appointment.objects.filter(organisation=town.centre).exclude(person=town.wang).delete()

    assert (_steps(new), _steps(given)) == (UNOWNED, [])


def test_a_pause_is_no_reason_to_wait_for_nobody(town: Town) -> None:
    ticket = town.assigned()
    actions.pause(ticket, by=town.lin, reason=PauseReason.PART, next_on=SENT.date() + timedelta(days=3))
    Appointment.objects.filter(organisation=town.centre).delete()

    assert _steps(ticket) == UNOWNED


# ---------------------------------------------------------------- what those who are told read
def test_the_community_reads_that_nobody_is_there_and_not_that_it_is_late(town: Town) -> None:
    town.ticket()
    Appointment.objects.filter(organisation=town.centre).delete()

    expected = "At 水门家园服务中心（示例） nobody can see to it. Please say what you do about it."
    assert _read_by(town.community_officer) == expected


def test_above_a_vacant_post_it_is_late_only_when_it_is(town: Town, clock: Any) -> None:
    town.ticket()
    Appointment.objects.filter(person=town.manager).delete()
    clock.shift(6.4 * HOUR)

    expected = "The promised time of 水门家园服务中心（示例） is nearly used up. Please say what you do about it."
    assert _read_by(town.community_officer) == expected


def test_above_a_vacant_community_the_street_reads_that_it_is_late(town: Town, clock: Any) -> None:
    town.ticket()
    Appointment.objects.filter(organisation=town.community_office).delete()
    clock.shift(8 * HOUR)

    expected = "水门家园服务中心（示例） is late. Please say what you do about it."
    assert _read_by(town.street_officer) == expected
