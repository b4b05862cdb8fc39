"""What is earned, for what: rates, ranges, tables; coefficients, streaks, claim windows, hours classes."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from points.schemes.parts.basics import UNIT, Condition, Period
from points.schemes.parts.codec import CODE, Text, item

HOURS = "hours"
TIMES = "times"
SMALLEST = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Rate:
    """`points` per so many (`per`) of a measure: hours, times, or a named quantity (`blood_ml`, `metres`).

    With `whole` only full steps count; below `at_least` nothing is earned, above `at_most` nothing more.
    """

    points: Fraction = item()
    per: Fraction = item(Fraction(1), low=SMALLEST)
    of: str = item(HOURS, pattern=CODE)
    whole: bool = item(False)
    at_least: Fraction = item(Fraction(0))
    at_most: Fraction | None = item(None)


@dataclass(frozen=True, slots=True)
class Range:
    """The person who scores chooses a whole number from `low` to `high`, each time."""

    low: int = item()
    high: int = item()


@dataclass(frozen=True, slots=True)
class Row:
    """From this much of the measure on: so many points."""

    start: Fraction = item(name="from")
    points: Fraction = item()


@dataclass(frozen=True, slots=True)
class Table:
    """Points by steps of a measure; the highest row reached counts."""

    of: str = item(pattern=CODE)
    rows: tuple[Row, ...] = item(least=1)


class Rhythm(enum.StrEnum):
    """What a streak counts in a row."""

    TIMES = "times"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Streak:
    """Every so many in a row (days, weeks, months or times) earn extra points."""

    every: int = item(low=2, high=1000)
    points: Fraction = item()
    of: Rhythm = item(Rhythm.TIMES)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Done by this day (inclusive) it counts times `factor`; after the last deadline it counts nothing."""

    until: dt.date = item()
    factor: Fraction = item(Fraction(1), high=100)


@dataclass(frozen=True, slots=True)
class Claim:
    """When an act counts: claimed `within_days` after it, done `since` and `until`, less after deadlines."""

    within_days: int | None = item(None, high=3660)
    since: dt.date | None = item(None)
    until: dt.date | None = item(None)
    deadlines: tuple[Deadline, ...] = item(())


@dataclass(frozen=True, slots=True)
class Earning:
    """One line of the catalogue: an act and what it earns. Exactly one of `rate`, `range` and `table`.

    `service: false` marks what is no volunteer service (a referral, an award, reading): it may give points,
    never hours (Order 67, article 19). Several lines for one act add up.
    """

    id: str = item(pattern=CODE)
    name: Text = item()
    act: str = item("service", pattern=CODE)
    unit: str = item("BEAN", pattern=UNIT)
    service: bool = item(True)
    rate: Rate | None = item(None)
    range: Range | None = item(None)
    table: Table | None = item(None)
    when: tuple[Condition, ...] = item(())
    streak: Streak | None = item(None)
    claim: Claim | None = item(None)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Points count more or less by a fact: category, level of activity, difficulty, role, skill, risk."""

    by: str = item(pattern=CODE)
    factors: Mapping[str, Fraction] = item(high=100, least=1)
    otherwise: Fraction = item(Fraction(1), high=100)
    acts: tuple[str, ...] = item(())


@dataclass(frozen=True, slots=True)
class HoursClass:
    """Hours proven in these ways form a class; their points count times `factor` (0: hours, no points)."""

    grades: tuple[str, ...] = item(least=1)
    name: Text = item()
    factor: Fraction = item(Fraction(0), high=1)


@dataclass(frozen=True, slots=True)
class Quality:
    """Facts that set one act to zero (the organiser's rating, an upheld complaint)."""

    voided_by: tuple[str, ...] = item(())
    percent_of_plan: int = item(0, high=100)
    """Below this share of the planned minutes the time counts as time, but earns no points."""


__all__ = [
    "HOURS",
    "TIMES",
    "Claim",
    "Coefficient",
    "Deadline",
    "Earning",
    "HoursClass",
    "Period",
    "Quality",
    "Range",
    "Rate",
    "Rhythm",
    "Row",
    "Streak",
    "Table",
]
