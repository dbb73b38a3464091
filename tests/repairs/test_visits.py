"""Visits: a place is never sold twice, whoever presses, and every step leaves its event."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from repairs import actions
from repairs.models import (
    Booking,
    BookingConsent,
    BookingState,
    DayOff,
    DayOverride,
    Message,
    Shift,
    Ticket,
    TicketEvent,
    Window,
    WindowPlace,
)
from repairs.slots import free_slots, next_slots
from repairs.windows import produce
from repairs.workdays import calendar
from repairs.workflow import State, Urgency
from tests.town import Town

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=True):
        yield


# ---------------------------------------------------------------- what is offered
def test_the_next_free_times_are_those_of_the_shifts(town: Town) -> None:
    town.team()
    days = [timezone.localtime(slot.starts_at).strftime("%d %H") for slot in free_slots(town.ticket(), days=2)]

    assert days == ["24 10", "24 14", "24 16", "25 08", "25 10", "25 14", "25 16", "26 08"]


def test_sundays_holidays_and_days_off_offer_nothing(town: Town) -> None:
    team = town.team()
    DayOff.objects.create(team=team, starts_on=date(2026, 11, 26), ends_on=date(2026, 11, 27))
    DayOverride.objects.create(day=date(2026, 11, 28), works=False, note="停电检修")
    produce(team)

    days = {timezone.localtime(slot.starts_at).day for slot in free_slots(town.ticket(), days=7)}
    assert days == {24, 25, 30, 1}


@pytest.mark.parametrize(
    ("day", "weekday"),
    [
        (date(2026, 10, 1), None),  # National Day
        (date(2026, 10, 4), None),  # the Sunday inside the holiday
        (date(2026, 10, 10), 2),  # a Saturday that makes up for Wednesday the 7th
        (date(2026, 10, 17), 5),  # an ordinary Saturday
        (date(2026, 2, 14), 4),  # a Saturday before the Spring Festival, worked like a Friday
    ],
)
@pytest.mark.django_db
def test_the_calendar_of_china_says_whose_shifts_hold(day: date, weekday: int | None) -> None:
    assert calendar().weekday(day) == weekday


def test_another_trade_or_organisation_is_not_offered(town: Town) -> None:
    town.team("电工班", "ELE")
    town.team("清源", organisation=town.company)

    assert next_slots(town.ticket()) == []


def test_the_share_held_back_is_for_urgent_repairs_until_the_morning(town: Town) -> None:
    town.team(capacity=1, held_back=100)
    ticket = town.ticket()
    assert {timezone.localtime(slot.starts_at).day for slot in free_slots(ticket)} == {24}

    ticket.urgency = Urgency.URGENT
    assert {timezone.localtime(slot.starts_at).day for slot in free_slots(ticket, days=1)} == {24, 25}


# ---------------------------------------------------------------- booking, moving, giving up
def test_booking_takes_a_place_and_stands_on_the_timeline(town: Town) -> None:
    town.team()
    booking = town.booked()

    assert (booking.state, booking.made_by, timezone.localtime(booking.starts_at).hour) == ("booked", town.chen, 10)
    event = TicketEvent.objects.latest("pk")
    assert event.verb == "book"
    assert event.changes["visit"] == [None, f"{booking.starts_at.isoformat()}/{booking.ends_at.isoformat()}"]


def test_a_place_cannot_be_booked_twice_even_past_our_own_code(town: Town) -> None:
    town.team()
    one, other = town.booked(), town.ticket(words="客厅漏水")
    with pytest.raises(IntegrityError, match="booking_holds_a_place_alone"), transaction.atomic():
        Booking.objects.create(
            ticket=other, place=one.place, team=one.team, starts_at=one.starts_at, ends_at=one.ends_at,
            state="booked", made_at=timezone.now(), made_by=town.chen,
        )  # fmt: skip


def test_a_full_window_refuses_and_shows_the_next_three(town: Town) -> None:
    town.team(capacity=1)
    taken = town.booked()
    with pytest.raises(actions.WindowTaken) as refused:
        actions.book(town.ticket(words="客厅漏水"), by=town.chen, starts_at=taken.starts_at)

    assert [timezone.localtime(slot.starts_at).hour for slot in refused.value.slots] == [14, 16, 8]
    assert Booking.objects.count() == 1


def test_a_second_time_for_the_same_ticket_is_refused_as_moved(town: Town) -> None:
    town.team()
    booking = town.booked()
    with pytest.raises(actions.TicketMoved):
        actions.book(booking.ticket, by=town.chen, starts_at=next_slots(booking.ticket)[1].starts_at)

    assert Booking.objects.count() == 1


def test_moving_gives_the_old_place_back(town: Town) -> None:
    town.team(capacity=1)
    old = town.booked()
    later = next_slots(old.ticket)[0].starts_at
    actions.rebook(old.ticket, by=town.chen, seen=old.pk, starts_at=later)

    assert list(Booking.objects.order_by("pk").values_list("state", flat=True)) == ["moved", "booked"]
    old.refresh_from_db()
    assert old.place is None
    assert next_slots(old.ticket)[0].starts_at == old.starts_at


def test_moving_to_a_full_window_keeps_the_old_time(town: Town) -> None:
    town.team(capacity=1)
    first, second = town.booked(), town.booked(town.ticket(words="客厅漏水"))
    with pytest.raises(actions.WindowTaken):
        actions.rebook(first.ticket, by=town.chen, seen=first.pk, starts_at=second.starts_at)

    assert Booking.objects.live().count() == 2


def test_moving_a_booking_somebody_moved_meanwhile_changes_nothing(town: Town) -> None:
    town.team()
    old = town.booked()
    slots = next_slots(old.ticket)
    actions.rebook(old.ticket, by=town.lin, seen=old.pk, starts_at=slots[1].starts_at)
    with pytest.raises(actions.TicketMoved):
        actions.rebook(old.ticket, by=town.chen, seen=old.pk, starts_at=slots[2].starts_at)

    assert Booking.objects.live().get().starts_at == slots[1].starts_at


def test_cancelling_the_report_gives_the_place_back(town: Town) -> None:
    town.team()
    booking = town.booked()
    actions.cancel(town.seen(booking.ticket), by=town.chen)

    booking.refresh_from_db()
    assert (booking.state, booking.place) == ("cancelled", None)


@pytest.mark.parametrize(
    ("hour", "sentence"),
    [(8, "这个时间已经过了或者马上就到，请选晚一点的。"), (12, "这个时间没有师傅上班，请从列出的时间里选。")],
)
def test_a_time_that_cannot_be_had_is_a_sentence_and_changes_nothing(town: Town, hour: int, sentence: str) -> None:
    town.team()
    with pytest.raises(actions.WindowTaken) as refused:
        actions.book(town.ticket(), by=town.chen, starts_at=TUESDAY.replace(hour=hour))

    assert refused.value.sentence == sentence
    assert not Booking.objects.exists()


def test_a_team_of_another_organisation_or_trade_is_refused_with_its_reason(town: Town) -> None:
    town.team()
    ticket = town.ticket()
    at = next_slots(ticket)[0].starts_at
    for team, sentence in (
        (town.team("清源班", organisation=town.company), "清源班是别的单位的班组，请选本单位的班组。"),
        (town.team("电工班", "ELE"), "电工班不做这一类维修：排水与化粪池。"),
    ):
        with pytest.raises(actions.WindowTaken) as refused:
            actions.book(ticket, by=town.lin, starts_at=at, team=team)
        assert refused.value.sentence == sentence


def test_a_stranger_may_not_book_for_somebody_else(town: Town) -> None:
    town.team()
    ticket = town.ticket()
    with pytest.raises(PermissionDenied):
        actions.book(ticket, by=town.nadia, starts_at=next_slots(ticket)[0].starts_at)

    assert not Booking.objects.exists()


# ---------------------------------------------------------------- at the door
def test_arriving_keeps_the_agreed_time(town: Town) -> None:
    town.team()
    ticket = town.assigned()
    town.booked(ticket)
    actions.set_out(ticket, by=town.wang)
    actions.arrive(ticket, by=town.wang)

    booking = Booking.objects.get()
    assert (booking.state, booking.set_out_by) == ("kept", town.wang)


def test_nobody_home_needs_a_photo_of_the_door_and_is_counted(town: Town) -> None:
    town.team()
    ticket = town.assigned()
    town.booked(ticket)
    with pytest.raises(actions.MoveRefused) as refused:
        actions.nobody_home(ticket, by=town.wang, photos=[])
    assert refused.value.sentence == "请拍一张门口的照片。"
    actions.arrive(ticket, by=town.wang)
    actions.nobody_home(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)])

    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.times_nobody_home, ticket.arrived_at) == (State.ASSIGNED, 1, None)
    assert Booking.objects.get().state == BookingState.NOBODY_HOME


def test_the_clock_counts_a_missed_visit_once(town: Town) -> None:
    town.team()
    ticket = town.booked().ticket
    with time_machine.travel(TUESDAY + timedelta(hours=4)):
        actions.miss(ticket)
        with pytest.raises(actions.TicketMoved):
            actions.nobody_came(Ticket.objects.get(), by=town.chen)

    assert Ticket.objects.get().times_nobody_came == 1
    assert Booking.objects.get().state == BookingState.NOBODY_CAME


def test_nobody_came_is_not_said_before_the_time_is_over(town: Town) -> None:
    town.team()
    with pytest.raises(actions.MoveRefused) as refused:
        actions.nobody_came(town.booked().ticket, by=town.chen)

    assert refused.value.sentence == "约好的时间还没过。着急的话请打电话。"


def test_the_reminder_goes_out_once(town: Town) -> None:
    town.team()
    ticket = town.booked().ticket
    actions.remind(ticket)
    with pytest.raises(actions.TicketMoved):
        actions.remind(ticket)

    assert Message.objects.filter(event__verb="remind", channel="app").count() == 1


# ---------------------------------------------------------------- two flats at once
def test_a_booking_for_two_flats_stands_only_when_the_other_has_agreed(town: Town) -> None:
    town.team()
    booking = town.booked(households=[town.flat501])
    assert booking.state == BookingState.ASKED

    consent = BookingConsent.objects.visible_to(town.neighbour).get()
    actions.agree(consent, by=town.neighbour)
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED


def test_a_household_that_cannot_gives_the_place_back(town: Town) -> None:
    town.team()
    town.booked(households=[town.flat501])
    actions.refuse(BookingConsent.objects.get(), by=town.neighbour)

    assert Booking.objects.get().state == BookingState.CANCELLED
    assert WindowPlace.objects.free().count() == WindowPlace.objects.count()


def test_nobody_answers_for_somebody_elses_door(town: Town) -> None:
    town.team()
    town.booked(households=[town.flat501])
    assert not BookingConsent.objects.visible_to(town.nadia).exists()
    with pytest.raises(PermissionDenied):
        actions.agree(BookingConsent.objects.get(), by=town.nadia)

    assert BookingConsent.objects.get().answer == ""


def test_the_other_household_is_told_the_time_and_no_name(town: Town) -> None:
    town.team()
    town.booked(households=[town.flat501])

    told = Message.objects.get(recipient=town.neighbour).text
    assert told == "同一梯有一处维修，也要请您开门：11月24日 10:00–12:00。方便吗？请答复。"


# ---------------------------------------------------------------- shifts that change
def test_a_changed_shift_names_the_bookings_it_cannot_honour(town: Town) -> None:
    team = town.team()
    booking = town.booked()
    Shift.objects.filter(team=team, starts=time(10)).delete()

    assert produce(team) == [booking]
    assert [window.starts_at for window in Window.objects.filter(offered=False)] == [booking.starts_at]
    assert not Window.objects.filter(starts_at__time=time(10), offered=True).exists()


def test_producing_twice_changes_nothing(town: Town) -> None:
    team = town.team(held_back=20)
    town.booked()
    before = list(WindowPlace.objects.order_by("pk").values_list("pk", "window", "number", "held"))

    assert produce(team) == []
    assert list(WindowPlace.objects.order_by("pk").values_list("pk", "window", "number", "held")) == before


def test_two_shifts_of_a_team_never_overlap(town: Town) -> None:
    team = town.team()
    with pytest.raises(IntegrityError, match="shift_of_one_team_never_overlaps"), transaction.atomic():
        Shift.objects.create(team=team, weekday=0, starts=time(9), ends=time(11))


# ---------------------------------------------------------------- many at once
@pytest.mark.django_db(transaction=True)
def test_sixty_people_at_eight_places_leave_eight_bookings() -> None:
    town = Town()
    town.team(capacity=8)
    tickets = [town.ticket(words=f"漏水 {number}") for number in range(60)]
    at = next_slots(tickets[0])[0].starts_at
    gate, won, lost = Barrier(12), [], []

    def press(mine: list[Ticket]) -> None:
        gate.wait()
        for ticket in mine:
            try:
                actions.book(ticket, by=town.chen, starts_at=at)
                won.append(ticket.pk)
            except actions.WindowTaken as refused:
                lost.append(len(refused.slots))
        connections.close_all()

    threads = [Thread(target=press, args=[tickets[start::12]]) for start in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost), set(lost)) == (8, 52, {3})
    assert Booking.objects.values("place").distinct().count() == 8
