"""How far each message is: for the desk on the ticket's page, for the resident in the list of messages."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.sms import SmsFailed
from repairs import tasks
from repairs.message_rows import delivery_rows
from repairs.models import Mailbox, Message, MessageChannel, PushDevice, TeamRobot, Ticket
from tests.carrier import hire, raises
from tests.clients import signed_in
from tests.town import Town

DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _states(ticket: Ticket) -> list[tuple[str, str, str]]:
    staff = {"林秀英", "黄经理"}
    return [(row.channel, row.to, row.state) for row in delivery_rows(ticket) if row.to not in staff]


def test_each_state_is_said_with_the_address_masked(town: Town, settings: Any) -> None:
    phone = f"199****{(town.chen.phone or '')[-4:]}"
    hire(settings, raises(SmsFailed("down")))
    ticket = town.ticket()
    assert _states(ticket) == [("短信", phone, "发送中"), ("站内", "陈**", "已送达，未读")]
    tasks.deliver_messages()
    assert _states(ticket)[0] == ("短信", phone, "还没发出去，今天 09:00再试")
    with time_machine.travel(DAY + timedelta(minutes=2)):
        tasks.deliver_messages()
        signed_in(town.chen).get("/messages/")
        assert _states(ticket) == [("短信", phone, "已发出，今天 09:02"), ("站内", "陈**", "已读，今天 09:02")]


def test_what_waits_for_the_morning_says_so(town: Town, settings: Any) -> None:
    hire(settings)
    with time_machine.travel(DAY.replace(hour=23)):
        ticket = town.ticket()
        tasks.deliver_messages()
        assert _states(ticket)[0][2] == "等到早上再发，明天 07:00"


def test_the_reason_stands_beside_what_was_given_up(town: Town) -> None:
    ticket = town.ticket()
    Message.objects.filter(channel="sms").update(gave_up_at=DAY, gave_up_because="capped", next_try_at=None)
    assert _states(ticket)[0][2] == "这个手机号今天收到的短信已到上限。"


def test_the_desk_reads_it_and_the_resident_does_not(town: Town) -> None:
    ticket = town.ticket()
    pages = [
        signed_in(town.lin).get(f"/desk/tickets/{ticket.pk}/").content.decode(),
        signed_in(town.chen).get(f"/tickets/{ticket.pk}/").content.decode(),
    ]
    assert ["通知情况" in page for page in pages] == [True, False]
    assert (town.chen.phone or "")[3:] not in pages[0].partition("通知情况")[2]


def test_the_resident_reads_what_else_was_sent_to_them_and_only_to_them(town: Town, settings: Any) -> None:
    hire(settings)
    town.proxy()
    town.ticket()
    tasks.deliver_messages()
    assert "另发：短信" in signed_in(town.chen).get("/messages/").content.decode()
    assert "另发" not in signed_in(town.lin).get("/messages/").content.decode()


def test_the_list_costs_the_same_for_one_and_for_thirty(town: Town, settings: Any) -> None:
    hire(settings)
    chen, counts = signed_in(town.chen), []
    for more in (1, 29):
        for number in range(more):
            town.ticket(words=f"{more}的第{number}处")
        tasks.deliver_messages()
        chen.get("/messages/")
        with CaptureQueriesContext(connection) as asked:
            chen.get("/messages/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_the_state_of_messages_is_one_statement(town: Town) -> None:
    ticket = town.finished()
    with CaptureQueriesContext(connection) as asked:
        assert len(delivery_rows(ticket)) == 11
    assert len(asked) == 1


def test_a_row_says_the_number_once(town: Town) -> None:
    ticket = town.ticket()
    page = signed_in(town.chen).get("/messages/")
    assert page.content.decode().count(ticket.number) == 1
    assert ticket.number in Message.objects.get(channel="app").text


# ---------------------------------------------------------------- not delivered
def _one_of_each(town: Town) -> Ticket:
    ticket = town.ticket()
    first, now = Message.objects.filter(ticket=ticket).order_by("pk")[0], timezone.now()
    told = {"event": first.event, "ticket": ticket, "text": "x", "created_at": now}
    over = {"gave_up_at": now, "gave_up_because": "tired"}
    robot = TeamRobot.objects.create(
        organisation=town.centre, name="水电群", url="feishu://0123456789", changed_at=now, changed_by=town.manager
    )
    device = PushDevice.objects.create(
        person=town.chen, endpoint="https://x.example", p256dh="x", auth="x", added_at=now
    )
    Mailbox.objects.create(person=town.chen, address="chen@example.com", asked_at=now, confirmed_at=now)
    addresses: dict[MessageChannel, dict[str, Any]] = {
        MessageChannel.EMAIL: {"recipient": town.chen, "email": "chen@example.com"},
        MessageChannel.PUSH: {"recipient": town.chen, "device": device},
        MessageChannel.ROBOT: {"robot": robot},
        MessageChannel.CALL: {"phone": "+8659522280119"},
    }
    for channel, address in addresses.items():
        Message.objects.create(channel=channel, **told, **over, **address)
    Message.objects.filter(ticket=ticket, channel="sms").update(next_try_at=None, **over)
    return ticket


def test_every_channel_has_its_place_among_the_undelivered(town: Town) -> None:
    _one_of_each(town)
    html = signed_in(town.lin).get("/desk/undelivered/").content.decode()
    for said in ("短信", "邮件", "通知", "群机器人", "电话", "c****@example.com", "水电群", "595****0119"):
        assert said in html
    assert "chen@example.com" not in html


@pytest.mark.parametrize("channel", ["sms", "email", "push", "robot", "call"])
def test_every_channel_can_be_sent_again(town: Town, channel: str) -> None:
    dead = Message.objects.get(ticket=_one_of_each(town), channel=channel)
    signed_in(town.lin).post(f"/desk/undelivered/{dead.pk}/resend/")
    dead.refresh_from_db()
    assert (dead.gave_up_at, dead.resent_by, dead.tries) == (None, town.lin, 0)
