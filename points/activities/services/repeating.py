"""The same again: copies, weekly series, campaigns of several days (F-O1, S11).

Every activity that comes from repeating stands alone: it can be edited and called off by itself, or with all
later ones of its series. Times keep their hour on the wall; a day that is already there is not made twice, so
a second press of the same button changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from points import clock
from points.activities import errors
from points.activities.models import Activity, Qualification, Series, Shift
from points.activities.services.organising import (
    PositionPlan,
    ShiftPlan,
    cancel_activity,
    publish,
    save_activity,
)
from points.people.models import User
from points.refusals import Refusal

MAX_REPEATS = 52
MAX_SHIFTS = 30
"""How many shifts one activity can have on the organiser's page."""

FACTS = (
    "title",
    "grid",
    "category",
    "summary",
    "description",
    "place",
    "bring",
    "risk_note",
    "is_risky",
    "is_insured",
    "is_service",
    "min_age",
    "max_age",
    "organization",
    "contact_phone",
    "cover",
)


def first_day(activity: Activity) -> dt.date:
    """The local day of the first shift. Raises NoShifts."""
    first = activity.shifts.order_by("starts_at").first()
    if first is None:
        raise errors.NoShifts
    return timezone.localdate(first.starts_at)


def moved(moment: dt.datetime, days: int) -> dt.datetime:
    """The same hour on the wall, so many days later."""
    here = timezone.localtime(moment).replace(tzinfo=None)
    return timezone.make_aware(here + dt.timedelta(days=days))


def moved_plan(plan: ShiftPlan, days: int) -> ShiftPlan:
    return ShiftPlan(
        starts_at=moved(plan.starts_at, days),
        ends_at=moved(plan.ends_at, days),
        signup_closes_at=moved(plan.signup_closes_at, days) if plan.signup_closes_at else None,
        cancel_until=moved(plan.cancel_until, days) if plan.cancel_until else None,
        positions=[PositionPlan(each.name, each.capacity) for each in plan.positions],
    )


def plan_of(shift: Shift) -> ShiftPlan:
    """The shift as it stands, by which it can be written again or copied."""
    return ShiftPlan(
        pk=shift.pk,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        signup_closes_at=shift.signup_closes_at,
        cancel_until=shift.cancel_until,
        positions=[PositionPlan(each.name, each.capacity, each.pk) for each in shift.positions.all()],
    )


def plans_of(activity: Activity) -> list[ShiftPlan]:
    return [plan_of(shift) for shift in activity.shifts.prefetch_related("positions")]


def make_copy(
    activity: Activity, *, by: User, days: int, organiser: User, series: Series | None = None
) -> Activity:
    copy = Activity(organiser=organiser, series=series, **{name: getattr(activity, name) for name in FACTS})
    save_activity(copy, by=by, shifts=[moved_plan(plan, days) for plan in plans_of(activity)])
    copy.needs.set(activity.needs.all())
    return copy


def copy_activity(activity: Activity, *, by: User, first_on: dt.date) -> Activity:
    """A draft like this one, its first shift on another day, nobody in it. Raises NoShifts, DayOver."""
    if first_on < clock.today():
        raise errors.DayOver
    with transaction.atomic():
        return make_copy(activity, by=by, days=(first_on - first_day(activity)).days, organiser=by)


def repeat_weekly(
    activity: Activity,
    *,
    by: User,
    times: int | None = None,
    until: dt.date | None = None,
    every_weeks: int = 1,
) -> list[Activity]:
    """Make the same again each week: so many times, or up to and including a day. Open ones are opened too.

    Days that have passed and days the series already has are left out. Raises ActivityCancelled, NoShifts,
    RepeatNothing, RepeatTooMany.
    """
    if (times is None) == (until is None) or every_weeks < 1 or (times is not None and times < 1):
        raise errors.RepeatNothing
    if times is not None and times > MAX_REPEATS:
        raise errors.RepeatTooMany(limit=MAX_REPEATS)
    with transaction.atomic():
        mine = Activity.objects.select_for_update(of=("self",), no_key=True).get(pk=activity.pk)
        if mine.state == Activity.State.CANCELLED:
            raise errors.ActivityCancelled
        start = first_day(mine)
        steps = [7 * every_weeks * step for step in range(1, (times or MAX_REPEATS + 1) + 1)]
        wanted = [days for days in steps if until is None or start + dt.timedelta(days=days) <= until]
        if len(wanted) > MAX_REPEATS:
            raise errors.RepeatTooMany(limit=MAX_REPEATS)
        there = days_of(mine.series) if mine.series else set()
        new = [
            days
            for days in wanted
            if (day := start + dt.timedelta(days=days)) not in there and day >= clock.today()
        ]
        if not new:
            raise errors.RepeatNothing
        if mine.series is None:
            mine.series = Series.objects.create(created_by=by, created_at=clock.now())
            mine.save(update_fields=["series"])
        made = []
        for days in new:
            copy = make_copy(mine, by=by, days=days, organiser=mine.organiser, series=mine.series)
            made.append(publish(copy, by=by) if mine.state == Activity.State.OPEN else copy)
        activity.refresh_from_db()
        return made


def days_of(series: Series) -> set[dt.date]:
    """The days the series already has, called off ones included: they were called off on purpose."""
    starts = series.activities.exclude(first_starts_at=None).values_list("first_starts_at", flat=True)
    return {timezone.localdate(start) for start in starts if start is not None}


def later_in_series(activity: Activity) -> QuerySet[Activity]:
    """The later ones of the same series that have not been called off, soonest first."""
    if activity.series_id is None or activity.first_starts_at is None:
        return Activity.objects.none()
    later = Activity.objects.filter(series=activity.series_id, first_starts_at__gt=activity.first_starts_at)
    return later.exclude(state=Activity.State.CANCELLED).order_by("first_starts_at", "pk")


def cancel_this_and_later(activity: Activity, *, by: User, reason: str) -> list[Activity]:
    """Call off this one and every later one of its series, all or none. Everybody is told."""
    with transaction.atomic():
        later = list(later_in_series(activity))
        return [cancel_activity(each, by=by, reason=reason) for each in (activity, *later)]


def save_this_and_later(
    activity: Activity,
    *,
    by: User,
    shifts: Sequence[ShiftPlan],
    needs: Iterable[Qualification] | None = None,
    changed: Collection[str] = FACTS,
) -> list[tuple[Activity, Refusal]]:
    """Write this activity, and the same changes to every later one of its series.

    `changed`: the facts that were touched; others keep what each later one has. Times and positions move
    along where the later one has as many shifts as this one had. What a later one refuses is returned with
    it (it stays as it was); a refusal of this one is raised.
    """
    refused: list[tuple[Activity, Refusal]] = []
    facts = [name for name in FACTS if name in changed]
    with transaction.atomic():
        stored = Activity.objects.get(pk=activity.pk)
        later = list(later_in_series(stored))
        was = plans_of(stored)
        start = first_day(stored) if was else None
        save_activity(activity, by=by, shifts=shifts)
        for each in later:
            try:
                with transaction.atomic():
                    for name in facts:
                        setattr(each, name, getattr(activity, name))
                    plans = plans_along(each, was, shifts, start)
                    save_activity(each, by=by, shifts=plans)
                    if needs is not None:
                        each.needs.set(needs)
            except Refusal as refusal:
                refused.append((each, refusal))
    return refused


def plans_along(
    later: Activity, was: Sequence[ShiftPlan], now: Sequence[ShiftPlan], start: dt.date | None
) -> list[ShiftPlan] | None:
    """What the new shifts of the first one mean for a later one; None where they cannot be matched."""
    theirs = plans_of(later)
    if start is None or len(theirs) != len(was):
        return None
    days = (timezone.localdate(theirs[0].starts_at) - start).days
    twin = {mine.pk: their for mine, their in zip(was, theirs, strict=True)}
    names = {position.pk: position.name for plan in was for position in plan.positions}
    plans = []
    for plan in now:
        new = moved_plan(plan, days)
        their = twin.get(plan.pk)
        if their is not None:
            new.pk = their.pk
            places = {position.name: position.pk for position in their.positions}
            new.positions = [
                PositionPlan(each.name, each.capacity, places.get(names.get(each.pk, "")))
                for each in plan.positions
            ]
        plans.append(new)
    return plans


def add_days(
    activity: Activity,
    *,
    by: User,
    like: Shift,
    first_on: dt.date,
    last_on: dt.date,
    weekdays: Collection[int] = range(7),
) -> list[Shift]:
    """A campaign (S11): the shift `like` again on every day from `first_on` to `last_on`.

    `weekdays`: 0 is Monday. Days that already have a shift at that hour are left out.
    Raises ActivityCancelled, DaysBackwards, DayOver, TooManyShifts, RepeatNothing.
    """
    if last_on < first_on:
        raise errors.DaysBackwards
    if first_on < clock.today():
        raise errors.DayOver
    if (last_on - first_on).days > 366:
        raise errors.TooManyShifts(limit=MAX_SHIFTS)
    with transaction.atomic():
        mine = Activity.objects.select_for_update(of=("self",), no_key=True).get(pk=activity.pk)
        if mine.state == Activity.State.CANCELLED:
            raise errors.ActivityCancelled
        plans = plans_of(mine)
        there = {plan.starts_at for plan in plans}
        base, pattern = timezone.localdate(like.starts_at), plan_of(like)
        new = []
        for step in range((last_on - first_on).days + 1):
            day = first_on + dt.timedelta(days=step)
            plan = moved_plan(pattern, (day - base).days)
            if day.weekday() in weekdays and plan.starts_at not in there:
                new.append(plan)
        if not new:
            raise errors.RepeatNothing
        if len(plans) + len(new) > MAX_SHIFTS:
            raise errors.TooManyShifts(limit=MAX_SHIFTS)
        save_activity(mine, by=by, shifts=[*plans, *new])
        activity.refresh_from_db()
        starts = [plan.starts_at for plan in new]
        return list(mine.shifts.filter(starts_at__in=starts))
