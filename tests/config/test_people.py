"""The number of unread messages stands on every page of who is signed in, and costs no statement of its own."""

from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.clients import signed_in
from tests.town import Town

OLD = "allauth.account.auth_backends.AuthenticationBackend"


def _badge(browser: Client, page: str) -> str:
    html = browser.get(page).content.decode()
    _before, found, after = html.partition('<b class="pill rose">')
    return after.partition("<")[0] if found else ""


def test_what_is_unread_is_counted_on_every_page_until_the_list_is_opened(town: Town) -> None:
    town.acknowledged()
    chen = signed_in(town.chen)
    assert [_badge(chen, page) for page in ("/repairs/", "/help/", "/messages/choices/")] == ["2", "2", "2"]
    assert [_badge(chen, page) for page in ("/messages/", "/repairs/")] == ["", ""]
    assert _badge(signed_in(town.neighbour), "/repairs/") == ""


def test_the_count_comes_with_the_person(town: Town) -> None:
    town.ticket()
    chen = signed_in(town.chen)
    chen.get("/help/")
    with CaptureQueriesContext(connection) as asked:
        chen.get("/help/")
    about_people = [each["sql"] for each in asked if '"accounts_user"' in each["sql"]]
    about_messages = [each["sql"] for each in asked if '"repairs_message"' in each["sql"]]
    assert about_messages == about_people
    assert len(about_people) == 1


def test_who_signed_in_before_stays_signed_in(town: Town) -> None:
    chen = signed_in(town.chen)
    session = chen.session
    session[BACKEND_SESSION_KEY] = OLD
    session.save()
    town.ticket()
    assert _badge(chen, "/repairs/") == "1"
    assert chen.session[SESSION_KEY] == str(town.chen.pk)


def test_an_account_that_was_closed_is_signed_out(town: Town) -> None:
    chen = signed_in(town.chen)
    type(town.chen).objects.filter(pk=town.chen.pk).update(is_active=False)
    assert chen.get("/repairs/").status_code == 302
