"""Month statements: what a provider handed over, what is owed for it, what the community has settled.

No money moves here. `settle` records in the books that the community paid the provider for a month by its
own means; after it nothing of that month is owed any more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from djmoney.money import Money

from points import clock
from points.dates import date
from points.grids import policies
from points.ledger import services as ledger
from points.ledger.accounts import provider_account
from points.ledger.models import AccountKind, Posting, Transaction
from points.units import BEAN
from rewards import errors
from rewards.models import Provider, Redemption, RedemptionQuerySet

if TYPE_CHECKING:
    from points.people.models import User


@dataclass(frozen=True)
class Part:
    """One reward of a statement."""

    title: str
    count: int
    beans: Money


@dataclass(frozen=True)
class Statement:
    """One provider, one local month."""

    provider: Provider
    month: dt.date
    lines: RedemptionQuerySet
    parts: tuple[Part, ...]
    count: int
    total: Money
    settled: Money
    is_over: bool

    @property
    def owed(self) -> Money:
        """What is still to be settled."""
        return self.total - self.settled

    @property
    def can_be_settled(self) -> bool:
        return self.is_over and self.owed.amount > 0


def first_of(month: dt.date) -> dt.date:
    return month.replace(day=1)


def next_month(month: dt.date) -> dt.date:
    return (first_of(month) + dt.timedelta(days=32)).replace(day=1)


def month_bounds(month: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The first moment of the local month and the first moment after it."""
    start, end = first_of(month), next_month(month)
    return (
        timezone.make_aware(dt.datetime.combine(start, dt.time())),
        timezone.make_aware(dt.datetime.combine(end, dt.time())),
    )


def reference(provider: Provider, month: dt.date) -> str:
    """How the ledger names a statement as a cause."""
    return f"statement:{provider.code}:{month:%Y-%m}"


def statement(provider: Provider, month: dt.date) -> Statement:
    """Everything handed over in the local month of `month`. Four queries, however long it is."""
    start, end = month_bounds(month)
    lines = Redemption.objects.fulfilled_between(provider, start, end)
    rows = (
        lines.values("reward_id", "reward__title")
        .annotate(count=Count("pk"), beans=Sum("price"))
        .order_by("reward__title", "reward_id")
    )
    parts = tuple(
        Part(
            row["reward__title"],
            row["count"],
            Money(int(getattr(row["beans"], "amount", row["beans"])), BEAN),
        )
        for row in rows
    )
    settled = Posting.objects.filter(
        transaction__kind="settle",
        transaction__reference=reference(provider, month),
        destination__kind=AccountKind.SETTLED,
    ).aggregate(total=Sum("amount"))["total"]
    return Statement(
        provider=provider,
        month=first_of(month),
        lines=lines.select_related("reward", "fulfilled_by", "slot").order_by("ended_at", "pk"),
        parts=parts,
        count=sum(part.count for part in parts),
        total=Money(sum(int(part.beans.amount) for part in parts), BEAN),
        settled=Money(settled or 0, BEAN),
        is_over=clock.today() >= next_month(month),
    )


def is_settled(provider: Provider, day: dt.date) -> bool:
    """Whether the month of `day` has been settled: nothing of it can be taken back then."""
    return Transaction.objects.filter(kind="settle", reference=reference(provider, day)).exists()


def settle(provider: Provider, month: dt.date, by: User) -> Transaction:
    """Owed → settled for everything of a past month that is not settled yet. Twice is once.

    The confirming person has the right to settle there and does not work at the provider's desk.
    Refuses with not_allowed, own_provider, month_not_over, nothing_to_settle.
    """
    if not policies.can(by, policies.Action.SETTLE, provider.grid):
        raise errors.NotAllowed()
    if Provider.objects.staffed_by(by).filter(pk=provider.pk).exists():
        raise errors.OwnProvider()
    with transaction.atomic():
        Provider.objects.select_for_update(of=("self",), no_key=True).get(pk=provider.pk)
        found = statement(provider, month)
        if not found.is_over:
            raise errors.MonthNotOver(day=date(next_month(month)))
        name = reference(provider, month)
        if found.owed.amount <= 0:
            earlier = Transaction.objects.filter(kind="settle", reference=name).order_by("-pk").first()
            if earlier is None:
                raise errors.NothingToSettle()
            return earlier
        key = f"settle:{provider.code}:{month:%Y-%m}"
        if found.settled.amount:  # a hand-over of the last second came in after the first settlement
            key += f":{int(found.settled.amount)}"
        move = ledger.Move(
            provider_account(provider.code, AccountKind.PAYABLE),
            provider_account(provider.code, AccountKind.SETTLED),
            found.owed,
        )
        return ledger.post("settle", key=key, moves=[move], by=by, reference=name)
