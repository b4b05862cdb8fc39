"""The plain values that the rules are applied to: one act, what came before it, one request.

They are stored as JSON beside the record they belong to, so that any line can be recomputed later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from points.schemes.parts import codec
from points.schemes.parts.basics import Period
from points.schemes.parts.codec import CODE
from points.schemes.parts.codec import item as given

SERVICE = "service"
SYSTEM_VERIFIED = "system_verified"
Value = str | int | bool


class Known:
    """Reading and writing of values that stand beside a record."""

    @classmethod
    def from_dict(cls, data: Any) -> Any:
        """The value, or the first of what is wrong with it as a coded refusal (negative hours and such)."""
        found, problems = codec.read(cls, data)
        if problems:
            raise problems[0].refusal
        return found

    def to_dict(self) -> dict[str, Any]:
        written: dict[str, Any] = codec.write(self)
        return written


@dataclass(frozen=True, slots=True)
class Act(Known):
    """One act: a service with its minutes, or something else with a number of times or a quantity.

    `minutes` are those that count as time (actual, never rounded); `planned_minutes` 0 means no plan.
    `words`, `numbers` and `flags` are the facts that conditions and coefficients ask about; `quantities` are
    measured. `score` is the choice of the person who scored within a range. `lifted` lifts limits that allow
    a documented override.
    """

    on: dt.date = given()
    act: str = given(SERVICE, pattern=CODE)
    minutes: int = given(0)
    planned_minutes: int = given(0)
    times: int = given(1)
    quantities: Mapping[str, Fraction] = given(dict)
    score: int | None = given(None)
    words: Mapping[str, str] = given(dict)
    numbers: Mapping[str, Fraction] = given(dict)
    flags: Mapping[str, bool] = given(dict)
    claimed_on: dt.date | None = given(None)
    lifted: bool = given(False)

    def fact(self, name: str) -> Any:
        """What is known by this name, or None."""
        if name == "hours":
            return Fraction(self.minutes, 60)
        for known in (self.words, self.numbers, self.flags):
            if name in known:
                return known[name]
        return None


@dataclass(frozen=True, slots=True)
class History(Known):
    """What the same account earned before, as far as the rules ask for it.

    `totals` are keyed by `total_key`; `exact` holds the unrounded points of a unit (running rounding);
    `balances` what is held (ceilings); `streaks` how many in a row end with this act, by line of earning.
    """

    totals: Mapping[str, Fraction] = given(dict)
    exact: Mapping[str, Fraction] = given(dict)
    balances: Mapping[str, int] = given(dict, low=-(10**9))
    streaks: Mapping[str, int] = given(dict)


NOTHING_BEFORE = History()


def total_key(of: str, acts: str, per: Period) -> str:
    """The name under which a limit finds what was earned before: `BEAN|*|day`, `hours|desk|year`."""
    return f"{of}|{acts or '*'}|{per.value}"


def start_of(period: Period, on: dt.date) -> dt.date:
    """The first day of the period that holds `on`."""
    if period in (Period.ACTIVITY, Period.DAY):
        return on
    if period is Period.WEEK:
        return on - dt.timedelta(days=on.weekday())
    if period is Period.MONTH:
        return on.replace(day=1)
    if period is Period.QUARTER:
        return on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1)
    if period is Period.YEAR:
        return on.replace(month=1, day=1)
    return dt.date.min


@dataclass(frozen=True, slots=True)
class Used(Known):
    """One earlier use of points."""

    use: str = given()
    on: dt.date = given()
    item: str = given("")
    pieces: int = given(1)
    points: int = given(0)
    yuan: Fraction = given(Fraction(0))
    merchant: str = given("")


@dataclass(frozen=True, slots=True)
class Request(Known):
    """Somebody wants to use points.

    `at` is the local time (`2026-11-25T10:30`). Either `points` or a price in `yuan` is given; where points
    pay only a reduction, `reduction_yuan` is that part. `action` is `use`, `return` (goods brought back) or
    `collect` (a voucher made on `made_on` is shown). `cash` asks for money: always refused.
    """

    use: str = given()
    at: str = given(pattern=r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?")
    points: int | None = given(None)
    yuan: Fraction | None = given(None)
    reduction_yuan: Fraction | None = given(None)
    pieces: int = given(1, low=1, high=10_000)
    item: str = given("")
    merchant: str = given("")
    rate: Fraction | None = given(None)
    choice: str = given("")
    account: str = given("person")
    bucket: str = given("available")
    action: str = given("use", pattern="use|return|collect")
    made_on: dt.date | None = given(None)
    words: Mapping[str, str] = given(dict)
    numbers: Mapping[str, Fraction] = given(dict)
    flags: Mapping[str, bool] = given(dict)
    balances: Mapping[str, int] = given(dict, low=-(10**9))
    before: tuple[Used, ...] = given(())

    @property
    def on(self) -> dt.date:
        return dt.date.fromisoformat(self.at[:10])

    @property
    def clock(self) -> str:
        """The time of day, or noon where only the day is known."""
        return self.at[11:] or "12:00"

    def fact(self, name: str) -> Any:
        for known in (self.words, self.numbers, self.flags, self.balances):
            if name in known:
                return known[name]
        return None
