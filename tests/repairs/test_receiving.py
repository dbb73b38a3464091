"""Photos from a form: the files lie on the shelf before a row knows of them, whatever fails in between."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from repairs import photos, receiving
from repairs.models import Photo
from repairs.photos import PhotoNotStored
from repairs.receiving import receive_photos
from tests.town import Town, picture


def _on_the_shelf() -> list[str]:
    folder = photos.photo_path(uuid.UUID(int=0), "large").parent.parent
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def _pair(key: uuid.UUID) -> list[str]:
    return [f"{key}-large.jpg", f"{key}-small.jpg"]


def test_both_files_lie_there_when_the_row_is_written(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, save, seen = town.on_site(), Photo.save, []

    def noted(photo: Photo, **options: Any) -> None:
        seen.append((_on_the_shelf(), _pair(photo.key)))
        save(photo, **options)

    monkeypatch.setattr(Photo, "save", noted)
    receive_photos([picture()], ticket=ticket, by=town.wang)

    ((there, wanted),) = seen
    assert there == wanted


@pytest.mark.parametrize("owner", ["ticket", "draft"])
def test_a_picture_the_disk_does_not_take_has_no_row(town: Town, monkeypatch: pytest.MonkeyPatch, owner: str) -> None:
    owners: dict[str, dict[str, Any]] = {
        "ticket": {"ticket": town.on_site(), "by": town.wang},
        "draft": {"draft": town.draft()},
    }
    rows: list[int] = []

    def full(_ready: photos.ReadyPhoto) -> uuid.UUID:
        rows.append(Photo.objects.count())
        raise PhotoNotStored("Kein Platz")

    monkeypatch.setattr(receiving, "store_photo", full)

    assert receive_photos([picture()], **owners[owner]) == ([], ["Kein Platz"])
    assert (rows, Photo.objects.count()) == ([0], 0)


def test_a_row_the_database_does_not_take_leaves_files_for_the_sweep(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = town.on_site()

    def broken(_photo: Photo, **_options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(Photo, "save", broken)
    with pytest.raises(ConnectionError):
        receive_photos([picture()], ticket=ticket, by=town.wang)

    assert (len(_on_the_shelf()), Photo.objects.count()) == (2, 0)
    assert photos.sweep_orphans(lambda _keys: [], timedelta(0)) == 2


def test_a_picture_that_is_already_there_leaves_no_second_pair(town: Town) -> None:
    ticket = town.on_site()
    [first], _refused = receive_photos([picture()], ticket=ticket, by=town.wang)
    receive_photos([picture()], ticket=ticket, by=town.wang)
    assert _on_the_shelf() == _pair(first.key)
