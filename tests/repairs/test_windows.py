"""Windows are produced ahead for every team, whatever happens to one of them, and however many do it at once."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from threading import Barrier, Thread
from unittest.mock import patch

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connections
from django.utils import timezone

from repairs import actions, windows
from repairs.models import Booking, Shift, Team, Window, WindowPlace
from repairs.slots import next_slots
from repairs.tasks import WindowsMissing, produce_windows
from repairs.windows import produce, produce_all, sweep
from repairs.workdays import Calendar
from tests.town import Town

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=True):
        yield


def _last_day() -> datetime:
    return timezone.localtime(Window.objects.latest("starts_at").starts_at)


def test_every_night_there_is_one_day_more(town: Town) -> None:
    town.team()
    assert _last_day() == TUESDAY.replace(month=12, day=21, hour=16)
    with time_machine.travel(TUESDAY + timedelta(days=1)):
        produce_windows(0)

    assert _last_day() == TUESDAY.replace(month=12, day=22, hour=16)


def test_the_command_changes_nothing_when_windows_are_there(town: Town) -> None:
    town.team(held_back=20)
    before = list(WindowPlace.objects.order_by("pk").values_list("pk", "held"))
    call_command("produce_windows")

    assert list(WindowPlace.objects.order_by("pk").values_list("pk", "held")) == before


def test_one_team_that_fails_does_not_stop_the_others(town: Town) -> None:
    broken, whole = town.team("甲班"), town.team("乙班")
    Window.objects.all().delete()

    def fail_for_one(team: Team, kept: object) -> list[Booking]:
        if team == broken:
            raise IntegrityError
        return produce(team)

    with patch.object(windows, "produce", fail_for_one), pytest.raises(WindowsMissing) as missing:
        produce_windows(0)
    assert missing.value.args == ([broken.pk],)
    assert set(Window.objects.values_list("team", flat=True)) == {whole.pk}


def test_a_team_that_failed_once_is_tried_again(town: Town) -> None:
    team = town.team()
    Window.objects.all().delete()
    tries: list[Team] = []

    def fail_first(team: Team, kept: Calendar) -> list[Booking]:
        tries.append(team)
        if len(tries) == 1:
            raise IntegrityError
        return produce(team, kept)

    with patch.object(windows, "produce", fail_first):
        assert produce_all() == []
    assert Window.objects.filter(team=team).exists()


def test_a_team_given_up_keeps_only_what_is_booked(town: Town) -> None:
    team = town.team()
    booking = town.booked()
    team.active = False
    team.save(update_fields=["active"])

    assert produce(team) == [booking]
    assert [(window.starts_at, window.offered) for window in Window.objects.all()] == [(booking.starts_at, False)]


def test_an_unhonoured_booking_is_named_again_until_it_is_moved(town: Town) -> None:
    team = town.team()
    booking = town.booked()
    Shift.objects.filter(team=team, starts=time(10)).delete()

    assert [produce(team), produce(team)] == [[booking], [booking]]


def test_windows_long_over_go_unless_somebody_had_booked_them(town: Town) -> None:
    town.team()
    booking = town.booked()
    with time_machine.travel(TUESDAY + timedelta(days=100)):
        assert sweep() > 80

    assert list(Window.objects.all()) == [booking.place.window if booking.place else None]
    assert WindowPlace.objects.count() == 2


def test_windows_just_over_stay(town: Town) -> None:
    town.team()
    with time_machine.travel(TUESDAY + timedelta(days=20)):
        assert sweep() == 0


# ---------------------------------------------------------------- many at once
def _together(*jobs: object) -> None:
    gate = Barrier(len(jobs))

    def run(job: object) -> None:
        gate.wait()
        try:
            assert callable(job)
            job()
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_the_job_may_run_beside_itself() -> None:
    town = Town()
    town.team()
    before = Window.objects.count()
    Window.objects.all().delete()
    failed: list[list[int]] = []
    _together(*[lambda: failed.append(produce_all())] * 4)

    assert (failed, Window.objects.count(), WindowPlace.objects.count()) == ([[]] * 4, before, before * 2)


@pytest.mark.django_db(transaction=True)
def test_a_booking_made_while_its_shift_goes_is_named_or_refused() -> None:
    town = Town()
    team = town.team(capacity=1)
    tickets = [town.ticket(words=f"漏水 {number}") for number in range(4)]
    slots = next_slots(tickets[0], 4)
    Shift.objects.filter(team=team).delete()
    named: list[Booking] = []

    def book() -> None:
        for ticket, slot in zip(tickets, slots, strict=True):
            try:
                actions.book(ticket, by=town.chen, starts_at=slot.starts_at)
            except actions.WindowTaken:
                continue

    _together(book, lambda: named.extend(produce(team)))

    assert sorted(booking.pk for booking in named) == sorted(Booking.objects.values_list("pk", flat=True))
    assert Window.objects.filter(offered=True).count() == 0
