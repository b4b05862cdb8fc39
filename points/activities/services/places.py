"""Where somebody can be: in one place at a time, and never by their own word alone."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from points import clock, dates
from points.activities import errors
from points.activities.models import Registration, Shift
from points.activities.services.seats import lock_person
from points.grids import policies
from points.people.models import User

State = Registration.State


def lock_whereabouts(registration: Registration) -> None:
    """One answer at a time to "where is this person?". After the registration, as confirming does."""
    lock_person(registration.volunteer_id)


def refuse_own(registration: Registration, shift: Shift, *, by: User) -> None:
    """Two people are needed: whoever may run the activity sees the code and holds the roster."""
    if registration.volunteer_id == by.pk and policies.can(by, policies.Action.ORGANISE, shift.activity.grid):
        raise errors.OwnCheckIn


def times_of(registration: Registration) -> str:
    """`09:00–11:00`: when the person was there; the planned end stands in for a leaving still to come."""
    until = registration.checked_out_at or registration.shift.ends_at
    return f"{dates.clocktime(registration.checked_in_at)}–{dates.clocktime(until)}"


def refuse_elsewhere(registration: Registration) -> None:
    """Nobody checks in while they are checked in somewhere else. Raises CheckedInElsewhere."""
    elsewhere = (
        Registration.objects.filter(
            volunteer_id=registration.volunteer_id,
            state=State.SIGNED_UP,
            checked_in_at__isnull=False,
            checked_out_at__isnull=True,
            shift__ends_at__gt=clock.now(),
        )
        .exclude(pk=registration.pk)
        .select_related("shift__activity")
        .first()
    )
    if elsewhere is not None:
        raise errors.CheckedInElsewhere(activity=elsewhere.shift.activity.title, time=times_of(elsewhere))


def refuse_overlap(registration: Registration, came: dt.datetime, left: dt.datetime | None) -> None:
    """Nobody was in two places at once, whoever wrote the times down. Raises WasElsewhere.

    Without `left` only the moment of coming is looked at. Touching times (out 10:00, in 10:00) overlap not.
    """
    others = (
        Registration.objects.filter(
            volunteer_id=registration.volunteer_id,
            state__in=(State.SIGNED_UP, State.RECORDED),
            checked_in_at__isnull=False,
            checked_out_at__gt=came,
        )
        .exclude(pk=registration.pk)
        .select_related("shift__activity")
    )
    during = Q(checked_in_at__lte=came) if left is None else Q(checked_in_at__lt=left)
    other = others.filter(during).order_by("checked_in_at").first()
    if other is not None:
        raise errors.WasElsewhere(activity=other.shift.activity.title, time=times_of(other))
