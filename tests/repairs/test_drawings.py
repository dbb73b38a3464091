"""The demo town's drawn photos."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from repairs.catalogue import files
from repairs.drawings import SCENES, draw_photo
from repairs.photos import read_photo

KINDS = sorted(SCENES)


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawing_is_a_photo_we_would_take(kind: str) -> None:
    ready = read_photo(SimpleUploadedFile("drawn.jpg", draw_photo(kind, 1)))
    assert (ready.width, ready.height) == (960, 720)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_draws_the_same_picture(kind: str) -> None:
    assert draw_photo(kind, 3) == draw_photo(kind, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_and_a_repair_look_different(kind: str) -> None:
    assert len({draw_photo(kind, 1), draw_photo(kind, 2), draw_photo(kind, 1, after=True)}) == 3


def test_a_burnt_out_lamp_is_darker_than_a_mended_one() -> None:
    def brightness(photo: bytes) -> int:
        pixel = Image.open(BytesIO(photo)).convert("L").resize((1, 1)).getpixel((0, 0))
        assert isinstance(pixel, int)
        return pixel

    assert brightness(draw_photo("ELE-STAIR", 1)) < 0.7 * brightness(draw_photo("ELE-STAIR", 1, after=True))


def test_a_type_without_a_scene_of_its_own_is_drawn_as_its_category() -> None:
    assert draw_photo("WAT-BURST", 1)
    with pytest.raises(KeyError):
        draw_photo("XXX-UNKNOWN", 1)


def test_every_category_that_can_break_has_a_scene() -> None:
    categories = {key[0] for key in files.project_files().categories}
    assert categories == {kind for kind in SCENES if "-" not in kind}
