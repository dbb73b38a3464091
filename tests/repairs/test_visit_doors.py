"""A visit for which other flats have to open their door: what they see, what they say, and what they never learn."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from estates.models import Dwelling
from repairs import actions
from repairs.models import Booking, BookingConsent, Message, TicketEvent
from repairs.timeline import timeline
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town, resident

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=True):
        yield


@pytest.fixture
def consent(town: Town) -> BookingConsent:
    """Flat 501 is asked to open for a visit at Chen's tomorrow at eight."""
    town.team()
    ticket = town.ticket(words="陈阿婆家厨房漏水")
    tomorrow = datetime(2026, 11, 25, 8, tzinfo=timezone.get_default_timezone())
    actions.book(ticket, by=town.chen, starts_at=tomorrow, households=[town.flat501])
    return BookingConsent.objects.get()


def _url(name: str, consent: BookingConsent) -> str:
    return reverse(f"repairs:{name}", args=[consent.pk])


def _html(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_only_the_household_asked_gets_its_page(town: Town, consent: BookingConsent) -> None:
    assert who_gets(town, _url("visit", consent)) == {
        200: {"neighbour"},
        404: everybody_but("neighbour"),
        302: {"nobody"},
    }


@pytest.mark.parametrize("verb", ["visit_agree", "visit_refuse"])
def test_nobody_else_answers_for_it(town: Town, consent: BookingConsent, verb: str) -> None:
    others = {signed_in(getattr(town, who)).post(_url(verb, consent)).status_code for who in everybody_but("neighbour")}

    assert others == {404}
    assert signed_in(town.neighbour).get(_url(verb, consent)).status_code == 405
    assert BookingConsent.objects.get().answer == ""


def test_the_household_reads_what_when_and_the_floor_but_not_who(town: Town, consent: BookingConsent) -> None:
    html = _html(signed_in(town.neighbour), _url("visit", consent))

    assert "明天 08:00–10:00" in html
    assert "3幢 5 楼" in html
    assert consent.booking.ticket.repair_type.name in html
    for secret in ("陈", "502", town.chen.phone or "-", consent.booking.ticket.number, "厨房"):
        assert secret not in html


def test_the_home_page_and_the_messages_lead_to_the_visit_and_not_to_the_ticket(
    town: Town, consent: BookingConsent
) -> None:
    client = signed_in(town.neighbour)
    for address in ("repairs:home", "repairs:messages"):
        html = _html(client, reverse(address))
        assert html.count(_url("visit", consent)) == 1
        assert reverse("repairs:ticket", args=[consent.booking.ticket_id]) not in html
        assert consent.booking.ticket.number not in html


def test_whoever_moved_out_keeps_the_message_without_a_link(town: Town, consent: BookingConsent) -> None:
    town.neighbour.residences.update(ends_on=date(2026, 11, 23))
    html = _html(signed_in(town.neighbour), reverse("repairs:messages"))

    assert "也要请您开门" in html
    assert "/visits/" not in html


def test_the_resident_reads_for_whom_the_time_waits_by_building_and_floor(town: Town, consent: BookingConsent) -> None:
    html = _html(signed_in(town.chen), reverse("repairs:ticket", args=[consent.booking.ticket_id]))

    assert "等3幢 5 楼答应了就定下来" in html
    assert "吴" not in html
    assert "501" not in html


def test_whoever_has_agreed_is_not_waited_for_any_more(town: Town) -> None:
    town.team()
    upstairs = Dwelling.objects.create(entrance=town.stair2, label="602", floor=6)
    booking = town.booked(households=[town.flat501, upstairs])
    actions.agree(booking.consents.get(dwelling=town.flat501), by=town.neighbour)

    html = _html(signed_in(town.chen), reverse("repairs:ticket", args=[booking.ticket_id]))
    assert "等3幢 6 楼答应了就定下来" in html


def test_agreeing_makes_the_time_stand(town: Town, consent: BookingConsent) -> None:
    client = signed_in(town.neighbour)
    html = client.post(_url("visit_agree", consent), follow=True).content.decode()

    assert "您已答应" in html
    assert "可以，我开门" not in html
    assert Booking.objects.get().state == "booked"
    assert "您已答应" in _html(client, "/")


def test_refusing_frees_the_time_and_tells_the_resident(town: Town, consent: BookingConsent) -> None:
    client = signed_in(town.neighbour)
    html = client.post(_url("visit_refuse", consent), {"note": "周末都在"}, follow=True).content.decode()

    assert "您说过这个时间不方便" in html
    assert Booking.objects.get().state == "cancelled"
    assert TicketEvent.objects.latest("pk").note == "周末都在"
    assert _url("visit", consent) not in _html(client, "/")
    assert Message.objects.filter(recipient=town.chen, event__verb="refuse").exists()


def test_an_answer_after_the_visit_moved_is_told_that_something_changed(town: Town, consent: BookingConsent) -> None:
    ticket = consent.booking.ticket
    actions.unbook(ticket, by=town.chen, seen=consent.booking_id)
    html = signed_in(town.neighbour).post(_url("visit_agree", consent), follow=True).content.decode()

    assert "刚才情况有变化" in html
    assert "您不用在家等" in html
    assert Booking.objects.get().state == "cancelled"


def test_words_that_are_too_long_keep_the_page_and_answer_nothing(town: Town, consent: BookingConsent) -> None:
    answer = signed_in(town.neighbour).post(_url("visit_refuse", consent), {"note": "长" * 2001})

    assert answer.status_code == 422
    assert BookingConsent.objects.get().answer == ""


def test_a_flat_where_nobody_is_registered_can_be_asked_and_the_page_says_who_rings(town: Town) -> None:
    town.team()
    town.neighbour.residences.all().delete()
    ticket = town.ticket()
    html = _html(signed_in(town.chen), reverse("repairs:ticket_visit", args=[ticket.pk]))

    assert "如果那家没有人登记，由值班单位打电话或上门去问" in html
    assert town.booked(ticket, households=[town.flat501]).state == "asked"
    assert not Message.objects.filter(event__verb="book").exclude(recipient=town.chen).filter(channel="app").exists()


def test_the_whole_household_is_told_when_the_report_is_taken_back(town: Town, consent: BookingConsent) -> None:
    resident("吴先生", town.flat501)
    actions.cancel(town.seen(consent.booking.ticket), by=town.chen)

    told = Message.objects.filter(event__verb="cancel", audience="household")
    assert set(told.values_list("recipient__display_name", flat=True)) == {"吴邻居", "吴先生"}


def test_what_a_household_writes_when_it_refuses_is_read_by_the_desk_only(town: Town, consent: BookingConsent) -> None:
    actions.refuse(consent, by=town.neighbour, note="我周三出院，周四可以")
    ticket = town.seen(consent.booking.ticket)

    assert "我周三出院" not in _html(signed_in(town.chen), reverse("repairs:ticket", args=[ticket.pk]))
    assert "我周三出院" in _html(signed_in(town.lin), reverse("repairs:desk_ticket", args=[ticket.pk]))


def test_the_staff_reads_that_a_household_answered_and_not_that_a_colleague_did(
    town: Town, consent: BookingConsent
) -> None:
    actions.agree(consent, by=town.neighbour)
    newest = timeline(town.seen(consent.booking.ticket), town.lin)[0]

    assert newest.who == "本梯一户 吴**"
