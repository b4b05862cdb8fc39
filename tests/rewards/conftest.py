"""A town, a member with beans at home there, a shop with goods, a barber with times, and their desks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from django.db.models import Sum

from points import clock
from points.grids.models import Role
from points.ledger.models import AccountKind, Balance
from points.people.models import User
from rewards.models import Provider, Redemption, Reward, Slot
from tests import factories
from tests.factories import Town, local

NOW = "2026-11-20 10:00"


@dataclass
class Street:
    """Everything a reward test walks through."""

    town: Town
    member: User
    shop: Provider
    clerk: User
    goods: Reward
    barber: Provider
    barber_clerk: User
    haircut: Reward
    slot: Slot
    worker: User


def held() -> int:
    """What all members together have on hold in the ledger."""
    rows = Balance.objects.filter(account__kind=AccountKind.HOLD)
    return rows.aggregate(total=Sum("amount"))["total"] or 0


def assert_holds_equal_open_redemptions() -> None:
    """The auditor's check of `ledger.md`, rule 7."""
    prices = Redemption.objects.issued().values_list("price", flat=True)
    assert held() == sum(int(price) for price in prices)


def payable(provider: Provider) -> int:
    rows = Balance.objects.filter(account__code=f"provider:{provider.code}:payable")
    return rows.aggregate(total=Sum("amount"))["total"] or 0


def make_member(town: Town, beans: int = 100, *, expires_on: dt.date | None = None) -> User:
    member = factories.make_volunteer(home=town.grid)
    if beans:
        factories.give_beans(member, beans, expires_on=expires_on)
    return member


def make_street() -> Street:
    town = factories.make_grid_tree()
    shop = factories.make_provider(grid=town.community, name="便民超市")
    barber = factories.make_provider(grid=town.community, name="红玫理发店")
    haircut = factories.make_reward(
        provider=barber, beans=80, title="理发一次", kind=Reward.Kind.APPOINTMENT, stock=None
    )
    return Street(
        town=town,
        member=make_member(town),
        shop=shop,
        clerk=factories.make_staff(shop, user=factories.make_user(name="店员小李")).user,
        goods=factories.make_reward(provider=shop, beans=20, stock=5),
        barber=barber,
        barber_clerk=factories.make_staff(barber).user,
        haircut=haircut,
        slot=factories.make_slot(haircut, starts_at=local("2026-11-24 15:00"), minutes=30),
        worker=factories.make_user(role=Role.COMMUNITY_WORKER, grid=town.community),
    )


@pytest.fixture
def now(clock_at):
    return clock_at(NOW)


@pytest.fixture
def street(db, now) -> Street:
    return make_street()


def serve(street: Street, member: User, minutes: int) -> None:
    """A service of yesterday, confirmed: the minutes are the member's hours."""
    from points.records.services import record_service

    number = factories.nth()
    start = local(f"{clock.today() - dt.timedelta(days=1)} 08:00")
    end = start + dt.timedelta(minutes=minutes)
    organiser = factories.make_organiser(street.town.community)
    record_service(
        source=f"test:{number}",
        volunteer=member,
        grid=street.town.grid,
        recording_unit=factories.make_organization(grid=street.town.community),
        activity_name="大扫除",
        activity_reference=f"A{number}",
        category="environment",
        content="扫地",
        place="裴村",
        person_in_charge=organiser,
        planned_start=start,
        planned_end=end,
        checked_in_at=start,
        checked_out_at=end,
        grade="system_verified",
        by=organiser,
    )
