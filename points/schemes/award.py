"""What one act earns: facts and history in, amounts and explained lines out. No database, no clock.

The order: is it void, is it in the catalogue, is the person eligible, was it claimed in time; how many
minutes count; the base of each line of the catalogue, times its coefficients; the sum rounded; the limits
from the narrow to the wide; the ceiling. Recorded minutes stay what they are (Order 67, article 7).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from points.schemes import words
from points.schemes.conditions import in_both, unmet
from points.schemes.facts import NOTHING_BEFORE, Act, History, total_key
from points.schemes.parts.basics import Bucket, Direction, Period
from points.schemes.parts.codec import plain_ratio
from points.schemes.parts.earning import HOURS, TIMES, Claim, Coefficient, Earning, HoursClass, Rate
from points.schemes.parts.limits import Limit, Scope
from points.schemes.parts.scheme import BEAN, Rules
from points.schemes.words import Line

ORDER = {period: at for at, period in enumerate(Period)}
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Amount:
    """So many whole points of one unit for one place."""

    unit: str
    points: int
    bucket: Bucket = Bucket.AVAILABLE


@dataclass(frozen=True, slots=True)
class Award:
    """How much, and why, step by step.

    `minutes` are those counted for points (capped and rounded), never a correction of the recorded ones;
    `exact` the points of each unit before rounding; `code` names the reason when the act earns nothing.
    """

    amounts: tuple[Amount, ...] = ()
    minutes: int = 0
    lines: tuple[Line, ...] = ()
    code: str = ""
    exact: Mapping[str, Fraction] = field(default_factory=dict)

    def points(self, unit: str = BEAN, bucket: Bucket = Bucket.AVAILABLE) -> int:
        return sum(each.points for each in self.amounts if (each.unit, each.bucket) == (unit, bucket))

    @property
    def beans(self) -> int:
        """What can be spent as golden beans."""
        return self.points(BEAN)

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON, to be kept with its inputs and compared when it is computed again."""
        return {
            "amounts": [[each.unit, each.points, each.bucket.value] for each in self.amounts],
            "minutes": self.minutes,
            "exact": {unit: plain_ratio(value) for unit, value in self.exact.items()},
            "code": self.code,
            "lines": [line.to_dict() for line in self.lines],
        }


def award(rules: Rules, act: Act, history: History = NOTHING_BEFORE) -> Award:
    """The points of one act. The same three values give the same answer, today and in ten years."""
    for fact in rules.quality.voided_by:
        if act.flags.get(fact):
            return _nothing("voided", fact=measure_name(rules, fact))
    if (short := _stayed_too_short(rules, act)) is not None:
        return short
    catalogue = [each for each in rules.earning if each.act == act.act]
    if not catalogue:
        return _nothing("not_in_catalogue", minutes=act.minutes)
    if (missing := unmet(rules.eligibility, act.fact)) is not None:
        return _nothing("condition_not_met", minutes=act.minutes, condition=in_both(rules, missing))
    lines: list[Line] = []
    minutes = _counted_minutes(rules, act, history, lines, catalogue)
    exact: dict[str, Fraction] = {}
    whole = math.floor(minutes)
    reason = ""
    for each in catalogue:
        if (missing := unmet(each.when, act.fact)) is not None:
            reason = reason or "condition_not_met"
            if len(catalogue) == 1:
                lines.append(Line("condition_not_met", {"condition": in_both(rules, missing)}))
            continue
        if (late := _claim(each.claim, act)) is not None:
            reason = reason or late.code
            lines.append(late)
            continue
        before = exact.get(each.unit, ZERO)
        found, code = _line(rules, each, act, minutes, history, lines)
        reason = reason or code
        exact[each.unit] = before + found
    if not exact:
        lines = lines or [Line("not_in_catalogue")]
        return Award(minutes=whole, lines=tuple(lines), code=reason or "not_in_catalogue")
    if not any(each.service for each in catalogue):
        lines.append(Line("not_service"))
    amounts: list[Amount] = []
    for unit, value in exact.items():
        points = _rounded(rules, unit, value, history, lines)
        points = _limited(rules, unit, points, act, history, lines)
        amounts += _stored(rules, unit, points, history, lines)
    if any(each.points for each in amounts):
        reason = ""
    elif not reason and any(exact.values()):
        reason = lines[-1].code
    return Award(tuple(amounts), whole, tuple(lines), reason, exact)


def estimate(rules: Rules, planned_minutes: int, category: str) -> int:
    """The beans of a shift served in full, shown before signing up."""
    return award(rules, service(planned_minutes, planned_minutes, category)).beans


def service(minutes: int, planned_minutes: int, category: str, **known: Any) -> Act:
    """An ordinary service, checked in and out."""
    given = {"on": dt.date.min, "words": {"category": category, "grade": "system_verified"}, **known}
    return Act(minutes=minutes, planned_minutes=planned_minutes, **given)


def _nothing(code: str, *, minutes: int = 0, **params: Any) -> Award:
    return Award(minutes=minutes, lines=(Line(code, params),), code=code)


def _stayed_too_short(rules: Rules, act: Act) -> Award | None:
    percent = rules.quality.percent_of_plan
    if not act.planned_minutes or act.minutes * 100 >= act.planned_minutes * percent:
        return None
    times = {"time": words.minutes(act.minutes), "planned": words.minutes(act.planned_minutes)}
    return _nothing("stayed_too_short", minutes=act.minutes, percent=percent, **times)


# --- Time -----------------------------------------------------------------------------------------------
def _counted_minutes(
    rules: Rules, act: Act, history: History, lines: list[Line], catalogue: Sequence[Earning]
) -> Fraction:
    """The minutes that count for points: rounded by the rule, then within the limits of hours."""
    counted = Fraction(act.minutes)
    if not act.minutes:
        return counted
    rule = rules.rounding.minutes
    counted = max(_step(counted, rule.step, rule.direction), Fraction(rule.least))
    if counted != act.minutes:
        both = {"time": words.minutes(act.minutes), "counted": words.minutes(counted)}
        lines.append(Line("minutes_counted", both))
    for limit in _limits(rules, HOURS, act):
        most = {"most": words.minutes(limit.most * 60), "period": words.word("period", limit.per.value)}
        left = max(limit.most * 60 - 60 * _before(limit, act, history), ZERO)
        if counted <= left:
            continue
        if limit.override and act.lifted:
            lines.append(Line("limit_lifted", most))
        elif not left:
            counted = ZERO
            lines.append(Line("limit_reached", most))
        else:
            counted = left
            shown = {"left": words.minutes(left), "counted": words.minutes(counted)}
            lines.append(Line("minutes_limit", most | shown))
    return counted


def _step(value: Fraction, step: int, direction: Direction) -> Fraction:
    """`value` to a multiple of `step`."""
    steps = value / step
    if direction is Direction.UP:
        whole = math.ceil(steps)
    elif direction is Direction.HALF_UP:
        whole = math.floor(steps + Fraction(1, 2))
    else:
        whole = math.floor(steps)
    return Fraction(whole * step)


# --- Lines of the catalogue -----------------------------------------------------------------------------
def _claim(claim: Claim | None, act: Act) -> Line | None:
    """Why the act does not count by its day, or None."""
    if claim is None:
        return None
    if claim.since is not None and act.on < claim.since:
        return Line("before_counting_starts", {"day": words.day(act.on), "since": words.day(claim.since)})
    if claim.until is not None and act.on > claim.until:
        return Line("after_counting_ends", {"day": words.day(act.on), "until": words.day(claim.until)})
    if claim.deadlines and act.on > claim.deadlines[-1].until:
        return Line("after_deadlines", {"until": words.day(claim.deadlines[-1].until)})
    if claim.within_days is not None and act.claimed_on is not None:
        late = (act.claimed_on - act.on).days
        if late > claim.within_days:
            return Line("claimed_late", {"days": claim.within_days, "late": late})
    return None


def _line(
    rules: Rules, earning: Earning, act: Act, minutes: Fraction, history: History, lines: list[Line]
) -> tuple[Fraction, str]:
    """The exact points of one line of the catalogue, and the reason when there are none."""
    name = rules.unit_name(earning.unit)
    group = _class_of(rules, act) if earning.service else None
    if group is not None and not group.factor:
        only_hours = Line("hours_class", {"name": words.named(group.name)})
        if only_hours not in lines:
            lines.append(only_hours)
        return ZERO, only_hours.code
    points, line = _base(rules, earning, act, minutes)
    lines.append(line)
    reason = line.code if line.code == "below_minimum" else ""
    for coefficient in rules.coefficients:
        if coefficient.acts and act.act not in coefficient.acts:
            continue
        factor, value = _factor(coefficient, act)
        if factor != ONE and points:
            changed = {"before": words.amount(points, name), "points": words.amount(points * factor, name)}
            told = {"fact": measure_name(rules, coefficient.by), "value": words.word(coefficient.by, value)}
            lines.append(Line("coefficient", {**told, "factor": words.number(factor), **changed}))
            points *= factor
    if group is not None and group.factor != ONE and points:
        points *= group.factor
        shown = {"factor": words.number(group.factor), "points": words.amount(points, name)}
        lines.append(Line("hours_class_factor", {"name": words.named(group.name), **shown}))
    if earning.claim is not None and points:
        deadline = next((each for each in earning.claim.deadlines if act.on <= each.until), None)
        if deadline is not None and deadline.factor != ONE:
            points *= deadline.factor
            shown = {"until": words.day(deadline.until), "factor": words.number(deadline.factor)}
            lines.append(Line("deadline", {**shown, "points": words.amount(points, name)}))
    streak = earning.streak
    if streak is not None and points:
        count = history.streaks.get(earning.id, 1)
        if count % streak.every == 0:
            points += streak.points
            extra = {"count": count, "every": streak.every, "extra": words.amount(streak.points, name)}
            lines.append(Line("streak", extra))
    return points, reason


def _base(rules: Rules, earning: Earning, act: Act, minutes: Fraction) -> tuple[Fraction, Line]:
    name = rules.unit_name(earning.unit)
    if earning.range is not None:
        low, high = earning.range.low, earning.range.high
        score = min(max(act.score if act.score is not None else low, low), high)
        points = Fraction(score * act.times)
        shown = {"score": score, "low": low, "high": high, "points": words.amount(points, name)}
        return points, Line("by_score", shown)
    if earning.table is not None:
        of, rows = earning.table.of, earning.table.rows
        quantity = _measure(of, act, minutes)
        row = next((each for each in reversed(rows) if quantity >= each.start), None)
        seen = {"quantity": words.number(quantity), "measure": measure_name(rules, of)}
        if row is None:
            return ZERO, Line("below_minimum", {**seen, "least": words.number(rows[0].start)})
        got = {"start": words.number(row.start), "points": words.amount(row.points, name)}
        return row.points, Line("by_table", seen | got)
    rate = earning.rate
    if rate is None:  # refused by the checks
        return ZERO, Line("not_in_catalogue")
    quantity = _measure(rate.of, act, minutes)
    points = _rated(rate, quantity)
    got = {"points": words.amount(points, name)}
    if quantity < rate.at_least:
        seen = {"quantity": words.number(quantity), "measure": measure_name(rules, rate.of)}
        return ZERO, Line("below_minimum", {**seen, "least": words.number(rate.at_least)})
    told = {"rate": words.amount(rate.points, name), **got}
    if rate.of == HOURS:
        code = "by_hours" if minutes == act.minutes else "by_counted_hours"
        times = {"time": words.minutes(minutes), "per": words.minutes(rate.per * 60)}
        return points, Line(code, times | told)
    if rate.of == TIMES and rate.per == 1:
        if quantity == 1:
            return points, Line("by_once", got)
        return points, Line("by_times", {"times": words.number(quantity), **told})
    seen = {"quantity": words.number(quantity), "measure": measure_name(rules, rate.of)}
    return points, Line("by_quantity", {**seen, "per": words.number(rate.per), **told})


def measure_name(rules: Rules, of: str) -> dict[str, str]:
    """What is measured, by the scheme's own name or the platform's."""
    own = next((each.name for each in rules.facts if each.id == of), None)
    return words.named(own) if own else words.word("fact", of)


def _measure(of: str, act: Act, minutes: Fraction) -> Fraction:
    if of == HOURS:
        return minutes / 60
    if of == TIMES:
        return Fraction(act.times)
    return act.quantities.get(of, ZERO)


def _rated(rate: Rate, quantity: Fraction) -> Fraction:
    counted = quantity if rate.at_most is None else min(quantity, rate.at_most)
    steps = counted / rate.per
    return rate.points * (math.floor(steps) if rate.whole else steps)


def _factor(coefficient: Coefficient, act: Act) -> tuple[Fraction, str]:
    value = act.fact(coefficient.by)
    text = words.number(value) if isinstance(value, Fraction) else str(value if value is not None else "")
    return coefficient.factors.get(text, coefficient.otherwise), text


def _class_of(rules: Rules, act: Act) -> HoursClass | None:
    """The class of the hours by how they were proven: some count as hours and give no points."""
    grade = act.words.get("grade", "")
    return next((each for each in rules.hours if grade in each.grades), None)


# --- Rounding, limits, ceilings -------------------------------------------------------------------------
def _rounded(rules: Rules, unit: str, exact: Fraction, history: History, lines: list[Line]) -> int:
    rule = rules.rounding.points
    name = rules.unit_name(unit)
    if rule.scope is Scope.ACTIVITY:
        points = int(_step(exact, rule.step, rule.direction))
        if points != exact:
            both = {"before": words.amount(exact, name), "points": words.amount(points, name)}
            lines.append(Line("rounded", both))
        return points
    before = history.exact.get(unit, ZERO)
    after = _step(before + exact, rule.step, rule.direction)
    points = int(after - _step(before, rule.step, rule.direction))
    if points != exact:
        lines.append(Line("rounded_running", {"points": words.amount(points, name)}))
    return points


def limits_in_order(rules: Rules) -> list[Limit]:
    """From the narrow to the wide; within one period, those of single acts before those of all."""
    return sorted(rules.limits, key=lambda limit: (ORDER[limit.per], not limit.each, not limit.acts))


def _limits(rules: Rules, of: str, act: Act) -> list[Limit]:
    if not rules.limits:
        return []
    return [
        limit
        for limit in limits_in_order(rules)
        if limit.of == of and (not limit.acts or act.act in limit.acts)
    ]


def key_of(limit: Limit, act: str) -> str:
    """Where the history keeps what this limit has used up."""
    return total_key(limit.of, act if limit.each else "+".join(limit.acts), limit.per)


def _before(limit: Limit, act: Act, history: History) -> Fraction:
    if limit.per is Period.ACTIVITY:
        return ZERO
    return history.totals.get(key_of(limit, act.act), ZERO)


def _limited(rules: Rules, unit: str, points: int, act: Act, history: History, lines: list[Line]) -> int:
    name = rules.unit_name(unit)
    for limit in _limits(rules, unit, act):
        left = math.floor(max(limit.most - _before(limit, act, history), ZERO))
        if points <= left:
            continue
        most = {"most": words.amount(limit.most, name), "period": words.word("period", limit.per.value)}
        if limit.override and act.lifted:
            lines.append(Line("limit_lifted", most))
        elif not left:
            points = 0
            lines.append(Line("limit_reached", most))
        else:
            points = left
            got = {"left": words.amount(left, name), "points": words.amount(points, name)}
            lines.append(Line("points_limit", most | got))
    return points


def _stored(rules: Rules, unit: str, points: int, history: History, lines: list[Line]) -> list[Amount]:
    """Where the points go: what is above the ceiling has a place of its own."""
    ceiling = next((each for each in rules.ceilings if each.unit == unit), None)
    if ceiling is None:
        return [Amount(unit, points)]
    room = max(ceiling.most - history.balances.get(unit, 0), 0)
    if points <= room:
        return [Amount(unit, points)]
    name, over = rules.unit_name(unit), points - room
    told = {"most": words.amount(ceiling.most, name), "over": words.amount(over, name)}
    if ceiling.overflow is Bucket.DROPPED:
        lines.append(Line("overflow_dropped", told))
        return [Amount(unit, room)]
    lines.append(Line("overflow", told | {"place": words.word("bucket", ceiling.overflow.value)}))
    return [Amount(unit, room), Amount(unit, over, ceiling.overflow)]
