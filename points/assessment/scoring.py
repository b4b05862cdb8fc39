"""From counts to points: pure functions over plain values, whole numbers throughout.

The same values give the same points, on any day and by anybody: a closed period can be recomputed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from points.assessment.kinds import LEAST_ANSWERS, LEAST_LEADERS, STARS


@dataclass(frozen=True, slots=True)
class Rule:
    """An indicator as the formula sees it."""

    key: int
    weight: int
    cap: int
    is_rating: bool = False


@dataclass(frozen=True, slots=True)
class Stars:
    """Ratings of one unit: how many people answered, and all their stars over all questions."""

    answers: int = 0
    stars: int = 0
    questions: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """What one indicator gave. `maximum` is zero where nothing could be counted (too few answers)."""

    key: int
    count: int
    points: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Span:
    """Days of one person on one unit, both ends included."""

    who: int
    unit: str
    from_on: dt.date
    to_on: dt.date

    def covers(self, day: dt.date) -> bool:
        return self.from_on <= day <= self.to_on


def share(amount: int, part: int, whole: int) -> int:
    """`amount × part / whole`, rounded to the nearest, halves up."""
    return (2 * amount * part + whole) // (2 * whole)


def days_of(spans: Iterable[Span]) -> int:
    """The number of different days the spans cover together."""
    return len({day for span in spans for day in range(span.from_on.toordinal(), span.to_on.toordinal() + 1)})


def first_clash(spans: Iterable[Span]) -> tuple[str, dt.date] | None:
    """The first unit and day with two leaders, or None."""
    ordered = sorted(spans, key=lambda span: (span.unit, span.from_on, span.to_on))
    for one, other in pairwise(ordered):
        if one.unit == other.unit and other.from_on <= one.to_on:
            return one.unit, other.from_on
    return None


def line(rule: Rule, *, count: int, ratings: Sequence[Stars], days: int, period_days: int) -> Line:
    """Points of one indicator for somebody in office on `days` of `period_days` days.

    The cap shrinks with the days (pro rata). Ratings give the cap's share that the mean of the stars is of
    five; a unit with fewer than five answers counts for nothing, and nothing is missed by it.
    """
    cap = share(rule.cap, days, period_days)
    if not rule.is_rating:
        return Line(rule.key, count, min(count * rule.weight, cap), cap)
    enough = [one for one in ratings if one.answers >= LEAST_ANSWERS]
    answers = sum(one.answers for one in enough)
    most = sum(one.answers * one.questions * STARS for one in enough)
    if not answers:
        return Line(rule.key, 0, 0, 0)
    return Line(rule.key, answers, share(cap, sum(one.stars for one in enough), most), cap)


def permille(points: int, maximum: int) -> int:
    """Points out of a thousand possible ones: what makes different days in office comparable."""
    return share(1000, points, maximum) if maximum else 0


def middle(values: Sequence[int]) -> int | None:
    """The median (the lower of two middles); None for fewer than five, which would tell of a neighbour."""
    if len(values) < LEAST_LEADERS:
        return None
    return sorted(values)[(len(values) - 1) // 2]


def top_third(standing: Mapping[int, int]) -> set[int]:
    """Who is in the top third by permille: everybody level with the last place, nobody without points.

    Of one or two leaders there is none: an honour would tell of the other.
    """
    places = len(standing) // 3
    if not places:
        return set()
    last = sorted(standing.values(), reverse=True)[places - 1]
    return {who for who, value in standing.items() if value >= last and value > 0}
