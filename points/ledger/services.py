"""The only writers of the ledger: `post`, `reverse`, `lapse_due`, `halt` and `lift` (and `open_account`).

Everything else reads. A caller opens the database transaction, does its own work in it and posts in it,
so that a record and its postings are written together or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, connection, transaction
from django.db.models.base import ModelState
from djmoney.money import Money

from points import clock
from points.ledger import errors, portable, postgres
from points.ledger.accounts import open_account
from points.ledger.kinds import LAPSING
from points.ledger.models import Account, Balance, Halt, Transaction
from points.ledger.moves import Entry, Move, check, check_entries, digest

__all__ = ["Entry", "Move", "halt", "lapse_due", "lift", "open_account", "post", "post_many", "reverse"]

User = AbstractBaseUser


def post(
    kind: str,
    *,
    key: str,
    moves: Sequence[Move],
    by: User | None,
    reference: str = "",
    occurred_at: dt.datetime | None = None,
    approved_by: User | None = None,
    on_behalf_of: User | None = None,
    reason: str = "",
    rule: str = "",
    inputs_digest: str = "",
    reverses: Transaction | None = None,
    corrects: Transaction | None = None,
) -> Transaction:
    """Write one business event, all of it or nothing, exactly once per `key`.

    The same key with the same body returns the first transaction, silently; with another body it is an
    IdempotencyConflict. Amounts are whole `Money` in the unit of both accounts.

    Raises:
        NotInTransaction: called outside `transaction.atomic`.
        KindHalted: transactions of this kind are halted.
        IdempotencyConflict, InsufficientBalance, AboveCeiling, DayPassed, AlreadyReversed, and what
        `points.ledger.moves.check` raises.
    """
    if not connection.in_atomic_block:
        raise errors.NotInTransaction()
    amounts = check(moves)
    linked = [reverses.pk if reverses else None, corrects.pk if corrects else None]
    now = clock.now()
    values: dict[str, Any] = {
        "kind": kind,
        "reference": reference,
        "key": key,
        "body_digest": digest(kind, reference, reason, rule, moves, linked),
        "occurred_at": occurred_at or now,
        "posted_at": now,
        "by_id": by.pk if by else None,
        "approved_by_id": approved_by.pk if approved_by else None,
        "on_behalf_of_id": on_behalf_of.pk if on_behalf_of else None,
        "reason": reason,
        "rule": rule,
        "inputs_digest": inputs_digest,
        "reverses_id": linked[0],
        "corrects_id": linked[1],
    }
    write = postgres.post if connection.vendor == "postgresql" else portable.post
    try:
        answer = write(values, moves, amounts)
    except IntegrityError as error:
        if reverses is not None and "reverses" in str(error):  # two reversals at the same moment
            raise errors.AlreadyReversed() from error
        raise
    if answer.body_digest != values["body_digest"]:
        raise errors.IdempotencyConflict(key=key)
    if not answer.is_new:
        return Transaction.objects.get(pk=answer.id)
    return _written(answer.id, values)


def _written(pk: int, values: dict[str, Any]) -> Transaction:
    """The row just written, as from the database; `Model.__init__` would take as long as all our checks."""
    row = Transaction.__new__(Transaction)
    row.__dict__.update(values, id=pk, seal_id=None, _state=ModelState())
    row._state.adding, row._state.db = False, connection.alias
    return row


def post_many(
    kind: str, entries: Sequence[Entry], *, by: User | None, approved_by: User | None = None
) -> list[int]:
    """Write thousands of one-move transactions at once, all or nothing, each exactly once per key.

    One lock order and one change per balance: what a loop of `post` does, in a fraction of the time. A
    source that keeps days must name the day it draws from. Returns the transaction ids in entry order.

    Raises:
        NotInTransaction, KindHalted, DuplicateKey, DayNeeded, IdempotencyConflict, InsufficientBalance,
        AboveCeiling and what `points.ledger.moves.check` raises, for the whole batch.
    """
    if not connection.in_atomic_block:
        raise errors.NotInTransaction()
    amounts = check_entries(entries)
    digests = [
        digest(kind, entry.reference, entry.reason, entry.rule, [entry.move], [None, None])
        for entry in entries
    ]
    head = {
        "kind": kind,
        "posted_at": clock.now(),
        "by_id": by.pk if by else None,
        "approved_by_id": approved_by.pk if approved_by else None,
    }
    write = postgres.post_many if connection.vendor == "postgresql" else portable.post_many
    return write(head, entries, amounts, digests)


def lapse_due(*, limit: int = 5000) -> int:
    """Lapse what expired before today, account by account; returns the number of days lapsed.

    Beans pending or held do not lapse: they are somebody's until decided. Rows of days long empty are
    removed, so that a balance stays a handful of rows.
    """
    today = clock.today()
    ids = list(
        Balance.objects.filter(day__lt=today, amount__gt=0, account__kind__in=LAPSING)
        .values_list("account_id", flat=True)
        .order_by("account_id")
        .distinct()[:limit]
    )
    lapsed = 0
    for account in Account.objects.filter(pk__in=ids).order_by("pk"):
        with transaction.atomic():
            books = portable.lock_and_read([account])
            lapsed += portable.lapse(account, books)
            portable.apply(books, {account.pk: account.sign})
            Balance.objects.filter(account=account, day__lt=today, amount=0).delete()
    return lapsed


def reverse(original: Transaction, *, key: str, by: User | None, reason: str) -> Transaction:
    """Post the exact mirror of a transaction, at most once, days included.

    Raises:
        AlreadyReversed: it has been reversed under another key.
        InsufficientBalance: what it gave has been spent since.
    """
    moves = [
        Move(
            posting.destination,
            posting.source,
            Money(posting.amount, posting.unit_id),
            source_day=posting.destination_day,
            destination_day=posting.source_day,
        )
        for posting in original.postings.select_related("source", "destination").order_by("-pk")
    ]
    return post(
        "reversal",
        key=key,
        moves=moves,
        by=by,
        reference=original.reference,
        reason=reason,
        rule=original.rule,
        reverses=original,
    )


def halt(kind: str, *, by: User | None, reason: str) -> Halt:
    """Refuse transactions of a kind from now on.

    Raises:
        AlreadyHalted: they are halted.
    """
    try:
        with transaction.atomic():
            return Halt.objects.create(kind=kind, by_id=by.pk if by else None, reason=reason)
    except IntegrityError as error:
        raise errors.AlreadyHalted() from error


def lift(halted: Halt, *, by: User) -> Halt:
    """End a halt."""
    halted.lifted_at, halted.lifted_by_id = clock.now(), by.pk
    halted.save(update_fields=["lifted_at", "lifted_by"])
    return halted
