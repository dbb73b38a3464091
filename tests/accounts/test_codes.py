import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare

from accounts import codes
from accounts.codes import CodeRefused, SentCode, check_code, open_code, send_code, standing
from accounts.models import LoginCode
from accounts.sms import SmsFailed

PHONE = "+8619900001234"
HOME = "192.0.2.7"


class DeadSms:
    def send(self, phone: str, text: str, key: str = "") -> None:
        raise SmsFailed


def phone(n: int) -> str:
    return f"+861990000{n:04d}"


def send(to: str = PHONE, address: str = HOME, session: SessionBase | None = None) -> SentCode:
    return send_code(to, address=address, session=SessionStore() if session is None else session)


def refusal(to: str = PHONE, address: str = HOME) -> str:
    with translation.override("en"), pytest.raises(CodeRefused) as refused:
        send(to, address)
    return refused.value.sentence


def in_parallel(n: int, call: Callable[[int], Any]) -> list[Any]:
    """Call it `n` times at once, each on a connection of its own."""
    barrier = threading.Barrier(n)

    def one(i: int) -> Any:
        barrier.wait()
        try:
            return call(i)
        finally:
            connection.close()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(one, range(n)))


@pytest.mark.django_db
def test_the_message_brings_six_digits_that_sign_in_once(settings: Any) -> None:
    settings.ANJU_DEMO = True
    sent = send()
    text = json.loads(Path(settings.SMS_FILE).read_text())["text"]
    assert sent.demo is not None
    assert len(sent.demo) == 6
    assert sent.demo in text
    assert sent.demo not in str(LoginCode.objects.values().get())
    assert [check_code(PHONE, sent.demo, token=sent.token) for _ in range(2)] == [True, False]


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["{0} {1}", " {0}-{1} ", "{0}\u3000{1}"])
def test_a_code_may_be_pasted_with_spaces(settings: Any, written: str) -> None:
    settings.ANJU_DEMO = True
    sent = send()
    assert sent.demo is not None
    assert check_code(PHONE, written.format(sent.demo[:3], sent.demo[3:]), token=sent.token)


@pytest.mark.django_db
def test_a_code_works_only_for_its_phone_and_its_session(settings: Any) -> None:
    settings.ANJU_DEMO = True
    sent, other = send(), send(phone(1))
    assert sent.demo is not None
    assert not check_code(phone(1), sent.demo, token=sent.token)
    assert not check_code(PHONE, sent.demo, token="guessed")
    assert standing(sent).tries_left == 5
    assert sent.demo == other.demo or not check_code(PHONE, sent.demo, token=other.token)
    assert check_code(PHONE, sent.demo, token=sent.token)


@pytest.mark.django_db
def test_after_five_wrong_tries_the_right_code_is_wrong_too(settings: Any) -> None:
    settings.ANJU_DEMO = True
    sent = send()
    assert sent.demo is not None
    wrong = f"{(int(sent.demo) + 1) % 10**6:06d}"
    left = []
    for _ in range(5):
        assert not check_code(PHONE, wrong, token=sent.token)
        left.append(standing(sent).tries_left)
    assert left == [4, 3, 2, 1, 0]
    assert not check_code(PHONE, sent.demo, token=sent.token)


@pytest.mark.django_db
def test_what_is_no_code_costs_no_try() -> None:
    sent = send()
    assert not check_code(PHONE, "12345", token=sent.token)
    assert not check_code(PHONE, "hello!", token=sent.token)
    assert standing(sent).tries_left == 5


@pytest.mark.django_db
def test_a_code_dies_after_ten_minutes(settings: Any) -> None:
    settings.ANJU_DEMO = True
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sent = send()
        assert sent.demo is not None
        clock.shift(timedelta(minutes=10))
        assert standing(sent).tries_left == 0
        assert not check_code(PHONE, sent.demo, token=sent.token)
        clock.shift(timedelta(seconds=-1))
        assert check_code(PHONE, sent.demo, token=sent.token)


@pytest.mark.django_db
def test_a_new_code_kills_the_older(settings: Any) -> None:
    settings.ANJU_DEMO = True
    with time_machine.travel(timezone.now(), tick=False) as clock:
        older = send()
        clock.shift(timedelta(seconds=61))
        newer = send()
        assert older.demo is not None
        assert newer.demo is not None
        assert not check_code(PHONE, older.demo, token=older.token)
        assert check_code(PHONE, newer.demo, token=newer.token)


@pytest.mark.django_db
def test_a_phone_gets_one_a_minute_five_an_hour_ten_a_day() -> None:
    got: list[str] = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        start = timezone.now()
        for minute in range(0, 26 * 60, 1):
            clock.move_to(start + timedelta(minutes=minute, seconds=1 if minute else 0))
            try:
                send(address=f"198.51.100.{minute % 250}")
            except CodeRefused:
                continue
            got.append(f"{minute // 60}:{minute % 60:02d}")
    assert got == [
        *("0:00", "0:01", "0:02", "0:03", "0:04", "1:00", "1:01", "1:02", "1:03", "1:04"),
        *("24:00", "24:01", "24:02", "24:03", "24:04", "25:00", "25:01", "25:02", "25:03", "25:04"),
    ]


@pytest.mark.django_db
def test_refusals_say_in_words_how_long_to_wait() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        send()
        clock.shift(timedelta(seconds=15))
        assert refusal() == "A code is on its way. You can ask for another in 45 seconds."
        for _ in range(4):
            clock.shift(timedelta(seconds=61))
            send()
        clock.shift(timedelta(seconds=61))
        assert refusal() == "Too many codes were sent to this number. Please try again in 55 minutes."


@pytest.mark.django_db
def test_an_address_gets_twenty_an_hour_whatever_the_number() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for n in range(20):
            send(phone(n))
        assert refusal(phone(20)) == "Too many codes were asked for from this network. Please try again in 60 minutes."
        send(phone(20), address="192.0.2.8")
        clock.shift(timedelta(hours=1, seconds=1))
        send(phone(21))


@pytest.mark.django_db
def test_the_whole_town_has_a_cap_for_the_day(settings: Any) -> None:
    settings.SMS_DAY_CAP = 2
    with time_machine.travel(timezone.now(), tick=False):
        send(phone(1), "192.0.2.1")
        send(phone(2), "192.0.2.2")
        assert refusal(phone(3), "192.0.2.3").startswith("We have sent all the messages we can for today.")
        settings.SMS_DAY_CAP = 0
        assert refusal(phone(4), "192.0.2.4").startswith("We have sent all the messages we can for today.")


@pytest.mark.django_db
def test_no_message_goes_to_countries_where_it_costs_a_fortune() -> None:
    assert refusal("+882161234567") == "We cannot send messages to this country. Please use a Chinese number."
    assert not LoginCode.objects.exists()


@pytest.mark.django_db
def test_a_message_that_fails_counts_and_leaves_nothing_open(settings: Any) -> None:
    settings.SMS_BACKEND = "tests.accounts.test_codes.DeadSms"
    session = SessionStore()
    with pytest.raises(CodeRefused):
        send(session=session)
    assert open_code(session) is None
    assert LoginCode.objects.get().voided_at is not None
    assert refusal().startswith("A code is on its way.")


class HungSms:
    """Takes its time."""

    hangs, free = threading.Event(), threading.Event()

    def send(self, phone: str, text: str, key: str = "") -> None:
        self.hangs.set()
        self.free.wait(20)


@pytest.mark.django_db(transaction=True)
def test_while_one_waits_for_the_company_the_others_hear_soon_and_nothing_is_counted(settings: Any) -> None:
    """A web process has two threads: one of them must go on answering pages."""
    settings.SMS_BACKEND, settings.SMS_TIMEOUT = "tests.accounts.test_codes.HungSms", 15

    def first(_n: int) -> bool:
        try:
            return _tried(phone(1), HOME)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(first, 0)
        assert HungSms.hangs.wait(10)
        began = time.monotonic()
        assert [refusal(phone(n)) for n in (2, 3)] == [
            "The message could not be sent just now. Please try again in a minute."
        ] * 2
        assert (time.monotonic() - began < 5, waiting.done()) == (True, False)
        HungSms.free.set()
        assert waiting.result(timeout=20) is True
    assert list(LoginCode.objects.values_list("phone", flat=True)) == [phone(1)]
    assert send(phone(2)).phone == phone(2)


@pytest.mark.django_db
def test_the_code_itself_is_known_to_the_page_only_in_the_demo(settings: Any) -> None:
    session = SessionStore()
    settings.ANJU_DEMO = True
    assert send(session=session).demo is not None
    settings.ANJU_DEMO = False
    kept = open_code(session)
    assert kept is not None
    assert kept.demo is None
    other = SessionStore()
    assert send(phone(1), session=other).demo is None
    assert other["login_code_sign_in"]["demo"] is None


@pytest.mark.django_db(transaction=True)
def test_of_sixty_parallel_guesses_five_are_compared(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = send()
    compared: list[str] = []

    def compare(sent: str, guessed: str) -> bool:
        compared.append(guessed)
        return constant_time_compare(sent, guessed)

    monkeypatch.setattr(codes, "constant_time_compare", compare)
    in_parallel(60, lambda n: check_code(PHONE, f"{n:06d}", token=sent.token))
    assert len(compared) == 5
    assert LoginCode.objects.get().tries == 5


@pytest.mark.django_db(transaction=True)
def test_of_parallel_right_answers_one_signs_in(settings: Any) -> None:
    settings.ANJU_DEMO = True
    sent = send()
    code = sent.demo or ""
    assert sorted(in_parallel(5, lambda _: check_code(PHONE, code, token=sent.token))) == [False] * 4 + [True]


def _tried(to: str, address: str) -> bool:
    try:
        send(to, address)
    except CodeRefused:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_of_thirty_parallel_requests_one_sends(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "TURN_WITHIN", 60)
    sent = in_parallel(30, lambda n: _tried(PHONE, f"192.0.2.{n}"))
    assert sum(sent) == 1
    assert len(Path(settings.SMS_FILE).read_text().splitlines()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_thirty_parallel_requests_from_one_address_twenty_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "TURN_WITHIN", 60)
    assert sum(in_parallel(30, lambda n: _tried(phone(n), HOME))) == 20
