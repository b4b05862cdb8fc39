"""Posting through the ORM, with the precautions everybody knows: a key, a lock in one order, a floor."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Q

from tools.bench.plain.models import Account, Posting, Transaction

UTC = dt.UTC


def post(kind: str, *, key: str, source: Account, destination: Account, amount: int, by: int) -> Transaction:
    """Move an amount, once per key."""
    with transaction.atomic():
        known = Transaction.objects.filter(key=key).first()
        if known is not None:
            return known
        locked = {
            account.pk: account
            for account in Account.objects.select_for_update()
            .filter(pk__in=[source.pk, destination.pk])
            .order_by("pk")
        }
        if locked[source.pk].has_floor and locked[source.pk].balance < amount:
            raise ValueError("not enough")
        now = dt.datetime.now(UTC)
        written = Transaction.objects.create(
            kind=kind,
            reference=f"record:{key}",
            key=key,
            body_digest="0" * 64,
            occurred_at=now,
            posted_at=now,
            by_id=by,
            reason="",
            rule="bench:1",
        )
        Posting.objects.create(
            transaction=written, source=source, destination=destination, unit=source.unit, amount=amount
        )
        for account, change in ((locked[source.pk], -amount), (locked[destination.pk], amount)):
            account.balance += change
            account.save(update_fields=["balance"])
        return written


def post_many(
    kind: str, entries: Sequence[tuple[str, Account, Account, int]], *, by: int
) -> list[Transaction]:
    """The same for thousands, with `bulk_create` and one update per account."""
    now = dt.datetime.now(UTC)
    with transaction.atomic():
        written = Transaction.objects.bulk_create(
            [
                Transaction(
                    kind=kind,
                    reference=f"record:{key}",
                    key=key,
                    body_digest="0" * 64,
                    occurred_at=now,
                    posted_at=now,
                    by_id=by,
                    reason="",
                    rule="bench:1",
                )
                for key, _source, _destination, _amount in entries
            ],
            batch_size=2000,
        )
        Posting.objects.bulk_create(
            [
                Posting(
                    transaction=one, source=source, destination=destination, unit=source.unit, amount=amount
                )
                for one, (_key, source, destination, amount) in zip(written, entries, strict=True)
            ],
            batch_size=2000,
        )
        changes: Counter[int] = Counter()
        for _key, source, destination, amount in entries:
            changes[source.pk] -= amount
            changes[destination.pk] += amount
        for pk, change in sorted(changes.items()):
            Account.objects.filter(pk=pk).update(balance=F("balance") + change)
        return written


def balance(account: Account) -> int:
    """The stored balance."""
    return Account.objects.values_list("balance", flat=True).get(pk=account.pk)


def statement(accounts: Sequence[Account], *, before: int | None = None, size: int = 20) -> list[Posting]:
    """The newest postings of some accounts."""
    ids = [account.pk for account in accounts]
    rows = Posting.objects.filter(Q(source_id__in=ids) | Q(destination_id__in=ids)).select_related(
        "transaction"
    )
    if before is not None:
        rows = rows.filter(transaction_id__lt=before)
    return list(rows.order_by("-transaction_id")[:size])
