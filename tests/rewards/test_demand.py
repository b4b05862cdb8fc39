"""Stock by hand, being told when it is there again, giving to the community, wishes."""

from __future__ import annotations

import datetime as dt

import pytest

from points.ledger.balances import member_balances
from points.ledger.models import Transaction
from points.ledger.verify import verify
from points.people.models import Notice
from rewards import errors
from rewards.models import Redemption, Reward, StockChange, Waiting, Wish
from rewards.services import (
    add_slots,
    cancel,
    change_stock,
    expire_due,
    give,
    join,
    leave,
    mark_wish,
    redeem,
    wish,
)
from rewards.services.giving import given_to
from tests import factories
from tests.factories import local
from tests.rewards.conftest import assert_holds_equal_open_redemptions, make_member
from tests.rewards.test_by_rules import in_force

pytestmark = pytest.mark.django_db


def told(person) -> int:
    return Notice.objects.filter(user=person, kind="reward_restocked").count()


def sell_out(street):
    Reward.objects.filter(pk=street.goods.pk).update(stock=0)
    street.goods.refresh_from_db()


# --- Stock -------------------------------------------------------------------------------------------------
def test_stock_changes_with_a_reason(street):
    made = change_stock(street.goods, 7, by=street.clerk, reason="delivered", note="第二批")
    street.goods.refresh_from_db()
    assert (street.goods.stock, made.left, made.by) == (12, 12, street.clerk)
    change_stock(street.goods, -2, by=street.worker, reason="spoiled")
    street.goods.refresh_from_db()
    assert street.goods.stock == 10
    assert StockChange.objects.count() == 2


def test_stock_of_one_choice(street):
    flour = street.goods.options.create(name="面粉", stock=0)
    change_stock(street.goods, 3, by=street.clerk, reason="delivered", option=flour)
    flour.refresh_from_db()
    street.goods.refresh_from_db()
    assert (flour.stock, street.goods.stock) == (3, 5)


@pytest.mark.parametrize(
    ("change", "reason", "refusal"),
    [
        (0, "delivered", errors.NothingChanges),
        (1, "whim", errors.UnknownReason),
        (-6, "spoiled", errors.StockBelowZero),
    ],
)
def test_stock_change_is_refused(street, change, reason, refusal):
    with pytest.raises(refusal):
        change_stock(street.goods, change, by=street.clerk, reason=reason)
    with pytest.raises(errors.NotAllowed):
        change_stock(street.goods, 1, by=street.barber_clerk, reason="delivered")
    with pytest.raises(errors.NoSuchStock):
        change_stock(street.haircut, 1, by=street.barber_clerk, reason="delivered")


def test_little_left_is_listed(street):
    Reward.objects.filter(pk=street.goods.pk).update(low_stock=5)
    assert list(Reward.objects.low()) == [street.goods]
    change_stock(street.goods, 1, by=street.clerk, reason="delivered")
    assert not Reward.objects.low().exists()


# --- The queue ---------------------------------------------------------------------------------------------
def test_everybody_who_waits_is_told_once_and_nothing_is_reserved(street):
    sell_out(street)
    waiting = [street.member, make_member(street.town)]
    for person in waiting:
        assert join(street.goods, member=person) == join(street.goods, member=person)
    change_stock(street.goods, 1, by=street.clerk, reason="delivered")
    change_stock(street.goods, 1, by=street.clerk, reason="delivered")
    assert [told(person) for person in waiting] == [1, 1]
    assert not Waiting.objects.open().exists()
    outsider = make_member(street.town)
    assert redeem(street.goods, member=outsider, by=outsider, key="k")


def test_told_again_only_when_asked_again(street):
    for round_ in (1, 2):
        sell_out(street)
        join(street.goods, member=street.member)
        change_stock(street.goods, 1, by=street.clerk, reason="delivered")
        assert told(street.member) == round_


def test_told_when_a_voucher_comes_back(street, clock_at):
    Reward.objects.filter(pk=street.goods.pk).update(stock=1)
    buyer, person = make_member(street.town), street.member
    voucher = redeem(street.goods, member=buyer, by=buyer, key="k1")
    join(street.goods, member=person)
    cancel(voucher, by=buyer)
    assert told(person) == 1
    redeem(street.goods, member=buyer, by=buyer, key="k2")
    join(street.goods, member=person)
    clock_at("2026-12-25 00:00")
    expire_due()
    assert told(person) == 2


def test_told_when_times_are_added_or_freed(street):
    buyer, person = make_member(street.town), street.member
    voucher = redeem(street.haircut, member=buyer, by=buyer, key="k1", slot=street.slot)
    join(street.haircut, member=person)
    cancel(voucher, by=buyer)
    assert told(person) == 1
    redeem(street.haircut, member=buyer, by=buyer, key="k2", slot=street.slot)
    join(street.haircut, member=person)
    add_slots(street.haircut, starts=[local("2026-11-30 09:00")], by=street.barber_clerk)
    assert told(person) == 2


def test_who_leaves_the_queue_is_not_told(street):
    sell_out(street)
    join(street.goods, member=street.member)
    assert leave(street.goods, member=street.member)
    assert not leave(street.goods, member=street.member)
    change_stock(street.goods, 1, by=street.clerk, reason="delivered")
    assert told(street.member) == 0


def test_nobody_waits_for_what_is_there(street):
    with pytest.raises(errors.StillThere):
        join(street.goods, member=street.member)


def test_closed_reward_tells_nobody(street):
    sell_out(street)
    join(street.goods, member=street.member)
    Reward.objects.filter(pk=street.goods.pk).update(is_open=False)
    change_stock(street.goods, 1, by=street.clerk, reason="delivered")
    assert told(street.member) == 0


# --- Giving ------------------------------------------------------------------------------------------------
def test_beans_given_to_the_community(street):
    community = street.town.community
    given = give(street.member, beans=30, key="form-1")
    assert give(street.member, beans=30, key="form-1") == given
    assert int(given_to(community).amount) == 30
    assert int(member_balances(street.member).available.amount) == 70
    assert given.kind == "donate"
    assert given.reference == f"community:{community.code.lower()}"
    assert not Redemption.objects.exists()
    assert_holds_equal_open_redemptions()
    assert verify().ok


def test_soonest_expiring_beans_are_given_first(street):
    soon = dt.date(2026, 11, 30)
    factories.give_beans(street.member, 10, expires_on=soon)
    given = give(street.member, beans=10, key="k")
    assert [row.source_day for row in given.postings.all()] == [soon]


def test_giving_is_refused(street):
    with pytest.raises(errors.NothingGiven):
        give(street.member, beans=0, key="k")
    with pytest.raises(errors.TooFewBeans) as caught:
        give(street.member, beans=101, key="k")
    assert caught.value.context == {"price": 101, "available": 100, "missing": 1}
    homeless = factories.make_volunteer()
    factories.give_beans(homeless, 10)
    with pytest.raises(errors.HomeToGive):
        give(homeless, beans=1, key="k")
    assert not Transaction.objects.filter(kind="donate").exists()


def test_giving_follows_the_scheme(street):
    use = {"id": "pool", "kind": "donation", "name": {"zh": "捐给社区"}, "at_least": 20}
    version = in_force(street, use)
    with pytest.raises(errors.RulesSayNo) as caught:
        give(street.member, beans=10, key="k")
    assert caught.value.context["rule"] == "below_least"
    assert give(street.member, beans=20, key="k").rule == version.label


def test_scheme_without_donation_refuses_it(street):
    in_force(street, {"id": "goods", "kind": "goods", "name": {"zh": "物品"}})
    with pytest.raises(errors.RulesSayNo) as caught:
        give(street.member, beans=10, key="k")
    assert caught.value.context["rule"] == "use_not_offered"


def test_what_was_given_counts_for_a_gate(street):
    goods = {
        "id": "goods",
        "kind": "goods",
        "name": {"zh": "物品"},
        "when": [{"fact": "donated", "at_least": 5}],
    }
    in_force(street, goods, {"id": "pool", "kind": "donation", "name": {"zh": "捐"}})
    with pytest.raises(errors.RulesSayNo):
        redeem(street.goods, member=street.member, by=street.member, key="a")
    give(street.member, beans=5, key="k")
    assert redeem(street.goods, member=street.member, by=street.member, key="a")


# --- Wishes ------------------------------------------------------------------------------------------------
def test_wishes_are_few_and_the_same_one_is_one(street, clock_at):
    first = wish(street.member, text=" 修 鞋 ")
    assert (first.text, first.grid, first.state) == ("修 鞋", street.town.community, "new")
    assert wish(street.member, text="修 鞋") == first
    wish(street.member, text="磨刀")
    wish(street.member, text="配钥匙")
    with pytest.raises(errors.WishesEnough):
        wish(street.member, text="洗窗帘")
    with pytest.raises(errors.WishEmpty):
        wish(street.member, text="  ")
    with pytest.raises(errors.HomeToGive):
        wish(factories.make_volunteer(), text="磨刀")
    clock_at("2026-12-21 10:00")
    assert wish(street.member, text="洗窗帘")


def test_wishes_are_marked_by_who_manages_rewards_there(street):
    row = wish(street.member, text="修鞋")
    for person in (
        street.clerk,
        factories.make_user(role="community_worker", grid=street.town.other_community),
    ):
        with pytest.raises(errors.NotAllowed):
            mark_wish(row, by=person, state="noted")
    with pytest.raises(errors.NotAllowed):
        mark_wish(row, by=street.worker, state="whim")
    assert mark_wish(row, by=street.worker, state="noted").state == Wish.State.NOTED
