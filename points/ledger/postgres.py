"""The write path on PostgreSQL: one call of one SQL function, one round trip (`sql/post_postgresql.sql`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection

from points import clock
from points.ledger import errors
from points.ledger.kinds import LAPSING
from points.ledger.models import Account
from points.ledger.moves import Entry, Move
from points.ledger.portable import TRANSACTION_COLUMNS, Written
from points.refusals import Refusal

CALL = (
    "SELECT o_id, o_digest, o_is_new, o_refusal, o_account, o_balance, o_needed FROM ledger_post("
    + ", ".join(["%s"] * len(TRANSACTION_COLUMNS))
    + ", %s, %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::date[], %s::date[], %s::int[], "
    "%s::bigint[])"
)


def flags(source: Account, destination: Account) -> int:
    """How two accounts behave, in the bits the SQL function reads."""
    return (
        source.is_stored
        | source.tracks_days << 1
        | (source.kind in LAPSING) << 2
        | destination.is_stored << 3
        | destination.tracks_days << 4
        | (destination.kind in LAPSING) << 5
        | (source.sign < 0) << 6
        | (destination.sign < 0) << 7
    )


def array(values: Iterable[Any]) -> str:
    """Numbers, dates or codes as a PostgreSQL array: at a tenth of what psycopg needs to look into a list."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def texts(values: Sequence[str]) -> str:
    """Texts as a PostgreSQL array; most of them need no second look."""
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return f'{{"{joined}"}}' if values else "{}"


def call(statement: str, values: Sequence[Any]) -> Any:
    """Call one of our functions on Django's connection and return its row.

    psycopg's own cursor sends statement and values apart, in one round trip; Django's would write them into
    the statement first.
    """
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values).fetchone()


def post(values: dict[str, Any], moves: Sequence[Move], amounts: Sequence[int]) -> Written:
    """Write one transaction.

    Raises:
        KindHalted, AlreadyReversed, InsufficientBalance, AboveCeiling, DayPassed, TooLarge: as the function
            answers them. Nothing has been written then, and the caller's transaction is still usable.
    """
    row = call(
        CALL,
        [
            *(values[name] for name in TRANSACTION_COLUMNS),
            clock.today(),
            array([move.source.pk for move in moves]),
            array([move.destination.pk for move in moves]),
            array([f'"{move.source.unit_id}"' for move in moves]),
            array(amounts),
            array([move.source_day for move in moves]),
            array([move.destination_day for move in moves]),
            array([flags(move.source, move.destination) for move in moves]),
            array([a.pk for move in moves for a in (move.source, move.destination) if a.is_stored]),
        ],
    )
    transaction_id, digest, is_new, refusal, account_id, balance, needed = row
    if refusal is not None:
        accounts = {account.pk: account.code for move in moves for account in (move.source, move.destination)}
        if refusal == errors.DayPassed.refusal_code:
            days = [move.destination_day for move in moves if move.destination.pk == account_id]
            raise errors.DayPassed(day=min((day.isoformat() for day in days if day), default=""))
        raise refused(refusal, accounts.get(account_id, ""), balance, needed)
    return Written(transaction_id, digest, is_new)


CALL_MANY = (
    "SELECT o_ids, o_refusal, o_subject, o_balance, o_needed FROM ledger_post_many(%s, %s, %s, %s, %s, "
    "%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], "
    "%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::date[], %s::date[], %s::int[])"
)


def post_many(
    head: dict[str, Any], entries: Sequence[Entry], amounts: Sequence[int], digests: Sequence[str]
) -> list[int]:
    """Write a batch; returns the transaction ids in the order of the entries.

    Raises:
        KindHalted, IdempotencyConflict, InsufficientBalance, AboveCeiling, TooLarge: for the whole batch.
    """
    moves = [entry.move for entry in entries]
    connection.validate_no_broken_transaction()
    # psycopg's own cursor binds on the server: no megabytes of SQL text.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        row: Any = cursor.execute(
            CALL_MANY,
            [
                *head.values(),
                clock.today(),
                texts([entry.key for entry in entries]),
                texts([entry.reference for entry in entries]),
                texts(digests),
                array([entry.occurred_at or head["posted_at"] for entry in entries]),
                texts([entry.reason for entry in entries]),
                texts([entry.rule for entry in entries]),
                texts([entry.inputs_digest for entry in entries]),
                array([move.source.pk for move in moves]),
                array([move.destination.pk for move in moves]),
                texts([move.source.unit_id for move in moves]),
                array(amounts),
                array([move.source_day for move in moves]),
                array([move.destination_day for move in moves]),
                array([flags(move.source, move.destination) for move in moves]),
            ],
            prepare=False,
            binary=True,
        ).fetchone()
    ids, refusal, subject, balance, needed = row
    if refusal is None:
        return list(ids)
    if refusal == errors.IdempotencyConflict.refusal_code:
        raise errors.IdempotencyConflict(key=subject)
    raise refused(refusal, subject or "", balance, needed)


def refused(code: str, account: str, balance: Any, needed: Any) -> Refusal:
    """The refusal a function answered, as the one the portable path raises."""
    if code == errors.InsufficientBalance.refusal_code:
        return errors.InsufficientBalance(account=account, balance=int(balance), needed=int(needed))
    if code == errors.AboveCeiling.refusal_code:
        return errors.AboveCeiling(account=account)
    if code == errors.TooLarge.refusal_code:
        return errors.TooLarge(amount=int(needed))
    return {one.refusal_code: one for one in (errors.KindHalted, errors.AlreadyReversed)}[code]()
