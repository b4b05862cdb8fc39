"""Running totals of many accounts: what a history says, kept up act by act.

The preview of new rules, the worked examples and the records room all count the same way here. A tally holds
plain numbers in memory; acts are given in the order in which they were confirmed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from points.schemes.award import ORDER, Award, award, key_of, limits_in_order
from points.schemes.facts import NOTHING_BEFORE, Act, History, start_of
from points.schemes.parts.basics import Bucket, Period
from points.schemes.parts.earning import HOURS, Rhythm
from points.schemes.parts.limits import Limit, Scope
from points.schemes.parts.scheme import Rules

ZERO = Fraction(0)


@dataclass
class Account:
    """What one account has earned so far."""

    totals: dict[tuple[str, dt.date], Fraction] = field(default_factory=dict)
    exact: dict[str, Fraction] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=dict)
    days: dict[str, list[dt.date]] = field(default_factory=dict)


class Tally:
    """The histories of all accounts under one set of rules."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.accounts: dict[Hashable, Account] = {}
        self._limits = [limit for limit in limits_in_order(rules) if limit.per is not Period.ACTIVITY]
        self._streaks = [each for each in rules.earning if each.streak is not None]
        self._is_running = rules.rounding.points.scope is Scope.RUNNING
        self._keeps = bool(self._limits or self._streaks or self._is_running or rules.ceilings)

    def award(self, account: Hashable, act: Act) -> Award:
        """What the act earns after everything that was added before; it is added, too."""
        found = award(self.rules, act, self.history(account, act))
        self.add(account, act, found)
        return found

    def history(self, account: Hashable, act: Act) -> History:
        """What the rules want to know before they count this act."""
        if not self._keeps:
            return NOTHING_BEFORE
        known = self.accounts.get(account)
        if known is None:
            known = Account()
        totals = {}
        for limit in self._limits:
            if limit.acts and act.act not in limit.acts:
                continue
            key = key_of(limit, act.act)
            total = known.totals.get((key, start_of(limit.per, act.on)))
            if total:
                totals[key] = total
        streaks = {
            each.id: in_a_row(each.streak.of, [*known.days.get(each.act, ()), act.on], act.on)
            for each in self._streaks
            if each.act == act.act and each.streak is not None
        }
        exact = dict(known.exact) if self._is_running else {}
        held = {unit.unit: known.balances.get(unit.unit, 0) for unit in self.rules.ceilings}
        return History(totals, exact, held, streaks)

    def add(self, account: Hashable, act: Act, found: Award) -> None:
        """Count an award that was made."""
        if not self._keeps:
            return
        known = self.accounts.setdefault(account, Account())
        for limit in self._limits:
            self._count(known, limit, act, found)
        for unit, exact in found.exact.items():
            known.exact[unit] = known.exact.get(unit, ZERO) + exact
        for amount in found.amounts:
            if amount.bucket is Bucket.AVAILABLE:
                known.balances[amount.unit] = known.balances.get(amount.unit, 0) + amount.points
        if self._streaks:
            known.days.setdefault(act.act, []).append(act.on)

    def _count(self, known: Account, limit: Limit, act: Act, found: Award) -> None:
        if limit.acts and act.act not in limit.acts:
            return
        if limit.of == HOURS:
            used = Fraction(found.minutes, 60)
        else:
            used = Fraction(sum(each.points for each in found.amounts if each.unit == limit.of))
        if used:
            key = (key_of(limit, act.act), start_of(limit.per, act.on))
            known.totals[key] = known.totals.get(key, ZERO) + used


def looks_back_to(rules: Rules, on: dt.date) -> dt.date | None:
    """The first day whose acts matter for an act of `on`; None when nothing before it matters."""
    if rules.rounding.points.scope is Scope.RUNNING or any(each.streak for each in rules.earning):
        return dt.date.min
    periods = [limit.per for limit in rules.limits if limit.per is not Period.ACTIVITY]
    if not periods:
        return None
    return start_of(max(periods, key=ORDER.__getitem__), on)


def in_a_row(rhythm: Rhythm, days: Iterable[dt.date], on: dt.date) -> int:
    """How many days, weeks, months or times in a row end with the one that holds `on`."""
    known = sorted(each for each in days if each <= on)
    if rhythm is Rhythm.TIMES:
        return len(known)
    if rhythm is Rhythm.DAY:
        numbers = {each.toordinal() for each in known}
        number = on.toordinal()
    elif rhythm is Rhythm.WEEK:
        numbers = {each.toordinal() // 7 for each in (start_of(Period.WEEK, day) for day in known)}
        number = start_of(Period.WEEK, on).toordinal() // 7
    else:
        numbers = {each.year * 12 + each.month for each in known}
        number = on.year * 12 + on.month
    count = 0
    while number in numbers:
        count += 1
        number -= 1
    return count
