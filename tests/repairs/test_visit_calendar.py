"""The visit in the calendar of a phone, read back by a library that had no part in writing it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
import vobject
from django.urls import reverse
from django.utils import timezone

from repairs import actions
from repairs.slots import next_slots
from tests.clients import signed_in
from tests.town import Town

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=True):
        yield


def _file(town: Town, pk: int) -> str:
    answer = signed_in(town.chen).get(reverse("repairs:visit_calendar", args=[pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return answer.content.decode()


def test_the_file_says_when_and_where_in_the_time_of_shanghai(town: Town) -> None:
    town.team()
    booking = town.booked(town.assigned())
    text = _file(town, booking.ticket_id)
    calendar = vobject.readOne(text)

    event = calendar.vevent
    assert (event.dtstart.value, event.dtend.value) == (booking.starts_at, booking.ends_at)
    assert "DTSTART;TZID=Asia/Shanghai:20261124T100000" in text
    assert event.location.value == "水门新村（示例） 3幢 2梯 502"
    assert "0595-2228 0119" in event.description.value
    assert "王建国" not in text
    assert "陈" not in text


def test_the_time_zone_is_eight_hours_ahead_all_year(town: Town) -> None:
    town.team()
    zone = vobject.readOne(_file(town, town.booked().ticket_id)).vtimezone

    assert zone.tzid.value == "Asia/Shanghai"
    offsets = {part.tzoffsetto.value for part in zone.getChildren() if part.name in {"STANDARD", "DAYLIGHT"}}
    assert offsets == {"+0800"}


def test_moving_it_moves_the_entry_instead_of_adding_one(town: Town) -> None:
    town.team()
    old = town.booked()
    before = vobject.readOne(_file(town, old.ticket_id)).vevent
    actions.rebook(old.ticket, by=town.chen, seen=old.pk, starts_at=next_slots(old.ticket)[1].starts_at)
    after = vobject.readOne(_file(town, old.ticket_id)).vevent

    assert after.uid.value == before.uid.value
    assert (int(before.sequence.value), int(after.sequence.value)) == (0, 1)
    assert after.dtstart.value - before.dtstart.value == timedelta(hours=4)


def test_what_is_not_agreed_is_in_no_calendar(town: Town) -> None:
    town.team()
    ticket, url = town.ticket(), "repairs:visit_calendar"
    client = signed_in(town.chen)
    assert client.get(reverse(url, args=[ticket.pk])).status_code == 404

    town.booked(ticket, households=[town.flat501])
    assert client.get(reverse(url, args=[ticket.pk])).status_code == 404
