"""What a redemption does to the ledger, and on which expiry days.

`hold` takes the soonest expiring beans; whatever happens later moves exactly the days that were held. The
hold balance of all members therefore always equals the price of all open redemptions.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from djmoney.money import Money

from points import clock
from points.ledger import services as ledger
from points.ledger.accounts import member_account, provider_account, system_account
from points.ledger.models import Account, AccountKind, Posting, Transaction
from points.units import BEAN

if TYPE_CHECKING:
    from points.people.models import User
    from rewards.models import Redemption

GRACE_DAYS = 30
"""Beans that come back after their own day has passed can be used for this many days more."""


def day_of_return(day: dt.date) -> dt.date:
    """The expiry day of returned beans: the same one, or a grace day when that one has passed."""
    today = clock.today()
    return day if day >= today else today + dt.timedelta(days=GRACE_DAYS)


def reference(redemption: Redemption) -> str:
    """How the ledger names a redemption as a cause."""
    return f"redemption:{redemption.pk}"


def hold(redemption: Redemption, *, by: User) -> Transaction:
    """Available → hold, soonest expiring first. Refuses with the ledger's `insufficient_balance`."""
    member = redemption.member
    move = ledger.Move(
        member_account(member, AccountKind.AVAILABLE),
        member_account(member, AccountKind.HOLD),
        Money(int(redemption.price.amount), BEAN),
    )
    return ledger.post(
        "hold",
        key=f"hold:{redemption.pk}",
        moves=[move],
        by=by,
        reference=reference(redemption),
        rule=redemption.rule,
    )


def pay_provider(redemption: Redemption, *, by: User, annulled: int = 0) -> Transaction:
    """Hold → owed to the provider: the service was received. `annulled`: how often that was taken back."""
    payable = provider_account(redemption.reward.provider.code, AccountKind.PAYABLE)
    moves = [
        ledger.Move(source, payable, amount, source_day=day) for source, amount, day in _held(redemption)
    ]
    key = f"fulfil:{redemption.pk}:{annulled}" if annulled else f"fulfil:{redemption.pk}"
    return ledger.post("fulfil", key=key, moves=moves, by=by, reference=reference(redemption))


def give_back(redemption: Redemption, *, by: User | None, reason: str, forfeited: int = 0) -> Transaction:
    """Hold → available on the same expiry days. The key lets it happen only once.

    So many beans as are `forfeited` go hold → forfeit instead, the soonest expiring ones first, so that
    what comes back can be used longest.
    """
    available = member_account(redemption.member, AccountKind.AVAILABLE)
    moves, lost = [], forfeited
    for source, amount, day in _held(redemption):
        kept = int(amount.amount)
        if lost:
            gone = min(lost, kept)
            forfeit = system_account(AccountKind.FORFEIT)
            moves.append(ledger.Move(source, forfeit, Money(gone, BEAN), source_day=day))
            lost, kept = lost - gone, kept - gone
        if kept:
            back = Money(kept, BEAN)
            moves.append(
                ledger.Move(source, available, back, source_day=day, destination_day=day_of_return(day))
            )
    return ledger.post(
        "forfeit" if forfeited >= int(redemption.price.amount) else "return",
        key=f"return:{redemption.pk}",
        moves=moves,
        by=by,
        reference=reference(redemption),
        reason=reason,
    )


def _held(redemption: Redemption) -> list[tuple[Account, Money, dt.date]]:
    """What stands on hold for this redemption: (hold account, amount, expiry day)."""
    postings = Posting.objects.filter(transaction=redemption.hold_transaction_id).select_related(
        "destination"
    )
    return [
        (row.destination, Money(row.amount, BEAN), row.destination_day)
        for row in postings.filter(destination__kind=AccountKind.HOLD).order_by("pk")
        if row.destination_day is not None
    ]
