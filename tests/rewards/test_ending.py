"""Cancelled by the member, by the provider, or expired: once, and everything returns."""

from __future__ import annotations

import datetime as dt

import pytest

from points.ledger import services as ledger
from points.ledger.accounts import member_account
from points.ledger.balances import balances_by_day
from points.ledger.models import AccountKind, Transaction
from rewards import errors, tasks
from rewards.models import Redemption
from rewards.services import cancel, expire_due, fulfil, provider_cancel, redeem
from rewards.services.holding import GRACE_DAYS
from tests import factories
from tests.rewards.conftest import assert_holds_equal_open_redemptions, held, make_member

pytestmark = pytest.mark.django_db
State = Redemption.State


def take(street, reward=None, *, key="k1", slot=None, member=None):
    member = member or street.member
    return redeem(reward or street.goods, member=member, by=member, key=key, slot=slot)


def available_days(member):
    account = member_account(member, AccountKind.AVAILABLE)
    return {day: int(amount.amount) for day, amount in balances_by_day(account)}


def test_cancel_restores_the_same_days(street):
    member = make_member(street.town, 0)
    for beans, day in [(8, dt.date(2026, 11, 30)), (50, dt.date(2027, 6, 30))]:
        factories.give_beans(member, beans, expires_on=day)
    before = available_days(member)
    other = take(street, member=member, key="other")
    mine = take(street, member=member, key="mine")
    assert cancel(mine, by=member).state == State.CANCELLED
    assert_holds_equal_open_redemptions()
    cancel(other, by=member)
    assert available_days(member) == before
    assert held() == 0


def test_cancel_gives_back_only_the_days_of_this_voucher(street):
    member = make_member(street.town, 0)
    soon, late = dt.date(2026, 11, 30), dt.date(2027, 6, 30)
    factories.give_beans(member, 20, expires_on=soon)
    factories.give_beans(member, 20, expires_on=late)
    take(street, member=member, key="first")  # takes the soon ones
    cancel(take(street, member=member, key="second"), by=member)
    assert available_days(member) == {late: 20}


def test_cancel_after_the_day_has_passed_gives_grace(street, clock_at):
    member = make_member(street.town, 20, expires_on=dt.date(2026, 11, 22))
    voucher = take(street, member=member)
    now = clock_at("2026-11-25 09:00")
    cancel(voucher, by=member)
    assert available_days(member) == {now.date() + dt.timedelta(days=GRACE_DAYS): 20}


def test_cancel_gives_stock_and_place_back_once(street):
    goods, cut = take(street), take(street, street.haircut, slot=street.slot, key="k2")
    for voucher in (goods, cut, goods, cut):
        assert cancel(voucher, by=street.member).state == State.CANCELLED
    street.goods.refresh_from_db()
    street.slot.refresh_from_db()
    assert (street.goods.stock, street.slot.taken) == (5, 0)
    assert Transaction.objects.filter(kind="return").count() == 2
    assert_holds_equal_open_redemptions()


def test_cancel_of_somebody_elses_voucher_is_refused(street):
    with pytest.raises(errors.NotYours):
        cancel(take(street), by=street.clerk)


def test_cancel_after_the_hour_is_refused(street, clock_at):
    voucher = take(street, street.haircut, slot=street.slot)
    clock_at("2026-11-23 18:00")
    assert voucher.can_be_cancelled
    clock_at("2026-11-23 18:01")
    with pytest.raises(errors.CancelTooLate):
        cancel(voucher, by=street.member)
    assert held() == 80


def test_cancel_of_an_expired_voucher_is_refused_before_and_after_the_run(street, clock_at):
    voucher = take(street)
    clock_at("2026-12-21 00:00")
    with pytest.raises(errors.CancelTooLate):
        cancel(voucher, by=street.member)
    expire_due()
    with pytest.raises(errors.NotOpen):
        cancel(voucher, by=street.member)


def test_cancel_after_the_hand_over_is_refused(street):
    voucher = take(street)
    fulfil(street.shop, code=voucher.code, by=street.clerk, nonce="n1")
    with pytest.raises(errors.NotOpen):
        cancel(voucher, by=street.member)
    with pytest.raises(errors.NotOpen):
        provider_cancel(voucher, by=street.clerk, reason="sold_out")
    assert held() == 0


def test_provider_cancels_at_any_hour_with_a_reason(street, clock_at):
    voucher = take(street, street.haircut, slot=street.slot)
    clock_at("2026-11-24 16:00")
    for _twice in range(2):
        ended = provider_cancel(voucher, by=street.barber_clerk, reason="unavailable")
    assert ended.state == State.PROVIDER_CANCELLED
    assert ended.end_transaction.reason == "unavailable"
    assert sum(available_days(street.member).values()) == 100
    assert_holds_equal_open_redemptions()


def test_community_worker_may_cancel_for_the_provider(street):
    assert provider_cancel(take(street), by=street.worker, reason="leaving").state == State.PROVIDER_CANCELLED


def test_provider_cancel_by_a_stranger_is_refused(street):
    with pytest.raises(errors.NotAllowed):
        provider_cancel(take(street), by=street.barber_clerk, reason="closed")


def test_provider_cancel_without_a_known_reason_is_refused(street):
    with pytest.raises(errors.UnknownReason):
        provider_cancel(take(street), by=street.clerk, reason="王阿姨太凶")


def test_expire_returns_beans_and_stock_once(street, clock_at):
    voucher = take(street)
    clock_at("2026-12-20 23:59")
    assert expire_due() == 0
    clock_at("2026-12-21 00:00")
    assert tasks.expire_due() == 1
    assert expire_due() == 0
    voucher.refresh_from_db()
    street.goods.refresh_from_db()
    assert voucher.state == State.EXPIRED
    assert street.goods.stock == 5
    assert sum(available_days(street.member).values()) == 100
    assert_holds_equal_open_redemptions()


def test_expire_goes_on_when_halted_and_catches_up(street, clock_at):
    take(street)
    clock_at("2026-12-21 00:00")
    halt = ledger.halt("return", by=None, reason="mismatch")
    assert expire_due() == 0
    assert_holds_equal_open_redemptions()
    ledger.lift(halt, by=street.worker)
    assert expire_due() == 1


def test_missed_appointment_does_not_free_the_past_time(street, clock_at):
    take(street, street.haircut, slot=street.slot)
    clock_at("2026-11-25 15:31")
    assert expire_due() == 1
    street.slot.refresh_from_db()
    assert street.slot.taken == 1


def test_hold_equals_open_redemptions_at_every_step(street, clock_at):
    member = make_member(street.town, 400)
    vouchers = []
    for number in range(6):
        vouchers.append(take(street, member=member, key=f"k{number}"))
        assert_holds_equal_open_redemptions()
        if number >= 3:
            break
    cancel(vouchers[0], by=member)
    assert_holds_equal_open_redemptions()
    fulfil(street.shop, code=vouchers[1].code, by=street.clerk, nonce="n")
    assert_holds_equal_open_redemptions()
    provider_cancel(vouchers[2], by=street.clerk, reason="closed")
    assert_holds_equal_open_redemptions()
    clock_at("2027-01-15 00:00")
    expire_due()
    assert held() == 0
    assert_holds_equal_open_redemptions()
