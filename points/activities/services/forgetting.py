"""What activities let go of when somebody closes the account (J6)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from points import clock
from points.activities.models import (
    Absence,
    CalendarAddress,
    HeldQualification,
    ImportRun,
    Registration,
    WaitlistEntry,
)
from points.activities.services.registration import cancel_registration
from points.activities.services.waiting import leave_waitlist
from points.people.models import User


def seats_ahead(volunteer: User) -> QuerySet[Registration]:
    """Seats in shifts that have not ended, of somebody who is not there."""
    return Registration.objects.filter(
        volunteer=volunteer,
        state=Registration.State.SIGNED_UP,
        checked_in_at__isnull=True,
        shift__ends_at__gt=clock.now(),
    )


def give_back_seats(volunteer: User) -> int:
    """Leave every queue and cancel every seat ahead; returns how many seats.

    Whoever has checked in keeps the minutes served.
    """
    for entry in WaitlistEntry.objects.filter(volunteer=volunteer, ended_at__isnull=True).order_by("pk"):
        leave_waitlist(entry, by=volunteer)
    seats = list(seats_ahead(volunteer).order_by("position_id", "pk"))
    for registration in seats:
        cancel_registration(registration, by=volunteer)
    return len(seats)


@transaction.atomic
def forget_words(volunteer: User) -> None:
    """Erase what the person wrote about absences, the secret calendar address, and the qualifications."""
    Absence.objects.filter(registration__volunteer=volunteer).update(words="")
    CalendarAddress.objects.filter(user=volunteer).delete()
    HeldQualification.objects.filter(volunteer=volunteer).delete()


@transaction.atomic
def forget_in_sheets(volunteer: User) -> int:
    """Remove the person's lines from row reports of imports; returns how many lines."""
    known = {text for text in (volunteer.name, volunteer.phone) if text}
    gone = 0
    for run in ImportRun.objects.exclude(rows=[]).select_for_update(of=("self",), no_key=True).order_by("pk"):
        kept = [row for row in run.rows if not known & set(_texts(row))]
        if len(kept) != len(run.rows):
            gone += len(run.rows) - len(kept)
            run.rows = kept
            run.save(update_fields=["rows"])
    return gone


def _texts(row: object) -> list[str]:
    values = row.values() if isinstance(row, dict) else row if isinstance(row, list) else [row]
    return [value for value in values if isinstance(value, str)]
