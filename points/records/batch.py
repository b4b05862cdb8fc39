"""What recording many people in one transaction needs to look up only once.

A `Batch` is made after `lock_volunteers`, so nothing in it can change under the caller's hands. What it does
not know it asks for, so an empty one (the default of `record_service`) behaves like no batch at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Sum

from points.grids.models import GridUnit
from points.ledger.accounts import member_account, member_accounts, system_account
from points.ledger.models import Account, AccountKind
from points.people.models import User
from points.records.models import ServiceRecord
from points.schemes.models import SchemeVersion
from points.schemes.services import lineage, version_in_force
from points.units import BEAN, MINUTE


@dataclass
class Pool:
    """A budget and what it held when it was read, less what this batch has taken since."""

    account: Account
    beans: int


class Batch:
    """Versions in force and accounts, known beforehand for some volunteers."""

    def __init__(self, volunteers: Iterable[User] = ()) -> None:
        self.locked = {volunteer.pk for volunteer in volunteers}
        self._versions: dict[tuple[int, dt.date], SchemeVersion | None] = {}
        self._accounts: dict[tuple[int | None, str], Account] = {}
        self._service: Account | None = None
        self._sources: dict[str, ServiceRecord | None] = {}
        self._pools: dict[tuple[int, int], list[Pool]] = {}
        if not self.locked:
            return
        accounts = Account.objects.filter(
            owner__in=self.locked, kind__in=(AccountKind.HOURS, AccountKind.PENDING), unit__in=(MINUTE, BEAN)
        )
        self._accounts = {(account.owner_id, account.kind): account for account in accounts}
        self._service = system_account(AccountKind.SERVICE, unit=MINUTE)

    def version(self, grid: GridUnit, on: dt.date) -> SchemeVersion | None:
        """The version in force, asked for once for each place and day."""
        if (grid.pk, on) not in self._versions:
            self._versions[grid.pk, on] = version_in_force(grid, on)
        return self._versions[grid.pk, on]

    def service(self) -> Account:
        """Where minutes come from."""
        return self._service or system_account(AccountKind.SERVICE, unit=MINUTE)

    def open_accounts(self, volunteers: Iterable[User], kind: AccountKind) -> None:
        """Find or open their accounts of one kind, all at once; to be called outside any row's savepoint."""
        for owner, account in member_accounts(volunteers, kind).items():
            self._accounts[owner, kind] = account

    def account(self, volunteer: User, kind: str, unit: str) -> Account:
        """The volunteer's account. One opened now is not kept: its row may yet be rolled back."""
        return self._accounts.get((volunteer.pk, kind)) or member_account(volunteer, kind, unit=unit)

    # --- What has been recorded already ------------------------------------------------------------------
    def expect(self, sources: Iterable[str]) -> None:
        """Look these sources up at once."""
        wanted = list(sources)
        self._sources |= dict.fromkeys(wanted)
        for record in ServiceRecord.objects.filter(source__in=wanted).order_by("version"):
            self._sources[record.source] = record

    def is_new(self, source: str) -> None:
        """The caller has just made what this source names, so there is no record of it."""
        self._sources.setdefault(source, None)

    def newest(self, source: str) -> ServiceRecord | None:
        """The newest version of the record made from `source`."""
        if source in self._sources:
            return self._sources[source]
        found: ServiceRecord | None = ServiceRecord.objects.filter(source=source).order_by("-version").first()
        return found

    def remember(self, record: ServiceRecord) -> None:
        """A record was made."""
        if record.source in self._sources:
            self._sources[record.source] = record

    # --- Where beans come from ---------------------------------------------------------------------------
    def pools_with(self, grid: GridUnit, year: int, beans: int) -> Iterator[Pool]:
        """The budgets of `year` that hold `beans`, of the unit itself first and then of those above it.

        Beans come from the budget of the year in which they are given out, whenever the service was.
        """
        if (grid.pk, year) not in self._pools:
            self._pools[grid.pk, year] = self._read_pools(grid, year)
        yield from (pool for pool in self._pools[grid.pk, year] if pool.beans >= beans)

    @staticmethod
    def _read_pools(grid: GridUnit, year: int) -> list[Pool]:
        units = GridUnit.objects.filter(path__in=lineage(grid)).order_by("-path")
        codes = [f"pool:{code.lower()}:{year}" for code in units.values_list("code", flat=True)]
        accounts = Account.objects.filter(code__in=codes, kind=AccountKind.POOL, closed_on__isnull=True)
        held = accounts.annotate(held=Sum("balances__amount", default=0))
        pools = [Pool(account, account.held) for account in held]
        return sorted(pools, key=lambda pool: codes.index(pool.account.code))
