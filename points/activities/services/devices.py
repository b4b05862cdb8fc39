"""One phone, many people: shown to the organiser, never blocked, because families share phones."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

from points import clock
from points.activities.models import CheckInDevice, Registration, Shift

COOKIE = "jindou_device"
COOKIE_AGE = dt.timedelta(days=30)
KEPT = dt.timedelta(days=30)
MANY = 3
"""From so many people on one device within one shift, the organiser is asked to have a look."""


def new_device() -> str:
    """A random name for a browser (128 bits) that says nothing about it."""
    return secrets.token_urlsafe(16)


def digest_of(shift: Shift, device: str) -> str:
    """The device within this shift only: another shift has another secret."""
    return hmac.new(shift.secret.encode(), f"device:{device}".encode(), hashlib.sha256).hexdigest()


def note_device(registration: Registration, device: str) -> None:
    """Remember from which device this seat was checked in or out; the same again changes nothing."""
    shift = Shift.objects.get(pk=registration.shift_id)
    CheckInDevice.objects.get_or_create(
        registration=registration, digest=digest_of(shift, device), defaults={"made_at": clock.now()}
    )


def shared_devices(shift: Shift) -> list[list[Registration]]:
    """The groups of people of this shift who used one device, from `MANY` people on. One query."""
    rows = (
        CheckInDevice.objects.filter(registration__shift=shift)
        .select_related("registration__volunteer")
        .order_by("registration__volunteer__name", "registration_id")
    )
    groups: dict[str, list[Registration]] = {}
    for row in rows:
        groups.setdefault(row.digest, []).append(row.registration)
    return [people for people in groups.values() if len(people) >= MANY]


def forget_devices(now: dt.datetime | None = None) -> int:
    """Delete what is older than thirty days. Returns how many rows."""
    old = CheckInDevice.objects.filter(made_at__lt=(now or clock.now()) - KEPT)
    return old.delete()[0]
