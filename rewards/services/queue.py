"""Sold out: who wants to be told when it is there again, and telling them. Nothing is reserved."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q

from points import clock
from points.people.models import User as Person
from points.people.notices import notify
from rewards import errors, notices
from rewards.models import Reward, Slot, Waiting

if TYPE_CHECKING:
    from points.people.models import User


def is_sold_out(reward: Reward) -> bool:
    """Whether nothing is left: no stock, no free time, none of the choices."""
    if reward.kind == Reward.Kind.APPOINTMENT:
        first = clock.now() + dt.timedelta(hours=reward.lead_hours)
        return not Slot.objects.filter(
            reward_id=reward.pk, starts_at__gt=first, taken__lt=F("capacity")
        ).exists()
    if reward.stock == 0:
        return True
    options = reward.options.filter(is_open=True)
    return options.exists() and not options.filter(Q(stock__isnull=True) | Q(stock__gt=0)).exists()


@transaction.atomic
def join(reward: Reward, *, member: User) -> Waiting:
    """Ask to be told when `reward` is there again. Asked twice, it is one request.

    Refuses with still_there.
    """
    locked = Reward.objects.select_for_update(of=("self",), no_key=True).get(pk=reward.pk)
    if not is_sold_out(locked):
        raise errors.StillThere()
    waiting, _made = Waiting.objects.get_or_create(
        reward=locked, member=member, ended_at=None, defaults={"since": clock.now()}
    )
    return waiting


def leave(reward: Reward, *, member: User) -> bool:
    """Ask no longer; whether there was anything to take back."""
    mine = Waiting.objects.open().filter(reward=reward, member=member)
    return bool(mine.update(ended_at=clock.now()))


@transaction.atomic
def tell(reward: Reward) -> int:
    """Tell everybody who waits that it is there again, once; returns how many.

    Called inside the transaction that brought it back, so nobody is told of what was rolled back.
    """
    locked = Reward.objects.select_for_update(of=("self",), no_key=True).get(pk=reward.pk)
    rows = list(Waiting.objects.open().filter(reward=locked).order_by("pk"))
    if not rows or not locked.is_open or is_sold_out(locked):
        return 0
    Waiting.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=clock.now())
    people = Person.objects.in_bulk([row.member_id for row in rows])
    for row in rows:
        notify(
            [people[row.member_id]],
            notices.RESTOCKED,
            key=f"waiting:{row.pk}",
            url=locked.get_absolute_url(),
            reward=locked.title,
        )
    return len(rows)
