"""Signing up and cancelling: one seat, one lock.

A seat becomes scarcer only in its position, so the position row is the one that is locked (then the person,
so that one person cannot take two overlapping seats in the same moment). Everything is read again after the
lock: a value read before it may be old. The second tap of a winner gets the first answer.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F

from points import clock
from points.activities import errors
from points.activities.models import Activity, Position, Registration, Shift
from points.people import services as people
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


def sign_up(position: Position, *, volunteer: User, by: User, walk_in: bool = False) -> Registration:
    """Give the volunteer a seat and return it. The same position again returns the same seat.

    `walk_in` is for the organiser at the door: the shift may have started, and sign-up may have closed.
    Raises ActivityNotOpen, ShiftStarted, SignupClosed, ShiftOver, AlreadySignedUp, ActivityFull, Clash.
    """
    with transaction.atomic():
        held = lock_position(position.pk)
        lock_person(volunteer.pk)
        people.refuse_unless_may_volunteer(volunteer)
        shift = Shift.objects.select_related("activity").get(pk=held.shift_id)
        mine = (
            Registration.objects.filter(shift=shift, volunteer=volunteer, state__in=Registration.HOLDS_A_SEAT)
            .select_related("position")
            .first()
        )
        if mine is not None:
            if mine.position_id == held.pk:
                return mine
            raise errors.AlreadySignedUp(position=mine.position.name)
        refuse_unless_open(shift, walk_in=walk_in)
        if held.seats_taken >= held.capacity:
            raise errors.ActivityFull(capacity=held.capacity, position=held.name)
        refuse_clash(shift, volunteer)
        # The database's own CHECK stands behind the lock: seats_taken can never pass capacity.
        Position.objects.filter(pk=held.pk).update(seats_taken=F("seats_taken") + 1)
        return Registration.objects.create(
            position=held,
            shift=shift,
            volunteer=volunteer,
            signed_up_at=clock.now(),
            entered_by=None if by.pk == volunteer.pk else by,
        )


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
    if shift.signup_closes_at is not None and now >= shift.signup_closes_at:
        raise errors.SignupClosed


def overlap_minutes(shift: Shift, other: Shift) -> int:
    """How long two shifts run at the same time, in whole minutes (0 if they do not)."""
    shared = min(shift.ends_at, other.ends_at) - max(shift.starts_at, other.starts_at)
    return max(0, int(shared.total_seconds() // 60))


def refuse_clash(shift: Shift, volunteer: User) -> None:
    """Raise Clash if the volunteer has another seat that overlaps by more than an hour (or altogether)."""
    others = Registration.objects.filter(
        volunteer=volunteer,
        state__in=Registration.HOLDS_A_SEAT,
        shift__starts_at__lt=shift.ends_at,
        shift__ends_at__gt=shift.starts_at,
    ).exclude(shift=shift)
    for other in others.select_related("shift__activity"):
        shared = overlap_minutes(shift, other.shift)
        shorter = min(shift.planned_minutes, other.shift.planned_minutes)
        if shared > HARD_OVERLAP_MINUTES or shared >= shorter:
            raise errors.Clash(activity=other.shift.activity.title, minutes=shared)


def cancel_deadline(shift: Shift) -> dt.datetime:
    """Until when giving the seat back is no bother to anybody."""
    return shift.cancel_until or shift.starts_at


def cancel_registration(registration: Registration, *, by: User) -> Registration:
    """Give the seat back, exactly once; after the deadline it is a late cancellation.

    Cancelling again returns the same row. Raises AlreadyCheckedIn, AlreadyRecorded, ShiftOver, SeatGone.
    """
    with transaction.atomic():
        lock_position(registration.position_id)
        mine = lock_registration(registration.pk)
        state = Registration.State
        if mine.state in (state.CANCELLED, state.LATE_CANCELLED, state.CALLED_OFF):
            return mine
        if mine.state == state.RECORDED:
            raise errors.AlreadyRecorded
        if mine.checked_in_at is not None:
            raise errors.AlreadyCheckedIn
        shift = Shift.objects.get(pk=mine.shift_id)
        now = clock.now()
        if now >= shift.ends_at or mine.state != state.SIGNED_UP:
            raise errors.ShiftOver
        mine.state = state.CANCELLED if now < cancel_deadline(shift) else state.LATE_CANCELLED
        mine.save(update_fields=["state"])
        Position.objects.filter(pk=mine.position_id).update(seats_taken=F("seats_taken") - 1)
        return mine


def find_person(given: str) -> User:
    """The one active account with this phone, user name or member number. Raises UnknownPerson."""
    found = people.find_person(given)
    if found is None:
        raise errors.UnknownPerson(given=given.strip())
    return found


def add_walk_in(position: Position, *, given: str, by: User) -> Registration:
    """The organiser adds somebody who came without signing up, by phone number or user name."""
    return sign_up(position, volunteer=find_person(given), by=by, walk_in=True)
