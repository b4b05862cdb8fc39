"""Times of a service by appointment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from points import clock
from rewards import errors
from rewards.models import Reward, Slot
from rewards.services.ending import may_act_for

if TYPE_CHECKING:
    from points.people.models import User


def every(first: dt.datetime, *, minutes: int, until: dt.time, days: Iterable[dt.date]) -> list[dt.datetime]:
    """Times of day from that of `first` to `until` (the last one ends by then), on each of `days`."""
    times = []
    for day in days:
        start = first.replace(year=day.year, month=day.month, day=day.day)
        end = start.replace(hour=until.hour, minute=until.minute)
        while start + dt.timedelta(minutes=minutes) <= end:
            times.append(start)
            start += dt.timedelta(minutes=minutes)
    return times


@transaction.atomic
def add_slots(
    reward: Reward, *, starts: Iterable[dt.datetime], by: User, minutes: int = 30, capacity: int = 1
) -> list[Slot]:
    """Offer these times; those already there stay as they are. Returns the new ones.

    `by` works at the provider's desk or manages rewards there. Refuses with not_allowed, no_appointments,
    bad_slots.
    """
    if not may_act_for(reward.provider, by):
        raise errors.NotAllowed()
    if reward.kind != Reward.Kind.APPOINTMENT:
        raise errors.NoAppointments()
    wanted = sorted(set(starts))
    if not wanted or wanted[0] <= clock.now() or minutes <= 0 or capacity <= 0:
        raise errors.BadSlots()
    there = set(reward.slots.filter(starts_at__in=wanted).values_list("starts_at", flat=True))
    return Slot.objects.bulk_create(
        Slot(reward=reward, starts_at=at, minutes=minutes, capacity=capacity)
        for at in wanted
        if at not in there
    )
