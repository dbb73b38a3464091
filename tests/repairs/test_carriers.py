"""Each carrier as its real client speaks, against a company on this machine: taken, failed, refused, gone, silent."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import http_ece
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import call_command
from django.utils import timezone

from accounts.carrying import CarrierFailed, CarrierGone
from accounts.phones import dialled, is_mobile
from repairs import actions, tasks
from repairs.carriers import carry
from repairs.messages import tell_staff
from repairs.models import Mailbox, Message, PushDevice, TeamRobot, Ticket, TicketEvent
from repairs.workflow import Urgency
from tests.provider import Provider, certified, provider
from tests.town import Town

DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _state(channel: str) -> tuple[bool, str]:
    row = Message.objects.get(channel=channel)
    return row.sent_at is not None, row.gave_up_because


# ---------------------------------------------------------------- e-mail
@pytest.fixture
def letters(town: Town) -> Message:
    """A letter that waits for Chen."""
    now = timezone.now()
    Mailbox.objects.create(person=town.chen, address="chen@example.com", asked_at=now, confirmed_at=now)
    town.ticket()
    tasks.deliver_messages("app")
    return Message.objects.get(channel="email")


def test_a_letter_says_the_whole_message_and_where_to_find_all(
    letters: Message, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.SITE_URL = "https://anju.example"
    tasks.deliver_messages("email")
    assert letters.text in mailoutbox[0].body
    assert "https://anju.example/messages/" in mailoutbox[0].body
    assert mailoutbox[0].extra_headers["Message-ID"] == f"<message-{letters.pk}@localhost>"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (SMTPRecipientsRefused({"chen@example.com": (550, b"unknown")}), (False, "refused")),
        (SMTPRecipientsRefused({"chen@example.com": (450, b"full")}), (False, "")),
        (SMTPServerDisconnected(), (False, "")),
        (OSError(), (False, "")),
    ],
)
def test_a_mailbox_that_does_not_exist_is_asked_once(
    letters: Message, monkeypatch: pytest.MonkeyPatch, error: Exception, state: tuple[bool, str]
) -> None:
    def fail(self: object) -> None:
        raise error

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    tasks.deliver_messages("email")
    assert _state("email") == state


# ---------------------------------------------------------------- notifications
class Browser:
    """One that allowed notifications, and can read what comes."""

    def __init__(self, town: Town, port: int) -> None:
        self.key, self.secret = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
        public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.device = PushDevice.objects.create(
            person=town.chen,
            endpoint=f"https://localhost:{port}/wpush/1",
            p256dh=base64.urlsafe_b64encode(public).decode().rstrip("="),
            auth=base64.urlsafe_b64encode(self.secret).decode().rstrip("="),
            added_at=timezone.now(),
        )

    def read(self, body: bytes) -> dict[str, str]:
        """What the notification says."""
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        said: dict[str, str] = json.loads(plain)
        return said


@pytest.fixture
def service(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A push service, and keys for it."""
    said = StringIO()
    call_command("make_push_keys", stdout=said)
    for line in said.getvalue().split():
        name, _is, value = line.partition("=")
        setattr(settings, name, value)
    certificate = certified(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with provider(certificate) as there:
        there.answer = lambda asked: (201, b"")
        yield there


def _told(town: Town) -> Ticket:
    ticket = town.ticket(words="主卧漏水")
    tasks.deliver_messages("app")
    tasks.deliver_messages("push")
    return ticket


def test_a_notification_is_read_by_its_browser_and_nobody_else(town: Town, service: Provider) -> None:
    browser = Browser(town, service.port)
    ticket = _told(town)
    said = browser.read(service.asked[0].body)
    assert (said["title"], said["body"]) == (ticket.number, Message.objects.get(channel="push").sentence)
    assert "主卧" not in json.dumps(said, ensure_ascii=False)
    assert service.asked[0].headers["authorization"].startswith("vapid ")
    assert _state("push") == (True, "")


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(town: Town, service: Provider, status: int) -> None:
    Browser(town, service.port)
    service.answer = lambda asked: (status, b"")
    _told(town)
    assert (_state("push"), PushDevice.objects.count()) == ((False, "gone"), 0)


@pytest.mark.parametrize(("status", "why"), [(500, ""), (429, ""), (400, "refused"), (413, "refused")])
def test_a_push_service_that_fails_is_asked_again(town: Town, service: Provider, status: int, why: str) -> None:
    Browser(town, service.port)
    service.answer = lambda asked: (status, b"")
    _told(town)
    assert (_state("push"), PushDevice.objects.count()) == ((False, why), 1)


def test_a_push_service_that_hangs_is_not_waited_for(town: Town, service: Provider, settings: Any) -> None:
    settings.CARRIER_TIMEOUT = 0.3
    Browser(town, service.port)
    service.free.clear()
    _told(town)
    assert _state("push") == (False, "")
    assert Message.objects.get(channel="push").tries == 1


def test_keys_for_which_nothing_can_be_encrypted_are_refused_and_stop_no_other(town: Town, service: Provider) -> None:
    no_point = base64.urlsafe_b64encode(b"\x04" + b"\x01" * 64).decode().rstrip("=")
    good = Browser(town, service.port).device
    PushDevice.objects.create(
        person=town.chen, endpoint=f"{good.endpoint}/0", p256dh=no_point, auth=good.auth, added_at=good.added_at
    )
    _told(town)
    ends = Message.objects.filter(channel="push").order_by("device__endpoint")
    assert [(each.sent_at is not None, each.gave_up_because) for each in ends] == [(True, ""), (False, "refused")]


# ---------------------------------------------------------------- robots
@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The three chats at an address of ours."""
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.feishu import NotifyFeishu
    from apprise.plugins.wecombot import NotifyWeComBot

    with provider() as there:
        for robot, path in ((NotifyWeComBot, "wecom?key={key}"), (NotifyDingTalk, "ding?t={token}")):
            monkeypatch.setattr(robot, "notify_url", f"http://127.0.0.1:{there.port}/{path}")
        monkeypatch.setattr(NotifyFeishu, "notify_url", f"http://127.0.0.1:{there.port}/feishu/{{token}}/")
        there.answer = lambda asked: (200, b'{"errcode": 0, "code": 0}')
        yield there


def _robot(town: Town, url: str = "wecombot://693axxx6-7aoc-4bc4") -> TeamRobot:
    now = timezone.now()
    return TeamRobot.objects.create(
        organisation=town.centre, name=url, url=url, changed_at=now, changed_by=town.manager
    )


@pytest.mark.parametrize(
    "url", ["wecombot://693axxx6-7aoc-4bc4", "dingtalk://0123456789abcdef", "feishu://0123-4567-89"]
)
def test_a_new_report_is_said_in_the_teams_chat(town: Town, chat: Provider, url: str) -> None:
    _robot(town, url)
    ticket = town.ticket(words="主卧漏水")
    tasks.deliver_messages("app")
    tasks.deliver_messages("robot")
    said = json.dumps(json.loads(chat.asked[0].body), ensure_ascii=False)
    assert len(chat.asked) == 1
    assert ticket.number in said
    assert "新的报修" in said
    assert "主卧" not in said
    assert _state("robot") == (True, "")


def test_a_robot_out_of_use_says_nothing(town: Town, chat: Provider) -> None:
    robot = _robot(town)
    town.ticket()
    tasks.deliver_messages("app")
    TeamRobot.objects.update(active=False)
    tasks.deliver_messages("robot")
    town.ticket(words="第二处")
    tasks.deliver_messages("app")
    assert (chat.asked, _state("robot")) == ([], (False, "gone"))
    with pytest.raises(CarrierGone):
        carry(Message.objects.select_related("robot").get(robot=robot))


@pytest.mark.parametrize("status", [500, 403])
def test_a_chat_that_does_not_take_it_is_asked_again(town: Town, chat: Provider, status: int) -> None:
    _robot(town)
    chat.answer = lambda asked: (status, b"")
    town.ticket()
    tasks.deliver_messages("app")
    tasks.deliver_messages("robot")
    assert _state("robot") == (False, "")


@pytest.mark.parametrize(("status", "failed"), [(200, False), (500, True)])
def test_a_test_message_shows_whether_the_chat_took_it(town: Town, chat: Provider, status: int, failed: bool) -> None:
    robot = _robot(town)
    chat.answer = lambda asked: (status, b'{"errcode": 0}')
    tasks.try_robot(robot.pk, "zh-hans")
    robot.refresh_from_db()
    assert (robot.tried_at is not None, robot.try_failed) == (True, failed)
    assert "测试" in chat.asked[0].body.decode("unicode_escape") or "测试" in chat.asked[0].body.decode()


def test_an_address_that_is_no_robots_is_never_asked(town: Town, chat: Provider) -> None:
    robot = _robot(town)
    robot.url = f"json://127.0.0.1:{chat.port}/x"
    from repairs.carriers.robot import say

    with pytest.raises(CarrierGone):
        say(robot, "x", "x")
    assert chat.asked == []


# ---------------------------------------------------------------- calls
def _calls(settings: Any) -> list[str]:
    file = Path(settings.CALL_FILE)
    return [json.loads(line)["to"] for line in file.read_text().splitlines()] if file.exists() else []


def _danger(town: Town) -> tuple[TicketEvent, Ticket]:
    ticket = town.ticket()
    Ticket.objects.filter(pk=ticket.pk).update(urgency=Urgency.DANGER)
    return TicketEvent.objects.get(ticket=ticket, verb="report"), town.seen(ticket)


@pytest.mark.parametrize(
    ("phone", "channels"),
    [("0595-2228 0119", ["call"]), ("138 0013 8000", ["call", "sms"]), ("看门口的牌子", [])],
)
def test_danger_rings_the_duty_telephone_and_writes_where_it_can_be_read(
    town: Town, phone: str, channels: list[str]
) -> None:
    event, ticket = _danger(town)
    town.centre.phone = phone
    told = tell_staff(event, ticket, [], town.centre)
    assert sorted(each.channel for each in told) == channels


def test_danger_rings_at_night_too(town: Town, settings: Any) -> None:
    event, ticket = _danger(town)
    tell_staff(event, ticket, [town.manager], town.centre)
    with time_machine.travel(DAY.replace(hour=23)):
        tasks.deliver_messages()
    assert _calls(settings) == ["+8659522280119"]


def test_what_is_no_danger_rings_nobody(town: Town) -> None:
    ticket = town.ticket()
    event = TicketEvent.objects.get(ticket=ticket, verb="report")
    assert tell_staff(event, ticket, [], town.centre) == []


def test_a_call_that_can_not_be_made_is_tried_again(town: Town, settings: Any, tmp_path: Path) -> None:
    event, ticket = _danger(town)
    (tmp_path / "file").write_text("")
    settings.CALL_FILE = tmp_path / "file" / "calls.jsonl"
    tell_staff(event, ticket, [], town.centre)
    with pytest.raises(CarrierFailed):
        carry(Message.objects.select_related("ticket").get(channel="call"))


@pytest.mark.parametrize(
    ("written", "number", "mobile"),
    [
        ("0595-2228 0119", "+8659522280119", False),
        ("（0595）22280119", "+8659522280119", False),
        ("13800138000", "+8613800138000", True),
        ("无", "", False),
    ],
)
def test_a_telephone_is_dialled_as_it_is_written(written: str, number: str, mobile: bool) -> None:
    assert (dialled(written), is_mobile(dialled(written))) == (number, mobile)


def test_the_robots_hear_a_step_only_where_they_are_told(town: Town, chat: Provider) -> None:
    _robot(town)
    ticket = town.ticket()
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.NORMAL)
    tasks.deliver_messages("app")
    assert Message.objects.filter(channel="robot").count() == 1
