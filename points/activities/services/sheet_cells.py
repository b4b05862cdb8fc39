"""What people write in the cells of a sign-in sheet: `９：００`, `下午2点半`, `1.5小时`, Excel's own times.

Pure functions: a cell in, a value out, `ValueError` when it cannot be read. Nothing is guessed silently:
what a cell leaves open (which day, morning or afternoon) is decided by the caller, who knows the shift.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

EXCEL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001  (a wall-clock time, made aware by the caller)
TICKS = {
    "√",
    "✓",
    "✔",
    "v",
    "y",
    "yes",
    "ok",
    "是",
    "到",
    "已到",
    "已签",
    "已签到",
    "已签退",
    "已退",
    "签到",
    "签退",
    "对",
}
BLANKS = {"", "-", "--", "—", "——", "/", "\\", "无", "none", "n/a", "×", "x"}
MOST_MINUTES = 24 * 60

CLOCK = re.compile(
    r"^(?P<half>上午|早上|早|中午|下午|晚上|晚|am|pm)?(?P<h>\d{1,2})[:.时点h](?P<m>\d{1,2}|半)?(?::\d{1,2})?分?(?P<after>am|pm)?$"
)
BARE = re.compile(r"^(?P<h>\d{1,2})(?P<m>\d{2})$")
DAY = re.compile(r"^(?:(?P<y>\d{4}|\d{2})[-/.年])?(?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?$")
WITH_DAY = re.compile(r"^(?P<day>(?:\d{4}[-/.年])?\d{1,2}[-/.月]\d{1,2}[日号]?)[t,，]?\s*(?P<time>.+)$")
HOURS = re.compile(
    r"^(?P<h>\d+(?:\.\d+)?)(?P<half>个半)?个?(?:小时|时|钟头|h|hr|hrs|hour|hours)(?:(?P<m>\d+)(?:分钟?|min|m)?)?(?P<too>半)?$"
)
MINUTES = re.compile(r"^(?P<m>\d+)(?:分钟?|min|mins|minutes|m)$")
NUMBER = re.compile(r"^\d+(?:\.\d+)?$")


class Tick:
    """A mark that says "was here" without a time."""


TICK = Tick()


def plain(cell: Any) -> str:
    """The cell as text: full-width forms made ordinary, spaces within taken out at the edges only."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = unicodedata.normalize("NFKC", str(cell))
    return " ".join("".join(" " if c in "\u200b\ufeff\xa0" else c for c in text).split())


def squeezed(cell: Any) -> str:
    return plain(cell).replace(" ", "").lower()


def is_blank(cell: Any) -> bool:
    return cell is None or squeezed(cell) in BLANKS


def is_formula(cell: Any) -> bool:
    """A formula, or text that a spreadsheet would run as one."""
    text = plain(cell)
    if is_blank(cell):
        return False
    return text[0] in "=@" or (text[0] in "+-" and not text[1:2].isdigit())


def from_serial(number: float) -> dt.datetime:
    """Excel's days since 1899-12-30, to the nearest second."""
    if not 0 <= number < 80_000:
        raise ValueError(number)
    return EXCEL_EPOCH + dt.timedelta(seconds=round(number * 86_400))


def read_time(cell: Any) -> dt.time | dt.datetime | Tick | None:
    """When somebody came or left; a naive datetime if the cell names its day, `TICK` for a mark."""
    if is_blank(cell):
        return None
    if isinstance(cell, dt.datetime):
        return cell if cell.year > 1900 else cell.time()
    if isinstance(cell, dt.time):
        return cell
    if isinstance(cell, dt.timedelta):
        return (EXCEL_EPOCH + cell).time() if cell < dt.timedelta(days=1) else fail(cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if 0 < cell < 1:
            return from_serial(cell).time()
        if cell >= 30_000:
            return from_serial(cell)
    text = squeezed(cell)
    if text in TICKS:
        return TICK
    if match := CLOCK.match(text):
        minute = 30 if match["m"] == "半" else int(match["m"] or 0)
        return clock_time(int(match["h"]), minute, match["half"] or match["after"] or "")
    if match := BARE.match(text):
        return clock_time(int(match["h"]), int(match["m"]), "")
    if match := WITH_DAY.match(plain(cell).lower()):
        day, time = read_day(match["day"]), read_time(match["time"])
        if isinstance(time, dt.time):
            return dt.datetime.combine(day, time) if isinstance(day, dt.date) else time
    return fail(cell)


def clock_time(hour: int, minute: int, half: str) -> dt.time:
    if half in ("下午", "晚上", "晚", "pm", "中午") and hour < 12 and not (half == "中午" and hour >= 10):
        hour += 12
    if half in ("上午", "早上", "早", "am") and hour == 12:
        hour = 0
    return dt.time(hour, minute)


def fail(cell: Any) -> Any:
    raise ValueError(plain(cell)[:40])


def read_day(cell: Any, *, year: int | None = None) -> dt.date | tuple[int, int] | None:
    """A day; (month, day) when the cell leaves the year open and none is given."""
    if is_blank(cell):
        return None
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell >= 30_000:
        return from_serial(cell).date()
    text = squeezed(cell)
    text = re.sub(r"[(（]?(星期|周)[一二三四五六日天][)）]?$", "", text)
    text = re.sub(r"00:00(:00)?$", "", text)
    match = DAY.match(text)
    if match is None:
        return fail(cell)
    month, day = int(match["m"]), int(match["d"])
    written = match["y"]
    if written is None and year is None:
        dt.date(2024, month, day)  # a leap year: is there such a day at all?
        return month, day
    return dt.date(int(written) + (2000 if len(written) == 2 else 0) if written else year or 0, month, day)


def read_minutes(cell: Any, *, unit: str = "") -> int | None:
    """How long somebody served, in whole minutes. `unit` is that of the heading: `hours`, `minutes` or none.

    A bare number without a unit means hours up to 24, minutes above.
    """
    if is_blank(cell):
        return None
    if isinstance(cell, dt.timedelta):
        return limited(int(cell.total_seconds() // 60), cell)
    if isinstance(cell, dt.datetime):
        return limited(int((cell - EXCEL_EPOCH).total_seconds() // 60), cell)
    if isinstance(cell, dt.time):
        return limited(cell.hour * 60 + cell.minute, cell)
    text = squeezed(cell)
    if match := MINUTES.match(text):
        return limited(int(match["m"]), cell)
    if text in ("半小时", "半个小时", "半个钟头"):
        return 30
    if match := HOURS.match(text):
        half = 30 if match["half"] or match["too"] else 0
        return limited(tenths(match["h"]) + half + int(match["m"] or 0), cell)
    if match := re.match(r"^(\d{1,2}):(\d{2})(?::\d{2})?$", text):
        return limited(int(match[1]) * 60 + int(match[2]), cell)
    if NUMBER.match(text):
        in_hours = unit == "hours" or (not unit and float(text) <= 24)
        return limited(tenths(text) if in_hours else round(float(text)), cell)
    return fail(cell)


def tenths(hours: str) -> int:
    """`1.5` hours → 90 minutes, exactly."""
    whole, _point, rest = hours.partition(".")
    return int(whole) * 60 + (int(rest) * 60 // 10 ** len(rest) if rest else 0)


def limited(minutes: int, cell: Any) -> int:
    return minutes if 0 < minutes <= MOST_MINUTES else fail(cell)
