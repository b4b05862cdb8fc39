"""What points can be used for: everything a scheme does not offer is refused. There is no cash-out.

A `Use` is one way of using points (goods, service for service, a discount that is shown and not spent, a
transfer, a donation) with its conditions, days, limits and prices.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from fractions import Fraction

from points.schemes.parts.basics import UNIT, Bucket, Condition, Holder, Period
from points.schemes.parts.codec import CODE, Text, item

CLOCK = r"([01]\d|2[0-4]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d"
CLOSED = r"(\d{4}-)?\d{2}-\d{2}"


class UseKind(enum.StrEnum):
    """The ways of using points. Cash is not among them (Regulation 685, articles 2 and 21)."""

    GOODS = "goods"
    SERVICE = "service"
    DISCOUNT = "discount"
    VOUCHER = "voucher"
    TRANSFER = "transfer"
    DONATION = "donation"


class Weekday(enum.StrEnum):
    """The days of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Counted(enum.StrEnum):
    """What a quota counts: how often, how many pieces, how many points, or yuan of value."""

    TIMES = "times"
    PIECES = "pieces"
    POINTS = "points"
    YUAN = "yuan"


class Pay(enum.StrEnum):
    """Points pay the whole price, or only the part by which the price is reduced."""

    WHOLE = "whole"
    REDUCTION = "reduction"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When it is open: months, days of the month, weekdays, hours. Empty means always.

    `closed` lists days, every year (`10-01`) or once (`2021-02-12`).
    """

    months: tuple[int, ...] = item((), low=1, high=12)
    days: tuple[int, ...] = item((), low=1, high=31)
    weekdays: tuple[Weekday, ...] = item(())
    hours: tuple[str, ...] = item((), pattern=CLOCK)
    closed: tuple[str, ...] = item((), pattern=CLOSED)


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so many times, pieces, points or yuan per period; of every item by itself with `each_item`."""

    most: Fraction = item()
    of: Counted = item(Counted.TIMES)
    per: Period = item(Period.MONTH)
    each_item: bool = item(False)


@dataclass(frozen=True, slots=True)
class Value:
    """`points` are worth so many yuan; with `up_to` every merchant chooses a rate between the two."""

    yuan: Fraction = item()
    points: Fraction = item(Fraction(1), low=Fraction(1, 1000))
    up_to: Fraction | None = item(None)


@dataclass(frozen=True, slots=True)
class Match:
    """For every `per` points spent, so many (`points`) of a second unit are spent as well."""

    unit: str = item(pattern=UNIT)
    points: Fraction = item(Fraction(1))
    per: Fraction = item(Fraction(1), low=Fraction(1, 1000))


@dataclass(frozen=True, slots=True)
class Benefit:
    """From this much of the measure on: one thing out of `choose`, worth so many yuan."""

    start: Fraction = item(name="from")
    choose: tuple[Text, ...] = item(least=1)
    yuan: Fraction = item(Fraction(0))


@dataclass(frozen=True, slots=True)
class Validity:
    """How long something can be used: for ever, some months, or until a day of the calendar.

    `months` roll from the day it was made. `until` is a day of the year (`12-31`), of the year in which it
    was made, or so many `years` later.
    """

    months: int | None = item(None, low=1, high=1200)
    until: str | None = item(None, pattern=r"\d{2}-\d{2}")
    years: int = item(0, high=50)


@dataclass(frozen=True, slots=True)
class Use:
    """One way of using points.

    `unit` may be `hours` only where they are shown and not spent (`spends: false`): hours never fall.
    `per_merchant` keeps a high-water mark: shown points count again elsewhere, at one merchant only what is
    new. `passes_to_helper` hands the points of a time coin on to whoever helps.
    """

    id: str = item(pattern=CODE)
    kind: UseKind = item()
    name: Text = item()
    unit: str = item("BEAN", pattern=f"hours|{UNIT}")
    accounts: tuple[Holder, ...] = item((Holder.PERSON,))
    buckets: tuple[Bucket, ...] = item((Bucket.AVAILABLE,))
    when: tuple[Condition, ...] = item(())
    calendar: Calendar | None = item(None)
    quotas: tuple[Quota, ...] = item(())
    at_least: int = item(0)
    step: int = item(1, low=1)
    pay: Pay = item(Pay.WHOLE)
    value: Value | None = item(None)
    also: tuple[Match, ...] = item(())
    benefits: tuple[Benefit, ...] = item(())
    benefits_of: str = item("")
    spends: bool = item(True)
    per_merchant: bool = item(False)
    passes_to_helper: bool = item(False)
    refund: bool = item(True)
    """Whether returned goods give the points back."""
    voucher: Validity | None = item(None)


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long points can be spent: never lapse, rolling months, or clearing on a day of the calendar."""

    validity: Validity = item(Validity())
    units: tuple[str, ...] = item((), pattern=UNIT)
    """For these units only; without, for all."""
