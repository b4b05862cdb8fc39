"""Allotting a budget: by those who may, once, with a page to confirm."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from djmoney.money import Money

from points import clock
from points.audit import errors
from points.audit.services import allot_budget
from points.grids.models import Role
from points.ledger.accounts import find_pool_account
from points.ledger.balances import balance
from points.ledger.errors import NotPositive, WrongUnit
from points.ledger.models import Transaction
from tests.factories import Town, make_grid_tree, make_user

pytestmark = pytest.mark.django_db
URL = "/admin/audit/budgets/"


@pytest.fixture
def town(db: None) -> Town:
    return make_grid_tree()


@pytest.fixture
def manager(town: Town) -> Any:
    return make_user(role=Role.ADMINISTRATOR, grid=town.community)


def year() -> int:
    return clock.today().year


def left(code: str) -> int:
    account = find_pool_account(code, year())
    return int(balance(account).amount) if account else 0


def test_budget_is_posted_from_the_treasury(town: Town, manager: Any) -> None:
    posted = allot_budget(town.grid, year=year(), amount=Money(500, "BEAN"), by=manager)
    assert posted.kind == "allotment"
    assert posted.reference == f"pool:{town.grid.code}:{year()}"
    assert posted.by == manager
    assert left(town.grid.code) == 500


def test_budget_with_the_same_key_counts_once(town: Town, manager: Any) -> None:
    for _unused in range(2):
        allot_budget(town.grid, year=year(), amount=Money(500, "BEAN"), by=manager, key="form-1")
    assert left(town.grid.code) == 500


def test_budget_of_a_foreign_unit_is_not_allowed(town: Town, manager: Any) -> None:
    with pytest.raises(errors.NotAllowed) as refusal:
        allot_budget(town.other_grid, year=year(), amount=Money(500, "BEAN"), by=manager)
    assert refusal.value.code == "not_allowed"


@pytest.mark.parametrize("amount", [0, -5])
def test_budget_must_be_positive(town: Town, manager: Any, amount: int) -> None:
    with pytest.raises(NotPositive) as refusal:
        allot_budget(town.grid, year=year(), amount=Money(amount, "BEAN"), by=manager)
    assert refusal.value.code == "not_positive"


def test_budget_is_in_beans(town: Town, manager: Any) -> None:
    with pytest.raises(WrongUnit):
        allot_budget(town.grid, year=year(), amount=Money(5, "MINUTE"), by=manager)


def test_budget_of_another_year_is_refused(town: Town, manager: Any) -> None:
    for wrong in (year() - 1, year() + 2):
        with pytest.raises(errors.YearOutOfRange) as refusal:
            allot_budget(town.grid, year=wrong, amount=Money(5, "BEAN"), by=manager)
        assert refusal.value.code == "year_out_of_range"
    allot_budget(town.grid, year=year() - 1, amount=Money(5, "BEAN"), by=None)


def test_form_asks_before_it_posts(client: Client, town: Town, manager: Any) -> None:
    client.force_login(manager)
    form = client.get(URL).context["form"]
    data = {"grid": town.grid.pk, "year": year(), "amount": 300, "key": form.initial["key"]}
    asked = client.post(URL, data)
    assert asked.context["confirming"]
    assert not Transaction.objects.filter(kind="allotment").exists()
    for _unused in range(2):
        assert client.post(URL, {**data, "confirm": "1"}).status_code == 302
    assert left(town.grid.code) == 300
    assert "300" in client.get(URL).content.decode()


def test_form_refuses_wrong_input_in_words(client: Client, town: Town, manager: Any) -> None:
    client.force_login(manager)
    good = {"grid": town.grid.pk, "year": year(), "amount": 300, "key": "k", "confirm": "1"}
    for wrong in ({"amount": 0}, {"amount": "many"}, {"grid": town.other_grid.pk}, {"year": 1999}):
        response = client.post(URL, {**good, **wrong})
        assert response.status_code == 200
        assert response.context["form"].errors
    client.post(URL, good)
    again = client.post(URL, {**good, "amount": 400})  # the same form, changed: refused, not posted
    assert again.status_code == 200
    assert again.context["form"].non_field_errors()
    assert left(town.grid.code) == 300


def test_pools_of_others_are_not_listed(client: Client, town: Town, manager: Any) -> None:
    allot_budget(town.grid, year=year(), amount=Money(1, "BEAN"), by=None)
    allot_budget(town.other_grid, year=year(), amount=Money(1, "BEAN"), by=None)
    client.force_login(manager)
    codes = [account.code for account, _left in client.get(URL).context["pools"]]
    assert codes == [f"pool:{town.grid.code.lower()}:{year()}"]


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.AUDITOR, Role.COMMUNITY_WORKER])
def test_page_is_not_found_without_the_right(client: Client, town: Town, role: str) -> None:
    client.force_login(make_user(role=role, grid=town.root))
    assert client.get(reverse("audit:budgets")).status_code == 404
    assert client.post(reverse("audit:budgets")).status_code == 404
