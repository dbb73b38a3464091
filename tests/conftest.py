"""What every test stands on: a PostgreSQL of its own, empty folders, a fast password hasher, a real browser."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.db import connections
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from config import postgres, translations

if TYPE_CHECKING:
    from tests.town import Town

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Nothing in a test outlives a crash of the machine, so nothing needs to reach the disk.
SERVER_LINES = "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\nmax_connections = 200\n"

# Playwright keeps an event loop in the test's thread, where Django would refuse to touch the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

hypothesis_settings.register_profile("anju", deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("anju")

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process prepares for all: compiled words, one server whose address the workers inherit."""
    if hasattr(config, "workerinput"):
        return
    translations.compile_catalogue()
    if os.environ.get("DATABASE_URL"):
        return
    folder = Path(tempfile.mkdtemp(prefix="anju-test-"))
    server = postgres.Embedded(folder / "data", lines=SERVER_LINES)
    os.environ["DATABASE_URL"] = server.url
    os.environ["ANJU_EMBEDDED"] = "1"

    def stop() -> None:
        server.leave()
        shutil.rmtree(folder, ignore_errors=True)
        del os.environ["DATABASE_URL"]

    config.add_cleanup(stop)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Django read its settings before the server was there: tell it where the server is."""
    here = postgres.connection_settings(os.environ["DATABASE_URL"])
    for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
        connections["default"].settings_dict[key] = here[key]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, settings: Any) -> None:
    """No test sees the photos or messages of another, or of the person at the keyboard."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SMS_FILE = tmp_path / "sms" / "messages.jsonl"
    settings.CALL_FILE = tmp_path / "calls" / "calls.jsonl"


@pytest.fixture(autouse=True)
def _own_tiles() -> None:
    """No test sees the catalogue of another."""
    from repairs import tiles  # here, because models can't be imported before Django is set up

    tiles.forget()


@pytest.fixture(autouse=True)
def _own_pledges() -> None:
    """No test is promised what another was."""
    from repairs import pledges  # here, because models can't be imported before Django is set up

    pledges.forget()


@pytest.fixture(autouse=True)
def _own_wordings() -> None:
    """No test is told in the words of another."""
    from repairs import wording  # here, because models can't be imported before Django is set up

    wording.forget()


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    """Every test begins in the default language, whatever the one before it asked for."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium where it is installed, otherwise the one Playwright brought."""
    here = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
    return {**browser_type_launch_args, **here, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A Chinese phone, as most of the people we build for hold."""
    return {
        **browser_context_args,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 390, "height": 844},
    }


@pytest.fixture
def by_day() -> Iterator[None]:
    """A Tuesday at nine: the first free time is today's, and nobody sleeps."""
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Asia/Shanghai")), tick=True):
        yield


@pytest.fixture
def town(db: None) -> "Town":
    """The small town of `tests/town.py`, new for every test."""
    from tests.town import Town  # here, because models can't be imported before Django is set up

    return Town()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What can break is loaded once; every town finds it there. At the end nobody is left in the database."""
    from repairs.catalogue.loader import load_catalogue

    with django_db_blocker.unblock():
        load_catalogue()
    yield
    # A thread of the live server keeps its connection as long as a browser keeps its own: the database can't be
    # dropped under it.
    with django_db_blocker.unblock(), connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
