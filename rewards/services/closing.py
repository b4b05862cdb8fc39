"""A provider closes for some days, stops a reward, or leaves: everybody concerned gets everything back.

Open vouchers go back one by one, each in its own transaction, so that a thousand of them neither block the
desk nor fail together. Run again, it goes on where it stopped.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, QuerySet

from points import clock
from points.grids import policies
from points.refusals import Refusal
from rewards import errors
from rewards.models import ClosedDay, Provider, Redemption, Reward, Slot
from rewards.services.ending import CancelReason, may_act_for, provider_cancel

if TYPE_CHECKING:
    from points.people.models import User

logger = logging.getLogger(__name__)


def open_vouchers(subject: Provider | Reward) -> QuerySet[Redemption]:
    """The open vouchers of a provider or of one reward: what closing it gives back."""
    rows = Redemption.objects.issued().select_related("reward__provider", "member")
    if isinstance(subject, Provider):
        return rows.filter(reward__provider=subject).order_by("pk")
    return rows.filter(reward=subject).order_by("pk")


def close(subject: Provider | Reward, *, by: User, reason: str = CancelReason.LEAVING) -> int:
    """Offer it no longer and give every open voucher back; returns how many.

    A provider that leaves offers none of its rewards. `by` manages rewards there. Refuses with not_allowed,
    unknown_reason.
    """
    provider = subject if isinstance(subject, Provider) else subject.provider
    if not policies.can(by, policies.Action.MANAGE_REWARDS, provider.grid):
        raise errors.NotAllowed()
    if reason not in CancelReason.values:
        raise errors.UnknownReason()
    with transaction.atomic():  # from here on nothing new is redeemed: `redeem` reads it under the same lock
        if isinstance(subject, Provider):
            rows = Reward.objects.filter(provider=subject)
            list(rows.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
            Provider.objects.filter(pk=subject.pk).update(is_active=False)
        else:
            Reward.objects.filter(pk=subject.pk).update(is_open=False)
    return _give_back(open_vouchers(subject), by=by, reason=reason)


def close_days(provider: Provider, from_on: dt.date, to_on: dt.date, *, by: User) -> int:
    """Close for some days: no time of these days can be booked, and appointments on them go back.

    Returns how many. `by` works there or manages rewards there. Refuses with not_allowed, days_backwards.
    """
    if not may_act_for(provider, by):
        raise errors.NotAllowed()
    if to_on < from_on or to_on < clock.today():
        raise errors.DaysBackwards()
    slots = Slot.objects.filter(
        reward__provider=provider,
        starts_at__date__gte=from_on,
        starts_at__date__lte=to_on,
        starts_at__gt=clock.now(),
    )
    with transaction.atomic():
        rows = Reward.objects.filter(provider=provider)
        list(rows.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
        ClosedDay.objects.get_or_create(
            provider=provider, from_on=from_on, to_on=to_on, defaults={"closed_by": by}
        )
        slots.update(capacity=F("taken"))
    mine = open_vouchers(provider).filter(slot__in=slots.values("pk"))
    done = _give_back(mine, by=by, reason=CancelReason.CLOSED)
    slots.update(capacity=F("taken"))
    return done


def is_closed(provider: Provider, day: dt.date) -> bool:
    """Whether a provider has entered the day as closed."""
    return provider.closed_days.filter(from_on__lte=day, to_on__gte=day).exists()


def _give_back(rows: QuerySet[Redemption], *, by: User, reason: str) -> int:
    done = 0
    for pk in list(rows.values_list("pk", flat=True)):
        try:
            provider_cancel(
                Redemption.objects.select_related("reward__provider").get(pk=pk), by=by, reason=reason
            )
            done += 1
        except Refusal as refusal:  # handed over or cancelled at this very moment, or returns are halted
            logger.warning("voucher %s was not given back: %s", pk, refusal.code)
    return done
