"""Finding activities: by place, time, kind, free seats and words in the title."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from points import clock
from points.activities.models import Activity, Position, Shift
from points.grids.models import GridUnit
from points.schemes.services import lineage

COMMUNITY_LEVELS = (GridUnit.Level.COMMUNITY, GridUnit.Level.VILLAGE)
TODAY, WEEK, WEEKEND, MONTH = "today", "week", "weekend", "month"


def midnight(day: dt.date) -> dt.datetime:
    """The beginning of a local day."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def span_of(when: str, from_day: dt.date | None = None) -> tuple[dt.datetime, dt.datetime | None]:
    """The time meant by a choice, as [start, end); an end of None is open. Never before now."""
    today = clock.today()
    monday = today - dt.timedelta(days=today.weekday())
    next_monday = monday + dt.timedelta(days=7)
    now = clock.now()
    if when == TODAY:
        return now, midnight(today + dt.timedelta(days=1))
    if when == WEEK:
        return now, midnight(next_monday)
    if when == WEEKEND:
        return max(now, midnight(monday + dt.timedelta(days=5))), midnight(next_monday)
    if when == MONTH:
        first_of_next = (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        return now, midnight(first_of_next)
    if from_day is not None:
        return max(now, midnight(from_day)), None
    return now, None


def find(
    *,
    start: dt.datetime,
    end: dt.datetime | None = None,
    grid: GridUnit | None = None,
    category: str = "",
    words: str = "",
    free_only: bool = False,
) -> QuerySet[Activity]:
    """Open activities with a shift in [start, end), soonest first; `next_at` is when that shift starts."""
    shifts = Shift.objects.filter(activity=OuterRef("pk"), ends_at__gt=start)
    if end is not None:
        shifts = shifts.filter(starts_at__lt=end)
    if free_only:
        free = Position.objects.filter(shift=OuterRef("pk"), seats_taken__lt=F("capacity"))
        shifts = shifts.filter(Exists(free), starts_at__gt=clock.now())
    found = Activity.objects.open()
    if grid is not None:
        found = found.in_subtree(grid)
    if category:
        found = found.filter(category=category)
    for word in words.split():
        found = found.filter(title__icontains=word)
    soonest = Subquery(shifts.order_by("starts_at").values("starts_at")[:1])
    return found.annotate(next_at=soonest).filter(next_at__isnull=False).order_by("next_at", "pk")


def nearby(home: GridUnit) -> GridUnit:
    """What counts as near: the community a home lies in (or the home's own unit above that). One query."""
    above = GridUnit.objects.filter(path__in=lineage(home), level__in=COMMUNITY_LEVELS)
    return above.order_by("-path").first() or home


def places_with_activities(also: Iterable[GridUnit] = ()) -> list[GridUnit]:
    """The units one can filter by: those with something open, and everything above them, in tree order."""
    paths = set(Activity.objects.open().order_by().values_list("grid__path", flat=True).distinct())
    paths |= {grid.path for grid in also}
    step = GridUnit.steplen
    wanted = {path[:end] for path in paths for end in range(step, len(path) + 1, step)}
    return list(GridUnit.objects.filter(path__in=wanted).order_by("path"))
