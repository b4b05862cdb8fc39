"""The worked examples of fourteen published schemes, each test named after its town.

Left out is what the source itself marks as ambiguous. What a file leaves out on purpose is tested as that.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from django.utils import translation

from points.schemes import files
from points.schemes.expiry import is_lapsed
from points.schemes.rules import (
    Bucket,
    Entry,
    History,
    Tally,
    Used,
    award,
    expiry_of,
    level,
    rank,
    standing,
)
from tests.schemes.towns import EXAMPLES, act, ask, hours, town

NAMES = [
    "01-hailin", "02-longquanyi", "04-huangshi", "06-shengzhou", "07-changsha", "09-qidong", "10-beijing",
    "11-nanjing", "13-shouguang", "15-emeishan", "17-renshou", "18-jinhua", "19-dinghai", "20-county",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_file_reads_back_as_it_was_written(name: str) -> None:
    rules = town(name)
    again, _other, mistakes = files.read(files.write(rules))
    assert (again, mistakes) == (rules, [])


def test_all_fourteen_are_there() -> None:
    assert sorted(path.name[:2] for path in EXAMPLES.glob("*.yaml")) == [name[:2] for name in NAMES]


# --- 01 Hailin ------------------------------------------------------------------------------------------
def test_hailin_three_hours_count_two() -> None:
    found = award(town("hailin"), hours(3))
    assert (found.beans, found.minutes) == (2, 120)


def test_hailin_two_activities_and_a_referral() -> None:
    tally = Tally(town("hailin"))
    acts = [hours(2), hours(2, on=dt.date(2024, 6, 8)), act("referral")]
    found = [tally.award("zhang", each) for each in acts]
    assert sum(each.beans for each in found) == 6
    assert sum(each.minutes for each in found) == 240
    assert found[2].lines[-1].code == "not_service"


def test_hailin_second_redemption_of_a_quarter_is_refused() -> None:
    before = (Used("goods", dt.date(2024, 4, 10), points=3),)
    known = {"points": 2, "balances": {"BEAN": 3}, "before": before}
    refused = ask(town("hailin"), "goods", "2024-06-05", **known)
    assert (refused.allowed, refused.code) == (False, "quota_used_up")
    assert ask(town("hailin"), "goods", "2024-07-01", **known).allowed  # the next quarter


def test_hailin_complaint_zeroes_the_activity() -> None:
    found = award(town("hailin"), hours(2, flags={"complaint_upheld": True}))
    assert (found.beans, found.minutes, found.code) == (0, 0, "voided")


@pytest.mark.parametrize("missing", ["filed", "in_team", "registered"])
def test_hailin_only_filed_activities_of_team_members(missing: str) -> None:
    assert award(town("hailin"), hours(2, flags={missing: False})).code == "condition_not_met"


# --- 02 Longquanyi --------------------------------------------------------------------------------------
def test_longquanyi_level_needs_hours_and_points() -> None:
    found = level(town("longquanyi"), "star", {"TIME": 210, "BEAN": 2050})
    assert found.step is not None
    assert (found.step.id, dict(found.missing)) == ("star2", {"BEAN": Fraction(50)})


def test_longquanyi_spending_hours_demotes() -> None:
    rules = town("longquanyi")
    held = {"TIME": 205, "BEAN": 2110}
    before = level(rules, "star", held)
    asked = ask(rules, "help", points=10, balances=held)
    assert asked.allowed
    after = level(rules, "star", {**held, "TIME": held["TIME"] - asked.points}, best="star3")
    assert before.step is not None
    assert after.step is not None
    assert (before.step.id, after.step.id) == ("star3", "star2")


def test_longquanyi_too_few_points_for_help() -> None:
    refused = ask(town("longquanyi"), "help", points=1, balances={"TIME": 40, "BEAN": 390})
    assert refused.code == "condition_not_met"
    assert ask(town("longquanyi"), "help", points=1, balances={"TIME": 40, "BEAN": 400}).allowed


def test_longquanyi_no_show_counter_restarts_each_year() -> None:
    december = [("no_show", dt.date(2023, 12, day)) for day in (5, 12, 19)]
    january = [("no_show", dt.date(2024, 1, day)) for day in (9, 16)]
    for on in (dt.date(2023, 12, 31), dt.date(2024, 1, 31)):
        assert not any(each.is_reached for each in standing(town("longquanyi"), december + january, on))
    five = [("no_show", dt.date(2024, month, 1)) for month in range(1, 6)]
    assert [each.is_reached for each in standing(town("longquanyi"), five, dt.date(2024, 5, 1))] == [
        True,
        False,
    ]


# --- 04 Huangshi ----------------------------------------------------------------------------------------
def test_huangshi_only_signed_hours_give_points() -> None:
    tally = Tally(town("huangshi"))
    signed = tally.award("li", hours(3))
    entered = tally.award("li", hours(2, grade="supplemented"))
    assert (signed.beans + entered.beans, signed.minutes + entered.minutes) == (3, 300)


def test_huangshi_points_lapse_at_the_end_of_the_year() -> None:
    rules = town("huangshi")
    june = dt.date(2024, 6, 15)
    assert expiry_of(rules, june) == dt.date(2024, 12, 31)
    assert not is_lapsed(rules, june, dt.date(2024, 12, 31))
    assert is_lapsed(rules, june, dt.date(2025, 1, 1))
    refused = ask(rules, "machine", "2025-01-01", points=10, balances={"BEAN": 0}, numbers={"hours": 10})
    assert refused.code == "not_enough"


def test_huangshi_forgotten_sign_out_gives_hours_without_points() -> None:
    found = award(town("huangshi"), hours(4, grade="supplemented"))
    assert (found.minutes, found.beans, found.code) == (240, 0, "hours_class")


# --- 06 Shengzhou ---------------------------------------------------------------------------------------
LIVES_HERE = {"words": {"residence": "嵊州市"}, "flags": {"registered": True}, "numbers": {"hours": 10}}


def test_shengzhou_third_gift_of_a_kind_is_refused() -> None:
    rules = town("shengzhou")
    before = tuple(Used("gift", dt.date(2020 + n, 3, 1), item="cup") for n in (1, 2))
    known = {"points": 1, "balances": {"BEAN": 50}, "before": before, **LIVES_HERE}
    assert ask(rules, "gift", item="cup", **known).code == "quota_used_up"
    assert ask(rules, "gift", item="towel", **known).allowed


def test_shengzhou_voucher_lapses_after_a_year() -> None:
    rules, made = town("shengzhou"), dt.date(2024, 3, 1)
    assert ask(rules, "gift", "2025-03-01", action="collect", made_on=made).allowed
    assert ask(rules, "gift", "2025-03-02", action="collect", made_on=made).code == "voucher_lapsed"


def test_shengzhou_who_lives_elsewhere_is_not_eligible() -> None:
    known = {"words": {"residence": "杭州市"}, "flags": {"registered": True}, "numbers": {"hours": 300}}
    assert (
        ask(town("shengzhou"), "gift", points=1, balances={"BEAN": 300}, **known).code == "condition_not_met"
    )


def test_shengzhou_counts_hours_and_sessions() -> None:
    assert award(town("shengzhou"), hours(3)).beans == 4


# --- 07 Changsha ----------------------------------------------------------------------------------------
def shop(name: str, points: int, rate: int, have: int, *before: Used):  # type: ignore[no-untyped-def]
    known = {"merchant": name, "points": points, "rate": rate, "numbers": {"hours": have}, "before": before}
    return ask(town("changsha"), "shops", **known)


def test_changsha_the_same_hours_count_at_another_shop() -> None:
    at_a = Used("shops", dt.date(2024, 6, 1), points=8, merchant="A")
    at_b = Used("shops", dt.date(2024, 6, 2), points=12, merchant="B")
    assert shop("A", 8, 10, 12).worth_yuan == 80
    assert shop("B", 12, 100, 12, at_a).worth_yuan == 1200
    assert shop("A", 4, 10, 12, at_a, at_b).allowed
    assert shop("A", 5, 10, 12, at_a, at_b).code == "nothing_new_here"
    assert shop("B", 1, 100, 12, at_a, at_b).code == "nothing_new_here"


def test_changsha_new_hours_count_at_the_first_shop_again() -> None:
    at_a = Used("shops", dt.date(2024, 6, 1), points=8, merchant="A")
    assert shop("A", 7, 10, 15, at_a).allowed
    assert not shop("A", 8, 10, 15, at_a).allowed


def test_changsha_under_five_hours_is_refused_everywhere() -> None:
    assert [shop(name, 1, 10, 4).code for name in "AB"] == ["condition_not_met"] * 2
    assert shop("A", 1, 9, 12).code == "rate_outside"


# --- 09 Qidong ------------------------------------------------------------------------------------------
def test_qidong_650_hours_give_one_benefit_of_300_yuan() -> None:
    known = {"numbers": {"hours.year": 650}}
    found = ask(town("qidong"), "courtesy", choice="电影卡", **known)
    assert (found.allowed, found.worth_yuan) == (True, 300)
    before = (Used("courtesy", dt.date(2024, 5, 1)),)
    assert ask(town("qidong"), "courtesy", choice="电影卡", before=before, **known).code == "quota_used_up"
    assert ask(town("qidong"), "courtesy", choice="羽毛球卡", **known).code == "not_among_choices"
    assert ask(town("qidong"), "courtesy", numbers={"hours.year": 99}).code == "no_benefit_yet"


def test_qidong_stars_of_the_year() -> None:
    steps = [level(town("qidong"), "star", {"hours": count}).rank for count in (99, 100, 650, 1500, 9000)]
    assert steps == [0, 1, 3, 5, 5]


# --- 10 Beijing -----------------------------------------------------------------------------------------
def test_beijing_outing_moves_coins_from_the_elder_to_the_volunteer() -> None:
    rules = town("beijing")
    earned = award(rules, hours(3, numbers={"age": Fraction(30)}))
    known = {"words": {"relation": "self"}, "numbers": {"user_age": 72}, "flags": {"in_need": True}}
    paid = ask(rules, "care", points=3, balances={"COIN": 3}, **known)
    assert (earned.points("COIN"), paid.allowed, paid.points) == (3, True, 3)
    assert "goes_to_helper" in [line.code for line in paid.lines]


def test_beijing_young_owner_may_only_give_to_the_family() -> None:
    rules, held = town("beijing"), {"COIN": 40}
    own = {"words": {"relation": "self"}, "numbers": {"user_age": 35}, "flags": {"in_need": True}}
    assert ask(rules, "care", points=1, balances=held, **own).code == "condition_not_met"
    assert ask(rules, "gift", points=40, balances=held, words={"relation": "parent"}).allowed


def test_beijing_coins_buy_neither_rice_nor_cash() -> None:
    for use, code in (("rice", "use_not_offered"), ("goods", "use_not_offered"), ("cash", "no_cash")):
        assert ask(town("beijing"), use, points=1, balances={"COIN": 40}).code == code


def test_beijing_gift_to_a_neighbour_is_refused_and_donation_allowed() -> None:
    rules, held = town("beijing"), {"COIN": 40}
    neighbour = ask(rules, "gift", points=1, balances=held, words={"relation": "neighbour"})
    assert neighbour.code == "condition_not_met"
    assert ask(rules, "donate", points=1, balances=held).allowed


@pytest.mark.parametrize(("age", "led", "coins"), [(17, False, 0), (17, True, 2), (18, False, 2)])
def test_beijing_pupils_are_led_by_a_guardian(age: int, led: bool, coins: int) -> None:
    pupil = hours(2, numbers={"age": Fraction(age)}, flags={"with_guardian": led})
    assert award(town("beijing"), pupil).points("COIN") == coins


# --- 11 Nanjing -----------------------------------------------------------------------------------------
def test_nanjing_above_the_ceiling_is_for_giving_away() -> None:
    found = award(town("nanjing"), hours(5), History(balances={"COIN": 1498}))
    assert found.points("COIN") == 2  # 1500 to spend
    assert found.points("COIN", Bucket.DONATE_ONLY) == 3
    assert found.minutes == 300


def test_nanjing_team_hours_can_only_be_given_away() -> None:
    rules, held = town("nanjing"), {"COIN": 40}
    assert ask(rules, "care", points=1, account="team", balances=held).code == "wrong_account"
    assert ask(rules, "donate", points=40, account="team", balances=held).allowed
    young = ask(rules, "care", points=1, bucket="donate_only", balances=held)
    assert young.code == "wrong_bucket"


# --- 13 Shouguang ---------------------------------------------------------------------------------------
def test_shouguang_booklet_after_three_days_is_too_late() -> None:
    rules = town("shouguang")
    late = hours(2, claimed_on=dt.date(2024, 6, 5))
    assert (award(rules, late).beans, award(rules, late).code) == (0, "claimed_late")
    assert award(rules, hours(2, claimed_on=dt.date(2024, 6, 4))).beans == 2


def test_shouguang_ten_points_buy_thirty_yuan_of_goods() -> None:
    found = ask(town("shouguang"), "goods", "2024-07-15", points=10, balances={"BEAN": 10})
    assert (found.allowed, found.worth_yuan) == (True, 30)


def test_shouguang_after_the_fifteenth_one_waits_a_month() -> None:
    refused = ask(town("shouguang"), "goods", "2024-07-16", points=10, balances={"BEAN": 10})
    assert (refused.code, refused.lines[0].params["next"]) == ("closed_today", {"day": "2024-08-15"})


# --- 15 Emeishan ----------------------------------------------------------------------------------------
def test_emeishan_labour_and_patrol_make_three_bars_of_soap() -> None:
    rules = town("emeishan")
    base = rules.unit("BEAN").base
    earned = award(rules, act("labour")).beans + award(rules, act("patrol")).beans
    assert earned == 15
    known = {"account": "household", "balances": {"BEAN": base + earned}}
    assert ask(rules, "goods", points=3 * 5, pieces=3, **known).allowed
    assert ask(rules, "goods", points=3 * 5 + 1, **known).code == "not_enough"


def test_emeishan_begins_every_year_at_the_base() -> None:
    rules = town("emeishan")
    base = rules.unit("BEAN").base
    assert expiry_of(rules, dt.date(2024, 5, 1)) == dt.date(2024, 12, 31)
    refused = ask(rules, "goods", "2025-01-01", points=1, account="household", balances={"BEAN": base})
    assert refused.code == "not_enough"
    assert refused.lines[0].params["left"]["n"] == 0


# --- 17 Renshou -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2021-06-01T12:30", "closed_now"),  # a Tuesday
        ("2021-06-01T11:59", ""),
        ("2021-06-01T14:00", ""),
        ("2021-06-05T10:00", "closed_today"),  # a Saturday
        ("2021-10-01T10:00", "closed_today"),  # a public holiday
    ],
)
def test_renshou_exchange_hours(at: str, code: str) -> None:
    assert ask(town("renshou"), "coupon", at, points=40, balances={"BEAN": 40}).code == code


def test_renshou_voucher_is_worth_nothing_in_the_new_year() -> None:
    made = dt.date(2021, 12, 20)
    assert ask(town("renshou"), "coupon", "2021-12-31", action="collect", made_on=made).allowed
    late = ask(town("renshou"), "coupon", "2022-01-03", action="collect", made_on=made)
    assert late.code == "voucher_lapsed"


# --- 18 Jinhua ------------------------------------------------------------------------------------------
def test_jinhua_sweeps_and_reports_are_left_out() -> None:
    rules = town("jinhua")
    for name, times in (("sweep", 3), ("report", 1)):  # the source: 600 and 50 points
        assert award(rules, act(name, times=times)).code == "not_in_catalogue"
    assert len([note for note in rules.left_out if "分" in note.rule]) == 2


def test_jinhua_awards_the_first_five_of_each_role() -> None:
    citizens = [Entry(f"c{n}", 100 - n, "市民") for n in range(9)]
    leaders = [Entry(f"l{n}", 50 - n, "微网格长") for n in range(9)]
    found = rank(town("jinhua"), "stars", [*leaders, *citizens])
    assert [each.entry.key for each in found] == [f"c{n}" for n in range(5)] + [f"l{n}" for n in range(5)]


def test_jinhua_no_cash_and_no_transfer() -> None:
    held = {"BEAN": 100}
    assert ask(town("jinhua"), "cash", points=1, balances=held).code == "no_cash"
    assert ask(town("jinhua"), "transfer", points=1, balances=held).code == "use_not_offered"


# --- 19 Dinghai -----------------------------------------------------------------------------------------
def test_dinghai_520_hours_give_500_charity_coins() -> None:
    tally = Tally(town("dinghai"))
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=5 * number) for number in range(65)]
    coins = [tally.award("wu", hours(8, on=day)).points("CHARITY") for day in days]
    assert (sum(coins), coins[61:]) == (500, [8, 4, 0, 0])
    assert tally.award("wu", hours(8, on=dt.date(2025, 1, 1))).points("CHARITY") == 8


def test_dinghai_books_borrowed_and_given() -> None:
    tally = Tally(town("dinghai"))
    borrowed = tally.award("wu", act("borrow", quantities={"books": Fraction(3)}))
    given = tally.award("wu", act("donate_book", quantities={"books": Fraction(1)}, flags={"verified": True}))
    assert borrowed.points("KNOWL") + given.points("KNOWL") == 16
    unproven = act("donate_book", quantities={"books": Fraction(1)})
    assert award(town("dinghai"), unproven).code == "condition_not_met"


def test_dinghai_two_lessons_taught() -> None:
    assert (
        award(town("dinghai"), act("teacher", quantities={"lessons": Fraction(2)})).points("CULTURE") == 100
    )


def test_dinghai_three_coins_are_spent_as_one() -> None:
    held = {"KNOWL": 16, "CULTURE": 100, "CHARITY": 4}
    assert ask(town("dinghai"), "goods", points=120, balances=held).allowed
    assert ask(town("dinghai"), "goods", points=121, balances=held).code == "not_enough"


def test_dinghai_desk_hours_are_not_counted_twice() -> None:
    found = award(town("dinghai"), hours(2, act="desk"))
    assert [(each.unit, each.points) for each in found.amounts] == [("KNOWL", 20)]


# --- 20 a county ----------------------------------------------------------------------------------------
def test_county_charity_item_for_points_only() -> None:
    found = ask(town("county-charity"), "full", yuan=60, balances={"BEAN": 60})
    assert (found.allowed, found.points, found.rest_yuan) == (True, 60, 0)


def test_county_charity_points_pay_the_reduction_only() -> None:
    known = {"yuan": 100, "reduction_yuan": 20, "balances": {"BEAN": 60}}
    found = ask(town("county-charity"), "discount", **known)
    assert (found.allowed, found.points, found.rest_yuan) == (True, 20, 80)  # 80 yuan: no matter of ours
    assert ask(town("county-charity"), "part", **known).code == "use_not_offered"


def test_county_charity_titles_for_giving() -> None:
    found = level(town("county-charity"), "giver", {"donated": 500})
    assert found.step is not None
    with translation.override("en"):
        assert found.lines[0].text == "“silver volunteer”: points given away 500 are reached."
