"""Draws the "photos" of the demo town: no picture of a real home is needed, and the same seed gives the same picture.

Every scene is drawn on a sheet a little larger than the photo, then looked at from a slightly different place, in a
different light and with a little grain, so that no two photos of one kind look alike.
"""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from random import Random

from PIL import Image, ImageChops

from repairs.drawings import indoors, outdoors
from repairs.drawings.sheet import HIGH, WIDE, Sheet

PHOTO = 960, 720
PLASTIC = (232, 230, 224)

Scene = Callable[[Sheet, bool], None]

# By type where a type looks different from the others of its category, otherwise by category.
SCENES: dict[str, Scene] = {
    "WAT": indoors.water,
    "DRN": outdoors.drain,
    "DRN-FLOOR": partial(indoors.water, pipe=PLASTIC),
    "DRN-STACK": partial(indoors.water, pipe=PLASTIC),
    "DRN-PIPE": partial(indoors.water, pipe=PLASTIC),
    "ELE": indoors.breakers,
    "ELE-STAIR": indoors.lamp,
    "GAS": indoors.gas,
    "ROF": indoors.ceiling,
    "FAC": outdoors.facade,
    "DOR": indoors.door,
    "LFT": indoors.lift,
    "FIR": indoors.extinguishers,
    "RDP": outdoors.road,
    "RDP-COVER": outdoors.manhole,
    "ENV": outdoors.bins,
    "ENV-TREE": outdoors.tree,
    "PUB": outdoors.bench,
}


def draw_photo(kind: str, seed: int, *, after: bool = False) -> bytes:
    """A JPEG of 960 × 720 showing what `kind` (a category or type code) means, broken or, `after`, repaired.

    The same seed shows the same place before and after. Raises `KeyError` for a category there is no scene for.
    """
    category = kind.partition("-")[0]
    scene = SCENES.get(kind) or SCENES[category]
    sheet = Sheet(Random(f"{category} {seed}"))  # noqa: S311 - a drawing, not a secret
    scene(sheet, after)
    return _developed(sheet, Random(f"{kind} {seed} {after}"))  # noqa: S311


def _developed(sheet: Sheet, rng: Random) -> bytes:
    """The sheet as a phone would see it: held a little askew, unevenly lit, with grain."""
    corners = ((0, 0), (0, HIGH), (WIDE, HIGH), (WIDE, 0))
    seen = []
    for x, y in corners:
        seen += [abs(x - rng.uniform(4, 50)), abs(y - rng.uniform(4, 38))]
    photo = sheet.image.transform(PHOTO, Image.Transform.QUAD, seen, Image.Resampling.BILINEAR)
    photo = ImageChops.multiply(photo, _light(sheet.light, rng))
    grain = Image.frombytes("L", (PHOTO[0] // 2, PHOTO[1]), rng.randbytes(PHOTO[0] // 2 * PHOTO[1]))
    grain = grain.point([level // 18 for level in range(256)]).resize(PHOTO)
    photo = ImageChops.subtract(photo, Image.merge("RGB", [grain] * 3), 1, 6)
    buffer = BytesIO()
    photo.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _light(strength: float, rng: Random) -> Image.Image:
    """How bright each part of the photo is: from one side, dimmer towards the corners, warm or cool."""
    wide, high = 32, 24
    side, above, warmth = rng.uniform(-0.2, 0.2), rng.uniform(-0.05, 0.15), rng.uniform(0.88, 1.0)
    spots = bytearray()
    for row in range(high):
        for column in range(wide):
            x, y = column / (wide - 1) - 0.5, row / (high - 1) - 0.5
            level = strength * (1.06 + side * x - above * y - 0.5 * (x * x + y * y))
            for tint in (1.0, 0.5 + warmth / 2, warmth):
                spots.append(max(0, min(255, round(255 * level * tint))))
    small = Image.frombytes("RGB", (wide, high), bytes(spots))
    return small.resize((240, 180), Image.Resampling.BICUBIC).resize(PHOTO, Image.Resampling.BILINEAR)
