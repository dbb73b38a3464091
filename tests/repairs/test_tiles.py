"""The first question's tiles are kept for half a minute; nothing is decided by them."""

import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from repairs.models import Category, RepairType, ReportDraft
from repairs.tiles import LIVES, tiles
from tests.town import Town


def _codes() -> list[str]:
    return [category.code for category in tiles()]


def test_the_tiles_follow_an_edit_of_another_process_within_half_a_minute(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = _codes()
    Category.objects.filter(code=first).update(active=False)
    assert _codes() == [first, *others]
    later = time.monotonic() + LIVES + 1
    monkeypatch.setattr("repairs.tiles.time.monotonic", lambda: later)
    assert _codes() == others


def test_the_tiles_are_read_once(town: Town) -> None:
    with CaptureQueriesContext(connection) as read:
        tiles()
        tiles()
    assert len(read) == 2


def test_a_type_still_shown_but_no_longer_in_use_is_not_accepted(town: Town) -> None:
    address, browser = reverse("repairs:report_what"), Client()
    browser.get(address)
    RepairType.objects.filter(code="GAS-SMELL").update(active=False)
    assert browser.post(address, {"repair_type": "GAS-SMELL"})["Location"] == address
    assert not ReportDraft.objects.filter(repair_type__isnull=False).exists()
