"""Levels, prizes that come round, counters of no-shows, and rankings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from points.schemes.parts.basics import Period
from points.schemes.parts.codec import CODE, Text, item


@dataclass(frozen=True, slots=True)
class Step:
    """One level. All of its thresholds must be reached; `after` names the level that must come before."""

    id: str = item(pattern=CODE)
    name: Text = item()
    needs: Mapping[str, Fraction] = item(least=1)
    after: str = item("")
    benefit: Text | None = item(None)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A prize again and again: for every so many of a measure, counted on the same period as the levels."""

    of: str = item(pattern=CODE)
    every: Fraction = item(low=Fraction(1, 1000))
    prize: Text = item()


@dataclass(frozen=True, slots=True)
class Ladder:
    """Levels in rising order, on lifetime totals or afresh in every period.

    A level that `falls` is recomputed downwards when the totals fall; otherwise the best one reached stays.
    """

    id: str = item(pattern=CODE)
    name: Text = item()
    steps: tuple[Step, ...] = item(())
    period: Period = item(Period.EVER)
    falls: bool = item(False)
    cycles: tuple[Cycle, ...] = item(())


@dataclass(frozen=True, slots=True)
class Counter:
    """So many events of one kind within a period have this effect (no-shows: sign-ups pause).

    `keeps` says what stays; hours always do.
    """

    id: str = item(pattern=CODE)
    event: str = item(pattern=CODE)
    name: Text = item()
    threshold: int = item(low=1, high=1000)
    effect: Text = item()
    period: Period = item(Period.YEAR)
    keeps: tuple[str, ...] = item(())


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first `places` by a measure in a period; `quotas` share the places out among roles.

    Only who agreed to be named is shown with a name (Order 67, article 16).
    """

    id: str = item(pattern=CODE)
    name: Text = item()
    places: int = item(low=1, high=1000)
    of: str = item("BEAN", pattern=CODE)
    period: Period = item(Period.MONTH)
    quotas: Mapping[str, int] = item(dict, low=1, high=1000)
