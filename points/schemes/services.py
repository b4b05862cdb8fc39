"""Which rules apply where and when, and how new ones are put in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from points import clock
from points.grids.models import GridUnit
from points.ledger.models import Transaction
from points.schemes import errors
from points.schemes.models import Scheme, SchemeVersion
from points.schemes.rules import Rules

if TYPE_CHECKING:
    from points.people.models import User

Places = Iterable[tuple[GridUnit, dt.date]]


def lineage(grid: GridUnit) -> list[str]:
    """The tree paths of a unit's ancestors and of itself, from the root down (no query)."""
    return [grid.path[:end] for end in range(GridUnit.steplen, len(grid.path) + 1, GridUnit.steplen)]


def version_in_force(grid: GridUnit, on: dt.date) -> SchemeVersion | None:
    """The version that applies to `grid` on a day: of the nearest unit above it that has one in force."""
    return (
        SchemeVersion.objects.filter(scheme__grid__path__in=lineage(grid), effective_from__lte=on)
        .select_related("scheme__grid")
        .order_by("-scheme__grid__path", "-effective_from")
        .first()
    )


def versions_for(places: Places) -> dict[tuple[int, dt.date], SchemeVersion | None]:
    """`version_in_force` for many (unit, day) pairs in one query; the answer's keys are (unit's pk, day)."""
    wanted = {(grid.pk, on): grid for grid, on in places}
    if not wanted:
        return {}
    paths = {path for grid in wanted.values() for path in lineage(grid)}
    latest = max(on for _pk, on in wanted)
    by_path: dict[str, list[SchemeVersion]] = {}
    for version in (
        SchemeVersion.objects.filter(scheme__grid__path__in=paths, effective_from__lte=latest)
        .select_related("scheme__grid")
        .order_by("-effective_from")
    ):
        by_path.setdefault(version.scheme.grid.path, []).append(version)
    return {
        (pk, on): next(
            (
                version
                for path in reversed(lineage(grid))
                for version in by_path.get(path, ())
                if version.effective_from <= on
            ),
            None,
        )
        for (pk, on), grid in wanted.items()
    }


@transaction.atomic
def publish_version(
    scheme: Scheme, *, rules: Rules | Mapping[str, Any], effective_from: dt.date, by: User | None
) -> SchemeVersion:
    """Put new rules in force from a day. Versions follow one another and never reach into recorded time.

    Raises the coded errors of `Rules.from_dict`, `OverlappingVersion` when a version already starts on
    that day or later, and `RetroactiveVersion` when the day is past and service has been recorded here.
    """
    checked = Rules.from_dict(rules)
    scheme = (
        Scheme.objects.select_for_update(of=("self",), no_key=True).select_related("grid").get(pk=scheme.pk)
    )
    newest = scheme.versions.order_by("-effective_from").first()
    if newest is not None and effective_from <= newest.effective_from:
        raise errors.OverlappingVersion(number=newest.number, day=newest.effective_from.isoformat())
    if effective_from < clock.today() and has_been_used(scheme):
        raise errors.RetroactiveVersion(day=effective_from.isoformat())
    return SchemeVersion.objects.create(
        scheme=scheme,
        number=newest.number + 1 if newest else 1,
        effective_from=effective_from,
        rules=checked.to_dict(),
        published_at=clock.now(),
        published_by=by,
    )


def has_been_used(scheme: Scheme) -> bool:
    """Whether the ledger holds a line under this scheme, or under one above it whose place it would take."""
    codes = Scheme.objects.filter(grid__path__in=lineage(scheme.grid)).values_list("code", flat=True)
    return Transaction.objects.filter(
        reduce(or_, (Q(rule__startswith=f"{code}:") for code in codes), Q(pk__in=[]))
    ).exists()
