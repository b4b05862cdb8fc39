"""How much at most, and how it is rounded."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from fractions import Fraction

from points.schemes.parts.basics import UNIT, Bucket, Direction, Period
from points.schemes.parts.codec import item


class Scope(enum.StrEnum):
    """Round each activity by itself, or the running total (what is lost today counts tomorrow)."""

    ACTIVITY = "activity"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many of a unit (or `hours`) per period: of some acts together, of each act, or of all.

    Limits are applied from the narrow to the wide: activity, day, week, month, quarter, year, ever; within
    one period, of single acts before all acts. A limit of `hours` caps the time that counts for points,
    never the recorded time. With `override` a documented decision can lift it for one act.
    """

    most: Fraction = item()
    of: str = item("BEAN", pattern=f"hours|{UNIT}")
    per: Period = item(Period.DAY)
    acts: tuple[str, ...] = item(())
    each: bool = item(False)
    override: bool = item(False)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most one can hold; what is above goes to a named place instead. Hours are never capped by it."""

    most: int = item()
    unit: str = item("BEAN", pattern=UNIT)
    overflow: Bucket = item(Bucket.DROPPED)


@dataclass(frozen=True, slots=True)
class MinuteRounding:
    """How minutes are counted for points; the recorded minutes stay as they are (Order 67, article 7).

    Rounded to `step` minutes; a service that took place counts `least` minutes at least.
    """

    step: int = item(1, low=1, high=480)
    direction: Direction = item(Direction.DOWN)
    least: int = item(0, high=480)


@dataclass(frozen=True, slots=True)
class PointRounding:
    """How points become whole: to a multiple of `step`, per activity or on the running total."""

    step: int = item(1, low=1, high=1000)
    direction: Direction = item(Direction.DOWN)
    scope: Scope = item(Scope.ACTIVITY)


@dataclass(frozen=True, slots=True)
class Rounding:
    """Rounding of the counted minutes and of the points."""

    minutes: MinuteRounding = item(MinuteRounding())
    points: PointRounding = item(PointRounding())
