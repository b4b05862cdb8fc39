"""Waiting lists: who is next, until when they can say yes, and what happens if they do not.

Everything happens under the lock of the position. An offered place is a seat of the position that belongs to
nobody else until `confirm_by`; it is given back exactly once, by whoever changes the entry's state first.
Nobody is moved up after sign-up has closed or the shift has started, and the time to answer always ends
before that: what users of pretix asked for (pretix#1031, pretix#1163).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Q

from points import clock
from points.activities import errors, notices
from points.activities.models import (
    Activity,
    Position,
    Registration,
    Shift,
    SignupRules,
    WaitlistEntry,
)
from points.activities.services.absences import is_paused, refuse_while_paused
from points.activities.services.eligibility import is_eligible, refuse_unless_eligible
from points.activities.services.seats import (
    clashes,
    closes_at,
    lock_person,
    lock_position,
    refuse_clash,
    refuse_unless_open,
)
from points.people.models import User
from points.people.notices import notify

State = WaitlistEntry.State
SHORTEST = dt.timedelta(minutes=30)
"""Nearer to the close than this nobody is asked any more: a free seat is then simply free."""
NEAR_THE_TOP = 3
"""From this number on people are told when they move up."""


def join_waitlist(position: Position, *, volunteer: User, by: User) -> WaitlistEntry:
    """Stand in the queue of a full position. The same position again returns the same place.

    Raises ActivityNotOpen, ShiftStarted, SignupClosed, AlreadySignedUp, AlreadyWaiting, PlaceFree,
    SignupPaused, Clash and what `refuse_unless_eligible` raises.
    """
    with transaction.atomic():
        held = lock_position(position.pk)
        lock_person(volunteer.pk)
        shift = Shift.objects.select_related("activity__grid").get(pk=held.shift_id)
        entry = open_entry(shift, volunteer)
        if entry is not None:
            if entry.position_id == held.pk:
                return entry
            raise errors.AlreadyWaiting(position=entry.position.name)
        refuse_unless_open(shift)
        seat = Registration.objects.filter(
            shift=shift, volunteer=volunteer, state__in=Registration.HOLDS_A_SEAT
        ).select_related("position")
        if (mine := seat.first()) is not None:
            raise errors.AlreadySignedUp(position=mine.position.name)
        refuse_while_paused(shift.activity, volunteer)
        refuse_unless_eligible(shift, volunteer)
        refuse_clash(shift, volunteer)
        settle(held, shift)
        held.refresh_from_db()
        if held.seats_taken < held.capacity:
            raise errors.PlaceFree(position=held.name)
        return WaitlistEntry.objects.create(
            position=held, shift=shift, volunteer=volunteer, joined_at=clock.now()
        )


def open_entry(shift: Shift, volunteer: User) -> WaitlistEntry | None:
    """The person's place in a queue of this shift, or the seat offered to them."""
    entries = WaitlistEntry.objects.filter(shift=shift, volunteer=volunteer, state__in=WaitlistEntry.OPEN)
    return entries.select_related("position").first()


def number_of(entry: WaitlistEntry) -> int:
    """1 is next. 0 when the entry does not wait any more."""
    if entry.state != State.WAITING:
        return 0
    ahead = WaitlistEntry.objects.filter(position=entry.position_id, state=State.WAITING, pk__lt=entry.pk)
    return ahead.count() + 1


def accept_offer(entry: WaitlistEntry, *, by: User, despite_overlap: bool = False) -> Registration:
    """Take the offered place: the seat that was kept becomes a registration. Again gives the same one.

    Raises OfferLapsed, OfferGone, ActivityNotOpen, ShiftStarted, SignupClosed, AlreadySignedUp, Clash,
    Overlap.
    """
    with transaction.atomic():
        lock_position(entry.position_id)
        lock_person(entry.volunteer_id)
        mine = read_again(entry)
        if mine.state == State.TAKEN and mine.registration is not None:
            return mine.registration
        return take(mine, by=by, despite_overlap=despite_overlap)


def take(mine: WaitlistEntry, *, by: User, despite_overlap: bool) -> Registration:
    """Turn an offer into a seat; the position and the person are locked."""
    if mine.is_lapsed:
        raise errors.OfferLapsed
    if mine.state != State.OFFERED:
        raise errors.OfferGone
    refuse_unless_open(mine.shift)
    elsewhere = Registration.objects.filter(
        shift=mine.shift, volunteer=mine.volunteer, state__in=Registration.HOLDS_A_SEAT
    ).select_related("position")
    if (seat := elsewhere.first()) is not None:
        raise errors.AlreadySignedUp(position=seat.position.name)
    refuse_clash(mine.shift, mine.volunteer, despite_overlap=despite_overlap)
    registration = Registration.objects.create(
        position=mine.position,
        shift=mine.shift,
        volunteer=mine.volunteer,
        signed_up_at=clock.now(),
        entered_by=None if by.pk == mine.volunteer_id else by,
    )
    mine.state, mine.registration, mine.ended_at = State.TAKEN, registration, clock.now()
    mine.save(update_fields=["state", "registration", "ended_at"])
    return registration


def leave_waitlist(entry: WaitlistEntry, *, by: User) -> WaitlistEntry:
    """Leave the queue, or decline the offered place, which goes to the next. Again changes nothing."""
    with transaction.atomic():
        held = lock_position(entry.position_id)
        mine = read_again(entry)
        before = waiting_in(held)
        if mine.state == State.WAITING:
            end(mine, State.LEFT)
        elif mine.state == State.OFFERED:
            end(mine, State.LAPSED if mine.is_lapsed else State.DECLINED)
            Position.objects.filter(pk=held.pk).update(seats_taken=F("seats_taken") - 1)
        else:
            return mine
        settle(held, mine.shift, before=before)
        return mine


def read_again(entry: WaitlistEntry) -> WaitlistEntry:
    return WaitlistEntry.objects.select_related(
        "shift__activity__grid", "position", "volunteer", "registration"
    ).get(pk=entry.pk)


def end(entry: WaitlistEntry, state: str) -> None:
    entry.state, entry.ended_at = state, clock.now()
    entry.save(update_fields=["state", "ended_at"])


def waiting_in(position: Position) -> list[int]:
    """Who waits, in order (numbers of entries)."""
    entries = WaitlistEntry.objects.filter(position=position, state=State.WAITING).order_by("pk")
    return list(entries.values_list("pk", flat=True))


def forget_other_queues(shift: Shift, volunteer: User) -> None:
    """Whoever gets a seat in a shift no longer waits for another one of it."""
    WaitlistEntry.objects.filter(shift=shift, volunteer=volunteer, state=State.WAITING).update(
        state=State.LEFT, ended_at=clock.now()
    )


def confirm_deadline(shift: Shift, hours: int) -> dt.datetime | None:
    """Until when an offer made now stands: the rule's hours, but at most half the time that is left.

    So the next in line has time as well. None when it is too late to ask anybody.
    """
    now = clock.now()
    left = closes_at(shift) - now
    if left < SHORTEST:
        return None
    return (now + min(dt.timedelta(hours=hours), left / 2)).replace(second=0, microsecond=0)


def settle(held: Position, shift: Shift, *, before: Sequence[int] | None = None) -> int:
    """Bring a locked position's list in order: offers that were not answered go back, free seats are offered.

    After the close (or when the activity is called off) whoever still waits is told that the list has ended.
    Returns how many entries were changed. `before`: who waited before the caller changed something.
    """
    before = waiting_in(held) if before is None else before
    lapsed = list(
        WaitlistEntry.objects.filter(position=held, state=State.OFFERED, confirm_by__lte=clock.now())
        .select_related("volunteer")
        .order_by("pk")
    )
    if lapsed:
        for entry in lapsed:
            end(entry, State.LAPSED)
        Position.objects.filter(pk=held.pk).update(seats_taken=F("seats_taken") - len(lapsed))
        for entry in lapsed:
            tell(entry, notices.OFFER_LAPSED, shift, held)
    if not before:
        return len(lapsed)
    if shift.activity.state != Activity.State.OPEN or clock.now() >= closes_at(shift):
        return len(lapsed) + close_list(held, shift)
    offered = offer_free_seats(held, shift)
    tell_moved_up(held, shift, before)
    return len(lapsed) + offered


def offer_free_seats(held: Position, shift: Shift) -> int:
    """Offer every free seat to the next in line who can take it. Returns how many were offered."""
    now_held = Position.objects.get(pk=held.pk)
    free = now_held.capacity - now_held.seats_taken
    if free <= 0:
        return 0
    until = confirm_deadline(shift, SignupRules.at(shift.activity.grid).confirm_hours)
    if until is None:
        return 0
    offered = 0
    queue = WaitlistEntry.objects.filter(position=held, state=State.WAITING).select_related("volunteer")
    for entry in queue.order_by("pk"):
        if offered >= free:
            break
        if not can_be_asked(shift, entry.volunteer):
            continue  # keeps the place in line: what stands in the way may go away
        entry.state, entry.offered_at, entry.confirm_by = State.OFFERED, clock.now(), until
        entry.save(update_fields=["state", "offered_at", "confirm_by"])
        offered += 1
        tell(entry, notices.PLACE_OFFERED, shift, held, confirm_by_at=until)
    if offered:
        Position.objects.filter(pk=held.pk).update(seats_taken=F("seats_taken") + offered)
    return offered


def can_be_asked(shift: Shift, volunteer: User) -> bool:
    return (
        volunteer.is_active
        and not clashes(shift, volunteer)
        and is_eligible(shift, volunteer)
        and not is_paused(shift.activity, volunteer)
    )


def close_list(held: Position, shift: Shift) -> int:
    """Nobody is moved up any more: say so to those who still wait."""
    entries = list(
        WaitlistEntry.objects.filter(position=held, state=State.WAITING).select_related("volunteer")
    )
    for entry in entries:
        end(entry, State.CLOSED)
        if shift.activity.state == Activity.State.OPEN:
            tell(entry, notices.LIST_CLOSED, shift, held)
    return len(entries)


def tell_moved_up(held: Position, shift: Shift, before: Sequence[int]) -> None:
    """Tell those near the top whose number has become smaller."""
    places = {pk: number for number, pk in enumerate(before, start=1)}
    now_waiting = WaitlistEntry.objects.filter(position=held, state=State.WAITING).select_related("volunteer")
    for number, entry in enumerate(now_waiting.order_by("pk")[:NEAR_THE_TOP], start=1):
        if number < places.get(entry.pk, 0):
            tell(entry, notices.MOVED_UP, shift, held, number=number)


def tell(
    entry: WaitlistEntry,
    kind: notices.NoticeKind,
    shift: Shift,
    held: Position,
    **values: notices.Value,
) -> None:
    number = values.get("number", "")
    notify(
        [entry.volunteer],
        kind,
        key=f"waitlist:{entry.pk}:{number}",
        url=shift.activity.get_absolute_url(),
        activity=shift.activity.title,
        position=held.name,
        starts_at=shift.starts_at,
        **values,
    )


def settle_waitlists(now: dt.datetime | None = None) -> int:
    """Let unanswered offers lapse, offer free seats, close lists whose sign-up is over. Returns how many.

    The twin of the task `activities.settle_waitlists`; one transaction for each position.
    """
    moment = now or clock.now()
    waiting = WaitlistEntry.objects.filter(
        Q(state=State.OFFERED, confirm_by__lte=moment)
        | Q(state=State.WAITING, position__seats_taken__lt=F("position__capacity"))
        | Q(state=State.WAITING, shift__signup_closes_at__lte=moment)
        | Q(state=State.WAITING, shift__starts_at__lte=moment)
    )
    changed = 0
    for pk in sorted(set(waiting.values_list("position", flat=True))):
        with transaction.atomic():
            held = lock_position(pk)
            shift = Shift.objects.select_related("activity__grid").get(pk=held.shift_id)
            changed += settle(held, shift)
    return changed
