"""What is still to be confirmed, and until when: ten working days after the activity (F-O4, law L-A13)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, OuterRef, Q
from django.utils import timezone

from points import clock
from points.activities.models import Activity, Registration, Shift, whole_number
from points.grids import policies
from points.records.calendar import RECORD_WITHIN, WorkingCalendar

if TYPE_CHECKING:
    from django.db.models import QuerySet

OPEN = Q(state=Registration.State.SIGNED_UP)
LONG = dt.timedelta(days=RECORD_WITHIN * 3 + 30)
"""Longer than ten working days ever take, holidays included."""


def unconfirmed_shifts(user: Any) -> QuerySet[Shift]:
    """The shifts of service that are over and not wholly confirmed, where this person may confirm.

    Adds `people` (nobody has written down yet whether they came, or confirmed it) and `came` of them.
    """
    waiting = Registration.objects.filter(OPEN, shift=OuterRef("pk")).order_by().values("shift")
    came = waiting.filter(checked_in_at__isnull=False)
    shifts = Shift.objects.filter(
        policies.scope(user, policies.Action.CONFIRM, lookup="activity__grid"),
        ends_at__lte=clock.now(),
        activity__is_service=True,
        activity__state=Activity.State.OPEN,
    )
    return shifts.annotate(
        people=whole_number(waiting.annotate(number=Count("pk"))),
        came=whole_number(came.annotate(number=Count("pk"))),
    ).filter(people__gt=0)


def first_in_time(today: dt.date) -> dt.datetime:
    """What ended before this moment is overdue today."""
    day = WorkingCalendar(today - LONG, today).before(today, RECORD_WITHIN)
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def overdue_count(user: Any) -> int:
    """How many shifts are overdue for this person: two queries."""
    return unconfirmed_shifts(user).filter(ends_at__lt=first_in_time(clock.today())).count()


@dataclass(frozen=True)
class Due:
    """One shift with its last day."""

    shift: Any
    due_on: dt.date
    is_overdue: bool


def with_due_days(shifts: list[Shift]) -> list[Due]:
    """The shifts with the last day on which they can be confirmed in time. One query for all."""
    if not shifts:
        return []
    today = clock.today()
    days = [timezone.localdate(shift.ends_at) for shift in shifts]
    calendar = WorkingCalendar(min(days), max(days) + LONG)
    found = []
    for shift, day in zip(shifts, days, strict=True):
        due_on = calendar.after(day, RECORD_WITHIN)
        found.append(Due(shift, due_on, due_on < today))
    return found
