"""What is done to the tree and to people's places in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from points import clock
from points.grids import policies
from points.grids.errors import (
    BadUnit,
    Cycle,
    DuplicateCode,
    GridClosed,
    NotAllowed,
    OwnRole,
    PersonInactive,
    RoleExists,
    UnknownParent,
    WrongDates,
)
from points.grids.models import GridMembership, GridUnit, Role, RoleAssignment
from points.grids.policies import Action

if TYPE_CHECKING:
    from points.people.models import User


class UnitRow(NamedTuple):
    """One line of a tree to be added. `parent_code` empty means a root."""

    parent_code: str
    code: str
    name: str
    level: str
    kind: str = GridUnit.Kind.RESIDENTIAL


# --- The tree -------------------------------------------------------------------------------------------
@transaction.atomic
def add_unit(
    parent: GridUnit | None,
    *,
    code: str,
    name: str,
    level: str,
    kind: str = GridUnit.Kind.RESIDENTIAL,
    by: User | None,
    opened_on: dt.date | None = None,
) -> GridUnit:
    """Add one unit below `parent` (or a root). `by` None is the system itself (set-up and the demo town).

    Refuses with not_allowed, duplicate_code, bad_unit.
    """
    _demand_grid_manager(by, parent)
    unit = GridUnit(code=code, name=name, level=level, kind=kind, opened_on=opened_on or clock.today())
    _check(unit)
    if GridUnit.objects.filter(code=code).exists():
        raise DuplicateCode(code=code)
    if parent is None:
        GridUnit.add_root(instance=unit)
    else:
        GridUnit.objects.get(pk=parent.pk).add_child(instance=unit)
    return unit


@transaction.atomic
def add_units(
    rows: Iterable[UnitRow | tuple[str, ...]], *, by: User | None = None, opened_on: dt.date | None = None
) -> list[GridUnit]:
    """Add a whole tree at once, in any order of lines; all or nothing. 1,200 units take a handful of queries.

    A parent is another line or a unit that already exists. Refuses with unknown_parent, duplicate_code,
    cycle, bad_unit, not_allowed.
    """
    wanted = [UnitRow(*row) for row in rows]
    if not wanted:
        return []
    day = opened_on or clock.today()
    lines: dict[str, UnitRow] = {}
    for row in wanted:
        if row.code in lines:
            raise DuplicateCode(code=row.code)
        lines[row.code] = row
    taken = set(GridUnit.objects.values_list("code", flat=True))
    for code in lines:
        if code in taken:
            raise DuplicateCode(code=code)
    outside = {row.parent_code for row in wanted if row.parent_code and row.parent_code not in lines}
    existing = {unit.code: unit for unit in GridUnit.objects.filter(code__in=outside & taken)}
    for row in wanted:
        if row.parent_code and row.parent_code not in lines and row.parent_code not in existing:
            raise UnknownParent(parent=row.parent_code, code=row.code)
    for unit in existing.values():
        _demand_grid_manager(by, unit)
    if any(not row.parent_code for row in wanted):
        _demand_grid_manager(by, None)

    built: dict[str, GridUnit] = {}
    children: dict[str, int] = {code: _highest_step(unit) for code, unit in existing.items()}
    children[""] = _highest_step(None)
    for row in _parents_first(wanted, lines):
        parent = built.get(row.parent_code) or existing.get(row.parent_code)
        step = children.get(row.parent_code, 0) + 1
        children[row.parent_code] = step
        depth = 1 if parent is None else parent.depth + 1
        unit = GridUnit(
            code=row.code,
            name=row.name,
            level=row.level,
            kind=row.kind,
            opened_on=day,
            depth=depth,
            path=GridUnit._get_path("" if parent is None else parent.path, depth, step),
        )
        _check(unit)
        built[row.code] = unit
        if parent is not None:
            parent.numchild += 1
    units = list(built.values())
    GridUnit.objects.bulk_create(units, batch_size=500)
    GridUnit.objects.bulk_update(existing.values(), ["numchild"])
    return units


def _parents_first(wanted: list[UnitRow], lines: dict[str, UnitRow]) -> list[UnitRow]:
    """The lines in an order in which every parent comes before its children, else as given."""
    ordered: dict[str, UnitRow] = {}
    for row in wanted:
        chain: list[UnitRow] = []
        climbing: set[str] = set()
        at: UnitRow | None = row
        while at is not None and at.code not in ordered:
            if at.code in climbing:
                raise Cycle(code=at.code)
            climbing.add(at.code)
            chain.append(at)
            at = lines.get(at.parent_code)
        for link in reversed(chain):
            ordered[link.code] = link
    return list(ordered.values())


def _highest_step(parent: GridUnit | None) -> int:
    """The number of the last child (of the last root, when None): paths are never reused among the living."""
    siblings = GridUnit.objects.filter(depth=1 if parent is None else parent.depth + 1)
    if parent is not None:
        siblings = siblings.filter(path__startswith=parent.path)
    last = siblings.order_by("-path").values_list("path", flat=True).first()
    return 0 if last is None else GridUnit._str2int(last[-GridUnit.steplen :])


def _check(unit: GridUnit) -> None:
    try:
        unit.clean_fields(exclude=["path", "depth", "numchild"])
    except ValidationError as error:
        raise BadUnit(code=unit.code, why=" ".join(error.messages)) from error


def _demand_grid_manager(by: User | None, grid: GridUnit | None) -> None:
    if by is not None and not policies.can(by, Action.MANAGE_GRIDS, grid):
        raise NotAllowed()


# --- Roles ----------------------------------------------------------------------------------------------
@transaction.atomic
def assign_role(
    user: User,
    *,
    role: str,
    grid: GridUnit,
    by: User | None,
    from_on: dt.date | None = None,
    to_on: dt.date | None = None,
) -> RoleAssignment:
    """Give a person a role for a subtree. `by` None is the system itself (set-up and the demo town).

    Only a manager of people there may, and never a role that can do more than they can themselves.
    Refuses with own_role, not_allowed, person_inactive, wrong_dates, role_exists.
    """
    start = from_on or clock.today()
    if by is not None:
        if by.pk == user.pk:
            raise OwnRole()
        if not policies.may_grant(by, role, grid):
            raise NotAllowed()
    if not user.is_active:
        raise PersonInactive()
    if to_on is not None and to_on < start:
        raise WrongDates()
    overlapping = RoleAssignment.objects.filter(user=user, role=role, grid=grid).exclude(to_on__lt=start)
    if to_on is not None:
        overlapping = overlapping.exclude(from_on__gt=to_on)
    if overlapping.exists():
        raise RoleExists()
    assignment = RoleAssignment.objects.create(
        user=user, role=Role(role), grid=grid, from_on=start, to_on=to_on
    )
    policies.forget(user)
    return assignment


@transaction.atomic
def end_role(assignment: RoleAssignment, *, by: User | None, on: dt.date | None = None) -> RoleAssignment:
    """Let a role end: its last day is the day before `on` (today), so rights change at once.

    A role that had not begun is removed. Refuses with not_allowed.
    """
    if by is not None and not policies.may_grant(by, assignment.role, assignment.grid):
        raise NotAllowed()
    last = (on or clock.today()) - dt.timedelta(days=1)
    policies.forget(assignment.user)
    if assignment.from_on > last:
        assignment.delete()
        return assignment
    if assignment.to_on is None or assignment.to_on > last:
        assignment.to_on = last
        assignment.save(update_fields=["to_on"])
    return assignment


# --- Homes ----------------------------------------------------------------------------------------------
@transaction.atomic
def choose_home(
    user: User, *, grid: GridUnit | None, by: Any, kind: str = GridMembership.Kind.HOME
) -> GridMembership | None:
    """Say where a volunteer lives (or works); the earlier place ends. None takes the place back.

    The volunteer's own choice, or entered by a manager of people there. Refuses with not_allowed,
    grid_closed.
    """
    if (
        by is not None
        and by.pk != user.pk
        and (grid is None or not policies.can(by, Action.MANAGE_PEOPLE, grid))
    ):
        raise NotAllowed()
    if grid is not None and grid.closed_on is not None and grid.closed_on <= clock.today():
        raise GridClosed(name=grid.name)
    current = GridMembership.objects.filter(user=user, kind=kind, to_on__isnull=True).first()
    if current is not None:
        if grid is not None and current.grid_id == grid.pk:
            return current
        current.to_on = clock.today()
        current.save(update_fields=["to_on"])
    if grid is None:
        return None
    return GridMembership.objects.create(user=user, grid=grid, kind=kind, from_on=clock.today())


def home_of(user: User) -> GridUnit | None:
    """The unit where the person says they live, if any."""
    membership = (
        GridMembership.objects.filter(user=user, kind=GridMembership.Kind.HOME, to_on__isnull=True)
        .select_related("grid")
        .first()
    )
    return membership.grid if membership else None
