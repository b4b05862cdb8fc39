"""A person's statement: one line per transaction, newest first, paged by keyset."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from djmoney.money import Money

from points.ledger.accounts import Member
from points.ledger.models import Account, AccountKind, Posting, Transaction
from points.units import BEAN

SHOWN = (AccountKind.AVAILABLE, AccountKind.PENDING, AccountKind.HOLD, AccountKind.DEBT)


@dataclass(frozen=True)
class Line:
    """What one transaction did to a person's beans."""

    transaction: Transaction
    available: Money
    pending: Money
    held: Money
    debt: Money
    day: dt.date | None
    """The soonest expiry day of what arrived as available, or None."""

    @property
    def kind(self) -> str:
        return self.transaction.kind

    @property
    def change(self) -> Money:
        """The amount to show: what came or went in all, else what became available."""
        total = self.available + self.pending + self.held + self.debt
        return total if total.amount else self.available


def statement(member: Member, *, before: int | None = None, size: int = 20, unit: str = BEAN) -> list[Line]:
    """Up to `size` lines older than the transaction `before` (a transaction id), newest first."""
    kinds = dict(
        Account.objects.filter(owner_id=member.pk, unit_id=unit, kind__in=SHOWN).values_list("pk", "kind")
    )
    if not kinds:
        return []
    ids = list(kinds)
    mine = Q(source_id__in=ids) | Q(destination_id__in=ids)
    older = Posting.objects.filter(mine)
    if before is not None:
        older = older.filter(transaction_id__lt=before)
    numbers = list(
        older.order_by("-transaction_id").values_list("transaction_id", flat=True).distinct()[:size]
    )
    lines: list[Line] = []
    changes: dict[int, dict[str, int]] = {number: dict.fromkeys(SHOWN, 0) for number in numbers}
    days: dict[int, dt.date] = {}
    for posting in Posting.objects.filter(mine, transaction_id__in=numbers):
        change = changes[posting.transaction_id]
        if posting.source_id in kinds:
            change[kinds[posting.source_id]] -= posting.amount
        if posting.destination_id in kinds:
            change[kinds[posting.destination_id]] += posting.amount
            if kinds[posting.destination_id] == AccountKind.AVAILABLE and posting.destination_day:
                known = days.get(posting.transaction_id, posting.destination_day)
                days[posting.transaction_id] = min(known, posting.destination_day)
    found = Transaction.objects.in_bulk(numbers)
    for number in numbers:
        change = changes[number]
        lines.append(
            Line(
                transaction=found[number],
                available=Money(change[AccountKind.AVAILABLE], unit),
                pending=Money(change[AccountKind.PENDING], unit),
                held=Money(change[AccountKind.HOLD], unit),
                debt=Money(change[AccountKind.DEBT], unit),
                day=days.get(number),
            )
        )
    return lines
