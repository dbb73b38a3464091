"""The settings of production, with folders of this run, a few addresses to compare with, and statements counted."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE as _MIDDLEWARE
from config.settings import STORAGES as _STORAGES

_FOLDER = Path(os.environ["BENCH_FOLDER"])
MEDIA_ROOT = _FOLDER / "media"
SMS_FILE = _FOLDER / "sms.jsonl"
ROOT_URLCONF = "bench.urls"
MIDDLEWARE = ["bench.bare.CountStatements", *_MIDDLEWARE]
if os.environ.get("BENCH_BARE_STATIC"):
    # Where no page is weighed nobody needs to wait for compressed files.
    STORAGES = {**_STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
