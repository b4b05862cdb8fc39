"""Redeem: one transaction that takes the stock or the time and holds the beans, or nothing at all.

The order is the lesson others paid for. First the reward is locked; only then is the form's key looked up
(looked up before, a winner's second tap would be refused with "sold out"), and only then are stock, limit
and times read (read before, they would oversell). One lock serves all: the limit per person, the stock and
the times of a reward become scarcer only under the lock of that reward. What is shared by several rewards is
locked after it: the provider where it has a limit for the month, the member where a scheme counts uses.
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
from points.people.models import User
from points.people.notices import notify
from points.schemes.expiry import last_day
from rewards import errors, notices
from rewards.models import Provider, Redemption, Reward, RewardOption, Slot
from rewards.services.by_rules import version_for
from rewards.services.checks import examine
from rewards.services.holding import hold

if TYPE_CHECKING:
    from points.schemes.parts.redemption import Use

LAST_CANCEL_HOUR = 18
"""An appointment can be cancelled until this hour of the day before."""


def redeem(
    reward: Reward,
    *,
    member: User,
    by: User,
    key: str,
    slot: Slot | None = None,
    option: RewardOption | None = None,
) -> Redemption:
    """Hold the price of `reward` and issue a voucher. The same `key` again returns the first voucher.

    Refuses with reward_closed, agreement_over, not_for_you, too_few_hours, limit_reached,
    provider_month_full, rules_say_no, option_needed, option_gone, out_of_stock, slot_needed, slot_full,
    slot_passed, slot_too_soon, too_few_beans, key_used_by_another, not_yours, or the ledger's kind_halted.
    """
    if by.pk != member.pk:
        raise errors.NotYours()
    try:
        with transaction.atomic():
            return _redeem(reward, member=member, by=by, key=key, slot=slot, option=option)
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


def _redeem(
    reward: Reward, *, member: User, by: User, key: str, slot: Slot | None, option: RewardOption | None
) -> Redemption:
    locked = lock_reward(reward.pk)
    if earlier := Redemption.objects.filter(key=key).first():
        return _answer_again(earlier, reward, member)
    home = home_of(member)
    if locked.provider.monthly_limit is not None:
        lock_provider(locked.provider_id)
    version = version_for(home)
    if version is not None:
        lock_member(member.pk)
    available = spendable(member) if version is not None else 0
    answer = examine(locked, member, home=home, version=version, available=available)
    if answer.refusal is not None:
        raise answer.refusal
    chosen = None
    picked = take_option(locked, option)
    if locked.kind == Reward.Kind.APPOINTMENT:
        chosen = take_place(locked, slot)
    elif locked.stock is not None:
        _take_one(locked)
    use = answer.ruling.use if answer.ruling else None
    redemption = Redemption.objects.create(
        key=key,
        member=member,
        reward=locked,
        slot=chosen,
        option=picked,
        price=locked.price,
        redeemed_at=clock.now(),
        expires_at=expiry_of(locked, chosen, use),
        cancel_until=last_cancellation(chosen),
        rule=version.label if version else "",
        use=use.id if use else "",
    )
    redemption.hold_transaction = hold(redemption, by=by)
    redemption.save(update_fields=["hold_transaction"])
    notify(
        [member],
        notices.REDEEMED,
        key=f"redemption:{redemption.pk}",
        url=redemption.get_absolute_url(),
        reward=locked.title,
        until_at=redemption.slot.starts_at if redemption.slot else redemption.expires_at,
    )
    return redemption


def lock_reward(pk: int) -> Reward:
    """The reward as it is now, held until the transaction ends. SQLite has locked everything already.

    Read after the lock, not with it: PostgreSQL would answer with the provider as it was before the wait.
    """
    rows = Reward.objects.filter(pk=pk)
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))
    return Reward.objects.select_related("provider", "grid").get(pk=pk)


def lock_provider(pk: int) -> Provider:
    """Taken after the reward: two rewards of one provider share its vouchers of the month."""
    return Provider.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_member(pk: int) -> User:
    """Taken last: the quotas of a scheme count over all rewards of a member."""
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def _answer_again(earlier: Redemption, reward: Reward, member: User) -> Redemption:
    if earlier.member_id != member.pk or earlier.reward_id != reward.pk:
        raise errors.KeyUsedByAnother()
    return earlier


def _take_one(reward: Reward) -> None:
    if not Reward.objects.filter(pk=reward.pk, stock__gt=0).update(stock=F("stock") - 1):
        raise errors.OutOfStock()


def take_option(reward: Reward, option: RewardOption | None) -> RewardOption | None:
    """The chosen thing, one taken off its stock; None where there is nothing to choose."""
    offered = {each.pk: each for each in reward.options.filter(is_open=True)}
    if not offered:
        return None
    chosen = offered.get(option.pk) if option else None
    if chosen is None:
        raise errors.OptionNeeded()
    if chosen.stock is not None:
        there = RewardOption.objects.filter(pk=chosen.pk, stock__gt=0)
        if not there.update(stock=F("stock") - 1):
            raise errors.OptionGone(option=chosen.name)
    return chosen


def take_place(reward: Reward, slot: Slot | None) -> Slot:
    """One place of a free time, for good until it is given back. Call it under the lock of the reward."""
    chosen = Slot.objects.filter(pk=slot.pk, reward=reward).first() if slot else None
    if chosen is None:
        raise errors.SlotNeeded()
    if chosen.starts_at <= clock.now():
        raise errors.SlotPassed()
    if chosen.starts_at < clock.now() + dt.timedelta(hours=reward.lead_hours):
        raise errors.SlotTooSoon(hours=reward.lead_hours)
    free = Slot.objects.filter(pk=chosen.pk, taken__lt=F("capacity"))
    if not free.update(taken=F("taken") + 1):
        raise errors.SlotFull()
    return chosen


def expiry_of(reward: Reward, slot: Slot | None, use: Use | None = None) -> dt.datetime:
    """The last moment of a voucher: a day after the appointment, or the end of its last day.

    Where the scheme lets vouchers lapse sooner than the reward does, the scheme's day holds.
    """
    if slot is not None:
        return slot.ends_at + dt.timedelta(days=1)
    last = clock.today() + dt.timedelta(days=reward.voucher_days)
    if use is not None and use.voucher is not None:
        last = min(last, last_day(use.voucher, clock.today()))
    return timezone.make_aware(dt.datetime.combine(last, dt.time(23, 59, 59)))


def last_cancellation(slot: Slot | None) -> dt.datetime | None:
    """18:00 of the day before an appointment; None means as long as the voucher is valid."""
    if slot is None:
        return None
    day_before = timezone.localtime(slot.starts_at).date() - dt.timedelta(days=1)
    return timezone.make_aware(dt.datetime.combine(day_before, dt.time(LAST_CANCEL_HOUR)))


def spendable(member: User) -> int:
    """The member's available beans without those whose last day has passed."""
    return int(member_balances(member).available.amount)
