"""Accounts: what they are called, that each is opened once, and at what cost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError

from points.ledger import accounts
from points.ledger.models import Account, AccountKind, Unit
from points.people.models import User
from tests.ledger.test_posting import refused


@pytest.fixture
def ann(db: None, today: dt.date) -> User:
    return User.objects.create_user("ann", number="7f3k")


@pytest.fixture
def coins(db: None) -> str:
    return Unit.objects.create(code="COIN", name_en="coins", name_zh="时间币").code


def test_a_code_may_have_eighty_letters(db: None) -> None:
    assert accounts.open_account("a" * 80, kind="pool", unit="BEAN").pk
    with refused("bad_account_code") as caught:
        accounts.open_account("a" * 81, kind="pool", unit="BEAN")
    assert caught.value.context == {"account": "a" * 81}


@pytest.mark.parametrize("code", ["a:", ":a", "a:b\n", "a b", "a_b", "a:B"])
def test_a_code_is_small_ascii_in_parts(db: None, code: str) -> None:
    with refused("bad_account_code"):
        accounts.open_account(code, kind="pool", unit="BEAN")


def test_an_account_is_what_its_kind_says(ann: User, today: dt.date) -> None:
    debt = accounts.open_account("x:debt", kind="debt", unit="BEAN", owner=ann)
    assert (debt.is_stored, debt.tracks_days, debt.sign, debt.opened_on) == (True, False, -1, today)
    assert (debt.kind, debt.unit_id, debt.owner_id) == ("debt", "BEAN", ann.pk)
    available = accounts.open_account("x:available", kind="available", unit="BEAN")
    assert (available.is_stored, available.tracks_days, available.sign) == (True, True, 1)
    treasury = accounts.open_account("x:treasury", kind="treasury", unit="BEAN")
    assert (treasury.is_stored, treasury.tracks_days, treasury.owner_id) == (False, False, None)


def test_opening_again_finds_it_with_one_query(db: None, django_assert_num_queries: Any) -> None:
    first = accounts.open_account("pool:x", kind="pool", unit="BEAN")
    with django_assert_num_queries(1):
        assert accounts.open_account("pool:x", kind="pool", unit="BEAN").pk == first.pk


@pytest.mark.parametrize(
    ("kind", "unit", "owned"),
    [("payable", "BEAN", False), ("pool", "MINUTE", False), ("pool", "BEAN", True)],
)
def test_another_account_of_that_code_is_refused(ann: User, kind: str, unit: str, owned: bool) -> None:
    accounts.open_account("pool:x", kind="pool", unit="BEAN")
    with refused("account_mismatch") as caught:
        accounts.open_account("pool:x", kind=kind, unit=unit, owner=ann if owned else None)
    assert caught.value.context == {"account": "pool:x"}


def test_opened_by_two_at_once_the_second_finds_the_first(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    create = Account.objects.create

    def overtaken(**values: Any) -> Account:
        create(**values)
        return create(**values)

    monkeypatch.setattr(Account.objects, "create", overtaken)
    # The savepoint takes the first row with it here; in life it is another connection's.
    with pytest.raises(IntegrityError):
        accounts.open_account("pool:x", kind="pool", unit="BEAN")

    def elsewhere(**_values: Any) -> Account:
        raise IntegrityError("another connection has just opened it")

    made = create(code="pool:y", kind="pool", unit_id="BEAN", is_stored=True, tracks_days=False)
    answers = iter([Account.objects.none(), Account.objects.filter(code="pool:y")])
    asked: list[Any] = []

    def find(**values: Any) -> Any:
        asked.append(values)
        return next(answers)

    monkeypatch.setattr(Account.objects, "create", elsewhere)
    monkeypatch.setattr(Account.objects, "filter", find)
    assert accounts.open_account("pool:y", kind="pool", unit="BEAN").pk == made.pk
    assert asked == [{"code": "pool:y"}, {"code": "pool:y"}]


def test_where_beans_expire_there_is_a_place_for_them(db: None, coins: str) -> None:
    accounts.open_account("x:available", kind="available", unit="BEAN")
    accounts.open_account("y:available", kind="available", unit=coins)
    found = Account.objects.filter(kind="lapsed").values_list("code", "unit_id").order_by("code")
    assert list(found) == [("system:lapsed:bean", "BEAN"), ("system:lapsed:coin", "COIN")]


@pytest.mark.parametrize(
    ("kind", "unit", "code", "held"),
    [
        ("available", "", "member:7f3k:available", "BEAN"),
        ("donate_only", "", "member:7f3k:donate-only", "BEAN"),
        ("hours", "", "member:7f3k:hours", "MINUTE"),
        ("score", "", "member:7f3k:score", "SCORE"),
        ("available", "BEAN", "member:7f3k:available", "BEAN"),
        ("hours", "MINUTE", "member:7f3k:hours", "MINUTE"),
        ("available", "COIN", "member:7f3k:available:coin", "COIN"),
        ("donate_only", "COIN", "member:7f3k:donate-only:coin", "COIN"),
    ],
)
def test_member_accounts_are_called(
    ann: User, coins: str, kind: str, unit: str, code: str, held: str, django_assert_num_queries: Any
) -> None:
    account = accounts.member_account(ann, kind, unit)
    assert (account.code, account.unit_id, account.kind, account.owner_id) == (code, held, kind, ann.pk)
    with django_assert_num_queries(1):
        assert accounts.member_account(ann, kind, unit).pk == account.pk


def test_a_members_accounts_are_told_apart(ann: User, coins: str) -> None:
    bo = User.objects.create_user("bo", number="9x2p")
    found = {
        accounts.member_account(person, kind, unit).pk
        for person in (ann, bo)
        for kind in ("available", "pending")
        for unit in ("", coins)
    }
    assert len(found) == 8
    assert accounts.member_account(bo, "pending").code == "member:9x2p:pending"


@pytest.mark.parametrize(
    ("kind", "code", "unit"),
    [
        ("treasury", "system:treasury:bean", "BEAN"),
        ("service", "system:service:minute", "MINUTE"),
        ("assessed", "system:assessed:score", "SCORE"),
    ],
)
def test_system_accounts_are_called(db: None, kind: str, code: str, unit: str) -> None:
    account = accounts.system_account(kind)
    assert (account.code, account.unit_id, account.kind) == (code, unit, kind)
    assert accounts.system_account(kind, unit).pk == account.pk


def test_pools_and_providers_are_called(db: None) -> None:
    assert accounts.find_pool_account("P-1", 2026) is None
    pool = accounts.pool_account("P-1", 2026)
    assert (pool.code, pool.kind, pool.unit_id) == ("pool:p-1:2026", "pool", "BEAN")
    found = accounts.find_pool_account("P-1", 2026)
    assert found is not None
    assert found.pk == pool.pk
    assert accounts.find_pool_account("P-1", 2027) is None
    owed = accounts.provider_account("Red_Cross_1", AccountKind.PAYABLE)
    assert (owed.code, owed.kind, owed.unit_id) == ("provider:red-cross-1:payable", "payable", "BEAN")


def test_a_code_of_another_kind_is_no_pool(db: None) -> None:
    accounts.open_account("pool:p-1:2026", kind="community", unit="BEAN")
    assert accounts.find_pool_account("P-1", 2026) is None


# --- Many at once ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "unit"), [("available", "BEAN"), ("donate_only", "BEAN"), ("hours", "MINUTE"), ("debt", "BEAN")]
)
def test_many_are_opened_as_one_is(ann: User, kind: str, unit: str, today: dt.date) -> None:
    others = [User.objects.create_user(f"u{n}", number=f"u{n}") for n in range(3)]
    known = accounts.member_account(others[1], kind)
    found = accounts.member_accounts([ann, *others], kind)
    assert sorted(found) == sorted(person.pk for person in (ann, *others))
    assert found[others[1].pk].pk == known.pk
    for person in (ann, *others):
        account = found[person.pk]
        alone = accounts.member_account(person, kind)
        assert account.pk == alone.pk
        assert account.code == f"member:{person.number}:{kind.replace('_', '-')}"
        assert (account.kind, account.unit_id, account.owner_id) == (kind, unit, person.pk)
        assert (account.is_stored, account.tracks_days, account.sign) == (
            known.is_stored,
            known.tracks_days,
            known.sign,
        )
        assert account.opened_on == today
    assert Account.objects.filter(kind="lapsed").exists() == (kind == "available")


def test_many_are_found_with_one_query(ann: User, coins: str, django_assert_num_queries: Any) -> None:
    accounts.member_account(ann, "pending", coins)
    accounts.member_account(ann, "hold")
    bo = User.objects.create_user("bo", number="9x2p")
    first = accounts.member_accounts([ann, bo], "pending")
    assert {(account.unit_id, account.kind) for account in first.values()} == {("BEAN", "pending")}
    with django_assert_num_queries(1):
        again = accounts.member_accounts([bo, ann, ann], "pending")
    assert {pk: one.pk for pk, one in again.items()} == {pk: one.pk for pk, one in first.items()}
    assert accounts.member_accounts([], "pending") == {}


def test_many_opened_lapse_somewhere_even_if_nobody_opened_one_before(ann: User) -> None:
    accounts.member_accounts([ann], "available")
    assert Account.objects.get(kind="lapsed").code == "system:lapsed:bean"


def test_many_opened_at_once_by_another_are_not_opened_twice(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other connection's account appears between our look and our writing."""
    bulk_create = Account.objects.bulk_create

    def overtaken(missing: list[Account], **how: Any) -> Any:
        bulk_create(
            [
                Account(
                    **{f.attname: getattr(one, f.attname) for f in Account._meta.fields if f.attname != "id"}
                )
                for one in missing
            ]
        )
        return bulk_create(missing, **how)

    monkeypatch.setattr(Account.objects, "bulk_create", overtaken)
    assert accounts.member_accounts([ann], "pending")[ann.pk].code == "member:7f3k:pending"
    assert Account.objects.filter(kind="pending").count() == 1
