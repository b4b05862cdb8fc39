"""Dates and times as people say them, in the reader's language: `11月25日 周三 14:00`, `Wed 25 Nov, 14:00`.

The frame's filters of the same names call these; refusals and notices use them in their sentences.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

WEEKDAYS_ZH = "周一 周二 周三 周四 周五 周六 周日".split()


def local(value: dt.date | dt.datetime) -> dt.date | dt.datetime:
    """The same moment in the site's time zone; a date stays as it is."""
    return timezone.localtime(value) if isinstance(value, dt.datetime) and timezone.is_aware(value) else value


def in_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "").startswith("zh")


def weekday(value: dt.date | dt.datetime | None) -> str:
    """`周三`, `Wed`."""
    if not value:
        return ""
    here = local(value)
    return WEEKDAYS_ZH[here.weekday()] if in_chinese() else date_format(here, "D")


def dayofmonth(value: dt.date | dt.datetime | None) -> str:
    """`25`, for the date block."""
    return str(local(value).day) if value else ""


def day(value: dt.date | dt.datetime | None) -> str:
    """`11月25日 周三`, `Wed 25 Nov`."""
    if not value:
        return ""
    here = local(value)
    if in_chinese():
        return f"{here.month}月{here.day}日 {weekday(value)}"
    return date_format(here, "D j M")


def longday(value: dt.date | dt.datetime | None) -> str:
    """With the year: `2026年11月25日 周三`, `Wed 25 Nov 2026`."""
    if not value:
        return ""
    here = local(value)
    return f"{here.year}年{day(value)}" if in_chinese() else date_format(here, "D j M Y")


def clocktime(value: dt.datetime | None) -> str:
    """`14:00`."""
    return local(value).strftime("%H:%M") if value else ""


def daytime(value: dt.datetime | None) -> str:
    """`11月25日 周三 14:00`, `Wed 25 Nov, 14:00`."""
    if not value:
        return ""
    return f"{day(value)}{' ' if in_chinese() else ', '}{clocktime(value)}"


def span(start: dt.datetime | None, end: dt.datetime | None) -> str:
    """`11月25日 周三 14:00–16:00`; over midnight both days are written."""
    if not start or not end:
        return daytime(start)
    if local(start).strftime("%Y%j") == local(end).strftime("%Y%j"):
        return f"{daytime(start)}–{clocktime(end)}"
    return f"{daytime(start)} – {daytime(end)}"


def moment(value: dt.datetime) -> str:
    """`11月25日 14:00`, `25 Nov, 14:00`: without the day of the week, for the middle of a sentence."""
    return f"{date(local(value))}{' ' if in_chinese() else ', '}{clocktime(value)}"


def date(value: dt.date) -> str:
    """`11月25日`, `25 Nov`."""
    return f"{value.month}月{value.day}日" if in_chinese() else date_format(value, "j M")


def month_name(value: dt.date) -> str:
    """`2026年11月`, `November 2026`."""
    return f"{value.year}年{value.month}月" if in_chinese() else date_format(value, "F Y")


def duration(minutes: int) -> str:
    """`56 小时 25 分钟`, `56 hours 25 minutes`; `25 分钟`."""
    hours, rest = divmod(minutes, 60)
    if in_chinese():
        parts = [(hours, "小时"), (rest, "分钟")]
    else:
        parts = [(hours, "hour" if hours == 1 else "hours"), (rest, "minute" if rest == 1 else "minutes")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or f"0 {parts[1][1]}"
