"""Whether points can be used in some way, and what it takes: allowed, or refused with a code. Pure.

The order: is it offered at all, from this account, to this person; is it open; is it the right size; is
something left of the quota; is there enough. The first "no" is the answer, with what to do about it.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.functional import cached_property

from points.schemes import words
from points.schemes.conditions import in_both, unmet
from points.schemes.expiry import NEVER, last_day
from points.schemes.facts import Request, Used, start_of
from points.schemes.parts.basics import Period
from points.schemes.parts.codec import Text
from points.schemes.parts.earning import HOURS
from points.schemes.parts.redemption import Calendar, Counted, Pay, Quota, Use, UseKind, Weekday
from points.schemes.parts.scheme import Rules
from points.schemes.words import Line

HOURS_NAME = Text("小时服务时长", "hours of service", "hour of service")
WEEKDAYS = list(Weekday)
CASH = "cash"


@dataclass(frozen=True)
class Decision:
    """Allowed or not; `code` says why not. `points` leave the account (or are shown), `also` go with them.

    `rest_yuan` is what the person settles with the shop, outside the platform.
    """

    allowed: bool
    code: str
    lines: tuple[Line, ...]
    points: int = 0
    also: tuple[tuple[str, int], ...] = ()
    rest_yuan: Fraction = Fraction(0)
    worth_yuan: Fraction = Fraction(0)

    @cached_property
    def text(self) -> str:
        """The answer in the reader's language."""
        return " ".join(line.text for line in self.lines)


def refused(code: str, **params: Any) -> Decision:
    return Decision(False, code, (Line(code, params),))


def decide(rules: Rules, request: Request) -> Decision:
    """Whether the request is possible under the rules, and what it takes."""
    if request.use == CASH:
        return refused("no_cash")
    use = next((each for each in rules.uses if each.id == request.use), None)
    if use is None:
        return refused("use_not_offered")
    if request.account not in use.accounts:
        return refused("wrong_account", account=words.word("holder", request.account))
    if request.action == "collect":
        return _collect(use, request)
    if request.action == "return":
        return _give_back(rules, use, request)
    if request.bucket not in use.buckets:
        return refused("wrong_bucket")
    if (missing := unmet(use.when, request.fact)) is not None:
        found = refused("condition_not_met_use", condition=in_both(rules, missing))
        return Decision(False, "condition_not_met", found.lines)
    if (closed := _closed(use.calendar, request)) is not None:
        return closed
    if use.benefits:
        return _benefit(rules, use, request)
    return _priced(rules, use, request)


def _name(rules: Rules, unit: str) -> Text:
    return HOURS_NAME if unit == HOURS else rules.unit_name(unit)


# --- Open and closed ------------------------------------------------------------------------------------
def is_open(calendar: Calendar, on: dt.date) -> bool:
    """Whether the day is one of the open days."""
    return not (
        (calendar.months and on.month not in calendar.months)
        or (calendar.days and on.day not in calendar.days)
        or (calendar.weekdays and WEEKDAYS[on.weekday()] not in calendar.weekdays)
        or on.isoformat() in calendar.closed
        or on.isoformat()[5:] in calendar.closed
    )


def next_open(calendar: Calendar, after: dt.date) -> dt.date | None:
    """The first open day after a day, within two years."""
    days = (after + dt.timedelta(days=number) for number in range(1, 731))
    return next((day for day in days if is_open(calendar, day)), None)


def _closed(calendar: Calendar | None, request: Request) -> Decision | None:
    if calendar is None:
        return None
    if not is_open(calendar, request.on):
        following = next_open(calendar, request.on)
        if following is None:
            return refused("closed_for_good", day=words.day(request.on))
        return refused("closed_today", day=words.day(request.on), next=words.day(following))
    spans = [span.split("-") for span in calendar.hours]
    if spans and not any(opens <= request.clock < closes for opens, closes in spans):
        return refused("closed_now", clock=request.clock, hours=", ".join(calendar.hours))
    return None


# --- Price and size -------------------------------------------------------------------------------------
def _priced(rules: Rules, use: Use, request: Request) -> Decision:
    name = _name(rules, use.unit)
    priced = _points(use, request)
    if isinstance(priced, Decision):
        return priced
    points, worth, rest = priced
    if points < use.at_least:
        return refused("below_least", least=words.amount(use.at_least, name))
    if points % use.step:
        return refused("not_in_steps", step=words.amount(use.step, name))
    asked = Used(
        use.id, request.on, request.item, request.pieces, points, worth or Fraction(0), request.merchant
    )
    for quota in use.quotas:
        if (full := _quota(quota, asked, request)) is not None:
            return full
    left = _left(rules, use, request)
    if points > left:
        code = "nothing_new_here" if use.per_merchant else "not_enough"
        return refused(code, points=words.amount(points, name), left=words.amount(left, name))
    lines = [Line("allowed" if use.spends else "allowed_shown", {"points": words.amount(points, name)})]
    also = []
    for match in use.also:
        needed = math.ceil(Fraction(points) / match.per * match.points)
        there = request.balances.get(match.unit, 0)
        told = words.amount(needed, rules.unit_name(match.unit))
        if needed > there:
            left_there = words.amount(there, rules.unit_name(match.unit))
            return refused("not_enough_also", points=told, left=left_there)
        also.append((match.unit, needed))
        lines.append(Line("also_takes", {"points": told}))
    if use.passes_to_helper:
        lines.append(Line("goes_to_helper", {"points": words.amount(points, name)}))
    if rest:
        lines.append(Line("rest_outside", {"yuan": words.number(rest)}))
    return Decision(True, "", tuple(lines), points, tuple(also), rest, worth or Fraction(0))


def _points(use: Use, request: Request) -> tuple[int, Fraction | None, Fraction] | Decision:
    """The points of the price, its value in yuan, and what is left to settle with the shop."""
    value = use.value
    per_point = None if value is None else value.yuan / value.points
    if value is not None and request.rate is not None:
        high = value.up_to or value.yuan
        if not value.yuan <= request.rate <= high:
            return refused("rate_outside", low=words.number(value.yuan), high=words.number(high))
        per_point = request.rate / value.points
    if request.points is not None:
        worth = None if per_point is None else request.points * per_point
        return request.points, worth, Fraction(0)
    if request.yuan is None or not per_point:
        return refused("price_missing")
    part = request.yuan if use.pay is Pay.WHOLE else (request.reduction_yuan or Fraction(0))
    part = min(part, request.yuan)
    return math.ceil(part / per_point), part, request.yuan - part


def _quota(quota: Quota, asked: Used, request: Request) -> Decision | None:
    """The refusal when what was used in the period and what is asked for are more than the quota."""
    first = start_of(quota.per, request.on)
    used = sum(
        (
            _counted(quota.of, each)
            for each in request.before
            if each.use == asked.use
            and first <= each.on <= request.on
            and (not quota.each_item or each.item == asked.item)
        ),
        Fraction(0),
    )
    if quota.per is Period.ACTIVITY:
        used = Fraction(0)
    if used + _counted(quota.of, asked) <= quota.most:
        return None
    counted, period = words.word("counted", quota.of.value), words.word("period", quota.per.value)
    most = {"most": words.number(quota.most), "used": words.number(used)}
    return refused("quota_used_up", counted=counted, period=period, **most)


def _counted(of: Counted, used: Used) -> Fraction:
    known: dict[Counted, int | Fraction] = {
        Counted.TIMES: 1,
        Counted.PIECES: used.pieces,
        Counted.POINTS: used.points,
        Counted.YUAN: used.yuan,
    }
    return Fraction(known[of])


def _left(rules: Rules, use: Use, request: Request) -> int:
    """What can be used: above the base, with what converts into the unit; at a merchant only what is new."""
    if use.unit == HOURS:
        hours = request.fact(HOURS)
        held = math.floor(hours) if isinstance(hours, int | Fraction) else 0
    else:
        held = converted(rules, use.unit, dict(request.balances)) - rules.unit(use.unit).base
    if use.per_merchant:
        here = (each for each in request.before if each.use == use.id and each.merchant == request.merchant)
        held -= sum(each.points for each in here)
    return max(held, 0)


def converted(rules: Rules, unit: str, balances: dict[str, int]) -> int:
    """The balance of a unit together with what the fixed conversions add to it."""
    total = balances.get(unit, 0)
    for each in rules.conversions:
        if each.target == unit:
            source = max(converted(rules, each.source, balances), 0)
            total += math.floor(source / each.points * each.gives)
    return total


# --- Benefits, vouchers, returns ------------------------------------------------------------------------
def _benefit(rules: Rules, use: Use, request: Request) -> Decision:
    """One thing out of the highest step reached; nothing is taken."""
    have = request.fact(use.benefits_of)
    have = Fraction(have) if isinstance(have, int | Fraction) else Fraction(0)
    best = next((each for each in reversed(use.benefits) if have >= each.start), None)
    if best is None:
        start = words.number(use.benefits[0].start)
        return refused("no_benefit_yet", start=start, have=words.number(have))
    asked = Used(use.id, request.on, request.item, request.pieces, 0, best.yuan, request.merchant)
    for quota in use.quotas:
        if (full := _quota(quota, asked, request)) is not None:
            return full
    chosen = next((each for each in best.choose if request.choice in (each.zh, each.en)), None)
    if request.choice and chosen is None:
        listed = Text(
            "、".join(each.zh for each in best.choose), ", ".join(each.en or each.zh for each in best.choose)
        )
        return refused("not_among_choices", choices=words.named(listed))
    told = {"choice": words.named(chosen or best.choose[0]), "yuan": words.number(best.yuan)}
    return Decision(True, "", (Line("allowed_benefit", told),), worth_yuan=best.yuan)


def _collect(use: Use, request: Request) -> Decision:
    if use.voucher is None or request.made_on is None:
        return refused("no_voucher")
    until = last_day(use.voucher, request.made_on)
    if request.on > until:
        return refused("voucher_lapsed", until=words.day(until))
    if (closed := _closed(use.calendar, request)) is not None and use.kind is not UseKind.VOUCHER:
        return closed
    return Decision(True, "", (Line("allowed_collect", {"until": words.day(until)}),))


def _give_back(rules: Rules, use: Use, request: Request) -> Decision:
    if not use.refund or not use.spends:
        return refused("no_refund")
    points = request.points or 0
    told = {"points": words.amount(points, _name(rules, use.unit))}
    return Decision(True, "", (Line("allowed_return", told),), points)


__all__ = ["NEVER", "Decision", "converted", "decide", "is_open", "next_open", "refused"]
