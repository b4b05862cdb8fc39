"""What this room knows about a person, for that person's own copy: every version, and why it earned what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from points.people.models import User
from points.people.own_data import Row, Section, register
from points.records.models import (
    Certificate,
    Commendation,
    Evaluation,
    Objection,
    ServiceRecord,
    Supplement,
    TrainingRecord,
)
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


def _objections(user: User) -> Iterator[Row]:
    rows = Objection.objects.filter(raised_by=user).select_related("record")
    for row in rows.order_by("pk").iterator():
        yield {
            "number": row.record.number if row.record.volunteer_id == user.pk else "",
            "activity": row.record.activity_name,
            "claim": row.get_claim_display(),
            "text": row.text,
            "raised_at": row.raised_at,
            "state": row.get_state_display(),
            "answer": row.answer,
        }


def _supplements(user: User) -> Iterator[Row]:
    for row in Supplement.objects.filter(volunteer=user).order_by("pk").iterator():
        yield {
            "activity": row.activity_name,
            "content": row.content,
            "place": row.place,
            "checked_in_at": row.came_at,
            "checked_out_at": row.left_at,
            "reason": row.reason,
            "state": row.get_state_display(),
            "answer": row.answer,
        }


def _certificates(user: User) -> Iterator[Row]:
    rows = Certificate.objects.filter(volunteer=user).select_related("recording_unit")
    for row in rows.order_by("pk").iterator():
        yield {
            "number": row.number,
            "recording_unit": row.recording_unit.name,
            "minutes": row.minutes,
            "issued_at": row.issued_at,
            "revoked_at": row.revoked_at,
        }


def _others(user: User) -> Iterator[Row]:
    for training in TrainingRecord.objects.filter(volunteer=user).order_by("held_on", "pk"):
        yield _other(_("Training"), training.name, training.held_by, training.held_on)
    for honour in Commendation.objects.filter(volunteer=user).order_by("awarded_on", "pk"):
        yield _other(_("Commendation"), honour.name, honour.awarded_by, honour.awarded_on)
    ratings = Evaluation.objects.filter(record__volunteer=user).select_related("record")
    for rating in ratings.order_by("rated_on", "pk"):
        name = f"{rating.record.activity_name}: {rating.rating}"
        yield _other(_("Rating"), name, rating.get_source_display(), rating.rated_on)


def _other(kind: Any, name: str, source: Any, on: dt.date) -> Row:
    return {"kind": str(kind), "name": name, "source": str(source), "on": on}


register(
    Section(
        "objections",
        _("My objections"),
        {
            "number": _("Record number"),
            "activity": _("Activity"),
            "claim": _("What is wrong"),
            "text": _("In my words"),
            "raised_at": _("Said at"),
            "state": _("State"),
            "answer": _("Answer"),
        },
        _objections,
        order=41,
    )
)
register(
    Section(
        "supplements",
        _("Hours I claimed later"),
        {
            "activity": _("Activity"),
            "content": _("What was done"),
            "place": _("Place"),
            "checked_in_at": _("Came at"),
            "checked_out_at": _("Left at"),
            "reason": _("Reason"),
            "state": _("State"),
            "answer": _("Answer"),
        },
        _supplements,
        order=42,
    )
)
register(
    Section(
        "certificates",
        _("My certificates"),
        {
            "number": _("Number"),
            "recording_unit": _("Recorded by"),
            "minutes": _("Minutes"),
            "issued_at": _("Issued at"),
            "revoked_at": _("Revoked at"),
        },
        _certificates,
        order=43,
    )
)
register(
    Section(
        "other_records",
        _("Training, commendations, ratings"),
        {"kind": _("Kind"), "name": _("Name"), "source": _("By whom"), "on": _("Date")},
        _others,
        order=44,
    )
)
