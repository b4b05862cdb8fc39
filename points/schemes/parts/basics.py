"""The small words that all parts share: units, periods, conditions."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from fractions import Fraction

from points.schemes.parts.codec import CODE, Text, item

UNIT = r"[A-Z][A-Z0-9]{1,7}"
BEANS = Text("金豆", "beans", "bean")


class Period(enum.StrEnum):
    """The time over which something is counted; a new one starts at zero. From small to large."""

    ACTIVITY = "activity"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVER = "ever"


class Direction(enum.StrEnum):
    """Which way a part of a unit is rounded."""

    DOWN = "down"
    HALF_UP = "half_up"
    UP = "up"


class UnitKind(enum.StrEnum):
    """`thanks` is given by a budget and spent for goods and services; `coin` counts time and may pass from
    the person helped to the helper; `merit` is ranked and shown, never spent.
    """

    THANKS = "thanks"
    COIN = "coin"
    MERIT = "merit"


class Holder(enum.StrEnum):
    """Whose account it is."""

    PERSON = "person"
    HOUSEHOLD = "household"
    TEAM = "team"


class Bucket(enum.StrEnum):
    """Where points stand: to be used freely, or only to be given away; `dropped` is not handed out."""

    AVAILABLE = "available"
    DONATE_ONLY = "donate_only"
    COMMUNITY = "community"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Unit:
    """Something a scheme counts beside hours. `BEAN` is what the ledger pays out as golden beans."""

    code: str = item(pattern=UNIT)
    name: Text = item()
    kind: UnitKind = item(UnitKind.THANKS)
    base: int = item(0)
    """Opening points that cannot be redeemed; what can be used is the balance above them."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """`points` of one unit count as `gives` of another when they are spent."""

    source: str = item(name="from", pattern=UNIT)
    target: str = item(name="to", pattern=UNIT)
    points: Fraction = item(Fraction(1), low=Fraction(1, 1000))
    gives: Fraction = item(Fraction(1))


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that this scheme needs and the platform does not know by itself."""

    id: str = item(pattern=CODE)
    name: Text = item()


@dataclass(frozen=True, slots=True)
class Condition:
    """One requirement about one fact: `is` one of these words, `holds` (yes or no), `at_least`, `at_most`.

    With `times` the number is multiplied by another fact (points at least 10 × hours). `either` holds when
    any of several conditions does. An unknown fact does not fulfil a condition.
    """

    fact: str = item("", pattern=r"[A-Za-z][A-Za-z0-9_.-]{0,59}|")
    is_: tuple[str, ...] = item((), name="is")
    holds: bool | None = item(None)
    at_least: Fraction | None = item(None)
    at_most: Fraction | None = item(None)
    times: str = item("")
    either: tuple[Condition, ...] = item(())
    why: Text | None = item(None)
    """The sentence for people, where the general one would be unclear."""
