"""Each lock of the ledger taken away once: two writers at the same moment go wrong then.

`ledger_post`'s own case is in `test_concurrency.py`. A lock without a case fails
`test_every_lock_has_a_case`.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction

from points import clock
from points.ledger import accounts, portable
from points.ledger.balances import balance, member_balances
from points.ledger.corrections import take_back
from points.ledger.models import Account, AccountKind, Transaction
from points.ledger.services import Entry, Move, lapse_due, post, post_many
from points.ledger.verify import verify
from points.people.models import User
from tests.ledger.conftest import beans
from tests.ledger.test_concurrency import in_threads, pool  # noqa: F401  (fixture)

pytestmark = [pytest.mark.postgres, pytest.mark.race, pytest.mark.django_db(transaction=True)]
LEDGER = Path(__file__).parents[2] / "points" / "ledger"
LOCK = re.compile(r"FOR (NO KEY )?UPDATE(?= *[;\"])|select_for_update", re.IGNORECASE)
CASES = {
    "ledger_post": "test_concurrency.py::test_control_without_the_lock_overdraws",
    "ledger_post_many": "test_control_batches_without_the_lock_overdraw",
    "portable.py": "test_control_lapsing_… and test_control_taking_back_without_the_lock…",
}


def test_every_lock_has_a_case() -> None:
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'ledger\\_%'")
        found.update({name: len(LOCK.findall(source)) for name, source in cursor.fetchall()})
    for path in LEDGER.glob("*.py"):
        found[path.name] = len(LOCK.findall(path.read_text(encoding="utf-8")))
    assert {name: count for name, count in found.items() if count} == dict.fromkeys(CASES, 1)


def one_after_the_other(first: Callable[[], object], second: Callable[[], object]) -> list[str]:
    """`second` starts when `first` has done its work and not committed yet."""
    ready = threading.Event()

    def work(number: int) -> str:
        if number == 1:
            assert ready.wait(10)
            second()
            return "done"
        with transaction.atomic():
            first()
            ready.set()
            time.sleep(0.4)  # the second is inside its call by now: waiting, or not
        return "done"

    return in_threads(work, 2)


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann")


@pytest.fixture
def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The portable path asks the database whether it can lock; here it cannot."""
    monkeypatch.setattr(type(connection.features), "has_select_for_no_key_update", False)
    assert "FOR NO KEY UPDATE" in (LEDGER / "portable.py").read_text(encoding="utf-8")


# --- Batches --------------------------------------------------------------------------------------------
def batches(pool: Account) -> list[str]:  # noqa: F811
    """Two batches of 60 beans each from a pool that has 100."""
    targets = [
        accounts.member_account(User.objects.create_user(f"u{n}"), AccountKind.PENDING) for n in range(2)
    ]

    def draw(number: int) -> None:
        with transaction.atomic():
            post_many(
                "award",
                [Entry(f"b{number}:{n}", Move(pool, targets[number], beans(20))) for n in range(3)],
                by=None,
            )

    return one_after_the_other(lambda: draw(0), lambda: draw(1))


def test_second_batch_waits_and_is_refused(pool: Account) -> None:  # noqa: F811
    assert batches(pool) == ["done", "insufficient_balance"]
    assert balance(pool) == beans(40)
    assert verify().ok


def test_control_batches_without_the_lock_overdraw(pool: Account) -> None:  # noqa: F811
    text = (LEDGER / "sql" / "post_many_postgresql.sql").read_text(encoding="utf-8")
    assert text.count(" ORDER BY id FOR NO KEY UPDATE") == 1
    text = text.replace(" ORDER BY id FOR NO KEY UPDATE", "").replace(
        "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
    )
    with connection.cursor() as cursor:
        cursor.execute(text)
        cursor.execute("ALTER TABLE ledger_balance DROP CONSTRAINT ledger_balance_floor")
    assert batches(pool) == ["done", "done"]
    assert balance(pool) == beans(-20)


# --- Lapsing --------------------------------------------------------------------------------------------
def lapse_twice(pool: Account, ann: User) -> list[str]:  # noqa: F811
    available = accounts.member_account(ann, AccountKind.AVAILABLE)
    past = dt.date(2026, 1, 31)
    with transaction.atomic(), clock.at(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)):
        post("gift", key="g", moves=[Move(pool, available, beans(10), None, past)], by=None)
    return one_after_the_other(lapse_due, lapse_due)


def test_two_lapsers_lapse_once(pool: Account, ann: User) -> None:  # noqa: F811
    assert lapse_twice(pool, ann) == ["done", "done"]
    assert Transaction.objects.filter(kind="lapse").count() == 1
    assert verify().ok


def test_control_lapsing_without_the_lock_collides(
    pool: Account,  # noqa: F811
    ann: User,
    without_lock: None,
) -> None:
    with pytest.raises(AssertionError, match="nobody else can have lapsed"):
        lapse_twice(pool, ann)


# --- Taking back ----------------------------------------------------------------------------------------
def take_twice(pool: Account, ann: User) -> list[str]:  # noqa: F811
    """Ten beans, taken back twice at the same moment: the second time they are owed."""
    available = accounts.member_account(ann, AccountKind.AVAILABLE)
    accounts.member_account(ann, AccountKind.PENDING)
    accounts.member_account(ann, AccountKind.DEBT)
    with transaction.atomic():
        award = post("gift", key="g", moves=[Move(pool, available, beans(10))], by=None)

    def take(key: str) -> None:
        with transaction.atomic():
            take_back(ann, amount=beans(10), to=pool, key=key, by=None, corrects=award, reason="test")

    return one_after_the_other(lambda: take("t1"), lambda: take("t2"))


def test_taken_back_twice_at_once_leaves_a_debt(pool: Account, ann: User) -> None:  # noqa: F811
    assert take_twice(pool, ann) == ["done", "done"]
    assert member_balances(ann).debt == beans(10)
    assert verify().ok


def test_control_taking_back_without_the_lock_is_refused(
    pool: Account,  # noqa: F811
    ann: User,
    without_lock: None,
) -> None:
    """It plans with what it read before the first had ended; the function beneath refuses the overdraft."""
    assert portable.connection.features.has_select_for_no_key_update is False
    assert take_twice(pool, ann) == ["done", "insufficient_balance"]
