"""Reads of service records that chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef

from points import clock
from points.grids import policies
from points.people.models import Consent

if TYPE_CHECKING:
    from points.grids.models import GridUnit
    from points.people.models import User
    from points.records.models import ServiceRecord  # noqa: F401


class ServiceRecordQuerySet(models.QuerySet["ServiceRecord"]):
    def of(self, user: User) -> ServiceRecordQuerySet:
        """What one volunteer did."""
        return self.filter(volunteer=user)

    def valid(self) -> ServiceRecordQuerySet:
        """Without the versions that a correction has replaced."""
        return self.exclude(state="superseded")

    def in_notice(self) -> ServiceRecordQuerySet:
        """In public notice at this moment, also while somebody's objection is being looked at."""
        return self.filter(state__in=("in_notice", "held"), notice_ends_at__gt=clock.now())

    def in_subtree(self, grid: GridUnit) -> ServiceRecordQuerySet:
        return self.filter(grid__path__startswith=grid.path)

    def within(self, user: Any, action: str = policies.Action.VIEW_RECORDS) -> ServiceRecordQuerySet:
        """The records of the subtrees in which the person may do `action`."""
        return self.filter(policies.scope(user, action))

    def with_consent_to_name(self) -> ServiceRecordQuerySet:
        """Adds `name_is_public`: the volunteer agreed to the full name in public notices (law L-A18)."""
        consents = Consent.objects.filter(
            user=OuterRef("volunteer"), purpose=Consent.Purpose.PUBLIC_NAME, withdrawn_at__isnull=True
        )
        return self.annotate(name_is_public=Exists(consents))
