"""Two at once over what several rewards share: quotas, a provider's month, choices, times moved to.

As in `test_races.py`, each with a control without the lock, which must go wrong.
"""

from __future__ import annotations

import pytest

from rewards.models import Provider, Redemption, Reward, RewardOption, Slot
from rewards.services import aid as aid_service
from rewards.services import (
    answer,
    cancel,
    change_stock,
    close,
    decide,
    ending,
    fulfil_aid,
    issue,
    join,
    mark_absent,
    move,
    moving,
    redeem,
    redeeming,
)
from tests import factories
from tests.factories import local
from tests.rewards.conftest import Street, assert_holds_equal_open_redemptions, make_member, make_street
from tests.rewards.test_by_rules import GOODS, in_force
from tests.rewards.test_races import Gate, without_lock

pytestmark = [pytest.mark.postgres, pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def street(transactional_db, now) -> Street:
    return make_street()


def take(reward, member, key, **chosen):
    return lambda: redeem(reward, member=member, by=member, key=key, **chosen)


def two_rewards(street):
    return street.goods, factories.make_reward(provider=street.shop, beans=10)


# --- A scheme's quota over all rewards ------------------------------------------------------------------
def quota(street):
    in_force(street, {**GOODS, "quotas": [{"most": 1, "per": "month"}]})
    one, two = two_rewards(street)
    return take(one, street.member, "k1"), take(two, street.member, "k2")


def test_quota_of_the_scheme_holds_over_two_rewards(street, monkeypatch):
    jobs = quota(street)
    first, second = Gate(monkeypatch, redeeming, "hold").race(*jobs)
    assert isinstance(first, Redemption)
    assert second == "rules_say_no"
    assert_holds_equal_open_redemptions()


def test_control_quota_of_the_scheme_is_broken_without_the_members_lock(street, monkeypatch):
    jobs = quota(street)
    monkeypatch.setattr(redeeming, "lock_member", lambda pk: None)
    Gate(monkeypatch, redeeming, "hold").race(*jobs)
    assert Redemption.objects.issued().count() == 2


# --- A provider's month ---------------------------------------------------------------------------------
def month(street):
    Provider.objects.filter(pk=street.shop.pk).update(monthly_limit=1)
    one, two = two_rewards(street)
    return take(one, street.member, "k1"), take(two, make_member(street.town), "k2")


def test_providers_month_holds_over_two_rewards(street, monkeypatch):
    jobs = month(street)
    first, second = Gate(monkeypatch, redeeming, "hold").race(*jobs)
    assert isinstance(first, Redemption)
    assert second == "provider_month_full"
    assert_holds_equal_open_redemptions()


def test_control_providers_month_is_broken_without_its_lock(street, monkeypatch):
    jobs = month(street)
    monkeypatch.setattr(redeeming, "lock_provider", lambda pk: None)
    Gate(monkeypatch, redeeming, "hold").race(*jobs)
    assert Redemption.objects.issued().count() == 2


# --- The last of one choice -----------------------------------------------------------------------------
def last_flour(street):
    flour = street.goods.options.create(name="面粉", stock=1)
    others = (street.member, make_member(street.town))
    return [take(street.goods, member, f"k{member.pk}", option=flour) for member in others]


def test_last_of_a_choice_goes_to_one(street, monkeypatch):
    jobs = last_flour(street)
    first, second = Gate(monkeypatch, redeeming, "hold").race(*jobs)
    assert isinstance(first, Redemption)
    assert second == "option_gone"


def test_control_last_of_a_choice_is_oversold_without_lock_and_condition(street, monkeypatch):
    def read_then_write(reward, option):
        found = RewardOption.objects.get(pk=option.pk)
        if not found.stock:
            raise redeeming.errors.OptionGone(option=found.name)
        RewardOption.objects.filter(pk=found.pk).update(stock=found.stock - 1)
        return found

    jobs = last_flour(street)
    monkeypatch.setattr(redeeming, "lock_reward", without_lock)
    monkeypatch.setattr(redeeming, "take_option", read_then_write)
    Gate(monkeypatch, redeeming, "hold").race(*jobs)
    assert Redemption.objects.issued().count() == 2


# --- The last free time, moved to and booked ------------------------------------------------------------
def last_time(street):
    voucher = redeem(street.haircut, member=street.member, by=street.member, key="k0", slot=street.slot)
    later = factories.make_slot(street.haircut, starts_at=local("2026-11-27 10:00"))
    other = make_member(street.town)
    return voucher, later, take(street.haircut, other, "k1", slot=later)


def test_last_time_goes_to_who_moves_or_who_books(street, monkeypatch):
    voucher, later, book = last_time(street)
    gate = Gate(monkeypatch, moving, "tell")
    first, second = gate.race(lambda: move(voucher, later, by=street.member), book)
    assert (first, second) == (voucher, "slot_full")
    later.refresh_from_db()
    assert later.taken == 1
    assert_holds_equal_open_redemptions()


def test_control_last_time_is_given_twice_without_lock_and_condition(street, monkeypatch):
    def read_then_take(reward, slot):
        found = Slot.objects.get(pk=slot.pk)
        if found.is_full:
            raise redeeming.errors.SlotFull()
        return found

    voucher, later, book = last_time(street)
    for module in (moving, redeeming):
        monkeypatch.setattr(module, "lock_reward", without_lock)
        monkeypatch.setattr(module, "take_place", read_then_take)
    Gate(monkeypatch, moving, "tell").race(lambda: move(voucher, later, by=street.member), book)
    assert Redemption.objects.issued().filter(slot=later).count() == 2


def test_moved_and_cancelled_at_once_frees_every_place(street, monkeypatch):
    voucher, later, _book = last_time(street)
    gate = Gate(monkeypatch, moving, "tell")
    _first, second = gate.race(
        lambda: move(voucher, later, by=street.member), lambda: cancel(voucher, by=street.member)
    )
    assert second.state == "cancelled"
    for slot in (street.slot, later):
        slot.refresh_from_db()
        assert slot.taken == 0
    assert_holds_equal_open_redemptions()


# --- Closing, restocking, deciding ----------------------------------------------------------------------
def test_nothing_is_redeemed_while_a_provider_closes(street, monkeypatch):
    """Redeem waits for the closing and then sees it, although it began before."""
    redeem(street.goods, member=street.member, by=street.member, key="k1")
    other = make_member(street.town)
    gate = Gate(monkeypatch, redeeming, "hold")
    first, second = gate.race(take(street.goods, other, "k2"), lambda: close(street.shop, by=street.worker))
    assert isinstance(first, Redemption)  # it was first, so it is among those that go back
    assert second == 2
    assert not Redemption.objects.issued().exists()
    assert_holds_equal_open_redemptions()


def test_who_joins_the_queue_at_the_moment_of_the_delivery_is_told_or_refused(street, monkeypatch):
    from rewards.services import queue

    Reward.objects.filter(pk=street.goods.pk).update(stock=0)
    gate = Gate(monkeypatch, queue, "is_sold_out")
    first, second = gate.race(
        lambda: join(street.goods, member=street.member),
        lambda: change_stock(street.goods, 1, by=street.clerk, reason="delivered"),
    )
    assert first.ended_at is None  # as it was when it was made
    first.refresh_from_db()
    assert second.left == 1
    assert first.ended_at is not None


def test_one_decision_of_two(street, monkeypatch, clock_at):
    from rewards.services import absence

    Reward.objects.filter(pk=street.haircut.pk).update(free_rebooks=0)
    voucher = redeem(street.haircut, member=street.member, by=street.member, key="k0", slot=street.slot)
    clock_at("2026-11-24 15:30")
    case = mark_absent(voucher, by=street.barber_clerk)
    answer(case, by=street.member, text="有事")
    gate = Gate(monkeypatch, absence, "return_all")
    _first, second = gate.race(
        lambda: decide(case, by=street.worker, is_excused=True),
        lambda: decide(case, by=street.worker, is_excused=False),
    )
    assert second == "decided_already"
    voucher.refresh_from_db()
    assert voucher.state == "excused"
    assert_holds_equal_open_redemptions()


def test_aid_voucher_at_two_desks_is_handed_over_once(street, monkeypatch):
    batch = issue(
        street.shop,
        point=factories.make_service_point(grid=street.town.community),
        title="爱心午餐",
        count=1,
        valid_until=local("2026-12-01 00:00").date(),
        key="form",
        by=street.worker,
    )
    code = batch.vouchers.get().code
    gate = Gate(monkeypatch, aid_service, "_open")
    answers = gate.race(
        lambda: fulfil_aid(street.shop, code=code, by=street.clerk, nonce="n1"),
        lambda: fulfil_aid(street.shop, code=code, by=street.clerk, nonce="n2"),
    )
    assert sorted(isinstance(each, str) for each in answers) == [False, True]
    assert "already_fulfilled" in answers


def test_expiry_and_a_mark_at_once_leave_one_end(street, monkeypatch, clock_at):
    voucher = redeem(street.haircut, member=street.member, by=street.member, key="k0", slot=street.slot)
    clock_at("2026-11-25 15:30")
    case = mark_absent(voucher, by=street.barber_clerk)
    assert case.outcome == "rebook"
    clock_at("2026-12-26 00:00")
    gate = Gate(monkeypatch, ending, "give_back")
    assert sorted(gate.race(ending.expire_due, ending.expire_due)) == [0, 1]
    assert_holds_equal_open_redemptions()
