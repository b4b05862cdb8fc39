"""Unused vouchers: everything comes back at first, then as the reward says; once, on the days it had."""

from __future__ import annotations

import datetime as dt

import pytest

from points.ledger.accounts import member_account, system_account
from points.ledger.balances import balance, balances_by_day
from points.ledger.models import AccountKind, Transaction
from points.people.models import Notice
from rewards.models import Redemption, Reward
from rewards.services import expire_due, redeem, remind_due
from tests import factories
from tests.rewards.conftest import assert_holds_equal_open_redemptions, make_member

pytestmark = pytest.mark.django_db


def expire(street, clock_at, member, when: str) -> Redemption:
    voucher = redeem(street.goods, member=member, by=member, key=when)
    clock_at(when)
    assert expire_due() == 1
    assert expire_due() == 0
    voucher.refresh_from_db()
    assert_holds_equal_open_redemptions()
    return voucher


def policy(street, **fields):
    Reward.objects.filter(pk=street.goods.pk).update(voucher_days=5, **fields)
    street.goods.refresh_from_db()


@pytest.mark.parametrize(("percent", "lost"), [(100, 0), (50, 10), (33, 13), (0, 20)])
def test_after_the_free_ones_a_part_stays_away(street, clock_at, percent, lost):
    policy(street, free_expiries=1, expiry_percent=percent)
    assert expire(street, clock_at, street.member, "2026-11-26 00:00").forfeited == 0
    second = expire(street, clock_at, street.member, "2026-12-02 00:00")
    assert second.forfeited == lost
    assert second.end_transaction.kind == ("forfeit" if lost == 20 else "return")
    gone = balance(system_account(AccountKind.FORFEIT))
    assert int(gone.amount) == lost
    said = Notice.objects.filter(user=street.member, kind="voucher_expired").latest("pk")
    assert said.values == {"reward": street.goods.title, "beans": 20 - lost, "lost": lost}


def test_without_a_rule_everything_always_comes_back(street, clock_at):
    policy(street)
    for day in ("2026-11-26", "2026-12-02", "2026-12-08"):
        assert expire(street, clock_at, street.member, f"{day} 00:00").forfeited == 0


def test_repeats_are_counted_for_a_year_and_for_one_person(street, clock_at):
    policy(street, free_expiries=1, expiry_percent=0)
    expire(street, clock_at, street.member, "2026-11-26 00:00")
    assert expire(street, clock_at, make_member(street.town), "2026-12-02 00:00").forfeited == 0
    clock_at("2027-11-21 09:00")
    assert expire(street, clock_at, street.member, "2027-11-28 00:00").forfeited == 0


def test_what_is_lost_are_the_soonest_expiring_beans(street, clock_at):
    policy(street, free_expiries=0, expiry_percent=50)
    member = make_member(street.town, 0)
    soon, late = dt.date(2026, 12, 31), dt.date(2027, 6, 30)
    factories.give_beans(member, 12, expires_on=soon)
    factories.give_beans(member, 8, expires_on=late)
    expire(street, clock_at, member, "2026-11-26 00:00")
    left = balances_by_day(member_account(member, AccountKind.AVAILABLE))
    assert [(day, int(amount.amount)) for day, amount in left] == [(soon, 2), (late, 8)]
    assert Transaction.objects.filter(kind="return").count() == 1


def test_reminders_before_an_appointment_and_before_the_end(street, clock_at):
    redeem(street.haircut, member=street.member, by=street.member, key="a", slot=street.slot)
    redeem(street.goods, member=street.member, by=street.member, key="b")
    clock_at("2026-11-22 09:00")
    assert remind_due() == 0
    clock_at("2026-11-23 09:00")
    assert (remind_due(), remind_due()) == (1, 0)
    clock_at("2026-12-18 09:00")
    assert (remind_due(), remind_due()) == (1, 0)
    kinds = set(Notice.objects.filter(user=street.member).values_list("kind", flat=True))
    assert {"appointment_tomorrow", "voucher_expiring", "voucher_ready"} == kinds
