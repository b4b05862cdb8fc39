"""Taking back, and paying what is owed first.

A correction draws on what the member still has: the award's own day first, then pending, then available,
and the rest from the member's `debt` account, which falls below zero. A service already received is never
clawed back. Each later release pays the debt before it makes anything spendable.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.base_user import AbstractBaseUser
from djmoney.money import Money

from points import clock
from points.ledger import portable
from points.ledger.accounts import Member, member_account
from points.ledger.models import NEVER, Account, AccountKind, Transaction
from points.ledger.moves import Move, whole
from points.ledger.services import post

User = AbstractBaseUser


def take_back(
    member: Member,
    *,
    amount: Money,
    to: Account,
    key: str,
    by: User | None,
    corrects: Transaction,
    reason: str,
    reference: str = "",
    day: dt.date | None = None,
    approved_by: User | None = None,
    rule: str = "",
    from_pending: int | None = None,
) -> Transaction:
    """Post a correction of `amount` beans from the member to `to` (the pool they came from).

    `day` is the expiry day of the award that is withdrawn: it is drawn from first. What is missing becomes
    the member's debt. Once per `key`, whatever the member has by then. `from_pending`: at most so much of
    what is pending, for a caller who knows what else is pending there; None is all of it.
    """
    earlier = Transaction.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    unit = str(amount.currency)
    pending, available, debt = (
        member_account(member, kind, unit)
        for kind in (AccountKind.PENDING, AccountKind.AVAILABLE, AccountKind.DEBT)
    )
    books = portable.lock_and_read([pending, available, debt, to])
    today = clock.today()
    missing = whole(amount)
    moves: list[Move] = []
    slots = [(account, each) for account in (pending, available) for each in books.days(account)]
    slots.sort(key=lambda slot: slot[1] != day)  # the award's own day first; otherwise the order stands
    for account, each in slots:
        if account.pk == available.pk and each < today:
            continue  # overdue: it lapses, it is not the member's any more
        part = min(missing, books.now(account, each))
        if account.pk == pending.pk and from_pending is not None:
            part = min(part, from_pending)
            from_pending -= part
        if part:
            moves.append(Move(account, to, Money(part, unit), source_day=each))
            missing -= part
    if missing:
        moves.append(Move(debt, to, Money(missing, unit)))
    return post(
        "correction",
        key=key,
        moves=moves,
        by=by,
        approved_by=approved_by,
        reference=reference,
        reason=reason,
        rule=rule,
        corrects=corrects,
    )


def release(
    member: Member,
    *,
    amount: Money,
    key: str,
    day: dt.date,
    reference: str = "",
    rule: str = "",
    by: User | None = None,
    pending_day: dt.date = NEVER,
    occurred_at: dt.datetime | None = None,
    inputs_digest: str = "",
) -> Transaction:
    """Make `amount` pending beans available until `day`, after paying what the member owes.

    Raises:
        InsufficientBalance: less than that is pending.
    """
    earlier = Transaction.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    unit = str(amount.currency)
    pending, available, debt = (
        member_account(member, kind, unit)
        for kind in (AccountKind.PENDING, AccountKind.AVAILABLE, AccountKind.DEBT)
    )
    books = portable.lock_and_read([pending, available, debt])
    total = whole(amount)
    owed = min(total, -books.now(debt, NEVER))
    moves: list[Move] = []
    if owed:
        moves.append(Move(pending, debt, Money(owed, unit), source_day=pending_day))
    if total > owed:
        moves.append(Move(pending, available, Money(total - owed, unit), pending_day, day))
    return post(
        "release",
        key=key,
        moves=moves,
        by=by,
        reference=reference,
        occurred_at=occurred_at,
        rule=rule,
        inputs_digest=inputs_digest,
    )
