"""Locks, and the questions every seat asks: is the shift open, does it clash with another?

A seat becomes scarcer only in its position, so the position row is the one that is locked (then the person,
so that one person cannot take two overlapping seats in the same moment). Everything is read again after the
lock: a value read before it may be old.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.contrib.auth import get_user_model

from points import clock
from points.activities import errors
from points.activities.models import Activity, Position, Registration, Shift, WaitlistEntry
from points.people.models import User

HARD_OVERLAP_MINUTES = 60


def lock_position(pk: int) -> Position:
    """Take the position for this transaction and read it as it is now. Must run in `atomic`."""
    return Position.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_person(pk: int) -> User:
    """Always after the position, so that two taps of one person never wait for each other in a ring."""
    return get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_registration(pk: int) -> Registration:
    """Take one registration for this transaction and read it as it is now."""
    return Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def closes_at(shift: Shift) -> dt.datetime:
    """When sign-up ends: at the start unless an earlier time was given."""
    return min(shift.signup_closes_at or shift.starts_at, shift.starts_at)


def refuse_unless_open(shift: Shift, *, walk_in: bool = False) -> None:
    """Raise unless this shift takes people now."""
    now = clock.now()
    if shift.activity.state != Activity.State.OPEN:
        raise errors.ActivityNotOpen
    if walk_in:
        if now >= shift.ends_at:
            raise errors.ShiftOver
        return
    if now >= shift.starts_at:
        raise errors.ShiftStarted
    if now >= closes_at(shift):
        raise errors.SignupClosed


def overlap_minutes(shift: Shift, other: Shift) -> int:
    """How long two shifts run at the same time, in whole minutes (0 if they do not)."""
    shared = min(shift.ends_at, other.ends_at) - max(shift.starts_at, other.starts_at)
    return max(0, int(shared.total_seconds() // 60))


def shifts_beside(shift: Shift, volunteer: User) -> Iterator[Shift]:
    """The person's other shifts at the same time: seats they have, and places offered to them just now."""
    same_time = {"shift__starts_at__lt": shift.ends_at, "shift__ends_at__gt": shift.starts_at}
    seats = Registration.objects.filter(
        volunteer=volunteer, state__in=Registration.HOLDS_A_SEAT, **same_time
    ).exclude(shift=shift)
    for registration in seats.select_related("shift__activity"):
        yield registration.shift
    offers = WaitlistEntry.objects.filter(
        volunteer=volunteer, state=WaitlistEntry.State.OFFERED, confirm_by__gt=clock.now(), **same_time
    ).exclude(shift=shift)
    for entry in offers.select_related("shift__activity"):
        yield entry.shift


def is_hard(shift: Shift, other: Shift) -> bool:
    """Whether two shifts cannot both be served: over an hour together, or one wholly inside the other."""
    shared = overlap_minutes(shift, other)
    shorter = min(shift.planned_minutes, other.planned_minutes)
    return shared > HARD_OVERLAP_MINUTES or shared >= shorter


def refuse_clash(shift: Shift, volunteer: User, *, despite_overlap: bool = True) -> None:
    """Raise Clash where two shifts cannot both be served; a smaller overlap raises Overlap, once.

    `despite_overlap` is the person's second press: they have read the warning.
    """
    warning: errors.Overlap | None = None
    for other in shifts_beside(shift, volunteer):
        shared = overlap_minutes(shift, other)
        if is_hard(shift, other):
            raise errors.Clash(activity=other.activity.title, minutes=shared)
        warning = errors.Overlap(activity=other.activity.title, minutes=shared)
    if warning is not None and not despite_overlap:
        raise warning


def clashes(shift: Shift, volunteer: User) -> bool:
    """Whether the person cannot serve this shift because of another."""
    return any(is_hard(shift, other) for other in shifts_beside(shift, volunteer))


def cancel_deadline(shift: Shift) -> dt.datetime:
    """Until when giving the seat back is no bother to anybody."""
    return shift.cancel_until or shift.starts_at
