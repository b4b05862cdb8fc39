"""Work is made again when the database says "not now", a bounded number of times, and only then."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from psycopg import errors as pg

from points.ledger import accounts, retry
from points.ledger.models import Transaction
from points.ledger.retry import is_passing, retrying
from points.ledger.services import Move, post
from tests.ledger.conftest import Books, beans
from tests.ledger.test_posting import refused


def wrapped(kind: type[Exception], cause: Exception | None) -> Exception:
    """A database error as Django hands it on."""
    error = kind("said the database")
    error.__cause__ = cause
    return error


def locked(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said SQLite")
    error.sqlite_errorcode = code
    return error


class Collision(pg.UniqueViolation):
    """A unique violation that names its constraint."""

    def __init__(self, constraint: str) -> None:
        super().__init__("duplicate key")
        self._constraint = constraint

    @property
    def diag(self) -> object:  # type: ignore[override]
        return type("Diagnostic", (), {"constraint_name": self._constraint})()


PASSING = [
    wrapped(OperationalError, pg.SerializationFailure()),
    wrapped(OperationalError, pg.DeadlockDetected()),
    wrapped(OperationalError, pg.TooManyConnections()),
    wrapped(OperationalError, pg.LockNotAvailable()),
    wrapped(OperationalError, pg.AdminShutdown()),
    wrapped(OperationalError, pg.CrashShutdown()),
    wrapped(OperationalError, pg.CannotConnectNow()),
    wrapped(OperationalError, pg.ConnectionFailure()),
    wrapped(OperationalError, psycopg.OperationalError("server closed the connection unexpectedly")),
    wrapped(InterfaceError, psycopg.InterfaceError("connection already closed")),
    wrapped(IntegrityError, Collision("ledger_balance_day")),
    wrapped(IntegrityError, Collision("ledger_transaction_key_8d6f_uniq")),
    wrapped(OperationalError, locked(5)),
    wrapped(OperationalError, locked(6)),
    wrapped(OperationalError, locked(5 | 2 << 8)),  # an extended code of SQLITE_BUSY
]
LASTING = [
    wrapped(OperationalError, pg.DiskFull()),
    wrapped(DatabaseError, pg.CheckViolation()),
    wrapped(IntegrityError, Collision("ledger_account_code_key")),
    wrapped(OperationalError, locked(13)),  # the disk is full
    wrapped(IntegrityError, None),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda e: type(e.__cause__).__name__)
def test_passing_errors_are_worth_another_attempt(error: DatabaseError) -> None:
    assert is_passing(error)


@pytest.mark.parametrize("error", LASTING, ids=lambda e: type(e.__cause__).__name__)
def test_lasting_errors_are_not(error: DatabaseError) -> None:
    assert not is_passing(error)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Instead of sleeping: the longest each pause could have been."""
    taken: list[float] = []
    monkeypatch.setattr(retry.random, "uniform", lambda low, high: high - low)
    monkeypatch.setattr(retry.time, "sleep", taken.append)
    return taken


def failing(times: int, error: Exception) -> Callable[[], int]:
    """Work that fails some times, then answers with the number of the attempt."""
    tries = 0

    def work() -> int:
        nonlocal tries
        tries += 1
        if tries <= times:
            raise error
        return tries

    return work


def test_work_is_made_again_until_it_goes_through(db: None, naps: list[float]) -> None:
    assert retrying(failing(3, PASSING[0]), attempts=4, pause=0.1) == 4
    assert naps == [0.1, 0.2, 0.4]


def test_work_that_goes_through_is_made_once(db: None, naps: list[float]) -> None:
    assert retrying(failing(0, PASSING[0])) == 1
    assert naps == []


def test_pauses_stay_under_a_second(db: None, naps: list[float]) -> None:
    assert retrying(failing(9, PASSING[0]), attempts=10) == 10
    assert naps[:3] == [0.05, 0.1, 0.2]
    assert naps[-1] == max(naps) == retry.LONGEST_PAUSE


def test_attempts_are_bounded_and_end_in_a_refusal(db: None, naps: list[float]) -> None:
    work = failing(5, PASSING[1])
    with refused("try_again_later") as caught:
        retrying(work)
    assert caught.value.__cause__ is PASSING[1]
    assert len(naps) == 4  # none after the last
    assert work() == 6


def test_lasting_errors_come_through_at_once(db: None, naps: list[float]) -> None:
    with pytest.raises(DatabaseError) as caught:
        retrying(failing(1, LASTING[0]))
    assert caught.value is LASTING[0]
    assert naps == []


def test_refusals_come_through_and_leave_nothing(books: Books, naps: list[float]) -> None:
    before = Transaction.objects.count()
    with refused("insufficient_balance"):
        retrying(lambda: books.move(books.pool, books.of(books.ann, "pending"), 1001))
    assert (Transaction.objects.count(), naps) == (before, [])


def test_zero_attempts_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        retrying(lambda: 1, attempts=0)


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_it_is_a_mistake() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        retrying(lambda: 1)


@pytest.mark.django_db(transaction=True)
def test_each_attempt_starts_from_nothing() -> None:
    """What the failed attempt wrote is gone, and the second attempt writes it once."""
    source, target = accounts.system_account("treasury"), accounts.pool_account("P1", 2026)
    fail = failing(1, PASSING[0])

    def work() -> int:
        post("allotment", key="allot", moves=[Move(source, target, beans(5))], by=None)
        return fail()

    assert retrying(work) == 2
    assert Transaction.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_made_anew() -> None:
    tries = 0

    def work() -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return Transaction.objects.count()

    assert retrying(work) == 0
    assert tries == 2
