"""Each guard of the database taken away once: what it refused goes through then, so it was this guard.

The guards are read from the database's catalogue. One without a case fails `test_every_guard_has_a_case`:
whoever adds a guard says here what it is for. A case is a list of statements; all are refused with the
guard in place and all pass without it. Where another guard stands behind (`behind`), that one is taken away
first, and the statement must still be refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from points import clock
from points.ledger import sealing
from points.ledger.models import Assertion
from points.ledger.services import halt
from tests.ledger.catalogue import PostgreSQL, SQLite, catalogue
from tests.ledger.conftest import Books

NOBODY = 999_999


@dataclass
class Sample:
    """Books with a row of every kind, and statements made from those rows."""

    guards: PostgreSQL | SQLite
    pool: int
    hours: int
    available: int
    hold: int

    def row(self, table: str) -> dict[str, Any]:
        """The newest row of a table."""
        names = ", ".join(f'"{name}"' for name in self.guards.columns(table))
        order = {"ledger_seal": "number", "ledger_unit": "code"}.get(table, "id")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM {table} ORDER BY {order} DESC LIMIT 1")
            return dict(zip(self.guards.columns(table), cursor.fetchone(), strict=True))

    def insert(self, table: str, **changes: Any) -> Statement:
        """A row like the newest one, but for some columns; its number is new unless it is named."""
        values = self.row(table)
        if "id" in values and "id" not in changes:
            del values["id"]
        values |= changes
        names, marks = ", ".join(f'"{name}"' for name in values), ", ".join(["%s"] * len(values))
        return f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values())

    def columns_of(self, table: str, *, but: tuple[str, ...] = ()) -> list[Statement]:
        """One UPDATE per column that changes nothing: a guard refuses even that."""
        return [
            (f'UPDATE {table} SET "{name}" = "{name}"', [])
            for name in self.guards.columns(table)
            if name not in but
        ]


Statement = tuple[str, list[Any]]
Maker = Callable[[Sample], list[Statement]]


@dataclass(frozen=True)
class Case:
    """What a guard refuses, and the guards that would refuse it as well."""

    make: Maker
    behind: tuple[str, ...] = ()


def plain(*statements: str) -> Case:
    return Case(lambda _sample: [(sql, []) for sql in statements])


def rows(table: str, *changes: dict[str, Any], behind: tuple[str, ...] = ()) -> Case:
    return Case(lambda sample: [sample.insert(table, **change) for change in changes], behind)


def again(table: str, *same: str, **changes: Any) -> Case:
    """A second row that agrees with an existing one in the columns of a unique constraint."""

    def make(sample: Sample) -> list[Statement]:
        kept = {name: sample.row(table)[name] for name in same}
        return [sample.insert(table, **kept, **changes)]

    return Case(make)


def posting(**changes: Any) -> Maker:
    """A posting between named accounts of the sample, otherwise right."""

    def make(sample: Sample) -> list[Statement]:
        values = {
            name: getattr(sample, value) if isinstance(value, str) and hasattr(sample, value) else value
            for name, value in changes.items()
        }
        right = {"source_id": sample.pool, "destination_id": sample.hold, "unit_id": "BEAN", "amount": 1}
        days = {"source_day": None, "destination_day": None}
        return [sample.insert("ledger_posting", **{**right, **days, **values})]

    return make


MOVED = "ledger_transaction", "ledger_posting", "ledger_checkpoint"
NEW_SEAL = {"number": 77, "head": "7" * 64}
NEW_TX = {"key": "another", "reverses_id": None}
TO_PEOPLE = ("by_id", "approved_by_id", "on_behalf_of_id")
TRUNCATE = tuple(f"trigger ledger_{name}_truncate_guard" for name in ("posting", "checkpoint", "transaction"))

BOTH: dict[str, Case] = {
    # What has been written stays as it is.
    "trigger ledger_transaction_delete_guard": plain("DELETE FROM ledger_transaction WHERE key = 'empty'"),
    "trigger ledger_transaction_update_guard": Case(
        lambda sample: sample.columns_of("ledger_transaction", but=("seal_id",))
    ),
    "trigger ledger_transaction_seal_guard": plain(
        "UPDATE ledger_transaction SET seal_id = NULL WHERE seal_id = 1",
        "UPDATE ledger_transaction SET seal_id = 2 WHERE seal_id = 1",
        "UPDATE ledger_transaction SET seal_id = seal_id WHERE seal_id IS NULL",
    ),
    "trigger ledger_account_guard": Case(
        lambda sample: sample.columns_of("ledger_account", but=("owner_id", "opened_on", "closed_on"))
    ),
    "trigger ledger_balance_guard": plain("DELETE FROM ledger_balance WHERE amount <> 0"),
    # What a row may say.
    "check ledger_account_sign": rows("ledger_account", {"code": "x", "owner_id": None, "sign": 0}),
    "check ledger_balance_floor": plain(
        "UPDATE ledger_balance SET amount = -1 WHERE sign = 1",
        "UPDATE ledger_balance SET amount = 1 WHERE sign = -1",
        "UPDATE ledger_balance SET sign = -1 WHERE amount > 0",
    ),
    "check ledger_posting_positive": Case(
        lambda sample: [*posting(amount=0)(sample), *posting(amount=-5)(sample)]
    ),
    "check ledger_posting_moves": Case(posting(destination_id="pool")),
    "check ledger_seal_count_check": rows("ledger_seal", {**NEW_SEAL, "count": -1}),
    # What happens once.
    "unique ledger_account(code)": again("ledger_account", "code", owner_id=None),
    "unique ledger_account_one_per_owner": again("ledger_account", "owner_id", "kind", "unit_id", code="x"),
    "unique ledger_assertion(account_id, before)": again("ledger_assertion", "account_id", "before"),
    "unique ledger_balance(account_id, day)": again("ledger_balance", "account_id", "day", amount=0),
    "unique ledger_checkpoint(account_id, seal_id)": again("ledger_checkpoint", "account_id", "seal_id"),
    "unique ledger_halt_one_open": again("ledger_halt", "kind"),
    "unique ledger_seal(head)": again("ledger_seal", "head", number=77),
    "unique ledger_transaction(key)": again("ledger_transaction", "key", reverses_id=None),
    "unique ledger_transaction(reverses_id)": again("ledger_transaction", "reverses_id", key="another"),
    # What a row points to.
    "foreign ledger_account(owner_id)": rows("ledger_account", {"code": "x", "owner_id": NOBODY}),
    "foreign ledger_account(unit_id)": rows("ledger_account", {"code": "x", "unit_id": "NOSUCH"}),
    "foreign ledger_assertion(account_id)": rows("ledger_assertion", {"account_id": NOBODY}),
    "foreign ledger_balance(account_id)": rows("ledger_balance", {"account_id": NOBODY}),
    "foreign ledger_checkpoint(account_id)": rows("ledger_checkpoint", {"account_id": NOBODY}),
    "foreign ledger_checkpoint(seal_id)": rows("ledger_checkpoint", {"seal_id": NOBODY}),
    "foreign ledger_halt(by_id)": rows("ledger_halt", {"kind": "x", "by_id": NOBODY}),
    "foreign ledger_halt(lifted_by_id)": rows("ledger_halt", {"kind": "x", "lifted_by_id": NOBODY}),
    "foreign ledger_posting(transaction_id)": Case(posting(transaction_id=NOBODY)),
    **{
        f"foreign ledger_transaction({name})": rows("ledger_transaction", {**NEW_TX, name: NOBODY})
        for name in (*TO_PEOPLE, "corrects_id", "reverses_id", "seal_id")
    },
    # Numbers of rows.
    "key ledger_account": again("ledger_account", "id", code="x", owner_id=None, unit_id="SCORE"),
    "key ledger_assertion": again("ledger_assertion", "id", before="2020-01-01 00:00:00+00:00"),
    "key ledger_balance": again("ledger_balance", "id", day="2020-01-01"),
    "key ledger_checkpoint": again("ledger_checkpoint", "id", seal_id=3),
    "key ledger_halt": again("ledger_halt", "id", kind="x"),
    "key ledger_posting": again("ledger_posting", "id"),
    "key ledger_seal": again("ledger_seal", "number", head="7" * 64),
    "key ledger_transaction": again("ledger_transaction", "id", key="another", reverses_id=None),
    "key ledger_unit": again("ledger_unit", "code"),
}
ON_POSTGRESQL: dict[str, Case] = {
    "trigger ledger_posting_guard": plain(
        "UPDATE ledger_posting SET amount = amount + 1", "DELETE FROM ledger_posting"
    ),
    "trigger ledger_seal_guard": plain(
        "UPDATE ledger_seal SET root = head", "DELETE FROM ledger_seal WHERE number = 3"
    ),
    "trigger ledger_assertion_guard": plain(
        "UPDATE ledger_assertion SET amount = 0", "DELETE FROM ledger_assertion"
    ),
    "trigger ledger_checkpoint_guard": Case(
        lambda sample: [*sample.columns_of("ledger_checkpoint"), ("DELETE FROM ledger_checkpoint", [])]
    ),
    **{
        f"trigger {table}_truncate_guard": plain(f"TRUNCATE {table}")
        for table in ("ledger_posting", "ledger_checkpoint", "ledger_assertion", "ledger_balance")
    },
    "trigger ledger_transaction_truncate_guard": Case(
        lambda _sample: [("TRUNCATE ledger_transaction CASCADE", [])], behind=TRUNCATE[:2]
    ),
    "trigger ledger_seal_truncate_guard": Case(
        lambda _sample: [("TRUNCATE ledger_seal CASCADE", [])], behind=TRUNCATE
    ),
    "foreign ledger_posting(source_id, unit_id)": Case(
        posting(source_id="pool", destination_id="hours", unit_id="MINUTE")
    ),
    "foreign ledger_posting(destination_id, unit_id)": Case(
        posting(source_id="pool", destination_id="hours", unit_id="BEAN")
    ),
    # The two above stand on it; without it they cannot be.
    "unique ledger_account(id, unit_id)": Case(
        posting(source_id="pool", destination_id="hours", unit_id="BEAN")
    ),
}
ON_SQLITE: dict[str, Case] = {
    "trigger ledger_checkpoint_update_guard": Case(lambda sample: sample.columns_of("ledger_checkpoint")),
    "trigger ledger_checkpoint_delete_guard": plain("DELETE FROM ledger_checkpoint"),
    "trigger ledger_posting_update_guard": plain("UPDATE ledger_posting SET amount = amount + 1"),
    "trigger ledger_posting_delete_guard": plain("DELETE FROM ledger_posting"),
    "trigger ledger_seal_update_guard": plain("UPDATE ledger_seal SET root = head"),
    "trigger ledger_seal_delete_guard": plain("DELETE FROM ledger_seal WHERE number = 3"),
    "trigger ledger_assertion_update_guard": plain("UPDATE ledger_assertion SET amount = 0"),
    "trigger ledger_assertion_delete_guard": plain("DELETE FROM ledger_assertion"),
    "trigger ledger_posting_unit_guard": Case(
        lambda sample: [
            *posting(source_id="pool", destination_id="hours", unit_id="MINUTE")(sample),
            *posting(source_id="pool", destination_id="hours", unit_id="BEAN")(sample),
            *posting(source_id=NOBODY)(sample),
            *posting(destination_id=NOBODY)(sample),
        ]
    ),
}


def cases() -> dict[str, Case]:
    return BOTH | (ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE)


@pytest.fixture
def sample(books: Books) -> Sample:
    books.move(books.of(books.ann, "debt"), books.pool, 5)
    given = books.give(books.ann, 10)
    books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 3)
    sealing.seal_pending()
    books.move(books.treasury, books.pool, 1)
    sealing.seal_pending()
    halt("nothing", by=books.bo, reason="test")
    Assertion.objects.create(account=books.pool, before=clock.now() - dt.timedelta(days=1), amount=0)
    made = Sample(
        catalogue(),
        pool=books.pool.pk,
        hours=books.of(books.ann, "hours").pk,
        available=books.of(books.ann, "available").pk,
        hold=books.of(books.ann, "hold").pk,
    )
    empty = made.insert("ledger_transaction", key="empty", seal_id=None)
    seal = made.insert("ledger_seal", number=3, head="3" * 64)
    mirror = made.insert("ledger_transaction", key="mirror", seal_id=None, reverses_id=given.pk)
    with connection.cursor() as cursor:
        for sql, values in (empty, seal, mirror):
            cursor.execute(sql, values)
    made.guards = catalogue()
    return made


def test_every_guard_has_a_case(sample: Sample) -> None:
    assert sample.guards.guards() == set(cases())


@pytest.mark.parametrize("guard", sorted(cases()))
def test_removal_of_a_guard_is_caught(sample: Sample, guard: str) -> None:
    case = cases()[guard]
    statements = case.make(sample)
    assert statements
    for sql, values in statements:
        assert sample.guards.refusal(sql, values) is not None, f"nothing refuses {sql}"
        if case.behind:
            said = sample.guards.refusal(sql, values, without=case.behind)
            assert said is not None, f"{guard} does not refuse {sql}"
        assert sample.guards.refusal(sql, values, without=[*case.behind, guard]) is None
