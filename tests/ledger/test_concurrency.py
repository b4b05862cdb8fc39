"""Several writers at once, on PostgreSQL, each case with the control that fails without the lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from points.ledger import accounts
from points.ledger.balances import balance
from points.ledger.models import Account, AccountKind, Transaction
from points.ledger.services import Move, post
from points.ledger.verify import verify
from points.people.models import User
from points.refusals import Refusal
from tests.ledger.conftest import beans

pytestmark = [pytest.mark.postgres, pytest.mark.race, pytest.mark.django_db(transaction=True)]
SQL = Path(__file__).parents[2] / "points" / "ledger" / "sql" / "post_postgresql.sql"


@pytest.fixture
def pool(transactional_db: None) -> Account:
    made = accounts.pool_account("P1", 2026)
    with transaction.atomic():
        source = accounts.system_account(AccountKind.TREASURY)
        post("allotment", key="allot", moves=[Move(source, made, beans(100))], by=None)
    return made


def in_threads(work: Callable[[int], str], count: int) -> list[str]:
    """Run `work(0..count-1)` at the same moment, each on its own connection; refusals come back as codes."""
    start = threading.Barrier(count)

    def one(number: int) -> str:
        try:
            start.wait(timeout=20)
            return work(number)
        except Refusal as refusal:
            return str(refusal.code)
        except DatabaseError as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_same_key_twenty_times_at_once_writes_one_row(pool: Account) -> None:
    target = accounts.member_account(User.objects.create_user("ann"), AccountKind.PENDING)

    def work(_number: int) -> str:
        with transaction.atomic():
            return str(post("award", key="award:1", moves=[Move(pool, target, beans(5))], by=None).pk)

    assert len(set(in_threads(work, 20))) == 1
    assert balance(target) == beans(5)
    assert Transaction.objects.filter(key="award:1").count() == 1


def test_same_key_at_once_between_busy_accounts_writes_one_row(pool: Account) -> None:
    """No account to lock: the unique index alone must hold."""
    service, other = accounts.system_account("treasury"), accounts.system_account("forfeit")

    def work(_number: int) -> str:
        with transaction.atomic():
            return str(post("test", key="busy", moves=[Move(service, other, beans(5))], by=None).pk)

    assert len(set(in_threads(work, 10))) == 1
    assert verify().ok


def hold_twice(pool: Account) -> list[str]:
    """Two members draw 60 of the pool's 100 beans; the second starts while the first has not committed."""
    targets = [
        accounts.member_account(User.objects.create_user(f"u{n}"), AccountKind.PENDING) for n in range(2)
    ]
    first_posted, answers = threading.Event(), {}

    def draw(number: int) -> str:
        with transaction.atomic():
            if number == 1:
                assert first_posted.wait(10)
            answers[number] = str(
                post("award", key=f"a{number}", moves=[Move(pool, targets[number], beans(60))], by=None).pk
            )
            if number == 0:
                first_posted.set()
                time.sleep(0.5)  # the second writer is inside its call by now: waiting, or not
        return "done"

    return in_threads(draw, 2)


def test_second_draw_waits_and_is_refused(pool: Account) -> None:
    assert sorted(hold_twice(pool)) == ["done", "insufficient_balance"]
    assert balance(pool) == beans(40)
    assert verify().ok


@pytest.fixture
def without_lock(pool: Account) -> None:
    """The control: the same function with its lock taken away, and the CHECK beneath it as well."""
    text = SQL.read_text(encoding="utf-8").replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    lock = "PERFORM 1 FROM ledger_account WHERE id = ANY (p_stored) ORDER BY id FOR NO KEY UPDATE;"
    assert lock in text
    with connection.cursor() as cursor:
        cursor.execute(text.replace(lock, ""))
        cursor.execute("ALTER TABLE ledger_balance DROP CONSTRAINT ledger_balance_floor")


def test_control_without_the_lock_overdraws(without_lock: None, pool: Account) -> None:
    assert hold_twice(pool) == ["done", "done"]
    assert balance(pool) == beans(-20)


def test_opposite_orders_do_not_deadlock(pool: Account) -> None:
    people = [User.objects.create_user(f"u{n}") for n in range(2)]
    ends = [accounts.member_account(person, AccountKind.AVAILABLE) for person in people]
    with transaction.atomic():
        for number, end in enumerate(ends):
            post("test", key=f"seed{number}", moves=[Move(pool, end, beans(40))], by=None)

    def work(number: int) -> str:
        for step in range(20):
            source, target = ends if number % 2 else reversed(ends)
            with transaction.atomic():
                post("test", key=f"{number}:{step}", moves=[Move(source, target, beans(1))], by=None)
        return "done"

    assert set(in_threads(work, 4)) == {"done"}
    assert verify().ok
