"""The times that are kept: what became of each promise, with and without pauses."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from repairs import actions
from repairs.models import ClockRun, PauseReason, Ticket
from repairs.workflow import Clock
from tests.town import Town

HOUR = timedelta(hours=1)
TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=False):
        yield


def _finish(town: Town, ticket: Ticket) -> None:
    actions.finish(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)], note="换好了")


def test_time_is_kept_with_and_without_pauses(town: Town) -> None:
    ticket = town.on_site(urgency="urgent")
    with time_machine.travel(at(24, 12), tick=False):
        actions.pause(town.seen(ticket), by=town.lin, reason=PauseReason.PART, next_on=date(2026, 11, 26))
    with time_machine.travel(at(26, 10), tick=False):
        _finish(town, town.seen(ticket))

    run = ClockRun.objects.get(clock=Clock.RESTORE)
    assert (run.whole, run.without_pauses, run.promised) == (49 * HOUR, 13 * HOUR, 48 * HOUR)
    assert (run.met, run.kept, run.due_at) == (True, True, at(27, 21))


def test_what_came_too_late_is_met_and_not_kept(town: Town) -> None:
    ticket = town.ticket()
    with time_machine.travel(at(25, 12), tick=False):
        actions.acknowledge(town.seen(ticket), by=town.lin, repair_type=ticket.repair_type, urgency="normal")

    run = ClockRun.objects.get()
    assert (run.clock, run.met, run.kept, run.whole) == (Clock.ACKNOWLEDGE, True, False, 15 * HOUR)


def test_a_ticket_taken_back_ends_its_promises_unmet(town: Town) -> None:
    actions.cancel(town.assigned(), by=town.chen)

    assert list(ClockRun.objects.filter(met=False).values_list("clock", "kept")) == [
        (Clock.ARRIVE, False),
        (Clock.RESTORE, False),
    ]


def test_confirming_stops_nothing_more(town: Town) -> None:
    ticket = town.finished()
    before = ClockRun.objects.count()
    actions.confirm(town.seen(ticket), by=town.chen)

    assert ClockRun.objects.count() == before == 3


# ---------------------------------------------------------------- what the database keeps by itself
def _run(**fields: Any) -> ClockRun:
    given: dict[str, Any] = {
        "ticket": Ticket.objects.get(), "clock": "make_safe", "started_at": TUESDAY, "due_at": at(25),
        "stopped_at": at(24, 12), "met": True, "kept": True, "promised": 15 * HOUR, "whole": 3 * HOUR,
        "without_pauses": 2 * HOUR,
    }  # fmt: skip
    return ClockRun.objects.create(**given | fields)


BROKEN: dict[str, Callable[[], object]] = {
    "clock_run_stops_once": lambda: (_run(), _run()),
    "clock_run_is_of_a_listed_promise": lambda: _run(clock="someday"),
    "clock_run_goes_forward": lambda: _run(stopped_at=TUESDAY - HOUR),
    "clock_run_kept_is_met_in_time": lambda: _run(stopped_at=at(25, 1)),
    "clock_run_pauses_take_time_away": lambda: _run(without_pauses=4 * HOUR),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_breaks_its_rule(town: Town, name: str) -> None:
    town.ticket()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BROKEN[name]()


def test_every_rule_of_a_kept_time_has_its_failing_row() -> None:
    assert {each.name for each in ClockRun._meta.constraints} == set(BROKEN)
