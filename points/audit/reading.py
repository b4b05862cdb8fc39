"""Reads of the auditor: balances in bulk, pages by keyset, and the cause of a transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext, pgettext
from djmoney.money import Money

from points.assessment.models import AssessmentPeriod
from points.grids.models import GridUnit
from points.ledger import trial_balance
from points.ledger.models import Account, AccountKind, Balance, Checkpoint, Posting, Seal, Transaction, Unit
from points.records.models import ServiceRecord
from points.records.words import explain
from rewards.models import Provider, Redemption

PAGE = 50


@dataclass
class UnitBalance:
    """The trial balance of one unit; `total` is zero when the books are right."""

    unit: str
    name_en: str
    name_zh: str
    rows: list[trial_balance.Row] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(int(row.amount.amount) for row in self.rows)

    @property
    def accounts(self) -> int:
        return sum(row.accounts for row in self.rows)


def trial_balances() -> list[UnitBalance]:
    """By unit and kind, in the order of the money's way from the treasury to the settled account."""
    order = {kind.value: place for place, kind in enumerate(AccountKind)}
    units = {
        unit.code: UnitBalance(unit.code, unit.name_en, unit.name_zh)
        for unit in Unit.objects.order_by("code")
    }
    for row in sorted(trial_balance.rows(), key=lambda row: order.get(row.kind, len(order))):
        units[row.unit].rows.append(row)
    return [unit for unit in units.values() if unit.rows]


@dataclass(frozen=True)
class SealStatus:
    """How far the seals have come."""

    newest: Seal | None
    unsealed: int


def seal_status() -> SealStatus:
    return SealStatus(
        Seal.objects.order_by("-number").first(), Transaction.objects.filter(seal__isnull=True).count()
    )


def balances_of(accounts: Iterable[Account]) -> dict[int, Money]:
    """The balances of many accounts in a constant number of queries."""
    rows = list(accounts)
    sums: dict[int, int] = defaultdict(int)
    stored = [account.pk for account in rows if account.is_stored]
    busy = [account.pk for account in rows if not account.is_stored]
    if stored:
        totals = Balance.objects.filter(account__in=stored).values("account").annotate(sum=Sum("amount"))
        sums.update(totals.values_list("account", "sum"))
    if busy:
        newest = Checkpoint.objects.filter(account=OuterRef("pk")).order_by("-seal").values("amount")[:1]
        known = Account.objects.filter(pk__in=busy).annotate(known=Subquery(newest))
        sums.update({pk: amount or 0 for pk, amount in known.values_list("pk", "known")})
        tail = Posting.objects.filter(transaction__seal__isnull=True).order_by()
        for side, sign in (("destination", 1), ("source", -1)):
            moved = tail.filter(**{f"{side}__in": busy}).values(side).annotate(sum=Sum("amount"))
            for pk, amount in moved.values_list(side, "sum"):
                sums[pk] += sign * amount
    return {account.pk: Money(sums[account.pk], account.unit_id) for account in rows}


def accounts_page(
    *, kind: str = "", unit: str = "", query: str = "", after: str = ""
) -> tuple[list[Account], str]:
    """Up to `PAGE` accounts by code, later than `after`, and the code to go on from ('' at the end)."""
    found: QuerySet[Account] = Account.objects.select_related("owner").order_by("code")
    if kind:
        found = found.filter(kind=kind)
    if unit:
        found = found.filter(unit=unit)
    if query:
        found = found.filter(code__contains=query.lower())
    if after:
        found = found.filter(code__gt=after)
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].code if len(rows) > PAGE else ""


@dataclass(frozen=True)
class Movement:
    """One posting as one account sees it."""

    posting: Posting
    change: Money
    other: Account


def movements(account: Account, *, before: int | None = None) -> tuple[list[Movement], int | None]:
    """Up to `PAGE` postings of an account, newest first, older than `before`, and where to go on."""
    mine = Posting.objects.filter(Q(source=account) | Q(destination=account))
    if before is not None:
        mine = mine.filter(pk__lt=before)
    rows = list(mine.select_related("transaction", "source", "destination").order_by("-pk")[: PAGE + 1])
    found = []
    for posting in rows[:PAGE]:
        came = posting.destination_id == account.pk
        change = Money(posting.amount if came else -posting.amount, posting.unit_id)
        found.append(Movement(posting, change, posting.source if came else posting.destination))
    return found, rows[PAGE - 1].pk if len(rows) > PAGE else None


@dataclass
class Cause:
    """Why a transaction was posted: the row of another room it refers to, with its facts."""

    title: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    explanation: list[str] = field(default_factory=list)
    record: ServiceRecord | None = None
    redemption: Redemption | None = None


def cause_of(transaction: Transaction) -> Cause:
    """The cause named by the transaction's reference; an empty one if there is none or it is gone."""
    room, _colon, name = transaction.reference.partition(":")
    finders = {
        "record": _record,
        "redemption": _redemption,
        "pool": _pool,
        "statement": _statement,
        "assessment": _assessment,
    }
    return finders[room](name) if room in finders else Cause()


def _record(number: str) -> Cause:
    record = (
        ServiceRecord.objects.filter(number=number)
        .select_related(
            "volunteer",
            "grid",
            "recording_unit",
            "confirmed_by",
            "person_in_charge",
            "scheme_version__scheme",
        )
        .order_by("-version")
        .first()
    )
    if record is None:
        return Cause()
    return Cause(title=record.activity_name, explanation=explain(record), record=record)


def _redemption(number: str) -> Cause:
    redemption = (
        Redemption.objects.filter(pk=int(number) if number.isdigit() else 0)
        .select_related("member", "reward__provider", "slot", "fulfilled_by")
        .first()
    )
    return Cause(title=redemption.reward.title, redemption=redemption) if redemption else Cause()


def _pool(name: str) -> Cause:
    code, _colon, year = name.rpartition(":")
    grid = GridUnit.objects.filter(code=code).first()
    if grid is None:
        return Cause()
    return Cause(
        title=gettext("Budget of %(grid)s for %(year)s") % {"grid": grid.name, "year": year},
        facts=[
            (pgettext("fact", "Grid unit"), f"{grid.name} ({grid.code})"),
            (pgettext("fact", "Year"), year),
        ],
    )


def _statement(name: str) -> Cause:
    code, _colon, month = name.rpartition(":")
    provider = Provider.objects.filter(code=code).first()
    if provider is None:
        return Cause()
    return Cause(
        title=gettext("Statement of %(provider)s for %(month)s")
        % {"provider": provider.name, "month": month},
        facts=[
            (pgettext("fact", "Provider"), f"{provider.name} ({provider.code})"),
            (pgettext("fact", "Month"), month),
        ],
    )


def _assessment(code: str) -> Cause:
    """The period, not its lines: what a leader did is for the leader and the community to read."""
    period = AssessmentPeriod.objects.filter(code=code).select_related("grid").first()
    if period is None:
        return Cause()
    return Cause(
        title=period.title,
        facts=[
            (pgettext("fact", "Grid unit"), f"{period.grid.name} ({period.grid.code})"),
            (pgettext("fact", "Days"), f"{period.from_on:%Y-%m-%d} – {period.to_on:%Y-%m-%d}"),
        ],
    )


def pools() -> list[tuple[Account, Money]]:
    """Every budget pool with what is left in it, the newest year first."""
    found = sorted(
        Account.objects.filter(kind=AccountKind.POOL),
        key=lambda account: (-int(account.code.rpartition(":")[2] or 0), account.code),
    )
    left = balances_of(found)
    return [(account, left[account.pk]) for account in found]
