"""Log lines: one JSON object per line, with the request's id, and never a phone number."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

# A Chinese mobile number with or without +86, 0086, spaces and hyphens, in half or full width; a landline with its
# area code; any number written with a plus. Neighbouring digits mean it is something else: an id, a time.
_PHONE = re.compile(
    r"(?<!\d)(?:"
    r"(?:(?:\+|00)?86[\s-]?)?[1１][3-9３-９]\d(?:[\s-]?\d{4}){2}"
    r"|0\d{2,3}[\s-]\d{7,8}"
    r"|\+\d(?:[\s-]?\d){7,14}"
    r")(?!\d)"
)


def mask_phones(text: str) -> str:
    """The text with anything like a phone number cut down to its last two digits: `*********78`."""
    return _PHONE.sub(lambda found: "*********" + found.group()[-2:], text)


class JsonFormatter(logging.Formatter):
    """Masks the finished line, so that a number cannot slip in through an argument, a field or a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            line["request"] = current
        # What our own code adds: logger.info("…", extra={"fields": {"ms": 12}})
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return mask_phones(json.dumps(line, ensure_ascii=False, default=str))


def configuration(*, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything goes through one handler; libraries keep no handlers of their own."""
    quiet = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "anju": {**quiet, "level": level},
            "django": {**quiet, "level": level},
            "django.server": {**quiet, "level": "WARNING"},  # RequestLog writes a better line
            "django.utils.autoreload": {**quiet, "level": "WARNING"},
            "procrastinate": {**quiet, "level": level},
            "procrastinate.blueprints": {**quiet, "level": "WARNING"},  # told at the start of every command
            "procrastinate.periodic": {**quiet, "level": "WARNING"},
            "allauth": {**quiet, "level": level},
            **{room: {**quiet, "level": level} for room in ("accounts", "estates", "repairs", "oversight")},
        },
    }
