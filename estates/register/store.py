"""The files themselves, kept under MEDIA_ROOT/register as they came; nothing serves them by address."""

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from estates.register.files import MAX_BYTES, MEGABYTE
from estates.register.reasons import FileRefused

_FOLDER = "register"


@dataclass(frozen=True)
class Kept:
    """A file that lies on disk for good; `path` is relative to MEDIA_ROOT."""

    path: str
    sha256: str
    size: int

    @property
    def where(self) -> Path:
        """Where it lies."""
        return located(self.path)


def located(path: str) -> Path:
    """The place on disk of a stored path."""
    return Path(settings.MEDIA_ROOT) / path


def keep(chunks: Iterable[bytes]) -> Kept:
    """Write a file so that a power cut leaves it whole or absent: temporary file, fsync, rename, fsync the folder."""
    path = f"{_FOLDER}/{timezone.localdate():%Y-%m}/{uuid.uuid4().hex}"
    target = located(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_suffix(".part")
    digest, size = hashlib.sha256(), 0
    try:
        with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > MAX_BYTES:
                    raise FileRefused("too_big", most=MAX_BYTES // MEGABYTE)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return Kept(path, digest.hexdigest(), size)


def drop(path: str) -> None:
    """Remove a file that no row needs."""
    located(path).unlink(missing_ok=True)


def whole(path: str, sha256: str) -> Path:
    """The file, when it is there and still what was sent; raises FileRefused."""
    where = located(path)
    try:
        with where.open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError as error:
        raise FileRefused("lost") from error
    if not same:
        raise FileRefused("lost")
    return where


def sweep(known: Callable[[Collection[str]], Iterable[str]], older_than: timedelta) -> int:
    """Remove files that never got a row; `known` says which of some paths have one."""
    root = located(_FOLDER)
    before = time.time() - older_than.total_seconds()
    old = [path for path in root.glob("*/*") if path.is_file() and path.stat().st_mtime < before]
    named = {str(path.relative_to(Path(settings.MEDIA_ROOT))): path for path in old}
    lost = set(named) - set(known(list(named)))
    for path in lost:
        named[path].unlink(missing_ok=True)
    return len(lost)
