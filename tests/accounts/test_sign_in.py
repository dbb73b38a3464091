from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import notice
from accounts.models import LoginCode, SignIn, User

pytestmark = pytest.mark.django_db
PHONE = "+8619900001234"
SIGN_IN, CODE, AGAIN = "/account/", "/account/code/", "/account/code/again/"
adopted: list[tuple[User, User]] = []


def adopt(*, guest: User, user: User) -> None:
    """Stands for the rooms above, which move tickets."""
    adopted.append((guest, user))


def refuse_to_adopt(*, guest: User, user: User) -> None:
    """A move that breaks half way."""
    User.objects.filter(pk=user.pk).update(display_name="half moved")
    raise RuntimeError("the room above failed")


@pytest.fixture(autouse=True)
def _demo(settings: Any) -> None:
    adopted.clear()
    settings.ANJU_DEMO = True
    settings.GUEST_MERGERS = ["tests.accounts.test_sign_in.adopt"]


def ask(client: Client, phone: str = "199 0000 1234", query: str = "", **data: str) -> Any:
    return client.post(SIGN_IN + query, {"phone": phone, "agreed": "on", **data})


def answer(client: Client, query: str = "") -> Any:
    """Write the code this browser waits for."""
    code = client.session["login_code_sign_in"]["demo"]
    return client.post(CODE + query, {"code": f"{code[:3]} {code[3:]}"})


def signed_in(client: Client) -> User | None:
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk) if pk else None


def guest_in(client: Client) -> User:
    guest = User.objects.create_guest("陈")
    client.force_login(guest)
    return guest


def resident() -> User:
    return User.objects.create_user(phone=PHONE)


def staff() -> User:
    return User.objects.create_user("wang", "a long password")


WHO: dict[str, Callable[[], User] | None] = {
    "nobody": None,
    "guest": User.objects.create_guest,
    "resident": resident,
    "staff": staff,
}
# method, address → what nobody, a guest, a resident and staff get
GETS: dict[tuple[str, str], list[object]] = {
    ("get", SIGN_IN): [200, 200, "/", "/"],
    ("post", SIGN_IN): [200, 200, "/", "/"],
    ("put", SIGN_IN): [405] * 4,
    ("get", CODE): [SIGN_IN] * 4,
    ("post", CODE): [SIGN_IN] * 4,
    ("get", AGAIN): [405] * 4,
    ("post", AGAIN): [SIGN_IN] * 4,
    ("get", "/account/sign-out/"): [405] * 4,
    ("post", "/account/sign-out/"): ["/"] * 4,
    ("get", "/account/elder/"): [405] * 4,
    ("post", "/account/elder/"): ["/"] * 4,
    ("get", "/account/language/"): [405] * 4,
    ("post", "/account/language/"): ["/"] * 4,
    ("get", "/account/privacy/"): [200] * 4,
    ("post", "/account/privacy/"): [405] * 4,
}


@pytest.mark.parametrize(("method", "address"), GETS)
def test_who_gets_what(client: Client, method: str, address: str) -> None:
    got: list[object] = []
    for make in WHO.values():
        client.logout()
        if make:
            client.force_login(make())
        response = getattr(client, method)(address)
        got.append(response.headers.get("Location", response.status_code))
    assert got == GETS[method, address]


def test_the_first_sign_in_makes_the_account_and_keeps_the_consent(client: Client) -> None:
    assert ask(client)["Location"] == CODE
    assert not User.objects.exists()
    assert answer(client)["Location"] == reverse("repairs:home")
    user = User.objects.get()
    assert (user.phone, user.notice_version, user.language) == (PHONE, notice.VERSION, "zh-hans")
    assert user.notice_accepted_at is not None
    assert signed_in(client) == user
    assert list(SignIn.objects.values_list("what", "user", "address")) == [("signed_in", user.pk, "127.0.0.1")]


def test_the_second_sign_in_finds_the_account(client: Client) -> None:
    user = resident()
    ask(client)
    answer(client)
    assert signed_in(client) == user
    assert User.objects.get() == user


def test_without_consent_nothing_is_sent(client: Client) -> None:
    page = client.post(SIGN_IN, {"phone": PHONE})
    assert "勾选" in page.content.decode() or "tick" in page.content.decode()
    assert not LoginCode.objects.exists()


def test_a_browser_that_agreed_is_not_asked_again_until_the_notice_changes(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)
    assert 'name="agreed"' not in client.get(SIGN_IN).content.decode()
    monkeypatch.setattr(notice, "VERSION", "2027-01")
    assert 'name="agreed"' in client.get(SIGN_IN).content.decode()


def test_known_and_unknown_numbers_look_the_same(client: Client) -> None:
    resident()
    known, unknown = ask(Client()), ask(Client(), "199 0000 9999")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"]) == (302, CODE)
    assert LoginCode.objects.count() == 2


def test_a_number_that_is_none_says_so_and_keeps_what_was_typed(client: Client) -> None:
    page = ask(client, "199 0000")
    assert page.status_code == 200
    assert "199 0000" in page.content.decode()
    assert not LoginCode.objects.exists()


def test_a_limit_is_told_on_the_page(client: Client) -> None:
    client.cookies["django_language"] = "en"
    with time_machine.travel(timezone.now(), tick=False):
        ask(client)
        page = ask(client)
        assert "You can ask for another in 60 seconds." in page.content.decode()


def test_a_wrong_code_says_how_many_tries_are_left_and_is_logged(client: Client) -> None:
    client.cookies["django_language"] = "en"
    ask(client)
    wrong = f"{(int(client.session['login_code_sign_in']['demo']) + 1) % 10**6:06d}"
    pages = [client.post(CODE, {"code": wrong}).content.decode() for _ in range(5)]
    assert "You can try 4 more times." in pages[0]
    assert "You can try 1 more time." in pages[3]
    assert "This code no longer works. Please ask for a new one." in pages[4]
    assert answer(client).status_code == 200
    assert signed_in(client) is None
    assert set(SignIn.objects.values_list("what", "name_masked")) == {("failed", "+8***")}


def test_a_code_signs_in_once(client: Client) -> None:
    ask(client)
    code, session = client.session["login_code_sign_in"]["demo"], dict(client.session.items())
    answer(client)
    thief = Client()
    waiting = thief.session
    waiting.update(session)
    waiting.save()
    assert thief.post(CODE, {"code": code}).status_code == 200
    assert signed_in(thief) is None


def test_a_code_is_no_use_in_another_browser(client: Client) -> None:
    ask(client)
    code = client.session["login_code_sign_in"]["demo"]
    assert Client().post(CODE, {"code": code})["Location"] == SIGN_IN


def test_another_code_may_be_asked_for_after_a_minute(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask(client)
        first = client.session["login_code_sign_in"]["token"]
        client.post(AGAIN)
        assert client.session["login_code_sign_in"]["token"] == first
        clock.shift(timedelta(seconds=61))
        assert client.post(AGAIN)["Location"] == CODE
        assert client.session["login_code_sign_in"]["token"] != first
        answer(client)
    assert signed_in(client) == User.objects.get()


@pytest.mark.parametrize("demo", [True, False])
def test_the_code_stands_on_the_page_only_in_the_demo(client: Client, settings: Any, demo: bool) -> None:
    ask(client)
    code = client.session["login_code_sign_in"]["demo"]
    settings.ANJU_DEMO = demo
    assert (code in client.get(CODE).content.decode()) is demo


def test_the_phone_offers_the_code_and_the_number_pad(client: Client) -> None:
    ask(client)
    page = client.get(CODE).content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert "199****1234" in page
    assert PHONE not in page


@pytest.mark.parametrize(
    ("wanted", "reached"),
    {
        "/repairs/": "/repairs/",
        "/report/send/?a=1&b=2": "/report/send/?a=1&b=2",
        "https://evil.example/": "/",
        "//evil.example/": "/",
        "/\\evil.example": "/",
        "javascript:alert(1)": "/",
        "http://testserver/repairs/": "http://testserver/repairs/",
    }.items(),
)
def test_after_signing_in_one_stays_on_this_site(client: Client, wanted: str, reached: str) -> None:
    first = ask(client, query=f"?next={quote(wanted, safe='')}")
    assert first["Location"].startswith(CODE)
    assert answer(client, first["Location"].removeprefix(CODE))["Location"] == reached


def test_someone_signed_in_is_not_sent_to_another_site(client: Client) -> None:
    client.force_login(resident())
    assert client.get(f"{SIGN_IN}?next=https://evil.example/")["Location"] == "/"


def test_a_guest_becomes_the_resident_of_a_new_number(client: Client) -> None:
    guest = guest_in(client)
    ask(client)
    answer(client)
    assert signed_in(client) == guest
    assert User.objects.get().phone == PHONE
    assert adopted == [(guest, guest)]


def test_a_guest_with_a_known_number_becomes_that_resident_who_gets_their_things(client: Client) -> None:
    known, guest = resident(), guest_in(client)
    other = Client()
    other.force_login(guest)
    ask(client)
    answer(client)
    assert signed_in(client) == known
    assert adopted == [(guest, known)]
    guest.refresh_from_db()
    assert (guest.phone, guest.is_active) == (None, False)
    assert other.get("/repairs/")["Location"].startswith(SIGN_IN)


def test_if_their_things_cannot_move_nobody_is_merged_or_signed_in(client: Client, settings: Any) -> None:
    settings.GUEST_MERGERS = ["tests.accounts.test_sign_in.refuse_to_adopt"]
    known, guest = resident(), guest_in(client)
    ask(client)
    with pytest.raises(RuntimeError):
        answer(client)
    guest.refresh_from_db()
    known.refresh_from_db()
    assert guest.is_active
    assert (known.notice_version, known.display_name) == ("", "")
    assert signed_in(client) == guest


def test_a_text_message_does_not_open_a_staff_account(client: Client) -> None:
    User.objects.create_user("wang", "a long password", phone=PHONE)
    ask(client)
    assert answer(client)["Location"] == SIGN_IN
    assert signed_in(client) is None
    assert not SignIn.objects.exists()


def test_a_closed_account_stays_closed(client: Client) -> None:
    User.objects.create_user(phone=PHONE, is_active=False)
    ask(client)
    assert answer(client)["Location"] == SIGN_IN
    assert signed_in(client) is None


def test_signing_out_forgets_the_browser_and_is_logged(client: Client) -> None:
    user = resident()
    client.force_login(user)
    client.post("/account/sign-out/")
    assert signed_in(client) is None
    assert list(SignIn.objects.values_list("what", "user")) == [("signed_out", user.pk)]


def test_elder_mode_goes_on_and_off_and_back_to_the_page(client: Client) -> None:
    on = client.post("/account/elder/", {"next": "/help/"})
    assert (on["Location"], client.cookies["elder"].value) == ("/help/", "1")
    client.post("/account/elder/", {"next": "https://evil.example/"})
    assert client.cookies["elder"].value == ""


def test_the_language_is_kept_in_the_browser_and_for_messages(client: Client) -> None:
    user = resident()
    client.force_login(user)
    assert client.post("/account/language/", {"language": "en", "next": "/help/"})["Location"] == "/help/"
    user.refresh_from_db()
    assert (client.cookies["django_language"].value, user.language) == ("en", "en")
    client.post("/account/language/", {"language": "fr"})
    user.refresh_from_db()
    assert user.language == "en"


def test_a_new_account_speaks_the_language_of_the_screen(client: Client) -> None:
    client.cookies["django_language"] = "en"
    ask(client)
    answer(client)
    assert User.objects.get().language == "en"


def test_the_two_ways_to_sign_in_lead_to_each_other(client: Client) -> None:
    assert reverse("account_login") in client.get(SIGN_IN).content.decode()
    assert f'href="{SIGN_IN}"' in client.get(reverse("account_login")).content.decode()


def test_the_notice_says_its_version(client: Client) -> None:
    assert notice.VERSION in client.get("/account/privacy/").content.decode()


def test_a_resident_stays_signed_in_for_ninety_days_without_a_visit(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(resident())
        client.get("/account/privacy/")
        clock.shift(timedelta(days=89))
        assert client.get(SIGN_IN)["Location"] == "/"
        clock.shift(timedelta(days=89))
        assert client.get(SIGN_IN)["Location"] == "/"
        clock.shift(timedelta(days=91))
        assert client.get(SIGN_IN).status_code == 200
