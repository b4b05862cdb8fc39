"""What the system finds itself: activities run, meetings held, attendance confirmed in time.

Functions over querysets: they take the days and return plain values, and read nothing about who took part.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from points.activities.models import Activity, Registration
from points.assessment.kinds import Kind
from points.records.models import ServiceRecord


@dataclass(frozen=True, slots=True)
class Found:
    """One fact before anybody is credited with it. `vouched_by`: the people whose word it rests on."""

    kind: str
    reference: str
    title: str
    unit_code: str
    happened_on: dt.date
    vouched_by: frozenset[int]


def found_in(
    kinds: Iterable[str], *, activities: QuerySet[Activity], first: dt.date, last: dt.date, prompt_days: int
) -> list[Found]:
    """The facts of these kinds that ended in these days, in a stable order."""
    held = activities.filter(
        state=Activity.State.OPEN,
        last_ends_at__gte=_midnight(first),
        last_ends_at__lt=_midnight(last + dt.timedelta(days=1)),
    )
    wanted = set(kinds)
    facts: list[Found] = []
    if Kind.ACTIVITIES_RUN in wanted:
        facts += activities_run(held)
    if Kind.MEETINGS_HELD in wanted:
        facts += meetings_held(held)
    if Kind.PROMPT_RECORDS in wanted:
        facts += prompt_records(activities, first=first, last=last, prompt_days=prompt_days)
    return sorted(facts, key=lambda one: (one.happened_on, one.kind, one.reference))


def activities_run(held: QuerySet[Activity]) -> list[Found]:
    """Activities of volunteers that left at least one valid record. Their word: whoever confirmed those."""
    rows = held.filter(is_service=True).values_list("code", "title", "grid__code", "last_ends_at")
    found = {code: (title, unit, ends_at) for code, title, unit, ends_at in rows}
    records = ServiceRecord.objects.valid().filter(activity_reference__in=found)
    word: dict[str, set[int]] = defaultdict(set)
    for code, confirmed_by in records.values_list("activity_reference", "confirmed_by").distinct():
        word[code].add(confirmed_by)
    return [
        Found(
            Kind.ACTIVITIES_RUN,
            f"activity:{code}",
            title,
            unit,
            timezone.localdate(ends_at),
            frozenset(word[code]),
        )
        for code, (title, unit, ends_at) in found.items()
        if code in word
    ]


def meetings_held(held: QuerySet[Activity]) -> list[Found]:
    """Residents' meetings that took place: somebody's presence was confirmed. How many came is not read."""
    came = Registration.objects.filter(shift__activity=OuterRef("pk"), state=Registration.State.RECORDED)
    rows = held.filter(Exists(came), category=Activity.Category.MEETING).values_list(
        "code", "title", "grid__code", "last_ends_at", "organiser"
    )
    return [
        Found(
            Kind.MEETINGS_HELD,
            f"meeting:{code}",
            title,
            unit,
            timezone.localdate(ends_at),
            frozenset({organiser}),
        )
        for code, title, unit, ends_at, organiser in rows
    ]


def prompt_records(
    activities: QuerySet[Activity], *, first: dt.date, last: dt.date, prompt_days: int
) -> list[Found]:
    """Shifts whose whole list was confirmed within `prompt_days` days after their end.

    The moments are the system's own, so nobody's word is needed. First versions count: a later correction of
    a record does not make its confirmation late.
    """
    known = {
        code: (title, unit) for code, title, unit in activities.values_list("code", "title", "grid__code")
    }
    shifts = (
        ServiceRecord.objects.filter(
            version=1,
            activity_reference__in=known,
            planned_end__gte=_midnight(first),
            planned_end__lt=_midnight(last + dt.timedelta(days=1)),
        )
        .values_list("activity_reference", "planned_end")
        .annotate(confirmed=Max("confirmed_at"))
        .order_by()
    )
    return [
        Found(
            Kind.PROMPT_RECORDS,
            f"shift:{code}:{ends_at:%Y%m%d%H%M}",
            known[code][0],
            known[code][1],
            timezone.localdate(ends_at),
            frozenset(),
        )
        for code, ends_at, confirmed in shifts
        if confirmed <= ends_at + dt.timedelta(days=prompt_days)
    ]


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
