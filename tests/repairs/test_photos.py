"""Photos: only pictures come in, and only pixels are kept."""

import random
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from repairs import photos
from repairs.photos import PhotoRefused, read_photo

# Pillow talks about the broken files it meets; here they are broken on purpose.
pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\..*")

RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 60), (30, 60, 200), (220, 200, 40)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def four_corners(width: int = 160, height: int = 120) -> Image.Image:
    """Red, green / blue, yellow: every turn of it can be told apart."""
    image = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height // 2), GREEN)
    draw.rectangle((0, height // 2, width // 2, height), BLUE)
    draw.rectangle((width // 2, height // 2, width, height), YELLOW)
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def upload(content: bytes, name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def refusal(content: bytes, name: str = "IMG_0001.jpg") -> str:
    with pytest.raises(PhotoRefused) as refused:
        read_photo(upload(content, name))
    assert refused.value.name == name
    return refused.value.sentence


def corners_of(jpeg: bytes) -> list[tuple[int, int, int]]:
    image = Image.open(BytesIO(jpeg)).convert("RGB")
    right, bottom = image.width * 9 // 10, image.height * 9 // 10
    left, top = image.width // 10, image.height // 10
    seen = [image.getpixel(at) for at in ((left, top), (right, top), (left, bottom), (right, bottom))]
    return [min((RED, GREEN, BLUE, YELLOW), key=lambda known: distance(known, pixel)) for pixel in seen]


def distance(one: tuple[int, ...], other: object) -> int:
    assert isinstance(other, tuple)
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(edge: int) -> bytes:
    """A PNG of edge × edge black pixels, as small as it gets."""
    packer = zlib.compressobj(9)
    row = bytes(1 + edge // 8)
    packed = b"".join(packer.compress(row) for _ in range(edge)) + packer.flush()
    header = struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def test_a_photo_comes_back_large_and_small() -> None:
    ready = read_photo(upload(encoded(four_corners(4000, 3000), "JPEG")))
    large, small = Image.open(BytesIO(ready.large)), Image.open(BytesIO(ready.small))
    assert (large.format, large.size) == ("JPEG", (2048, 1536)) == ("JPEG", (ready.width, ready.height))
    assert (small.format, small.size) == ("JPEG", (480, 360)) == ("JPEG", (ready.small_width, ready.small_height))
    assert large.info["progressive"]


def test_a_small_photo_is_not_blown_up() -> None:
    ready = read_photo(upload(encoded(four_corners(300, 200), "PNG")))
    assert (ready.width, ready.height, ready.small_width, ready.small_height) == (300, 200, 300, 200)


def test_a_picture_one_pixel_high_stays_one_pixel_high() -> None:
    ready = read_photo(upload(encoded(Image.new("RGB", (9000, 1)), "PNG")))
    assert (ready.width, ready.height, ready.small_width, ready.small_height) == (2048, 1, 480, 1)


def test_the_same_picture_has_the_same_sum() -> None:
    content = encoded(four_corners(), "JPEG")
    assert read_photo(upload(content)).sha256 == read_photo(upload(content, "copy.jpg")).sha256


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "MPO"])
def test_the_pictures_phones_send_are_taken_whatever_their_name(kind: str) -> None:
    ready = read_photo(upload(encoded(four_corners(), kind), "holiday.exe"))
    assert corners_of(ready.large) == corners_of(ready.small) == [RED, GREEN, BLUE, YELLOW]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode: str) -> None:
    image = Image.new("I;16", (20, 20), 0x8000) if mode == "I;16" else four_corners(20, 20).convert(mode)
    assert read_photo(upload(encoded(image, "PNG"))).width == 20


def test_sixteen_bit_grey_keeps_its_brightness() -> None:
    ready = read_photo(upload(encoded(Image.new("I;16", (20, 20), 0x8000), "PNG")))
    assert Image.open(BytesIO(ready.large)).getpixel((10, 10)) == (128, 128, 128)


def test_what_is_transparent_turns_white() -> None:
    ready = read_photo(upload(encoded(Image.new("RGBA", (20, 20), (255, 0, 0, 0)), "PNG")))
    assert Image.open(BytesIO(ready.large)).getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_a_moving_picture_the_first_frame_is_kept(kind: str) -> None:
    film = encoded(four_corners(), kind, save_all=True, append_images=[Image.new("RGB", (160, 120), "white")])
    assert corners_of(read_photo(upload(film)).large) == [RED, GREEN, BLUE, YELLOW]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_where_and_with_what_it_was_taken_is_gone(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (24.0, 54.0, 31.0), 29: "2026:11:22"})
    content = encoded(four_corners(), kind, exif=exif, icc_profile=b"SecretProfile" * 20, xmp=b"<x>SecretXmp</x>")
    assert b"SecretMaker" in content
    ready = read_photo(upload(content))
    for jpeg in (ready.large, ready.small):
        assert set(Image.open(BytesIO(jpeg)).info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density",
                                                       "progressive", "progression"}  # fmt: skip
        assert b"Secret" not in jpeg
        assert b"Exif" not in jpeg


def test_a_script_in_a_jpeg_comment_is_gone() -> None:
    content = encoded(four_corners(), "JPEG", comment=b"<script>alert(1)</script>")
    assert b"<script>" in content
    ready = read_photo(upload(content))
    assert b"<script>" not in ready.large + ready.small


def test_the_texts_in_a_png_are_gone() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "SecretText")
    texts.add_itxt("XML:com.adobe.xmp", "SecretXmp")
    content = encoded(four_corners(), "PNG", pnginfo=texts) + b"SecretTail"
    assert content.count(b"Secret") == 3
    ready = read_photo(upload(content))
    assert b"Secret" not in ready.large + ready.small


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, [RED, GREEN, BLUE, YELLOW]),
        (2, [GREEN, RED, YELLOW, BLUE]),
        (3, [YELLOW, BLUE, GREEN, RED]),
        (4, [BLUE, YELLOW, RED, GREEN]),
        (5, [RED, BLUE, GREEN, YELLOW]),
        (6, [BLUE, RED, YELLOW, GREEN]),
        (7, [YELLOW, GREEN, BLUE, RED]),
        (8, [GREEN, YELLOW, RED, BLUE]),
        (99, [RED, GREEN, BLUE, YELLOW]),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_photo_is_turned_upright(kind: str, orientation: int, upright: list[tuple[int, int, int]]) -> None:
    exif = Image.Exif()
    exif[photos.ORIENTATION_TAG] = orientation
    ready = read_photo(upload(encoded(four_corners(3000, 2000), kind, exif=exif)))
    assert corners_of(ready.large) == corners_of(ready.small) == upright
    assert (ready.width, ready.height) == ((1365, 2048) if orientation in {5, 6, 7, 8} else (2048, 1365))


def test_damaged_exif_does_not_cost_the_photo() -> None:
    content = encoded(four_corners(), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert corners_of(read_photo(upload(content)).large) == [RED, GREEN, BLUE, YELLOW]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.gif", encoded(four_corners(), "GIF")),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("bill.pdf", encoded(four_corners(), "PDF")),
        ("print.eps", encoded(four_corners(), "EPS")),
        ("scan.tiff", encoded(four_corners(), "TIFF")),
        ("new.avif", encoded(four_corners(), "AVIF")),
        ("renamed.jpg", b"MZ\x90\x00" + b"\x00" * 500),
        ("page.png", b"<!doctype html><script>alert(1)</script>"),
        ("empty.jpg", b""),
    ],
)
def test_anything_else_is_refused_by_name(name: str, content: bytes) -> None:
    wanted = f"“{name}” isn't a photo we can open. Please choose a JPEG, PNG, WebP or HEIC picture."
    assert refusal(content, name) == wanted


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "MPO"])
def test_a_truncated_photo_is_refused(kind: str) -> None:
    grain = Image.frombytes("RGB", (160, 120), random.Random(7).randbytes(160 * 120 * 3))
    content = encoded(grain, kind)
    wanted = "“half.jpg” is damaged and can't be opened. Please choose it again, or take a new photo."
    assert refusal(content[: len(content) // 3], "half.jpg") == wanted


def test_a_file_over_fifteen_megabytes_is_refused() -> None:
    photo = encoded(four_corners(), "JPEG")
    just_right = photo + bytes(photos.MAX_BYTES - len(photo))
    assert read_photo(upload(just_right)).width == 160
    wanted = "“big.jpg” is larger than 15 MB. Please choose a smaller picture, or send a screenshot of it."
    assert refusal(just_right + b"\x00", "big.jpg") == wanted


@pytest.mark.parametrize("edge", [5200, 12_000, 50_000])
def test_a_bomb_is_refused_before_it_is_unpacked(edge: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", lambda self: pytest.fail("unpacked"))
    started = time.monotonic()
    assert "has too many pixels for us to open" in refusal(bomb(edge) if edge < 50_000 else huge_bomb(), "bomb.png")
    assert time.monotonic() - started < 5


def huge_bomb() -> bytes:
    """50,000² pixels; what it would unpack to is left out, since nobody may get as far as looking at it."""
    content = bomb(8)
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 6, 0, 0, 0)
    return content[:8] + png_chunk(b"IHDR", header) + content[8 + 25 :]


# VmHWM is this process's own peak; ru_maxrss would be inherited from the process of the tests.
JUDGE = """
import re, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from django.core.files.uploadedfile import SimpleUploadedFile
from repairs import photos
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
content = sys.stdin.buffer.read()
before = peak()
try:
    print(photos.read_photo(SimpleUploadedFile("b", content)).width)
except photos.PhotoRefused:
    print("refused")
print(peak() - before)
"""


def judged_apart(content: bytes) -> tuple[str, int]:
    """What became of the file in a process of its own, and how many megabytes it took at most (on Linux)."""
    done = subprocess.run([sys.executable, "-c", JUDGE], input=content, capture_output=True, check=True)
    outcome, kilobytes = done.stdout.decode().split()
    return outcome, int(kilobytes) // 1024


def test_a_bomb_takes_no_memory() -> None:
    outcome, megabytes = judged_apart(bomb(12_000))
    assert outcome == "refused"
    assert megabytes < 20


def test_a_full_camera_picture_is_opened_in_bounded_memory() -> None:
    outcome, megabytes = judged_apart(encoded(Image.new("RGB", (8160, 6120), GREEN), "JPEG"))
    assert outcome == "2048"
    assert megabytes < 120


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    """Each repeated scan is 98 bytes and costs 30 ms at 49 million pixels."""
    photo = encoded(four_corners(), "JPEG", progressive=True)
    again = photo[photo.rindex(b"\xff\xc4", 0, photo.rindex(b"\xff\xda")) : -2]
    assert read_photo(upload(photo[:-2] + again * 30 + b"\xff\xd9")).width == 160
    assert "is damaged" in refusal(photo[:-2] + again * 60 + b"\xff\xd9")


def test_a_film_hidden_behind_a_photo_does_not_count_as_scans() -> None:
    assert read_photo(upload(encoded(four_corners(), "JPEG") + b"\x00\x02" + b"\xff\xda\x00\x02" * 500)).width == 160


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("泡水.txt", "泡水.txt"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("x" * 200 + "-the-end.heic", "x" * 40 + "…xxx-the-end.heic"),
        ("\u200b", "Photo without a name"),
    ],
)
def test_the_refusal_shows_a_readable_name(name: str, shown: str) -> None:
    with pytest.raises(PhotoRefused) as refused:
        read_photo(upload(b"no", name))
    assert refused.value.name == shown
    assert refused.value.sentence.startswith(f"“{shown}” ")


def sample(kind: str, **options: object) -> bytes:
    grain = Image.frombytes("RGB", (16, 12), random.Random(1).randbytes(16 * 12 * 3)).resize((64, 48))
    exif = Image.Exif()
    exif[photos.ORIENTATION_TAG] = 6
    return encoded(grain, kind, exif=exif, **options)


SAMPLES = [sample("JPEG"), sample("JPEG", progressive=True), sample("PNG"), sample("WEBP"), sample("HEIF")]


def taken_or_refused(content: bytes) -> None:
    """The only two ends an upload may come to."""
    with suppress(PhotoRefused):
        assert read_photo(upload(content)).width > 0


@given(st.binary(max_size=400))
@hypothesis_settings(max_examples=100, deadline=None, database=None)
def test_random_bytes_are_refused_politely(content: bytes) -> None:
    taken_or_refused(content)


@given(st.sampled_from(SAMPLES), st.data())
@hypothesis_settings(max_examples=150, deadline=None, database=None)
def test_a_photo_cut_anywhere_is_taken_or_refused(photo: bytes, data: st.DataObject) -> None:
    taken_or_refused(photo[: data.draw(st.integers(0, len(photo)))])


@given(st.sampled_from(SAMPLES), st.data())
@hypothesis_settings(max_examples=400, deadline=None, database=None)
def test_a_photo_with_flipped_bits_is_taken_or_refused(photo: bytes, data: st.DataObject) -> None:
    damaged = bytearray(photo)
    for place in data.draw(st.lists(st.integers(0, 8 * len(photo) - 1), min_size=1, max_size=8)):
        damaged[place // 8] ^= 1 << place % 8
    taken_or_refused(bytes(damaged))
