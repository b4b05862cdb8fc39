"""Opening and finding accounts. Codes are small ASCII and say what the account is, never who a person is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction

from points import clock
from points.ledger import errors
from points.ledger.kinds import RULES
from points.ledger.models import Account, AccountKind
from points.units import BEAN

assert settings.AUTH_USER_MODEL  # the ledger knows people only by this name
CODE = re.compile(r"[a-z0-9-]+(:[a-z0-9-]+)*\Z")
OWN_UNIT = {
    AccountKind.HOURS: "MINUTE",
    AccountKind.SERVICE: "MINUTE",
    AccountKind.SCORE: "SCORE",
    AccountKind.ASSESSED: "SCORE",
}


class Member(Protocol):
    """A person as the ledger sees one: a row to point to and a random public number."""

    pk: int
    number: str


def open_account(code: str, *, kind: str, unit: str, owner: AbstractBaseUser | None = None) -> Account:
    """Return the account `code`, opening it if there is none yet.

    Raises:
        BadAccountCode: the code is not small ASCII.
        AccountMismatch: it exists with another kind, unit or owner.
    """
    if not CODE.match(code) or len(code) > 80:
        raise errors.BadAccountCode(account=code)
    rule = RULES[kind]
    account = Account.objects.filter(code=code).first()
    if account is None:
        try:
            with transaction.atomic():
                account = Account.objects.create(
                    code=code,
                    kind=kind,
                    unit_id=unit,
                    owner_id=owner.pk if owner else None,
                    is_stored=rule.is_stored,
                    tracks_days=rule.tracks_days,
                    sign=rule.sign,
                    opened_on=clock.today(),
                )
        except IntegrityError:  # somebody else opened it at the same moment
            account = Account.objects.filter(code=code).first()
            if account is None:
                raise
    if rule.lapses:  # where what expires here will go
        system_account(AccountKind.LAPSED, unit)
    if (account.kind, account.unit_id, account.owner_id) != (kind, unit, owner.pk if owner else None):
        raise errors.AccountMismatch(account=code)
    return account


def member_account(member: Member, kind: str, unit: str = "") -> Account:
    """A person's account of one kind, for example `member:7f3k9mq2:available`; opened when missing."""
    unit = unit or OWN_UNIT.get(AccountKind(kind), BEAN)
    account = Account.objects.filter(owner_id=member.pk, kind=kind, unit_id=unit).first()
    if account is not None:
        return account
    tail = "" if unit == OWN_UNIT.get(AccountKind(kind), BEAN) else f":{unit.lower()}"
    return open_account(
        f"member:{member.number}:{kind.replace('_', '-')}{tail}",
        kind=kind,
        unit=unit,
        owner=member,  # type: ignore[arg-type]
    )


def member_accounts(members: Iterable[Member], kind: str) -> dict[int, Account]:
    """The accounts of one kind of many people, by their row; all that are missing opened at once."""
    people = {member.pk: member for member in members}
    unit, rule = OWN_UNIT.get(AccountKind(kind), BEAN), RULES[kind]
    wanted = Account.objects.filter(owner__in=people, kind=kind, unit=unit)
    found = {account.owner_id: account for account in wanted}
    missing = [
        Account(
            code=f"member:{member.number}:{kind.replace('_', '-')}",
            kind=kind,
            unit_id=unit,
            owner_id=pk,
            is_stored=rule.is_stored,
            tracks_days=rule.tracks_days,
            sign=rule.sign,
            opened_on=clock.today(),
        )
        for pk, member in sorted(people.items())
        if pk not in found
    ]
    if missing:
        Account.objects.bulk_create(missing, ignore_conflicts=True)  # somebody else may open one, too
        if rule.lapses:
            system_account(AccountKind.LAPSED, unit)
        found = {account.owner_id: account for account in wanted.all()}
    return {pk: account for pk, account in found.items() if pk is not None}


def pool_account(grid_code: str, year: int) -> Account:
    """The budget of one grid unit for one year; opened when missing."""
    return open_account(f"pool:{grid_code.lower()}:{year}", kind=AccountKind.POOL, unit=BEAN)


def find_pool_account(grid_code: str, year: int) -> Account | None:
    """The budget of one grid unit for one year, or None when none was ever allotted."""
    return Account.objects.filter(code=f"pool:{grid_code.lower()}:{year}", kind=AccountKind.POOL).first()


def provider_account(provider_code: str, kind: str) -> Account:
    """What is owed to (payable) or settled with (settled) a provider."""
    return open_account(f"provider:{provider_code.lower().replace('_', '-')}:{kind}", kind=kind, unit=BEAN)


def system_account(kind: str, unit: str = "") -> Account:
    """The one treasury, service source, lapsed or forfeit account of a unit."""
    unit = unit or OWN_UNIT.get(AccountKind(kind), BEAN)
    return open_account(f"system:{kind}:{unit.lower()}", kind=kind, unit=unit)
