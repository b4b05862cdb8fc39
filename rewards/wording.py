"""Days and times inside sentences, in the reader's language. (Templates use the frame's filters.)"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language


def moment(value: dt.datetime) -> str:
    """`11月25日 14:00`, `25 Nov, 14:00` (local time)."""
    local = timezone.localtime(value)
    return f"{date(local)}{' ' if _chinese() else ', '}{local:%H:%M}"


def date(value: dt.date) -> str:
    """`11月25日`, `25 Nov`."""
    return f"{value.month}月{value.day}日" if _chinese() else date_format(value, "j M")


def month_name(value: dt.date) -> str:
    """`2026年11月`, `November 2026`."""
    return f"{value.year}年{value.month}月" if _chinese() else date_format(value, "F Y")


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")
