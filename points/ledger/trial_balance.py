"""The trial balance: what stands where, by unit and kind. Each unit sums to zero."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from djmoney.money import Money

# One statement, so that everything is seen at one moment: stored balances, newest checkpoints, and the tail
# of postings not sealed yet on the accounts without a stored balance.
QUERY = """
WITH tail AS (
    SELECT p.source_id, p.destination_id, p.amount
    FROM ledger_transaction t JOIN ledger_posting p ON p.transaction_id = t.id WHERE t.seal_id IS NULL
), amounts AS (
    SELECT account_id, amount FROM ledger_balance
    UNION ALL
    SELECT c.account_id, c.amount FROM ledger_checkpoint c
    JOIN (SELECT account_id, MAX(seal_id) AS seal_id FROM ledger_checkpoint GROUP BY account_id) newest
      ON newest.account_id = c.account_id AND newest.seal_id = c.seal_id
    UNION ALL
    SELECT tail.destination_id, tail.amount FROM tail JOIN ledger_account a ON a.id = tail.destination_id
    WHERE NOT a.is_stored
    UNION ALL
    SELECT tail.source_id, -tail.amount FROM tail JOIN ledger_account a ON a.id = tail.source_id
    WHERE NOT a.is_stored
)
SELECT a.unit_id, a.kind, COUNT(DISTINCT a.id), COALESCE(SUM(m.amount), 0)
FROM ledger_account a LEFT JOIN amounts m ON m.account_id = a.id
GROUP BY a.unit_id, a.kind ORDER BY a.unit_id, a.kind
"""


@dataclass(frozen=True)
class Row:
    """One kind of account of one unit: how many there are and what they hold together."""

    unit: str
    kind: str
    accounts: int
    amount: Money


def rows() -> list[Row]:
    """The trial balance now. For each unit the amounts sum to zero."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        return [
            Row(unit, kind, accounts, Money(int(amount), unit))
            for unit, kind, accounts, amount in cursor.fetchall()
        ]
