"""The times of a service by appointment: one by one, or from a weekly plan that is looked at first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from points import clock
from points.dates import day as day_name
from rewards import errors
from rewards.models import Reward, Slot
from rewards.services.ending import may_act_for
from rewards.services.queue import tell
from rewards.services.redeeming import lock_reward

if TYPE_CHECKING:
    from points.people.models import User

MOST_DAYS = 92
MOST_TIMES = 500


class Skipped(models.TextChoices):
    """Why a time of a plan is left out."""

    PAST = "past", pgettext_lazy("plan", "already past")
    CLOSED = "closed", pgettext_lazy("plan", "closed that day")
    OUTSIDE = "outside", pgettext_lazy("plan", "outside the opening hours")
    THERE = "there", pgettext_lazy("plan", "there already")


@dataclass(frozen=True)
class WeeklyPlan:
    """On these days of the week, from a time of day until another, again and again between two days."""

    weekdays: frozenset[int]
    first: dt.time
    until: dt.time
    minutes: int
    capacity: int
    from_on: dt.date
    to_on: dt.date

    def times(self) -> list[dt.datetime]:
        """Every time of the plan; the last of a day ends by `until`."""
        found = []
        for number in range((self.to_on - self.from_on).days + 1):
            day = self.from_on + dt.timedelta(days=number)
            if day.weekday() not in self.weekdays:
                continue
            at = timezone.make_aware(dt.datetime.combine(day, self.first))
            end = timezone.make_aware(dt.datetime.combine(day, self.until))
            while at + dt.timedelta(minutes=self.minutes) <= end:
                found.append(at)
                at += dt.timedelta(minutes=self.minutes)
        return found


@dataclass(frozen=True)
class Preview:
    """What carrying out a plan would add, and what it leaves out and why."""

    starts: tuple[dt.datetime, ...]
    skipped: tuple[tuple[dt.datetime, Skipped], ...]


def preview(reward: Reward, plan: WeeklyPlan) -> Preview:
    """Look at a plan; nothing is written.

    Refuses with no_appointments, bad_slots, days_backwards, plan_too_long.
    """
    if reward.kind != Reward.Kind.APPOINTMENT:
        raise errors.NoAppointments()
    if plan.minutes <= 0 or plan.capacity <= 0 or not plan.weekdays:
        raise errors.BadSlots()
    if plan.to_on < plan.from_on or plan.to_on < clock.today():
        raise errors.DaysBackwards()
    times = plan.times() if (plan.to_on - plan.from_on).days < MOST_DAYS else None
    if times is None or len(times) > MOST_TIMES:
        raise errors.PlanTooLong(days=MOST_DAYS, times=MOST_TIMES)
    there = set(reward.slots.filter(starts_at__in=times).values_list("starts_at", flat=True))
    closed = list(reward.provider.closed_days.values_list("from_on", "to_on"))
    spans = list(reward.provider.spans.values_list("weekday", "opens", "closes"))
    starts, skipped = [], []
    for at in times:
        why = _why_not(at, plan.minutes, there, closed, spans)
        if why is None:
            starts.append(at)
        else:
            skipped.append((at, why))
    return Preview(tuple(starts), tuple(skipped))


def _why_not(
    at: dt.datetime,
    minutes: int,
    there: set[dt.datetime],
    closed: list[tuple[dt.date, dt.date]],
    spans: list[tuple[int, dt.time, dt.time]],
) -> Skipped | None:
    here = timezone.localtime(at)
    if at <= clock.now():
        return Skipped.PAST
    if any(first <= here.date() <= last for first, last in closed):
        return Skipped.CLOSED
    end = here + dt.timedelta(minutes=minutes)
    open_then = (
        weekday == here.weekday() and opens <= here.time() and end.time() <= closes
        for weekday, opens, closes in spans
    )
    if spans and not (end.date() == here.date() and any(open_then)):
        return Skipped.OUTSIDE
    return Skipped.THERE if at in there else None


def carry_out(reward: Reward, plan: WeeklyPlan, *, by: User) -> list[Slot]:
    """Offer every time that `preview` shows. Carried out twice, nothing is there twice."""
    starts = preview(reward, plan).starts
    if not starts:
        return []
    return add_slots(reward, starts=starts, by=by, minutes=plan.minutes, capacity=plan.capacity)


@transaction.atomic
def add_slots(
    reward: Reward, *, starts: Iterable[dt.datetime], by: User, minutes: int = 30, capacity: int = 1
) -> list[Slot]:
    """Offer these times; those already there stay as they are. Returns the new ones; who waits is told.

    `by` works at the provider's desk or manages rewards there. Refuses with not_allowed, no_appointments,
    bad_slots, day_closed.
    """
    if not may_act_for(reward.provider, by):
        raise errors.NotAllowed()
    if reward.kind != Reward.Kind.APPOINTMENT:
        raise errors.NoAppointments()
    wanted = sorted(set(starts))
    if not wanted or wanted[0] <= clock.now() or minutes <= 0 or capacity <= 0:
        raise errors.BadSlots()
    lock_reward(reward.pk)
    closed = list(reward.provider.closed_days.values_list("from_on", "to_on"))
    for at in wanted:
        day = timezone.localdate(at)
        if any(first <= day <= last for first, last in closed):
            raise errors.DayClosed(provider=reward.provider.name, day=day_name(day))
    there = set(reward.slots.filter(starts_at__in=wanted).values_list("starts_at", flat=True))
    made = Slot.objects.bulk_create(
        Slot(reward=reward, starts_at=at, minutes=minutes, capacity=capacity)
        for at in wanted
        if at not in there
    )
    if made:
        tell(reward)
    return made
