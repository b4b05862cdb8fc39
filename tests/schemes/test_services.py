"""Which version applies where and when, and what may be put in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from djmoney.money import Money

from points.ledger.accounts import member_account, system_account
from points.ledger.models import AccountKind
from points.ledger.services import Move, post
from points.refusals import Refusal
from points.schemes.models import Scheme, SchemeVersion
from points.schemes.parts.earning import Rate
from points.schemes.rules import Rules
from points.schemes.services import publish_version, version_in_force, versions_for
from tests.factories import Town, make_grid_tree, make_user

pytestmark = pytest.mark.django_db
TEN = Rules.from_dict({"beans_per_hour": 10})
TODAY = dt.date(2026, 11, 25)


@pytest.fixture
def town(clock_at: Callable[..., Any]) -> Town:
    clock_at("2026-11-25 09:00")
    return make_grid_tree()


def scheme(grid: Any, code: str = "town", *starts: dt.date) -> Scheme:
    made = Scheme.objects.create(code=code, name=code, grid=grid)
    for start in starts:
        publish_version(made, rules=TEN, effective_from=start, by=None)
    return made


def use(made: Scheme) -> None:
    """One line in the ledger under the scheme."""
    person = make_user()
    move = Move(
        system_account(AccountKind.SERVICE), member_account(person, AccountKind.HOURS), Money(60, "MINUTE")
    )
    with transaction.atomic():
        post("hours", key=f"test:{made.code}", moves=[move], by=None, rule=f"{made.code}:1")


def test_nearest_scheme_in_force_applies(town: Town) -> None:
    above = scheme(town.root, "town", dt.date(2026, 1, 1), dt.date(2026, 12, 1))
    near = scheme(town.community, "near", dt.date(2026, 6, 1))

    def found(grid: Any, month: int) -> tuple[Scheme, int] | None:
        version = version_in_force(grid, dt.date(2026, month, 15))
        return (version.scheme, version.number) if version else None

    assert found(town.micro_grid, 7) == (near, 1)
    assert found(town.community, 7) == (near, 1)
    assert found(town.micro_grid, 3) == (above, 1)  # the nearer one was not in force yet
    assert found(town.other_grid, 7) == (above, 1)
    assert found(town.other_grid, 12) == (above, 2)
    assert version_in_force(town.micro_grid, dt.date(2025, 12, 31)) is None


def test_versions_for_many_agrees_with_one_by_one_in_one_query(
    town: Town, django_assert_num_queries: Any
) -> None:
    scheme(town.root, "town", dt.date(2026, 1, 1), dt.date(2026, 12, 1))
    scheme(town.grid, "near", dt.date(2026, 6, 1))
    places = [(grid, dt.date(2026, month, 1)) for grid in town for month in range(1, 13)]
    with django_assert_num_queries(1):
        found = versions_for(places)
    assert found == {(grid.pk, on): version_in_force(grid, on) for grid, on in places}
    with django_assert_num_queries(1):
        versions_for(places[:1])
    with django_assert_num_queries(0):
        assert versions_for([]) == {}


def test_versions_are_numbered_and_labelled(town: Town) -> None:
    by = make_user()
    made = scheme(town.root, "peicun", dt.date(2026, 1, 1))
    version = publish_version(made, rules={"beans_per_hour": 12}, effective_from=TODAY, by=by)
    assert (version.number, version.label, version.published_by) == (2, "peicun:2", by)
    assert version.as_rules().earning[0].rate == Rate(Fraction(12))
    assert SchemeVersion.objects.get(pk=version.pk).rules == version.as_rules().to_dict()


def test_bad_rules_write_nothing(town: Town) -> None:
    made = scheme(town.root)
    with pytest.raises(Refusal) as refusal:
        publish_version(
            made,
            rules={"earning": [{"id": "s", "name": "s", "rate": {"points": "1/0"}}]},
            effective_from=TODAY,
            by=None,
        )
    assert refusal.value.code == "bad_rate"
    assert not made.versions.exists()


@pytest.mark.parametrize("day", [TODAY, TODAY - dt.timedelta(days=1)])
def test_overlapping_version_is_refused(town: Town, day: dt.date) -> None:
    made = scheme(town.root, "town", TODAY)
    with pytest.raises(Refusal) as refusal:
        publish_version(made, rules=TEN, effective_from=day, by=None)
    assert refusal.value.code == "overlapping_version"


def test_retroactive_version_is_refused_once_service_is_recorded(town: Town) -> None:
    made = scheme(town.root, "town", dt.date(2026, 1, 1))
    yesterday = TODAY - dt.timedelta(days=1)
    use(made)
    with pytest.raises(Refusal) as refusal:
        publish_version(made, rules=TEN, effective_from=yesterday, by=None)
    assert refusal.value.code == "retroactive_version"
    below = Scheme.objects.create(code="near", name="near", grid=town.grid)
    with pytest.raises(Refusal) as refusal:  # would take the place of the used one, in the past
        publish_version(below, rules=TEN, effective_from=yesterday, by=None)
    assert refusal.value.code == "retroactive_version"
    assert publish_version(made, rules=TEN, effective_from=TODAY, by=None).number == 2


def test_first_version_may_begin_before_anything_was_recorded(town: Town) -> None:
    used = scheme(town.other_community, "elsewhere", dt.date(2026, 1, 1))
    use(used)
    made = Scheme.objects.create(code="ours", name="ours", grid=town.community)
    assert publish_version(made, rules=TEN, effective_from=dt.date(2026, 2, 1), by=None).number == 1
