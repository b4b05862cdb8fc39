"""The palette keeps its promises: text 7:1 or more, large text and controls 4.5:1, light and dark."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "static" / "css" / "tokens.css").read_text()

TEXT = [
    (ink, ground)
    for ground in ("paper", "card", "sunk")
    for ink in ("ink", "ink-2", "jade-ink", "bean-ink", "alert-ink")
] + [
    ("ink", "jade-tint"),
    ("ink", "bean-tint"),
    ("ink", "alert-tint"),
    ("ink-2", "bean-tint"),
    ("jade-ink", "jade-tint"),
    ("bean-ink", "bean-tint"),
    ("alert-ink", "alert-tint"),
    ("on-jade", "jade-fill"),
    ("on-jade", "jade-press"),
    ("on-alert", "alert-fill"),
    ("on-ticket", "ticket"),
    ("hero-ink", "hero-1"),
    ("hero-ink", "hero-2"),
    ("hero-ink", "hero-3"),
    ("hero-ink", "hero-quiet"),
    ("ink-2", "bar"),
    ("bean-ink", "bar"),
]
CONTROLS = [
    ("edge", "paper"),
    ("edge", "card"),
    ("jade", "paper"),
    ("jade", "card"),
    ("alert", "paper"),
    ("alert", "card"),
    ("focus", "paper"),
    ("focus", "card"),
]


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6});", css))


LIGHT = tokens(CSS.split("@media")[0])
DARK = {**LIGHT, **tokens(CSS.split("prefers-color-scheme: dark")[1])}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_contrast_is_seven_to_one(scheme: dict[str, str], ink: str, ground: str) -> None:
    assert ratio(scheme[ink], scheme[ground]) >= 7, (scheme[ink], scheme[ground])


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), CONTROLS)
def test_control_contrast_is_four_and_a_half_to_one(scheme: dict[str, str], line: str, ground: str) -> None:
    assert ratio(scheme[line], scheme[ground]) >= 4.5, (scheme[line], scheme[ground])


def test_no_newest_syntax_without_a_fallback() -> None:
    for sheet in Path(__file__).parents[2].glob("static/css/*.css"):
        text = sheet.read_text()
        for newest in ("@layer", ":has(", "clamp(", "@container", "color-mix(", "inset:", "&"):
            assert newest not in text, f"{sheet.name}: {newest}"
