"""The three ways a voucher ends without a hand-over: by the member, by the provider, by time.

Each takes the voucher out of "issued" by one conditional update, so that of a cancellation, a hand-over and
an expiry at the same moment exactly one happens. Only the one that did it gives back stock, place and beans.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from points import clock
from points.dates import moment
from points.grids import policies
from points.people.notices import NoticeKind, Value, notify
from points.refusals import Refusal
from rewards import errors, notices
from rewards.models import Provider, Redemption, Reward, RewardOption, Slot
from rewards.services.holding import give_back
from rewards.services.queue import tell

if TYPE_CHECKING:
    from points.people.models import User

logger = logging.getLogger(__name__)
State = Redemption.State
CANCELLED = "cancelled"
EXPIRED = "expired"
CLOSED_ACCOUNT = "closed_account"
ABSENT = "absent"
EXCUSED = "excused"
MISSED = (EXPIRED, ABSENT, EXCUSED)
"""Reasons that leave the time of an appointment taken: it is over."""
YEAR = 365
REMIND_DAYS = 3


class CancelReason(models.TextChoices):
    """Why a provider cannot serve. A code, so that nothing about a person enters the books."""

    CLOSED = "closed", pgettext_lazy("reason", "Closed that day")
    UNAVAILABLE = "unavailable", pgettext_lazy("reason", "Nobody there to do it")
    SOLD_OUT = "sold_out", pgettext_lazy("reason", "Nothing left")
    LEAVING = "leaving", pgettext_lazy("reason", "No longer takes part")


@transaction.atomic
def cancel(redemption: Redemption, *, by: User) -> Redemption:
    """The member gives the voucher back in time; all beans return on their own days. Twice is once.

    Refuses with not_yours, cancel_too_late, not_open.
    """
    if by.pk != redemption.member_id:
        raise errors.NotYours()
    lock_reward_of(redemption)
    current = fresh(redemption)  # after the lock: it may have been moved to another time meanwhile
    if current.state == State.CANCELLED:
        return current
    if not current.is_issued:
        raise errors.NotOpen(state=current.get_state_display())
    if not current.can_be_cancelled or current.is_expired:
        raise errors.CancelTooLate(until=moment(current.cancel_until or current.expires_at))
    if not take_out(current, State.CANCELLED):
        return cancel(redemption, by=by)  # the desk or another tap was first: say what became of it
    return return_all(current, by=by, reason=CANCELLED)


@transaction.atomic
def provider_cancel(redemption: Redemption, *, by: User, reason: str) -> Redemption:
    """The provider cannot serve: everything returns, whatever the hour. Twice is once.

    `by` works at the provider's desk or manages rewards there. Refuses with not_allowed, unknown_reason,
    not_open.
    """
    provider = redemption.reward.provider
    if not may_act_for(provider, by):
        raise errors.NotAllowed()
    if reason not in CancelReason.values:
        raise errors.UnknownReason()
    lock_reward_of(redemption)
    current = fresh(redemption)
    if current.state == State.PROVIDER_CANCELLED:
        return current
    if not take_out(current, State.PROVIDER_CANCELLED):
        raise errors.NotOpen(state=fresh(redemption).get_state_display())
    return_all(current, by=by, reason=reason)
    beans = int(current.price.amount)
    tell_member(current, notices.PROVIDER_CANCELLED, provider=provider.name, beans=beans)
    return current


def cancel_for_closing(member: User) -> int:
    """The member's account is being closed: every open voucher ends and its beans return, whatever the hour.

    Each in its own transaction, so that a desk that hands one over at this moment wins or loses that one
    only. Returns how many ended; run again, it does nothing twice. Refuses with the ledger's kind_halted.
    """
    done = 0
    for redemption in Redemption.objects.issued().filter(member=member).order_by("pk"):
        with transaction.atomic():
            lock_reward_of(redemption)
            current = fresh(redemption)
            if take_out(current, State.CANCELLED):
                return_all(current, by=None, reason=CLOSED_ACCOUNT)
                done += 1
    return done


def may_act_for(provider: Provider, by: User) -> bool:
    """Whether `by` may act in the provider's name: current staff, or who manages rewards there."""
    if Provider.objects.staffed_by(by).filter(pk=provider.pk).exists():
        return True
    return policies.can(by, policies.Action.MANAGE_REWARDS, provider.grid)


def expire_due(now: dt.datetime | None = None) -> int:
    """End every voucher whose last moment has passed and return its beans. Returns how many.

    Each in its own transaction, so one that is refused (redemptions halted, say) waits for the next run and
    does not keep the others. Run twice, or by two workers, it does nothing twice.
    """
    at = now or clock.now()
    done = 0
    for pk in Redemption.objects.due(at).order_by("expires_at", "pk").values_list("pk", flat=True):
        try:
            done += _expire(pk, at)
        except Refusal as refusal:
            logger.error("voucher %s could not be expired: %s", pk, refusal.code)
    return done


@transaction.atomic
def _expire(pk: int, at: dt.datetime) -> int:
    lock_reward_of(fresh(pk))
    redemption = fresh(pk)
    if not Redemption.objects.due(at).filter(pk=pk).update(state=State.EXPIRED, ended_at=clock.now()):
        return 0
    lost = lost_by_expiry(redemption)
    return_all(redemption, by=None, reason=EXPIRED, forfeited=lost)
    tell_member(redemption, notices.EXPIRED, beans=int(redemption.price.amount) - lost, lost=lost)
    return 1


def lost_by_expiry(redemption: Redemption) -> int:
    """How many beans of an unused voucher stay away: none for the first ones, then as the reward says.

    Counted are the vouchers of the same reward that expired within a year before; rounded for the member.
    """
    reward = redemption.reward
    if reward.free_expiries is None:
        return 0
    since = clock.now() - dt.timedelta(days=YEAR)
    earlier = Redemption.objects.filter(
        reward=reward, member=redemption.member, state=State.EXPIRED, ended_at__gte=since
    ).exclude(pk=redemption.pk)
    if earlier.count() < reward.free_expiries:
        return 0
    return int(redemption.price.amount) * (100 - reward.expiry_percent) // 100


def remind_due(now: dt.datetime | None = None) -> int:
    """Tell members of tomorrow's appointments, and of vouchers that end within three days; each once."""
    at = now or clock.now()
    tomorrow = timezone.localdate(at) + dt.timedelta(days=1)
    rows = Redemption.objects.issued().select_related("member", "reward__provider", "slot")
    told = 0
    for row in rows.filter(slot__starts_at__date=tomorrow):
        assert row.slot is not None
        told += notify(
            [row.member],
            notices.REMINDER,
            key=f"redemption:{row.pk}:{row.slot_id}",
            url=row.get_absolute_url(),
            reward=row.reward.title,
            provider=row.reward.provider.name,
            address=row.reward.provider.address,
            starts_at=row.slot.starts_at,
        )
    soon = at + dt.timedelta(days=REMIND_DAYS)
    for row in rows.filter(slot__isnull=True, expires_at__gte=at, expires_at__lte=soon):
        told += tell_member(row, notices.EXPIRING, until_at=row.expires_at)
    return told


def tell_member(redemption: Redemption, kind: NoticeKind, **values: Value) -> int:
    """One notice of a kind about one redemption; the same again tells nobody twice."""
    return notify(
        [redemption.member],
        kind,
        key=f"redemption:{redemption.pk}",
        url=redemption.get_absolute_url(),
        reward=redemption.reward.title,
        **values,
    )


def fresh(redemption: Redemption | int) -> Redemption:
    pk = redemption if isinstance(redemption, int) else redemption.pk
    return Redemption.objects.select_related("member", "reward__provider", "slot").get(pk=pk)


def lock_reward_of(redemption: Redemption) -> None:
    """The reward before its voucher, its times and the ledger: the order in which `redeem` locks."""
    rows = Reward.objects.filter(pk=redemption.reward_id)
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))


def take_out(redemption: Redemption, state: str) -> bool:
    """Take the voucher out of "issued", under the lock of its reward; False when somebody else was first."""
    changed = Redemption.objects.filter(pk=redemption.pk, state=State.ISSUED)
    return bool(changed.update(state=state, ended_at=clock.now()))


def return_all(redemption: Redemption, *, by: User | None, reason: str, forfeited: int = 0) -> Redemption:
    """Stock, place and beans go back. Called only by whoever took the voucher out of "issued"."""
    slot = redemption.slot
    if slot is None:
        Reward.objects.filter(pk=redemption.reward_id, stock__isnull=False).update(stock=F("stock") + 1)
        if redemption.option_id:
            there = RewardOption.objects.filter(pk=redemption.option_id, stock__isnull=False)
            there.update(stock=F("stock") + 1)
    elif reason not in MISSED:  # a time that was missed is not free any more
        Slot.objects.filter(pk=slot.pk, taken__gt=0).update(taken=F("taken") - 1)
    tell(redemption.reward)
    end = give_back(redemption, by=by, reason=reason, forfeited=forfeited)
    Redemption.objects.filter(pk=redemption.pk).update(end_transaction=end, forfeited=forfeited)
    redemption.refresh_from_db(fields=["state", "ended_at", "end_transaction", "forfeited"])
    return redemption
