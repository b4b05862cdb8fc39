"""What the database itself refuses, and what the verifier names when the guard was taken away."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from points.ledger import sealing
from points.ledger.models import Seal, Transaction
from points.ledger.verify import verify
from tests.ledger.conftest import Books

REFUSED = [
    "UPDATE ledger_posting SET amount = amount + 1",
    "DELETE FROM ledger_posting",
    "UPDATE ledger_transaction SET reason = 'x'",
    "DELETE FROM ledger_transaction",
    "UPDATE ledger_transaction SET seal_id = NULL",
    "UPDATE ledger_seal SET root = 'x'",
    "DELETE FROM ledger_seal",
    "UPDATE ledger_checkpoint SET amount = 0",
    "UPDATE ledger_account SET kind = 'community' WHERE kind = 'pool'",
    "UPDATE ledger_account SET unit_id = 'MINUTE'",
    "DELETE FROM ledger_balance",
    "UPDATE ledger_balance SET amount = -1",
]
POSTGRES_ONLY = [
    "TRUNCATE ledger_posting",
    "TRUNCATE ledger_transaction CASCADE",
    "TRUNCATE ledger_seal CASCADE",
]
LAST_POSTING = "WHERE id = (SELECT MAX(id) FROM ledger_posting)"


def execute(sql: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


@pytest.mark.parametrize("sql", REFUSED)
def test_guard_refuses(books: Books, sql: str) -> None:
    books.give(books.ann, 10)
    sealing.seal_pending()
    with pytest.raises(DatabaseError):
        execute(sql)


@pytest.mark.postgres
@pytest.mark.parametrize("sql", POSTGRES_ONLY)
def test_guard_refuses_truncate(books: Books, sql: str) -> None:
    with pytest.raises(DatabaseError):
        execute(sql)


@pytest.mark.parametrize(
    ("source", "destination", "unit", "amount"),
    [
        ("pool", "hours", "BEAN", 1),  # the destination holds minutes
        ("pool", "available", "MINUTE", 1),  # neither holds the unit of the row
        ("pool", "pool", "BEAN", 1),
        ("pool", "available", "BEAN", 0),
        ("pool", "available", "BEAN", -5),
    ],
)
def test_wrong_row_is_refused(books: Books, source: str, destination: str, unit: str, amount: int) -> None:
    ids = {
        "pool": books.pool.pk,
        "hours": books.of(books.ann, "hours").pk,
        "available": books.of(books.ann, "available").pk,
    }
    parent = Transaction.objects.first()
    assert parent is not None
    with pytest.raises(DatabaseError):
        execute(
            "INSERT INTO ledger_posting (transaction_id, source_id, destination_id, unit_id, amount) "
            f"VALUES ({parent.pk}, {ids[source]}, {ids[destination]}, '{unit}', {amount})"
        )


COLUMNS = "kind, reference, key, body_digest, occurred_at, posted_at, reason, rule, inputs_digest"


def test_second_reversal_is_refused_by_the_database(books: Books) -> None:
    original = books.give(books.ann, 10)
    sql = (
        f"INSERT INTO ledger_transaction ({COLUMNS}, reverses_id) "
        "SELECT 'reversal', '', '{}', '', posted_at, posted_at, '', '', '', id FROM ledger_transaction "
        f"WHERE id = {original.pk}"
    )
    execute(sql.format("r1"))
    with pytest.raises(DatabaseError):
        execute(sql.format("r2"))


def without_guards(sql: str) -> None:
    """Do what the guards refuse, as somebody with the keys to the database could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(sql)
            for _name, body in triggers:
                cursor.execute(body)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        (
            f"UPDATE ledger_posting SET amount = amount + 1 {LAST_POSTING}",
            "wrong_balance",
        ),
        (
            f"UPDATE ledger_posting SET amount = amount + 1 {LAST_POSTING}",
            "wrong_seal",
        ),
        ("UPDATE ledger_transaction SET reason = 'kind_words'", "wrong_seal"),
        ("UPDATE ledger_balance SET amount = amount + 1 WHERE amount > 0", "wrong_balance"),
        (f"DELETE FROM ledger_posting {LAST_POSTING}", "empty_transaction"),
        ("UPDATE ledger_seal SET head = root", "wrong_head"),
        ("UPDATE ledger_seal SET previous_head = root", "broken_chain"),
        ("UPDATE ledger_checkpoint SET amount = amount - 1", "wrong_checkpoint"),
        ("UPDATE ledger_account SET sign = -1 WHERE kind = 'hold'", "wrong_account"),
        ("UPDATE ledger_posting SET destination_day = NULL", "wrong_posting"),
    ],
)
def test_verifier_names_what_was_changed_behind_the_guards(books: Books, sql: str, code: str) -> None:
    books.give(books.ann, 10)
    books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 3)
    sealing.seal_pending()
    assert verify().ok
    without_guards(sql)
    assert code in {finding.code for finding in verify().findings}


def test_seal_covers_a_lower_id_that_commits_later(books: Books) -> None:
    """No id watermark: what is unsealed is sealed, whatever its number."""
    first = Transaction.objects.get()
    sealing.seal_pending()
    execute(
        f"INSERT INTO ledger_transaction (id, {COLUMNS}) SELECT id - 1, 'late', '', 'late', '', "
        f"posted_at, posted_at, '', '', '' FROM ledger_transaction WHERE id = {first.pk}"
    )
    assert sealing.seal_pending() == 1
    assert Seal.objects.count() == 2
    assert {finding.code for finding in verify().findings} == {"empty_transaction"}
