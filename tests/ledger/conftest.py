"""A small set of books: a treasury, a pool with 1,000 beans, two members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from djmoney.money import Money

from points import clock
from points.ledger import accounts
from points.ledger.models import NEVER, Account, AccountKind, Transaction
from points.ledger.services import Move, post
from points.people.models import User

TODAY = "2026-03-01 09:00"


def beans(amount: int) -> Money:
    return Money(amount, "BEAN")


@dataclass
class Books:
    """The accounts of the test books and short ways to move beans between them."""

    treasury: Account
    pool: Account
    ann: User
    bo: User
    count: int = field(default=0)

    def of(self, person: User, kind: str) -> Account:
        return accounts.member_account(person, kind)

    def move(
        self,
        source: Account,
        destination: Account,
        amount: int,
        *,
        kind: str = "test",
        key: str = "",
        source_day: dt.date | None = None,
        destination_day: dt.date | None = None,
    ) -> Transaction:
        self.count += 1
        step = Move(source, destination, beans(amount), source_day, destination_day)
        with transaction.atomic():
            return post(kind, key=key or f"test:{self.count}", moves=[step], by=None)

    def give(self, person: User, amount: int, day: dt.date = NEVER) -> Transaction:
        """Beans straight from the pool to available, expiring on `day`."""
        return self.move(self.pool, self.of(person, AccountKind.AVAILABLE), amount, destination_day=day)

    def days(self, person: User, kind: str = AccountKind.AVAILABLE) -> dict[dt.date, int]:
        from points.ledger.balances import balances_by_day

        return {day: int(money.amount) for day, money in balances_by_day(self.of(person, kind))}


@pytest.fixture
def today(clock_at: Callable[[str], dt.datetime]) -> dt.date:
    clock_at(TODAY)
    return clock.today()


@pytest.fixture
def books(db: None, today: dt.date) -> Books:
    made = Books(
        treasury=accounts.system_account(AccountKind.TREASURY),
        pool=accounts.pool_account("P1", 2026),
        ann=User.objects.create_user("ann", name="王安"),
        bo=User.objects.create_user("bo", name="李波"),
    )
    made.move(made.treasury, made.pool, 1000, kind="allotment")
    return made
