"""Covers, second half: learning, health, meeting, and what beans are redeemed for."""

from __future__ import annotations

from cms.demo.brush import (
    BEAN,
    BEAN_DARK,
    BLUE,
    BLUE_DARK,
    CREAM,
    INK,
    JADE,
    JADE_DARK,
    JADE_LIGHT,
    MINT,
    PEACH,
    PLUM,
    RED,
    RED_DARK,
    ROSE,
    SKY,
    STONE,
    STONE_DARK,
    SUN,
    WHITE,
    WOOD,
    WOOD_DARK,
    Brush,
    bean,
    bezier,
    cloud,
    house,
    lantern,
    person,
    sun,
    tower,
    tree,
    window,
)


def haircut() -> Brush:
    brush = Brush("#fae6cf")
    brush.circle(480, 330, 260, "#fdf2e2")
    brush.rect(0, 560, 1200, 115, WOOD)
    brush.rect(0, 560, 1200, 14, WOOD_DARK)
    # the turning lamp of the barber
    brush.rect(930, 150, 120, 350, WHITE, 20)
    for i in range(7):
        y = 150 + i * 64
        brush.poly([(930, y), (1050, y - 60), (1050, y - 28), (930, y + 32)], (RED, BLUE)[i % 2])
    brush.rect(900, 480, 180, 210, "#fae6cf")
    brush.rect(900, 90, 180, 66, "#fae6cf")
    brush.rect(900, 560, 180, 14, WOOD_DARK)
    brush.rect(900, 574, 180, 115, WOOD)
    brush.rect(912, 112, 156, 50, BEAN, 20)
    brush.rect(912, 478, 156, 50, BEAN, 20)
    brush.rect(960, 524, 60, 40, BEAN_DARK)
    brush.pie(990, 114, 50, 180, 360, SUN)
    # the mirror
    brush.oval(480, 300, 190, 226, WOOD_DARK)
    brush.oval(480, 300, 170, 206, SKY)
    brush.poly([(390, 190), (430, 160), (360, 420), (330, 380)], WHITE)
    brush.poly([(470, 130), (500, 118), (400, 470), (380, 456)], WHITE)
    person(brush, 510, 660, 1.62, coat=WHITE, hair="#5a3b22")
    brush.rect(440, 510, 140, 60, WHITE, 26)
    # comb and scissors
    brush.rect(120, 430, 230, 46, JADE, 12)
    for i in range(13):
        brush.rect(132 + i * 16.5, 470, 9, 62, JADE)
    brush.line([(690, 250), (840, 430)], STONE_DARK, 22)
    brush.line([(830, 240), (710, 430)], STONE_DARK, 22)
    brush.line([(690, 250), (760, 334)], "#e9e4da", 12)
    brush.line([(830, 240), (770, 334)], "#e9e4da", 12)
    brush.circle(768, 340, 13, SUN)
    brush.arc(700, 476, 40, 0, 360, RED, 18)
    brush.arc(856, 474, 40, 0, 360, RED, 18)
    return brush


def clinic() -> Brush:
    brush = Brush(MINT)
    brush.circle(420, 330, 260, "#edf7f0")
    brush.rect(0, 560, 1200, 115, "#bcd9c7")
    brush.rect(0, 560, 1200, 12, JADE_LIGHT)
    brush.rect(230, 150, 380, 380, WHITE, 60)
    brush.rect(366, 210, 108, 260, JADE, 18)
    brush.rect(290, 286, 260, 108, JADE, 18)
    # a heart with its beat
    brush.circle(892, 214, 66, RED)
    brush.circle(998, 214, 66, RED)
    brush.poly([(834, 246), (1056, 246), (945, 372)], RED)
    brush.circle(880, 196, 18, ROSE)
    brush.line([(850, 250), (910, 250), (932, 206), (960, 300), (982, 250), (1044, 250)], WHITE, 11)
    # the blood pressure meter
    brush.rect(700, 420, 250, 150, BLUE_DARK, 24)
    brush.rect(722, 442, 150, 84, "#d5e6dc", 10)
    brush.line([(742, 470), (800, 470)], INK, 10)
    brush.line([(742, 500), (780, 500)], INK, 10)
    brush.circle(910, 484, 22, SUN)
    brush.curve([(950, 500), (1040, 470), (1020, 560), (1090, 560)], INK, 10)
    brush.oval(1090, 550, 60, 40, BLUE)
    # the stethoscope
    brush.curve([(160, 130), (130, 330), (220, 420), (200, 470)], INK, 14)
    brush.curve([(280, 130), (320, 330), (200, 400), (200, 470)], INK, 14)
    brush.curve([(200, 470), (200, 640), (420, 640), (420, 560)], INK, 14)
    brush.circle(420, 548, 40, STONE_DARK)
    brush.circle(420, 548, 24, WHITE)
    brush.circle(160, 126, 12, STONE_DARK)
    brush.circle(280, 126, 12, STONE_DARK)
    return brush


def books() -> Brush:
    brush = Brush("#f7e6c2")
    for row, y in enumerate((60, 250)):
        brush.rect(60, y + 150, 560, 18, WOOD_DARK)
        x = 80
        for i in range(12):
            w, h = 26 + (i * 7 + row * 5) % 20, 96 + (i * 13 + row * 17) % 46
            brush.rect(
                x, y + 150 - h, w, h, (RED, JADE, BLUE, SUN, PLUM, JADE_LIGHT, ROSE)[(i + row * 3) % 7], 4
            )
            brush.rect(x + 5, y + 150 - h + 16, w - 10, 8, CREAM)
            x += w + 5
            if x > 560:
                break
    brush.rect(0, 500, 1200, 175, WOOD)
    brush.rect(0, 500, 1200, 16, "#cc9a5f")
    # light of the lamp
    brush.poly([(880, 250), (1010, 250), (1120, 560), (620, 560)], "#fdf0c6")
    brush.rect(0, 560, 1200, 115, WOOD)
    brush.line([(1040, 540), (1070, 330), (950, 190)], JADE_DARK, 16)
    brush.oval(1040, 548, 80, 18, JADE_DARK)
    brush.poly([(900, 150), (990, 180), (1030, 262), (850, 262)], JADE)
    # the open book
    brush.poly([(330, 610), (620, 640), (910, 610), (890, 420), (620, 460), (350, 420)], RED_DARK)
    brush.poly([(352, 590), *bezier([(360, 410), (480, 380), (620, 444)]), (620, 622)], WHITE)
    brush.poly([(888, 590), *bezier([(880, 410), (760, 380), (620, 444)]), (620, 622)], "#fff6e0")
    for i in range(5):
        brush.curve([(396, 446 + i * 28), (490, 424 + i * 30), (590, 470 + i * 27)], STONE, 6)
        brush.curve([(650, 470 + i * 27), (750, 424 + i * 30), (846, 446 + i * 28)], STONE, 6)
    brush.poly([(690, 436), (716, 430), (716, 520), (703, 506), (690, 522)], RED)
    # tea
    brush.rect(140, 470, 130, 110, BLUE, 26)
    brush.arc(276, 516, 30, -90, 90, BLUE, 14)
    brush.oval(205, 474, 64, 16, "#8fb8c6")
    brush.oval(205, 474, 50, 11, BEAN_DARK)
    for dx in (0, 40):
        brush.curve([(186 + dx, 440), (166 + dx, 404), (206 + dx, 386), (186 + dx, 346)], WHITE, 8)
    return brush


def stage() -> Brush:
    brush = Brush("#f6d9ac")
    brush.rect(120, 90, 960, 460, "#fbe9c5")
    sun(brush, 600, 270, 130)
    brush.curve([(330, 470), (480, 330), (620, 460), (800, 360), (920, 470)], JADE_LIGHT, 10)
    brush.poly([(300, 550), *bezier([(300, 480), (450, 350), (640, 520)]), (640, 550)], JADE_LIGHT)
    brush.poly([(520, 550), *bezier([(520, 520), (760, 330), (930, 500)]), (930, 550)], "#8cc3a2")
    # curtain
    for side in (0, 1):
        for i in range(5):
            x = 90 + i * 42 if side == 0 else 1110 - i * 42
            drop = 560 - i * 14
            brush.poly([(x - 30, 70), (x + 30, 70), (x + 26, drop), (x - 26, drop)], (RED, RED_DARK)[i % 2])
    brush.rect(60, 30, 1080, 76, RED_DARK, 10)
    for i in range(9):
        brush.pie(120 + i * 120, 100, 60, 0, 180, (RED, "#d2603c")[i % 2])
        brush.rect(64 + i * 120, 96, 112, 9, SUN)
    lantern(brush, 340, 106, 1.1)
    lantern(brush, 860, 106, 1.1)
    brush.rect(40, 550, 1120, 125, WOOD)
    brush.rect(40, 550, 1120, 18, "#cc9a5f")
    for i in range(8):
        brush.rect(70 + i * 140, 590, 110, 12, WOOD_DARK, 6)
    # a singer with a fan and long sleeves
    brush.circle(566, 238, 22, SUN)
    person(brush, 600, 570, 1.5, coat=PLUM, hair=INK, hands=[(430, 330), (760, 350)], skirt=True, bun=True)
    for x in (560, 585, 615, 640):
        brush.circle(x, 570 - 352 + abs(x - 600) * 0.25, 8, SUN)
    brush.poly([(420, 330), (350, 470), (392, 480), (446, 340)], WHITE)
    for i in range(7):
        brush.pie(772, 345, 92, 205 + i * 22, 227 + i * 22, (SUN, "#f6cf6f")[i % 2])
    brush.circle(772, 345, 14, RED)
    brush.line([(576, 436), (560, 556)], "#a98cbb", 6)
    brush.line([(626, 436), (642, 556)], "#a98cbb", 6)
    return brush


def law() -> Brush:
    brush = Brush("#efe6d2")
    brush.circle(600, 320, 280, "#f9f2e2")
    brush.rect(0, 540, 1200, 135, WOOD)
    brush.rect(0, 540, 1200, 14, WOOD_DARK)
    brush.rect(590, 130, 20, 380, BEAN_DARK)
    brush.circle(600, 128, 24, SUN)
    brush.rect(500, 506, 200, 36, BEAN_DARK, 14)
    brush.line([(360, 206), (600, 176), (840, 206)], BEAN_DARK, 18)
    for x in (370, 830):
        brush.line([(x, 206), (x - 84, 380)], BEAN, 6)
        brush.line([(x, 206), (x + 84, 380)], BEAN, 6)
        brush.pie(x, 374, 110, 0, 180, SUN)
        brush.rect(x - 112, 366, 224, 14, BEAN, 7)
    brush.circle(344, 338, 28, RED)
    brush.circle(394, 338, 28, ROSE)
    brush.rect(790, 310, 80, 56, WHITE, 8)
    brush.line([(804, 328), (856, 328)], STONE_DARK, 6)
    brush.line([(804, 346), (840, 346)], STONE_DARK, 6)
    for i, colour in enumerate((RED_DARK, JADE, BLUE_DARK)):
        brush.rect(120 + i * 14, 488 - i * 52 + 0, 240, 50, colour, 8)
        brush.rect(136 + i * 14, 500 - i * 52, 208, 26, CREAM, 4)
        brush.rect(160 + i * 14, 488 - i * 52, 22, 50, SUN)
    brush.rect(950, 440, 100, 100, RED, 12)
    brush.rect(966, 380, 68, 70, RED_DARK, 20)
    brush.rect(938, 524, 124, 22, "#e86a48", 8)
    return brush


def dance() -> Brush:
    brush = Brush(PEACH)
    sun(brush, 600, 250, 150)
    cloud(brush, 110, 120, 0.9, "#fdeee0")
    cloud(brush, 920, 90, 0.9, "#fdeee0")
    tree(brush, 130, 520, 1.1)
    tree(brush, 1080, 520, 1.2, SUN, "#e0a033")
    brush.hill([(0, 500), (400, 460), (800, 500), (1200, 470)], "#cfe3cf")
    brush.hill([(0, 590), (400, 560), (800, 600), (1200, 570)], "#b6d3bb")
    brush.curve([(470, 300), (540, 40), (700, 140), (760, 60), (840, 130)], SUN, 20)
    brush.curve([(270, 320), (160, 170), (330, 130), (250, 40)], RED, 20)
    brush.curve([(940, 320), (1070, 190), (930, 120), (1040, 40)], JADE, 20)
    person(
        brush, 360, 600, 1.35, coat=JADE, hair="#e4dfd4", hands=[(262, 330), (446, 400)], skirt=True, bun=True
    )
    person(brush, 600, 620, 1.55, coat=RED, hair=INK, hands=[(476, 310), (740, 350)], skirt=True, bun=True)
    person(brush, 850, 600, 1.35, coat=SUN, hair="#5a3b22", hands=[(760, 400), (946, 330)], skirt=True)
    return brush


def painting() -> Brush:
    brush = Brush("#f8ead0")
    brush.rect(0, 560, 1200, 115, "#e2c28d")
    brush.line([(420, 120), (300, 640)], WOOD_DARK, 18)
    brush.line([(620, 120), (740, 640)], WOOD_DARK, 18)
    brush.line([(520, 60), (520, 130)], WOOD_DARK, 18)
    brush.rect(290, 470, 460, 26, WOOD, 8)
    brush.rect(300, 110, 440, 364, WOOD, 6)
    brush.rect(314, 124, 412, 336, WHITE)
    brush.rect(314, 124, 412, 336, SKY)
    brush.circle(620, 210, 46, SUN)
    brush.poly([(314, 460), (314, 360), (420, 220), (520, 370), (560, 320), (726, 440), (726, 460)], JADE)
    brush.poly([(376, 278), (420, 220), (462, 283), (430, 300), (406, 280)], WHITE)
    brush.poly([(314, 460), (314, 420), (500, 380), (726, 430), (726, 460)], JADE_LIGHT)
    # palette, brushes, pots
    brush.oval(940, 470, 170, 106, WOOD)
    brush.circle(1010, 520, 28, "#f8ead0")
    for x, y, colour in (
        (850, 440, RED),
        (910, 400, SUN),
        (980, 396, JADE),
        (1050, 430, BLUE),
        (850, 510, PLUM),
        (920, 530, WHITE),
    ):
        brush.oval(x, y, 34, 24, colour)
    for i, colour in enumerate((RED, JADE, BLUE)):
        brush.line([(880 + i * 50, 330), (900 + i * 40, 130 + i * 22)], WOOD_DARK, 10)
        brush.line([(900 + i * 40, 134 + i * 22), (904 + i * 40, 96 + i * 22)], colour, 16)
    brush.rect(860, 250, 150, 110, BLUE_DARK, 16)
    for i, colour in enumerate((RED, SUN, JADE)):
        brush.rect(90, 300 + i * 92, 110, 80, WHITE, 12)
        brush.rect(90, 330 + i * 92, 110, 50, colour, 12)
    brush.line([(640, 380), (820, 500)], WOOD_DARK, 10)
    brush.line([(620, 366), (648, 386)], RED, 18)
    return brush


def stool(brush: Brush, x: float, y: float) -> None:
    brush.rect(x - 50, y - 62, 100, 18, WOOD, 8)
    brush.line([(x - 36, y - 48), (x - 44, y)], WOOD_DARK, 12)
    brush.line([(x + 36, y - 48), (x + 44, y)], WOOD_DARK, 12)


def meeting() -> Brush:
    brush = Brush("#f8e8c4")
    sun(brush, 180, 120, 54)
    cloud(brush, 900, 80)
    house(brush, 820, 470, 320, 150)
    window(brush, 860, 360, 80, 66)
    window(brush, 1010, 360, 80, 66)
    brush.hill([(0, 470), (400, 440), (800, 470), (1200, 450)], STONE)
    brush.hill([(0, 560), (400, 540), (800, 570), (1200, 550)], "#cfc09f")
    tree(brush, 600, 500, 1.7)
    people = (
        (220, 600, JADE, INK, False),
        (390, 570, PLUM, "#e4dfd4", True),
        (790, 570, BLUE, "#5a3b22", False),
        (980, 604, RED, "#e4dfd4", True),
    )
    for x, y, coat, hair, bun in people:
        brush.line([(x - 22, y - 70), (x - 46, y - 8)], "#5b4a3a", 26)
        brush.line([(x + 22, y - 70), (x + 46, y - 8)], "#5b4a3a", 26)
        stool(brush, x, y + 8)
        person(
            brush,
            x,
            y + 46,
            1.2,
            coat=coat,
            hair=hair,
            bun=bun,
            hands=[(x + (70 if x < 600 else -70), y - 90)],
            trousers="#cfc09f",
        )
        brush.rect(x - 64, y + 8, 128, 60, "#cfc09f")
        brush.line([(x - 18, y - 42), (x - 50, y - 2)], "#5b4a3a", 28)
        brush.line([(x + 18, y - 42), (x + 50, y - 2)], "#5b4a3a", 28)
        brush.oval(x - 54, y + 8, 20, 9, INK)
        brush.oval(x + 54, y + 8, 20, 9, INK)
    brush.oval(600, 602, 120, 28, WOOD_DARK)
    brush.oval(600, 592, 120, 28, WOOD)
    brush.rect(540, 566, 70, 18, WHITE, 4)
    brush.circle(650, 574, 20, BLUE)
    for x, y, w, colour in ((300, 300, 96, WHITE), (826, 286, 110, WHITE)):
        brush.rect(x, y, w, 62, colour, 26)
        for i in range(3):
            brush.circle(x + w / 2 - 24 + i * 24, y + 31, 7, BEAN)
    brush.poly([(320, 352), (352, 352), (330, 384)], WHITE)
    brush.poly([(880, 340), (912, 340), (880, 372)], WHITE)
    return brush


def rice() -> Brush:
    brush = Brush("#fbe9c2")
    brush.circle(430, 330, 260, "#fdf3d8")
    brush.rect(0, 540, 1200, 135, WOOD)
    brush.rect(0, 540, 1200, 14, WOOD_DARK)
    brush.poly([(250, 580), (232, 240), (290, 180), (570, 180), (630, 240), (610, 580)], CREAM)
    brush.poly([(250, 580), (232, 240), (290, 180), (330, 180), (300, 580)], "#f1ddb0")
    brush.poly(
        [(280, 186), (580, 186), (610, 120), (540, 140), (480, 112), (420, 138), (350, 112), (252, 126)],
        "#f1ddb0",
    )
    brush.rect(276, 178, 308, 22, RED, 10)
    brush.circle(438, 370, 96, JADE)
    brush.circle(438, 370, 80, "#2f8a6a")
    for side in (-1, 1):
        for i in range(4):
            brush.oval(438 + side * (18 + i * 9), 330 + i * 26, 13, 22, SUN)
    brush.line([(438, 306), (438, 432)], SUN, 8)
    brush.rect(330, 490, 216, 34, RED, 10)
    # the bowl
    brush.pie(860, 430, 170, 0, 180, BLUE)
    brush.pie(860, 430, 170, 40, 140, BLUE_DARK)
    brush.rect(800, 574, 120, 26, BLUE_DARK, 8)
    for x, y, r in ((760, 410, 56), (830, 372, 74), (905, 376, 70), (965, 412, 54), (866, 346, 56)):
        brush.circle(x, y, r, WHITE)
    brush.rect(692, 414, 336, 26, "#8fb8c6", 12)
    for i in range(14):
        brush.oval(770 + (i * 37) % 190, 340 + (i * 23) % 64, 10, 5, "#efe4cc")
    for dx in (0, 60):
        brush.curve([(836 + dx, 270), (806 + dx, 226), (866 + dx, 200), (836 + dx, 140)], WHITE, 11)
    brush.line([(1010, 300), (1120, 130)], BEAN_DARK, 12)
    brush.line([(1034, 316), (1150, 150)], BEAN_DARK, 12)
    for i in range(16):
        brush.oval(160 + (i * 61) % 420, 604 + (i * 29) % 52, 11, 6, WHITE)
    bean(brush, 640, 620, 20)
    return brush


def town() -> Brush:
    brush = Brush("#f9e7bf")
    sun(brush, 840, 210, 104)
    cloud(brush, 120, 110)
    cloud(brush, 430, 70, 0.8)
    cloud(brush, 1000, 110, 0.9)
    brush.hill([(0, 400), (300, 250), (620, 420), (900, 300), (1200, 380)], "#d5e3c4")
    for x, w, floors, wall in (
        (60, 130, 5, "#ecd6a6"),
        (206, 110, 7, "#e5cb96"),
        (1010, 150, 6, "#ecd6a6"),
        (890, 104, 4, "#e5cb96"),
    ):
        tower(brush, x, 500, w, floors, wall)
    brush.hill([(0, 480), (400, 440), (800, 490), (1200, 460)], "#b9d6bd")
    house(brush, 380, 520, 300, 130)
    window(brush, 410, 424, 70, 58)
    window(brush, 582, 424, 70, 58)
    brush.rect(500, 420, 66, 100, RED, 4)
    brush.circle(556, 474, 5, SUN)
    lantern(brush, 484, 392, 0.5)
    lantern(brush, 580, 392, 0.5)
    tree(brush, 770, 530, 0.95, SUN, "#e0a033")
    tree(brush, 330, 520, 0.7)
    tree(brush, 1120, 540, 0.9)
    brush.hill([(0, 570), (300, 520), (800, 570), (1200, 520)], "#e6d3a4")
    brush.poly([(520, 540), (580, 540), (700, 675), (420, 675)], "#f3e6c4")
    person(brush, 240, 640, 0.95, coat=JADE, hair="#e4dfd4", hands=[(300, 560)], bun=True)
    person(brush, 340, 645, 0.95, coat="#e9c27a", cap=RED, vest=True, hands=[(300, 552)])
    person(brush, 880, 640, 0.95, coat=BLUE, hair=INK, vest=True, hands=[(930, 560)])
    brush.line([(940, 500), (920, 620)], WOOD_DARK, 7)
    brush.poly([(906, 610), (936, 610), (960, 650), (884, 650)], SUN)
    bean(brush, 612, 612, 30)
    return brush
