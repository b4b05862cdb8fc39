"""Records as stored acts, for the preview of new rules (`points.schemes.editor.preview`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from points.people.models import User
from points.records.models import ServiceRecord
from points.schemes.editor.preview import Stored
from points.schemes.facts import Act

FIELDS = (
    "volunteer_id",
    "served_on",
    "minutes",
    "planned_start",
    "planned_end",
    "category",
    "grade",
    "inputs",
)


class StoredRecords:
    """Every record that counts, with the inputs it keeps."""

    def count(self, places: Q, start: dt.date, end: dt.date) -> int:
        return _records(places, start, end).count()

    def read(self, places: Q, start: dt.date, end: dt.date, after: int, size: int) -> list[Stored]:
        rows = _records(places, start, end).filter(volunteer_id__gt=after)
        rows = rows.order_by("volunteer_id", "served_on", "confirmed_at", "pk").values(*FIELDS)
        found: list[Stored] = []
        for row in rows.iterator(chunk_size=2000):
            if len(found) >= size and row["volunteer_id"] != found[-1].account:
                break
            found.append(Stored(row["volunteer_id"], act_of(row)))
        return found

    def names(self, accounts: Iterable[int]) -> Mapping[int, str]:
        return {user.pk: user.masked_name for user in User.objects.filter(pk__in=list(accounts))}


def _records(places: Q, start: dt.date, end: dt.date) -> Any:
    counted = ServiceRecord.objects.exclude(state=ServiceRecord.State.SUPERSEDED)
    return counted.filter(places, served_on__gte=start, served_on__lte=end)


def act_of(row: Mapping[str, Any]) -> Act:
    """The act as the record keeps it; from its own columns where it was made before rules had parts."""
    inputs = row["inputs"] or {}
    if "act" in inputs:
        act: Act = Act.from_dict(inputs["act"])
        return act
    planned = inputs.get("facts", {}).get("planned_minutes")
    if planned is None:
        planned = int((row["planned_end"] - row["planned_start"]) // dt.timedelta(minutes=1))
    return Act(
        on=row["served_on"],
        minutes=row["minutes"],
        planned_minutes=planned,
        words={"category": row["category"], "grade": row["grade"]},
    )
