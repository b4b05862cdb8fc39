"""Calendars that phones subscribe to (RFC 5545): one's own shifts, and the open activities of a unit.

Every event keeps its UID for ever, so a calendar replaces what it has; what was called off stays in the feed
as CANCELLED for a while, because leaving it out would leave it standing in some calendars.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import icalendar
from django.db.models import Q
from django.utils import timezone

from points import clock
from points.activities.models import Activity, Registration, Shift, WaitlistEntry
from points.grids.models import GridUnit
from points.people.models import User

KEEPS_DAYS = 90
"""How long what is over stays in a feed."""
MAX_EVENTS = 500
State = Registration.State
GONE = (State.CANCELLED, State.LATE_CANCELLED, State.CALLED_OFF)


def new_calendar(name: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Jindou//Activities//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", str(timezone.get_default_timezone()))
    calendar.add("refresh-interval", dt.timedelta(hours=1), parameters={"VALUE": "DURATION"})
    return calendar


def event_of(
    shift: Shift, *, uid: str, host: str, status: str, title: str, words: Iterable[str]
) -> icalendar.Event:
    """One shift as an event in the town's own time zone."""
    activity = shift.activity
    zone = timezone.get_default_timezone()
    event = icalendar.Event()
    event.add("uid", f"{uid}@{host}")
    event.add("dtstamp", clock.now().astimezone(dt.UTC))
    event.add("dtstart", shift.starts_at.astimezone(zone))
    event.add("dtend", shift.ends_at.astimezone(zone))
    event.add("summary", title)
    event.add("location", activity.place)
    event.add("description", "\n".join(word for word in words if word))
    event.add("url", f"https://{host}{activity.get_absolute_url()}")
    event.add("status", status)
    event.add("transp", "TRANSPARENT" if status == "CANCELLED" else "OPAQUE")
    return event


def written(calendar: icalendar.Calendar) -> bytes:
    """The file, with the definition of its time zone in it."""
    calendar.add_missing_timezones()
    data: bytes = calendar.to_ical()
    return data


def own_feed(user: User, *, host: str, name: str) -> bytes:
    """The person's seats and offered places, from three months ago on."""
    calendar = new_calendar(name)
    since = clock.now() - dt.timedelta(days=KEEPS_DAYS)
    seats = (
        Registration.objects.filter(volunteer=user, shift__ends_at__gt=since)
        .select_related("shift__activity", "position")
        .order_by("shift__starts_at", "pk")
    )
    for seat in seats[:MAX_EVENTS]:
        activity = seat.shift.activity
        is_off = seat.state in GONE or (
            activity.state == Activity.State.CANCELLED and seat.checked_in_at is None
        )
        reason = activity.cancelled_reason if activity.state == Activity.State.CANCELLED else ""
        calendar.add_component(
            event_of(
                seat.shift,
                uid=f"registration-{seat.pk}",
                host=host,
                status="CANCELLED" if is_off else "CONFIRMED",
                title=f"{activity.title} · {seat.position.name}",
                words=(reason, activity.summary, activity.bring, activity.contact_phone),
            )
        )
    offers = WaitlistEntry.objects.filter(
        volunteer=user, state=WaitlistEntry.State.OFFERED, confirm_by__gt=clock.now()
    ).select_related("shift__activity", "position")
    for entry in offers:
        calendar.add_component(
            event_of(
                entry.shift,
                uid=f"offer-{entry.pk}",
                host=host,
                status="TENTATIVE",
                title=f"{entry.shift.activity.title} · {entry.position.name}",
                words=(entry.shift.activity.summary,),
            )
        )
    return written(calendar)


def grid_feed(grid: GridUnit, *, host: str) -> bytes:
    """The activities of a unit and everything below it that are open, with those called off. No names."""
    calendar = new_calendar(grid.name)
    shifts = (
        Shift.objects.filter(
            Q(activity__state=Activity.State.OPEN) | Q(activity__state=Activity.State.CANCELLED),
            activity__grid__path__startswith=grid.path,
            ends_at__gt=clock.now(),
        )
        .select_related("activity__grid")
        .order_by("starts_at", "pk")
    )
    for shift in shifts[:MAX_EVENTS]:
        activity = shift.activity
        is_off = activity.state == Activity.State.CANCELLED
        words = (activity.cancelled_reason if is_off else "", activity.summary, activity.grid.name)
        calendar.add_component(
            event_of(
                shift,
                uid=f"shift-{shift.pk}",
                host=host,
                status="CANCELLED" if is_off else "CONFIRMED",
                title=activity.title,
                words=words,
            )
        )
    return written(calendar)
