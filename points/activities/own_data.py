"""What this room knows about a person, for that person's own copy."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from points.activities.models import Absence, HeldQualification, Registration, WaitlistEntry
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


def _waiting(user: User) -> Iterator[Row]:
    rows = WaitlistEntry.objects.filter(volunteer=user).select_related("shift__activity", "position")
    for row in rows.order_by("pk").iterator():
        yield {
            "activity": row.shift.activity.title,
            "position": row.position.name,
            "state": row.get_state_display(),
            "joined_at": row.joined_at,
            "ended_at": row.ended_at,
        }


def _absences(user: User) -> Iterator[Row]:
    rows = Absence.objects.filter(registration__volunteer=user)
    rows = rows.select_related("registration__shift__activity")
    for row in rows.order_by("pk").iterator():
        yield {
            "activity": row.registration.shift.activity.title,
            "marked_at": row.marked_at,
            "answer": row.get_answer_display() if row.answer else "",
            "words": row.words,
            "decision": row.get_decision_display() if row.decision else "",
            "reason": row.reason,
        }


def _qualifications(user: User) -> Iterator[Row]:
    rows = HeldQualification.objects.filter(volunteer=user).select_related("qualification")
    for row in rows.order_by("pk").iterator():
        yield {"name": row.qualification.name, "valid_until": row.valid_until}


register(
    Section(
        "waiting_lists",
        _("My places on waiting lists"),
        {
            "activity": _("Activity"),
            "position": _("Position"),
            "state": _("State"),
            "joined_at": _("Joined at"),
            "ended_at": _("Ended at"),
        },
        _waiting,
        order=31,
    )
)
register(
    Section(
        "absences",
        _("Times I was marked as absent"),
        {
            "activity": _("Activity"),
            "marked_at": _("Marked at"),
            "answer": _("My answer"),
            "words": _("In my words"),
            "decision": _("Decision"),
            "reason": _("Reason"),
        },
        _absences,
        order=32,
    )
)
register(
    Section(
        "qualifications",
        _("My qualifications"),
        {"name": _("Name"), "valid_until": _("Valid until")},
        _qualifications,
        order=33,
    )
)
