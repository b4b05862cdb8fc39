"""Checking in and out: by the code on the organiser's screen, or by the organiser's roster.

The code is six digits, made from the shift's secret and the current minute (HMAC-SHA256), so a photograph
of it is worthless two minutes later. The codes of the minute before and after also count, because people
type slowly and clocks differ. No location is taken.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import unicodedata

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, QuerySet

from points import clock
from points.activities import errors
from points.activities.models import Registration, Shift
from points.activities.services.absences import write_down_absence
from points.activities.services.seats import lock_registration
from points.people.models import User

WINDOW_SECONDS = 60
OPENS_BEFORE = dt.timedelta(minutes=30)
CLOSES_AFTER = dt.timedelta(minutes=30)
JUST_EXPIRED_WINDOWS = 30
TRIES = 10
TRIES_SECONDS = 600
CORRECTION_BEFORE = dt.timedelta(hours=2)
CORRECTION_AFTER = dt.timedelta(hours=6)

State = Registration.State
Method = Registration.Method


def window_of(at: dt.datetime) -> int:
    return int(at.timestamp()) // WINDOW_SECONDS


def seconds_left(at: dt.datetime | None = None) -> int:
    """How long the code on the screen still stands, in seconds (1–60)."""
    return WINDOW_SECONDS - int((at or clock.now()).timestamp()) % WINDOW_SECONDS


def code_of_window(shift: Shift, window: int) -> str:
    digest = hmac.new(shift.secret.encode(), f"{shift.pk}:{window}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def check_code(shift: Shift, at: dt.datetime | None = None) -> str:
    """The six digits to show now."""
    return code_of_window(shift, window_of(at or clock.now()))


def matches(shift: Shift, typed: str, at: dt.datetime) -> bool:
    """True if `typed` is the code of this minute or of a neighbour."""
    window = window_of(at)
    return any(hmac.compare_digest(code_of_window(shift, window + step), typed) for step in (-1, 0, 1))


def just_expired(shift: Shift, typed: str, at: dt.datetime) -> bool:
    """True if `typed` was the code within the last half hour."""
    window = window_of(at)
    return any(code_of_window(shift, window - step) == typed for step in range(2, JUST_EXPIRED_WINDOWS + 1))


def clean_code(typed: str) -> str:
    """Digits only; full-width digits (１２３) and spaces are people's ways of typing the same."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(character for character in plain if character.isascii() and character.isdigit())


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
    """Check the volunteer in by the code on the screen. The same code again gives the same answer.

    Raises TooManyTries, NothingNow, WrongCode, CodeExpired and whatever `check_in` raises.
    """
    return check_in(by_code(volunteer, code), by=volunteer, method=Method.CODE)


def check_out_with_code(volunteer: User, code: str) -> Registration:
    """Check the volunteer out by the code on the screen. Raises as above, and CheckOutBeforeCheckIn."""
    return check_out(by_code(volunteer, code), by=volunteer, method=Method.CODE)


def tries_key(volunteer: User) -> str:
    return f"activities:code-tries:{volunteer.pk}"


def by_code(volunteer: User, code: str) -> Registration:
    """Which of the volunteer's own seats the code belongs to."""
    key = tries_key(volunteer)
    if cache.get(key, 0) >= TRIES:
        raise errors.TooManyTries
    now = clock.now()
    typed = clean_code(code)
    mine = list(registrations_of_now(volunteer, now))
    if not mine:
        raise errors.NothingNow
    for registration in mine:
        if matches(registration.shift, typed, now):
            cache.delete(key)
            return registration
    if not cache.add(key, 1, TRIES_SECONDS):
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two lines
            cache.set(key, 1, TRIES_SECONDS)
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
    CheckInTooEarly, CheckInOver, CheckedInElsewhere, TimeInFuture, TimeOutOfRange.
    """
    with transaction.atomic():
        mine = lock_registration(registration.pk)
        refuse_gone(mine)
        if mine.checked_in_at is not None:
            return mine
        shift = Shift.objects.select_related("activity").get(pk=mine.shift_id)
        now = clock.now()
        if at is None:
            if now < shift.starts_at - OPENS_BEFORE:
                raise errors.CheckInTooEarly(minutes=int(OPENS_BEFORE.total_seconds() // 60))
            if now > shift.ends_at:
                raise errors.CheckInOver
            refuse_elsewhere(mine)
        else:
            refuse_time(shift, at)
        mine.checked_in_at = at or now
        mine.checked_in_by = method
        mine.state = State.SIGNED_UP
        mine.save(update_fields=["checked_in_at", "checked_in_by", "state"])
        return mine


def refuse_elsewhere(registration: Registration) -> None:
    """Nobody is in two places at once."""
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
        raise errors.CheckedInElsewhere(activity=elsewhere.shift.activity.title)


def refuse_time(shift: Shift, at: dt.datetime) -> None:
    if at > clock.now():
        raise errors.TimeInFuture
    if not shift.starts_at - CORRECTION_BEFORE <= at <= shift.ends_at + CORRECTION_AFTER:
        raise errors.TimeOutOfRange


def check_out(
    registration: Registration, *, by: User, method: str, at: dt.datetime | None = None
) -> Registration:
    """Write down that the volunteer has left. Again changes nothing.

    Raises AlreadyRecorded, SeatGone, CheckOutBeforeCheckIn, OutBeforeIn, TimeInFuture, TimeOutOfRange.
    """
    with transaction.atomic():
        mine = lock_registration(registration.pk)
        refuse_gone(mine)
        if mine.checked_in_at is None:
            raise errors.CheckOutBeforeCheckIn
        if mine.checked_out_at is not None:
            return mine
        moment = at or clock.now()
        refuse_time(Shift.objects.get(pk=mine.shift_id), moment)
        if moment < mine.checked_in_at:
            raise errors.OutBeforeIn
        mine.checked_out_at = moment
        mine.checked_out_by = method
        mine.save(update_fields=["checked_out_at", "checked_out_by"])
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
    Raises AlreadyRecorded, SeatGone, CheckOutBeforeCheckIn, OutBeforeIn, TimeInFuture, TimeOutOfRange.
    """
    with transaction.atomic():
        mine = lock_registration(registration.pk)
        refuse_gone(mine)
        shift = Shift.objects.get(pk=mine.shift_id)
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
            mine.state = State.SIGNED_UP
        mine.save(
            update_fields=["checked_in_at", "checked_in_by", "checked_out_at", "checked_out_by", "state"]
        )
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
        closed += here.filter(checked_in_at__lte=shift.ends_at).update(
            checked_out_at=shift.ends_at, checked_out_by=Method.PLANNED_END
        )
        closed += here.update(checked_out_at=F("checked_in_at"), checked_out_by=Method.PLANNED_END)
    return closed
