"""The shelf of photos on disk: nothing half-written stays, nothing known is swept."""

import errno
import os
import time
import uuid
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation

from repairs import photos
from repairs.photos import PhotoNotStored, ReadyPhoto

READY = ReadyPhoto(b"large bytes", b"small bytes", 2, 1, 2, 1, "0" * 64)


def on_the_shelf() -> list[str]:
    folder = photos.photo_path(uuid.UUID(int=0), "large").parent.parent
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_stored_photo_can_be_opened_in_both_sizes() -> None:
    key = photos.store_photo(READY)
    assert photos.photo_path(key, "large").parent.name == key.hex[:2]
    with photos.open_photo(key, "large") as large, photos.open_photo(key, "small") as small:
        assert (large.read(), small.read()) == (b"large bytes", b"small bytes")
    assert on_the_shelf() == [f"{key}-large.jpg", f"{key}-small.jpg"]


def test_there_are_only_two_sizes() -> None:
    with pytest.raises(ValueError, match="etc"):
        photos.photo_path(uuid.uuid4(), "../../etc/passwd")


def test_a_removed_photo_is_gone_and_may_be_removed_twice() -> None:
    key = photos.store_photo(READY)
    photos.remove_photo(key)
    photos.remove_photo(key)
    assert on_the_shelf() == []
    with pytest.raises(FileNotFoundError):
        photos.open_photo(key, "large")


def test_photos_are_synced_before_they_are_named_and_the_folder_after(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    sync, rename = os.fsync, Path.rename

    def noted_sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        # What the disk is asked to keep is already all there, not in a buffer of ours.
        done.append(f"sync {path.suffix} {path.stat().st_size}" if path.is_file() else "sync folder")
        sync(descriptor)

    def noted_rename(self: Path, target: Path) -> Path:
        done.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    photos.store_photo(READY)
    assert done == ["sync folder", "sync .part 11", "rename", "sync .part 11", "rename", "sync folder"]


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_a_full_disk_leaves_nothing_and_says_what_to_do(failing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder's sync, the large file's, the small file's, the folder's again: whichever fails."""
    calls, sync = iter(range(1, 10)), os.fsync

    def full(descriptor: int) -> None:
        if next(calls) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with translation.override("en"), pytest.raises(PhotoNotStored) as failed:
        photos.store_photo(READY)
    wanted = "The photo couldn't be saved just now. What you wrote is kept. Please try again in a few minutes."
    assert failed.value.sentence == wanted
    assert on_the_shelf() == []


def test_half_a_pair_is_taken_back_when_the_second_file_cannot_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def only_large(self: Path, target: Path) -> Path:
        if "small" in target.name:
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", only_large)
    with pytest.raises(PhotoNotStored):
        photos.store_photo(READY)
    assert on_the_shelf() == []


def test_half_a_pair_is_taken_back_when_the_process_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", stop)
    with pytest.raises(KeyboardInterrupt):
        photos.store_photo(READY)
    assert on_the_shelf() == []


def aged(path: Path, age: timedelta) -> Path:
    moment = time.time() - age.total_seconds()
    os.utime(path, (moment, moment))
    return path


def stored(age: timedelta) -> uuid.UUID:
    key = photos.store_photo(READY)
    for size in photos.EDGES:
        aged(photos.photo_path(key, size), age)
    return key


def test_the_sweep_takes_what_no_row_knows_and_is_a_day_old() -> None:
    known, orphan, fresh = stored(timedelta(days=2)), stored(timedelta(hours=25)), stored(timedelta(hours=23))
    asked: list[uuid.UUID] = []

    def rows(keys: Collection[uuid.UUID]) -> Collection[uuid.UUID]:
        asked.extend(keys)
        return {known}

    assert photos.sweep_orphans(rows) == 2
    assert set(asked) == {known, orphan}
    assert on_the_shelf() == sorted(f"{key}-{size}.jpg" for key in (known, fresh) for size in ("large", "small"))


def test_the_sweep_takes_leftover_temporary_files_and_nothing_foreign() -> None:
    folder = photos.photo_path(stored(timedelta(days=2)), "large").parent
    for name in ("dead-large.part", "README.jpg", "notes.txt"):
        (folder / name).touch()
        aged(folder / name, timedelta(days=2))
    (folder / "now-large.part").touch()
    assert photos.sweep_orphans(lambda keys: keys) == 1
    assert {"README.jpg", "notes.txt", "now-large.part"} < set(on_the_shelf())
    assert "dead-large.part" not in on_the_shelf()


def test_the_sweep_of_an_empty_shelf_does_nothing() -> None:
    assert photos.sweep_orphans(lambda keys: keys) == 0


def test_a_file_that_vanishes_during_the_sweep_counts_as_new(tmp_path: Path) -> None:
    assert photos._changed(tmp_path / "gone.part") > time.time()
