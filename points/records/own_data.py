"""What this room knows about a person, for that person's own copy: every version, and why it earned what."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from points.people.models import User
from points.people.own_data import Row, Section, register
from points.records.models import ServiceRecord
from points.records.words import explain


def _records(user: User) -> Iterator[Row]:
    rows = ServiceRecord.objects.of(user).select_related("recording_unit", "scheme_version__scheme", "grid")
    for row in rows.order_by("served_on", "pk").iterator():
        yield {
            "number": row.number,
            "version": row.version,
            "activity": row.activity_name,
            "content": row.content,
            "place": row.place,
            "grid": row.grid.name,
            "recording_unit": row.recording_unit.name,
            "served_on": row.served_on,
            "planned_start": row.planned_start,
            "planned_end": row.planned_end,
            "checked_in_at": row.checked_in_at,
            "checked_out_at": row.checked_out_at,
            "minutes": row.minutes,
            "proof": row.get_grade_display(),
            "state": row.get_state_display(),
            "beans": row.beans,
            "why": " ".join(explain(row)),
        }


register(
    Section(
        "records",
        _("My records"),
        {
            "number": _("Record number"),
            "version": _("Version"),
            "activity": _("Activity"),
            "content": _("What was done"),
            "place": _("Place"),
            "grid": _("Grid"),
            "recording_unit": _("Recorded by"),
            "served_on": _("Date"),
            "planned_start": _("Planned start"),
            "planned_end": _("Planned end"),
            "checked_in_at": _("Came at"),
            "checked_out_at": _("Left at"),
            "minutes": _("Minutes"),
            "proof": _("Proof"),
            "state": _("State"),
            "beans": _("Beans"),
            "why": _("Why so many"),
        },
        _records,
        order=40,
    )
)
