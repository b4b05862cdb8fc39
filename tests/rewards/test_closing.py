"""A provider closes for days, stops a reward, or leaves: everything comes back, everybody is told."""

from __future__ import annotations

import datetime as dt

import pytest

from points.ledger import services as ledger
from points.people.models import Notice
from points.people.notices import body_of, title_of
from rewards import errors
from rewards.models import ClosedDay, Redemption
from rewards.services import add_slots, close, close_days, fulfil, redeem
from rewards.services.closing import is_closed, open_vouchers
from tests import factories
from tests.factories import local
from tests.rewards.conftest import assert_holds_equal_open_redemptions, held, make_member

pytestmark = pytest.mark.django_db
State = Redemption.State


def take(street, reward=None, *, key="k1", member=None, slot=None):
    member = member or street.member
    return redeem(reward or street.goods, member=member, by=member, key=key, slot=slot)


def test_all_open_vouchers_of_a_provider_go_back_in_one_batch(street):
    members = [make_member(street.town) for _n in range(3)]
    for member in members:
        take(street, member=member, key=f"k{member.pk}")
    used = take(street, key="used")
    fulfil(street.shop, code=used.code, by=street.clerk, nonce="n")
    elsewhere = take(street, street.haircut, slot=street.slot, key="other")
    assert open_vouchers(street.shop).count() == 3
    assert close(street.shop, by=street.worker) == 3
    assert close(street.shop, by=street.worker) == 0
    states = Redemption.objects.filter(reward=street.goods).values_list("state", flat=True)
    assert sorted(states) == ["fulfilled", *["provider_cancelled"] * 3]
    elsewhere.refresh_from_db()
    assert elsewhere.is_issued
    assert held() == 80
    assert_holds_equal_open_redemptions()
    told = Notice.objects.filter(kind="provider_cancelled")
    assert {notice.user for notice in told} == set(members)
    assert "便民超市" in title_of(told[0])
    assert "20" in body_of(told[0])
    street.goods.refresh_from_db()
    with pytest.raises(errors.RewardClosed):
        take(street, key="late")


def test_one_reward_is_closed_without_the_others(street):
    other = factories.make_reward(provider=street.shop)
    take(street)
    kept = take(street, other, key="k2")
    assert close(street.goods, by=street.worker, reason="sold_out") == 1
    kept.refresh_from_db()
    assert kept.is_issued
    other.refresh_from_db()
    assert take(street, other, key="k3")


def test_batch_goes_on_after_a_halt(street):
    take(street)
    halt = ledger.halt("return", by=None, reason="mismatch")
    assert close(street.shop, by=street.worker) == 0
    assert_holds_equal_open_redemptions()
    ledger.lift(halt, by=street.worker)
    assert close(street.shop, by=street.worker) == 1
    assert held() == 0


def test_closing_is_for_who_manages_rewards_there(street):
    for person in (street.clerk, street.member):
        with pytest.raises(errors.NotAllowed):
            close(street.shop, by=person)
    with pytest.raises(errors.UnknownReason):
        close(street.shop, by=street.worker, reason="whim")


def test_closed_days_give_their_appointments_back_and_take_no_more(street):
    voucher = take(street, street.haircut, slot=street.slot)
    other_day = factories.make_slot(street.haircut, starts_at=local("2026-11-25 15:00"))
    free = factories.make_slot(street.haircut, starts_at=local("2026-11-24 16:00"), capacity=3)
    goods = take(street, key="k2")
    day = dt.date(2026, 11, 24)
    assert close_days(street.barber, day, day, by=street.barber_clerk) == 1
    assert close_days(street.barber, day, day, by=street.barber_clerk) == 0
    assert ClosedDay.objects.count() == 1
    voucher.refresh_from_db()
    goods.refresh_from_db()
    assert (voucher.state, goods.state) == (State.PROVIDER_CANCELLED, State.ISSUED)
    assert Notice.objects.filter(user=street.member, kind="provider_cancelled").count() == 1
    for slot in (street.slot, free):
        slot.refresh_from_db()
        assert slot.is_full
        with pytest.raises(errors.SlotFull):
            take(street, street.haircut, slot=slot, key=f"s{slot.pk}")
    assert take(street, street.haircut, slot=other_day, key="k3")
    assert is_closed(street.barber, day)
    assert not is_closed(street.barber, dt.date(2026, 11, 25))
    assert_holds_equal_open_redemptions()
    with pytest.raises(errors.DayClosed):
        add_slots(street.haircut, starts=[local("2026-11-24 09:00")], by=street.barber_clerk)


def test_closed_days_are_refused(street):
    day = dt.date(2026, 11, 24)
    with pytest.raises(errors.NotAllowed):
        close_days(street.barber, day, day, by=street.clerk)
    with pytest.raises(errors.DaysBackwards):
        close_days(street.barber, day, dt.date(2026, 11, 23), by=street.barber_clerk)
    with pytest.raises(errors.DaysBackwards):
        close_days(street.barber, dt.date(2026, 11, 1), dt.date(2026, 11, 2), by=street.barber_clerk)
