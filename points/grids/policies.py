"""Who may do what where: the only place that reads roles.

A role is a row: person, role, subtree, from–to. `ROLE_ACTIONS` says what each role may do; `can` answers
for one unit and `grids_for` is its mirror, the units for which `can` says yes. `scope` is the same as a
filter on another model's path to its unit. All answer from one query per person and request: the role rows
are kept on the user instance, for one day of the clock, until `forget`.

A superuser is the administrator of everything. Anonymous and deactivated people may do nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from points import clock
from points.grids.models import GridUnit, Role, RoleAssignment
from points.people.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet

EVERYWHERE = ""
"""The path of the whole town: every path starts with it."""


class Action(models.TextChoices):
    """What somebody may do for a subtree. Values are plain strings; either spelling is accepted."""

    VIEW_BACK_OFFICE = "view_back_office", pgettext_lazy("action", "enter the back office")
    ORGANISE = "organise", pgettext_lazy("action", "organise activities")
    CONFIRM = "confirm", pgettext_lazy("action", "confirm attendance")
    IMPORT_RECORDS = "import_records", pgettext_lazy("action", "import sign-in sheets")
    ANNOUNCE = "announce", pgettext_lazy("action", "publish announcements")
    MANAGE_PEOPLE = "manage_people", pgettext_lazy("action", "manage people and roles")
    MANAGE_GRIDS = "manage_grids", pgettext_lazy("action", "manage grid units")
    MANAGE_SCHEMES = "manage_schemes", pgettext_lazy("action", "manage schemes")
    MANAGE_REWARDS = "manage_rewards", pgettext_lazy("action", "manage rewards")
    SETTLE = "settle", pgettext_lazy("action", "settle with providers")
    AUDIT = "audit", pgettext_lazy("action", "read the ledger")
    MANAGE_BUDGET = "manage_budget", pgettext_lazy("action", "manage budgets")
    VIEW_RECORDS = "view_records", pgettext_lazy("action", "see service records")
    VIEW_ASSESSMENT = "view_assessment", pgettext_lazy("action", "see assessments")
    MANAGE_ASSESSMENT = "manage_assessment", pgettext_lazy("action", "manage assessments")
    REVIEW_ASSESSMENT = "review_assessment", pgettext_lazy("action", "review claims of leaders")
    DECIDE_APPEALS = "decide_appeals", pgettext_lazy("action", "decide appeals of leaders")


_ORGANISING = frozenset({Action.ORGANISE, Action.CONFIRM, Action.VIEW_RECORDS})
_ASSESSING = frozenset({Action.VIEW_ASSESSMENT, Action.MANAGE_ASSESSMENT, Action.REVIEW_ASSESSMENT})
_OFFICE = _ORGANISING | {Action.VIEW_BACK_OFFICE, Action.IMPORT_RECORDS, Action.ANNOUNCE}

ROLE_ACTIONS: dict[Role, frozenset[Action]] = {
    Role.ADMINISTRATOR: frozenset(Action),
    Role.AUDITOR: frozenset(
        {Action.VIEW_BACK_OFFICE, Action.AUDIT, Action.VIEW_RECORDS, Action.VIEW_ASSESSMENT}
    ),
    Role.COMMUNITY_WORKER: (
        _OFFICE | _ASSESSING | {Action.MANAGE_PEOPLE, Action.MANAGE_REWARDS, Action.SETTLE}
    ),
    Role.ORGANISER: _OFFICE,
    Role.GRID_LEADER: _OFFICE,
    Role.MICRO_GRID_LEADER: _ORGANISING,
    Role.BUILDING_LEADER: frozenset({Action.VIEW_RECORDS}),
    Role.LIAISON: frozenset({Action.VIEW_RECORDS}),
}

_CACHE = "_grids_roles"


def roles_of(user: Any) -> tuple[tuple[Role, str], ...]:
    """The current (role, path of the unit) pairs of a person; one query, then kept on the instance."""
    if not (getattr(user, "is_authenticated", False) and user.is_active):
        return ()
    if user.is_superuser:
        return ((Role.ADMINISTRATOR, EVERYWHERE),)
    today = clock.today()
    kept: tuple[dt.date, tuple[tuple[Role, str], ...]] | None = user.__dict__.get(_CACHE)
    if kept is None or kept[0] != today:
        rows = RoleAssignment.objects.current(today).filter(user_id=user.pk).values_list("role", "grid__path")
        kept = (today, tuple((Role(role), path) for role, path in rows))
        user.__dict__[_CACHE] = kept
    return kept[1]


def forget(user: Any) -> None:
    """Read the person's roles anew at the next question."""
    getattr(user, "__dict__", {}).pop(_CACHE, None)


def paths_for(user: Any, action: str) -> tuple[str, ...]:
    """The roots of the subtrees in which the person may do it; none lies inside another."""
    wanted = Action(action)
    return _outermost(path for role, path in roles_of(user) if wanted in ROLE_ACTIONS[role])


def can(user: Any, action: str, grid: GridUnit | None) -> bool:
    """Whether the person may do `action` for this unit. No unit means the whole town."""
    path = EVERYWHERE if grid is None else grid.path
    return any(path.startswith(root) for root in paths_for(user, action))


def grids_for(user: Any, action: str) -> QuerySet[GridUnit]:
    """Every unit for which `can(user, action, unit)` holds."""
    return GridUnit.objects.filter(scope(user, action, lookup=""))


def scope(user: Any, action: str, *, lookup: str = "grid") -> Q:
    """A filter on any model: rows whose unit (at the ORM path `lookup`) is within the person's subtrees."""
    paths = paths_for(user, action)
    if EVERYWHERE in paths:
        return Q()
    field = f"{lookup}__path__startswith" if lookup else "path__startswith"
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{field: path})
    return found


def holders(action: str, grid: GridUnit) -> QuerySet[User]:
    """Everybody active whose roles let them do it for this unit today."""
    roles = [role for role, actions in ROLE_ACTIONS.items() if Action(action) in actions]
    above = [grid.path[:end] for end in range(GridUnit.steplen, len(grid.path) + 1, GridUnit.steplen)]
    assigned = RoleAssignment.objects.current().filter(role__in=roles, grid__path__in=above)
    return User.objects.filter(pk__in=assigned.values("user"), is_active=True)


def has_any(user: Any, action: str) -> bool:
    """Whether the person may do it anywhere at all."""
    return bool(paths_for(user, action))


def roles_for(user: Any, action: str, grid: GridUnit) -> tuple[Role, ...]:
    """The roles in which the person may do it for this unit, in the order of `Role`."""
    wanted = Action(action)
    held = {role for role, path in roles_of(user) if grid.path.startswith(path)}
    return tuple(role for role in Role if role in held and wanted in ROLE_ACTIONS[role])


def everywhere(user: Any, action: str) -> bool:
    """Whether the person may do it in the whole town: every root lies in their subtrees.

    For what belongs to no single unit, such as the ledger: an auditor or administrator of one community must
    not read the beans of another's members there.
    """
    paths = paths_for(user, action)
    if not paths or EVERYWHERE in paths:
        return bool(paths)
    roots = set(GridUnit.objects.filter(depth=1).values_list("path", flat=True))
    return roots <= set(paths)


def actions_on(user: Any, grid: GridUnit) -> frozenset[Action]:
    """Everything the person may do for this unit."""
    return actions_at(user, grid.path)


def actions_at(user: Any, path: str) -> frozenset[Action]:
    """Everything the person may do in the whole subtree at this path."""
    found: frozenset[Action] = frozenset()
    for role, root in roles_of(user):
        if path.startswith(root):
            found |= ROLE_ACTIONS[role]
    return found


def may_grant(user: Any, role: str, grid: GridUnit) -> bool:
    """Whether the person may give or end `role` there: a manager of people, and never more than they hold."""
    own = actions_on(user, grid)
    return Action.MANAGE_PEOPLE in own and ROLE_ACTIONS[Role(role)] <= own


def _outermost(paths: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(path.startswith(root) for root in kept):
            kept.append(path)
    return tuple(kept)
