"""Demand and waste in numbers: what was redeemed, used, and let go, per week and per reward."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from points import clock
from rewards.models import Redemption, Reward

WEEKS = 12
DAYS = WEEKS * 7
WASTED = ("expired", "no_show")


@dataclass(frozen=True)
class Week:
    """One week from its Monday: how many were redeemed, and how many of those went unused. Drawn as bars."""

    monday: dt.date
    redeemed: int
    wasted: int
    x: int
    height: int
    waste_height: int

    @property
    def y(self) -> int:
        return CHART_HEIGHT - self.height

    @property
    def waste_y(self) -> int:
        return CHART_HEIGHT - self.waste_height


CHART_HEIGHT, BAR_STEP = 120, 50


@dataclass(frozen=True)
class Line:
    """One reward in the last twelve weeks."""

    title: str
    provider: str
    redeemed: int
    used: int
    wasted: int
    waiting: int
    yuan: Decimal | None
    """Face value of what was used, for reports; None where the reward has none."""

    @property
    def waste_percent(self) -> int:
        return round(self.wasted * 100 / self.redeemed) if self.redeemed else 0


def by_week(scope: Q) -> list[Week]:
    """The last twelve weeks, this one included; `scope` filters redemptions."""
    today = clock.today()
    first = today - dt.timedelta(days=today.weekday(), weeks=WEEKS - 1)
    counted = {first + dt.timedelta(weeks=number): [0, 0] for number in range(WEEKS)}
    start = timezone.make_aware(dt.datetime.combine(first, dt.time()))
    rows = Redemption.objects.filter(scope, redeemed_at__gte=start).values_list("redeemed_at", "state")
    for at, state in rows.iterator():
        day = timezone.localdate(at)
        sums = counted.get(day - dt.timedelta(days=day.weekday()))
        if sums is not None:
            sums[0] += 1
            sums[1] += state in WASTED
    most = max((redeemed for redeemed, _wasted in counted.values()), default=0) or 1
    return [
        Week(monday, redeemed, wasted, at * BAR_STEP, *_heights(most, redeemed, wasted))
        for at, (monday, (redeemed, wasted)) in enumerate(counted.items())
    ]


def _heights(most: int, *numbers: int) -> list[int]:
    return [number * CHART_HEIGHT // most for number in numbers]


def by_reward(rewards: QuerySet[Reward]) -> list[Line]:
    """What became of each reward in the last twelve weeks, the most wanted first. One query."""
    start = clock.now() - dt.timedelta(days=DAYS)
    recent = Q(redemptions__redeemed_at__gte=start)

    def number(*states: str) -> Count:
        return Count("redemptions", filter=recent & Q(redemptions__state__in=states), distinct=True)

    rows = rewards.annotate(
        redeemed=Count("redemptions", filter=recent, distinct=True),
        used=number("fulfilled"),
        wasted=number(*WASTED),
        in_queue=Count("waiting", filter=Q(waiting__ended_at__isnull=True), distinct=True),
    ).select_related("provider")
    return [
        Line(
            row.title,
            row.provider.name,
            row.redeemed,
            row.used,
            row.wasted,
            row.in_queue,
            row.face_value.amount * row.used if row.face_value is not None else None,
        )
        for row in rows.order_by("-redeemed", "title", "pk")
        if row.redeemed or row.in_queue
    ]
