"""The one write of this room for now: a budget for a grid unit and year."""

from __future__ import annotations

import uuid

from django.db import transaction
from djmoney.money import Money

from points import clock
from points.audit import errors
from points.grids import policies
from points.grids.models import GridUnit
from points.ledger.accounts import pool_account, system_account
from points.ledger.errors import NotPositive
from points.ledger.models import AccountKind, Transaction
from points.ledger.services import Move, post
from points.people.models import User

MANAGE_BUDGET = "manage_budget"


@transaction.atomic
def allot_budget(grid: GridUnit, *, year: int, amount: Money, by: User | None, key: str = "") -> Transaction:
    """Move beans from the treasury into the budget pool of `grid` for `year`.

    The same `key` again returns the first allotment. `by` None is the system itself (the demo town).

    Raises:
        NotAllowed: `by` does not manage the budget of this unit.
        NotPositive: the amount is not a whole number above zero (and what the ledger refuses).
        YearOutOfRange: the year is neither this one nor the next (the system may set up earlier ones).
    """
    if by is not None and not policies.can(by, MANAGE_BUDGET, grid):
        raise errors.NotAllowed(grid=grid.name)
    if amount.amount <= 0:
        raise NotPositive(amount=amount.amount)
    this_year = clock.today().year
    if by is not None and year not in (this_year, this_year + 1):
        raise errors.YearOutOfRange(year=year)
    return post(
        "allotment",
        key=f"allotment:{key or uuid.uuid4().hex}",
        moves=[Move(system_account(AccountKind.TREASURY), pool_account(grid.code, year), amount)],
        by=by,
        reference=f"pool:{grid.code}:{year}",
        reason="budget",
    )
