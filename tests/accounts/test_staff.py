import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignIn, User

pytestmark = pytest.mark.django_db
LOGIN = "/staff/login/"
PASSWORD = "a long password"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


@pytest.fixture
def wang() -> User:
    return User.objects.create_user("wang", PASSWORD, display_name="王建国")


def sign_in(client: Client, password: str = PASSWORD, username: str = "wang", **data: str) -> Any:
    return client.post(LOGIN, {"login": username, "password": password, **data})


def signed_in(client: Client) -> User | None:
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk) if pk else None


def totp_now() -> str:
    return str(format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time())))))


def log() -> list[tuple[str, int | None, str]]:
    return list(SignIn.objects.order_by("pk").values_list("what", "user", "name_masked"))


# method, address → what nobody, a resident and staff get
GETS: dict[tuple[str, str], list[object]] = {
    ("get", LOGIN): [200, 200, 200],
    ("get", "/staff/logout/"): ["/", 200, 200],
    ("get", "/staff/signup/"): [200, 200, 200],
    ("post", "/staff/signup/"): [200, 200, 200],
    ("get", "/staff/inactive/"): [200, 200, 200],
    ("get", "/staff/reauthenticate/"): ["/account/?next=/staff/reauthenticate/", 403, 200],
    ("get", "/staff/password/"): ["/account/?next=/staff/password/", 403, 200],
    ("get", "/staff/2fa/"): ["/account/?next=/staff/2fa/", 403, 200],
    ("get", "/staff/2fa/authenticate/"): [LOGIN, "/", "/"],
    ("get", "/staff/2fa/reauthenticate/"): ["/account/?next=/staff/2fa/reauthenticate/", 403, "reauthenticate"],
    ("get", "/staff/2fa/app/on/"): ["/account/?next=/staff/2fa/app/on/", 403, "reauthenticate"],
    ("get", "/staff/2fa/app/off/"): ["/account/?next=/staff/2fa/app/off/", 403, 404],
    ("get", "/staff/2fa/codes/"): ["/account/?next=/staff/2fa/codes/", 403, 404],
    ("get", "/staff/2fa/codes/new/"): ["/account/?next=/staff/2fa/codes/new/", 403, "reauthenticate"],
    ("get", "/staff/2fa/codes/file/"): ["/account/?next=/staff/2fa/codes/file/", 403, 404],
    ("get", "/staff/email/"): [404, 404, 404],
    ("get", "/staff/password/reset/"): [404, 404, 404],
    ("get", "/admin/"): ["/admin/login/?next=/admin/", "/admin/login/?next=/admin/", "/admin/login/?next=/admin/"],
}


@pytest.mark.parametrize(("method", "address"), GETS)
def test_who_gets_what(client: Client, wang: User, method: str, address: str) -> None:
    got: list[object] = []
    for user in (None, User.objects.create_user(phone="+8619900001234"), wang):
        client.logout()
        if user:
            client.force_login(user)
        response = getattr(client, method)(address)
        where = response.headers.get("Location", response.status_code)
        got.append("reauthenticate" if str(where).startswith("/staff/reauthenticate/") else where)
    assert got == GETS[method, address]


def test_username_and_password_sign_in_whatever_the_case(client: Client, wang: User) -> None:
    assert sign_in(client, username="WANG")["Location"] == reverse("repairs:home")
    assert signed_in(client) == wang
    assert log() == [("signed_in", wang.pk, "")]


@pytest.mark.parametrize(("wanted", "reached"), [("/help/", "/help/"), ("https://evil.example/", "/")])
def test_after_signing_in_one_stays_on_this_site(client: Client, wang: User, wanted: str, reached: str) -> None:
    assert sign_in(client, next=wanted)["Location"] == reached


def test_a_wrong_password_and_an_unknown_name_look_the_same_and_are_logged(client: Client, wang: User) -> None:
    client.cookies["django_language"] = "en"
    pages = [sign_in(client, "wrong").content.decode(), sign_in(client, "wrong", "nobody").content.decode()]
    assert ["The username or the password is not right." in page for page in pages] == [True, True]
    assert log() == [("failed", None, "wa***"), ("failed", None, "no***")]


def test_after_five_failures_the_right_password_waits_fifteen_minutes(client: Client, wang: User) -> None:
    client.cookies["django_language"] = "en"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(5):
            sign_in(client, "wrong")
        assert "Please wait 15 minutes" in sign_in(client).content.decode()
        assert signed_in(client) is None
        assert [what for what, _, _ in log()] == ["failed"] * 5 + ["locked"]
        clock.shift(timedelta(minutes=15, seconds=1))
        sign_in(client)
        assert signed_in(client) == wang


def test_the_limit_holds_across_addresses(client: Client, wang: User) -> None:
    for n in range(5):
        client.post(LOGIN, {"login": "wang", "password": "wrong"}, REMOTE_ADDR=f"192.0.2.{n}")
    client.post(LOGIN, {"login": "wang", "password": PASSWORD}, REMOTE_ADDR="192.0.2.99")
    assert signed_in(client) is None


def test_a_resident_without_password_cannot_sign_in_here(client: Client) -> None:
    User.objects.create_user(phone="+8619900001234")
    for username in ("+8619900001234", ""):
        sign_in(client, "", username)
        sign_in(client, PASSWORD, username)
    assert signed_in(client) is None


def test_a_closed_account_is_told_so(client: Client) -> None:
    User.objects.create_user("wang", PASSWORD, is_active=False)
    assert sign_in(client)["Location"] == reverse("account_inactive")
    assert signed_in(client) is None


def test_nobody_signs_up(client: Client) -> None:
    data = {"username": "mallory", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/staff/signup/", data).templates[0].name == "account/signup_closed.html"
    assert not User.objects.exists()


def test_with_an_authenticator_the_password_alone_is_not_enough(client: Client, wang: User) -> None:
    TOTP.activate(wang, SECRET)
    assert sign_in(client)["Location"] == reverse("mfa_authenticate")
    assert signed_in(client) is None
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert signed_in(client) is None
    client.post(reverse("mfa_authenticate"), {"code": totp_now()})
    assert signed_in(client) == wang
    assert log() == [("failed", None, "wa***"), ("signed_in", wang.pk, "")]


def test_a_recovery_code_works_once(client: Client, wang: User) -> None:
    TOTP.activate(wang, SECRET)
    code = RecoveryCodes.activate(wang).generate_codes()[0]
    for expected in (wang, None):
        client.logout()
        sign_in(client)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert signed_in(client) == expected


def test_a_guest_or_resident_of_this_browser_may_become_staff(client: Client, wang: User) -> None:
    TOTP.activate(wang, SECRET)
    client.force_login(User.objects.create_guest())
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": totp_now()})
    assert signed_in(client) == wang


def test_staff_switch_their_authenticator_on_and_off(client: Client, wang: User) -> None:
    sign_in(client)
    client.post("/staff/reauthenticate/", {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post(reverse("mfa_activate_totp"), {"code": code})["Location"] == reverse("mfa_view_recovery_codes")
    for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        assert client.get(reverse(name)).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=wang).exists()


def test_staff_change_their_password(client: Client, wang: User) -> None:
    sign_in(client)
    new = "an even longer one"
    client.post("/staff/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    wang.refresh_from_db()
    assert wang.check_password(new)


def test_administrators_sign_in_like_all_staff(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"] == f"{LOGIN}?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "root", "password": "x"}).status_code == 302


PAGES = [LOGIN, "/staff/signup/", "/staff/inactive/", "/staff/2fa/", "/staff/password/", "/staff/logout/"]


@pytest.mark.parametrize("address", [*PAGES, "/staff/2fa/app/on/", "/staff/reauthenticate/"])
def test_every_staff_page_is_chinese(client: Client, wang: User, address: str) -> None:
    sign_in(client)
    if address != "/staff/reauthenticate/":
        client.post("/staff/reauthenticate/", {"password": PASSWORD})
    html = client.get(address).content.decode()
    main = re.search(r"<main.*?</main>", html, re.S)
    assert main is not None
    words = re.sub(r"<(script|style|svg|code).*?</\1>|<[^>]*>|&\w+;", " ", main.group(), flags=re.S)
    assert re.findall(r"[A-Za-z]{4,}", words) == []


# ------------------------------------------------------------------ idle sign-out


def test_staff_are_signed_out_after_half_an_hour_of_nothing(client: Client, wang: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client)
        client.get("/help/")
        clock.shift(timedelta(minutes=30))
        client.get("/help/")
        assert signed_in(client) == wang
        clock.shift(timedelta(minutes=30, seconds=1))
        assert client.get("/help/?a=1")["Location"] == f"{LOGIN}?next=%2Fhelp%2F%3Fa%3D1"
        assert signed_in(client) is None
        assert [what for what, _, _ in log()] == ["signed_in", "signed_out"]


def test_an_idle_post_is_not_carried_out_and_leads_to_the_login(client: Client, wang: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client)
        client.get("/help/")
        clock.shift(timedelta(minutes=31))
        assert client.post("/account/language/", {"language": "en"})["Location"] == LOGIN
        wang.refresh_from_db()
        assert wang.language == "zh-hans"


def test_an_idle_part_of_a_page_sends_the_whole_page_to_the_login(client: Client, wang: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client)
        client.get("/help/")
        clock.shift(timedelta(minutes=31))
        response = client.get("/help/", headers={"HX-Request": "true"})
        assert (response.status_code, response["HX-Redirect"]) == (200, LOGIN)


def test_a_resident_may_be_idle(client: Client) -> None:
    user = User.objects.create_user(phone="+8619900001234")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(user)
        client.get("/help/")
        clock.shift(timedelta(hours=12))
        client.get("/help/")
        assert signed_in(client) == user


def test_the_session_is_written_once_a_minute_and_no_query_is_added(client: Client, wang: User) -> None:
    def queries() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get("/account/privacy/")
        return [query["sql"].split()[0] for query in caught.captured_queries if "SAVEPOINT" not in query["sql"]]

    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client)
        client.get("/account/privacy/")
        clock.shift(timedelta(seconds=59))
        assert queries() == ["SELECT", "SELECT"]
        clock.shift(timedelta(seconds=1))
        assert queries() == ["SELECT", "SELECT", "UPDATE"]
        client.logout()
        assert queries() == []
