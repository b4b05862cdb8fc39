"""What people with a seat are told: called off, a new time, a new place, tomorrow, a word of the organiser.

Everything goes through `points.people.notices`, inside the transaction of what is told, so nobody hears of
what was rolled back.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from points import clock
from points.activities import errors, notices
from points.activities.models import (
    Activity,
    OrganiserMessage,
    Registration,
    Shift,
    SignupRules,
    WaitlistEntry,
)
from points.people.models import User
from points.people.notices import notify

State = Registration.State


def people_of(shift: Shift, *, also_waiting: bool = True) -> QuerySet[User]:
    """Whoever has a seat and has not come yet; with those in the queue unless left out."""
    seats = Registration.objects.filter(shift=shift, state=State.SIGNED_UP, checked_in_at__isnull=True)
    found = User.objects.filter(pk__in=seats.values("volunteer"))
    if also_waiting:
        queue = WaitlistEntry.objects.filter(shift=shift, state__in=WaitlistEntry.OPEN)
        found = found | User.objects.filter(pk__in=queue.values("volunteer"))
    return found


def stamp() -> str:
    """What tells one change from the next in a notice's key."""
    return f"{clock.now():%Y%m%d%H%M%S%f}"


def coming_shifts(activity: Activity) -> QuerySet[Shift]:
    return activity.shifts.filter(ends_at__gt=clock.now())


def tell_cancelled(activity: Activity) -> None:
    """Before the seats are called off: afterwards nobody would have one."""
    for shift in coming_shifts(activity):
        notify(
            people_of(shift),
            notices.ACTIVITY_CANCELLED,
            key=f"shift:{shift.pk}",
            url=activity.get_absolute_url(),
            activity=activity.title,
            starts_at=shift.starts_at,
            reason=activity.cancelled_reason,
        )


def tell_new_time(shift: Shift, old_start: dt.datetime, old_end: dt.datetime) -> None:
    if max(old_end, shift.ends_at) <= clock.now():
        return
    notify(
        people_of(shift),
        notices.TIME_CHANGED,
        key=f"shift:{shift.pk}:{stamp()}",
        url=shift.activity.get_absolute_url(),
        activity=shift.activity.title,
        old_starts_at=old_start,
        old_ends_at=old_end,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
    )


def tell_new_place(activity: Activity, *, old_place: str) -> None:
    for shift in coming_shifts(activity):
        notify(
            people_of(shift),
            notices.PLACE_CHANGED,
            key=f"shift:{shift.pk}:{stamp()}",
            url=activity.get_absolute_url(),
            activity=activity.title,
            starts_at=shift.starts_at,
            place=activity.place,
            old_place=old_place,
        )


def write_to_participants(shift: Shift, *, by: User, text: str) -> OrganiserMessage:
    """A short message to everybody with a seat (F-O6). Raises MessageEmpty, NobodyToTell, TooManyMessages."""
    words = " ".join(text.split())[:300]
    if not words:
        raise errors.MessageEmpty
    with transaction.atomic():
        held = Shift.objects.select_for_update(of=("self",), no_key=True).get(pk=shift.pk)
        activity = held.activity
        limit = SignupRules.at(activity.grid).messages_a_day
        since = clock.now() - dt.timedelta(days=1)
        if OrganiserMessage.objects.filter(shift=held, sent_at__gt=since).count() >= limit:
            raise errors.TooManyMessages(limit=limit)
        seats = Registration.objects.filter(shift=held, state__in=Registration.HOLDS_A_SEAT)
        people = list(User.objects.filter(pk__in=seats.values("volunteer"), is_active=True))
        if not people:
            raise errors.NobodyToTell
        message = OrganiserMessage.objects.create(
            shift=held, sent_by=by, sent_at=clock.now(), text=words, people=len(people)
        )
        notify(
            people,
            notices.MESSAGE,
            key=f"message:{message.pk}",
            url=activity.get_absolute_url(),
            activity=activity.title,
            starts_at=held.starts_at,
            text=words,
        )
        return message


def remind(now: dt.datetime | None = None) -> int:
    """Tell everybody whose shift is tomorrow (local day); returns how many. Run again, it tells nobody twice.

    The twin of the task `activities.remind`. A shift that was moved to another day is told anew.
    """
    moment = now or clock.now()
    tomorrow = local_day(moment) + dt.timedelta(days=1)
    start = midnight(tomorrow)
    seats = (
        Registration.objects.filter(
            state=State.SIGNED_UP,
            checked_in_at__isnull=True,
            shift__activity__state=Activity.State.OPEN,
            shift__starts_at__gte=start,
            shift__starts_at__lt=midnight(tomorrow + dt.timedelta(days=1)),
        )
        .select_related("volunteer", "position", "shift__activity")
        .order_by("pk")
    )
    told = 0
    for seat in seats.iterator(chunk_size=500):
        told += notify(
            [seat.volunteer],
            notices.REMINDER,
            key=f"registration:{seat.pk}:{tomorrow.isoformat()}",
            url=seat.shift.activity.get_absolute_url(),
            activity=seat.shift.activity.title,
            starts_at=seat.shift.starts_at,
            place=seat.shift.activity.place,
            position=seat.position.name,
        )
    return told


def local_day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(timezone.get_default_timezone()).date()


def midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min), timezone.get_default_timezone())
