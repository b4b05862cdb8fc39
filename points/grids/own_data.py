"""What this room knows about a person, for that person's own copy."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from points.grids.models import GridMembership, RoleAssignment
from points.grids.models_teams import TeamMember
from points.people.models import User
from points.people.own_data import Row, Section, register


def _places(user: User) -> Iterator[Row]:
    for place in GridMembership.objects.filter(user=user).select_related("grid").order_by("pk"):
        yield {
            "place": place.grid.name,
            "kind": place.get_kind_display(),
            "from_on": place.from_on,
            "to_on": place.to_on,
        }


def _roles(user: User) -> Iterator[Row]:
    for role in RoleAssignment.objects.filter(user=user).select_related("grid").order_by("pk"):
        yield {
            "role": role.get_role_display(),
            "place": role.grid.name,
            "from_on": role.from_on,
            "to_on": role.to_on,
        }


_DATES = {"from_on": _("From"), "to_on": _("Until")}
register(
    Section(
        "places", _("Where I live"), {"place": _("Place"), "kind": _("Kind"), **_DATES}, _places, order=20
    )
)
register(
    Section("roles", _("My tasks"), {"role": _("Task"), "place": _("Place"), **_DATES}, _roles, order=21)
)


def _teams(user: User) -> Iterator[Row]:
    for row in TeamMember.objects.filter(user=user).select_related("team").order_by("pk"):
        yield {
            "team": row.team.name,
            "state": row.get_state_display(),
            "leads": row.is_leader,
            "asked_at": row.asked_at,
        }


register(
    Section(
        "teams",
        _("My teams"),
        {"team": _("Team"), "state": _("State"), "leads": _("Leads it"), "asked_at": _("Asked at")},
        _teams,
        order=22,
    )
)
