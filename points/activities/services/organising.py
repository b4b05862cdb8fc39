"""Organising: writing an activity with its shifts and positions, publishing, cancelling."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Min, Q

from points import clock
from points.activities import errors
from points.activities.models import Activity, Position, Registration, Shift, WaitlistEntry
from points.activities.services import telling, waiting
from points.grids.models import GridUnit, Organization
from points.people.models import User

State = Activity.State


@dataclass
class PositionPlan:
    """A position as the organiser writes it. `pk` names one that is already there."""

    name: str
    capacity: int
    pk: int | None = None


@dataclass
class ShiftPlan:
    """A shift as the organiser writes it. `pk` names one that is already there."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    positions: Sequence[PositionPlan] = field(default_factory=list)
    signup_closes_at: dt.datetime | None = None
    cancel_until: dt.datetime | None = None
    pk: int | None = None


def create_activity(
    *,
    by: User,
    grid: GridUnit,
    organization: Organization,
    title: str,
    category: str,
    summary: str,
    place: str,
    organiser: User | None = None,
    shifts: Sequence[ShiftPlan] = (),
    **details: Any,
) -> Activity:
    """Write a draft. `details` are further fields of the activity (description, bring, is_risky, cover …)."""
    with transaction.atomic():
        activity = Activity(
            grid=grid,
            organization=organization,
            title=title,
            category=category,
            summary=summary,
            place=place,
            organiser=organiser or by,
            **details,
        )
        return save_activity(activity, by=by, shifts=shifts)


def save_activity(activity: Activity, *, by: User, shifts: Sequence[ShiftPlan] | None = None) -> Activity:
    """Write the activity; with `shifts`, make its shifts and positions exactly those.

    A seat that somebody has is never lost: raises CapacityBelowTaken, HasRegistrations, ShiftRecorded,
    ShiftEndsBeforeStart, DuplicatePosition, RiskyNotInsured, RiskNoteMissing, MeetingIsNoService, AgesWrong,
    NoShifts, NoPositions. Whoever has a seat or waits for one is told of a new time or place; seats that
    become free by a higher number go to the waiting list.
    """
    with transaction.atomic():
        refuse_wrong_words(activity)
        old_place = Activity.objects.filter(pk=activity.pk, state=State.OPEN).values_list("place", flat=True)
        moved_from = old_place.first()
        activity.save()
        if shifts is not None:
            write_shifts(activity, shifts)
        if activity.state == State.OPEN:
            refuse_unless_complete(activity)
            if moved_from is not None and moved_from != activity.place:
                telling.tell_new_place(activity, old_place=moved_from)
        return refresh_times(activity)


def refuse_wrong_words(activity: Activity) -> None:
    """What a draft may still lack and an open activity may not."""
    if None not in (activity.min_age, activity.max_age) and activity.max_age < activity.min_age:  # type: ignore[operator]
        raise errors.AgesWrong
    if activity.state != State.OPEN:
        return
    if activity.is_risky and not activity.is_insured:
        raise errors.RiskyNotInsured
    if activity.is_risky and not activity.risk_note.strip():
        raise errors.RiskNoteMissing
    if activity.category == Activity.Category.MEETING and activity.is_service:
        raise errors.MeetingIsNoService


def write_shifts(activity: Activity, plans: Sequence[ShiftPlan]) -> None:
    # One lock for all seats of the activity, in order, before anything is read.
    held = {
        position.pk: position
        for position in Position.objects.select_for_update(of=("self",), no_key=True)
        .filter(shift__activity=activity)
        .order_by("pk")
    }
    there = {shift.pk: shift for shift in activity.shifts.all()}
    busy = set(Registration.objects.filter(position__in=held).values_list("position", flat=True).distinct())
    busy |= set(WaitlistEntry.objects.filter(position__in=held).values_list("position", flat=True).distinct())
    kept_shifts: set[int] = set()
    kept_positions: set[int] = set()
    for plan in plans:
        if plan.ends_at <= plan.starts_at:
            raise errors.ShiftEndsBeforeStart
        shift = there.get(plan.pk or 0) or Shift(activity=activity)
        write_shift(shift, plan)
        kept_shifts.add(shift.pk)
        names: set[str] = set()
        for wanted in plan.positions:
            if wanted.name in names:
                raise errors.DuplicatePosition(name=wanted.name)
            names.add(wanted.name)
        mine = [held[wanted.pk] for wanted in plan.positions if wanted.pk in held]
        gone = [p for p in held.values() if p.shift_id == shift.pk and p not in mine]
        delete_positions(gone, busy)
        step_aside(mine, plan.positions)
        for wanted in plan.positions:
            position = held.get(wanted.pk or 0)
            if position is not None and position.shift_id == shift.pk:
                if wanted.capacity < position.seats_taken:
                    raise errors.CapacityBelowTaken(taken=position.seats_taken, position=position.name)
                position.name, position.capacity = wanted.name, wanted.capacity
                position.save(update_fields=["name", "capacity"])
            else:
                position = Position.objects.create(shift=shift, name=wanted.name, capacity=wanted.capacity)
            kept_positions.add(position.pk)
    for pk, shift in there.items():
        if pk not in kept_shifts:
            delete_positions([p for p in held.values() if p.shift_id == pk], busy)
            shift.delete()
    for pk in sorted(kept_positions & set(held)):
        waiting.settle(held[pk], there[held[pk].shift_id])


def write_shift(shift: Shift, plan: ShiftPlan) -> None:
    moved = shift.pk is not None and (shift.starts_at, shift.ends_at) != (plan.starts_at, plan.ends_at)
    if moved and shift.registrations.filter(state=Registration.State.RECORDED).exists():
        raise errors.ShiftRecorded
    old_times = (shift.starts_at, shift.ends_at)
    shift.starts_at, shift.ends_at = plan.starts_at, plan.ends_at
    shift.signup_closes_at, shift.cancel_until = plan.signup_closes_at, plan.cancel_until
    shift.save()
    if moved and shift.activity.state == State.OPEN:
        telling.tell_new_time(shift, *old_times)


def delete_positions(positions: Sequence[Position], busy: set[int]) -> None:
    for position in positions:
        if position.pk in busy:
            raise errors.HasRegistrations(name=position.name)
        position.delete()


def step_aside(positions: Sequence[Position], wanted: Sequence[PositionPlan]) -> None:
    """Let go of the names that change, so that two positions can swap theirs."""
    names = {plan.pk: plan.name for plan in wanted}
    for position in positions:
        if names[position.pk] != position.name:
            Position.objects.filter(pk=position.pk).update(name=f"#{position.pk}")


def refresh_times(activity: Activity) -> Activity:
    """Write down when the first shift starts and the last one ends, for lists and filters."""
    times = activity.shifts.aggregate(first=Min("starts_at"), last=Max("ends_at"))
    activity.first_starts_at, activity.last_ends_at = times["first"], times["last"]
    activity.save(update_fields=["first_starts_at", "last_ends_at"])
    return activity


def refuse_unless_complete(activity: Activity) -> None:
    """Raise unless there are shifts, each with seats."""
    shifts = list(activity.shifts.annotate(seated=Count("positions", filter=Q(positions__capacity__gt=0))))
    if not shifts:
        raise errors.NoShifts
    if not all(shift.seated for shift in shifts):
        raise errors.NoPositions


def publish(activity: Activity, *, by: User) -> Activity:
    """Open a draft for sign-up. An open activity stays as it is.

    Raises ActivityCancelled, NoShifts, NoPositions, RiskyNotInsured, RiskNoteMissing, MeetingIsNoService,
    ShiftsOver.
    """
    with transaction.atomic():
        mine = Activity.objects.select_for_update(of=("self",), no_key=True).get(pk=activity.pk)
        if mine.state == State.OPEN:
            return mine
        if mine.state == State.CANCELLED:
            raise errors.ActivityCancelled
        refuse_unless_complete(mine)
        refresh_times(mine)
        if mine.last_ends_at is None or mine.last_ends_at <= clock.now():
            raise errors.ShiftsOver
        mine.state = State.OPEN
        refuse_wrong_words(mine)
        mine.save(update_fields=["state"])
        activity.refresh_from_db()
        return activity


def cancel_activity(activity: Activity, *, by: User, reason: str) -> Activity:
    """Call the activity off: every seat of somebody who has not come yet is called off and given back.

    Whoever had already checked in keeps the seat, so that the minutes served can still be confirmed. Everyone
    who had a seat or waited for one is told; nobody is marked as missing (journey J1).
    """
    with transaction.atomic():
        positions = list(
            Position.objects.select_for_update(of=("self",), no_key=True)
            .filter(shift__activity=activity)
            .order_by("pk")
        )
        mine = Activity.objects.select_for_update(of=("self",), no_key=True).get(pk=activity.pk)
        if mine.state == State.CANCELLED:
            return mine
        mine.state, mine.cancelled_reason = State.CANCELLED, reason.strip()[:120]
        mine.save(update_fields=["state", "cancelled_reason"])
        telling.tell_cancelled(mine)
        Registration.objects.filter(
            shift__activity=mine, state=Registration.State.SIGNED_UP, checked_in_at__isnull=True
        ).update(state=Registration.State.CALLED_OFF)
        WaitlistEntry.objects.filter(shift__activity=mine, state__in=WaitlistEntry.OPEN).update(
            state=WaitlistEntry.State.CLOSED, ended_at=clock.now()
        )
        left = dict(
            Registration.objects.filter(position__in=positions, state__in=Registration.HOLDS_A_SEAT)
            .values_list("position")
            .annotate(people=Count("pk"))
        )
        for position in positions:
            if position.seats_taken != left.get(position.pk, 0):
                position.seats_taken = left.get(position.pk, 0)
                position.save(update_fields=["seats_taken"])
        activity.refresh_from_db()
        return activity
