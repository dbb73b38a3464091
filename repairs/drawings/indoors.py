"""What breaks inside the house: pipes, lamps, meters, ceilings, doors, lifts, extinguishers."""

from math import sin

from repairs.drawings.sheet import (
    BRASS,
    CEMENT,
    DAMP,
    DARK,
    FLOOR,
    GREEN,
    HIGH,
    RED,
    RUST,
    STEEL,
    WHITE,
    WIDE,
    YELLOW,
    Colour,
    Sheet,
    floor,
    shade,
    stairwell,
    tiles,
)


def water(sheet: Sheet, fixed: bool, pipe: Colour = STEEL) -> None:
    """A pipe with a valve on a tiled wall, dripping into a bucket; afterwards with a new valve."""
    tiles(sheet, (226, 228, 222), 118)
    floor(sheet, (158, 150, 138))
    x, y = sheet.rng.randrange(420, 560), sheet.rng.randrange(230, 310)
    sheet.pipe((x + 20, y - 24, WIDE, y + 24), pipe, across=False)
    sheet.pipe((x - 26, 0, x + 26, FLOOR), pipe)
    metal = shade(BRASS, 1.12) if fixed else shade(BRASS, 0.72)
    for left, top, right, bottom in ((-36, -40, 36, 40), (64, -34, 92, 34), (168, -34, 196, 34)):
        sheet.fade((x + left, y + top, x + right, y + bottom), shade(metal, 0.6), shade(metal, 1.2), shade(metal, 0.6))
    sheet.fade((x + 92, y - 42, x + 168, y + 42), shade(metal, 0.6), shade(metal, 1.25), shade(metal, 0.55))
    sheet.draw.rectangle((x + 124, y - 80, x + 136, y - 40), shade(STEEL, 0.8))
    wheel = (40, 92, 170) if fixed else shade(RED, 0.8)
    sheet.draw.ellipse((x + 76, y - 104, x + 184, y - 70), shade(wheel, 0.7))
    sheet.draw.ellipse((x + 80, y - 106, x + 180, y - 78), wheel)
    if fixed:
        return
    for at in ((x, y + 10), (x + 80, y + 12), (x + 130, y + 30)):
        sheet.soft(sheet.blob(at, 34, 26, 0.3), RUST, 0.75, 8)
    sheet.soft([(x - 20, y + 40), (x + 50, y + 40), (x + 80, FLOOR), (x - 50, FLOOR)], DAMP, 0.5, 18)
    for drop in range(6):
        top = y + 56 + drop * 46 + sheet.rng.randrange(16)
        sheet.draw.ellipse((x + 124, top, x + 134, top + 20), (206, 224, 232), (120, 140, 150))
    sheet.puddle((x + 90, 704), 300, 40, (120, 128, 132))
    bucket(sheet, x + 130, 560)


def bucket(sheet: Sheet, x: float, y: float) -> None:
    colour = sheet.rng.choice(((190, 52, 44), (52, 96, 160), (210, 170, 60)))
    sheet.soft(sheet.blob((x + 16, y + 150), 110, 20, 0.05), DARK, 0.5, 12)
    for line in range(64):
        part = line / 64
        tone = shade(colour, 0.55 + 0.75 * sin(part * 3.1))
        sheet.draw.polygon([(x - 86 + 172 * part, y), (x - 83 + 172 * part + 3, y), (x - 61 + 125 * part, y + 150),
                            (x - 64 + 125 * part, y + 150)], tone)  # fmt: skip
    sheet.draw.ellipse((x - 88, y - 18, x + 90, y + 18), shade(colour, 1.15))
    sheet.draw.ellipse((x - 78, y - 13, x + 80, y + 14), (92, 108, 112))


def lamp(sheet: Sheet, fixed: bool) -> None:
    """The light on the landing: dark with a hanging wire; afterwards lit."""
    stairwell(sheet)
    x, y = sheet.rng.randrange(430, 610), sheet.rng.randrange(150, 220)
    sheet.light = 0.95 if fixed else 0.5
    if fixed:
        sheet.soft(sheet.blob((x, y), 480, 330, 0.02), (255, 236, 190), 0.62, 110)
    sheet.shadow((x - 120, y - 60, x + 120, y + 90), 0.3)
    sheet.draw.ellipse((x - 126, y - 92, x + 126, y + 92), (216, 212, 202))
    glass = (255, 250, 232) if fixed else (156, 150, 138)
    for ring in range(20):
        part = 1 - ring / 20
        tone = shade(glass, (0.94 if fixed else 0.7) + 0.016 * ring)
        sheet.draw.ellipse((x - 104 * part, y - 76 * part, x + 104 * part, y + 76 * part), tone)
    if fixed:
        return
    sheet.draw.arc((x - 190, y - 60, x + 20, y + 240), 0, 110, (150, 40, 36), 5)
    sheet.draw.arc((x - 40, y - 100, x + 150, y + 190), 40, 130, (44, 70, 130), 5)
    sheet.soft(sheet.blob((x + 30, y + 30), 60, 34, 0.3), DARK, 0.6, 12)
    sheet.crack((x - 60, y - 40), (14, 10), 8, 3)


def breakers(sheet: Sheet, fixed: bool) -> None:
    """The fuse box on the landing: scorched, wires loose; afterwards tidy, with new switches."""
    stairwell(sheet)
    x, y = sheet.rng.randrange(300, 420), sheet.rng.randrange(130, 190)
    sheet.pipe((x + 170, 0, x + 196, y), (206, 204, 198))
    sheet.plate((x, y, x + 380, y + 400), (176, 180, 178))
    sheet.draw.polygon([(x - 4, y), (x - 170, y + 34), (x - 170, y + 424), (x - 4, y + 400)], (150, 154, 152))
    sheet.draw.polygon([(x - 60, y + 150), (x - 110, y + 238), (x - 20, y + 232)], YELLOW, DARK)
    sheet.fade((x + 26, y + 26, x + 354, y + 374), (70, 72, 72), (96, 98, 98))
    for row in range(2):
        top = y + 66 + row * 160
        sheet.draw.rectangle((x + 40, top + 50, x + 340, top + 58), STEEL)
        for place in range(5):
            left = x + 48 + place * 58
            new = fixed and row == 0
            sheet.fade((left, top, left + 48, top + 108), (248, 248, 244), (214, 214, 208) if new else (190, 186, 174))
            up = fixed or place % 3 == 1
            toggle = (left + 14, top + (26 if up else 52), left + 34, top + (54 if up else 80))
            sheet.draw.rectangle(toggle, (40, 110, 60) if new else (48, 50, 54))
            wire = sheet.rng.choice(((170, 44, 36), (44, 80, 150), (206, 170, 40)))
            sheet.draw.line([(left + 24, top + 108), (left + 24, top + 150)], wire, 6)
    if fixed:
        return
    sheet.soft(sheet.blob((x + 230, y + 150), 110, 120, 0.25), DARK, 0.9, 26)
    sheet.soft(sheet.blob((x + 240, y - 30), 80, 80, 0.3), DARK, 0.5, 30)
    for colour, reach in (((190, 50, 40), 120), ((46, 84, 160), 60), ((210, 176, 50), 170)):
        sheet.draw.arc((x + 60, y + 240, x + 150 + reach, y + 400 + reach), 300, 170, colour, 7)


def gas(sheet: Sheet, fixed: bool) -> None:
    """A gas riser and its meter: rusty; afterwards painted, with the tag of the check."""
    tiles(sheet, (222, 216, 200), 150)
    floor(sheet, CEMENT)
    x, y = sheet.rng.randrange(300, 380), sheet.rng.randrange(210, 270)
    yellow = YELLOW if fixed else shade(YELLOW, 0.82)
    sheet.pipe((x - 22, 0, x + 22, FLOOR), yellow)
    sheet.pipe((x, y - 90, x + 210, y - 52), yellow, across=False)
    sheet.pipe((x + 180, y - 90, x + 214, y + 10), yellow)
    sheet.pipe((x + 370, 0, x + 404, y + 10), yellow)
    sheet.plate((x + 130, y, x + 450, y + 270), (206, 208, 204), 34)
    sheet.draw.rounded_rectangle((x + 190, y + 60, x + 390, y + 122), 6, (34, 36, 38))
    for place in range(7):
        left = x + 200 + place * 26
        sheet.draw.rectangle((left, y + 68, left + 21, y + 114), (226, 226, 220) if place < 5 else (200, 60, 50))
        sheet.draw.text((left + 4, y + 74), str(sheet.rng.randrange(10)), DARK, font_size=28)
    sheet.draw.ellipse((x + 262, y + 160, x + 318, y + 216), (180, 184, 182), (120, 122, 120), 4)
    if fixed:
        sheet.plate((x + 24, y + 90, x + 96, y + 190), GREEN, 6)
        sheet.draw.line([(x + 40, y + 140), (x + 54, y + 158), (x + 82, y + 118)], WHITE, 9)
        return
    for _patch in range(9):
        at = x + sheet.rng.uniform(-14, 14), sheet.rng.uniform(20, FLOOR)
        sheet.soft(sheet.blob(at, sheet.rng.uniform(14, 30), sheet.rng.uniform(24, 70), 0.4), RUST, 0.85, 6)
    for at in ((x + 6, y - 72), (x + 196, y - 66), (x + 386, y - 20)):
        sheet.soft(sheet.blob(at, 44, 32, 0.35), shade(RUST, 0.8), 0.85, 7)
    sheet.soft([(x + 180, y - 40), (x + 210, y - 40), (x + 205, y), (x + 185, y)], RUST, 0.6, 8)


def ceiling(sheet: Sheet, fixed: bool) -> None:
    """The corner of a room under the roof: damp rings and flaking plaster; afterwards freshly painted."""
    x, y = sheet.rng.randrange(300, 420), sheet.rng.randrange(430, 490)
    wall = sheet.rng.choice(((226, 220, 206), (214, 222, 222), (230, 216, 200)))
    sheet.fade((0, 0, WIDE, HIGH), shade(WHITE, 0.82), WHITE)
    sheet.draw.polygon([(0, y + 120), (x, y), (x, HIGH), (0, HIGH)], shade(wall, 0.8))
    sheet.draw.polygon([(x, y), (WIDE, y + 70), (WIDE, HIGH), (x, HIGH)], shade(wall, 0.95))
    sheet.soft([(0, y + 110), (x, y - 8), (x, y + 24), (0, y + 140)], DARK, 0.35, 16)
    sheet.soft([(x, y - 8), (WIDE, y + 62), (WIDE, y + 90), (x, y + 24)], DARK, 0.28, 16)
    sheet.soft([(x - 10, y), (x + 10, y), (x + 10, HIGH), (x - 10, HIGH)], DARK, 0.3, 14)
    spot = x + sheet.rng.randrange(60, 260), y - sheet.rng.randrange(150, 230)
    if fixed:
        left, top = spot[0] - 250, spot[1] - 150
        sheet.soft(
            [(left, top), (left + 520, top + 10), (left + 500, top + 290), (left + 10, top + 280)],
            (250, 249, 245),
            0.8,
            8,
        )
        return
    sheet.stain(spot, 290)
    sheet.stain((spot[0] - 190, spot[1] + 80), 150)
    sheet.soft([(x + 20, y), (x + 190, y + 10), (x + 150, HIGH), (x + 60, HIGH)], DAMP, 0.4, 24)
    for _speck in range(90):
        at = sheet.rng.gauss(spot[0], 120), sheet.rng.gauss(spot[1] + 30, 60)
        size = sheet.rng.uniform(1, 6)
        sheet.draw.ellipse((at[0], at[1], at[0] + size, at[1] + size), (74, 72, 60))
    for _flake in range(7):
        flake = sheet.blob((sheet.rng.gauss(spot[0], 130), sheet.rng.gauss(spot[1], 60)), 34, 18, 0.45)
        sheet.soft([(across + 7, down + 9) for across, down in flake], DARK, 0.5, 5)
        sheet.draw.polygon(flake, shade(CEMENT, 1.12), WHITE)


def door(sheet: Sheet, fixed: bool) -> None:
    """The street door of a stair: ajar, its pane cracked; afterwards it shuts."""
    stairwell(sheet)
    x, colour = sheet.rng.randrange(270, 350), sheet.rng.choice(((52, 84, 72), (112, 48, 38), (70, 78, 92)))
    sheet.plate((x - 30, 20, x + 430, FLOOR + 70), (126, 124, 120), 2)
    sheet.fade((x, 50, x + 400, FLOOR + 66), DARK, (52, 48, 44))
    swing = 0 if fixed else sheet.rng.randrange(70, 120)
    lean = 0 if fixed else 26
    sheet.draw.polygon(
        [(x, 50), (x + 400 - swing, 50 + lean), (x + 400 - swing, FLOOR + 66 + lean), (x, FLOOR + 66)], colour
    )
    right = x + 400 - swing
    sheet.fade((x + 6, 60 + lean, right - 8, FLOOR + 56), shade(colour, 1.25), colour, shade(colour, 0.7), across=True)
    pane = (x + 60, 120, right - 60, 330)
    sheet.fade(pane, (196, 210, 212), (134, 150, 154))
    for bar in range(1, 5):
        across = x + 60 + (right - x - 120) * bar / 5
        sheet.draw.line([(across, 120), (across, 330)], shade(colour, 0.6), 7)
    sheet.draw.rectangle((x + 60, 390, right - 60, FLOOR + 10), None, shade(colour, 0.6), 6)
    sheet.plate((right - 52, 356, right - 18, 446), STEEL if fixed else shade(RUST, 1.1), 6)
    sheet.draw.line([(right - 36, 392), (right - 96, 396 if fixed else 424)], shade(STEEL, 0.7), 13)
    sheet.plate((x + 490, 240, x + 580, 400), (196, 198, 196), 8)
    for key in range(12):
        left, top = x + 506 + key % 3 * 22, 292 + key // 3 * 24
        sheet.draw.rectangle((left, top, left + 15, top + 16), (92, 96, 98))
    sheet.draw.rectangle((x + 506, 256, x + 564, 280), (90, 190, 120) if fixed else (40, 44, 42))
    if fixed:
        return
    for _ray in range(9):
        sheet.crack((x + 150, 220), (sheet.rng.uniform(-26, 26), sheet.rng.uniform(-22, 22)), 5, 3)
    sheet.soft(sheet.blob((right - 30, 470), 40, 70, 0.3), RUST, 0.7, 12)


def lift(sheet: Sheet, fixed: bool) -> None:
    """Lift doors: stuck half open behind a barrier; afterwards shut, the floor number lit."""
    sheet.fade((0, 0, WIDE, HIGH), (206, 198, 184), (178, 170, 158))
    for seam in (190, 430):
        sheet.draw.line([(0, seam), (WIDE, seam)], (150, 144, 134), 3)
    floor(sheet, (146, 138, 128))
    x = sheet.rng.randrange(240, 320)
    sheet.plate((x - 36, 60, x + 476, FLOOR + 30), (120, 122, 124), 2)
    sheet.fade((x, 100, x + 440, FLOOR + 26), (14, 14, 16), (44, 42, 42))
    gap = 0 if fixed else sheet.rng.randrange(60, 110)
    steel = [shade(STEEL, by) for by in (0.72, 1.1, 0.86, 1.24, 0.9, 1.12, 0.7)]
    for left, right in ((x, x + 219 - gap), (x + 221 + gap // 3, x + 440)):
        sheet.fade((left, 100, right, FLOOR + 26), *steel, across=True)
    sheet.plate((x + 150, 66, x + 290, 96), (30, 30, 32), 4)
    if fixed:
        sheet.draw.text((x + 206, 62), str(sheet.rng.randrange(1, 8)), (255, 70, 40), font_size=34)
        sheet.soft(sheet.blob((x + 220, 82), 60, 30, 0), (255, 80, 40), 0.3, 16)
    sheet.plate((x + 530, 300, x + 590, 430), (198, 200, 200), 6)
    for top in (322, 376):
        sheet.draw.ellipse(
            (x + 544, top, x + 576, top + 32), (250, 200, 90) if fixed else (120, 122, 122), (90, 92, 92), 3
        )
    if fixed:
        return
    sheet.soft(sheet.blob((x + 240, FLOOR + 100), 330, 26, 0), DARK, 0.5, 14)
    for leg in (x - 10, x + 440):
        sheet.fade((leg, 470, leg + 26, FLOOR + 110), YELLOW, shade(YELLOW, 0.7), across=True)
    for top in (480, 570):
        sheet.draw.rectangle((x - 40, top, x + 500, top + 52), YELLOW)
        for stripe in range(7):
            left = x - 40 + stripe * 80
            sheet.draw.polygon([(left, top + 52), (left + 30, top), (left + 60, top), (left + 30, top + 52)], DARK)


def extinguishers(sheet: Sheet, fixed: bool) -> None:
    """The fire point of a landing: one bottle left, dusty; afterwards two, checked."""
    stairwell(sheet)
    x, y = sheet.rng.randrange(320, 420), 250
    sheet.plate((x, y, x + 340, FLOOR + 60), shade(RED, 0.86 if fixed else 0.62), 6)
    sheet.fade((x + 24, y + 24, x + 316, FLOOR + 40), (58, 22, 20), (92, 34, 30))
    for place in range(2 if fixed else 1):
        bottle(sheet, x + 44 + place * 138, y + 70, fixed)
    sheet.plate((x + 90, y - 110, x + 250, y - 40), RED, 4)
    sheet.draw.polygon(
        [(x + 150, y - 54), (x + 162, y - 98), (x + 176, y - 74), (x + 186, y - 92), (x + 192, y - 54)], WHITE
    )
    if fixed:
        return
    for _web in range(5):
        start = x + sheet.rng.randrange(180, 310), y + 24
        sheet.draw.line([start, (x + 316, y + sheet.rng.randrange(60, 240))], (150, 140, 134), 1)
    sheet.soft(
        [(x, FLOOR - 10), (x + 340, FLOOR - 10), (x + 340, FLOOR + 60), (x, FLOOR + 60)], (150, 144, 132), 0.6, 14
    )
    sheet.soft(sheet.blob((x + 120, y + 200), 100, 150, 0.2), (170, 160, 150), 0.4, 26)


def bottle(sheet: Sheet, x: float, y: float, fixed: bool) -> None:
    red = shade(RED, 1.12) if fixed else shade(RED, 0.8)
    tones = [shade(red, by) for by in (0.5, 1.0, 1.45, 1.0, 0.7, 0.42)]
    sheet.fade((x + 30, y + 10, x + 80, y + 70), *tones, across=True)
    sheet.draw.ellipse((x, y + 44, x + 110, y + 124), red)
    sheet.fade((x, y + 84, x + 110, y + 320), *tones, across=True)
    sheet.draw.rectangle((x + 18, y + 150, x + 92, y + 236), WHITE if fixed else shade(WHITE, 0.7))
    for row in range(4):
        sheet.draw.line([(x + 26, y + 168 + row * 16), (x + 84 - row % 2 * 20, y + 168 + row * 16)], (120, 60, 56), 4)
    sheet.draw.polygon([(x + 26, y + 8), (x + 104, y - 22), (x + 108, y - 12), (x + 86, y + 14)], (44, 44, 46))
    sheet.draw.ellipse((x + 6, y + 4, x + 40, y + 38), (230, 230, 226), (70, 70, 70), 3)
    sheet.draw.pieslice((x + 10, y + 8, x + 36, y + 34), 200, 250, GREEN if fixed else RED)
    sheet.draw.arc((x + 60, y - 10, x + 140, y + 190), 270, 60 if fixed else 110, (30, 30, 32), 11)
    if fixed:
        sheet.draw.rectangle((x + 62, y + 34, x + 96, y + 84), shade(GREEN, 1.2), WHITE, 3)
