"""Covers, first half: what volunteers do in the courtyards and stairwells."""

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
    STRAW,
    SUN,
    WHITE,
    WOOD,
    WOOD_DARK,
    Brush,
    bean,
    cloud,
    house,
    person,
    sun,
    tower,
    tree,
    window,
)


def broom(brush: Brush, top: tuple[float, float], foot: tuple[float, float]) -> None:
    """A bamboo broom from the hands to the ground."""
    brush.line([top, foot], WOOD_DARK, 9)
    dx = 1 if foot[0] > top[0] else -1
    x, y = foot
    brush.poly(
        [(x - 12, y - 14), (x + 12, y - 14), (x + 44 * dx + 18, y + 46), (x + 44 * dx - 54, y + 46)], SUN
    )
    brush.line([(x - 14, y - 6), (x + 14, y - 6)], RED, 8)
    for i in range(-2, 3):
        brush.line([(x + i * 4, y + 4), (x + 34 * dx + i * 12, y + 42)], BEAN, 3)


def leaves(
    brush: Brush, spots: list[tuple[float, float]], colours: tuple[str, ...] = (SUN, BEAN, RED)
) -> None:
    for i, (x, y) in enumerate(spots):
        brush.oval(x, y, 11, 7, colours[i % len(colours)])
        brush.line([(x - 12, y + 3), (x + 9, y - 2)], WOOD_DARK, 2)


def courtyard() -> Brush:
    brush = Brush("#f8e8c4")
    sun(brush)
    cloud(brush, 110, 96)
    cloud(brush, 640, 70, 0.8)
    tower(brush, 700, 430, 150, 6, "#ecd6a6")
    tower(brush, 868, 430, 118, 4, "#e5cb96")
    brush.hill([(0, 420), (400, 400), (800, 430), (1200, 408)], MINT)
    house(brush, 90, 455, 440, 165)
    window(brush, 130, 335, 92, 76)
    window(brush, 400, 335, 92, 76)
    brush.rect(262, 322, 98, 133, RED_DARK, 4)
    brush.rect(268, 328, 41, 127, RED)
    brush.rect(313, 328, 41, 127, RED)
    brush.circle(301, 394, 5, SUN)
    brush.circle(321, 394, 5, SUN)
    brush.hill([(0, 470), (350, 440), (850, 470), (1200, 448)], STONE)
    brush.hill([(0, 560), (400, 530), (800, 570), (1200, 540)], "#cfc09f")
    tree(brush, 1030, 500, 1.25, SUN, "#e0a033")
    leaves(
        brush,
        [
            (700, 560),
            (742, 585),
            (772, 552),
            (806, 590),
            (668, 604),
            (900, 560),
            (960, 585),
            (1060, 548),
            (1110, 590),
            (1010, 610),
            (480, 590),
            (540, 615),
            (725, 612),
            (845, 618),
        ],
    )
    person(brush, 430, 600, 1.3, coat="#e9c27a", cap=RED, vest=True, hands=[(505, 420), (522, 470)])
    broom(brush, (485, 372), (600, 560))
    person(
        brush, 880, 604, 1.22, coat=JADE, hair="#e9e4da", vest=True, hands=[(800, 432), (790, 480)], bun=True
    )
    broom(brush, (824, 392), (716, 560))
    return brush


def drain() -> Brush:
    brush = Brush(SKY)
    sun(brush, 190, 130)
    cloud(brush, 480, 90)
    cloud(brush, 900, 130, 0.9)
    tower(brush, 60, 400, 160, 5, "#e8d3a5")
    tower(brush, 860, 400, 220, 6, "#ecdcb6")
    tree(brush, 760, 410, 0.8)
    brush.hill([(0, 396), (400, 384), (800, 404), (1200, 390)], STONE)
    brush.hill([(0, 480), (400, 470), (800, 490), (1200, 474)], "#c6b692")
    # the opened ground with its pipes
    brush.rect(330, 505, 560, 170, "#8b6b47", 20)
    brush.rect(350, 525, 520, 150, "#74563a", 14)
    brush.rect(330, 572, 560, 62, BLUE, 0)
    brush.rect(330, 580, 560, 14, "#8fb8c6", 0)
    for x in (400, 600, 800):
        brush.rect(x, 562, 34, 82, BLUE_DARK, 6)
    brush.rect(520, 486, 190, 28, INK, 12)
    brush.oval(1010, 560, 84, 30, STONE_DARK)
    brush.oval(1010, 554, 84, 30, "#8d8068")
    for dx in (-44, -15, 15, 44):
        brush.line([(1010 + dx, 538), (1010 + dx, 570)], STONE_DARK, 5)
    person(brush, 300, 560, 1.32, coat=BLUE_DARK, cap=SUN, vest=True, hands=[(392, 372), (420, 440)])
    brush.line([(380, 330), (596, 560)], WOOD_DARK, 12)
    person(brush, 880, 520, 1.2, coat="#e9c27a", hair="#5a3b22", vest=True, hands=[(800, 400), (820, 440)])
    brush.curve([(810, 420), (740, 520), (690, 380), (622, 500), (612, 590)], BEAN_DARK, 10)
    brush.poly([(110, 560), (200, 560), (168, 430), (142, 430)], RED)
    brush.poly([(124, 505), (186, 505), (177, 470), (133, 470)], WHITE)
    brush.rect(96, 556, 118, 18, RED_DARK, 6)
    return brush


def wires() -> Brush:
    brush = Brush("#f6e6c6")
    sun(brush, 1050, 120, 54)
    cloud(brush, 760, 80)
    brush.rect(120, 60, 520, 520, "#ecd2a0", 8)
    brush.rect(120, 60, 520, 26, "#d9b679", 8)
    for row in range(3):
        for column in range(3):
            window(
                brush,
                168 + column * 160,
                130 + row * 140,
                96,
                92,
                glass="#fff7e2" if (row + column) % 2 else "#f7d98f",
            )
    brush.hill([(0, 560), (400, 548), (800, 566), (1200, 552)], MINT)
    brush.rect(690, 230, 22, 340, WOOD_DARK)
    brush.rect(656, 250, 90, 12, WOOD_DARK, 4)
    for i in range(4):
        brush.curve(
            [(640, 118 + i * 16), (820, 190 + i * 14), (1200, 96 + i * 16)], (INK, RED, BLUE_DARK, JADE)[i], 5
        )
        brush.circle(668 + i * 22, 248, 7, JADE_LIGHT)
    brush.rect(638, 100, 26, 84, STONE_DARK, 6)
    # the ladder and the electrician
    brush.line([(858, 590), (930, 268)], WOOD, 13)
    brush.line([(948, 590), (990, 268)], WOOD, 13)
    for i in range(6):
        brush.line([(868 + i * 13, 548 - i * 52), (958 + i * 6, 548 - i * 52)], WOOD, 10)
    person(brush, 916, 462, 1.18, coat=BLUE_DARK, cap=SUN, vest=True, hands=[(842, 180), (1000, 230)])
    brush.line([(836, 196), (856, 156)], RED, 9)
    tree(brush, 1090, 580, 0.9)
    brush.arc(760, 540, 40, 0, 360, INK, 9)
    brush.arc(760, 540, 26, 0, 360, "#5a4a35", 7)
    return brush


def repair() -> Brush:
    brush = Brush("#fbe9c2")
    brush.circle(330, 330, 230, "#fdf3d8")
    brush.rect(0, 500, 1200, 175, WOOD)
    brush.rect(0, 500, 1200, 20, "#cc9a5f")
    brush.rect(0, 560, 1200, 6, WOOD_DARK)
    # the lamp
    brush.poly([(180, 420), (480, 420), (560, 500), (100, 500)], "#fff3c9")
    brush.rect(322, 300, 16, 190, BEAN_DARK)
    brush.oval(330, 492, 78, 18, BEAN_DARK)
    brush.poly([(262, 180), (398, 180), (468, 330), (192, 330)], JADE)
    brush.poly([(262, 180), (300, 180), (262, 330), (192, 330)], "#2f8a6a")
    brush.oval(330, 330, 138, 16, JADE_DARK)
    brush.pie(330, 330, 34, 0, 180, SUN)
    # the fan
    brush.rect(952, 350, 18, 130, STONE_DARK)
    brush.oval(961, 488, 84, 20, BLUE_DARK)
    brush.circle(961, 250, 122, BLUE_DARK)
    brush.circle(961, 250, 112, WHITE)
    for x, y in ((0, -52), (50, 28), (-50, 28)):
        brush.oval(961 + x, 250 + y, 44, 40, "#9cc4cf")
    brush.circle(961, 250, 24, BLUE)
    brush.arc(961, 250, 84, 0, 360, "#cfe0e2", 4)
    # the tool box
    brush.rect(530, 356, 290, 146, RED, 14)
    brush.rect(530, 356, 290, 52, RED_DARK, 14)
    brush.rect(610, 300, 130, 18, INK, 9)
    brush.line([(616, 310), (616, 356)], INK, 14)
    brush.line([(734, 310), (734, 356)], INK, 14)
    brush.rect(650, 396, 50, 34, SUN, 6)
    bean(brush, 680, 462, 15)
    # tools lying in front
    brush.line([(150, 590), (330, 560)], STONE_DARK, 18)
    brush.circle(345, 558, 32, STONE_DARK)
    brush.poly([(350, 540), (392, 526), (396, 566), (356, 572)], WOOD)
    brush.line([(520, 596), (610, 586)], RED, 26)
    brush.line([(610, 586), (716, 576)], STONE, 9)
    brush.line([(850, 600), (990, 570)], WOOD_DARK, 16)
    brush.rect(972, 540, 42, 62, INK, 8)
    return brush


def meals() -> Brush:
    brush = Brush("#fbe7c8")
    for i in range(9):
        for j in range(5):
            if (i + j) % 2 == 0:
                brush.rect(i * 140 - 20, j * 140, 140, 140, "#f8dfb6")
    # the lunch box
    brush.rect(214, 176, 560, 388, "#b98a4c", 46)
    brush.rect(204, 160, 560, 388, JADE, 46)
    brush.rect(226, 182, 516, 344, "#2f8a6a", 34)
    brush.rect(244, 200, 236, 150, WHITE, 24)
    brush.rect(500, 200, 224, 150, CREAM, 24)
    brush.rect(244, 370, 480, 138, "#fff8ea", 24)
    # rice, with a gold bean
    for i in range(9):
        brush.circle(282 + i * 50, 452 - (i % 2) * 14, 36, WHITE)
    brush.rect(258, 440, 452, 54, WHITE, 22)
    for i in range(11):
        brush.oval(290 + i * 40, 444 + (i * 13) % 34, 9, 5, "#efe4cc")
    bean(brush, 492, 428, 14)
    # two dishes with meat, one green
    for x, y in ((290, 250), (340, 300), (392, 244), (438, 298), (300, 312), (430, 240)):
        brush.oval(x, y, 34, 24, RED_DARK)
        brush.oval(x - 4, y - 5, 25, 15, RED)
    for x, y in ((320, 262), (398, 306), (446, 262)):
        brush.circle(x, y, 8, SUN)
    for i in range(8):
        x, y = 530 + (i % 4) * 52, 244 + (i // 4) * 58
        brush.oval(x, y, 32, 18, JADE_LIGHT)
        brush.line([(x - 24, y + 4), (x + 24, y - 4)], JADE, 4)
    for x, y in ((560, 280), (640, 268), (690, 310)):
        brush.oval(x, y, 22, 14, PEACH)
    # soup and chopsticks
    brush.circle(960, 300, 150, "#d9b27a")
    brush.circle(956, 292, 150, WHITE)
    brush.circle(956, 292, 128, BLUE)
    brush.circle(956, 292, 118, "#f6cf6f")
    for x, y in ((910, 270), (990, 330), (1000, 250), (930, 340), (880, 320)):
        brush.circle(x, y, 16, RED)
        brush.circle(x - 3, y - 3, 9, ROSE)
    for x, y in ((950, 240), (960, 300), (1030, 300), (905, 350)):
        brush.line([(x, y), (x + 22, y - 8)], JADE, 8)
    for dx in (0, 44):
        brush.curve([(930 + dx, 130), (900 + dx, 90), (960 + dx, 66), (930 + dx, 22)], WHITE, 10)
    brush.line([(850, 560), (1150, 500)], BEAN_DARK, 13)
    brush.line([(856, 590), (1156, 540)], BEAN_DARK, 13)
    brush.line([(850, 560), (900, 550)], RED, 13)
    brush.line([(856, 590), (906, 582)], RED, 13)
    return brush


def delivery() -> Brush:
    brush = Brush("#f3e3c3")
    brush.rect(0, 0, 1200, 540, "#efdcb4")
    brush.rect(0, 400, 1200, 140, "#dfc693")
    brush.rect(0, 540, 1200, 135, STONE_DARK)
    brush.rect(0, 540, 1200, 12, "#9f8f70")
    brush.rect(640, 90, 400, 452, WOOD_DARK, 6)
    brush.rect(660, 110, 360, 432, "#fff3d3")
    brush.rect(660, 110, 120, 432, RED_DARK)
    brush.rect(672, 130, 96, 180, RED, 6)
    brush.rect(672, 330, 96, 190, RED, 6)
    brush.circle(760, 330, 9, SUN)
    brush.poly([(840, 84), (900, 30), (960, 84)], RED)
    brush.rect(846, 66, 108, 22, RED)
    brush.circle(900, 62, 12, SUN)
    window(brush, 150, 130, 150, 150)
    brush.rect(132, 280, 186, 18, WOOD)
    for x in (160, 210, 262):
        brush.rect(x, 250, 34, 30, RED, 4)
        brush.circle(x + 17, 236, 20, JADE_LIGHT)
    brush.rect(1080, 430, 80, 112, JADE, 10)
    for x, y in ((1096, 400), (1120, 360), (1148, 396)):
        brush.oval(x, y, 24, 44, JADE_LIGHT)
    person(brush, 910, 560, 1.38, coat=PLUM, hair="#d8d4cc", hands=[(826, 410), (838, 446)], bun=True)
    person(brush, 500, 566, 1.46, coat="#e9c27a", cap=RED, vest=True, hands=[(640, 400), (648, 452)])
    brush.rect(664, 380, 140, 46, SUN, 12)
    brush.rect(664, 428, 140, 62, JADE, 14)
    brush.rect(664, 428, 140, 20, JADE_LIGHT, 10)
    brush.arc(734, 384, 42, 190, 350, BEAN_DARK, 8)
    bean(brush, 740, 466, 12)
    for dx in (0, 36):
        brush.curve([(712 + dx, 330), (694 + dx, 304), (730 + dx, 286), (712 + dx, 256)], WHITE, 8)
    return brush


def safety() -> Brush:
    brush = Brush(PEACH)
    brush.circle(600, 340, 290, "#fbe6d4")
    brush.rect(0, 540, 1200, 135, STONE)
    brush.rect(0, 540, 1200, 12, STONE_DARK)
    # the extinguisher
    brush.rect(500, 200, 200, 372, RED, 70)
    brush.rect(520, 210, 36, 340, "#d86a45", 18)
    brush.rect(500, 330, 200, 120, CREAM)
    brush.poly([(600, 346), (640, 398), (628, 432), (572, 432), (560, 398)], SUN)
    brush.poly([(600, 384), (618, 412), (612, 432), (588, 432), (582, 412)], RED)
    brush.rect(568, 146, 64, 62, INK, 10)
    brush.line([(560, 150), (688, 112)], INK, 22)
    brush.line([(570, 176), (680, 180)], INK, 18)
    brush.circle(540, 160, 24, WHITE)
    brush.circle(540, 160, 16, JADE_LIGHT)
    brush.curve([(630, 170), (800, 190), (800, 330), (740, 470)], INK, 18)
    brush.poly([(724, 462), (760, 474), (742, 540), (698, 524)], INK)
    # the hydrant
    brush.rect(910, 330, 130, 240, RED_DARK, 26)
    brush.pie(975, 340, 70, 180, 360, RED_DARK)
    brush.rect(890, 336, 170, 28, RED, 12)
    brush.rect(870, 410, 60, 60, SUN, 10)
    brush.rect(1020, 410, 60, 60, SUN, 10)
    brush.circle(975, 440, 36, SUN)
    brush.circle(975, 440, 18, BEAN_DARK)
    brush.rect(888, 548, 174, 30, RED_DARK, 8)
    # the helmet and a check list
    brush.rect(150, 250, 230, 300, WOOD, 16)
    brush.rect(168, 276, 194, 258, WHITE, 8)
    brush.rect(222, 234, 86, 36, STONE_DARK, 10)
    for i in range(4):
        brush.line([(190, 318 + i * 52), (202, 330 + i * 52), (224, 304 + i * 52)], JADE, 9)
        brush.line([(246, 318 + i * 52), (334, 318 + i * 52)], STONE, 10)
    brush.pie(320, 560, 104, 180, 360, SUN)
    brush.rect(196, 552, 250, 24, BEAN, 12)
    brush.rect(304, 454, 32, 100, BEAN, 10)
    return brush


def outreach() -> Brush:
    brush = Brush(MINT)
    brush.circle(560, 330, 280, "#e9f4ec")
    tower(brush, 40, 600, 150, 7, "#c6dfcf")
    tower(brush, 1010, 600, 150, 8, "#c6dfcf")
    brush.rect(0, 590, 1200, 85, JADE_LIGHT)
    brush.rect(420, 96, 270, 500, INK, 40)
    brush.rect(436, 120, 238, 452, WHITE, 26)
    brush.rect(510, 104, 90, 10, "#5a4a35", 5)
    brush.rect(458, 150, 150, 62, PEACH, 18)
    brush.line([(480, 172), (580, 172)], ROSE, 9)
    brush.line([(480, 192), (550, 192)], ROSE, 9)
    brush.rect(500, 230, 150, 62, MINT, 18)
    brush.line([(520, 252), (626, 252)], JADE_LIGHT, 9)
    brush.line([(520, 272), (590, 272)], JADE_LIGHT, 9)
    # the shield
    brush.poly([(555, 300), (684, 340), (676, 450), (555, 548), (434, 450), (426, 340)], JADE_DARK)
    brush.poly([(555, 322), (662, 354), (656, 440), (555, 522), (454, 440), (448, 354)], JADE)
    brush.line([(500, 420), (540, 462), (616, 374)], SUN, 26)
    # the megaphone
    brush.poly([(770, 250), (960, 150), (960, 430), (770, 340)], RED)
    brush.oval(960, 290, 34, 140, RED_DARK)
    brush.oval(964, 290, 18, 104, PEACH)
    brush.rect(730, 246, 60, 98, SUN, 16)
    brush.line([(800, 350), (820, 430)], RED_DARK, 26)
    for i, r in enumerate((70, 110)):
        brush.arc(980, 290, r, -32, 32, (SUN, "#f6cf6f")[i], 12)
    person(
        brush, 260, 606, 1.36, coat="#e9c27a", hair=INK, vest=True, cap=RED, hands=[(372, 380), (330, 470)]
    )
    brush.rect(356, 330, 70, 88, WHITE, 6)
    for i in range(3):
        brush.line([(370, 354 + i * 20), (410, 354 + i * 20)], (RED, STONE, STONE)[i], 7)
    return brush


def visit() -> Brush:
    brush = Brush("#f9e6c4")
    brush.rect(0, 470, 1200, 205, "#e2c28d")
    brush.rect(0, 462, 1200, 16, WOOD)
    window(brush, 440, 70, 320, 250, glass=SKY)
    sun(brush, 690, 150, 36)
    brush.rect(420, 50, 60, 300, ROSE, 18)
    brush.rect(720, 50, 60, 300, ROSE, 18)
    brush.rect(410, 40, 380, 18, WOOD_DARK, 8)
    brush.rect(880, 110, 130, 160, WOOD_DARK, 6)
    brush.rect(892, 122, 106, 136, WHITE)
    brush.circle(926, 200, 26, JADE_LIGHT)
    brush.circle(966, 196, 30, SUN)
    # arm chair with an elder, a volunteer opposite
    brush.rect(150, 300, 260, 270, JADE, 50)
    person(brush, 290, 600, 1.5, coat=PLUM, hair="#e4dfd4", hands=[(392, 430)], bun=True)
    brush.rect(140, 430, 60, 170, JADE_DARK, 26)
    brush.rect(372, 470, 54, 130, JADE_DARK, 26)
    brush.rect(840, 330, 200, 260, WOOD_DARK, 30)
    person(brush, 900, 606, 1.48, coat="#e9c27a", hair=INK, vest=True, hands=[(780, 430), (800, 470)])
    brush.oval(600, 520, 150, 34, WOOD)
    brush.oval(600, 510, 150, 34, "#d3a063")
    brush.rect(584, 530, 32, 120, WOOD_DARK)
    brush.oval(600, 652, 90, 16, WOOD_DARK)
    brush.circle(600, 462, 44, BLUE)
    brush.rect(570, 416, 60, 16, BLUE_DARK, 8)
    brush.circle(600, 412, 9, BLUE_DARK)
    brush.curve([(640, 460), (690, 450), (670, 420)], BLUE, 14)
    brush.arc(554, 462, 26, 100, 260, BLUE, 9)
    for x in (506, 690):
        brush.rect(x - 22, 476, 44, 34, WHITE, 8)
        brush.curve([(x, 462), (x - 14, 444), (x + 14, 430), (x, 410)], WHITE, 6)
    return brush


def traffic() -> Brush:
    brush = Brush(SKY)
    sun(brush, 150, 120)
    cloud(brush, 420, 80)
    cloud(brush, 760, 120, 0.9)
    tower(brush, 60, 420, 170, 5, "#ecdcb6")
    tower(brush, 520, 420, 200, 6, "#e8d3a5")
    tower(brush, 750, 420, 130, 4, "#efe0bd")
    tree(brush, 320, 430, 0.9)
    tree(brush, 440, 430, 0.7)
    brush.rect(0, 418, 1200, 26, STONE)
    brush.rect(0, 444, 1200, 231, "#8a8377")
    brush.rect(0, 444, 1200, 10, STRAW)
    for i in range(6):
        x = 120 + i * 118
        brush.poly([(x, 480), (x + 66, 480), (x + 40, 660), (x - 40, 660)], WHITE)
    brush.rect(968, 100, 18, 350, INK)
    brush.rect(926, 90, 102, 250, INK, 24)
    for i, colour in enumerate((RED, "#7a6a3a", JADE_LIGHT)):
        brush.circle(977, 136 + i * 78, 32, colour)
    person(brush, 830, 610, 1.5, coat="#e9c27a", cap=RED, vest=True, hands=[(718, 330), (890, 440)])
    brush.line([(718, 350), (700, 200)], WOOD_DARK, 9)
    brush.poly([(702, 206), (590, 222), (606, 262), (594, 296), (708, 290)], RED)
    bean(brush, 660, 250, 15)
    person(brush, 400, 620, 1.15, coat=BLUE, hair=INK, hands=[(470, 500)])
    person(brush, 512, 622, 1.2, coat=PLUM, hair="#e4dfd4", hands=[(456, 510)], bun=True)
    return brush
