"""What breaks around the house: drains, façades, roads, trees, bins, benches."""

from math import cos, sin, tau

from repairs.drawings.sheet import (
    CEMENT,
    DARK,
    HIGH,
    STEEL,
    WHITE,
    WIDE,
    WOOD,
    Colour,
    Point,
    Sheet,
    floor,
    paving,
    shade,
    tiles,
)


def drain(sheet: Sheet, fixed: bool) -> None:
    """A grating in the yard: under foul water and leaves; afterwards clean and running."""
    paving(sheet, (158, 152, 142))
    x, y = sheet.rng.randrange(440, 600), sheet.rng.randrange(360, 420)
    if not fixed:
        sheet.soft(sheet.blob((x, y + 30), 430, 230, 0.16), (62, 52, 36), 0.92, 14)
    sheet.draw.polygon(
        [(x - 190, y - 110), (x + 190, y - 110), (x + 230, y + 120), (x - 230, y + 120)], shade(STEEL, 0.42)
    )
    for bar in range(9):
        part = bar / 8 * 2 - 1
        sheet.draw.line([(x + 168 * part, y - 96), (x + 205 * part, y + 106)], shade(STEEL, 0.85 if fixed else 0.6), 13)
        sheet.draw.line([(x + 168 * part + 8, y - 96), (x + 205 * part + 8, y + 106)], DARK, 5)
    sheet.draw.line([(x - 205, y), (x + 205, y)], shade(STEEL, 0.7), 16)
    if fixed:
        sheet.soft(sheet.blob((x, y), 330, 190, 0.1), (70, 66, 60), 0.22, 30)
        return
    sheet.soft(sheet.blob((x + 60, y + 50), 240, 110, 0.2), (74, 60, 38), 0.88, 10)
    sheet.puddle((x - 150, y + 190), 250, 60, (112, 96, 62))
    for _leaf in range(34):
        leaf = sheet.rng.gauss(x + 20, 170), sheet.rng.gauss(y + 60, 80)
        tone = sheet.rng.choice(((142, 104, 44), (96, 104, 48), (120, 74, 36), (170, 140, 70)))
        sheet.draw.polygon(sheet.blob(leaf, sheet.rng.uniform(8, 20), sheet.rng.uniform(5, 10), 0.3), tone)


def facade(sheet: Sheet, fixed: bool) -> None:
    """An outside wall of small tiles beside a barred window: cracked, tiles gone; afterwards filled with new ones."""
    colour = sheet.rng.choice(((196, 168, 148), (176, 176, 170), (206, 190, 160), (168, 148, 138)))
    x, y = sheet.rng.randrange(560, 680), sheet.rng.randrange(120, 190)
    start = x - 20, y + 330
    gone = [(start[0] - 110, start[1] + 90), (start[0] - 190, start[1] + 190)]
    tiles(sheet, colour, 30, gone, shade(colour, 1.22) if fixed else None)
    sheet.plate((x, y, x + 380, y + 330), (222, 222, 218), 2)
    sheet.fade((x + 22, y + 22, x + 358, y + 308), (60, 74, 82), (116, 134, 140))
    sheet.soft([(x + 60, y + 40), (x + 150, y + 40), (x + 80, y + 290), (x + 10, y + 290)], (200, 214, 220), 0.4, 16)
    for bar in range(8):
        across = x + 22 + bar * 48
        sheet.draw.line([(across, y + 4), (across, y + 326)], shade(STEEL, 0.95), 8)
        sheet.draw.line([(across + 5, y + 4), (across + 5, y + 326)], shade(STEEL, 0.5), 3)
    for down in (y + 90, y + 240):
        sheet.draw.line([(x - 6, down), (x + 386, down)], shade(STEEL, 0.9), 9)
    sheet.plate((x - 30, y + 330, x + 420, y + 356), shade(CEMENT, 1.1), 2)
    for run in (x + 60, x + 300):
        sheet.soft([(run, y + 350), (run + 24, y + 350), (run + 18, HIGH), (run + 2, HIGH)], (90, 84, 76), 0.4, 14)
    if fixed:
        return
    for place in gone:
        sheet.soft(sheet.blob((place[0] + 10, place[1] + 14), 110, 70, 0.3), DARK, 0.28, 16)
    sheet.crack((start[0], start[1] + 26), (-30, 22), 18, 8)
    sheet.crack((start[0] - 150, start[1] + 130), (-24, -20), 9, 4)
    sheet.crack((x - 10, y + 10), (-26, -24), 8, 5)


def asphalt(sheet: Sheet) -> None:
    """The estate's road with its kerb and a white line."""
    sheet.fade((0, 0, WIDE, HIGH), (112, 112, 112), (134, 133, 130))
    sheet.fade((0, 0, WIDE, 96), (176, 170, 158), (158, 152, 142))
    sheet.fade((0, 96, WIDE, 132), (206, 202, 192), (140, 136, 128))
    sheet.soft([(0, 130), (WIDE, 130), (WIDE, 146), (0, 146)], DARK, 0.5, 10)
    for joint in range(6):
        sheet.draw.line([(joint * 210 + 60, 96), (joint * 210 + 52, 132)], (120, 116, 110), 3)
    sheet.draw.polygon([(820, 146), (850, 146), (1000, HIGH), (940, HIGH)], (200, 200, 194))
    for _stone in range(500):
        x, y = sheet.rng.randrange(WIDE), sheet.rng.randrange(150, HIGH)
        sheet.draw.point([(x, y), (x + 1, y), (x, y + 1)], shade((124, 124, 122), sheet.rng.uniform(0.6, 1.4)))


def road(sheet: Sheet, fixed: bool) -> None:
    """A pothole with rain in it; afterwards a square of fresh asphalt."""
    asphalt(sheet)
    x, y = sheet.rng.randrange(400, 540), sheet.rng.randrange(400, 470)
    if fixed:
        patch = [(x - 270, y - 150), (x + 260, y - 156), (x + 300, y + 170), (x - 310, y + 176)]
        sheet.soft(patch, (54, 54, 56), 0.95, 4)
        sheet.draw.line([*patch, patch[0]], (34, 34, 36), 9)
        return
    edge = sheet.blob((x, y), 270, 140, 0.16)
    for split in range(7):
        at = edge[split * 5]
        sheet.crack(at, (28 * cos(tau * split * 5 / 36), 18 * sin(tau * split * 5 / 36)), 8, 5)
    sheet.draw.polygon(edge, (92, 84, 74))
    sheet.soft([(across, down - 18) for across, down in edge], DARK, 0.6, 14)
    sheet.draw.polygon([(x + (across - x) * 0.84, y + 14 + (down - y) * 0.78) for across, down in edge], (84, 74, 62))
    sheet.puddle((x + 10, y + 34), 180, 66, (140, 132, 116))
    for _stone in range(60):
        turn, far = sheet.rng.uniform(0, tau), sheet.rng.uniform(0.85, 1.35)
        at = x + 270 * far * cos(turn), y + 140 * far * sin(turn)
        sheet.draw.polygon(sheet.blob(at, sheet.rng.uniform(3, 11), sheet.rng.uniform(3, 8), 0.35),
                           shade((128, 122, 112), sheet.rng.uniform(0.6, 1.2)))  # fmt: skip


def manhole(sheet: Sheet, fixed: bool) -> None:
    """A manhole without its cover; afterwards with a new one."""
    asphalt(sheet)
    x, y = sheet.rng.randrange(420, 560), sheet.rng.randrange(400, 460)
    sheet.draw.ellipse((x - 236, y - 156, x + 236, y + 156), (92, 90, 88))
    sheet.draw.ellipse((x - 220, y - 144, x + 220, y + 144), (150, 148, 144))
    if not fixed:
        for ring in range(24):
            part = 1 - ring / 80
            sheet.draw.ellipse((x - 200 * part, y - 128 * part + ring, x + 200 * part, y + 128 * part + ring / 3),
                               shade((96, 88, 80), 1 - ring / 24))  # fmt: skip
        sheet.draw.line([(x - 60, y - 70), (x - 60, y - 20)], (84, 60, 44), 10)
        sheet.draw.line([(x - 60, y - 24), (x + 20, y - 24)], (84, 60, 44), 10)
        return
    sheet.draw.ellipse((x - 204, y - 132, x + 204, y + 132), (70, 72, 74))
    for size in (0.88, 0.6, 0.34):
        sheet.draw.ellipse((x - 204 * size, y - 132 * size, x + 204 * size, y + 132 * size), None, (112, 114, 116), 5)
    for spoke in range(16):
        turn = tau * spoke / 16
        sheet.draw.line(
            [(x + 70 * cos(turn), y + 45 * sin(turn)), (x + 176 * cos(turn), y + 114 * sin(turn))], (112, 114, 116), 6
        )


def bins(sheet: Sheet, fixed: bool) -> None:
    """The sorting bins: overflowing, bags on the ground; afterwards emptied and washed."""
    tiles(sheet, (204, 192, 174), 64)
    floor(sheet, CEMENT, 520)
    start = sheet.rng.randrange(110, 170)
    for place, colour in enumerate(((40, 92, 160), (40, 120, 74), (110, 114, 116), (176, 52, 44))):
        bin_(sheet, start + place * 206, 300, colour, fixed or place == 3)
    if fixed:
        sheet.soft(sheet.blob((520, 700), 380, 40, 0.1), (110, 112, 110), 0.4, 20)
        return
    for _bag in range(17):
        at = sheet.rng.gauss(start + 330, 200), sheet.rng.uniform(590, 720)
        rubbish(sheet, at, sheet.rng.uniform(42, 88))
    for place in range(3):
        for _top in range(2):
            rubbish(sheet, (start + place * 206 + sheet.rng.uniform(40, 130), 292 - sheet.rng.uniform(0, 24)), 46)


def bin_(sheet: Sheet, x: float, y: float, colour: Colour, shut: bool) -> None:
    sheet.soft([(x + 20, y + 40), (x + 200, y + 40), (x + 190, y + 300), (x + 30, y + 300)], DARK, 0.4, 18)
    for line in range(43):
        part = line / 43
        tone = shade(colour, 0.62 + 0.55 * sin(part * 2.9))
        sheet.draw.polygon([(x + 172 * part, y), (x + 172 * part + 5, y), (x + 16 + 140 * part + 4, y + 290),
                            (x + 16 + 140 * part, y + 290)], tone)  # fmt: skip
    sheet.draw.rectangle((x + 56, y + 100, x + 116, y + 160), WHITE)
    sheet.draw.polygon([(x + 86, y + 108), (x + 108, y + 150), (x + 64, y + 150)], colour)
    for wheel in (x + 20, x + 126):
        sheet.draw.ellipse((wheel, y + 272, wheel + 30, y + 306), DARK)
    top = y - 34 if shut else y - 130
    sheet.draw.polygon(
        [(x - 10, y + 4), (x + 184, y + 4), (x + 172, top), (x + 6, top)], shade(colour, 1.15 if shut else 0.7)
    )
    sheet.draw.line([(x - 10, y + 6), (x + 184, y + 6)], shade(colour, 0.5), 6)


def rubbish(sheet: Sheet, at: Point, size: float) -> None:
    colour = sheet.rng.choice(((40, 40, 44), (226, 226, 222), (190, 60, 60), (60, 66, 70), (206, 190, 120)))
    shape = sheet.blob(at, size, size * 0.72, 0.14)
    sheet.soft([(across + 8, down + 12) for across, down in shape], DARK, 0.5, 10)
    sheet.draw.polygon(shape, colour)
    sheet.soft(
        sheet.blob((at[0] - size * 0.3, at[1] - size * 0.3), size * 0.4, size * 0.24, 0.3), shade(colour, 1.6), 0.6, 8
    )
    sheet.draw.polygon(sheet.blob((at[0] + 4, at[1] - size * 0.74), 9, 13, 0.3), shade(colour, 0.75))


def tree(sheet: Sheet, fixed: bool) -> None:
    """A broken branch over the path; afterwards the tree stands trimmed."""
    sheet.fade((0, 0, WIDE, 470), (206, 220, 226), (226, 226, 214))
    sheet.fade((620, 90, WIDE, 470), (206, 190, 170), (184, 170, 152))
    for window in range(6):
        left, top = 660 + window % 3 * 130, 130 + window // 3 * 160
        sheet.fade((left, top, left + 80, top + 90), (84, 98, 106), (130, 144, 148))
    sheet.fade((0, 470, WIDE, HIGH), (116, 134, 82), (140, 140, 104))
    sheet.draw.polygon([(560, 470), (680, 470), (1000, HIGH), (420, HIGH)], (186, 178, 164))
    x = sheet.rng.randrange(300, 380)
    sheet.soft(sheet.blob((x + 100, 600), 200, 26, 0.2), DARK, 0.4, 16)
    sheet.fade((x - 30, 230, x + 34, 600), (66, 50, 38), (124, 98, 74), (74, 56, 42), across=True)
    leaves(sheet, (x, 190), 190 if fixed else 150)
    if fixed:
        return
    sheet.draw.line([(x + 10, 300), (x + 190, 420), (x + 470, 640)], (86, 64, 46), 30, joint="curve")
    sheet.draw.line([(x + 4, 290), (x + 60, 336)], (206, 176, 130), 24)
    leaves(sheet, (x + 420, 610), 150)


def leaves(sheet: Sheet, middle: Point, size: float) -> None:
    for tuft in range(90):
        tone = shade((66, 104, 54), 0.55 + tuft / 110 + sheet.rng.uniform(-0.1, 0.1))
        at = sheet.rng.gauss(middle[0], size * 0.5), sheet.rng.gauss(middle[1] - tuft * size / 400, size * 0.36)
        sheet.draw.polygon(sheet.blob(at, sheet.rng.uniform(16, 44), sheet.rng.uniform(12, 30), 0.4), tone)


def bench(sheet: Sheet, fixed: bool) -> None:
    """A bench under the trees: a slat gone, another hanging; afterwards whole and oiled."""
    sheet.fade((0, 0, WIDE, 330), (92, 116, 72), (126, 140, 92))
    leaves(sheet, (sheet.rng.randrange(200, 800), 120), 330)
    sheet.fade((0, 320, WIDE, HIGH), (160, 152, 140), (184, 176, 164))
    for row in range(6):
        sheet.draw.line([(0, 330 + row * row * 16), (WIDE, 330 + row * row * 16)], (138, 130, 120), 3)
    x, y = sheet.rng.randrange(120, 180), sheet.rng.randrange(270, 310)
    sheet.soft(sheet.blob((x + 400, y + 320), 430, 34, 0.05), DARK, 0.55, 18)
    for leg in (x + 60, x + 640):
        sheet.fade((leg, y - 20, leg + 70, y + 320), shade(CEMENT, 1.1), CEMENT, shade(CEMENT, 0.7), across=True)
    wood = shade(WOOD, 1.2) if fixed else shade(WOOD, 0.82)
    for slat, top in enumerate((y - 30, y + 30, y + 150, y + 196)):
        if not fixed and slat == 3:
            continue
        hang = 0 if fixed or slat != 1 else 110
        tone = shade(wood, sheet.rng.uniform(0.92, 1.06))
        board = [(x, top), (x + 780, top + hang), (x + 780, top + 42 + hang), (x, top + 42)]
        sheet.soft([(across + 6, down + 12) for across, down in board], DARK, 0.4, 10)
        sheet.draw.polygon(board, tone)
        for grain in (10, 22, 33):
            sheet.draw.line([(x + 8, top + grain), (x + 772, top + grain + hang)], shade(tone, 0.84), 2)
        for bolt in (x + 90, x + 672):
            sheet.draw.ellipse((bolt, top + 14, bolt + 12, top + 26), shade(STEEL, 0.6))
    if not fixed:
        sheet.draw.polygon(
            [(x, y + 192), (x + 150, y + 200), (x + 118, y + 216), (x + 132, y + 236), (x, y + 232)], shade(wood, 0.9)
        )
        sheet.soft(sheet.blob((x + 300, y + 170), 120, 20, 0.3), (70, 80, 56), 0.5, 14)
