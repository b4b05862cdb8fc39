"""Redeem: one transaction that takes the stock or the time and holds the beans, or nothing at all.

The order is the lesson others paid for. First the reward is locked; only then is the form's key looked up
(looked up before, a winner's second tap would be refused with "sold out"), and only then are stock, limit
and times read (read before, they would oversell). One lock serves all: the limit per person, the stock and
the times of a reward become scarcer only under the lock of that reward.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from points import clock
from points.grids.services import home_of
from points.ledger.balances import member_balances
from points.ledger.errors import InsufficientBalance
from rewards import errors
from rewards.models import Redemption, Reward, Slot
from rewards.services.holding import hold

if TYPE_CHECKING:
    from points.people.models import User

LAST_CANCEL_HOUR = 18
"""An appointment can be cancelled until this hour of the day before."""


def redeem(reward: Reward, *, member: User, by: User, key: str, slot: Slot | None = None) -> Redemption:
    """Hold the price of `reward` and issue a voucher. The same `key` again returns the first voucher.

    Refuses with reward_closed, out_of_stock, slot_needed, slot_full, slot_passed, limit_reached,
    not_for_you, too_few_beans, key_used_by_another, not_yours, or the ledger's kind_halted.
    """
    if by.pk != member.pk:
        raise errors.NotYours()
    try:
        with transaction.atomic():
            return _redeem(reward, member=member, by=by, key=key, slot=slot)
    except InsufficientBalance as refusal:
        # Read after the rollback: exactly what the ledger saw, without overdue beans.
        price, available = int(reward.price.amount), spendable(member)
        raise errors.TooFewBeans(
            price=price, available=available, missing=max(price - available, 1)
        ) from refusal
    except IntegrityError:
        # The same key for two rewards at the same moment: the other one holds it now.
        if earlier := Redemption.objects.filter(key=key).first():
            return _answer_again(earlier, reward, member)
        raise


def _redeem(reward: Reward, *, member: User, by: User, key: str, slot: Slot | None) -> Redemption:
    locked = lock_reward(reward.pk)
    if earlier := Redemption.objects.filter(key=key).first():
        return _answer_again(earlier, reward, member)
    if not (locked.is_open and locked.provider.is_active):
        raise errors.RewardClosed()
    _check_home(locked, member)
    _check_limit(locked, member)
    chosen = None
    if locked.kind == Reward.Kind.APPOINTMENT:
        chosen = _take_place(locked, slot)
    elif locked.stock is not None:
        _take_one(locked)
    redemption = Redemption.objects.create(
        key=key,
        member=member,
        reward=locked,
        slot=chosen,
        price=locked.price,
        redeemed_at=clock.now(),
        expires_at=_expiry(locked, chosen),
        cancel_until=_last_cancellation(chosen),
    )
    redemption.hold_transaction = hold(redemption, by=by)
    redemption.save(update_fields=["hold_transaction"])
    return redemption


def lock_reward(pk: int) -> Reward:
    """The reward as it is now, held until the transaction ends. SQLite has locked everything already."""
    rows = Reward.objects.select_related("provider", "grid").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=pk)


def _answer_again(earlier: Redemption, reward: Reward, member: User) -> Redemption:
    if earlier.member_id != member.pk or earlier.reward_id != reward.pk:
        raise errors.KeyUsedByAnother()
    return earlier


def _check_home(reward: Reward, member: User) -> None:
    home = home_of(member)
    if home is None:
        raise errors.HomeNotChosen(grid=reward.grid.name)
    if not reward.grid.contains(home):
        raise errors.NotForYou(grid=reward.grid.name)


def used_this_month(reward: Reward, member: User) -> int:
    """How many of this month's vouchers count for the limit: open ones and used ones."""
    start = timezone.localtime(clock.now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Redemption.objects.filter(
        reward=reward,
        member=member,
        redeemed_at__gte=start,
        state__in=[Redemption.State.ISSUED, Redemption.State.FULFILLED],
    ).count()


def _check_limit(reward: Reward, member: User) -> None:
    limit = reward.person_limit
    if limit is not None and used_this_month(reward, member) >= limit:
        raise errors.LimitReached(limit=limit)


def _take_one(reward: Reward) -> None:
    if not Reward.objects.filter(pk=reward.pk, stock__gt=0).update(stock=F("stock") - 1):
        raise errors.OutOfStock()


def _take_place(reward: Reward, slot: Slot | None) -> Slot:
    chosen = Slot.objects.filter(pk=slot.pk, reward=reward).first() if slot else None
    if chosen is None:
        raise errors.SlotNeeded()
    if chosen.starts_at <= clock.now():
        raise errors.SlotPassed()
    free = Slot.objects.filter(pk=chosen.pk, taken__lt=F("capacity"))
    if not free.update(taken=F("taken") + 1):
        raise errors.SlotFull()
    return chosen


def _expiry(reward: Reward, slot: Slot | None) -> dt.datetime:
    if slot is not None:
        return slot.ends_at + dt.timedelta(days=1)
    last = clock.today() + dt.timedelta(days=reward.voucher_days)
    return timezone.make_aware(dt.datetime.combine(last, dt.time(23, 59, 59)))


def _last_cancellation(slot: Slot | None) -> dt.datetime | None:
    """18:00 of the day before an appointment; None means as long as the voucher is valid."""
    if slot is None:
        return None
    day_before = timezone.localtime(slot.starts_at).date() - dt.timedelta(days=1)
    return timezone.make_aware(dt.datetime.combine(day_before, dt.time(LAST_CANCEL_HOUR)))


def spendable(member: User) -> int:
    """The member's available beans without those whose last day has passed."""
    return int(member_balances(member).available.amount)
