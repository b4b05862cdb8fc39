"""The scheme's redemption policy decides every redemption, and its reason is what the member reads."""

from __future__ import annotations

import datetime as dt

import pytest

from points import clock
from points.schemes.models import Scheme, SchemeVersion
from points.schemes.rules import Rules
from rewards import errors, showing
from rewards.models import Redemption, Reward
from rewards.services import cancel, redeem
from rewards.services.redeeming import spendable
from tests import factories
from tests.rewards.conftest import assert_holds_equal_open_redemptions, make_member, serve

pytestmark = pytest.mark.django_db

GOODS = {"id": "goods", "kind": "goods", "name": {"zh": "兑换物品"}}
SERVICE = {"id": "service", "kind": "service", "name": {"zh": "兑换服务"}}


def in_force(street, *uses, **more) -> SchemeVersion:
    """Rules of the town's community with these uses, in force since a month ago."""
    scheme = Scheme.objects.create(code="uses", name="裴村兑换办法", grid=street.town.community)
    rules = Rules.from_dict({"uses": list(uses), **more}).to_dict()
    version = SchemeVersion.objects.create(
        scheme=scheme, number=1, effective_from=dt.date(2026, 10, 1), rules=rules
    )
    return version


def take(street, reward=None, *, key="k1", member=None, **chosen):
    member = member or street.member
    return redeem(reward or street.goods, member=member, by=member, key=key, **chosen)


def refused(street, rule: str, reward=None, **given) -> errors.RulesSayNo:
    """Refused by this rule, before the press and at it, and nothing written."""
    member = given.get("member") or street.member
    shown = showing.obstacle(
        reward or street.goods,
        member,
        home=street.town.grid,
        spendable=spendable(member),
        has_slots=True,
    )
    before = Redemption.objects.count()
    with pytest.raises(errors.RulesSayNo) as caught:
        take(street, reward, **given)
    assert caught.value.context["rule"] == rule
    assert isinstance(shown, errors.RulesSayNo)
    assert shown.as_text() == caught.value.as_text()
    assert Redemption.objects.count() == before
    assert_holds_equal_open_redemptions()
    return caught.value


def test_scheme_without_uses_leaves_it_to_the_reward(street):
    factories.make_scheme(grid=street.town.community)
    voucher = take(street)
    assert (voucher.rule, voucher.use) == ("", "")


def test_what_the_scheme_offers_is_possible_and_the_rule_is_kept(street):
    version = in_force(street, GOODS)
    voucher = take(street)
    assert (voucher.rule, voucher.use) == (version.label, "goods")
    assert voucher.hold_transaction.rule == version.label


def test_what_the_scheme_does_not_offer_is_refused(street):
    in_force(street, SERVICE)
    refused(street, "use_not_offered")


def test_a_reward_may_name_its_use(street):
    in_force(street, {**GOODS, "quotas": [{"most": 0, "per": "month"}]}, {**GOODS, "id": "seasonal"})
    refused(street, "quota_used_up")
    Reward.objects.filter(pk=street.goods.pk).update(use="seasonal")
    street.goods.refresh_from_db()
    assert take(street).use == "seasonal"


def test_a_use_that_takes_nothing_is_no_use_for_a_reward(street):
    in_force(street, {**GOODS, "spends": False})
    refused(street, "use_not_offered")


def test_gate_by_hours_of_service(street):
    in_force(street, {**GOODS, "when": [{"fact": "hours", "at_least": 5}]})
    said = refused(street, "condition_not_met")
    assert "5" in said.as_text()
    serve(street, street.member, 300)
    assert take(street)


def test_gate_by_level(street):
    ladder = {
        "id": "star",
        "name": {"zh": "星级"},
        "steps": [
            {"id": "star1", "name": {"zh": "一星"}, "needs": {"hours": 2}},
            {"id": "star2", "name": {"zh": "二星"}, "needs": {"hours": 10}},
        ],
    }
    in_force(street, {**GOODS, "when": [{"fact": "level.star", "is": ["star2"]}]}, levels=[ladder])
    serve(street, street.member, 180)
    refused(street, "condition_not_met")
    serve(street, street.member, 480)
    assert take(street)


def test_calendar_of_the_scheme(street, clock_at):
    in_force(street, {**GOODS, "calendar": {"weekdays": ["sat"], "hours": ["09:00-12:00"]}})
    said = refused(street, "closed_today")  # a Friday
    assert "21" in said.as_text()
    clock_at("2026-11-21 13:00")
    refused(street, "closed_now")
    clock_at("2026-11-21 09:30")
    assert take(street)


def test_frequency_counts_over_all_rewards_of_the_use(street):
    in_force(street, {**GOODS, "quotas": [{"most": 2, "per": "month"}]})
    other = factories.make_reward(provider=street.shop, beans=10)
    first = take(street)
    take(street, other, key="k2")
    refused(street, "quota_used_up", other, key="k3")
    cancel(first, by=street.member)
    assert take(street, other, key="k4")  # what went back does not count


def test_frequency_starts_again_with_the_period(street, clock_at):
    in_force(street, {**GOODS, "quotas": [{"most": 1, "per": "week"}]})
    take(street)
    clock_at("2026-11-22 10:00")
    refused(street, "quota_used_up", key="k2")
    clock_at("2026-11-23 00:10")
    assert take(street, key="k2")


def test_limit_of_each_item(street):
    in_force(street, {**GOODS, "quotas": [{"most": 1, "per": "year", "each_item": True}]})
    other = factories.make_reward(provider=street.shop, beans=10)
    take(street)
    refused(street, "quota_used_up", key="k2")
    assert take(street, other, key="k3")


def test_minimum_and_step(street):
    in_force(street, {**GOODS, "at_least": 50, "step": 10})
    refused(street, "below_least")
    refused(street, "not_in_steps", factories.make_reward(provider=street.shop, beans=55), key="k2")
    assert take(street, factories.make_reward(provider=street.shop, beans=60), key="k3")


def test_opening_points_cannot_be_redeemed(street):
    unit = {"code": "BEAN", "name": {"zh": "金豆"}, "base": 90}
    in_force(street, GOODS, units=[unit])
    said = refused(street, "not_enough")
    assert "10" in said.as_text()


def test_too_few_beans_is_said_as_always(street):
    in_force(street, GOODS)
    poor = make_member(street.town, beans=13)
    with pytest.raises(errors.TooFewBeans) as caught:
        take(street, member=poor)
    assert caught.value.context == {"price": 20, "available": 13, "missing": 7}


def test_voucher_lapses_with_the_scheme(street):
    in_force(street, {**GOODS, "voucher": {"until": "11-30"}})
    voucher = take(street)
    assert voucher.expires_at == factories.local("2026-11-30 23:59:59")


def test_two_rules_in_one_sentence_name_the_scheme(street):
    version = in_force(street, SERVICE)
    said = refused(street, "use_not_offered")
    assert version.scheme.name in said.as_text()


# --- The reward's and the provider's own rules -------------------------------------------------------------
def own_refusal(street, expected, **given):
    shown = showing.obstacle(
        street.goods, street.member, home=street.town.grid, spendable=100, has_slots=True
    )
    with pytest.raises(expected) as caught:
        take(street, **given)
    assert shown is not None
    assert shown.code == caught.value.code == expected.refusal_code
    assert shown.as_text() == caught.value.as_text()
    return caught.value


def change(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


@pytest.mark.parametrize(
    ("period", "again"),
    [("day", "2026-11-21"), ("week", "2026-11-23"), ("month", "2026-12-01"), ("year", "2027-01-01")],
)
def test_limit_of_a_reward_by_period(street, clock_at, period, again):
    change(street.goods, person_limit=1, person_period=period)
    take(street)
    own_refusal(street, errors.LimitReached, key="k2")
    day = dt.date.fromisoformat(again)
    clock_at(f"{day - dt.timedelta(days=1)} 23:59")
    with pytest.raises(errors.LimitReached):
        take(street, key="k2")
    clock_at(f"{again} 00:00")
    assert take(street, key="k2")


def test_limit_in_all_never_starts_again(street, clock_at):
    change(street.goods, person_limit=1, person_period="ever")
    take(street)
    clock_at("2030-01-01 09:00")
    own_refusal(street, errors.LimitReachedForGood, key="k2")


def test_reward_from_hours_of_service(street):
    change(street.goods, from_hours=3)
    refusal = own_refusal(street, errors.TooFewHours)
    assert refusal.context == {"hours": 3, "have": 0}
    serve(street, street.member, 180)
    assert take(street)


def test_no_redemption_without_an_agreement(street, clock_at):
    change(street.shop, agreement_from=dt.date(2026, 11, 22), agreement_until=dt.date(2026, 11, 25))
    street.goods.refresh_from_db()
    own_refusal(street, errors.AgreementOver)
    assert street.goods not in Reward.objects.open()
    clock_at("2026-11-25 23:59")
    assert street.goods in Reward.objects.open()
    voucher = take(street)
    clock_at("2026-11-26 00:00")
    own_refusal(street, errors.AgreementOver, key="k2")
    assert voucher.is_issued  # what is open stays good


def test_vouchers_of_a_provider_in_a_month(street, clock_at):
    change(street.shop, monthly_limit=1)
    street.goods.refresh_from_db()
    other = factories.make_reward(provider=street.shop, beans=10)
    first = take(street, other)
    refusal = own_refusal(street, errors.ProviderMonthFull, key="k2")
    assert refusal.context["limit"] == 1
    cancel(first, by=street.member)
    take(street, key="k3")
    clock_at("2026-12-01 00:00")
    assert take(street, other, key="k4")


def test_agreements_that_end_soon_are_listed(street):
    from rewards.models import Provider

    change(street.shop, agreement_until=clock.today() + dt.timedelta(days=30))
    change(street.barber, agreement_until=clock.today() + dt.timedelta(days=31))
    assert list(Provider.objects.expiring()) == [street.shop]


# --- One of several ----------------------------------------------------------------------------------------
def test_choose_one_of_several(street):
    flour = street.goods.options.create(name="面粉", stock=1)
    oil = street.goods.options.create(name="食用油", stock=None)
    with pytest.raises(errors.OptionNeeded):
        take(street)
    voucher = take(street, option=flour)
    assert voucher.option == flour
    flour.refresh_from_db()
    assert flour.stock == 0
    with pytest.raises(errors.OptionGone):
        take(street, key="k2", option=flour)
    assert take(street, key="k3", option=oil)
    cancel(voucher, by=street.member)
    flour.refresh_from_db()
    assert flour.stock == 1


def test_choice_of_another_reward_is_no_choice(street):
    street.goods.options.create(name="面粉")
    other = factories.make_reward(provider=street.shop).options.create(name="米")
    with pytest.raises(errors.OptionNeeded):
        take(street, option=other)
