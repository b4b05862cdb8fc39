"""Small drawing helpers for templates: dates as people say them, split bars, bar charts, covers."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from points import dates

register = template.Library()

for _filter in (
    dates.weekday,
    dates.dayofmonth,
    dates.day,
    dates.longday,
    dates.clocktime,
    dates.daytime,
    dates.span,
    dates.month_name,
):
    register.filter(_filter)

COVERS = ("clean", "meal", "talk", "health", "teach", "bean")


@register.filter
def inline_svg(svg: str) -> SafeString:
    """An SVG our own code drew (a QR code), without its XML prologue, to stand inside a page."""
    return mark_safe(svg[max(svg.find("<svg"), 0) :])


@register.simple_tag
def cover_url(seed: Any = "", kind: str = "") -> str:
    """A drawn cover by kind (clean, meal, talk, health, teach, bean), else the same one for the same seed."""
    name = kind if kind in COVERS else COVERS[zlib.crc32(str(seed).encode()) % len(COVERS)]
    return static(f"img/cover-{name}.svg")


def _amount(value: Any) -> int:
    return int(getattr(value, "amount", value) or 0)


@register.inclusion_tag("components/split.html")
def split(parts: Iterable[tuple[Any, str, str]], label: str = "") -> dict[str, Any]:
    """A bar of parts with its key. Each part is (value, label, tone), tone = bean|soft|jade|alert|plain."""
    rows = [(_amount(value), value, text, tone) for value, text, tone in parts]
    total = sum(amount for amount, *_rest in rows) or 1
    drawn, x = [], 0
    for amount, value, text, tone in rows:
        width = round(1000 * max(amount, 0) / total)
        drawn.append({"x": x, "width": width, "value": value, "label": text, "tone": tone})
        x += width
    return {"parts": drawn, "label": label or gettext("How it divides up")}


@register.inclusion_tag("components/chart.html")
def bar_chart(
    points: Iterable[tuple[str, Any]], label: str = "", tone: str = "jade", unit: str = ""
) -> dict[str, Any]:
    """Bars with their numbers over them. Each point is (label, whole number); put a table beside it."""
    rows = [(str(text), _amount(value)) for text, value in points]
    top = max([value for _text, value in rows] or [0]) or 1
    tall = 7  # em
    bars = [
        {"label": text, "value": value, "em": f"{tall * max(value, 0) / top:.2f}"} for text, value in rows
    ]
    return {"bars": bars, "label": label or gettext("Chart"), "tone": tone, "unit": unit}
