"""What a unit did about records and certificates in a year: for its annual report (law L-A20)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from points.grids import policies
from points.grids.models import Organization
from points.grids.policies import Action
from points.records.models import Certificate, Objection, ServiceRecord


@dataclass
class UnitYear:
    """One recording unit's year. A record counts once, whatever its versions; minutes are the valid ones."""

    unit: Organization
    records: int = 0
    minutes: int = 0
    supplemented: int = 0
    corrections: int = 0
    objections: int = 0
    certificates: int = 0
    revoked: int = 0

    @property
    def share(self) -> int:
        """Minutes entered later, of a hundred."""
        return round(100 * self.supplemented / self.minutes) if self.minutes else 0


def year_of(user: Any, year: int) -> list[UnitYear]:
    """The units whose records this person may see, in a year of confirmation. Five queries."""
    start, end = _midnight(dt.date(year, 1, 1)), _midnight(dt.date(year + 1, 1, 1))
    rows = ServiceRecord.objects.filter(
        policies.scope(user, Action.VIEW_RECORDS), confirmed_at__gte=start, confirmed_at__lt=end
    )
    valid = ~Q(state=ServiceRecord.State.SUPERSEDED)
    late = valid & Q(grade=ServiceRecord.Grade.SUPPLEMENTED)
    sums = (
        rows.order_by()
        .values("recording_unit")
        .annotate(
            count=Count("pk", filter=Q(version=1)),
            sum=Sum("minutes", filter=valid, default=0),
            late=Sum("minutes", filter=late, default=0),
            corrected=Count("pk", filter=Q(version__gt=1)),
        )
    )
    objections = _by_unit(
        Objection.objects.filter(
            policies.scope(user, Action.VIEW_RECORDS, lookup="record__grid"),
            raised_at__gte=start,
            raised_at__lt=end,
        ),
        "record__recording_unit",
    )
    mine = policies.scope(user, Action.VIEW_RECORDS, lookup="recording_unit__grid")
    issued = _by_unit(
        Certificate.objects.filter(mine, issued_at__gte=start, issued_at__lt=end), "recording_unit"
    )
    revoked = _by_unit(
        Certificate.objects.filter(mine, revoked_at__gte=start, revoked_at__lt=end), "recording_unit"
    )
    found = {row["recording_unit"]: row for row in sums}
    units = Organization.objects.in_bulk([*found, *objections, *issued, *revoked])
    years = []
    for pk, unit in units.items():
        row = found.get(pk, {"count": 0, "sum": 0, "late": 0, "corrected": 0})
        years.append(
            UnitYear(
                unit,
                row["count"],
                row["sum"],
                row["late"],
                row["corrected"],
                objections.get(pk, 0),
                issued.get(pk, 0),
                revoked.get(pk, 0),
            )
        )
    return sorted(years, key=lambda each: (-each.minutes, each.unit.name))


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _by_unit(rows: Any, field: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(field).annotate(count=Count("pk")))


def total_of(years: Iterable[UnitYear]) -> dict[str, int]:
    """The sums below the table."""
    rows = list(years)
    names = "records minutes supplemented corrections objections certificates revoked".split()
    found = {name: sum(getattr(row, name) for row in rows) for name in names}
    return found | {"share": round(100 * found["supplemented"] / found["minutes"]) if found["minutes"] else 0}
