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
from django.utils.translation import pgettext_lazy

from points import clock
from points.dates import moment
from points.grids import policies
from points.refusals import Refusal
from rewards import errors
from rewards.models import Provider, Redemption, Reward, Slot
from rewards.services.holding import give_back

if TYPE_CHECKING:
    from points.people.models import User

logger = logging.getLogger(__name__)
State = Redemption.State
CANCELLED = "cancelled"
EXPIRED = "expired"
CLOSED_ACCOUNT = "closed_account"


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
    current = _fresh(redemption)
    if current.state == State.CANCELLED:
        return current
    if not current.is_issued:
        raise errors.NotOpen(state=current.get_state_display())
    if not current.can_be_cancelled or current.is_expired:
        raise errors.CancelTooLate(until=moment(current.cancel_until or current.expires_at))
    if not _take_out(current, State.CANCELLED):
        return cancel(redemption, by=by)  # the desk or another tap was first: say what became of it
    return _return_all(current, by=by, reason=CANCELLED)


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
    current = _fresh(redemption)
    if current.state == State.PROVIDER_CANCELLED:
        return current
    if not _take_out(current, State.PROVIDER_CANCELLED):
        raise errors.NotOpen(state=_fresh(redemption).get_state_display())
    return _return_all(current, by=by, reason=reason)


def cancel_for_closing(member: User) -> int:
    """The member's account is being closed: every open voucher ends and its beans return, whatever the hour.

    Each in its own transaction, so that a desk that hands one over at this moment wins or loses that one
    only. Returns how many ended; run again, it does nothing twice. Refuses with the ledger's kind_halted.
    """
    done = 0
    for pk in Redemption.objects.issued().filter(member=member).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            current = _fresh(pk)
            if _take_out(current, State.CANCELLED):
                _return_all(current, by=None, reason=CLOSED_ACCOUNT)
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
    if not Redemption.objects.due(at).filter(pk=pk).update(state=State.EXPIRED, ended_at=clock.now()):
        return 0
    _return_all(_fresh(pk), by=None, reason=EXPIRED)
    return 1


def _fresh(redemption: Redemption | int) -> Redemption:
    pk = redemption if isinstance(redemption, int) else redemption.pk
    return Redemption.objects.select_related("member", "reward__provider", "slot").get(pk=pk)


def _take_out(redemption: Redemption, state: str) -> bool:
    changed = Redemption.objects.filter(pk=redemption.pk, state=State.ISSUED)
    return bool(changed.update(state=state, ended_at=clock.now()))


def _return_all(redemption: Redemption, *, by: User | None, reason: str) -> Redemption:
    """Stock, place and beans go back. Called only by whoever took the voucher out of "issued"."""
    if redemption.slot_id is None:
        Reward.objects.filter(pk=redemption.reward_id, stock__isnull=False).update(stock=F("stock") + 1)
    elif reason != EXPIRED:  # a time that was missed is not free any more
        Slot.objects.filter(pk=redemption.slot_id, taken__gt=0).update(taken=F("taken") - 1)
    end = give_back(redemption, by=by, reason=reason)
    Redemption.objects.filter(pk=redemption.pk).update(end_transaction=end)
    redemption.refresh_from_db(fields=["state", "ended_at", "end_transaction"])
    return redemption
