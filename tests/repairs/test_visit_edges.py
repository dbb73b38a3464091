"""A visit at its edges: another trade, another day, days off, held places, whose doors, and taking a yes back."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from repairs import actions
from repairs.forms.desk_visits import DeskBookForm, DeskRebookForm
from repairs.models import Booking, BookingConsent, BookingState, DayOff, Message, Ticket, TicketEvent, Window
from repairs.slots import next_slots
from repairs.workflow import State, Urgency
from tests.clients import signed_in
from tests.town import Town

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=False):
        yield


def _booked(town: Town, ticket: Ticket, days: int, **fields: object) -> Booking:
    """Agreed for that many days from now, by Chen."""
    day = timezone.localdate() + timedelta(days=days)
    window = Window.objects.filter(starts_at__date=day, starts_at__gt=timezone.now() + timedelta(hours=1)).first()
    assert window is not None
    actions.book(ticket, by=town.chen, starts_at=window.starts_at, **fields)  # type: ignore[arg-type]
    return Booking.objects.live().get(ticket=ticket)


# ---------------------------------------------------------------- another trade
def test_another_kind_of_repair_ends_the_visit_of_a_team_that_doesn_t_do_it(town: Town) -> None:
    town.team("水电班", "DRN")
    booking = town.booked(town.ticket(), households=[town.flat501])
    ticket = town.seen(booking.ticket)
    actions.acknowledge(ticket, by=town.lin, repair_type=town.type("ELE-SPARK"), urgency=Urgency.NORMAL)

    booking.refresh_from_db()
    assert (booking.state, booking.place) == (BookingState.CANCELLED, None)
    told = Message.objects.get(event__verb="acknowledge", recipient=town.chen, channel="app").text
    assert "要换别的班组来修" in told
    assert Message.objects.filter(event__verb="acknowledge", recipient=town.neighbour).exists()


def test_a_team_that_does_the_new_kind_too_keeps_its_visit(town: Town) -> None:
    town.team("水电班", "DRN", "ELE")
    booking = town.booked(town.ticket())
    ticket = town.seen(booking.ticket)
    actions.acknowledge(ticket, by=town.lin, repair_type=town.type("ELE-SPARK"), urgency=Urgency.NORMAL)

    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED


# ---------------------------------------------------------------- another day
def test_arriving_days_early_gives_the_later_place_back(town: Town) -> None:
    town.team()
    booking = _booked(town, town.assigned(), 2, households=[town.flat501])
    actions.arrive(town.seen(booking.ticket), by=town.wang)

    booking.refresh_from_db()
    assert (Ticket.objects.get().state, booking.state, booking.place) == (State.ON_SITE, BookingState.CANCELLED, None)
    assert "不用了" in Message.objects.get(event__verb="arrive", recipient=town.chen, channel="app").text
    assert Message.objects.filter(event__verb="arrive", recipient=town.neighbour).exists()


def test_arriving_on_the_day_keeps_it_and_a_day_later_does_not(town: Town) -> None:
    town.team()
    today, yesterday = _booked(town, town.assigned(), 0), _booked(town, town.assigned(), 0)
    actions.arrive(town.seen(today.ticket), by=town.wang)
    with time_machine.travel(TUESDAY + timedelta(days=1), tick=False):
        actions.arrive(town.seen(yesterday.ticket), by=town.wang)

    states = [Booking.objects.get(pk=each.pk).state for each in (today, yesterday)]
    assert states == [BookingState.KEPT, BookingState.NOBODY_CAME]


def test_nobody_home_days_early_does_not_use_the_later_place_up(town: Town) -> None:
    town.team()
    booking = _booked(town, town.assigned(), 2)
    ticket = town.seen(booking.ticket)
    actions.nobody_home(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)])

    booking.refresh_from_db()
    assert (booking.state, booking.place) == (BookingState.CANCELLED, None)


def test_setting_out_on_another_day_is_refused_in_one_sentence(town: Town) -> None:
    town.team()
    booking = _booked(town, town.assigned(), 2)
    ticket = town.seen(booking.ticket)
    answer = signed_in(town.wang).post(reverse("repairs:ticket_set_out", args=[ticket.pk]), {"version": ticket.version})

    booking.refresh_from_db()
    assert (answer.status_code, booking.set_out_at) == (422, None)
    assert answer.content.decode().count("请到那天再出发") == 1
    with time_machine.travel(booking.starts_at - timedelta(minutes=20), tick=False):
        actions.set_out(ticket, by=town.wang)
    booking.refresh_from_db()
    assert booking.set_out_by == town.wang


# ---------------------------------------------------------------- the doors of others
def _asked(town: Town, days: int = 2) -> BookingConsent:
    booking = _booked(town, town.ticket(), days, households=[town.flat501])
    return BookingConsent.objects.get(booking=booking)


def test_a_time_that_is_past_is_not_agreed_to(town: Town) -> None:
    town.team()
    consent = _asked(town)
    with time_machine.travel(consent.booking.starts_at + timedelta(minutes=1), tick=False):
        page = signed_in(town.neighbour).post(reverse("repairs:visit_agree", args=[consent.pk]), follow=True)
        with pytest.raises(actions.MoveRefused):
            actions.agree(consent, by=town.neighbour)

    assert "这个时间已经开始或过去了" in page.content.decode()
    assert Booking.objects.get().state == BookingState.ASKED


def test_a_guest_asks_no_other_flat(town: Town) -> None:
    town.team()
    guest = User.objects.create_guest("过路人", date_joined=timezone.now())
    ticket = town.ticket(by=guest, contact_phone="+8619900009999")
    when = next_slots(ticket, 1)[0].starts_at
    with pytest.raises(actions.MoveRefused):
        actions.book(ticket, by=guest, starts_at=when, households=[town.flat501])
    page = signed_in(guest).get(reverse("repairs:ticket_visit", args=[ticket.pk])).content.decode()
    assert 'name="households"' not in page
    sent = {"starts_at": when.isoformat(), "households": [town.flat501.pk]}
    signed_in(guest).post(reverse("repairs:visit_book", args=[ticket.pk]), sent)

    assert Booking.objects.get().state == BookingState.BOOKED
    assert not BookingConsent.objects.exists()


def test_the_desk_asks_for_a_guest(town: Town) -> None:
    town.team()
    ticket = town.ticket(by=User.objects.create_guest("过路人", date_joined=timezone.now()))
    when = next_slots(ticket, 1)[0].starts_at
    actions.book(ticket, by=town.lin, starts_at=when, households=[town.flat501])

    assert BookingConsent.objects.count() == 1


def test_who_agreed_takes_it_back_from_the_page_until_the_evening_before(town: Town) -> None:
    town.team()
    consent = _asked(town)
    actions.agree(consent, by=town.neighbour)
    browser = signed_in(town.neighbour)
    with time_machine.travel(TUESDAY + timedelta(days=1, hours=12), tick=False):
        assert "我又不方便了" in browser.get(reverse("repairs:visit", args=[consent.pk])).content.decode()
        browser.post(reverse("repairs:visit_refuse", args=[consent.pk]), {"note": "要出门"})

    consent.refresh_from_db()
    assert (consent.answer, Booking.objects.get().state) == ("refused", BookingState.CANCELLED)
    assert Message.objects.filter(event__verb="refuse", recipient=town.chen).exists()


def test_on_the_day_itself_a_yes_stands(town: Town) -> None:
    town.team()
    consent = _asked(town)
    actions.agree(consent, by=town.neighbour)
    browser = signed_in(town.neighbour)
    with time_machine.travel(TUESDAY + timedelta(days=1, hours=16), tick=False):
        assert "我又不方便了" not in browser.get(reverse("repairs:visit", args=[consent.pk])).content.decode()
        with pytest.raises(actions.TicketMoved):
            actions.refuse(consent, by=town.neighbour)

    assert Booking.objects.get().state == BookingState.BOOKED


# ---------------------------------------------------------------- the desk
def _offered(ticket: Ticket, user: User) -> str:
    return str(DeskBookForm(ticket=ticket, user=user)["window"])


def test_the_desk_s_list_counts_only_places_that_can_be_had(town: Town) -> None:
    town.team(capacity=2, held_back=50)
    normal = town.acknowledged()
    urgent = town.ticket(words="水管爆了")
    actions.acknowledge(urgent, by=town.lin, repair_type=urgent.repair_type, urgency=Urgency.URGENT)
    wednesday = Window.objects.filter(starts_at__date=TUESDAY.date() + timedelta(days=1))
    held = wednesday.filter(places__held=True).distinct().count()
    assert held

    assert _offered(normal, town.lin).count("余 2") < _offered(town.seen(urgent), town.lin).count("余 2")


def test_a_job_on_a_day_off_is_given_only_on_purpose(town: Town) -> None:
    team = town.team()
    today = timezone.localdate()
    DayOff.objects.create(team=team, person=town.guo, starts_on=today, ends_on=today)
    ticket, browser = town.acknowledged(), signed_in(town.lin)
    sent = {"version": ticket.version, "worker": town.guo.pk}
    refused = browser.post(reverse("repairs:ticket_assign", args=[ticket.pk]), sent)
    page = refused.content.decode()
    assert (refused.status_code, Ticket.objects.get().assignee) == (422, None)
    assert page.count("郭志强那天休息。") == 1
    assert 'name="anyway"' in page
    browser.post(reverse("repairs:ticket_assign", args=[ticket.pk]), sent | {"anyway": "on"})

    assert Ticket.objects.get().assignee == town.guo


def test_taking_up_and_giving_at_once_says_a_day_off_too(town: Town) -> None:
    team = town.team()
    DayOff.objects.create(team=team, person=None, starts_on=timezone.localdate(), ends_on=timezone.localdate())
    ticket = town.ticket()
    sent = {
        "version": ticket.version,
        "repair_type": ticket.repair_type_id,
        "urgency": "normal",
        "worker": town.wang.pk,
    }
    answer = signed_in(town.lin).post(reverse("repairs:ticket_acknowledge", args=[ticket.pk]), sent)

    assert (answer.status_code, Ticket.objects.get().state) == (422, State.SUBMITTED)
    assert "王建国那天休息。" in answer.content.decode()


@pytest.mark.parametrize("anyway", [False, True])
def test_the_board_moves_a_visit_to_a_day_off_only_on_purpose(town: Town, anyway: bool) -> None:
    team = town.team()
    booking = _booked(town, town.assigned(), 2)
    day = timezone.localdate() + timedelta(days=3)
    DayOff.objects.create(team=team, person=town.wang, starts_on=day, ends_on=day)
    window = Window.objects.filter(starts_at__date=day).first()
    assert window is not None
    sent = {"window": window.pk, "seen": booking.pk} | ({"anyway": "on"} if anyway else {})
    form = DeskRebookForm(sent, ticket=town.seen(booking.ticket), user=town.lin)

    assert form.is_valid() == anyway
    assert ("王建国在" in str(form.errors)) != anyway
    assert TicketEvent.objects.filter(verb="rebook").count() == 0
