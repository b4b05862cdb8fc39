"""What only shows when the parts are seen together: unknown units, contradictory caps, cycles, doubles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from points.refusals import Refusal
from points.schemes import errors
from points.schemes.parts.basics import Condition, Period, UnitKind
from points.schemes.parts.codec import Path, Problem
from points.schemes.parts.facts import KNOWN, name_of
from points.schemes.parts.redemption import UseKind, Validity
from points.schemes.words import WORDS

if TYPE_CHECKING:
    from points.schemes.parts.scheme import Rules

ORDER = list(Period)
HOURS = "hours"


def problems(rules: Rules) -> list[Problem]:
    """Everything that is wrong with rules whose single values are all right."""
    return [
        Problem(path, refusal)
        for check in (units, ids, bases, conditions, claims, caps, levels, uses, validities)
        for path, refusal in check(rules)
    ]


Found = Iterator[tuple[Path, Refusal]]


def units(rules: Rules) -> Found:
    """Every unit that is used is one of `units`; conversions do not run in a circle."""
    known = {unit.code for unit in rules.units}
    named: list[tuple[Path, str]] = [
        *((("earning", at, "unit"), each.unit) for at, each in enumerate(rules.earning)),
        *((("limits", at, "of"), each.of) for at, each in enumerate(rules.limits)),
        *((("ceilings", at, "unit"), each.unit) for at, each in enumerate(rules.ceilings)),
        *((("conversions", at, "from"), each.source) for at, each in enumerate(rules.conversions)),
        *((("conversions", at, "to"), each.target) for at, each in enumerate(rules.conversions)),
        *((("uses", at, "unit"), each.unit) for at, each in enumerate(rules.uses)),
        *(
            (("uses", at, "also", row, "unit"), match.unit)
            for at, each in enumerate(rules.uses)
            for row, match in enumerate(each.also)
        ),
        *(
            (("expiry", at, "units", row), unit)
            for at, each in enumerate(rules.expiry)
            for row, unit in enumerate(each.units)
        ),
    ]
    for path, unit in named:
        if unit not in known and unit != HOURS:
            yield path, errors.UnknownUnit(unit=unit, known=", ".join(sorted(known)))
    following: dict[str, list[str]] = {}
    for each in rules.conversions:
        following.setdefault(each.source, []).append(each.target)
    if circle := _circle(following):
        yield ("conversions",), errors.ConversionCycle(units=" → ".join(circle))


def ids(rules: Rules) -> Found:
    """No two things of one kind share a name."""
    lists: dict[str, Iterable[str]] = {
        "units": [each.code for each in rules.units],
        "facts": [each.id for each in rules.facts],
        "earning": [each.id for each in rules.earning],
        "levels": [each.id for each in rules.levels],
        "counters": [each.id for each in rules.counters],
        "uses": [each.id for each in rules.uses],
        "rankings": [each.id for each in rules.rankings],
    }
    for name, codes in lists.items():
        seen: set[str] = set()
        for at, code in enumerate(codes):
            if code in seen:
                yield (name, at), errors.DuplicateId(id=code)
            seen.add(code)


def bases(rules: Rules) -> Found:
    """Each line of the catalogue has one way of counting."""
    for at, each in enumerate(rules.earning):
        if sum(way is not None for way in (each.rate, each.range, each.table)) != 1:
            yield ("earning", at), errors.OneBasis(id=each.id)
        if each.range is not None and each.range.low > each.range.high:
            yield ("earning", at, "range"), errors.Backwards(first=each.range.low, second=each.range.high)
        if each.table is not None:
            rows = each.table.rows
            for row in range(1, len(rows)):
                if rows[row].start <= rows[row - 1].start:
                    yield ("earning", at, "table", "rows", row), errors.NotRising(name=each.id)
        rate = each.rate
        if rate is not None and rate.at_most is not None and rate.at_most < rate.at_least:
            backwards = errors.Backwards(first=str(rate.at_least), second=str(rate.at_most))
            yield ("earning", at, "rate", "at_most"), backwards


def fact_is_known(rules: Rules, fact: str) -> bool:
    """Whether the platform or this scheme knows a fact or a measure by this name."""
    base, _dot, suffix = fact.partition(".")
    if base == "level":
        return suffix in {ladder.id for ladder in rules.levels}
    if suffix and suffix not in ORDER:
        return False
    return (
        base in KNOWN
        or base in {unit.code for unit in rules.units}
        or base in {each.id for each in rules.facts}
        or base in {each.event for each in rules.counters}
    )


def conditions(rules: Rules) -> Found:
    """Every condition asks one thing about a known fact."""
    lists: list[tuple[Path, Sequence[Condition]]] = [(("eligibility",), rules.eligibility)]
    lists += [(("earning", at, "when"), each.when) for at, each in enumerate(rules.earning)]
    lists += [(("uses", at, "when"), each.when) for at, each in enumerate(rules.uses)]
    for path, found in lists:
        for at, condition in enumerate(found):
            yield from _condition(rules, condition, (*path, at))
    for at, each in enumerate(rules.coefficients):
        if not fact_is_known(rules, each.by):
            yield ("coefficients", at, "by"), errors.UnknownFact(fact=each.by)
    for at, fact in enumerate(rules.quality.voided_by):
        if not fact_is_known(rules, fact):
            yield ("quality", "voided_by", at), errors.UnknownFact(fact=fact)
    acts = {each.act for each in rules.earning}
    for name in ("limits", "coefficients"):
        for at, part in enumerate(getattr(rules, name)):
            for row, act in enumerate(part.acts):
                if act not in acts:
                    yield (name, at, "acts", row), errors.UnknownAct(act=act)


def _condition(rules: Rules, condition: Condition, path: Path) -> Found:
    asked = [
        bool(condition.is_),
        condition.holds is not None,
        condition.at_least is not None or condition.at_most is not None,
        bool(condition.either),
    ]
    if sum(asked) != 1 or bool(condition.fact) == bool(condition.either):
        yield path, errors.OneQuestion(fact=condition.fact)
    for name in filter(None, (condition.fact, condition.times)):
        if not fact_is_known(rules, name):
            yield path, errors.UnknownFact(fact=name)
    low, high = condition.at_least, condition.at_most
    if low is not None and high is not None and low > high:
        yield path, errors.Backwards(first=str(low), second=str(high))
    for at, inner in enumerate(condition.either):
        yield from _condition(rules, inner, (*path, "either", at))


def claims(rules: Rules) -> Found:
    """Counting starts before it ends, and deadlines follow one another."""
    for at, each in enumerate(rules.earning):
        if each.claim is None:
            continue
        since, until = each.claim.since, each.claim.until
        if since and until and since > until:
            backwards = errors.Backwards(first=since.isoformat(), second=until.isoformat())
            yield ("earning", at, "claim", "until"), backwards
        days = [deadline.until for deadline in each.claim.deadlines]
        if days != sorted(set(days)):
            yield ("earning", at, "claim", "deadlines"), errors.NotRising(name=each.id)


def caps(rules: Rules) -> Found:
    """A wider limit is never smaller than a narrower one inside it; no limit stands twice."""
    for at, wide in enumerate(rules.limits):
        for row, narrow in enumerate(rules.limits):
            if at == row or wide.of != narrow.of:
                continue
            inside = not wide.acts or (narrow.acts and set(narrow.acts) <= set(wide.acts))
            each_inside = narrow.each or not wide.each
            if not (inside and each_inside) or ORDER.index(narrow.per) > ORDER.index(wide.per):
                continue
            same = (wide.per, wide.acts, wide.each) == (narrow.per, narrow.acts, narrow.each)
            if same and at > row:
                yield (
                    ("limits", at),
                    errors.ContradictoryCaps(
                        narrow=str(narrow.most),
                        per=WORDS["period"][narrow.per.value],
                        wide=str(wide.most),
                        over=WORDS["period"][wide.per.value],
                    ),
                )
            elif not same and narrow.most > wide.most:
                yield (
                    ("limits", row),
                    errors.ContradictoryCaps(
                        narrow=str(narrow.most),
                        per=WORDS["period"][narrow.per.value],
                        wide=str(wide.most),
                        over=WORDS["period"][wide.per.value],
                    ),
                )
    for at, limit in enumerate(rules.limits):
        for unit in rules.ceilings:
            wider = limit.per is Period.ACTIVITY and unit.unit == limit.of and limit.most > unit.most
            if wider:
                yield (
                    ("limits", at),
                    errors.ContradictoryCaps(
                        narrow=str(limit.most),
                        per=WORDS["period"][limit.per.value],
                        wide=str(unit.most),
                        over=WORDS["period"]["ever"],
                    ),
                )


def levels(rules: Rules) -> Found:
    """Levels rise, come after one another without a circle, and measure what is known."""
    for at, ladder in enumerate(rules.levels):
        path: Path = ("levels", at)
        names = [step.id for step in ladder.steps]
        for row, step in enumerate(ladder.steps):
            where = (*path, "steps", row)
            if step.id in names[:row]:
                yield where, errors.DuplicateId(id=step.id)
            if step.after and step.after not in names:
                yield (*where, "after"), errors.UnknownLevel(level=step.after)
            for fact in step.needs:
                if not fact_is_known(rules, fact):
                    yield (*where, "needs", fact), errors.UnknownFact(fact=fact)
            before = ladder.steps[row - 1] if row else None
            if before and not _rises(before.needs, step.needs):
                yield where, errors.NotRising(name=step.id)
        if circle := _circle({step.id: [step.after] for step in ladder.steps if step.after}):
            yield path, errors.LevelsCycle(levels=" → ".join(circle))
        for row, cycle in enumerate(ladder.cycles):
            if not fact_is_known(rules, cycle.of):
                yield (*path, "cycles", row, "of"), errors.UnknownFact(fact=cycle.of)
    for at, ranking in enumerate(rules.rankings):
        if not fact_is_known(rules, ranking.of):
            yield ("rankings", at, "of"), errors.UnknownFact(fact=ranking.of)


def _rises(below: Mapping[str, Any], above: Mapping[str, Any]) -> bool:
    shared = [fact for fact in above if fact in below]
    return not shared or (
        all(above[fact] >= below[fact] for fact in shared) and any(above[f] > below[f] for f in shared)
    )


def _circle(following: Mapping[str, list[str]]) -> list[str]:
    """One circle among names that lead to others, or nothing."""
    for start in following:
        trail, names = [start], list(following[start])
        while names:
            name = names.pop()
            if name == start:
                return [*trail, start]
            if name not in trail:
                trail.append(name)
                names += following.get(name, [])
    return []


def uses(rules: Rules) -> Found:
    """Hours never fall, merit is never spent, and only a time coin passes from person to person."""
    kinds = {unit.code: unit.kind for unit in rules.units}
    for at, use in enumerate(rules.uses):
        path: Path = ("uses", at)
        if use.unit == HOURS and use.spends:
            yield (*path, "unit"), errors.HoursNeverFall(id=use.id)
        if kinds.get(use.unit) is UnitKind.MERIT and use.spends:
            yield (*path, "unit"), errors.MeritIsNotSpent(unit=use.unit)
        if use.passes_to_helper and kinds.get(use.unit) is not UnitKind.COIN:
            yield (*path, "passes_to_helper"), errors.OnlyCoinsPass(unit=use.unit)
        if use.kind is UseKind.TRANSFER and not any(c.fact == "relation" for c in _all(use.when)):
            yield path, errors.TransferToAnybody(id=use.id)
        if use.benefits and not fact_is_known(rules, use.benefits_of):
            yield (*path, "benefits_of"), errors.UnknownFact(fact=use.benefits_of)
        starts = [benefit.start for benefit in use.benefits]
        if starts != sorted(set(starts)):
            yield (*path, "benefits"), errors.NotRising(name=use.id)
        value = use.value
        if value is not None and value.up_to is not None and value.up_to < value.yuan:
            backwards = errors.Backwards(first=str(value.yuan), second=str(value.up_to))
            yield (*path, "value", "up_to"), backwards
        for row, hours in enumerate(use.calendar.hours if use.calendar else ()):
            opens, closes = hours.split("-")
            if opens >= closes or closes > "24:00" or opens > "23:59":
                found = errors.Backwards(first=opens, second=closes)
                yield (*path, "calendar", "hours", row), found
        for row, day in enumerate(use.calendar.closed if use.calendar else ()):
            if not _is_day(day if len(day) == 10 else f"2024-{day}"):
                yield (*path, "calendar", "closed", row), errors.NotADay(key="closed", value=day)


def _all(conditions: Sequence[Condition]) -> Iterator[Condition]:
    for condition in conditions:
        yield condition
        yield from _all(condition.either)


def validities(rules: Rules) -> Found:
    """Months or a day of the calendar, not both; the day exists in every year."""
    found: list[tuple[Path, Validity]] = [
        (("expiry", at, "validity"), each.validity) for at, each in enumerate(rules.expiry)
    ]
    found += [(("uses", at, "voucher"), use.voucher) for at, use in enumerate(rules.uses) if use.voucher]
    for path, validity in found:
        if validity.months and validity.until:
            yield path, errors.OneValidity(months=validity.months, until=validity.until)
        if validity.until and not _is_day(f"2023-{validity.until}"):
            yield (*path, "until"), errors.NotADay(key="until", value=validity.until)


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


__all__ = ["fact_is_known", "name_of", "problems"]
