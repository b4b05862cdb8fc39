"""What this room knows about a person, for that person's own copy."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from points.activities.models import Registration
from points.people.models import User
from points.people.own_data import Row, Section, register


def _registrations(user: User) -> Iterator[Row]:
    rows = Registration.objects.filter(volunteer=user).select_related("shift__activity", "position")
    for row in rows.order_by("pk").iterator():
        yield {
            "activity": row.shift.activity.title,
            "position": row.position.name,
            "starts_at": row.shift.starts_at,
            "ends_at": row.shift.ends_at,
            "state": row.get_state_display(),
            "signed_up_at": row.signed_up_at,
            "checked_in_at": row.checked_in_at,
            "checked_out_at": row.checked_out_at,
        }


register(
    Section(
        "registrations",
        _("My sign-ups"),
        {
            "activity": _("Activity"),
            "position": _("Position"),
            "starts_at": _("Starts"),
            "ends_at": _("Ends"),
            "state": _("State"),
            "signed_up_at": _("Signed up at"),
            "checked_in_at": _("Came at"),
            "checked_out_at": _("Left at"),
        },
        _registrations,
        order=30,
    )
)
