"""What the scheme in force where a member lives says about a redemption.

The scheme's uses are complete: what it does not offer is refused. A scheme that says nothing about using
beans at all leaves it to the rewards themselves, and so does a place without a scheme.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db.models import Sum
from django.utils import timezone

from points import clock
from points.ledger.balances import member_balances
from points.ledger.models import AccountKind, Posting
from points.people.models import VolunteerProfile
from points.records.models import ServiceRecord
from points.schemes.facts import start_of
from points.schemes.models import SchemeVersion
from points.schemes.parts.basics import Condition, Period
from points.schemes.parts.redemption import Use, UseKind
from points.schemes.rules import BEAN, Decision, Request, Rules, Used, decide, level
from points.schemes.services import version_in_force
from rewards import errors
from rewards.models import Redemption, Reward

if TYPE_CHECKING:
    from points.grids.models import GridUnit
    from points.people.models import User

DONATE = "donate"
KINDS: dict[str, tuple[UseKind, ...]] = {
    Reward.Kind.GOODS: (UseKind.GOODS,),
    Reward.Kind.APPOINTMENT: (UseKind.SERVICE,),
    Reward.Kind.OPEN_VOUCHER: (UseKind.VOUCHER, UseKind.GOODS),
}
"""Which uses of a scheme stand for a kind of reward, where the reward names none."""
SUMMED = ("hours", "earned", "sessions", "times", BEAN)


@dataclass(frozen=True)
class Ruling:
    """The rules asked, the use that fits, and what they say."""

    version: SchemeVersion
    use: Use | None
    decision: Decision

    @property
    def has_quotas(self) -> bool:
        """Whether what a member used before matters, over all rewards."""
        return self.use is not None and bool(self.use.quotas or self.use.per_merchant)

    def refusal(self) -> errors.RulesSayNo | None:
        """The refusal, with the reason as the scheme words it."""
        if self.decision.allowed:
            return None
        name = self.version.scheme.name
        return errors.RulesSayNo(scheme=name, reason=self.decision.text, rule=self.decision.code)


def version_for(home: GridUnit | None) -> SchemeVersion | None:
    """The scheme in force today where the member lives, if it says how beans are used."""
    version = version_in_force(home, clock.today()) if home is not None else None
    return version if version is not None and version.as_rules().uses else None


def use_of(rules: Rules, reward: Reward) -> Use | None:
    """The use of the scheme that a reward is: the one it names, else the first of its kind."""
    spending = [use for use in rules.uses if use.unit == BEAN and use.spends and not use.benefits]
    if reward.use:
        return next((use for use in spending if use.id == reward.use), None)
    for kind in KINDS[reward.kind]:
        if found := next((use for use in spending if use.kind is kind), None):
            return found
    return None


def ask(reward: Reward, member: User, version: SchemeVersion, *, available: int) -> Ruling:
    """The scheme's decision about one redemption at this moment."""
    rules = version.as_rules()
    use = use_of(rules, reward)
    words, numbers = _facts(rules, member, use.when if use else ())
    request = Request(
        use=use.id if use else reward.use or "-",
        at=f"{timezone.localtime(clock.now()):%Y-%m-%dT%H:%M}",
        points=int(reward.price.amount),
        item=reward.code,
        merchant=reward.provider.code,
        words=words,
        numbers=numbers,
        balances={BEAN: available},
        before=tuple(_before(rules, use, member)),
    )
    return Ruling(version, use, decide(rules, request))


def ask_to_give(member: User, version: SchemeVersion, *, beans: int, available: int) -> Ruling:
    """The scheme's decision about giving beans to the community's pool."""
    rules = version.as_rules()
    use = next((use for use in rules.uses if use.kind is UseKind.DONATION and use.unit == BEAN), None)
    words, numbers = _facts(rules, member, use.when if use else ())
    request = Request(
        use=use.id if use else DONATE,
        at=f"{timezone.localtime(clock.now()):%Y-%m-%dT%H:%M}",
        points=beans,
        words=words,
        numbers=numbers,
        balances={BEAN: available},
    )
    return Ruling(version, use, decide(rules, request))


# --- What is known of a member --------------------------------------------------------------------------
def _names(conditions: Iterable[Condition]) -> set[str]:
    found: set[str] = set()
    for condition in conditions:
        found |= {condition.fact, condition.times} - {""}
        found |= _names(condition.either)
    return found


def _facts(
    rules: Rules, member: User, conditions: Iterable[Condition]
) -> tuple[dict[str, str], dict[str, Fraction]]:
    """Only what the conditions ask for, and only what the platform knows by itself."""
    words: dict[str, str] = {}
    numbers: dict[str, Fraction] = {}
    for name in _names(conditions):
        base, _dot, suffix = name.partition(".")
        if base == "level":
            reached = _level(rules, member, suffix)
            if reached:
                words[name] = reached
        elif base == "age":
            year = VolunteerProfile.objects.filter(user=member).values_list("birth_year", flat=True).first()
            if year:
                numbers[name] = Fraction(clock.today().year - year)
        elif base in (*SUMMED, "donated") and name != BEAN:
            numbers[name] = measure(member, base, Period(suffix) if suffix else Period.EVER)
    return words, numbers


def measure(member: User, of: str, period: Period) -> Fraction:
    """Hours served, beans earned or given away, or times served by a member in the period of today."""
    first = start_of(period, clock.today())
    if of == "hours" and period is Period.EVER:
        return Fraction(member_balances(member).minutes, 60)
    if of == "donated":
        given = Posting.objects.filter(
            transaction__kind=DONATE, source__owner=member, destination__kind=AccountKind.COMMUNITY
        )
        if period is not Period.EVER:
            given = given.filter(transaction__occurred_at__date__gte=first)
        return Fraction(given.aggregate(total=Sum("amount"))["total"] or 0)
    records = ServiceRecord.objects.of(member).valid().filter(served_on__gte=first)
    if of == "hours":
        return Fraction(records.aggregate(total=Sum("minutes"))["total"] or 0, 60)
    if of in ("earned", BEAN):
        return Fraction(records.aggregate(total=Sum("beans"))["total"] or 0)
    return Fraction(records.count())


def _level(rules: Rules, member: User, ladder: str) -> str:
    wanted = next((each for each in rules.levels if each.id == ladder), None)
    if wanted is None:
        return ""
    asked = {fact for step in wanted.steps for fact in step.needs} & {*SUMMED, "donated"}
    totals: dict[str, Any] = {fact: measure(member, fact, wanted.period) for fact in asked}
    reached = level(rules, wanted, totals).step
    return reached.id if reached else ""


def _before(rules: Rules, use: Use | None, member: User) -> Iterable[Used]:
    if use is None or not (use.quotas or use.per_merchant):
        return
    periods = [quota.per for quota in use.quotas] or [Period.EVER]
    first = min(start_of(period, clock.today()) for period in periods)
    rows = Redemption.objects.filter(member=member, state__in=Redemption.COUNTED)
    if first > first.min:
        rows = rows.filter(redeemed_at__date__gte=first)
    for row in rows.select_related("reward__provider"):
        earlier = row.use or getattr(use_of(rules, row.reward), "id", "")
        yield Used(
            use=earlier,
            on=timezone.localdate(row.redeemed_at),
            item=row.reward.code,
            points=int(row.price.amount),
            merchant=row.reward.provider.code,
        )
