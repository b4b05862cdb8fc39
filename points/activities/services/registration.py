"""Signing up and cancelling: one seat, one lock.

The position is locked, then the person (`seats`); the second tap of a winner gets the first answer. A seat
that is given back is offered to the next on the waiting list in the same transaction (`waiting`).
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from points import clock
from points.activities import errors
from points.activities.models import Position, Registration, Shift, WaitlistEntry
from points.activities.services import waiting
from points.activities.services.absences import refuse_while_paused
from points.activities.services.eligibility import refuse_unless_eligible
from points.activities.services.seats import (
    cancel_deadline,
    lock_person,
    lock_position,
    lock_registration,
    refuse_clash,
    refuse_unless_open,
)
from points.people import services as people
from points.people.models import User


def sign_up(
    position: Position,
    *,
    volunteer: User,
    by: User,
    walk_in: bool = False,
    despite_overlap: bool = False,
) -> Registration:
    """Give the volunteer a seat and return it. The same position again returns the same seat.

    `walk_in` is for the organiser at the door: the shift may have started, and sign-up may have closed.
    `despite_overlap` is the second press after Overlap. Raises ActivityNotOpen, ShiftStarted, SignupClosed,
    ShiftOver, AlreadySignedUp, OfferOpen, SignupPaused, ActivityFull, Clash, Overlap, and what
    `refuse_unless_eligible` raises.
    """
    with transaction.atomic():
        held = lock_position(position.pk)
        lock_person(volunteer.pk)
        people.refuse_unless_may_volunteer(volunteer)
        shift = Shift.objects.select_related("activity__grid", "activity__organization").get(pk=held.shift_id)
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
        entry = waiting.open_entry(shift, volunteer)
        if entry is not None and entry.state == WaitlistEntry.State.OFFERED and not entry.is_lapsed:
            if entry.position_id == held.pk:
                return waiting.take(waiting.read_again(entry), by=by, despite_overlap=despite_overlap)
            raise errors.OfferOpen(position=entry.position.name)
        if not walk_in:
            refuse_while_paused(shift.activity, volunteer)
        refuse_unless_eligible(shift, volunteer)
        if held.seats_taken >= held.capacity:
            waiting.settle(held, shift)  # an offer that nobody answered in time is no longer a seat
            held = Position.objects.get(pk=held.pk)
        if held.seats_taken >= held.capacity:
            raise errors.ActivityFull(capacity=held.capacity, position=held.name)
        refuse_clash(shift, volunteer, despite_overlap=despite_overlap or walk_in)
        # The database's own CHECK stands behind the lock: seats_taken can never pass capacity.
        Position.objects.filter(pk=held.pk).update(seats_taken=F("seats_taken") + 1)
        if entry is not None:
            waiting.forget_other_queues(shift, volunteer)
        return Registration.objects.create(
            position=held,
            shift=shift,
            volunteer=volunteer,
            signed_up_at=clock.now(),
            entered_by=None if by.pk == volunteer.pk else by,
        )


def cancel_registration(registration: Registration, *, by: User) -> Registration:
    """Give the seat back, once; after the deadline it is a late cancellation. The next in line is asked.

    Cancelling again returns the same row. Raises AlreadyCheckedIn, AlreadyRecorded, ShiftOver, SeatGone.
    """
    with transaction.atomic():
        held = lock_position(registration.position_id)
        mine = lock_registration(registration.pk)
        state = Registration.State
        if mine.state in (state.CANCELLED, state.LATE_CANCELLED, state.CALLED_OFF):
            return mine
        if mine.state == state.RECORDED:
            raise errors.AlreadyRecorded
        if mine.checked_in_at is not None:
            raise errors.AlreadyCheckedIn
        shift = Shift.objects.select_related("activity__grid").get(pk=mine.shift_id)
        now = clock.now()
        if now >= shift.ends_at or mine.state != state.SIGNED_UP:
            raise errors.ShiftOver
        mine.state = state.CANCELLED if now < cancel_deadline(shift) else state.LATE_CANCELLED
        mine.save(update_fields=["state"])
        Position.objects.filter(pk=mine.position_id).update(seats_taken=F("seats_taken") - 1)
        waiting.settle(held, shift)
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
