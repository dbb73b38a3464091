"""What people see while the database is away, and when something else broke."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from accounts.models import User


@contextmanager
def _breaking(error: Exception) -> Iterator[None]:
    with patch("repairs.homepage.contents", side_effect=error):
        yield


def _browser(**cookies: str) -> Client:
    browser = Client(raise_request_exception=False)
    browser.cookies.load(cookies)
    return browser


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("gone")])
def test_a_database_that_is_away_is_said_plainly(error: Exception) -> None:
    with _breaking(error):
        answer = _browser().get("/")
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "30", "no-store")
    page = answer.content.decode()
    assert 'lang="zh-hans"' in page
    assert all(f'href="tel:{number}"' in page for number in ("119", "120", "95598"))


@pytest.mark.django_db
def test_it_is_said_in_english_to_who_reads_english() -> None:
    with _breaking(OperationalError("gone")):
        page = _browser(django_language="en").get("/").content.decode()
    assert "We are not reachable for a moment" in page


@pytest.mark.django_db
def test_anything_else_is_our_fault() -> None:
    with _breaking(ZeroDivisionError()):
        assert _browser().get("/").status_code == 500


@pytest.mark.django_db
def test_the_page_needs_no_session(django_user_model: type[User]) -> None:
    browser = _browser()
    browser.force_login(django_user_model.objects.create_guest("陈"))
    with patch("django.contrib.sessions.backends.db.SessionStore.load", side_effect=OperationalError("gone")):
        assert browser.get("/repairs/").status_code == 503
