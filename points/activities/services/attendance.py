"""Checking in and out: by the code on the organiser's screen, by member card, or by the organiser's roster.

How the code is made and read stands in `check_codes`; that nobody is in two places at once and that two
people are needed stands in `places`. No location is taken.
"""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, QuerySet

from points import clock
from points.activities import errors
from points.activities.models import Registration, Shift
from points.activities.notices_check_in import forget_check_in_notices, tell_checked_in
from points.activities.services import places
from points.activities.services.absences import write_down_absence
from points.activities.services.check_codes import (
    clean_code,
    is_token,
    just_expired,
    matches,
    scanned_shift,
)
from points.activities.services.seats import lock_registration
from points.people.models import User

OPENS_BEFORE = dt.timedelta(minutes=30)
CLOSES_AFTER = dt.timedelta(minutes=30)
SCAN_LASTS = dt.timedelta(minutes=5)
"""From scanning the code with the phone's camera to pressing the button: time enough to sign in."""
TRIES = 10
TRIES_SECONDS = 600
CORRECTION_BEFORE = dt.timedelta(hours=2)
CORRECTION_AFTER = dt.timedelta(hours=6)

State = Registration.State
Method = Registration.Method


def registrations_of_now(volunteer: User, at: dt.datetime | None = None) -> QuerySet[Registration]:
    """The volunteer's own seats whose shift can be checked in to or out of around now. One query."""
    now = at or clock.now()
    return (
        Registration.objects.filter(
            volunteer=volunteer,
            state=State.SIGNED_UP,
            shift__starts_at__lte=now + OPENS_BEFORE,
            shift__ends_at__gte=now - CLOSES_AFTER,
        )
        .select_related("shift__activity", "position")
        .order_by("shift__starts_at", "pk")
    )


def check_in_with_code(volunteer: User, code: str) -> Registration:
    """Check the volunteer in by the code on the screen, typed or scanned. Again gives the same answer.

    Raises TooManyTries, NothingNow, WrongCode, CodeExpired, WrongQr, QrExpired, NotOnTheList and whatever
    `check_in` raises.
    """
    return check_in(by_code(volunteer, code), by=volunteer, method=Method.CODE)


def check_out_with_code(volunteer: User, code: str) -> Registration:
    """Check the volunteer out by the code on the screen. Raises as above, and CheckOutBeforeCheckIn."""
    return check_out(by_code(volunteer, code), by=volunteer, method=Method.CODE)


def check_in_scanned(volunteer: User, shift: Shift, *, scanned_at: dt.datetime) -> Registration:
    """Check in by a QR that this browser opened at `scanned_at` (aware) and that was right then.

    Raises ScanTooOld, NotOnTheList and whatever `check_in` raises.
    """
    return check_in(by_scan(volunteer, shift, scanned_at), by=volunteer, method=Method.CODE)


def check_out_scanned(volunteer: User, shift: Shift, *, scanned_at: dt.datetime) -> Registration:
    """Check out by a QR that this browser opened at `scanned_at`. Also raises CheckOutBeforeCheckIn."""
    return check_out(by_scan(volunteer, shift, scanned_at), by=volunteer, method=Method.CODE)


def by_scan(volunteer: User, shift: Shift, scanned_at: dt.datetime) -> Registration:
    """The volunteer's own seat in the shift whose QR was scanned."""
    if not dt.timedelta() <= clock.now() - scanned_at <= SCAN_LASTS:
        raise errors.ScanTooOld
    return own_seat(volunteer, shift)


def own_seat(volunteer: User, shift: Shift) -> Registration:
    """The volunteer's seat in this shift. Raises NotOnTheList."""
    mine = Registration.objects.filter(
        shift=shift, volunteer=volunteer, state__in=Registration.HOLDS_A_SEAT
    ).first()
    if mine is None:
        raise errors.NotOnTheList(activity=shift.activity.title)
    return mine


def tries_key(volunteer: User) -> str:
    return f"activities:code-tries:{volunteer.pk}"


def count_try(key: str) -> None:
    """One wrong code more within ten minutes."""
    if not cache.add(key, 1, TRIES_SECONDS):
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two lines
            cache.set(key, 1, TRIES_SECONDS)


def by_code(volunteer: User, code: str) -> Registration:
    """Which of the volunteer's own seats the code belongs to."""
    key = tries_key(volunteer)
    if cache.get(key, 0) >= TRIES:
        raise errors.TooManyTries
    now = clock.now()
    if is_token(code):
        try:
            shift = scanned_shift(code, now)
        except errors.WrongQr:
            count_try(key)
            raise
        return own_seat(volunteer, shift)
    typed = clean_code(code)
    mine = list(registrations_of_now(volunteer, now))
    if not mine:
        raise errors.NothingNow
    for registration in mine:
        if matches(registration.shift, typed, now):
            cache.delete(key)
            return registration
    count_try(key)
    if any(just_expired(registration.shift, typed, now) for registration in mine):
        raise errors.CodeExpired
    raise errors.WrongCode


def refuse_gone(registration: Registration) -> None:
    if registration.state == State.RECORDED:
        raise errors.AlreadyRecorded
    if registration.state not in Registration.HOLDS_A_SEAT:
        raise errors.SeatGone


def check_in(
    registration: Registration, *, by: User, method: str, at: dt.datetime | None = None
) -> Registration:
    """Write down that the volunteer has come. Once per person: again changes nothing.

    `at` (aware) is for people who write down a time that has passed. Raises AlreadyRecorded, SeatGone,
    OwnCheckIn, CheckInTooEarly, CheckInOver, CheckedInElsewhere, WasElsewhere, TimeInFuture, TimeOutOfRange.
    """
    with transaction.atomic():
        mine = lock_registration(registration.pk)
        refuse_gone(mine)
        if mine.checked_in_at is not None:
            return mine
        shift = Shift.objects.select_related("activity__grid").get(pk=mine.shift_id)
        places.refuse_own(mine, shift, by=by)
        places.lock_whereabouts(mine)
        now = clock.now()
        if at is None:
            if now < shift.starts_at - OPENS_BEFORE:
                raise errors.CheckInTooEarly(minutes=int(OPENS_BEFORE.total_seconds() // 60))
            if now > shift.ends_at:
                raise errors.CheckInOver
            places.refuse_elsewhere(mine)
        else:
            refuse_time(shift, at)
            places.refuse_overlap(mine, at, None)
        mine.checked_in_at = at or now
        mine.checked_in_by = method
        mine.state = State.SIGNED_UP
        mine.save(update_fields=["checked_in_at", "checked_in_by", "state"])
        if at is None:
            tell_checked_in(mine, shift, opens_until=shift.ends_at + CLOSES_AFTER)
        return mine


def refuse_time(shift: Shift, at: dt.datetime) -> None:
    if at > clock.now():
        raise errors.TimeInFuture
    if not shift.starts_at - CORRECTION_BEFORE <= at <= shift.ends_at + CORRECTION_AFTER:
        raise errors.TimeOutOfRange


def check_out(
    registration: Registration, *, by: User, method: str, at: dt.datetime | None = None
) -> Registration:
    """Write down that the volunteer has left. Again changes nothing.

    Raises AlreadyRecorded, SeatGone, OwnCheckIn, CheckOutBeforeCheckIn, OutBeforeIn, WasElsewhere,
    TimeInFuture, TimeOutOfRange.
    """
    with transaction.atomic():
        mine = lock_registration(registration.pk)
        refuse_gone(mine)
        shift = Shift.objects.select_related("activity__grid").get(pk=mine.shift_id)
        places.refuse_own(mine, shift, by=by)
        if mine.checked_in_at is None:
            raise errors.CheckOutBeforeCheckIn
        if mine.checked_out_at is not None:
            return mine
        moment = at or clock.now()
        refuse_time(shift, moment)
        if moment < mine.checked_in_at:
            raise errors.OutBeforeIn
        places.lock_whereabouts(mine)
        places.refuse_overlap(mine, mine.checked_in_at, moment)
        mine.checked_out_at = moment
        mine.checked_out_by = method
        mine.save(update_fields=["checked_out_at", "checked_out_by"])
        forget_check_in_notices([mine.pk])
        return mine


def correct_times(
    registration: Registration,
    *,
    by: User,
    checked_in_at: dt.datetime | None,
    checked_out_at: dt.datetime | None,
    method: str = Method.ROSTER,
) -> Registration:
    """The organiser puts a time right, or takes it back (None), until the service is recorded.

    Only a time that changes loses its old proof; the other keeps how it was made.
    Raises AlreadyRecorded, SeatGone, OwnCheckIn, CheckOutBeforeCheckIn, OutBeforeIn, WasElsewhere,
    TimeInFuture, TimeOutOfRange.
    """
    with transaction.atomic():
        mine = lock_registration(registration.pk)
        refuse_gone(mine)
        shift = Shift.objects.select_related("activity__grid").get(pk=mine.shift_id)
        places.refuse_own(mine, shift, by=by)
        places.lock_whereabouts(mine)
        for moment in (checked_in_at, checked_out_at):
            if moment is not None:
                refuse_time(shift, moment)
        if checked_out_at is not None and checked_in_at is None:
            raise errors.CheckOutBeforeCheckIn
        if not same_minute(mine.checked_in_at, checked_in_at):
            mine.checked_in_at, mine.checked_in_by = checked_in_at, method if checked_in_at else ""
        if not same_minute(mine.checked_out_at, checked_out_at):
            mine.checked_out_at, mine.checked_out_by = checked_out_at, method if checked_out_at else ""
        if mine.checked_in_at and mine.checked_out_at and mine.checked_out_at < mine.checked_in_at:
            raise errors.OutBeforeIn
        if mine.checked_in_at is not None:
            places.refuse_overlap(mine, mine.checked_in_at, mine.checked_out_at)
            mine.state = State.SIGNED_UP
        mine.save(
            update_fields=["checked_in_at", "checked_in_by", "checked_out_at", "checked_out_by", "state"]
        )
        if mine.checked_out_at is not None or mine.checked_in_at is None:
            forget_check_in_notices([mine.pk])
        return mine


def same_minute(before: dt.datetime | None, after: dt.datetime | None) -> bool:
    """The form shows minutes, so a time that only loses its seconds has not been changed."""
    if before is None or after is None:
        return before is after
    return before.replace(second=0, microsecond=0) == after.replace(second=0, microsecond=0)


def mark_no_show(registration: Registration, *, by: User, excused: bool = False) -> Registration:
    """The volunteer did not come (or could not: `excused`). The seat stays taken, nothing is earned.

    Raises AlreadyRecorded, SeatGone, AlreadyCheckedIn, ShiftNotStarted.
    """
    with transaction.atomic():
        mine = lock_registration(registration.pk)
        refuse_gone(mine)
        if mine.checked_in_at is not None:
            raise errors.AlreadyCheckedIn
        if clock.now() < Shift.objects.get(pk=mine.shift_id).starts_at:
            raise errors.ShiftNotStarted
        was, mine.state = mine.state, State.EXCUSED if excused else State.NO_SHOW
        mine.save(update_fields=["state"])
        if not excused and was != State.NO_SHOW:
            write_down_absence(mine, by=by)
        return mine


def close_forgotten(now: dt.datetime | None = None) -> int:
    """Half an hour after the planned end, whoever is still inside left at the planned end. Returns how many.

    The proof becomes weaker (the organiser has to witness it), the time does not become longer.
    """
    moment = now or clock.now()
    inside = Registration.objects.filter(
        state=State.SIGNED_UP, checked_in_at__isnull=False, checked_out_at__isnull=True
    )
    closed = 0
    overdue = Shift.objects.filter(
        pk__in=inside.filter(shift__ends_at__lte=moment - CLOSES_AFTER).values("shift")
    )
    for shift in overdue.order_by("pk"):
        here = inside.filter(shift=shift)
        forget_check_in_notices(here.values_list("pk", flat=True))
        closed += here.filter(checked_in_at__lte=shift.ends_at).update(
            checked_out_at=shift.ends_at, checked_out_by=Method.PLANNED_END
        )
        closed += here.update(checked_out_at=F("checked_in_at"), checked_out_by=Method.PLANNED_END)
    return closed
