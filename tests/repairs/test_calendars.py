"""Calendars to subscribe to: read back by another library than the one that wrote them; secret, revocable, silent."""

import re
from datetime import timedelta

import pytest
import vobject
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from estates.models import Appointment
from repairs.models import Booking, CalendarFeed, Team
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

WORKERS = {"lin", "manager", "wang", "guo", "other_dispatcher", "clerk"}


def _subscribe(user: User, team: Team | None = None) -> str:
    """The path of a new address, as its page shows it once."""
    browser = signed_in(user)
    page = browser.post("/calendar/make/", {"team": team.pk} if team else {}, follow=True).content.decode()
    found = re.search(r"/calendar/[\w-]+\.ics", page)
    assert found
    return found.group()


def _read(path: str) -> list[vobject.base.Component]:
    text = Client().get(path).content.decode()
    calendar = vobject.readOne(text)
    return list(calendar.contents.get("vevent", []))


def test_whoever_carries_repairs_out_has_a_calendar(town: Town) -> None:
    assert who_gets(town, "/calendar/") == {200: WORKERS, 302: {"nobody"}, 404: everybody_but(*WORKERS)}


def test_a_team_is_for_whoever_gives_its_work_out(town: Town) -> None:
    team = town.team()

    got = who_gets(town, "/calendar/make/", post={"team": team.pk})

    assert got[302] == {"lin", "manager", "nobody"}
    assert got[404] == everybody_but("lin", "manager")


def test_a_worker_reads_their_own_visits_at_shanghai_time(town: Town) -> None:
    town.team()
    booking = town.booked(town.assigned())
    path = _subscribe(town.wang)
    (event,) = _read(path)

    assert event.dtstart.value == booking.starts_at
    assert event.dtstart.value.utcoffset() == timedelta(hours=8)
    assert b"DTSTART;TZID=Asia/Shanghai:" in Client().get(path).content
    assert event.dtend.value == booking.ends_at
    assert event.location.value == "水门新村（示例） 3幢 2梯"
    assert event.description.value == booking.ticket.number
    assert _read(_subscribe(town.guo)) == []


def test_a_team_reads_the_visits_of_all_its_people(town: Town) -> None:
    team = town.team()
    town.booked(town.assigned())
    town.booked(town.acknowledged())

    assert len(_read(_subscribe(town.lin, team))) == 2


def test_nobody_is_named_and_no_flat_number_or_word_of_theirs_is_told(town: Town) -> None:
    town.team()
    town.booked(town.assigned(words="我是陈阿婆，电话 13905950000"))
    text = Client().get(_subscribe(town.wang)).content.decode().replace("\r\n ", "")

    assert "3幢" in text
    assert not [word for word in ("陈", "13905950000", "502", str(town.chen.phone)[3:]) if word in text]


def test_the_rules_of_shanghai_stand_in_the_calendar(town: Town) -> None:
    town.team()
    town.booked(town.assigned())
    calendar = vobject.readOne(Client().get(_subscribe(town.wang)).content.decode())

    (zone,) = calendar.contents["vtimezone"]
    assert zone.tzid.value == "Asia/Shanghai"
    assert {rule.tzoffsetto.value for rule in zone.contents["standard"]} == {"+0800"}


def test_an_unchanged_calendar_is_not_sent_again(town: Town) -> None:
    town.team()
    path, asked = _subscribe(town.wang), Client()
    before = asked.get(path)
    again = asked.get(path, headers={"If-None-Match": before["ETag"]})
    town.booked(town.assigned())
    changed = asked.get(path, headers={"If-None-Match": before["ETag"]})

    assert (before.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again.content == b""


@pytest.mark.parametrize("of_team", [True, False])
def test_thirty_visits_cost_as_many_questions_as_one(town: Town, of_team: bool) -> None:
    team = town.team(capacity=20)
    path = _subscribe(town.lin, team) if of_team else _subscribe(town.wang)
    counts = []
    for more in (1, 8):
        for _each in range(more):
            town.booked(town.assigned())
        with CaptureQueriesContext(connection) as captured:
            assert len(_read(path)) >= more
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 4


def test_a_revoked_address_is_gone_and_a_new_one_ends_the_old(town: Town) -> None:
    first = _subscribe(town.wang)
    second = _subscribe(town.wang)
    assert [Client().get(path).status_code for path in (first, second)] == [404, 200]

    signed_in(town.wang).post(f"/calendar/{CalendarFeed.objects.get(revoked_at=None).pk}/revoke/")

    assert Client().get(second).status_code == 404


def test_only_its_people_revoke_an_address(town: Town) -> None:
    _subscribe(town.wang)
    path = f"/calendar/{CalendarFeed.objects.get().pk}/revoke/"

    assert who_gets(town, path, post={}) == {302: {"wang", "nobody"}, 404: everybody_but("wang")}


def test_an_address_is_shown_once_and_kept_only_as_a_hash(town: Town) -> None:
    wang = signed_in(town.wang)
    wang.post("/calendar/make/")
    shown = [".ics" in wang.get("/calendar/").content.decode() for _look in range(2)]

    secret = _subscribe(town.wang).removeprefix("/calendar/").removesuffix(".ics")
    assert shown == [True, False]
    assert not CalendarFeed.objects.filter(token=secret).exists()
    assert len(secret) >= 43


def test_whoever_left_the_organisation_reads_nothing_any_more(town: Town) -> None:
    team = town.team()
    paths = [_subscribe(town.wang), _subscribe(town.lin, team)]

    Appointment.objects.filter(person__in=[town.wang, town.lin]).update(
        ends_on=timezone.localdate() - timedelta(days=1)
    )

    assert [Client().get(path).status_code for path in paths] == [404, 404]


def test_the_secret_does_not_stand_in_the_log(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    path = _subscribe(town.wang)
    with caplog.at_level("INFO", logger="anju.request"):
        Client().get(path)

    paths = [record.fields["path"] for record in caplog.records if hasattr(record, "fields")]
    assert paths[-1] == "/calendar/***"
    assert path not in paths


def test_visits_long_past_are_not_told(town: Town) -> None:
    town.team()
    booking = town.booked(town.assigned())
    long_ago = timezone.now() - timedelta(days=20)
    Booking.objects.filter(pk=booking.pk).update(starts_at=long_ago, ends_at=long_ago + timedelta(hours=2))

    assert _read(_subscribe(town.wang)) == []
