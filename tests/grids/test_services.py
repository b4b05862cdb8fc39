from __future__ import annotations

import datetime as dt

import pytest
from treebeard.mp_tree import MP_Node

from points import clock
from points.grids import policies, services
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
from points.refusals import Refusal
from tests.factories import make_grid_tree, make_user

pytestmark = pytest.mark.django_db


def code_of(caught: pytest.ExceptionInfo[Refusal]) -> str:
    assert caught.value.as_text()
    return caught.value.refusal_code


def test_add_unit_puts_it_under_its_parent() -> None:
    town = make_grid_tree()
    unit = services.add_unit(town.community, code="N-1", name="新网格", level="grid", by=None)
    assert town.community.contains(unit)
    assert not MP_Node.find_problems.__func__(GridUnit)[0]  # type: ignore[attr-defined]


def test_add_unit_refuses_a_code_in_use_and_a_bad_level() -> None:
    town = make_grid_tree()
    with pytest.raises(DuplicateCode) as caught:
        services.add_unit(None, code=town.grid.code, name="x", level="grid", by=None)
    assert code_of(caught) == "duplicate_code"
    with pytest.raises(BadUnit) as bad:
        services.add_unit(None, code="N-2", name="x", level="galaxy", by=None)
    assert code_of(bad) == "bad_unit"


def test_add_unit_refuses_who_may_not_manage_grids() -> None:
    town = make_grid_tree()
    worker = make_user(role=Role.COMMUNITY_WORKER, grid=town.community)
    with pytest.raises(NotAllowed):
        services.add_unit(town.community, code="N-3", name="x", level="grid", by=worker)
    manager = make_user(role=Role.ADMINISTRATOR, grid=town.community)
    services.add_unit(town.community, code="N-3", name="x", level="grid", by=manager)
    with pytest.raises(NotAllowed):
        services.add_unit(None, code="N-4", name="x", level="town", by=manager)
    with pytest.raises(NotAllowed):
        services.add_units([("", "N-5", "x", "town", "residential")], by=manager)
    with pytest.raises(NotAllowed):
        services.add_units([(town.other_community.code, "N-5", "x", "grid")], by=manager)


def test_add_units_builds_1200_units_in_any_order_with_few_queries(django_assert_max_num_queries) -> None:
    rows = [("", "T", "镇", "town", "residential")]
    rows += [("T", f"C{c}", f"社区{c}", "community", "residential") for c in range(19)]
    rows += [(f"C{i % 19}", f"G{i}", f"网格{i}", "grid", "residential") for i in range(180)]
    rows += [(f"G{i % 180}", f"M{i}", f"微网格{i}", "micro_grid", "residential") for i in range(1000)]
    rows.reverse()
    with django_assert_max_num_queries(30):
        units = services.add_units(rows)
    assert len(units) == GridUnit.objects.count() == 1200
    problems = GridUnit.find_problems()
    assert not any(problems), problems
    town = GridUnit.objects.get(code="T")
    assert town.get_descendants().count() == 1199
    assert GridUnit.objects.get(code="M7").get_parent().code == "G7"


def test_add_units_continues_below_an_existing_unit() -> None:
    town = make_grid_tree()
    services.add_units([(town.community.code, "X1", "甲", "grid"), ("X1", "X2", "乙", "micro_grid")])
    services.add_units([(town.community.code, "X3", "丙", "grid")])
    assert not any(GridUnit.find_problems())
    assert [unit.code for unit in GridUnit.objects.get(pk=town.community.pk).get_children()][-2:] == [
        "X1",
        "X3",
    ]


@pytest.mark.parametrize(
    ("rows", "error", "code"),
    [
        ([("nowhere", "A", "甲", "grid")], UnknownParent, "unknown_parent"),
        ([("", "A", "甲", "grid"), ("", "A", "乙", "grid")], DuplicateCode, "duplicate_code"),
        ([("B", "A", "甲", "grid"), ("A", "B", "乙", "grid")], Cycle, "cycle"),
        ([("A", "A", "甲", "grid")], Cycle, "cycle"),
        ([("", "A B", "甲", "grid")], BadUnit, "bad_unit"),
    ],
)
def test_add_units_refuses_and_writes_nothing(rows, error, code) -> None:
    with pytest.raises(error) as caught:
        services.add_units([("", "GOOD", "好", "town"), *rows])
    assert code_of(caught) == code
    assert not GridUnit.objects.exists()


def test_assign_role_by_a_manager_of_people_gives_rights_at_once() -> None:
    town = make_grid_tree()
    worker = make_user(role=Role.COMMUNITY_WORKER, grid=town.community)
    person = make_user()
    assert not policies.can(person, "organise", town.grid)
    services.assign_role(person, role=Role.ORGANISER, grid=town.grid, by=worker)
    assert policies.can(person, "organise", town.grid)
    assert not policies.can(person, "organise", town.community)


def test_assign_role_refusals() -> None:
    town = make_grid_tree()
    worker = make_user(role=Role.COMMUNITY_WORKER, grid=town.community)
    person = make_user()
    with pytest.raises(OwnRole) as caught:
        services.assign_role(worker, role=Role.ORGANISER, grid=town.community, by=worker)
    assert code_of(caught) == "own_role"
    for role, grid in [
        (Role.ORGANISER, town.other_community),  # not hers
        (Role.ADMINISTRATOR, town.community),  # more than she holds
        (Role.AUDITOR, town.community),
    ]:
        with pytest.raises(NotAllowed) as no:
            services.assign_role(person, role=role, grid=grid, by=worker)
        assert code_of(no) == "not_allowed"
    with pytest.raises(NotAllowed):
        services.assign_role(
            person, role=Role.LIAISON, grid=town.grid, by=make_user(role=Role.ORGANISER, grid=town.grid)
        )
    services.assign_role(person, role=Role.ORGANISER, grid=town.grid, by=worker)
    with pytest.raises(RoleExists) as exists:
        services.assign_role(person, role=Role.ORGANISER, grid=town.grid, by=worker)
    assert code_of(exists) == "role_exists"
    with pytest.raises(WrongDates) as dates:
        services.assign_role(
            person, role=Role.LIAISON, grid=town.grid, by=worker, to_on=clock.today() - dt.timedelta(days=1)
        )
    assert code_of(dates) == "wrong_dates"
    gone = make_user(is_active=False)
    with pytest.raises(PersonInactive) as inactive:
        services.assign_role(gone, role=Role.ORGANISER, grid=town.grid, by=worker)
    assert code_of(inactive) == "person_inactive"


def test_a_superuser_cannot_give_themselves_a_role_either() -> None:
    town = make_grid_tree()
    root = make_user(is_superuser=True)
    with pytest.raises(OwnRole):
        services.assign_role(root, role=Role.AUDITOR, grid=town.root, by=root)


def test_end_role_takes_the_rights_at_once_and_keeps_the_row() -> None:
    town = make_grid_tree()
    worker = make_user(role=Role.COMMUNITY_WORKER, grid=town.community)
    person = make_user()
    with clock.at(clock.now() - dt.timedelta(days=30)):
        role = services.assign_role(person, role=Role.ORGANISER, grid=town.grid, by=None)
    assert policies.can(person, "organise", town.grid)
    services.end_role(role, by=worker)
    assert not policies.can(person, "organise", town.grid)
    assert RoleAssignment.objects.get(pk=role.pk).to_on == clock.today() - dt.timedelta(days=1)
    services.assign_role(person, role=Role.ORGANISER, grid=town.grid, by=worker)


def test_end_role_refuses_who_could_not_give_it() -> None:
    town = make_grid_tree()
    admin = make_user(role=Role.ADMINISTRATOR, grid=town.community)
    worker = make_user(role=Role.COMMUNITY_WORKER, grid=town.community)
    with pytest.raises(NotAllowed):
        services.end_role(admin.role_assignments.get(), by=worker)


def test_end_role_of_today_removes_it() -> None:
    town = make_grid_tree()
    person = make_user(role=Role.ORGANISER, grid=town.grid, from_on=clock.today())
    services.end_role(person.role_assignments.get(), by=None)
    assert not person.role_assignments.exists()
    assert not policies.has_any(person, "organise")


def test_choose_home_replaces_the_earlier_one() -> None:
    town = make_grid_tree()
    person = make_user()
    services.choose_home(person, grid=town.grid, by=person)
    services.choose_home(person, grid=town.grid, by=person)
    assert GridMembership.objects.filter(user=person).count() == 1
    services.choose_home(person, grid=town.other_grid, by=person)
    assert services.home_of(person) == town.other_grid
    services.choose_home(person, grid=None, by=person)
    assert services.home_of(person) is None
    assert GridMembership.objects.filter(user=person).count() == 2


def test_choose_home_refusals() -> None:
    town = make_grid_tree()
    person = make_user()
    with pytest.raises(NotAllowed):
        services.choose_home(person, grid=town.grid, by=make_user())
    town.grid.closed_on = clock.today()
    with pytest.raises(GridClosed) as caught:
        services.choose_home(person, grid=town.grid, by=person)
    assert code_of(caught) == "grid_closed"
