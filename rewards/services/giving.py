"""Giving beans to the pool of the community, and wishes for rewards that are not there."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from djmoney.money import Money

from points import clock
from points.grids import policies
from points.grids.models import GridUnit
from points.grids.services import home_of
from points.ledger import services as ledger
from points.ledger.accounts import member_account, open_account
from points.ledger.balances import balance
from points.ledger.errors import InsufficientBalance
from points.ledger.models import Account, AccountKind, Transaction
from points.units import BEAN
from rewards import errors
from rewards.models import Wish
from rewards.services import by_rules
from rewards.services.redeeming import lock_member, spendable

if TYPE_CHECKING:
    from points.people.models import User

WISHES_A_MONTH = 3


# --- The community's pool -------------------------------------------------------------------------------
def community_of(home: GridUnit) -> GridUnit:
    """The community a home belongs to; where there is none above it, the home itself."""
    if home.level == GridUnit.Level.COMMUNITY:
        return home
    above = home.get_ancestors().filter(level=GridUnit.Level.COMMUNITY).order_by("-depth").first()
    return above or home


def pool_of(community: GridUnit) -> Account:
    """The account that holds what members gave to their community; opened when missing."""
    return open_account(f"community:{community.code.lower()}", kind=AccountKind.COMMUNITY, unit=BEAN)


def given_to(community: GridUnit) -> Money:
    """What the community's pool holds."""
    return balance(pool_of(community))


@transaction.atomic
def _give(member: User, home: GridUnit, beans: int, key: str) -> Transaction:
    version = by_rules.version_for(home)
    if version is not None:
        lock_member(member.pk)
        available = spendable(member)
        refusal = by_rules.ask_to_give(member, version, beans=beans, available=available).refusal()
        if refusal is not None:
            raise refusal
    community = community_of(home)
    move = ledger.Move(member_account(member, AccountKind.AVAILABLE), pool_of(community), Money(beans, BEAN))
    return ledger.post(
        by_rules.DONATE,
        key=f"donate:{member.pk}:{key}",
        moves=[move],
        by=member,
        reference=f"community:{community.code.lower()}",
        rule=version.label if version else "",
    )


def give(member: User, *, beans: int, key: str) -> Transaction:
    """Available → the pool of the member's community, the soonest expiring beans first. Not taken back.

    The same `key` again is the same gift. Refuses with not_for_you (no home), nothing_given,
    too_few_beans, rules_say_no, the ledger's kind_halted or idempotency_conflict.
    """
    home = home_of(member)
    if home is None:
        raise errors.HomeToGive()
    if beans <= 0:
        raise errors.NothingGiven()
    try:
        return _give(member, home, beans, key)
    except InsufficientBalance as refusal:
        available = spendable(member)
        raise errors.TooFewBeans(
            price=beans, available=available, missing=max(beans - available, 1)
        ) from refusal


# --- Wishes ---------------------------------------------------------------------------------------------
@transaction.atomic
def wish(member: User, *, text: str) -> Wish:
    """Write down what a member would like to have. The same words again are the same wish.

    Refuses with not_for_you (no home), wish_empty, wishes_enough.
    """
    home = home_of(member)
    if home is None:
        raise errors.HomeToGive()
    words = " ".join(text.split())[:60]
    if not words:
        raise errors.WishEmpty()
    lock_member(member.pk)
    mine = Wish.objects.filter(member=member, made_at__gte=clock.now() - dt.timedelta(days=30))
    if earlier := mine.filter(text=words).first():
        return earlier
    if mine.count() >= WISHES_A_MONTH:
        raise errors.WishesEnough(most=WISHES_A_MONTH)
    return Wish.objects.create(grid=community_of(home), member=member, text=words, made_at=clock.now())


@transaction.atomic
def mark_wish(row: Wish, *, by: User, state: str) -> Wish:
    """A community worker notes a wish, says that it is offered now, or hides it. Refuses with not_allowed."""
    if not policies.can(by, policies.Action.MANAGE_REWARDS, row.grid) or state not in Wish.State.values:
        raise errors.NotAllowed()
    row.state = state
    row.save(update_fields=["state"])
    return row
