"""Whoever a report was written down for hears of it as if they had sent it: in the app, and in their own language."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models import User
from estates.places import place_of
from repairs import actions, tasks
from repairs.models import Mailbox, Message
from repairs.slots import next_slots
from repairs.timeline import timeline
from repairs.workflow import Urgency
from tests.town import Town

DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _told(verb: str, *channels: str) -> list[tuple[int | None, str]]:
    rows = Message.objects.filter(event__verb=verb, channel__in=channels or ["app"], audience="resident")
    return list(rows.order_by("pk").values_list("recipient", "channel"))


def test_they_read_it_in_the_app_and_in_their_mailbox(town: Town) -> None:
    Mailbox.objects.create(person=town.chen, address="chen@example.com", asked_at=DAY, confirmed_at=DAY)
    ticket = town.proxy()
    actions.acknowledge(ticket, by=town.manager, repair_type=ticket.repair_type, urgency=Urgency.NORMAL)
    tasks.deliver_messages()

    assert _told("report") == _told("acknowledge") == [(town.lin.pk, "app"), (town.chen.pk, "app")]
    assert [letter.to for letter in mail.outbox] == [["chen@example.com"]] * 2


def test_each_side_reads_its_own_language(town: Town) -> None:
    town.chen.language = "en"
    town.chen.save()
    town.proxy()

    told = Message.objects.filter(event__verb="report").order_by("pk").values_list("channel", "text")
    assert [(channel, "We have your report" in text) for channel, text in told] == [
        ("app", False),
        ("app", True),
        ("sms", True),
    ]


def test_a_caller_without_an_account_is_not_written_to_in_the_language_of_the_clerk(town: Town) -> None:
    town.lin.language = "en"
    town.lin.save()
    town.ticket(by=town.lin, channel="phone", contact_phone="+8619900009999", contact_agreed=True)

    assert "已收到您的报修" in Message.objects.get(channel="sms").text


def test_a_number_somebody_only_typed_brings_nothing_into_the_app_of_its_owner(town: Town) -> None:
    town.ticket(by=town.nadia, contact_phone=town.chen.phone)

    assert _told("report") == [(town.nadia.pk, "app")]


def test_they_are_not_told_what_they_did_themselves(town: Town) -> None:
    town.team()
    ticket = town.proxy()
    actions.book(ticket, by=town.chen, starts_at=next_slots(ticket, 1)[0].starts_at)

    assert _told("book", "app", "sms") == [(town.lin.pk, "app")]


def test_what_one_of_them_writes_is_not_said_to_be_the_organisations(town: Town) -> None:
    ticket = town.ticket(by=town.neighbour, channel="proxy", contact_phone=town.chen.phone, contact_agreed=True)
    actions.comment(ticket, by=town.chen, note="今天在家")
    actions.comment(ticket, by=town.neighbour, note="我有钥匙")
    actions.comment(ticket, by=town.lin, note="好的")

    def read(by: User) -> list[str]:
        said = Message.objects.filter(recipient=by, event__verb="comment").order_by("pk")
        return list(said.values_list("sentence", flat=True))

    answer = "水门家园服务中心（示例）留言：好的"
    assert read(town.neighbour) == ["这件报修有新的留言：今天在家", answer]
    assert read(town.chen) == ["这件报修有新的留言：我有钥匙", answer]


def test_whoever_also_opens_their_door_is_told_once(town: Town) -> None:
    town.team()
    ticket = town.proxy(place=place_of(town.stair2))
    when = next_slots(ticket, 1)[0].starts_at
    actions.book(ticket, by=town.manager, starts_at=when, households=[town.flat501, town.flat502])

    told = Message.objects.filter(event__verb="book", channel="app").order_by("recipient")
    assert list(told.values_list("recipient", "audience")) == [
        (town.chen.pk, "resident"),
        (town.neighbour.pk, "household"),
        (town.lin.pk, "resident"),
    ]


def test_the_ladder_tells_them_too(town: Town) -> None:
    town.proxy(repair_type=town.type("GAS-SMELL"))
    tasks.climb_the_ladder(0)

    steps = Message.objects.filter(event__verb="climb", audience="resident", channel="app")
    assert steps.filter(recipient=town.chen).count() == steps.filter(recipient=town.lin).count() > 0


def test_what_the_clerk_does_is_not_said_to_be_the_residents(town: Town) -> None:
    ticket = town.proxy()
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.NORMAL)
    actions.comment(town.seen(ticket), by=town.chen, note="下午在家")
    actions.assign(town.seen(ticket), by=town.manager, worker=town.wang)

    read = {line.title: line.who for line in timeline(town.seen(ticket), town.wang)}
    theirs = {line.title: line.who for line in timeline(town.seen(ticket), town.chen)}

    assert read["已报修"] == read["已受理"] == "水门家园服务中心（示例） 林秀英"
    assert read["留言"] == "住户 陈**"
    # The clerk is the reporter too, and still reads a colleague's name in full.
    assert {line.title: line.who for line in timeline(town.seen(ticket), town.lin)}["已派师傅"] == (
        "水门家园服务中心（示例） 黄经理"
    )
    assert (theirs["已受理"], theirs["留言"]) == ("水门家园服务中心（示例） 林**", "您")
