"""Redeem: once, in one transaction, or refused with a code and nothing half-done."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from points import clock
from points.ledger import services as ledger
from points.ledger.balances import member_balances
from points.ledger.errors import KindHalted
from points.ledger.models import Transaction
from points.refusals import Refusal
from rewards import errors
from rewards.models import Redemption, Reward
from rewards.services import redeem
from tests import factories
from tests.factories import local
from tests.rewards.conftest import assert_holds_equal_open_redemptions, make_member

pytestmark = pytest.mark.django_db


def take(street, reward=None, *, key="k1", member=None, slot=None):
    member = member or street.member
    return redeem(reward or street.goods, member=member, by=member, key=key, slot=slot)


def refused(expected: type[Refusal], street, reward=None, **given) -> Refusal:
    """Refused with this code, and nothing written."""
    before = Redemption.objects.count(), Transaction.objects.count()
    with pytest.raises(expected) as caught:
        take(street, reward, **given)
    assert caught.value.code == expected.refusal_code
    assert caught.value.as_text()
    assert (Redemption.objects.count(), Transaction.objects.count()) == before
    assert_holds_equal_open_redemptions()
    return caught.value


def test_redeem_goods_holds_beans_and_takes_stock(street):
    voucher = take(street)
    street.goods.refresh_from_db()
    balances = member_balances(street.member)
    assert (street.goods.stock, int(balances.available.amount), int(balances.held.amount)) == (4, 80, 20)
    assert voucher.state == Redemption.State.ISSUED
    assert len(voucher.code) == 12
    assert timezone.localtime(voucher.expires_at) == local("2026-12-20 23:59:59")
    assert voucher.hold_transaction.reference == f"redemption:{voucher.pk}"
    assert voucher.cancel_until is None
    assert voucher.can_be_cancelled


def test_redeem_appointment_takes_the_place(street):
    voucher = take(street, street.haircut, slot=street.slot)
    street.slot.refresh_from_db()
    assert street.slot.taken == 1
    assert voucher.slot == street.slot
    assert voucher.expires_at == local("2026-11-25 15:30")
    assert voucher.cancel_until == local("2026-11-23 18:00")
    assert_holds_equal_open_redemptions()


def test_redeem_open_voucher_without_stock(street):
    meal = factories.make_reward(provider=street.shop, beans=15, kind=Reward.Kind.OPEN_VOUCHER)
    assert take(street, meal).state == Redemption.State.ISSUED


def test_redeem_soonest_expiring_beans_first(street):
    soon = clock.today() + dt.timedelta(days=5)
    factories.give_beans(street.member, 15, expires_on=soon)
    voucher = take(street)
    days = {row.source_day: row.amount for row in voucher.hold_transaction.postings.all()}
    assert days[soon] == 15
    assert sum(days.values()) == 20


def test_redeem_price_paid_is_kept(street):
    voucher = take(street)
    Reward.objects.filter(pk=street.goods.pk).update(price=99)
    voucher.refresh_from_db()
    assert int(voucher.price.amount) == 20


def test_second_tap_gets_the_first_answer(street):
    first = take(street)
    assert take(street) == first
    assert Redemption.objects.count() == 1
    assert Transaction.objects.filter(kind="hold").count() == 1


def test_winners_second_tap_is_not_refused_when_sold_out(street):
    Reward.objects.filter(pk=street.goods.pk).update(stock=1, person_limit=1)
    first = take(street)
    assert take(street) == first


def test_same_key_of_somebody_else_is_refused(street):
    take(street)
    refused(errors.KeyUsedByAnother, street, member=make_member(street.town))


def test_same_key_for_something_else_is_refused(street):
    take(street)
    refused(errors.KeyUsedByAnother, street, street.haircut, slot=street.slot)


def test_closed_reward_is_refused(street):
    Reward.objects.filter(pk=street.goods.pk).update(is_open=False)
    refused(errors.RewardClosed, street)


def test_reward_of_a_closed_provider_is_refused(street):
    street.shop.is_active = False
    street.shop.save()
    refused(errors.RewardClosed, street)


def test_out_of_stock_is_refused(street):
    Reward.objects.filter(pk=street.goods.pk).update(stock=0)
    refused(errors.OutOfStock, street)


def test_appointment_without_time_is_refused(street):
    refused(errors.SlotNeeded, street, street.haircut)


def test_time_of_another_reward_is_refused(street):
    other = factories.make_reward(provider=street.barber, kind=Reward.Kind.APPOINTMENT)
    refused(errors.SlotNeeded, street, other, slot=street.slot)


def test_full_time_is_refused(street):
    take(street, street.haircut, slot=street.slot)
    refused(
        errors.SlotFull, street, street.haircut, slot=street.slot, key="k2", member=make_member(street.town)
    )


def test_passed_time_is_refused(street, clock_at):
    clock_at("2026-11-24 15:00")
    refused(errors.SlotPassed, street, street.haircut, slot=street.slot)


def test_person_limit_is_refused_until_next_month(street, clock_at):
    Reward.objects.filter(pk=street.goods.pk).update(person_limit=1)
    take(street)
    refused(errors.LimitReached, street, key="k2")
    clock_at("2026-12-01 00:30")
    assert take(street, key="k3")


def test_cancelled_voucher_does_not_count_for_the_limit(street):
    from rewards.services import cancel

    Reward.objects.filter(pk=street.goods.pk).update(person_limit=1)
    cancel(take(street), by=street.member)
    assert take(street, key="k2")


def test_reward_of_another_grid_is_refused(street):
    foreign = factories.make_reward(grid=street.town.other_community)
    refusal = refused(errors.NotForYou, street, foreign)
    assert street.town.other_community.name in refusal.as_text()


def test_member_without_home_is_told_where_to_choose_it(street):
    homeless = factories.make_volunteer()
    factories.give_beans(homeless, 100)
    refusal = refused(errors.HomeNotChosen, street, member=homeless)
    assert refusal.code == "not_for_you"


def test_too_few_beans_says_what_is_missing(street):
    poor = make_member(street.town, beans=13)
    refusal = refused(errors.TooFewBeans, street, member=poor)
    assert refusal.context == {"price": 20, "available": 13, "missing": 7}


def test_overdue_beans_do_not_count(street, clock_at):
    member = make_member(street.town, expires_on=dt.date(2026, 11, 21))
    clock_at("2026-11-22 08:00")
    with pytest.raises(errors.TooFewBeans) as caught:
        take(street, member=member)
    assert caught.value.context == {"price": 20, "available": 0, "missing": 20}


def test_nobody_redeems_for_somebody_else(street):
    with pytest.raises(errors.NotYours):
        redeem(street.goods, member=street.member, by=street.clerk, key="k")


def test_halted_redemptions_are_refused_with_the_ledgers_sentence(street):
    ledger.halt("hold", by=None, reason="mismatch")
    refused(KindHalted, street)
    street.goods.refresh_from_db()
    assert street.goods.stock == 5
