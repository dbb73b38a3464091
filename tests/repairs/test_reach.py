"""Where messages go beside the app: a mailbox that was proved, devices that were allowed, robots of a team chat."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from estates.places import place_of
from repairs import actions, tasks
from repairs.actions import reaching
from repairs.models import Mailbox, Message, MessageChoice, PushDevice, TeamRobot
from repairs.slots import next_slots
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

PAGE = "/messages/choices/"
DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
# The curve's own first point, and as many bytes that are none.
POINT = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
NO_POINT = "B" + "A" * 86
KEYS = {"p256dh": POINT, "auth": "A" * 22}
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/abcdef0123456789"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _link(letter: Any) -> str:
    lines: list[str] = letter.body.splitlines()
    return next(line for line in lines if line.startswith("http")).removeprefix("http://testserver")


def _give(town: Town, address: str = "chen@example.com") -> Any:
    return signed_in(town.chen).post("/messages/mailbox/give/", {"address": address})


def _with_mailbox(town: Town) -> None:
    now = timezone.now()
    Mailbox.objects.create(person=town.chen, address="chen@example.com", asked_at=now, confirmed_at=now)


# ---------------------------------------------------------------- the mailbox
def test_letters_come_only_after_the_link_was_opened_and_pressed(town: Town, mailoutbox: list[Any]) -> None:
    _give(town)
    town.ticket()
    tasks.write_to_mailbox(Mailbox.objects.get().pk, "http://testserver/")
    tasks.deliver_messages()
    assert [each.to for each in mailoutbox] == [["chen@example.com"]]

    nobody = signed_in(None)
    assert "c****@example.com" in nobody.get(_link(mailoutbox[0])).content.decode()
    assert Mailbox.objects.get().confirmed_at is None  # a program that only looks confirms nothing
    nobody.post(f"{_link(mailoutbox[0])}confirm/")
    ticket = town.ticket(words="第二处漏水")
    tasks.deliver_messages()
    assert [each.subject for each in mailoutbox[1:]] == [f"报修 {ticket.number}"]


def test_the_link_of_an_earlier_address_or_of_last_week_is_no_good(town: Town, mailoutbox: list[Any]) -> None:
    _give(town)
    mailbox = Mailbox.objects.get()
    token = reaching.mailbox_token(mailbox)
    with time_machine.travel(DAY + timedelta(days=4)):
        assert reaching.mailbox_of(token) is None
    Mailbox.objects.update(address="other@example.com")
    assert signed_in(None).post(f"/messages/mailbox/{token}/confirm/").status_code == 404
    assert signed_in(None).get("/messages/mailbox/nonsense/").status_code == 404
    assert Mailbox.objects.get().confirmed_at is None


def test_nobody_floods_a_mailbox_from_here(town: Town) -> None:
    answers = []
    for minute in range(0, 16, 2):
        with time_machine.travel(DAY + timedelta(minutes=minute)):
            answers.append(_give(town, f"victim{minute}@example.com").status_code)
    assert answers == [302] * 5 + [422] * 3
    signed_in(town.chen).post("/messages/mailbox/forget/")
    assert _give(town).status_code == 422


def test_a_forgotten_address_is_gone_and_gets_nothing(town: Town, mailoutbox: list[Any]) -> None:
    _with_mailbox(town)
    signed_in(town.chen).post("/messages/mailbox/forget/")
    town.ticket()
    tasks.deliver_messages()
    assert (mailoutbox, Mailbox.objects.get().address) == ([], "")


def test_a_guest_gets_no_letters(town: Town) -> None:
    guest = type(town.chen).objects.create_guest("路人")
    assert signed_in(guest).post("/messages/mailbox/give/", {"address": "x@example.com"}).status_code == 403
    assert "address" not in signed_in(guest).get(PAGE).content.decode()


def test_nonsense_is_no_address_and_stays_on_the_page(town: Town) -> None:
    answer = _give(town, "chen at example")
    assert (answer.status_code, "chen at example" in answer.content.decode()) == (422, True)


def test_where_there_is_no_mail_server_nobody_is_offered_letters(town: Town, settings: Any) -> None:
    settings.MAIL_IS_ON = False
    assert "mailbox/give" not in signed_in(town.chen).get(PAGE).content.decode()
    assert _give(town).status_code == 403


# ---------------------------------------------------------------- choices
def test_what_is_switched_off_by_e_mail_comes_by_no_e_mail(town: Town, mailoutbox: list[Any]) -> None:
    _with_mailbox(town)
    page = signed_in(town.chen)
    assert page.get(PAGE).content.decode().count('name="email"') == 3
    page.post(f"{PAGE}save/", {"sms": ["question", "reminder", "progress"], "email": ["question"]})
    town.finished()
    tasks.deliver_messages()
    assert len(mailoutbox) == 1
    assert MessageChoice.objects.filter(person=town.chen, sms=True).count() == 3


def test_only_the_staff_chooses_what_only_the_staff_is_told(town: Town) -> None:
    for person in (town.chen, town.lin):
        now = timezone.now()
        Mailbox.objects.create(person=person, address=f"{person.pk}@example.com", asked_at=now, confirmed_at=now)
    pages = [signed_in(each).get(PAGE).content.decode() for each in (town.chen, town.lin)]
    assert [page.count('name="email"') for page in pages] == [3, 6]


# ---------------------------------------------------------------- devices
def _allow(town: Town, **said: str) -> Any:
    return signed_in(town.chen).post(
        "/messages/devices/add/", {"endpoint": ENDPOINT, "name": "Firefox", **KEYS, **said}
    )


@pytest.fixture
def _keys(settings: Any) -> None:
    settings.PUSH_PRIVATE_KEY = settings.PUSH_PUBLIC_KEY = "key"


@pytest.mark.usefixtures("_keys")
def test_a_device_belongs_to_whoever_allowed_it_last(town: Town) -> None:
    assert _allow(town).status_code == 200
    signed_in(town.neighbour).post("/messages/devices/add/", {"endpoint": ENDPOINT, **KEYS})
    assert PushDevice.objects.get().person == town.neighbour
    assert signed_in(town.chen).post(f"/messages/devices/{PushDevice.objects.get().pk}/drop/").status_code == 404


@pytest.mark.usefixtures("_keys")
@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "https://127.0.0.1/x"},
        {"endpoint": "https://fcm.googleapis.com.evil.example/x"},
        {"endpoint": "https://evilpush.services.mozilla.com.cn/x"},
        {"endpoint": "http://fcm.googleapis.com/x"},
        {"endpoint": "https://fcm.googleapis.com:8443/x"},
        {"endpoint": "https://a@fcm.googleapis.com/x"},
        {"p256dh": "short"},
        {"p256dh": NO_POINT},
        {"auth": "é"},
    ],
)
def test_only_the_push_services_of_browsers_are_ever_asked(town: Town, wrong: dict[str, str]) -> None:
    assert _allow(town, **wrong).status_code == 422
    assert not PushDevice.objects.exists()


def test_without_keys_notifications_are_not_offered(town: Town) -> None:
    assert "data-push" not in signed_in(town.chen).get(PAGE).content.decode()
    assert _allow(town).status_code == 422


@pytest.mark.usefixtures("_keys")
def test_nobody_fills_the_table_with_devices(town: Town) -> None:
    for number in range(14):
        _allow(town, endpoint=f"{ENDPOINT}{number}")
    assert PushDevice.objects.count() == 10


@pytest.mark.usefixtures("_keys")
def test_each_device_gets_a_row_of_its_own_without_what_the_resident_wrote(town: Town) -> None:
    for number in range(2):
        _allow(town, endpoint=f"{ENDPOINT}{number}")
    ticket = town.ticket(words="主卧漏水")
    tasks.deliver_messages("app")
    rows = Message.objects.filter(channel="push", ticket=ticket)
    assert rows.count() == 2
    assert not any("主卧" in row.sentence for row in rows)


# ---------------------------------------------------------------- robots
def test_only_who_manages_finds_the_robots(town: Town) -> None:
    robot = _robot(town)
    assert who_gets(town, "/desk/robots/") == {200: {"manager"}, 404: everybody_but("manager"), 302: {"nobody"}}
    own = f"/desk/robots/{robot.pk}/"
    assert who_gets(town, own) == {200: {"manager"}, 404: everybody_but("manager"), 302: {"nobody"}}
    for verb in ("save/", "remove/", "try/"):
        assert signed_in(town.lin).post(own + verb, {"name": "x"}).status_code == 404
    new = f"/desk/organisations/{town.centre.pk}/robots/new/"
    assert who_gets(town, new) == {200: {"manager"}, 404: everybody_but("manager"), 302: {"nobody"}}
    elsewhere = f"/desk/organisations/{town.company.pk}/robots/add/"
    assert signed_in(town.manager).post(elsewhere, {"name": "x", "url": WECOM}).status_code == 404


def _robot(town: Town, url: str = "wecombot://693axxx6-7aoc-4bc4", **fields: Any) -> TeamRobot:
    now = timezone.now()
    return TeamRobot.objects.create(
        organisation=town.centre, name="水电群", url=url, changed_at=now, changed_by=town.manager, **fields
    )


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        (WECOM, "wecombot://693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"),
        ("https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef", "dingtalk://0123456789abcdef"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/0123-4567-89ab", "feishu://0123-4567-89ab"),
        ("dingtalk://SECabc@0123456789abcdef", "dingtalk://SECabc@0123456789abcdef"),
    ],
)
def test_an_address_is_taken_as_the_chat_shows_it_and_never_shown_again(town: Town, shown: str, kept: str) -> None:
    manager = signed_in(town.manager)
    path = f"/desk/organisations/{town.centre.pk}/robots/add/"
    manager.post(path, {"name": "群", "url": shown, "active": "on"})
    robot = TeamRobot.objects.get()
    assert robot.url == kept
    for page in ("/desk/robots/", f"/desk/robots/{robot.pk}/"):
        assert kept.rpartition("/")[2][:-4] not in manager.get(page).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        "https://169.254.169.254/latest/meta-data",
        "json://127.0.0.1/x",
        "wecombot://693axxx6/../x",
        "wecombot://693axxx6-7aoc?rto=9999",
        "file:///etc/passwd",
        "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=abcdefgh",
    ],
)
def test_no_other_address_is_ever_asked(town: Town, wrong: str) -> None:
    path = f"/desk/organisations/{town.centre.pk}/robots/add/"
    assert signed_in(town.manager).post(path, {"name": "群", "url": wrong}).status_code == 422
    with pytest.raises(IntegrityError, match="team_robot_is_of_a_known_chat"), transaction.atomic():
        _robot(town, wrong)


def test_a_name_stands_once_and_an_empty_address_keeps_the_old_one(town: Town) -> None:
    robot = _robot(town)
    manager = signed_in(town.manager)
    path = f"/desk/organisations/{town.centre.pk}/robots/add/"
    assert manager.post(path, {"name": "水电群", "url": WECOM}).status_code == 422
    manager.post(f"/desk/robots/{robot.pk}/save/", {"name": "新名字", "url": ""})
    robot.refresh_from_db()
    assert (robot.name, robot.url, robot.active) == ("新名字", "wecombot://693axxx6-7aoc-4bc4", False)


def test_a_removed_robot_ends_what_waited_for_it(town: Town) -> None:
    robot = _robot(town)
    town.ticket()
    tasks.deliver_messages("app")
    assert Message.objects.filter(channel="robot", robot=robot).count() == 1
    reaching.remove_robot(robot, by=town.manager)
    tasks.deliver_messages("robot")
    assert Message.objects.get(channel="robot").gave_up_because == "gone"


# ---------------------------------------------------------------- the database's own rules
def test_a_mailbox_in_use_has_an_address(town: Town) -> None:
    with pytest.raises(IntegrityError, match="mailbox_in_use_has_an_address"), transaction.atomic():
        Mailbox.objects.create(person=town.chen, address="", asked_at=timezone.now(), confirmed_at=timezone.now())


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"endpoint": "http://x.example/"}, "push_device_is_reached_over_https"),
        ({"auth": ""}, "push_device_has_its_keys"),
        ({"p256dh": ""}, "push_device_has_its_keys"),
    ],
)
def test_a_device_can_be_written_to(town: Town, change: dict[str, str], name: str) -> None:
    told = {"endpoint": ENDPOINT, **KEYS, **change}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        PushDevice.objects.create(person=town.chen, added_at=timezone.now(), **told)


def test_a_guests_devices_go_with_the_guest(town: Town) -> None:
    guest = type(town.chen).objects.create_guest("路人")
    PushDevice.objects.create(person=guest, endpoint=ENDPOINT, added_at=timezone.now(), **KEYS)
    actions.adopt_guest(guest=guest, user=town.chen)
    assert PushDevice.objects.get().person == town.chen


def test_who_was_told_twice_as_guest_and_as_household_signs_in_all_the_same(town: Town) -> None:
    guest, stair = type(town.chen).objects.create_guest("路人"), place_of(town.stair2)
    town.team()
    ticket = town.ticket(by=guest, place=stair, contact_phone="")
    first = next_slots(ticket, 1)[0].starts_at
    actions.book(ticket, by=town.lin, starts_at=first, households=[town.flat502])
    actions.adopt_guest(guest=guest, user=town.chen)

    told = Message.objects.filter(channel="app", event__verb__in=["report", "book"]).order_by("event")
    assert list(told.values_list("recipient", "event__verb", "audience")) == [
        (town.chen.pk, "report", "resident"),
        (town.chen.pk, "book", "household"),
    ]
