import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

from config.logs import JsonFormatter, mask_phones, request_id


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the whole house would have written to stderr."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


@pytest.mark.parametrize(
    "number",
    [
        "13812345678",
        "+8613812345678",
        "8613812345678",
        "008613812345678",
        "+86 138 1234 5678",
        "138-1234-5678",
        "１３８１２３４５６７８",
        "%2B8619900001234",
        "0595-22345678",
        "0595 2234567",
        "+44 20 7946 0958",
    ],
)
def test_a_number_is_masked_however_it_is_written(number: str) -> None:
    masked = mask_phones(f"call {number}.")
    assert "*********" in masked
    assert number not in masked
    assert sum(character.isdigit() for character in masked) <= 4


@pytest.mark.parametrize(
    "text", ["1763812345", "1763812345678", "350502001", "2026-11-22T21:40:36.418", "海滨-2611-0387", "12345", "119"]
)
def test_what_is_no_number_stays_readable(text: str) -> None:
    assert mask_phones(text) == text


@pytest.mark.parametrize("name", ["repairs.sms", "procrastinate.worker", "allauth", "django.request", "some.library"])
def test_no_logger_lets_a_number_through(written: io.StringIO, name: str) -> None:
    logging.getLogger(name).warning("Job send_sms(to=%s) failed", "+8613812345678")
    assert json.loads(written.getvalue())["message"] == "Job send_sms(to=*********78) failed"


def test_no_traceback_lets_a_number_through() -> None:
    try:
        raise ValueError("13812345678")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, sys.exc_info())
    line = json.loads(JsonFormatter().format(record))
    assert "13812345678" not in line["traceback"]
    assert "*********78" in line["traceback"]


def test_a_line_carries_the_request_and_its_fields() -> None:
    token = request_id.set("abcdefgh")
    record = logging.LogRecord("anju", logging.INFO, "", 0, "request", None, None)
    record.fields = {"ms": 12}
    line = json.loads(JsonFormatter().format(record))
    request_id.reset(token)
    assert {key: line[key] for key in ("level", "logger", "message", "request", "ms")} == {
        "level": "info",
        "logger": "anju",
        "message": "request",
        "request": "abcdefgh",
        "ms": 12,
    }


def test_every_handler_in_the_settings_is_the_masking_one() -> None:
    assert [handler["formatter"] for handler in settings.LOGGING["handlers"].values()] == ["json"]
    assert all(not logger["handlers"] for logger in settings.LOGGING["loggers"].values())
