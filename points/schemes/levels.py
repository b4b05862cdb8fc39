"""Levels, prizes, counters and rankings from totals. Pure functions; who counts the totals is the caller."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from points.schemes import words
from points.schemes.award import measure_name
from points.schemes.facts import start_of
from points.schemes.parts.basics import Period
from points.schemes.parts.levels import Counter, Ladder, Ranking, Step
from points.schemes.parts.scheme import Rules
from points.schemes.words import Line

Totals = Mapping[str, int | Fraction]


@dataclass(frozen=True)
class Level:
    """The level reached (None: none yet), how many steps that is, what the next one asks, and the prizes."""

    step: Step | None
    rank: int
    following: Step | None
    missing: Mapping[str, Fraction]
    prizes: tuple[tuple[str, int], ...]
    lines: tuple[Line, ...]


def level(rules: Rules, ladder: Ladder | str, totals: Totals, best: str = "") -> Level:
    """The highest step all of whose thresholds the totals reach, step after step.

    `totals` are those of the ladder's period, by measure (`hours`, a unit, `donated`). `best` is the step
    reached before: it stays, unless levels of this ladder fall with the totals.
    """
    if isinstance(ladder, str):
        ladder = next(each for each in rules.levels if each.id == ladder)
    reached: Step | None = None
    held: set[str] = set()
    for step in ladder.steps:
        if step.after and step.after not in held:
            continue
        if all(totals.get(fact, 0) >= least for fact, least in step.needs.items()):
            held.add(step.id)
            reached = step
    names = [step.id for step in ladder.steps]
    kept = False
    if (
        best in names
        and not ladder.falls
        and names.index(best) > (names.index(reached.id) if reached else -1)
    ):
        reached, kept = ladder.steps[names.index(best)], True
    rank = names.index(reached.id) + 1 if reached else 0
    following = ladder.steps[rank] if rank < len(ladder.steps) else None
    missing = {}
    if following is not None:
        missing = {
            fact: Fraction(least - totals.get(fact, 0))
            for fact, least in following.needs.items()
            if totals.get(fact, 0) < least
        }
    prizes = tuple(
        (cycle.prize.zh, math.floor(Fraction(totals.get(cycle.of, 0)) / cycle.every))
        for cycle in ladder.cycles
    )
    return Level(
        reached,
        rank,
        following,
        missing,
        prizes,
        _told(rules, ladder, reached, kept, following, missing, prizes),
    )


def _told(
    rules: Rules,
    ladder: Ladder,
    reached: Step | None,
    kept: bool,
    following: Step | None,
    missing: Mapping[str, Fraction],
    prizes: Sequence[tuple[str, int]],
) -> tuple[Line, ...]:
    lines = []
    if reached is None:
        lines.append(Line("no_level_yet"))
    elif kept:
        lines.append(Line("level_kept", {"name": words.named(reached.name)}))
    else:
        told = {"name": words.named(reached.name), "needs": listed(rules, reached.needs)}
        lines.append(Line("level_reached", told))
    if following is not None and missing:
        told = {"name": words.named(following.name), "missing": listed(rules, missing)}
        lines.append(Line("level_next", told))
    for cycle, (_prize, count) in zip(ladder.cycles, prizes, strict=True):
        every = listed(rules, {cycle.of: cycle.every})
        lines.append(Line("prize", {"prize": words.named(cycle.prize), "count": count, "every": every}))
    return tuple(lines)


def listed(rules: Rules, measures: Mapping[str, Fraction]) -> dict[str, Any]:
    """`50 hours, 500 points` in both languages."""
    zh, en = [], []
    for fact, least in measures.items():
        unit = next((unit.name for unit in rules.units if unit.code == fact), None)
        if fact == "hours":
            zh.append(f"{words.number(least)} 小时")
            en.append(f"{words.number(least)} hours" if least != 1 else "1 hour")
        elif unit is not None:
            zh.append(f"{words.number(least)} {unit.zh}")
            en.append(f"{words.number(least)} {unit.en or unit.zh}")
        else:
            own = next((each.name for each in rules.facts if each.id == fact), None)
            zh.append(f"{_in('zh-hans', rules, fact) if own is None else own.zh} {words.number(least)}")
            en.append(f"{_in('en', rules, fact) if own is None else own.en or own.zh} {words.number(least)}")
    return {"zh": "、".join(zh), "en": ", ".join(en)}


def _in(language: str, rules: Rules, fact: str) -> str:
    from django.utils import translation

    with translation.override(language):
        return words.spoken(measure_name(rules, fact))


# --- Counters -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Standing:
    """How far one counter has come."""

    counter: Counter
    count: int
    is_reached: bool
    lines: tuple[Line, ...]


def standing(rules: Rules, events: Iterable[tuple[str, dt.date]], on: dt.date) -> list[Standing]:
    """Every counter on a day: events (kind, day) of its own kind in the period that holds the day."""
    known = list(events)
    found = []
    for counter in rules.counters:
        first = start_of(counter.period, on)
        count = sum(1 for kind, day in known if kind == counter.event and first <= day <= on)
        is_reached = count >= counter.threshold
        told = {
            "name": words.named(counter.name),
            "count": count,
            "period": words.word("period", counter.period.value),
            "threshold": counter.threshold,
            "effect": words.named(counter.effect),
        }
        line = Line("counter_reached" if is_reached else "counter_below", told)
        found.append(Standing(counter, count, is_reached, (line,)))
    return found


# --- Rankings -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Entry:
    """Somebody in a ranking: a key that says nothing about the person, a score, a role."""

    key: str
    score: Fraction | int
    role: str = ""


@dataclass(frozen=True)
class Ranked:
    """A place among the first, overall or within a role."""

    place: int
    entry: Entry
    lines: tuple[Line, ...]


def rank(rules: Rules, ranking: Ranking | str, entries: Iterable[Entry]) -> list[Ranked]:
    """The first places, by score; equal scores share a place and the places after it are left out.

    With quotas every role has places of its own. Nobody without a score has a place. Everybody who shares
    the last place is in. The order of `entries` does not matter: equals stand by their key.
    """
    if isinstance(ranking, str):
        ranking = next(each for each in rules.rankings if each.id == ranking)
    scored = sorted((each for each in entries if each.score > 0), key=lambda each: (-each.score, each.key))
    if not ranking.quotas:
        return _places(rules, ranking, scored, ranking.places, "")
    found: list[Ranked] = []
    for role, places in ranking.quotas.items():
        group = [each for each in scored if each.role == role]
        found += _places(rules, ranking, group, min(places, ranking.places), role)
    return found


def _places(rules: Rules, ranking: Ranking, entries: Sequence[Entry], places: int, role: str) -> list[Ranked]:
    found: list[Ranked] = []
    name = rules.unit_name(ranking.of)
    for at, entry in enumerate(entries):
        same = found and found[-1].entry.score == entry.score
        place = found[-1].place if same else at + 1
        if place > places:
            break
        told: dict[str, Any] = {"place": place, "score": words.amount(Fraction(entry.score), name)}
        if ranking.of == "hours":
            told["score"] = words.minutes(Fraction(entry.score) * 60)
        line = Line("ranked_role", told | {"role": role}) if role else Line("ranked", told)
        found.append(Ranked(place, entry, (line,)))
    return found


__all__ = ["Entry", "Level", "Period", "Ranked", "Standing", "level", "rank", "standing"]
