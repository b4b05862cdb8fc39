"""Mechanisms of the fragments: what no worked example of the fourteen towns shows, one test each."""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction
from typing import Any

import pytest
from django.utils import translation

from points.schemes.parts.earning import Rhythm
from points.schemes.rules import (
    Act,
    Entry,
    History,
    Rules,
    Tally,
    Used,
    award,
    decide,
    level,
    rank,
    standing,
)
from points.schemes.sentences import SENTENCES
from points.schemes.tally import in_a_row
from points.schemes.words import Line
from tests.schemes.towns import ask, hours, town

DAY = dt.date(2024, 6, 1)


def rules(rate: dict[str, Any] | None = None, **parts: Any) -> Rules:
    line = {"id": "s", "name": "s", "rate": rate or {"points": 1}, **parts.pop("line", {})}
    return Rules.from_dict({"earning": [line], **parts})


# --- Earning --------------------------------------------------------------------------------------------
def test_songguantun_one_point_for_two_hours() -> None:
    for whole, count in ((True, 1), (False, 1)):
        assert award(rules({"points": 1, "per": 2, "whole": whole}), hours("7/2")).beans == count


def test_ali_blood_by_quantity_with_minimum_and_steps() -> None:
    blood = rules({"points": 4, "per": 200, "of": "blood", "whole": True, "at_least": 200, "at_most": 400})
    given = [
        award(blood, Act(on=DAY, quantities={"blood": Fraction(ml)})).beans
        for ml in (199, 200, 399, 400, 900)
    ]
    assert given == [0, 4, 4, 8, 8]
    assert award(blood, Act(on=DAY)).code == "below_minimum"


def test_waste_sorting_by_conditions_met_and_household_day() -> None:
    table = {
        "of": "met",
        "rows": [{"from": 1, "points": 1}, {"from": 2, "points": 2}, {"from": 3, "points": 4}],
    }
    found = Rules.from_dict(
        {
            "account": "household",
            "earning": [{"id": "s", "name": "s", "table": table}],
            "limits": [{"most": 5}],
        }
    )
    tally = Tally(found)
    given = [tally.award("flat 3", Act(on=DAY, quantities={"met": Fraction(n)})).beans for n in (0, 2, 3)]
    assert given == [0, 2, 3]


def test_hainan_coefficients_by_difficulty_and_role() -> None:
    parts = [
        {"by": "difficulty", "factors": {"hard": "3/2"}},
        {"by": "role", "factors": {"organiser": "6/5"}},
    ]
    known = hours(2, words={"difficulty": "hard", "role": "organiser"})
    assert award(rules({"points": 10}, coefficients=parts), known).beans == 36


def test_fuxing_moved_in_early_is_worth_more() -> None:
    deadlines = [
        {"until": "2017-12-31", "factor": 1},
        {"until": "2018-12-31", "factor": "1/2"},
    ]
    moved = rules({"points": 10, "of": "times"}, line={"claim": {"deadlines": deadlines}, "service": False})
    given = [award(moved, Act(on=dt.date(year, 12, 31))) for year in (2017, 2018, 2019)]
    assert [each.beans for each in given] == [10, 5, 0]
    assert given[2].code == "after_deadlines"


def test_counting_starts_and_ends() -> None:
    dated = rules(line={"claim": {"since": "2024-06-01", "until": "2024-06-30"}})
    days = (dt.date(2024, 5, 31), dt.date(2024, 6, 1), dt.date(2024, 6, 30), dt.date(2024, 7, 1))
    found = [award(dated, hours(1, on=day)) for day in days]
    assert [each.code for each in found] == ["before_counting_starts", "", "", "after_counting_ends"]


def test_streak_of_days() -> None:
    daily = rules({"points": 1, "of": "times"}, line={"streak": {"of": "day", "every": 3, "points": 5}})
    tally = Tally(daily)
    days = [DAY + dt.timedelta(days=number) for number in (0, 1, 2, 3, 5, 6, 7)]
    assert [tally.award("somebody", Act(on=day)).beans for day in days] == [1, 1, 6, 1, 1, 1, 6]


@pytest.mark.parametrize(
    ("rhythm", "days", "count"),
    [
        (Rhythm.TIMES, ["2024-01-01", "2024-06-01"], 2),
        (Rhythm.WEEK, ["2024-05-20", "2024-05-27", "2024-06-01"], 2),
        (Rhythm.MONTH, ["2024-03-09", "2024-04-30", "2024-05-01", "2024-06-01"], 4),
        (Rhythm.MONTH, ["2024-04-30", "2024-06-01"], 1),
    ],
)
def test_in_a_row(rhythm: Rhythm, days: list[str], count: int) -> None:
    assert in_a_row(rhythm, map(dt.date.fromisoformat, days), DAY) == count


def test_lifted_limit_is_documented() -> None:
    capped = rules(limits=[{"of": "hours", "most": 8, "per": "activity", "override": True}])
    assert award(capped, hours(10)).beans == 8
    lifted = award(capped, hours(10, lifted=True))
    assert (lifted.beans, lifted.lines[0].code) == (10, "limit_lifted")


@pytest.mark.parametrize(
    ("rounding", "minutes", "counted"),
    [
        ({"step": 30}, 89, 60),  # Ruian
        ({"step": 60, "direction": "up"}, 61, 120),
        ({"step": 60, "direction": "half_up"}, 90, 120),
        ({"step": 60, "direction": "half_up"}, 89, 60),
        ({"least": 60}, 20, 60),  # Jiaozhou
        ({"least": 60}, 75, 75),
    ],
)
def test_minutes_are_rounded_for_points_only(rounding: dict[str, Any], minutes: int, counted: int) -> None:
    known = hours(Fraction(minutes, 60))
    found = award(rules({"points": 60}, rounding={"minutes": rounding}), known)
    assert (found.minutes, found.beans, known.minutes) == (counted, counted, minutes)


def test_limits_nest_from_the_narrow_to_the_wide() -> None:
    parts = {
        "earning": [
            {"id": "a", "name": "a", "act": "a", "rate": {"points": 3, "of": "times"}},
            {"id": "b", "name": "b", "act": "b", "rate": {"points": 3, "of": "times"}},
        ],
        "limits": [
            {"most": 4, "per": "day", "each": True},
            {"most": 6, "per": "day"},
            {"most": 8, "per": "month"},
        ],
    }
    tally = Tally(Rules.from_dict(parts))
    days = [(1, "a"), (1, "a"), (1, "b"), (1, "b"), (2, "a")]
    acts = [Act(on=dt.date(2024, 6, day), act=name) for day, name in days]
    assert [tally.award("somebody", each).beans for each in acts] == [3, 1, 2, 0, 2]


# --- Levels and rankings --------------------------------------------------------------------------------
def ladder(**more: Any) -> Rules:
    steps = [{"id": f"s{n}", "name": f"s{n}", "needs": {"hours": n * 100}} for n in (1, 2, 3)]
    return Rules.from_dict({"levels": [{"id": "star", "name": "star", "steps": steps, **more}]})


def test_level_stays_unless_levels_fall() -> None:
    assert level(ladder(), "star", {"hours": 150}, best="s3").rank == 3
    assert level(ladder(falls=True), "star", {"hours": 150}, best="s3").rank == 1
    assert level(ladder(), "star", {"hours": 0}).step is None


def test_level_only_after_the_one_before() -> None:
    steps = [
        {"id": "a", "name": "a", "needs": {"sessions": 5}},
        {"id": "b", "name": "b", "needs": {"hours": 10}, "after": "a"},
    ]
    apply_in_turn = Rules.from_dict({"levels": [{"id": "star", "name": "star", "steps": steps}]})
    assert level(apply_in_turn, "star", {"hours": 50}).rank == 0
    assert level(apply_in_turn, "star", {"hours": 50, "sessions": 5}).rank == 2


def test_prize_comes_round() -> None:
    cyclic = ladder(cycles=[{"of": "hours", "every": 50, "prize": {"zh": "毛巾", "en": "a towel"}}])
    found = level(cyclic, "star", {"hours": 149})
    assert found.prizes == (("毛巾", 2),)
    with translation.override("en"):
        assert found.lines[-1].text == "a towel: 2 times so far (for every 50 hours)."


def test_ranking_shares_places_and_does_not_depend_on_the_order() -> None:
    top = Rules.from_dict({"rankings": [{"id": "r", "name": "r", "places": 3}]})
    entries = [Entry("a", 9), Entry("b", 7), Entry("c", 7), Entry("d", 7), Entry("e", 1), Entry("f", 0)]
    first = [(each.place, each.entry.key) for each in rank(top, "r", entries)]
    assert first == [(1, "a"), (2, "b"), (2, "c"), (2, "d")]
    random.Random(1).shuffle(entries)
    assert [(each.place, each.entry.key) for each in rank(top, "r", entries)] == first


def test_counter_says_how_far_it_is() -> None:
    found = standing(town("longquanyi"), [("no_show", DAY)], DAY)[0]
    assert (found.count, found.is_reached) == (1, False)
    with translation.override("en"):
        assert found.lines[0].text.startswith("Absences without a word: 1 in one year. From 5 on:")


# --- Uses -----------------------------------------------------------------------------------------------
def use(**more: Any) -> Rules:
    units = [{"code": "BEAN", "name": "豆"}, {"code": "LOVE", "name": "爱心豆"}]
    return Rules.from_dict({"units": units, "uses": [{"id": "u", "name": "u", "kind": "goods", **more}]})


@pytest.mark.parametrize(
    ("more", "request_", "code"),
    [
        ({"at_least": 10}, {"points": 9}, "below_least"),
        ({"at_least": 10, "step": 5}, {"points": 12}, "not_in_steps"),
        ({"at_least": 10, "step": 5}, {"points": 15}, ""),
        ({}, {"points": 101}, "not_enough"),
        ({}, {}, "price_missing"),
        ({"also": [{"unit": "LOVE", "points": 1, "per": 10}]}, {"points": 51}, "not_enough_also"),
        ({"also": [{"unit": "LOVE", "points": 1, "per": 10}]}, {"points": 50}, ""),
        ({"refund": False}, {"points": 5, "action": "return"}, "no_refund"),
        ({}, {"points": 5, "action": "return"}, ""),
        ({}, {"action": "collect", "made_on": DAY}, "no_voucher"),
        ({"quotas": [{"most": 150, "of": "yuan"}], "value": {"yuan": 1}}, {"yuan": 51}, "quota_used_up"),
        ({"quotas": [{"most": 150, "of": "yuan"}], "value": {"yuan": 1}}, {"yuan": 50}, ""),
        ({"calendar": {"days": [30], "months": [2]}}, {"points": 1}, "closed_for_good"),
        ({"kind": "donation", "buckets": ["donate_only"]}, {"points": 1}, "wrong_bucket"),
    ],
)
def test_use_is_decided(more: dict[str, Any], request_: dict[str, Any], code: str) -> None:
    known = {"balances": {"BEAN": 100, "LOVE": 5}, "before": (Used("u", DAY, yuan=Fraction(100)),)}
    found = ask(use(**more), "u", **{**known, **request_})
    assert (found.code, found.allowed) == (code, not code)
    assert found.text


def test_same_request_has_the_same_answer() -> None:
    from points.schemes.rules import Request

    request = Request.from_dict({"use": "u", "at": "2024-06-05", "points": 5, "balances": {"BEAN": 9}})
    assert decide(use(), request) == decide(use(), Request.from_dict(request.to_dict()))
    assert History.from_dict(History().to_dict()) == History()


# --- Sentences ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_sentence_has_a_reader(language: str) -> None:
    class Anything(dict[str, Any]):
        def __missing__(self, key: str) -> int:
            return 1

    with translation.override(language):
        for code, sentence in SENTENCES.items():
            assert str(sentence % Anything({"beans": 1, "left": 1})), code


def test_line_from_storage_reads_the_same() -> None:
    found = award(town("hailin"), hours(3))
    for language in ("en", "zh-hans"):
        with translation.override(language):
            kept = found.to_dict()["lines"]
            assert [Line(**each).text for each in kept] == [line.text for line in found.lines]
