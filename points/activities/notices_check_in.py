"""What somebody is told who has just checked in: when and how to check out (emfcamp #2346)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from points import clock, dates
from points.activities.models import Registration, Shift
from points.people.models import Notice
from points.people.notices import NoticeKind, Topic, notify, register

CHECKED_IN = register(
    NoticeKind(
        code="checked_in",
        topic=Topic.ACTIVITIES,
        title=_("You are checked in: %(activity)s"),
        body=_(
            "You came at %(came)s. When you leave (planned %(ends)s), scan the organiser's screen or type "
            "its six digits on the check-in page, until %(until)s. No phone? Tell the organiser. If you "
            "forget, the planned end counts and the organiser has to vouch for you."
        ),
    )
)


def key_of(registration_pk: int) -> str:
    return f"check_in:{registration_pk}"


def tell_checked_in(registration: Registration, shift: Shift, *, opens_until: dt.datetime) -> None:
    """Say it once; it is out of the way as soon as the person has checked out."""
    notify(
        [registration.volunteer],
        CHECKED_IN,
        key=key_of(registration.pk),
        url=reverse("activities:check"),
        activity=shift.activity.title,
        came=dates.clocktime(registration.checked_in_at),
        ends=dates.clocktime(shift.ends_at),
        until=dates.clocktime(opens_until),
    )


def forget_check_in_notices(registrations: Iterable[int]) -> None:
    """Whoever has left needs no reminder: the notices of these registrations count as read."""
    keys = [key_of(pk) for pk in registrations]
    Notice.objects.filter(kind=CHECKED_IN.code, key__in=keys, read_at__isnull=True).update(
        read_at=clock.now()
    )
