"""Everything about a reward, a provider, a member and the scheme that speaks against a redemption.

The page asks before the button is pressed, the service asks again under its locks; both ask here, so that
what a member reads is what decides.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from points import clock
from points.dates import date
from points.refusals import Refusal
from points.schemes.facts import start_of
from points.schemes.parts.basics import Period
from rewards import errors
from rewards.models import Provider, Redemption, Reward
from rewards.services import by_rules

if TYPE_CHECKING:
    from points.grids.models import GridUnit
    from points.people.models import User
    from points.schemes.models import SchemeVersion

FAR = dt.date(2000, 1, 1)
"""No voucher is older than this day: the start of "in all"."""


@dataclass(frozen=True)
class Answer:
    """What speaks against it (None: nothing), and the rules that were asked."""

    refusal: Refusal | None
    ruling: by_rules.Ruling | None = None


def examine(
    reward: Reward,
    member: User,
    *,
    home: GridUnit | None,
    version: SchemeVersion | None,
    available: int,
) -> Answer:
    """Whether `member` may redeem `reward` now, stock and free times left aside. Writes nothing.

    `version` is what `by_rules.version_for(home)` says: the scheme where it has a say in using beans.
    """
    own = _own_rules(reward, member, home)
    if own is not None:
        return Answer(own)
    if version is None:
        return Answer(None)
    ruling = by_rules.ask(reward, member, version, available=available)
    refusal: Refusal | None = ruling.refusal()
    price = int(reward.price.amount)
    if refusal is not None and ruling.decision.code == "not_enough" and available < price:
        refusal = errors.TooFewBeans(price=price, available=available, missing=price - available)
    return Answer(refusal, ruling)


def _own_rules(reward: Reward, member: User, home: GridUnit | None) -> Refusal | None:
    provider = reward.provider
    if not (reward.is_open and provider.is_active):
        return errors.RewardClosed()
    if not provider.agrees(clock.today()):
        return errors.AgreementOver(provider=provider.name)
    if home is None:
        return errors.HomeNotChosen(grid=reward.grid.name)
    if not reward.grid.contains(home):
        return errors.NotForYou(grid=reward.grid.name)
    if reward.from_hours:
        hours = by_rules.measure(member, "hours", Period.EVER)
        if hours < reward.from_hours:
            return errors.TooFewHours(hours=reward.from_hours, have=int(hours))
    limit = reward.person_limit
    if limit is not None and used_in_period(reward, member) >= limit:
        if reward.person_period == Reward.Per.EVER:
            return errors.LimitReachedForGood(limit=limit)
        again = date(next_start(reward.person_period))
        return errors.LimitReached(limit=limit, period=reward.get_person_period_display(), day=again)
    if provider.monthly_limit is not None and used_of(provider) >= provider.monthly_limit:
        again = date(next_start(Period.MONTH))
        return errors.ProviderMonthFull(provider=provider.name, limit=provider.monthly_limit, day=again)
    return None


def used_in_period(reward: Reward, member: User) -> int:
    """How many vouchers of this period count for the limit: open, used and forfeited ones."""
    start = _midnight(max(start_of(Period(reward.person_period), clock.today()), FAR))
    return Redemption.objects.filter(
        reward=reward, member=member, redeemed_at__gte=start, state__in=Redemption.COUNTED
    ).count()


def used_of(provider: Provider) -> int:
    """How many vouchers of all rewards of a provider count for this local month."""
    start = _midnight(start_of(Period.MONTH, clock.today()))
    return Redemption.objects.filter(
        reward__provider=provider, redeemed_at__gte=start, state__in=Redemption.COUNTED
    ).count()


def next_start(period: str) -> dt.date:
    """The first day of the next day, week, month, quarter or year."""
    today = clock.today()
    day = today + dt.timedelta(days=1)
    while start_of(Period(period), day) == start_of(Period(period), today):
        day += dt.timedelta(days=1)
    return day


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


__all__ = ["Answer", "examine", "next_start", "used_in_period", "used_of"]
