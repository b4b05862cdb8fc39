"""A small flat-colour brush for the covers: shapes in picture units on a canvas that is drawn larger.

Pillow draws without smoothing, so a picture is painted at `SCALE` times its size and reduced at the end.
All coordinates are in units of the finished picture, 1200 × 675.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 675
SCALE = 2

PAPER, SUN, BEAN, BEAN_DARK, STRAW = "#fbf3e0", "#f2b544", "#c98a1b", "#7a4f06", "#f4dca0"
INK, BROWN, WOOD, WOOD_DARK = "#33291b", "#6b4a2b", "#b98449", "#94632f"
JADE, JADE_DARK, JADE_LIGHT, MINT = "#1f6f54", "#145240", "#6fae8d", "#d9ecdf"
RED, RED_DARK, PEACH, ROSE = "#c4512f", "#97381d", "#f6d5bd", "#e79a80"
SKY, BLUE, BLUE_DARK, STONE, STONE_DARK = "#dcebea", "#5f93a8", "#3c6a7e", "#d8cbb0", "#b3a383"
WHITE, CREAM, PLUM, SKIN = "#fffdf8", "#fdf0d2", "#8b6a9e", "#f1c69c"

Point = tuple[float, float]


class Brush:
    """A canvas with the few shapes the covers need."""

    def __init__(self, background: str = PAPER) -> None:
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), background)
        self._draw = ImageDraw.Draw(self.image)

    @staticmethod
    def _points(points: Sequence[Point]) -> list[Point]:
        return [(x * SCALE, y * SCALE) for x, y in points]

    def rect(self, x: float, y: float, w: float, h: float, colour: str, radius: float = 0) -> None:
        box = (x * SCALE, y * SCALE, (x + w) * SCALE, (y + h) * SCALE)
        if radius:
            self._draw.rounded_rectangle(box, radius * SCALE, fill=colour)
        else:
            self._draw.rectangle(box, fill=colour)

    def circle(self, x: float, y: float, r: float, colour: str) -> None:
        self.oval(x, y, r, r, colour)

    def oval(self, x: float, y: float, rx: float, ry: float, colour: str) -> None:
        self._draw.ellipse(
            ((x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE), fill=colour
        )

    def poly(self, points: Sequence[Point], colour: str) -> None:
        self._draw.polygon(self._points(points), fill=colour)

    def pie(self, x: float, y: float, r: float, start: float, end: float, colour: str) -> None:
        """A slice; angles in degrees, clockwise from three o'clock."""
        self._draw.pieslice(
            ((x - r) * SCALE, (y - r) * SCALE, (x + r) * SCALE, (y + r) * SCALE), start, end, fill=colour
        )

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        """A stroke with round ends and corners."""
        scaled = self._points(points)
        self._draw.line(scaled, fill=colour, width=int(width * SCALE), joint="curve")
        half = width * SCALE / 2
        for x, y in (scaled[0], scaled[-1]):
            self._draw.ellipse((x - half, y - half, x + half, y + half), fill=colour)

    def curve(self, points: Sequence[Point], colour: str, width: float) -> None:
        """A stroke along a Bézier curve through three or four control points."""
        self.line(bezier(points), colour, width)

    def arc(self, x: float, y: float, r: float, start: float, end: float, colour: str, width: float) -> None:
        steps = max(8, int(abs(end - start) / 5))
        angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
        self.line([(x + r * math.cos(a), y + r * math.sin(a)) for a in angles], colour, width)

    def hill(self, points: Sequence[Point], colour: str) -> None:
        """Ground: a curve from edge to edge, filled to the bottom."""
        self.poly([(0, HEIGHT), *bezier(points), (WIDTH, HEIGHT)], colour)

    def finish(self) -> Image.Image:
        """The smooth picture in its final size."""
        return self.image.reduce(SCALE)


def bezier(points: Sequence[Point], steps: int = 40) -> list[Point]:
    """Points along a Bézier curve of any degree (de Casteljau)."""
    result = []
    for i in range(steps + 1):
        t = i / steps
        level = [(float(x), float(y)) for x, y in points]
        while len(level) > 1:
            level = [
                (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in itertools.pairwise(level)
            ]
        result.append(level[0])
    return result


# --- things that appear in more than one picture ----------------------------------------------------------
def sun(brush: Brush, x: float = 985, y: float = 135, r: float = 62) -> None:
    brush.circle(x, y, r + 26, "#f9e3b0")
    brush.circle(x, y, r, SUN)


def cloud(brush: Brush, x: float, y: float, size: float = 1, colour: str = WHITE) -> None:
    brush.rect(x, y, 150 * size, 34 * size, colour, 17 * size)
    brush.circle(x + 52 * size, y + 4 * size, 30 * size, colour)
    brush.circle(x + 94 * size, y + 8 * size, 22 * size, colour)


def tree(
    brush: Brush, x: float, y: float, size: float = 1, leaf: str = JADE_LIGHT, dark: str = "#4f8f6c"
) -> None:
    """A round tree standing on (x, y)."""
    brush.poly(
        [
            (x - 11 * size, y),
            (x + 11 * size, y),
            (x + 7 * size, y - 150 * size),
            (x - 7 * size, y - 150 * size),
        ],
        BROWN,
    )
    brush.line([(x, y - 95 * size), (x + 38 * size, y - 140 * size)], BROWN, 8 * size)
    for dx, dy, r, colour in (
        (-52, -165, 52, dark),
        (50, -160, 50, leaf),
        (-4, -215, 64, leaf),
        (-26, -182, 46, leaf),
        (26, -236, 26, "#8cc3a2"),
    ):
        shade = leaf if colour == "#8cc3a2" and leaf != JADE_LIGHT else colour
        brush.circle(x + dx * size, y + dy * size, r * size, shade)


def house(
    brush: Brush, x: float, y: float, w: float, h: float, wall: str = CREAM, roof: str = "#8d7a63"
) -> None:
    """A low courtyard house with a tiled roof; (x, y) is its lower left corner."""
    top = y - h
    brush.rect(x, top, w, h, wall)
    brush.poly([(x - 34, top + 6), (x + w + 34, top + 6), (x + w - 12, top - 62), (x + 12, top - 62)], roof)
    brush.rect(x - 40, top, w + 80, 13, "#6f5e4a", 6)
    brush.rect(x + 8, top - 70, w - 16, 12, "#6f5e4a", 6)
    for i in range(1, int(w // 34)):
        brush.line([(x + 34 * i, top - 56), (x + 34 * i, top - 8)], "#7d6b56", 4)


def window(
    brush: Brush, x: float, y: float, w: float, h: float, frame: str = WOOD_DARK, glass: str = "#f7d98f"
) -> None:
    brush.rect(x, y, w, h, frame, 4)
    brush.rect(x + 6, y + 6, w - 12, h - 12, glass)
    brush.rect(x + w / 2 - 2, y, 4, h, frame)
    brush.rect(x, y + h / 2 - 2, w, 4, frame)


def tower(brush: Brush, x: float, y: float, w: float, floors: int, wall: str, lit: int = 3) -> None:
    """A residential building with rows of windows; (x, y) is its lower left corner."""
    h = floors * 48 + 30
    brush.rect(x, y - h, w, h, wall, 6)
    columns = max(2, int(w // 52))
    gap = (w - columns * 26) / (columns + 1)
    for floor in range(floors):
        for column in range(columns):
            on = (floor * 5 + column * 3 + int(x)) % lit == 0
            brush.rect(
                x + gap + column * (26 + gap),
                y - h + 22 + floor * 48,
                26,
                28,
                "#f7d98f" if on else "#fffaf0",
                3,
            )


def lantern(brush: Brush, x: float, y: float, size: float = 1) -> None:
    """A red lantern hanging from (x, y)."""
    brush.line([(x, y), (x, y + 26 * size)], BROWN, 3 * size)
    brush.oval(x, y + 58 * size, 34 * size, 30 * size, RED)
    brush.oval(x, y + 58 * size, 16 * size, 30 * size, "#d86a45")
    brush.rect(x - 16 * size, y + 24 * size, 32 * size, 9 * size, SUN, 3)
    brush.rect(x - 16 * size, y + 84 * size, 32 * size, 9 * size, SUN, 3)
    for dx in (-8, 0, 8):
        brush.line([(x + dx * size, y + 94 * size), (x + dx * size, y + 122 * size)], SUN, 3 * size)


def bean(brush: Brush, x: float, y: float, r: float, colour: str = SUN, shine: str = "#fbe3a6") -> None:
    """The mark of the product: one gold bean."""
    brush.circle(x, y, r, colour)
    brush.circle(x - r * 0.62, y + r * 0.5, r * 0.72, colour)
    brush.circle(x + r * 0.36, y - r * 0.34, r * 0.26, shine)


def person(
    brush: Brush,
    x: float,
    y: float,
    size: float = 1,
    *,
    coat: str = JADE,
    hair: str = INK,
    trousers: str = "#5b4a3a",
    cap: str | None = None,
    vest: bool = False,
    hands: Sequence[Point] = (),
    skirt: bool = False,
    bun: bool = False,
) -> None:
    """A friendly figure standing on (x, y), 230 units tall at size 1. `hands` are where the hands reach."""
    s = size
    if not skirt:
        brush.line([(x - 16 * s, y - 80 * s), (x - 18 * s, y - 10 * s)], trousers, 24 * s)
        brush.line([(x + 16 * s, y - 80 * s), (x + 18 * s, y - 10 * s)], trousers, 24 * s)
    brush.oval(x - 22 * s, y - 4 * s, 19 * s, 9 * s, INK)
    brush.oval(x + 24 * s, y - 4 * s, 19 * s, 9 * s, INK)
    shoulder = y - 152 * s
    if skirt:
        brush.poly(
            [
                (x - 30 * s, y - 150 * s),
                (x + 30 * s, y - 150 * s),
                (x + 62 * s, y - 12 * s),
                (x - 62 * s, y - 12 * s),
            ],
            coat,
        )
    brush.rect(x - 39 * s, y - 168 * s, 78 * s, 104 * s, coat, 30 * s)
    brush.rect(x - 39 * s, y - 110 * s, 78 * s, 46 * s, coat, 8 * s)
    if vest:
        brush.rect(x - 27 * s, y - 166 * s, 54 * s, 100 * s, RED, 14 * s)
        bean(brush, x + 4 * s, y - 118 * s, 9 * s)
    for hand in hands:
        side = 30 * s if hand[0] >= x else -30 * s
        elbow = ((x + side + hand[0]) / 2 + side * 0.25, (shoulder + hand[1]) / 2 + 18 * s)
        brush.curve([(x + side, shoulder + 8 * s), elbow, hand], coat, 20 * s)
        brush.circle(hand[0], hand[1], 12 * s, SKIN)
    brush.rect(x - 9 * s, y - 184 * s, 18 * s, 22 * s, "#e5b587", 6 * s)
    head = y - 205 * s
    brush.circle(x, head, 33 * s, SKIN)
    if bun:
        brush.circle(x + 4 * s, head - 40 * s, 14 * s, hair)
    brush.pie(x, head - 3 * s, 35 * s, 180, 360, hair)
    brush.circle(x - 30 * s, head + 1 * s, 7 * s, hair)
    brush.circle(x + 30 * s, head + 1 * s, 7 * s, hair)
    if cap:
        brush.pie(x, head - 6 * s, 37 * s, 180, 360, cap)
        brush.line([(x - 2 * s, head - 8 * s), (x + 50 * s, head - 8 * s)], cap, 10 * s)
    for dx in (-11, 12):
        brush.circle(x + dx * s, head + 6 * s, 3.4 * s, INK)
        brush.circle(x + dx * 1.7 * s, head + 15 * s, 5.5 * s, "#eba788")
    brush.arc(x + 0.5 * s, head + 11 * s, 9 * s, 30, 150, RED_DARK, 3 * s)
