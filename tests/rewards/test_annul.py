"""A hand-over taken back: by whom, until when, and what stays."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from points.ledger.models import Transaction
from points.ledger.verify import verify
from rewards import errors
from rewards.models import HandOver, Redemption, RefusedScan
from rewards.models_desk import AnnulReason
from rewards.services import annul, cancel, expire_due, fulfil, redeem, settle, statement
from tests import factories
from tests.rewards.conftest import assert_holds_equal_open_redemptions, payable

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(street) -> HandOver:
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k1")
    confirm(street, voucher)
    return HandOver.objects.get()


def confirm(street, voucher, nonce="n1"):
    return fulfil(street.shop, code=voucher.code, by=street.clerk, nonce=nonce)


def say_no(expected, done, by, reason="mistake"):
    with pytest.raises(expected) as caught:
        annul(done, by=by, reason=reason)
    assert caught.value.code == expected.refusal_code
    assert HandOver.objects.get().annulled_at is None
    assert_holds_equal_open_redemptions()


def test_clerk_takes_back_and_everything_is_as_before(street, done):
    back = annul(done, by=street.clerk, reason="mistake")
    assert (back.annulled_by, back.annul_reason) == (street.clerk, "mistake")
    assert (back.by, back.nonce, back.transaction) == (street.clerk, "n1", done.transaction)
    assert back.annul_transaction.reverses == done.transaction
    voucher = Redemption.objects.get()
    assert (voucher.state, voucher.fulfilled_by, voucher.end_transaction) == ("issued", None, None)
    assert payable(street.shop) == 0
    assert_holds_equal_open_redemptions()
    assert annul(done, by=street.clerk, reason="mistake") == back
    assert Transaction.objects.filter(kind="reversal").count() == 1
    assert verify().ok


def test_open_again_it_is_handed_over_anew_or_given_back(street, done):
    annul(done, by=street.clerk, reason="mistake")
    again = confirm(street, done.redemption, nonce="n2")
    assert payable(street.shop) == 20
    assert HandOver.objects.filter(redemption=again).count() == 2
    annul(HandOver.objects.get(nonce="n2"), by=street.clerk, reason="faulty")
    assert cancel(again, by=street.member).state == "cancelled"
    assert payable(street.shop) == 0
    assert_holds_equal_open_redemptions()
    assert verify().ok


def test_confirmation_that_arrives_after_it_was_taken_back_is_refused(street, done):
    annul(done, by=street.clerk, reason="mistake")
    with pytest.raises(errors.HandOverAnnulled) as caught:
        confirm(street, done.redemption, nonce="n1")
    assert caught.value.code == "hand_over_annulled"
    assert RefusedScan.objects.get().refusal == "hand_over_annulled"
    assert payable(street.shop) == 0


def test_past_its_last_moment_it_ends_by_its_own_rule(street, done, clock_at):
    supervisor = factories.make_staff(street.shop, is_supervisor=True).user
    clock_at("2026-12-21 00:00")
    annul(done, by=supervisor, reason="not_taken")
    assert expire_due() == 1
    assert Redemption.objects.get().state == "expired"
    assert_holds_equal_open_redemptions()


def test_clerk_has_half_an_hour_then_the_supervisor(street, done, clock_at, now):
    clock_at("2026-11-20 10:31")
    say_no(errors.AnnulTooLate, done, street.clerk)
    supervisor = factories.make_staff(street.shop, is_supervisor=True).user
    assert annul(done, by=supervisor, reason="wrong_voucher").annulled_by == supervisor


def test_community_worker_may_too(street, done, clock_at):
    clock_at("2026-11-25 10:00")
    assert annul(done, by=street.worker, reason="faulty").annulled_by == street.worker


def test_others_may_not(street, done):
    say_no(errors.NotAllowed, done, factories.make_staff(street.shop).user)
    say_no(errors.NotAllowed, done, street.barber_clerk)
    say_no(errors.NotAllowed, done, street.member)


def test_clerk_who_has_left_may_not(street, done):
    street.shop.staff.filter(user=street.clerk).update(to_on=dt.date(2026, 11, 19))
    say_no(errors.AnnulTooLate, done, street.clerk)


def test_reason_is_one_of_ours(street, done):
    say_no(errors.UnknownReason, done, street.clerk, reason="Mrs Li")


def test_not_after_the_month_was_settled(street, done, clock_at):
    clock_at("2026-12-01 09:00")
    settle(street.shop, dt.date(2026, 11, 1), by=street.worker)
    say_no(errors.AlreadySettled, done, street.worker)


def test_statement_before_it_is_settled_loses_the_line(street, done, clock_at):
    clock_at("2026-12-01 09:00")
    annul(done, by=street.worker, reason="faulty")
    assert statement(street.shop, dt.date(2026, 11, 1)).count == 0
    with pytest.raises(errors.NothingToSettle):
        settle(street.shop, dt.date(2026, 11, 1), by=street.worker)


def test_database_keeps_one_hand_over_in_force(street, done):
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.create(
            redemption=done.redemption, by=street.clerk, nonce="n2", transaction=done.transaction
        )


def test_page_takes_back_once_and_shows_who_and_why(street, done, client):
    client.force_login(street.clerk)
    url = f"/desk/annul/{done.redemption_id}/"
    assert "30" in client.get(url).text
    assert client.post(url, {"reason": "mistake"}).status_code == 302
    page = client.get(url).text
    assert str(AnnulReason.MISTAKE.label) in page
    assert street.member.name not in page
    client.force_login(street.barber_clerk)
    assert client.get(url).status_code == 404
