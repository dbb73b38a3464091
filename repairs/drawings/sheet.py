"""The paper the demo town's photos are drawn on, its tricks, and the backgrounds several scenes share."""

from collections.abc import Sequence
from math import cos, sin, tau
from random import Random

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
Point = tuple[float, float]

SHEET = WIDE, HIGH = 1040, 780
FLOOR = 620

WHITE: Colour = (236, 233, 225)
DARK: Colour = (26, 23, 21)
RUST: Colour = (122, 62, 28)
DAMP: Colour = (118, 92, 58)
BRASS: Colour = (196, 158, 84)
STEEL: Colour = (164, 168, 170)
CEMENT: Colour = (152, 148, 140)
RED: Colour = (186, 36, 28)
GREEN: Colour = (46, 122, 66)
YELLOW: Colour = (226, 178, 40)
WOOD: Colour = (150, 98, 56)
PAINTS: Sequence[Colour] = ((112, 150, 132), (118, 146, 168), (150, 154, 150), (160, 136, 110))


def shade(colour: Colour, by: float) -> Colour:
    """The colour made lighter (by > 1) or darker (by < 1)."""
    red, green, blue = (max(0, min(255, round(part * by))) for part in colour)
    return red, green, blue


def box_of(points: Sequence[Point]) -> Box:
    across, down = [x for x, _y in points], [y for _x, y in points]
    return min(across), min(down), max(across), max(down)


class Sheet:
    """The paper a scene is drawn on, with the few tricks that make flat shapes look like things."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.image = Image.new("RGB", SHEET, WHITE)
        self.draw = ImageDraw.Draw(self.image)
        self.light = rng.uniform(0.92, 1.06)

    def fade(self, box: Box, *colours: Colour, across: bool = False) -> None:
        """A rectangle whose colour runs through `colours`, downwards or across."""
        left, top, right, bottom = (round(edge) for edge in box)
        count = len(colours)
        strip = Image.new("RGB", (count, 1) if across else (1, count))
        strip.putdata(colours)
        middle = (0.5, 0, count - 0.5, 1) if across else (0, 0.5, 1, count - 0.5)
        size = max(1, right - left), max(1, bottom - top)
        self.image.paste(strip.resize(size, Image.Resampling.BILINEAR, box=middle), (left, top))

    def soft(self, points: Sequence[Point], colour: Colour, strength: float = 0.5, blur: float = 12) -> None:
        """A polygon without edges: a shadow, a stain, a glow. `strength` is its opacity, 0 to 1."""
        left, top, right, bottom = box_of(points)
        left, top = round(max(0, left - 2 * blur)) // 4 * 4, round(max(0, top - 2 * blur)) // 4 * 4
        wide = round(min(WIDE, right + 2 * blur) - left) // 4
        high = round(min(HIGH, bottom + 2 * blur) - top) // 4
        if wide < 1 or high < 1:
            return
        mask = Image.new("L", (wide, high))
        near = [((x - left) / 4, (y - top) / 4) for x, y in points]
        ImageDraw.Draw(mask).polygon(near, fill=round(255 * strength))
        mask = mask.filter(ImageFilter.BoxBlur(blur / 4)).resize((wide * 4, high * 4), Image.Resampling.BILINEAR)
        self.image.paste(colour, (round(left), round(top)), mask)

    def shadow(self, box: Box, strength: float = 0.45, drop: float = 14) -> None:
        """The shadow a thing of this outline throws on the wall behind it, down and to the right."""
        left, top, right, bottom = (edge + drop for edge in box)
        self.soft([(left, top), (right, top), (right, bottom), (left, bottom)], DARK, strength, drop)

    def blob(self, middle: Point, wide: float, high: float, rough: float = 0.2) -> list[Point]:
        """An uneven ellipse, such as spilt water makes."""
        first, second, third = (self.rng.uniform(0, tau) for _wave in range(3))
        shape = []
        for step in range(36):
            turn = tau * step / 36
            wave = (
                sin(2 * turn + first)
                + sin(3 * turn + second)
                + 0.7 * sin(5 * turn + third)
                + self.rng.uniform(-0.5, 0.5)
            )
            reach = 1 + rough * wave * 0.6
            shape.append((middle[0] + wide * reach * cos(turn), middle[1] + high * reach * sin(turn)))
        return shape

    def pipe(self, box: Box, colour: Colour, across: bool = True) -> None:
        """A pipe filling `box`: upright when its colours run across, otherwise lying."""
        self.shadow(box)
        tones = [shade(colour, by) for by in (0.5, 0.95, 1.3, 1.0, 0.75, 0.45)]
        self.fade(box, *tones, across=across)

    def plate(self, box: Box, colour: Colour, radius: int = 8, edge: float = 0.6) -> None:
        """A flat thing in front of a wall: box, cover, panel."""
        self.shadow(box)
        self.draw.rounded_rectangle(box, radius, shade(colour, edge))
        left, top, right, bottom = box
        self.fade((left + 4, top + 4, right - 3, bottom - 3), shade(colour, 1.12), colour, shade(colour, 0.88))

    def crack(self, start: Point, step: Point, length: int, width: int = 4) -> list[Point]:
        """A crack that wanders from `start`, thinner towards its end."""
        x, y = start
        points = [start]
        for index in range(length):
            x, y = x + step[0] + self.rng.uniform(-14, 14), y + step[1] + self.rng.uniform(-12, 12)
            points.append((x, y))
            thin = max(1, round(width * (1 - index / length)))
            self.draw.line([points[-2], points[-1]], DARK, thin)
            self.draw.line([(points[-2][0] + thin, points[-2][1]), (x + thin, y)], (206, 200, 190), 1)
        return points

    def puddle(self, middle: Point, wide: float, high: float, colour: Colour) -> None:
        """Water lying on the ground, with the light of a window in it."""
        shape = self.blob(middle, wide, high, 0.12)
        self.soft(shape, shade(colour, 0.55), 0.85, 8)
        shine = self.blob((middle[0] - wide * 0.25, middle[1] - high * 0.2), wide * 0.4, high * 0.22, 0.3)
        self.soft(shine, (220, 226, 228), 0.45, 10)

    def stain(self, middle: Point, size: float, colour: Colour = DAMP) -> None:
        """What water leaves on plaster: pale within, dark rings where it dried."""
        for part, strength in ((1.0, 0.3), (0.82, 0.28), (0.55, 0.3)):
            at = middle[0] + self.rng.uniform(-0.1, 0.1) * size, middle[1] + self.rng.uniform(-0.06, 0.06) * size
            shape = self.blob(at, size * part, size * part * 0.6, 0.16)
            self.soft(shape, colour, strength, 9)
            self.draw.line([*shape, shape[0]], shade(colour, 1.15), 2)


def stairwell(sheet: Sheet) -> None:
    """Whitewash above, oil paint to breast height, a concrete floor: the stair of every old block."""
    paint = sheet.rng.choice(PAINTS)
    line = sheet.rng.randrange(330, 400)
    sheet.fade((0, 0, WIDE, line), shade(WHITE, 0.9), WHITE)
    sheet.fade((0, line, WIDE, FLOOR), paint, shade(paint, 0.82))
    sheet.draw.line([(0, line), (WIDE, line)], shade(paint, 0.55), 7)
    for _scratch in range(14):
        x, y = sheet.rng.randrange(WIDE), sheet.rng.randrange(line + 20, FLOOR)
        sheet.draw.line(
            [(x, y), (x + sheet.rng.randrange(-30, 60), y + sheet.rng.randrange(30))], shade(paint, 1.15), 2
        )
    floor(sheet, CEMENT)


def floor(sheet: Sheet, colour: Colour, top: int = FLOOR) -> None:
    """The ground in front of a wall, darker where the two meet."""
    sheet.fade((0, top, WIDE, HIGH), shade(colour, 0.62), shade(colour, 0.95), shade(colour, 1.05))
    sheet.soft([(0, top - 16), (WIDE, top - 16), (WIDE, top + 18), (0, top + 18)], DARK, 0.4, 14)


def tiles(sheet: Sheet, colour: Colour, size: int, missing: Sequence[Point] = (), patch: Colour | None = None) -> None:
    """A tiled wall; the tiles at the `missing` centres are off (bare cement), or new when `patch` is their colour."""
    sheet.draw.rectangle((0, 0, WIDE, HIGH), shade(colour, 0.72))
    for top in range(-size // 2, HIGH, size):
        for left in range(-size // 3, WIDE, size):
            tone = shade(colour, sheet.rng.uniform(0.94, 1.05))
            if any(
                (left - x) ** 2 + 1.8 * (top - y) ** 2 < (size * 4.2) ** 2 * sheet.rng.uniform(0.8, 1.1)
                for x, y in missing
            ):
                tone = patch or shade(CEMENT, sheet.rng.uniform(0.84, 0.96))
                if not patch:
                    sheet.draw.rectangle((left, top, left + size, top + size), tone)
                    continue
            sheet.draw.rectangle((left, top, left + size - 3, top + size - 3), tone)


def paving(sheet: Sheet, colour: Colour) -> None:
    """Slabs seen from above, nearer ones larger."""
    sheet.fade((0, 0, WIDE, HIGH), shade(colour, 0.85), shade(colour, 1.05))
    for row in range(8):
        y = HIGH * (row / 8) ** 1.4
        sheet.draw.line([(0, y), (WIDE, y)], shade(colour, 0.7), 2 + row // 3)
    for column in range(-3, 12):
        sheet.draw.line([(column * 104 + 52, 0), ((column - 4.5) * 150 + 520, HIGH)], shade(colour, 0.72), 3)
