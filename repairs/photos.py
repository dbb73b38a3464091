"""Photos: what people send is judged, cleaned and kept on disk. No models here; rows hold only the key.

Nothing of the file that was sent is kept: its pixels are pasted into a fresh picture, because Pillow writes a JPEG's
comment back when it re-encodes, and a phone's picture says where its owner lives. The order that loses nothing is:
`read_photo`, `store_photo`, then the transaction with the row; a file that never got its row is swept a day later.
"""

import hashlib
import logging
import math
import os
import re
import struct
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pillow_heif
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image

logger = logging.getLogger(__name__)

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)

# Judged by content: no other decoder of Pillow is ever asked (EPS would start Ghostscript).
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
# How such a file begins: tells a damaged photo, to be chosen again, from something that never was one.
BEGINNING = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n|RIFF....WEBP|....ftyp(?:hei|hev|mif1|msf1)", re.DOTALL)
MAX_BYTES = 15 * 1024 * 1024
# Decoding PNG and WebP keeps every pixel several times over (50 million as WebP: 1 GB), JPEG and HEIC do not.
MAX_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000, "HEIF": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
# A progressive JPEG may repeat a 98-byte scan that costs 30 ms each: 15 MB of them would hold a worker for an hour.
MAX_SCANS = 50
MARKER = re.compile(rb"\xff([\x02-\xcf\xd9-\xfe])")
EOI, SOS = 0xD9, 0xDA
EDGES = {"large": 2048, "small": 480}
QUALITY = 82

# What Pillow and libheif raise on broken files; UnidentifiedImageError is an OSError (fuzzed in test_photos.py).
BROKEN = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, struct.error)
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError)

# EXIF orientation → how the pixels are turned to stand upright (EXIF 2.32, tag 0x0112).
ORIENTATION_TAG = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# One picture at a time in each process: a full-size one costs up to 500 MB while it is open.
_one_at_a_time = threading.Lock()


class PhotoRefused(Exception):
    """This file is not taken; `sentence` says in the reader's language why and what to do."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name
        self.sentence = sentence


class PhotoNotStored(Exception):
    """The photo is good but could not be written (disk full); `sentence` says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class ReadyPhoto:
    """A cleaned photo, twice as JPEG; sizes in pixels. `sha256` (hex) is of `large`: same picture, same sum."""

    large: bytes
    small: bytes
    width: int
    height: int
    small_width: int
    small_height: int
    sha256: str


def read_photo(upload: "UploadedFile[bytes]") -> ReadyPhoto:
    """The upload judged by its content, turned upright, shrunk and cleaned. Raises `PhotoRefused`."""
    name = _shown_name(upload.name)
    upload.seek(0)
    content = upload.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _too_heavy(name)
    with _one_at_a_time:
        large = _decode(name, content)
    width, height = large.size
    small = large.resize(_fit(large.size, EDGES["small"]), Image.Resampling.LANCZOS, reducing_gap=2.0)
    large_bytes = _as_jpeg(large)
    return ReadyPhoto(
        large=large_bytes,
        small=_as_jpeg(small),
        width=width,
        height=height,
        small_width=small.width,
        small_height=small.height,
        sha256=hashlib.sha256(large_bytes).hexdigest(),
    )


def _decode(name: str, content: bytes) -> Image.Image:
    """The clean pixels of the file's first picture, at most 2048 px. Size is looked at before anything is unpacked."""
    try:
        image: Image.Image = Image.open(BytesIO(content), formats=FORMATS)
    except BOMBS as error:
        raise _too_many_pixels(name) from error
    except BROKEN as error:
        raise (_broken(name) if BEGINNING.match(content) else _not_a_photo(name)) from error
    with image:
        if image.width * image.height > MAX_PIXELS.get(image.format or "", 0):
            raise _too_many_pixels(name)
        jpeg = image.format in {"JPEG", "MPO"}
        if jpeg and _has_too_many_scans(content):
            raise _broken(name)
        try:
            if jpeg:
                image.draft("RGB", _fit(image.size, EDGES["large"]))
            image.load()
            return _clean(image)
        except BOMBS as error:
            raise _too_many_pixels(name) from error
        except BROKEN as error:
            raise _broken(name) from error


def _has_too_many_scans(content: bytes) -> bool:
    """Walks the markers of a JPEG as the decoder would, without decoding."""
    scans, at = 0, 2
    while (found := MARKER.search(content, at)) and scans <= MAX_SCANS:
        marker = found[1][0]
        if marker == EOI:
            break
        scans += marker == SOS
        at = found.end() + int.from_bytes(content[found.end() : found.end() + 2])
    return scans > MAX_SCANS


def _clean(image: Image.Image) -> Image.Image:
    """A fresh upright RGB picture with these pixels and nothing else; what was transparent is white."""
    turn = UPRIGHT.get(_orientation(image))
    pixels = _plain_mode(image).resize(_fit(image.size, EDGES["large"]), Image.Resampling.LANCZOS, reducing_gap=2.0)
    fresh = Image.new("RGB", pixels.size, "white")
    fresh.paste(pixels.convert("RGB"), mask=pixels.getchannel("A") if pixels.mode == "RGBA" else None)
    return fresh.transpose(turn) if turn is not None else fresh


def _plain_mode(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be resized; 16-bit grey is scaled, where Pillow's own conversion would clip it."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"RGB", "L", "CMYK"} else image.convert("RGB")


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) when there is none; Pillow passes over EXIF that is damaged."""
    orientation = image.getexif().get(ORIENTATION_TAG, 1)
    return orientation if isinstance(orientation, int) else 1


def _fit(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size shrunk, never enlarged, so that the longer side is at most `edge`."""
    ratio = min(1.0, edge / max(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def _as_jpeg(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    return buffer.getvalue()


def _shown_name(name: str | None) -> str:
    """The file's name as it may stand in a sentence: no invisible characters, not endless, never empty."""
    shown = "".join(character for character in name or "" if character.isprintable()).strip()
    if len(shown) > 60:
        shown = f"{shown[:40]}…{shown[-16:]}"
    return shown or _("Photo without a name")


def _not_a_photo(name: str) -> PhotoRefused:
    sentence = _("“%(name)s” isn't a photo we can open. Please choose a JPEG, PNG, WebP or HEIC picture.")
    return PhotoRefused(name, sentence % {"name": name})


def _broken(name: str) -> PhotoRefused:
    sentence = _("“%(name)s” is damaged and can't be opened. Please choose it again, or take a new photo.")
    return PhotoRefused(name, sentence % {"name": name})


def _too_heavy(name: str) -> PhotoRefused:
    sentence = _("“%(name)s” is larger than 15 MB. Please choose a smaller picture, or send a screenshot of it.")
    return PhotoRefused(name, sentence % {"name": name})


def _too_many_pixels(name: str) -> PhotoRefused:
    sentence = _(
        "“%(name)s” has too many pixels for us to open. Please choose a smaller picture, or send a screenshot of it."
    )
    return PhotoRefused(name, sentence % {"name": name})


def store_photo(ready: ReadyPhoto) -> uuid.UUID:
    """Both sizes on disk for good, under a fresh key nobody can guess. Raises `PhotoNotStored`, leaving nothing."""
    key = uuid.uuid4()
    try:
        with ExitStack() as undo:
            for size, content in (("large", ready.large), ("small", ready.small)):
                _write_durably(photo_path(key, size), content, undo)
            _sync_directory(photo_path(key, "large").parent)
            undo.pop_all()
    except OSError as error:
        logger.exception("photo_not_stored", extra={"errno": error.errno})
        raise PhotoNotStored(
            _("The photo couldn't be saved just now. What you wrote is kept. Please try again in a few minutes.")
        ) from error
    return key


def photo_path(key: uuid.UUID, size: str) -> Path:
    """Where a photo of that size ("large" or "small") lies, whether or not it is there."""
    if size not in EDGES:
        raise ValueError(size)
    return _folder() / key.hex[:2] / f"{key}-{size}.jpg"


def open_photo(key: uuid.UUID, size: str) -> BinaryIO:
    """The stored JPEG, for whoever has already asked `visible_to`. Raises `FileNotFoundError`."""
    return photo_path(key, size).open("rb")


def remove_photo(key: uuid.UUID) -> None:
    """Deletes both sizes; nothing happens when they are already gone."""
    for size in EDGES:
        photo_path(key, size).unlink(missing_ok=True)


def sweep_orphans(
    known_keys: Callable[[Collection[uuid.UUID]], Iterable[uuid.UUID]], older_than: timedelta = timedelta(days=1)
) -> int:
    """Deletes files that no row knows and left-over temporary files; answers how many files went.

    `known_keys` is asked about some hundred or thousand keys at a time and answers those a row has. It is asked after
    the files were listed, and only about files older than `older_than`: a report just being sent has its files first.
    """
    before = time.time() - older_than.total_seconds()
    removed = 0
    for shard in sorted(_folder().glob("[0-9a-f][0-9a-f]")):
        old = [path for path in shard.iterdir() if _changed(path) < before]
        keys = {path: key for path in old if (key := _key_of(path))}
        known = set(known_keys(set(keys.values()))) if keys else set()
        for path in old:
            if path.suffix == ".part" or (path in keys and keys[path] not in known):
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _changed(path: Path) -> float:
    """When the file was last written; a file that someone has just renamed or removed counts as new."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _key_of(path: Path) -> uuid.UUID | None:
    """The key in the name of a stored photo; None for a file that is not ours to judge."""
    key, _dash, size = path.stem.rpartition("-")
    if path.suffix != ".jpg" or size not in EDGES:
        return None
    try:
        return uuid.UUID(key)
    except ValueError:
        return None


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "photos"


def _write_durably(path: Path, content: bytes, undo: ExitStack) -> None:
    """Writes, syncs and renames, so that the name never stands for half a file; `undo` learns how to take it back."""
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _sync_directory(path.parent.parent)
    part = path.with_suffix(".part")
    undo.callback(path.unlink, missing_ok=True)
    undo.callback(part.unlink, missing_ok=True)
    with part.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def _sync_directory(directory: Path) -> None:
    """A rename is only safe from a power cut once the directory itself is on disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
