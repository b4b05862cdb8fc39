"""Stock that comes and goes by hand, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from points import clock
from rewards import errors
from rewards.models import Reward, RewardOption, StockChange
from rewards.services.ending import may_act_for
from rewards.services.queue import tell

if TYPE_CHECKING:
    from points.people.models import User


@transaction.atomic
def change_stock(
    reward: Reward,
    change: int,
    *,
    by: User,
    reason: str,
    note: str = "",
    option: RewardOption | None = None,
) -> StockChange:
    """Add to the stock of a reward or of one choice, or take from it; who waits is told.

    `by` works at the provider's desk or manages rewards there. Refuses with not_allowed, nothing_changes,
    unknown_reason, no_such_stock, stock_below_zero.
    """
    if not may_act_for(reward.provider, by):
        raise errors.NotAllowed()
    if change == 0:
        raise errors.NothingChanges()
    if reason not in StockChange.Reason.values:
        raise errors.UnknownReason()
    locked = Reward.objects.select_for_update(of=("self",), no_key=True).get(pk=reward.pk)
    row: Reward | RewardOption = locked
    if option is not None:
        row = RewardOption.objects.get(pk=option.pk, reward=locked)
    if row.stock is None:
        raise errors.NoSuchStock()
    if row.stock + change < 0:
        raise errors.StockBelowZero(left=row.stock)
    row.stock += change
    row.save(update_fields=["stock"])
    made = StockChange.objects.create(
        reward=locked,
        option=option,
        change=change,
        left=row.stock,
        reason=reason,
        note=note[:100],
        by=by,
        at=clock.now(),
    )
    if change > 0:
        tell(locked)
    return made
