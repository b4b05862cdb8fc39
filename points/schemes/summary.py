"""Rules in plain words: what a neighbour needs to know, without a formula.

`summary` says everything in the order in which it matters; the public page takes its parts one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext, ngettext, pgettext

from points import clock
from points.schemes import words
from points.schemes.award import Award, award, measure_name, service
from points.schemes.categories import CATEGORIES, name_of
from points.schemes.conditions import spell
from points.schemes.facts import SERVICE, Act, History, total_key
from points.schemes.parts.basics import Bucket, Direction, Period
from points.schemes.parts.earning import HOURS, TIMES, Earning, Streak
from points.schemes.parts.limits import Limit, Scope
from points.schemes.parts.scheme import BEAN, Rules
from points.schemes.summary_uses import benefits_and_uses, counters, levels, rankings, validity

HOUR = 60


def summary(rules: Rules) -> list[str]:
    """The rules as sentences in the reader's language."""
    return [
        *eligibility(rules),
        *earning(rules),
        *coefficients(rules),
        *(rounding(rules) if rules.earning else []),
        *(limits(rules) if rules.earning else []),
        *conversions(rules),
        *bases(rules),
        *levels(rules),
        *counters(rules),
        *benefits_and_uses(rules),
        *rankings(rules),
        notice(rules),
        *expiries(rules),
    ]


def _amount(rules: Rules, unit: str, value: Fraction | int) -> str:
    return words.spoken(words.amount(value, rules.unit_name(unit)))


def _time(minutes: Fraction | int) -> str:
    return words.spoken(words.minutes(minutes))


# --- Earning --------------------------------------------------------------------------------------------
def eligibility(rules: Rules) -> list[str]:
    asked = [spell(rules, condition) for condition in rules.eligibility]
    return (
        [gettext("Who takes part: %(conditions)s.") % {"conditions": pgettext("list", "; ").join(asked)}]
        if asked
        else []
    )


def earning(rules: Rules) -> list[str]:
    """The catalogue, one sentence a line."""
    if not rules.earning:
        return [gettext("Service earns hours, but no beans.")]
    found = []
    for each in rules.earning:
        found.append(_earning(rules, each))
        found += _conditions_of(rules, each)
        if each.streak is not None:
            found.append(_streak(rules, each, each.streak))
    return found


def catalogue(rules: Rules) -> list[str]:
    """What stands beside ordinary service by the hour, for the public page."""
    if all(is_plain(each) and each.unit == BEAN for each in rules.earning) and not rules.eligibility:
        return []
    return [*eligibility(rules), *earning(rules)]


def is_plain(each: Earning) -> bool:
    """Ordinary service by the hour: said without naming the act."""
    rate = each.rate
    return each.act == SERVICE and rate is not None and rate.of == HOURS and rate.per == 1 and not each.when


def _earning(rules: Rules, each: Earning) -> str:
    rate, unit, name = each.rate, each.unit, words.said(each.name)
    if rate is not None and is_plain(each):
        hourly = gettext("One hour of service earns %(points)s.")
        return hourly % {"points": _amount(rules, unit, rate.points)}
    if each.range is not None:
        told = {"act": name, "low": each.range.low, "high": _amount(rules, unit, each.range.high)}
        return gettext("%(act)s: %(low)s to %(high)s, chosen by whoever reviews it.") % told
    if each.table is not None:
        rows = [f"{words.number(row.start)} → {_amount(rules, unit, row.points)}" for row in each.table.rows]
        told_rows = {
            "act": name,
            "measure": _measure(rules, each.table.of),
            "rows": pgettext("list", "; ").join(rows),
        }
        return gettext("%(act)s, by %(measure)s: %(rows)s.") % told_rows
    if rate is None:  # refused by the checks
        return name
    told_rate = {"act": name, "points": _amount(rules, unit, rate.points)}
    if rate.of == HOURS:
        return gettext("%(act)s: %(points)s for %(time)s.") % {**told_rate, "time": _time(rate.per * 60)}
    if rate.of == TIMES and rate.per == 1:
        return gettext("%(act)s: %(points)s each time.") % told_rate
    measured = {"per": words.number(rate.per), "measure": _measure(rules, rate.of)}
    sentence = gettext("%(act)s: %(points)s for every %(per)s (%(measure)s).") % {**told_rate, **measured}
    if rate.at_least:
        sentence += " " + gettext("It counts from %(least)s on.") % {"least": words.number(rate.at_least)}
    return sentence


def _measure(rules: Rules, of: str) -> str:
    return words.spoken(measure_name(rules, of))


def _conditions_of(rules: Rules, each: Earning) -> list[str]:
    found = []
    name = words.said(each.name)
    if each.when:
        asked = pgettext("list", "; ").join(spell(rules, condition) for condition in each.when)
        found.append(gettext("%(act)s counts when: %(conditions)s.") % {"act": name, "conditions": asked})
    claim = each.claim
    if claim is None:
        return found
    if claim.within_days is not None:
        within = ngettext(
            "%(act)s must be reported within %(days)s day.",
            "%(act)s must be reported within %(days)s days.",
            claim.within_days,
        )
        found.append(within % {"act": name, "days": claim.within_days})
    if claim.since is not None:
        since = {"act": name, "day": words.spoken(words.day(claim.since))}
        found.append(gettext("%(act)s counts from %(day)s on.") % since)
    if claim.until is not None:
        until = {"act": name, "day": words.spoken(words.day(claim.until))}
        found.append(gettext("%(act)s counts until %(day)s.") % until)
    for deadline in claim.deadlines:
        told = {"act": name, "day": words.spoken(words.day(deadline.until))}
        told["factor"] = words.number(deadline.factor)
        found.append(gettext("%(act)s done by %(day)s counts %(factor)s times.") % told)
    return found


def _streak(rules: Rules, each: Earning, streak: Streak) -> str:
    told = {"act": words.said(each.name), "every": streak.every}
    told["points"] = _amount(rules, each.unit, streak.points)
    return gettext("%(act)s: every %(every)s in a row earn %(points)s more.") % told


@dataclass(frozen=True)
class Weight:
    """One category whose hours count more or less than usual."""

    category: str
    name: str
    factor: str
    beans_per_hour: Fraction

    rules: Rules

    @property
    def hourly(self) -> str:
        """`15 beans`"""
        return _amount(self.rules, BEAN, self.beans_per_hour)


def hourly(rules: Rules) -> Fraction:
    """The beans of an ordinary hour, before any coefficient."""
    return sum(
        (each.rate.points for each in rules.earning if each.rate and each.unit == BEAN and is_plain(each)),
        Fraction(0),
    )


def weights(rules: Rules) -> list[Weight]:
    """The categories with a factor of their own, the highest first."""
    found = []
    for coefficient in rules.coefficients:
        if coefficient.by != "category" or (coefficient.acts and SERVICE not in coefficient.acts):
            continue
        named = [*CATEGORIES, *sorted(set(coefficient.factors) - set(CATEGORIES))]
        for category in named:
            factor = coefficient.factors.get(category, coefficient.otherwise)
            if factor != 1:
                percent = words.number(factor)
                shown = percent if "." in percent or "/" in percent else f"{percent}.0"
                found.append(Weight(category, name_of(category), shown, hourly(rules) * factor, rules))
    return sorted(found, key=lambda weight: -weight.beans_per_hour)


def coefficients(rules: Rules) -> list[str]:
    lines = []
    if hourly(rules):
        lines += [
            gettext("%(category)s counts %(factor)s times: %(points)s an hour.")
            % {"category": weight.name, "factor": weight.factor, "points": weight.hourly}
            for weight in weights(rules)
        ]
    for each in rules.coefficients:
        if each.by == "category" and hourly(rules):
            continue
        told = pgettext("list", "; ").join(
            f"{value} × {words.number(factor)}" for value, factor in each.factors.items()
        )
        lines.append(
            gettext("By %(fact)s: %(factors)s.") % {"fact": _measure(rules, each.by), "factors": told}
        )
    return lines


def rounding(rules: Rules) -> list[str]:
    """How minutes and points become whole."""
    minutes, points = rules.rounding.minutes, rules.rounding.points
    lines = []
    if minutes.step > 1 or minutes.least:
        how = {"step": _time(minutes.step), "direction": DIRECTIONS[minutes.direction]()}
        lines.append(
            gettext("For the points, time counts in steps of %(step)s, %(direction)s. Real minutes stay.")
            % how
        )
        if minutes.least:
            least = gettext("Every service counts at least %(least)s for the points.")
            lines.append(least % {"least": _time(minutes.least)})
    if points.scope is Scope.RUNNING:
        lines.append(gettext("Minutes are counted exactly; parts of points are kept and added up."))
    elif points.direction is Direction.DOWN and points.step == 1:
        if not lines:
            lines.append(gettext("Minutes are counted exactly; beans are rounded down to whole ones."))
    else:
        shown = {"step": points.step, "direction": DIRECTIONS[points.direction]()}
        lines.append(gettext("Points come in multiples of %(step)s, %(direction)s.") % shown)
    return lines


DIRECTIONS = {
    Direction.DOWN: lambda: gettext("rounded down"),
    Direction.HALF_UP: lambda: gettext("rounded to the nearest"),
    Direction.UP: lambda: gettext("rounded up"),
}


# --- Limits ---------------------------------------------------------------------------------------------
def limits(rules: Rules) -> list[str]:
    """What keeps service from earning."""
    lines = [_limit(rules, limit) for limit in rules.limits]
    for ceiling in rules.ceilings:
        most = {"most": _amount(rules, ceiling.unit, ceiling.most)}
        if ceiling.overflow is Bucket.DROPPED:
            lines.append(gettext("One can hold at most %(most)s; more is not paid out. Hours go on.") % most)
        else:
            place = words.spoken(words.word("bucket", ceiling.overflow.value))
            over = gettext("One can hold at most %(most)s; what is above goes to: %(place)s.")
            lines.append(over % {**most, "place": place})
    if rules.quality.percent_of_plan:
        short = gettext(
            "Whoever stays less than %(percent)s%% of the planned time gets the hours, but no beans."
        )
        lines.append(short % {"percent": rules.quality.percent_of_plan})
    for fact in rules.quality.voided_by:
        void = gettext("An activity earns nothing in this case: %(fact)s.")
        lines.append(void % {"fact": _measure(rules, fact)})
    for each in rules.hours:
        told = {"name": words.said(each.name), "factor": words.number(each.factor)}
        if each.factor == 1:
            lines.append(gettext("%(name)s count fully for the points.") % told)
        elif each.factor:
            lines.append(gettext("%(name)s count %(factor)s times for the points.") % told)
        elif each.grades == ("supplemented",) and each.name.en == "Hours entered later":
            lines.append(gettext("Hours entered later from paper count as hours, but earn no beans."))
        else:
            lines.append(gettext("%(name)s count as hours, but earn no points.") % told)
    return lines


def _limit(rules: Rules, limit: Limit) -> str:
    if limit == Limit(limit.most) and limit.most.denominator == 1:
        cap = ngettext(
            "At most %(beans)s bean for one day of service; further hours count as hours.",
            "At most %(beans)s beans for one day of service; further hours count as hours.",
            int(limit.most),
        )
        return cap % {"beans": int(limit.most)}
    acts = {each.act: words.said(each.name) for each in rules.earning}
    told = {
        "most": _time(limit.most * 60) if limit.of == HOURS else _amount(rules, limit.of, limit.most),
        "period": words.spoken(words.word("period", limit.per.value)),
        "acts": pgettext("list", ", ").join(acts.get(act, act) for act in limit.acts),
    }
    if limit.acts:
        sentence = gettext("%(acts)s: at most %(most)s count for %(period)s.") % told
    elif limit.each:
        sentence = gettext("At most %(most)s count for %(period)s, of every kind by itself.") % told
    else:
        sentence = gettext("At most %(most)s count for %(period)s.") % told
    if limit.override:
        sentence += " " + gettext("A written decision can lift this.")
    return sentence


def conversions(rules: Rules) -> list[str]:
    return [
        gettext("%(source)s count as %(target)s when they are used.")
        % {
            "source": _amount(rules, each.source, each.points),
            "target": _amount(rules, each.target, each.gives),
        }
        for each in rules.conversions
    ]


def bases(rules: Rules) -> list[str]:
    sentence = gettext("Everybody begins with %(base)s that cannot be exchanged; what is above can be.")
    return [sentence % {"base": _amount(rules, unit.code, unit.base)} for unit in rules.units if unit.base]


# --- Time -----------------------------------------------------------------------------------------------
def notice(rules: Rules) -> str:
    """How long others can object."""
    if not rules.notice_days:
        return gettext("Every record stands in public notice until the end of the day of its confirmation.")
    sentence = ngettext(
        "Every record stands in public notice for %(days)s day; after that the beans can be spent.",
        "Every record stands in public notice for %(days)s days; after that the beans can be spent.",
        rules.notice_days,
    )
    return sentence % {"days": rules.notice_days}


def expiry(rules: Rules) -> str:
    """How long beans can be spent."""
    for each in rules.expiry:
        if not each.units or BEAN in each.units:
            return validity(each.validity)
    return gettext("Beans do not expire. Hours stay for ever.")


def expiries(rules: Rules) -> list[str]:
    lines = [expiry(rules)]
    for each in rules.expiry:
        others = [words.said(rules.unit_name(unit)) for unit in each.units if unit != BEAN]
        if others:
            listed = pgettext("list", ", ").join(others)
            lines.append(listed + pgettext("between name and text", ": ") + validity(each.validity))
    return lines


# --- Examples -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Example:
    """A service worked out by the same functions that award real beans."""

    category: str
    facts: Act
    award: Award
    gets: str
    already: str = ""
    """What was earned before on the same day."""


def in_words(rules: Rules, points: Fraction | None) -> str:
    """`20 beans`, by the name this scheme has for them."""
    return "" if points is None else _amount(rules, BEAN, points)


def cap_per_day(rules: Rules) -> Fraction | None:
    """The most beans of one day, where there is such a limit."""
    found = [limit.most for limit in rules.limits if limit == Limit(limit.most)]
    return min(found) if found else None


def examples(rules: Rules) -> list[Example]:
    """Two hours of ordinary service, two of the weightiest kind, and a long day where there is a cap."""
    heavy = weights(rules)
    special = {weight.category for weight in heavy}
    usual = next((code for code in CATEGORIES if code not in special), "environment")
    found = [_example(rules, usual, 2 * HOUR)]
    weightiest = next((weight.category for weight in heavy if weight.category != usual), None)
    if weightiest:
        found.append(_example(rules, weightiest, 2 * HOUR))
    cap = cap_per_day(rules)
    if cap and hourly(rules) * 2 <= cap:
        found.append(_example(rules, usual, 2 * HOUR, already=cap - hourly(rules)))
    return found


def _example(rules: Rules, category: str, minutes: int, *, already: Fraction = Fraction(0)) -> Example:
    act = service(minutes, minutes, category, on=clock.today())
    history = History({total_key(BEAN, "", Period.DAY): already} if already else {})
    shown = _amount(rules, BEAN, already) if already else ""
    found = award(rules, act, history)
    return Example(name_of(category), act, found, _amount(rules, BEAN, found.beans), shown)
