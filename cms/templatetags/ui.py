"""Small drawing helpers for templates: dates as people say them, split bars, bar charts, covers."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

register = template.Library()

WEEKDAYS_ZH = "周一 周二 周三 周四 周五 周六 周日".split()
COVERS = ("clean", "meal", "talk", "health", "teach", "bean")


def _local(value: dt.date | dt.datetime) -> dt.date | dt.datetime:
    return timezone.localtime(value) if isinstance(value, dt.datetime) and timezone.is_aware(value) else value


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


@register.filter
def weekday(value: dt.date | dt.datetime | None) -> str:
    """`周三`, `Wed`."""
    if not value:
        return ""
    local = _local(value)
    return WEEKDAYS_ZH[local.weekday()] if _chinese() else date_format(local, "D")


@register.filter
def dayofmonth(value: dt.date | dt.datetime | None) -> str:
    """`25`, for the date block."""
    return str(_local(value).day) if value else ""


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """`11月25日 周三`, `Wed 25 Nov`."""
    if not value:
        return ""
    local = _local(value)
    if _chinese():
        return f"{local.month}月{local.day}日 {weekday(value)}"
    return date_format(local, "D j M")


@register.filter
def longday(value: dt.date | dt.datetime | None) -> str:
    """With the year: `2026年11月25日 周三`, `Wed 25 Nov 2026`."""
    if not value:
        return ""
    local = _local(value)
    return f"{local.year}年{day(value)}" if _chinese() else date_format(local, "D j M Y")


@register.filter
def clocktime(value: dt.datetime | None) -> str:
    """`14:00`."""
    return _local(value).strftime("%H:%M") if value else ""


@register.filter
def daytime(value: dt.datetime | None) -> str:
    """`11月25日 周三 14:00`, `Wed 25 Nov, 14:00`."""
    if not value:
        return ""
    return f"{day(value)}{' ' if _chinese() else ', '}{clocktime(value)}"


@register.filter
def span(start: dt.datetime | None, end: dt.datetime | None) -> str:
    """`11月25日 周三 14:00–16:00`; over midnight both days are written."""
    if not start or not end:
        return daytime(start)
    if _local(start).strftime("%Y%j") == _local(end).strftime("%Y%j"):
        return f"{daytime(start)}–{clocktime(end)}"
    return f"{daytime(start)} – {daytime(end)}"


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
