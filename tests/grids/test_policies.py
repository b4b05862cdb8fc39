from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from points import clock
from points.grids import policies
from points.grids.models import GridUnit, Organization, Role
from points.grids.policies import ROLE_ACTIONS, Action, can, grids_for, has_any
from tests.factories import make_grid_tree, make_organization, make_user

pytestmark = pytest.mark.django_db


def agree(user, action: str) -> set[str]:
    """The codes of the units in the mirror queryset, after comparing them with the predicate."""
    by_predicate = {unit.code for unit in GridUnit.objects.all() if can(user, action, unit)}
    by_query = {unit.code for unit in grids_for(user, action)}
    assert by_predicate == by_query
    assert has_any(user, action) == bool(by_query)
    return by_query


@pytest.mark.parametrize("role", Role.values)
def test_can_and_its_mirror_agree_for_every_role_action_and_unit(role: str) -> None:
    town = make_grid_tree()
    for place in (town.root, town.community, town.grid, town.micro_grid, town.other_grid):
        user = make_user(role=role, grid=place)
        for action in Action:
            codes = agree(user, action)
            expected = (
                {unit.code for unit in place.subtree()} if action in ROLE_ACTIONS[Role(role)] else set()
            )
            assert codes == expected


def test_several_roles_add_up() -> None:
    town = make_grid_tree()
    user = make_user(role=Role.ORGANISER, grid=town.grid)
    make_user.give(user, Role.ORGANISER, town.community)
    make_user.give(user, Role.AUDITOR, town.other_community)
    assert agree(user, "organise") == {unit.code for unit in town.community.subtree()}
    assert agree(user, "audit") == {unit.code for unit in town.other_community.subtree()}
    assert policies.paths_for(user, "organise") == (town.community.path,)


def test_a_neighbour_whose_path_begins_alike_is_foreign() -> None:
    town = make_grid_tree()
    user = make_user(role=Role.ORGANISER, grid=town.community)
    assert not can(user, "organise", town.other_community)
    assert not can(user, "organise", town.root)
    assert not can(user, "organise", None)


def test_everyone_has_every_role_defined() -> None:
    assert set(ROLE_ACTIONS) == set(Role)
    assert not ROLE_ACTIONS[Role.AUDITOR] - {
        "view_back_office",
        "audit",
        "view_records",
        "view_assessment",
    }


def test_a_superuser_may_do_everything_everywhere() -> None:
    make_grid_tree()
    root = make_user(is_superuser=True)
    for action in Action:
        assert len(agree(root, action)) == GridUnit.objects.count()
    assert can(root, "manage_grids", None)


@pytest.mark.parametrize(
    "kind", ["anonymous", "none", "volunteer", "inactive", "inactive superuser", "past", "future"]
)
def test_who_may_do_nothing(kind: str) -> None:
    town = make_grid_tree()
    today = clock.today()
    day = dt.timedelta(days=1)
    user = {
        "anonymous": lambda: AnonymousUser(),
        "none": lambda: None,
        "volunteer": lambda: make_user(),
        "inactive": lambda: make_user(role=Role.ADMINISTRATOR, grid=town.root, is_active=False),
        "inactive superuser": lambda: make_user(is_superuser=True, is_active=False),
        "past": lambda: make_user(
            role="administrator", grid=town.root, from_on=today - 9 * day, to_on=today - day
        ),
        "future": lambda: make_user(role=Role.ADMINISTRATOR, grid=town.root, from_on=today + day),
    }[kind]()
    for action in Action:
        assert agree(user, action) == set()


def test_first_and_last_day_count() -> None:
    town = make_grid_tree()
    today = clock.today()
    assert can(make_user(role=Role.ORGANISER, grid=town.root, to_on=today), "organise", town.grid)


def test_one_query_per_person_and_day(django_assert_num_queries) -> None:
    town = make_grid_tree()
    user = make_user(role=Role.ORGANISER, grid=town.community)
    policies.forget(user)
    with django_assert_num_queries(1):
        for action in Action:
            can(user, action, town.grid)
            has_any(user, action)
    with clock.at(clock.now() + dt.timedelta(days=1)), django_assert_num_queries(1):
        can(user, "organise", town.grid)


def test_forget_reads_anew() -> None:
    town = make_grid_tree()
    user = make_user(role=Role.ORGANISER, grid=town.community)
    assert can(user, "organise", town.grid)
    user.role_assignments.all().delete()
    assert can(user, "organise", town.grid)
    policies.forget(user)
    assert not can(user, "organise", town.grid)


def test_an_unknown_action_is_a_mistake_of_ours() -> None:
    town = make_grid_tree()
    with pytest.raises(ValueError):
        can(make_user(role=Role.ORGANISER, grid=town.grid), "fly", town.grid)


def test_scope_filters_other_models_by_the_same_rule() -> None:
    town = make_grid_tree()
    mine = make_organization(grid=town.grid)
    make_organization(grid=town.other_grid)
    user = make_user(role=Role.ORGANISER, grid=town.community)
    assert list(Organization.objects.filter(policies.scope(user, "organise"))) == [mine]
    assert not Organization.objects.filter(policies.scope(user, "settle")).exists()
    assert Organization.objects.filter(policies.scope(make_user(is_superuser=True), "settle")).count() == 2


def test_everywhere_needs_every_root() -> None:
    town = make_grid_tree()
    auditor = make_user(role=Role.AUDITOR, grid=town.root)
    assert policies.everywhere(auditor, "audit")
    assert not policies.everywhere(auditor, "organise")
    assert not policies.everywhere(make_user(role=Role.AUDITOR, grid=town.community), "audit")
    assert not policies.everywhere(AnonymousUser(), "audit")
    second = make_grid_tree()
    policies.forget(auditor)
    assert not policies.everywhere(auditor, "audit")
    make_user.give(auditor, Role.AUDITOR, second.root)
    assert policies.everywhere(auditor, "audit")
    assert policies.everywhere(make_user(is_superuser=True), "audit")
