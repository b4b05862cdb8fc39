"""Reading balances: O(1) for stored accounts, checkpoint plus tail for the busy ones."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db import connection
from djmoney.money import Money

from points import clock
from points.ledger.accounts import Member
from points.ledger.kinds import LAPSING
from points.ledger.models import NEVER, Account, AccountKind, Balance
from points.units import BEAN, MINUTE

TAIL = """
SELECT COALESCE((SELECT c.amount FROM ledger_checkpoint c WHERE c.account_id = %s
                 ORDER BY c.seal_id DESC LIMIT 1), 0)
     + COALESCE((SELECT SUM(CASE WHEN p.destination_id = %s THEN p.amount ELSE -p.amount END)
                 FROM ledger_transaction t JOIN ledger_posting p ON p.transaction_id = t.id
                 WHERE t.seal_id IS NULL AND (p.source_id = %s OR p.destination_id = %s)), 0)
"""


def balance(account: Account) -> Money:
    """What stands on an account now. Overdue days count until they are lapsed (see `spendable`)."""
    if account.is_stored:
        amounts = Balance.objects.filter(account=account).values_list("amount", flat=True)
        return Money(sum(amounts), account.unit_id)
    with connection.cursor() as cursor:
        cursor.execute(TAIL, [account.pk] * 4)
        return Money(cursor.fetchone()[0], account.unit_id)


def balances_by_day(account: Account) -> list[tuple[dt.date, Money]]:
    """The days on which an account holds something, soonest first; `NEVER` for what does not expire."""
    rows = Balance.objects.filter(account=account).exclude(amount=0).order_by("day")
    return [(row.day, Money(row.amount, account.unit_id)) for row in rows]


@dataclass(frozen=True)
class MemberBalances:
    """Everything one person holds. Hours are minutes of service and never fall by spending."""

    available: Money
    pending: Money
    held: Money
    debt: Money
    minutes: int
    expiring: list[tuple[dt.date, Money]] = field(default_factory=list)

    @property
    def total(self) -> Money:
        return self.available + self.pending + self.held


def member_balances(member: Member) -> MemberBalances:
    """One person's balances in one query. Beans whose day has passed no longer count as available."""
    today = clock.today()
    sums: dict[tuple[str, str], int] = defaultdict(int)
    expiring: list[tuple[dt.date, Money]] = []
    rows = (
        Balance.objects.filter(account__owner_id=member.pk)
        .exclude(amount=0)
        .values_list("account__kind", "account__unit_id", "day", "amount")
        .order_by("day")
    )
    for kind, unit, day, amount in rows:
        if kind in LAPSING and day < today:
            continue
        sums[kind, unit] += amount
        if kind == AccountKind.AVAILABLE and unit == BEAN and day != NEVER:
            expiring.append((day, Money(amount, unit)))

    def beans(kind: str) -> Money:
        return Money(sums[kind, BEAN], BEAN)

    return MemberBalances(
        available=beans(AccountKind.AVAILABLE),
        pending=beans(AccountKind.PENDING),
        held=beans(AccountKind.HOLD),
        debt=-beans(AccountKind.DEBT),
        minutes=sums[AccountKind.HOURS, MINUTE],
        expiring=expiring,
    )
