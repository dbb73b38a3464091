"""Choosing, moving and giving up a visit on the resident's pages, and what is said there about it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from estates.places import place_of
from repairs import actions
from repairs.models import Booking, Ticket, TicketEvent
from repairs.slots import next_slots
from repairs.visit_page import is_offered
from repairs.workflow import Urgency
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=True):
        yield


def _url(name: str, ticket: Ticket) -> str:
    return reverse(f"repairs:{name}", args=[ticket.pk])


def _page(client: Client, name: str, ticket: Ticket) -> str:
    return client.get(_url(name, ticket)).content.decode()


def _key(ticket: Ticket, position: int = 0) -> str:
    return next_slots(ticket, position + 1)[position].key


# ---------------------------------------------------------------- who gets what
@pytest.mark.parametrize("name", ["ticket_visit", "visit_calendar"])
def test_only_the_resident_reads_about_the_visit(town: Town, name: str) -> None:
    town.team()
    ticket = town.booked().ticket

    assert who_gets(town, _url(name, ticket)) == {200: {"chen"}, 404: everybody_but("chen"), 302: {"nobody"}}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("visit_book", {"starts_at": "2026-11-24T14:00:00+08:00"}),
        ("visit_move", {"starts_at": "2026-11-24T14:00:00+08:00"}),
        ("visit_cancel", {}),
        ("visit_wish", {"visit_wish": "soonest"}),
        ("visit_nobody_came", {}),
    ],
)
def test_nobody_but_the_resident_changes_it(town: Town, name: str, fields: dict[str, object]) -> None:
    town.team()
    booking = town.booked(town.assigned())
    before = TicketEvent.objects.count()
    seen = {"seen": booking.pk, "cancel-seen": booking.pk}

    others = everybody_but("chen")
    answers = {
        signed_in(getattr(town, who)).post(_url(name, booking.ticket), fields | seen).status_code for who in others
    }
    assert answers == {404}
    assert signed_in(town.chen).get(_url(name, booking.ticket)).status_code == 405
    assert TicketEvent.objects.count() == before


@pytest.mark.parametrize(
    ("code", "urgency", "offered"),
    [
        ("DRN-PIPE", Urgency.NORMAL, True),
        ("DRN-PIPE", Urgency.DANGER, False),
        ("ELE-STAIR", Urgency.NORMAL, False),
        ("DRN-FLOOR", Urgency.URGENT, True),
    ],
)
def test_times_are_offered_for_what_is_at_home_and_not_in_danger(
    town: Town, code: str, urgency: str, offered: bool
) -> None:
    town.team()
    ticket = town.ticket(repair_type=town.type(code))
    Ticket.objects.update(urgency=urgency)
    client = signed_in(town.chen)

    assert is_offered(Ticket.objects.get()) is offered
    assert client.get(_url("ticket_visit", ticket)).status_code == (200 if offered else 404)
    assert ('name="starts_at"' in _page(client, "report_sent", ticket)) is offered
    posted = client.post(_url("visit_book", ticket), {"starts_at": _key(ticket)})
    assert (posted.status_code, Booking.objects.count()) == ((302, 1) if offered else (404, 0))


# ---------------------------------------------------------------- booking
def test_the_page_after_sending_offers_what_is_really_free(town: Town) -> None:
    town.team(capacity=1)
    town.booked(town.ticket(words="客厅漏水"))
    days = signed_in(town.chen).get(_url("report_sent", town.ticket())).context["days"]

    assert [day.heading for day in days] == ["今天 11月24日 星期二", "明天 11月25日 星期三"]
    assert [time.words for time in days[0].times] == ["14:00–16:00", "16:00–18:00"]


def test_a_guest_books_too(town: Town) -> None:
    town.team()
    guest = User.objects.create_guest()
    ticket = town.ticket(by=guest, contact_phone="+8619900007777")
    client = signed_in(guest)

    assert 'name="starts_at"' in _page(client, "report_sent", ticket)
    client.post(_url("visit_book", ticket), {"starts_at": _key(ticket)})
    assert Booking.objects.get().made_by == guest


def test_without_teams_only_the_wishes_are_offered(town: Town) -> None:
    ticket = town.ticket()
    client = signed_in(town.chen)
    html = _page(client, "report_sent", ticket)
    assert 'name="starts_at"' not in html
    assert html.count('name="visit_wish"') == 2

    client.post(_url("visit_wish", ticket), {"visit_wish": "ring_first"})
    assert Ticket.objects.get().visit_wish == "ring_first"
    assert "您说过：先给我打电话" in _page(client, "ticket", ticket)


def test_a_booked_visit_stands_on_the_ticket_the_list_and_the_home_page(town: Town) -> None:
    town.team()
    ticket = town.assigned()
    client = signed_in(town.chen)
    client.post(_url("visit_book", ticket), {"starts_at": _key(ticket)})

    html = _page(client, "ticket", ticket)
    assert "今天 10:00–12:00" in html
    assert "改时间" in html
    assert "王建国师傅今天 10:00–12:00上门，请留人在家。" in _page(client, "report_sent", ticket)
    for address in ("repairs:home", "repairs:my_repairs"):
        assert "王建国 · 今天 10:00–12:00 上门" in client.get(reverse(address)).content.decode()


def test_days_further_away_are_a_link_and_nonsense_shows_the_next_ones(town: Town) -> None:
    town.team()
    ticket, client = town.ticket(), signed_in(town.chen)

    def first(since: str) -> str:
        answer = client.get(_url("ticket_visit", ticket), {"since": since})
        return str(answer.context["days"][0].times[0].key)[:10]

    assert "?since=2026-12-01" in _page(client, "ticket_visit", ticket)
    asked = ["2026-12-01", "2026-11-01", "x", "9999-12-31", ""]
    assert [first(since) for since in asked[:3] + asked[4:]] == ["2026-12-01", "2026-11-24", "2026-11-24", "2026-11-24"]
    assert client.get(_url("ticket_visit", ticket), {"since": asked[3]}).status_code == 200


@pytest.mark.parametrize(
    ("starts_at", "sentence"),
    [
        ("2026-11-24T08:00:00+08:00", "这个时间已经过了或者马上就到，请选晚一点的。"),
        ("2026-11-23T14:00:00+08:00", "这个时间已经过了或者马上就到，请选晚一点的。"),
        ("2026-11-24T12:00:00+08:00", "这个时间没有师傅上班，请从列出的时间里选。"),
        ("2026-11-24T14:00:00", "请选一个时间。"),
        ("0001-01-01T00:00:00+14:00", "请选一个时间。"),
        ("9999-12-31T23:59:59-14:00", "请选一个时间。"),
        ("x' OR 1=1", "请选一个时间。"),
        ("1" * 500, "请选一个时间。"),
        ("", "请选一个时间。"),
    ],
)
@pytest.mark.parametrize("verb", ["visit_book", "visit_move"])
def test_a_time_that_cannot_be_had_is_one_sentence_and_changes_nothing(
    town: Town, verb: str, starts_at: str, sentence: str
) -> None:
    town.team()
    ticket = town.ticket()
    seen = town.booked(ticket).pk if verb == "visit_move" else 0
    before = list(Booking.objects.values_list("pk", "state", "starts_at"))

    answer = signed_in(town.chen).post(_url(verb, ticket), {"starts_at": starts_at, "seen": seen})

    assert answer.status_code == 422
    assert answer.content.decode().count(sentence) == 1
    assert list(Booking.objects.values_list("pk", "state", "starts_at")) == before


def test_a_time_of_another_organisation_is_refused(town: Town) -> None:
    town.team(organisation=town.company)
    answer = signed_in(town.chen).post(_url("visit_book", town.ticket()), {"starts_at": "2026-11-24T14:00:00+08:00"})

    assert "这个时间没有师傅上班" in answer.content.decode()
    assert not Booking.objects.exists()


def test_who_comes_too_late_gets_the_next_three_with_one_tap_and_keeps_the_rest(town: Town) -> None:
    town.team(capacity=1)
    ticket, client = town.ticket(), signed_in(town.chen)
    key = _key(ticket)
    town.booked(town.ticket(words="客厅漏水"))

    answer = client.post(_url("visit_book", ticket), {"starts_at": key, "households": town.flat501.pk})

    html = answer.content.decode()
    assert [choice.words for choice in answer.context["instead"]] == [
        "今天 14:00–16:00",
        "今天 16:00–18:00",
        "明天 08:00–10:00",
    ]
    assert f'<input type="hidden" name="households" value="{town.flat501.pk}">' in html
    client.post(
        _url("visit_book", ticket), {"starts_at": answer.context["instead"][0].key, "households": town.flat501.pk}
    )
    booking = Booking.objects.get(ticket=ticket)
    assert (booking.state, booking.consents.get().dwelling) == ("asked", town.flat501)


def test_a_time_agreed_meanwhile_is_shown_as_it_stands(town: Town) -> None:
    town.team()
    ticket = town.ticket()
    key = _key(ticket, 1)
    town.booked(ticket)

    html = signed_in(town.chen).post(_url("visit_book", ticket), {"starts_at": key}, follow=True).content.decode()

    assert "刚才情况有变化" in html
    assert "今天 10:00–12:00" in html
    assert Booking.objects.count() == 1


# ---------------------------------------------------------------- moving, giving up
def test_moving_and_cancelling_are_the_resident_s(town: Town) -> None:
    town.team()
    booking, client = town.booked(), signed_in(town.chen)
    ticket = booking.ticket

    client.post(_url("visit_move", ticket), {"starts_at": _key(ticket, 1), "seen": booking.pk})
    moved = Booking.objects.live().get()
    assert timezone.localtime(moved.starts_at).hour == 14
    client.post(_url("visit_cancel", ticket), {"cancel-seen": moved.pk, "cancel-note": "要出门"})

    assert list(Booking.objects.order_by("pk").values_list("state", flat=True)) == ["moved", "cancelled"]
    assert Ticket.objects.get().state == "submitted"
    assert "约上门时间" in _page(client, "ticket", ticket)


@pytest.mark.parametrize("seen", ["0", "x", "", "999999999999999999999"])
@pytest.mark.parametrize("verb", ["visit_move", "visit_cancel"])
def test_a_page_that_shows_another_booking_changes_nothing(town: Town, verb: str, seen: str) -> None:
    town.team()
    booking = town.booked()
    fields = {"starts_at": _key(booking.ticket, 1), "seen": seen, "cancel-seen": seen}

    assert signed_in(town.chen).post(_url(verb, booking.ticket), fields).status_code in {302, 422}
    assert Booking.objects.live().get() == booking


def test_what_is_over_is_not_moved_but_said(town: Town) -> None:
    town.team()
    booking, client = town.booked(), signed_in(town.chen)
    with time_machine.travel(TUESDAY + timedelta(hours=3, minutes=5)):
        assert client.get(_url("ticket_visit", booking.ticket)).status_code == 302
        client.post(_url("visit_move", booking.ticket), {"starts_at": _key(booking.ticket), "seen": booking.pk})
        assert Booking.objects.get().state == "booked"
        assert "师傅没来" in _page(client, "ticket", booking.ticket)


def test_nobody_came_offers_the_next_three_with_one_tap(town: Town) -> None:
    town.team()
    ticket, client = town.booked().ticket, signed_in(town.chen)
    with time_machine.travel(TUESDAY + timedelta(hours=3, minutes=5)):
        answer = client.post(_url("visit_nobody_came", ticket), follow=True)
        assert [choice.words[-11:] for choice in answer.context["instead"]] == [
            "14:00–16:00",
            "16:00–18:00",
            "08:00–10:00",
        ]
        client.post(_url("visit_book", ticket), {"starts_at": answer.context["instead"][0].key})

    assert list(Booking.objects.order_by("pk").values_list("state", flat=True)) == ["nobody_came", "booked"]
    assert Ticket.objects.get().times_nobody_came == 1


def test_nobody_came_is_refused_with_a_sentence_before_the_time_is_over(town: Town) -> None:
    town.team()
    ticket = town.booked().ticket

    html = signed_in(town.chen).post(_url("visit_nobody_came", ticket), follow=True).content.decode()
    assert "约好的时间还没过" in html
    assert Booking.objects.get().state == "booked"


@pytest.mark.parametrize("wish", ["", "x", "soonest;"])
def test_a_wish_we_do_not_know_changes_nothing(town: Town, wish: str) -> None:
    ticket = town.ticket()
    html = signed_in(town.chen).post(_url("visit_wish", ticket), {"visit_wish": wish}, follow=True).content.decode()

    assert "请从两个办法里选一个" in html
    assert Ticket.objects.get().visit_wish == ""


def test_once_somebody_is_there_no_time_is_chosen_any_more(town: Town) -> None:
    town.team()
    ticket = town.on_site()
    client = signed_in(town.chen)

    assert client.get(_url("ticket_visit", ticket))["Location"] == _url("ticket", ticket)
    client.post(_url("visit_book", ticket), {"starts_at": _key(ticket)})
    assert not Booking.objects.exists()


# ---------------------------------------------------------------- figures
@pytest.mark.parametrize(("state", "most"), [("free", 10), ("booked", 10), ("asked", 11), ("missed", 11)])
def test_the_ticket_s_page_asks_eleven_questions_at_most(
    town: Town, state: str, most: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    town.team()
    ticket, client = town.assigned(), signed_in(town.chen)
    if state != "free":
        town.booked(ticket, households=[town.flat501] if state == "asked" else [])
    with time_machine.travel(TUESDAY + timedelta(hours=4 if state == "missed" else 0)):
        if state == "missed":
            actions.miss(ticket)
        client.get(_url("ticket", ticket))
        with django_assert_max_num_queries(most):
            client.get(_url("ticket", ticket))


@pytest.mark.parametrize(
    ("address", "most"), [("repairs:my_repairs", 8), ("repairs:home", 10), ("repairs:messages", 8)]
)
def test_one_visit_or_thirty_ask_as_often(
    town: Town,
    address: str,
    most: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    town.team(capacity=20)
    client = signed_in(town.chen)
    town.booked()
    client.get(reverse(address))
    with django_assert_max_num_queries(most) as few:
        client.get(reverse(address))
    for number in range(29):
        town.booked(town.ticket(words=f"第{number}件"))
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(reverse(address))


def test_a_flat_of_another_stair_cannot_be_asked(town: Town) -> None:
    town.team()
    ticket = town.ticket(place=place_of(town.flat502))
    for door in (town.lane_flat.pk, town.flat502.pk, "x", "99999999999999999999"):
        answer = signed_in(town.chen).post(_url("visit_book", ticket), {"starts_at": _key(ticket), "households": door})
        assert answer.status_code == 422
        assert "请从列表里选本梯的住户" in answer.content.decode()
    assert not Booking.objects.exists()
