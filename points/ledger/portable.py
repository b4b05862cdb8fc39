"""The write path in portable SQL, used on SQLite: claim the key, lock, lapse what is overdue, check, write.

It stays out of the ORM (which would cost five times as much). On PostgreSQL the same rules run as one SQL
function (`points.ledger.postgres`); one stateful test machine drives both and demands the same results.
The order matters: the key is claimed first (so that the same key at the same moment waits for the first
one and then finds it), accounts are locked in primary-key order, balances are read after the lock.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection, transaction

from points import clock
from points.ledger import errors
from points.ledger.accounts import system_account
from points.ledger.kinds import LAPSING
from points.ledger.models import NEVER, Account, AccountKind, Transaction
from points.ledger.moves import LARGEST, Entry, Move

TRANSACTION_COLUMNS = (
    "kind",
    "reference",
    "key",
    "body_digest",
    "occurred_at",
    "posted_at",
    "by_id",
    "approved_by_id",
    "on_behalf_of_id",
    "reason",
    "rule",
    "inputs_digest",
    "reverses_id",
    "corrects_id",
)


class Written(NamedTuple):
    """The answer of a write path: the transaction of this key, and whether it was written just now."""

    id: int
    body_digest: str
    is_new: bool


@dataclass
class Row:
    """One posting about to be written."""

    source: Account
    destination: Account
    amount: int
    source_day: dt.date | None
    destination_day: dt.date | None


@dataclass
class Books:
    """The balances of the locked accounts by day, as read, and what this transaction changes."""

    amounts: dict[tuple[int, dt.date], int] = field(default_factory=dict)
    changes: dict[tuple[int, dt.date], int] = field(default_factory=lambda: defaultdict(int))

    def now(self, account: Account, day: dt.date) -> int:
        slot = (account.pk, day)
        return self.amounts.get(slot, 0) + self.changes.get(slot, 0)

    def days(self, account: Account) -> list[dt.date]:
        """The days on which the account holds something, soonest first."""
        slots = {day for pk, day in (*self.amounts, *self.changes) if pk == account.pk}
        return sorted(day for day in slots if self.now(account, day) > 0)

    def total(self, account: Account) -> int:
        return sum(self.now(account, day) for day in self.days(account))

    def move(self, row: Row) -> None:
        if row.source.is_stored:
            self.changes[row.source.pk, row.source_day or NEVER] -= row.amount
        if row.destination.is_stored:
            self.changes[row.destination.pk, row.destination_day or NEVER] += row.amount


def placeholders(count: int) -> str:
    return ", ".join(["%s"] * count)


def claim(values: dict[str, Any]) -> int | None:
    """Insert the transaction row; None when its key has been used before."""
    ops = connection.ops
    for name in ("occurred_at", "posted_at"):
        values[name] = ops.adapt_datetimefield_value(values[name])
    names = ", ".join(f'"{name}"' for name in TRANSACTION_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger_transaction ({names}) VALUES ({placeholders(len(TRANSACTION_COLUMNS))}) "
            'ON CONFLICT ("key") DO NOTHING RETURNING id',
            [values[name] for name in TRANSACTION_COLUMNS],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def is_halted(kind: str) -> bool:
    """Whether transactions of this kind are refused at the moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM ledger_halt WHERE kind = %s AND lifted_at IS NULL", [kind])
        return cursor.fetchone() is not None


def lock_and_read(accounts: Iterable[Account]) -> Books:
    """Lock the stored accounts in primary-key order, then read their balances."""
    ids = sorted({account.pk for account in accounts if account.is_stored})
    books = Books()
    if not ids:
        return books
    marks = placeholders(len(ids))
    with connection.cursor() as cursor:
        if connection.features.has_select_for_no_key_update:
            cursor.execute(
                f"SELECT id FROM ledger_account WHERE id IN ({marks}) ORDER BY id FOR NO KEY UPDATE", ids
            )
        cursor.execute(
            f"SELECT account_id, day, amount FROM ledger_balance WHERE account_id IN ({marks})", ids
        )
        for account_id, day, amount in cursor.fetchall():
            books.amounts[account_id, as_date(day)] = amount
    return books


def as_date(value: Any) -> dt.date:
    """SQLite hands dates back as text."""
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def overdue(books: Books, account: Account, today: dt.date) -> list[tuple[dt.date, int]]:
    if account.kind not in LAPSING:
        return []
    return [(day, books.now(account, day)) for day in books.days(account) if day < today]


def plan(moves: Sequence[Move], amounts: Sequence[int], books: Books, *, mirror: bool) -> list[Row]:
    """Turn moves into postings, drawing the soonest expiring days first.

    Raises:
        InsufficientBalance, AboveCeiling, DayPassed, TooLarge.
    """
    rows: list[Row] = []
    today = clock.today()
    for move, amount in zip(moves, amounts, strict=True):
        for day, part in _draw(move, amount, books):
            arriving = None
            if move.destination.tracks_days:
                arriving = move.destination_day or day or NEVER
                if arriving < today and move.destination.kind in LAPSING and not mirror:
                    raise errors.DayPassed(day=arriving.isoformat())
            row = Row(move.source, move.destination, part, day, arriving)
            rows.append(row)
            books.move(row)
    _check_floors(moves, books)
    return rows


def _check_floors(moves: Sequence[Move], books: Books) -> None:
    """Refuse what would fall below its floor; the same finding first as the SQL function: the deepest."""
    accounts = {one.pk: one for move in moves for one in (move.source, move.destination) if one.is_stored}
    results = [
        (accounts[pk].sign < 0, books.now(accounts[pk], day), change, accounts[pk])
        for (pk, day), change in books.changes.items()
        if pk in accounts
    ]
    for is_debt, result, change, account in sorted(results, key=lambda found: found[:2]):
        if not is_debt and result < 0:
            raise errors.InsufficientBalance(account=account.code, balance=result - change, needed=-change)
        if is_debt and result > 0:
            raise errors.AboveCeiling(account=account.code)
        if abs(result) > LARGEST:
            raise errors.TooLarge(amount=result)


def _draw(move: Move, amount: int, books: Books) -> list[tuple[dt.date | None, int]]:
    """The days, with their amounts, that one move draws from."""
    source = move.source
    if not source.tracks_days:
        return [(None, amount)]
    if move.source_day is not None:
        return [(move.source_day, amount)]
    drawn: list[tuple[dt.date | None, int]] = []
    missing = amount
    for day in books.days(source):
        part = min(missing, books.now(source, day))
        drawn.append((day, part))
        missing -= part
        if not missing:
            return drawn
    raise errors.InsufficientBalance(account=source.code, balance=amount - missing, needed=amount)


def write(transaction_id: int, rows: Sequence[Row]) -> None:
    """Insert the postings of one transaction."""
    write_many([(transaction_id, row) for row in rows])


def write_many(numbered: Sequence[tuple[int, Row]]) -> None:
    """Insert postings, each with the transaction it belongs to."""
    adapt = connection.ops.adapt_datefield_value
    for part in batched(numbered):
        values: list[Any] = []
        for transaction_id, row in part:
            values += [
                transaction_id,
                row.source.pk,
                row.destination.pk,
                row.source.unit_id,
                row.amount,
                adapt(row.source_day),
                adapt(row.destination_day),
            ]
        marks = ", ".join([f"({placeholders(7)})"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_posting (transaction_id, source_id, destination_id, unit_id, amount, "
                f"source_day, destination_day) VALUES {marks}",
                values,
            )


def apply(books: Books, signs: dict[int, int]) -> None:
    """Write the changed balances, once per account and day, in order of account and day."""
    adapt = connection.ops.adapt_datefield_value
    with connection.cursor() as cursor:
        for (account_id, day), change in sorted(books.changes.items()):
            if not change:
                continue
            if (account_id, day) in books.amounts:
                cursor.execute(
                    "UPDATE ledger_balance SET amount = amount + %s WHERE account_id = %s AND day = %s",
                    [change, account_id, adapt(day)],
                )
            else:
                cursor.execute(
                    "INSERT INTO ledger_balance (account_id, day, amount, sign) VALUES (%s, %s, %s, %s)",
                    [account_id, adapt(day), change, signs[account_id]],
                )


def post(values: dict[str, Any], moves: Sequence[Move], amounts: Sequence[int]) -> Written:
    """Write one transaction."""
    with transaction.atomic():  # a refusal leaves nothing behind, even if the caller goes on
        transaction_id = claim(dict(values))
        if transaction_id is None:
            first = Transaction.objects.values_list("pk", "body_digest").get(key=values["key"])
            return Written(*first, False)
        if is_halted(values["kind"]):
            raise errors.KindHalted()
        reverses = values["reverses_id"]
        if reverses and Transaction.objects.filter(reverses_id=reverses).exclude(pk=transaction_id).exists():
            raise errors.AlreadyReversed()
        accounts = {account.pk: account for move in moves for account in (move.source, move.destination)}
        books = lock_and_read(accounts.values())
        for account in {move.source.pk: move.source for move in moves}.values():
            lapse(account, books)
        rows = plan(moves, amounts, books, mirror=reverses is not None)
        write(transaction_id, rows)
        apply(books, {pk: account.sign for pk, account in accounts.items()})
        return Written(transaction_id, values["body_digest"], True)


def post_many(
    head: dict[str, Any], entries: Sequence[Entry], amounts: Sequence[int], digests: Sequence[str]
) -> list[int]:
    """Write a batch of one-move transactions in a few statements; all or nothing.

    Returns the transaction ids in the order of the entries.
    """
    with transaction.atomic():
        done: dict[str, int] = {}
        bodies = dict(zip((entry.key for entry in entries), digests, strict=True))
        for keys in batched(list(bodies)):
            rows = Transaction.objects.filter(key__in=keys).values_list("pk", "key", "body_digest")
            for pk, key, body in rows:
                if bodies[key] != body:
                    raise errors.IdempotencyConflict(key=key)
                done[key] = pk
        fresh = [
            (entry, amount) for entry, amount in zip(entries, amounts, strict=True) if entry.key not in done
        ]
        if fresh and is_halted(head["kind"]):
            raise errors.KindHalted()
        accounts = {a.pk: a for entry, _n in fresh for a in (entry.move.source, entry.move.destination)}
        books = Books()
        for part in batched(list(accounts.values())):
            books.amounts.update(lock_and_read(part).amounts)
        rows_ = plan([entry.move for entry, _n in fresh], [n for _e, n in fresh], books, mirror=True)
        ids = claim_many(head, [entry for entry, _n in fresh], bodies)
        write_many([(ids[entry.key], row) for (entry, _n), row in zip(fresh, rows_, strict=True)])
        apply(books, {pk: account.sign for pk, account in accounts.items()})
        return [done.get(entry.key) or ids[entry.key] for entry in entries]


def batched(items: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    """`items` in parts that stay under SQLite's number of parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def claim_many(head: dict[str, Any], entries: Sequence[Entry], bodies: dict[str, str]) -> dict[str, int]:
    """Insert the transaction rows of a batch; returns their ids by key."""
    ids: dict[str, int] = {}
    names = ", ".join(f'"{name}"' for name in TRANSACTION_COLUMNS)
    adapt = connection.ops.adapt_datetimefield_value
    for part in batched(entries):
        values: list[Any] = []
        for entry in part:
            row = dict.fromkeys(TRANSACTION_COLUMNS) | head
            row |= {
                "reference": entry.reference,
                "key": entry.key,
                "body_digest": bodies[entry.key],
                "occurred_at": adapt(entry.occurred_at or head["posted_at"]),
                "posted_at": adapt(head["posted_at"]),
                "reason": entry.reason,
                "rule": entry.rule,
                "inputs_digest": entry.inputs_digest,
            }
            values += row.values()
        marks = ", ".join([f"({placeholders(len(TRANSACTION_COLUMNS))})"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO ledger_transaction ({names}) VALUES {marks} RETURNING id, key", values
            )
            ids.update((key, pk) for pk, key in cursor.fetchall())
    return ids


def lapse(account: Account, books: Books) -> int:
    """Lapse the overdue days of a locked account. Every debit does it first: a late job changes nothing."""
    due = overdue(books, account, clock.today())
    if not due:
        return 0
    lapsed = system_account(AccountKind.LAPSED, account.unit_id)
    now = clock.now()
    for day, amount in due:
        reference = f"{account.code}:{day.isoformat()}"
        earlier = Transaction.objects.filter(kind="lapse", reference=reference).count()
        key = f"lapse:{reference}:{earlier}"
        lapse_id = claim(
            {
                **dict.fromkeys(TRANSACTION_COLUMNS),
                "kind": "lapse",
                "reference": reference,
                "key": key,
                "body_digest": hashlib.sha256(key.encode()).hexdigest(),
                "occurred_at": now,
                "posted_at": now,
                "reason": "expired",
                "rule": "",
                "inputs_digest": "",
            }
        )
        assert lapse_id is not None, "the account is locked: nobody else can have lapsed this day"
        row = Row(account, lapsed, amount, day, None)
        books.move(row)
        write(lapse_id, [row])
    return len(due)
