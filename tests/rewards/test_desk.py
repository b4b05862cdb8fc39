"""The desk: every refusal has its code and leaves a row; a voucher is handed over once."""

from __future__ import annotations

import pytest

from points.ledger.models import Transaction
from rewards import errors
from rewards.models import Redemption, RefusedScan
from rewards.services import cancel, expire_due, find_voucher, fulfil, normalise_code, redeem
from rewards.services.desk import TRIES
from tests import factories
from tests.rewards.conftest import assert_holds_equal_open_redemptions, payable

pytestmark = pytest.mark.django_db


@pytest.fixture
def voucher(street):
    return redeem(street.goods, member=street.member, by=street.member, key="k1")


def hand_over(street, code, *, nonce="n1", by=None, provider=None):
    return fulfil(provider or street.shop, code=code, by=by or street.clerk, nonce=nonce)


def refused(expected, call, *, by):
    """Refused with this code at the look and at the hand-over; both leave a row."""
    before = RefusedScan.objects.count()
    with pytest.raises(expected) as caught:
        call()
    assert caught.value.code == expected.refusal_code
    assert RefusedScan.objects.count() == before + 1
    row = RefusedScan.objects.latest("pk")
    assert (row.refusal, row.by) == (expected.refusal_code, by)
    assert_holds_equal_open_redemptions()
    return caught.value


def both(expected, street, code, *, nonce="n9"):
    refused(expected, lambda: find_voucher(street.shop, code, street.clerk), by=street.clerk)
    return refused(expected, lambda: hand_over(street, code, nonce=nonce), by=street.clerk)


def test_hand_over_owes_the_provider(street, voucher):
    assert find_voucher(street.shop, voucher.code, street.clerk) == voucher
    done = hand_over(street, voucher.code)
    assert (done.state, done.fulfilled_by) == (Redemption.State.FULFILLED, street.clerk)
    assert done.end_transaction.kind == "fulfil"
    assert payable(street.shop) == 20
    assert_holds_equal_open_redemptions()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("7k4m q2wd-9xpa", "7K4MQ2WD9XPA"),
        ("oOiIlL", "001111"),
        (" 7K4M—Q2WD 9XPA\n", "7K4MQ2WD9XPA"),
        ("https://jindou.example/desk/scan/?code=7k4mq2wd9xpa", "7K4MQ2WD9XPA"),
        ("https://elsewhere.example/", ""),
        ("", ""),
    ],
)
def test_code_is_understood_as_meant(typed, meant):
    assert normalise_code(typed) == meant


def test_same_nonce_again_gives_the_same_answer(street, voucher):
    first = hand_over(street, voucher.code)
    assert hand_over(street, voucher.grouped_code.lower()) == first
    assert Transaction.objects.filter(kind="fulfil").count() == 1
    assert not RefusedScan.objects.exists()


def test_second_scan_says_when_and_where(street, voucher):
    hand_over(street, voucher.code)
    refusal = both(errors.AlreadyFulfilled, street, voucher.code)
    assert "11月20日 10:00" in refusal.context["at"]
    assert refusal.context["desk"] == "便民超市"
    assert refusal.context["by"] == "店员小李"
    assert payable(street.shop) == 20


def test_unknown_code_is_refused(street):
    both(errors.UnknownCode, street, "ZZZZZZZZZZZZ")
    both(errors.UnknownCode, street, "x" * 500)
    both(errors.UnknownCode, street, "")


def test_voucher_of_another_provider_is_refused(street):
    cut = redeem(street.haircut, member=street.member, by=street.member, key="k", slot=street.slot)
    refusal = both(errors.OtherProvider, street, cut.code)
    assert refusal.context["provider"] == "红玫理发店"
    assert RefusedScan.objects.latest("pk").redemption == cut


def test_cancelled_voucher_is_refused(street, voucher):
    cancel(voucher, by=street.member)
    both(errors.VoucherCancelled, street, voucher.code)


def test_expired_voucher_is_refused_before_and_after_the_run(street, voucher, clock_at):
    clock_at("2026-12-21 00:00")
    both(errors.VoucherExpired, street, voucher.code)
    expire_due()
    both(errors.VoucherExpired, street, voucher.code)


def test_nobody_hands_over_at_a_foreign_desk(street, voucher):
    ended = factories.make_staff(street.shop, to_on=street.slot.starts_at.date().replace(day=1)).user
    for stranger in (street.barber_clerk, street.member, street.worker, ended):
        with pytest.raises(errors.NotYourDesk):
            hand_over(street, voucher.code, by=stranger)
        with pytest.raises(errors.NotYourDesk):
            find_voucher(street.shop, voucher.code, stranger)
    voucher.refresh_from_db()
    assert voucher.is_issued


def test_guessing_is_stopped_and_starts_again_later(street, voucher, clock_at):
    for _try in range(TRIES):
        with pytest.raises(errors.UnknownCode):
            find_voucher(street.shop, "0" * 12, street.clerk)
    both(errors.TooManyTries, street, voucher.code)
    colleague = factories.make_staff(street.shop).user
    assert find_voucher(street.shop, voucher.code, colleague)
    clock_at("2026-11-20 10:11")
    assert find_voucher(street.shop, voucher.code, street.clerk)


def test_a_busy_desk_is_not_taken_for_a_guesser(street, voucher):
    hand_over(street, voucher.code)
    for _try in range(TRIES + 1):
        with pytest.raises(errors.AlreadyFulfilled):
            find_voucher(street.shop, voucher.code, street.clerk)
