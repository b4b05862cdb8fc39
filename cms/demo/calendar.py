"""Four months of activities and three weeks to come: what happens where and when, before it is written.

The plan is made of plain values from a seeded generator, so that the same day and the same seed always give
the same town. A week has a rhythm: meals on weekdays, classes in the evening, courtyards at the weekend.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field, replace

from django.utils import timezone

from cms.demo import town
from cms.demo.kinds import CAMPAIGN, DRAIN, KINDS, Kind, kind

WEEKS = 17
"""Weeks of history: four months."""
WEEKS_AHEAD = 3
CAMPAIGN_PEOPLE = 200
CAMPAIGN_WEEKS_AGO = 6
PEICUN_PER_WEEK = 2
SONGSHAN_ACTIVITIES = 90
OPENS_DAYS_BEFORE = 9
Times = list[tuple[dt.datetime, dt.datetime]]


@dataclass(frozen=True)
class Plan:
    """One activity to come into being. `seats` overrides the capacities; `fill` is the share signed up."""

    kind: Kind
    grid: str
    times: Times
    opens_at: dt.datetime
    fill: float = 0.85
    seats: tuple[int, ...] = ()
    people: int | None = None
    is_draft: bool = False
    cancelled_at: dt.datetime | None = None
    reason: str = ""
    is_live: bool = False
    confirm: bool = True
    confirm_hours: int | None = None
    everybody_comes: bool = False
    with_volunteer: bool = False
    capacities: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        wanted = self.seats or tuple(capacity for _name, capacity in self.kind.positions)
        object.__setattr__(self, "capacities", wanted)

    @property
    def community(self) -> str:
        """The code of the community: `SS-03-02` → `SS-03`, `PC-02` → `PC`."""
        parts = self.grid.split("-")
        return parts[0] if parts[0] == town.PEICUN else "-".join(parts[:2])


def local(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """An aware moment of the town's local time."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))


def times_of(one: Kind, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    start = local(day, *one.start)
    return start, start + dt.timedelta(minutes=one.minutes)


def first_day(today: dt.date) -> dt.date:
    """The Monday on which the town's history begins."""
    return today - dt.timedelta(days=today.weekday(), weeks=WEEKS)


def make_plans(rng: random.Random, now: dt.datetime, *, small: bool = False) -> list[Plan]:
    """Everything that is to happen, in order of opening. `small`: 裴村 alone."""
    today = timezone.localdate(now)
    monday = first_day(today)
    plans: list[Plan] = []
    communities = town.community_codes()
    weeks = WEEKS + WEEKS_AHEAD
    songshan = town.shares(SONGSHAN_ACTIVITIES * weeks // WEEKS, weeks)
    for week in range(weeks):
        start = monday + dt.timedelta(weeks=week)
        for number in range(PEICUN_PER_WEEK + (week % 3 == 0)):
            busy = number == 0 or (number == 1 and week % 2 == 0)
            plans.append(_ordinary(rng, start, town.PEICUN, grids=town.PEICUN_GRIDS, busy=busy))
        if not small:
            for number in range(songshan[week]):
                community = communities[(week * 5 + number * 3) % len(communities)]
                plans.append(_ordinary(rng, start, community, grids=8))
    specials = _specials(now)
    taken = {(plan.kind.title, plan.community) for plan in specials}
    plans = [plan for plan in plans if not _is_around(plan, now)]
    plans = [
        plan for plan in plans if plan.times[0][0] < now or (plan.kind.title, plan.community) not in taken
    ]
    if not small:
        plans += _big_days(today)
    plans += specials
    moments = [replace(plan, opens_at=min(plan.opens_at, _just_before(now, rng))) for plan in plans]
    return sorted(moments, key=lambda plan: (plan.opens_at, plan.grid, plan.times[0]))


def _ordinary(rng: random.Random, monday: dt.date, community: str, *, grids: int, busy: bool = False) -> Plan:
    one = rng.choices(KINDS, [one.weight for one in KINDS])[0]
    day = monday + dt.timedelta(days=rng.choice(one.weekdays))
    grid = community if rng.random() < 0.5 else f"{community}-{rng.randint(1, grids):02d}"
    times = [times_of(one, day)]
    if one.minutes <= 120 and rng.random() < 0.15:  # a second shift in the afternoon or the next morning
        times.append(times_of(one, day + dt.timedelta(days=1)))
    opens_at = local(day, 8, 30) - dt.timedelta(days=OPENS_DAYS_BEFORE + rng.randint(-2, 4))
    return Plan(one, grid, times, opens_at, fill=rng.uniform(0.55, 0.95), with_volunteer=busy)


def _is_around(plan: Plan, now: dt.datetime) -> bool:
    """Whether a plan touches the present moment: the present is arranged by hand."""
    near = dt.timedelta(hours=6)
    return any(start - near <= now <= end + near for start, end in plan.times)


def _just_before(now: dt.datetime, rng: random.Random) -> dt.datetime:
    return now - dt.timedelta(hours=rng.randint(60, 96))


def _big_days(today: dt.date) -> list[Plan]:
    """The five-day campaign of two hundred people, and the drain job of ten people and four hours."""
    monday = today - dt.timedelta(days=today.weekday(), weeks=CAMPAIGN_WEEKS_AGO)
    days = [times_of(CAMPAIGN, monday + dt.timedelta(days=number)) for number in range(5)]
    saturday = monday - dt.timedelta(days=9)
    return [
        Plan(
            CAMPAIGN,
            town.SONGSHAN,
            days,
            local(monday, 8) - dt.timedelta(days=14),
            people=CAMPAIGN_PEOPLE,
            everybody_comes=True,
        ),
        Plan(
            DRAIN,
            "SS-04",
            [times_of(DRAIN, saturday)],
            local(saturday, 8) - dt.timedelta(days=7),
            fill=1,
            everybody_comes=True,
        ),
    ]


def _specials(now: dt.datetime) -> list[Plan]:
    """What a visitor should find today: one running, one full, one nearly full, a draft, one called off."""
    today = timezone.localdate(now)
    running = now - dt.timedelta(
        minutes=20 + now.minute % 5, seconds=now.second, microseconds=now.microsecond
    )
    ended = now - dt.timedelta(
        hours=5, minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond
    )

    def ahead(title: str, days: int) -> Times:
        return [times_of(kind(title), today + dt.timedelta(days=days))]

    opened = now - dt.timedelta(days=6)
    return [
        Plan(
            kind("楼院大扫除"),
            "PC-02",
            [(running, running + dt.timedelta(hours=3))],
            opened,
            fill=0.7,
            is_live=True,
            with_volunteer=True,
        ),
        Plan(
            kind("小修小补便民日"),
            "PC",
            [(ended - dt.timedelta(hours=2), ended)],
            opened,
            fill=0.9,
            confirm=False,
        ),
        Plan(
            kind("反诈宣传进楼院"), "PC-02", ahead("反诈宣传进楼院", 2), opened, fill=0.5, with_volunteer=True
        ),
        Plan(kind("独居老人送餐"), "PC", ahead("独居老人送餐", 3), opened, fill=1),
        Plan(kind("健康义诊"), "PC", ahead("健康义诊", 6), opened, people=10),
        Plan(kind("书香读书会"), "PC", ahead("书香读书会", 9), opened, fill=0.4),
        Plan(kind("睦邻文化节"), "PC", ahead("睦邻文化节", 16), opened, is_draft=True, fill=0),
        Plan(
            kind("戏曲演出志愿服务"),
            "PC",
            ahead("戏曲演出志愿服务", 5),
            opened,
            fill=0.6,
            cancelled_at=now - dt.timedelta(hours=20),
            reason="预报有大雨，改期后另行通知",
        ),
    ]
