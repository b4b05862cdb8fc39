"""The pure functions: what holds for every rule and every fact, and worked examples by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from points.ledger.models import NEVER as LEDGER_NEVER
from points.records.models import ServiceRecord
from points.refusals import Refusal
from points.schemes import rules as scheme_rules
from points.schemes.expiry import expiry_line
from points.schemes.facts import start_of, total_key
from points.schemes.rules import (
    NEVER,
    Act,
    History,
    Line,
    Period,
    Rules,
    Tally,
    award,
    estimate,
    expiry_of,
    service,
    written_factor,
)
from points.schemes.summary import summary

DAY = dt.date(2026, 11, 25)
FLAT: dict[str, Any] = {
    "beans_per_hour": 10,
    "category_factor_percent": {"care": 150, "outreach": 80},
    "cap_per_day": 80,
    "expiry_months": 24,
}
DEMO = Rules.from_dict(FLAT)
CATEGORIES = ("care", "outreach", "repair")
GRADES = ("system_verified", "organiser_witnessed", "supplemented")

ratios = st.fractions(min_value=0, max_value=100, max_denominator=12).map(
    lambda value: f"{value.numerator}/{value.denominator}"
)
periods = st.sampled_from(["activity", "day", "week", "month", "quarter", "year", "ever"])
bases = st.one_of(
    st.fixed_dictionaries(
        {
            "rate": st.fixed_dictionaries(
                {
                    "points": ratios,
                    "per": st.sampled_from([1, 2, "1/2"]),
                    "of": st.sampled_from(["hours", "times", "books"]),
                    "whole": st.booleans(),
                }
            )
        }
    ),
    st.fixed_dictionaries({"range": st.just({"low": 2, "high": 9})}),
    st.fixed_dictionaries(
        {"table": st.just({"of": "books", "rows": [{"from": 1, "points": 1}, {"from": 3, "points": 4}]})}
    ),
)
lines = st.builds(
    lambda basis, more: {"name": "x", **basis, **more},
    bases,
    st.fixed_dictionaries(
        {"service": st.booleans(), "act": st.sampled_from(["service", "other"])},
        optional={
            "streak": st.just({"every": 2, "points": 3}),
            "claim": st.just(
                {
                    "within_days": 3,
                    "since": "2026-01-01",
                    "deadlines": [{"until": "2027-01-01", "factor": "1/2"}],
                }
            ),
            "when": st.just([{"fact": "category", "is": ["care", "repair"]}]),
        },
    ),
)


def whole(parts: dict[str, Any], earning: list[dict[str, Any]], caps: list[tuple[str, int]]) -> Rules:
    """Limits sorted so that they do not contradict each other; names made different."""
    order = [period.value for period in Period]
    chosen = sorted({period for period, _most in caps}, key=order.index)
    amounts = sorted(most for _period, most in caps)
    limits = [{"per": period, "most": most} for period, most in zip(chosen, amounts, strict=False)]
    named = [{**each, "id": f"line{at}"} for at, each in enumerate(earning)]
    return Rules.from_dict({**parts, "earning": named, "limits": limits})


some_rules = st.builds(
    whole,
    st.fixed_dictionaries(
        {},
        optional={
            "coefficients": st.just([{"by": "category", "factors": {"care": "3/2", "outreach": "4/5"}}]),
            "hours": st.sampled_from([[], [{"grades": ["supplemented"], "name": "x", "factor": "1/2"}]]),
            "quality": st.just({"percent_of_plan": 60}),
            "rounding": st.fixed_dictionaries(
                {
                    "minutes": st.fixed_dictionaries(
                        {
                            "step": st.sampled_from([1, 30, 60]),
                            "direction": st.sampled_from(["down", "half_up", "up"]),
                            "least": st.sampled_from([0, 60]),
                        }
                    ),
                    "points": st.fixed_dictionaries(
                        {
                            "step": st.sampled_from([1, 5]),
                            "direction": st.sampled_from(["down", "half_up", "up"]),
                            "scope": st.sampled_from(["activity", "running"]),
                        }
                    ),
                }
            ),
            "ceilings": st.just([{"most": 500, "overflow": "donate_only"}]),
        },
    ),
    st.lists(lines, max_size=3),
    st.lists(st.tuples(periods, st.integers(0, 400)), max_size=4),
)

some_acts = st.builds(
    Act,
    on=st.dates(dt.date(2025, 12, 1), dt.date(2027, 2, 1)),
    act=st.sampled_from(["service", "other"]),
    minutes=st.integers(0, 1440),
    planned_minutes=st.integers(0, 1440),
    times=st.integers(1, 5),
    quantities=st.fixed_dictionaries({"books": st.integers(0, 9).map(Fraction)}),
    score=st.none() | st.integers(0, 12),
    words=st.fixed_dictionaries({"category": st.sampled_from(CATEGORIES), "grade": st.sampled_from(GRADES)}),
)


def facts(minutes: int = 120, *, category: str = "repair", **values: Any) -> Act:
    words = {"category": category, "grade": values.pop("grade", "system_verified")}
    return Act(**{"on": DAY, "minutes": minutes, "planned_minutes": 120, "words": words, **values})


def already(beans: int) -> History:
    return History({total_key("BEAN", "", Period.DAY): Fraction(beans)})


# --- What always holds ----------------------------------------------------------------------------------
@given(some_rules, some_acts)
def test_award_is_whole_and_never_negative(rules: Rules, known: Act) -> None:
    found = award(rules, known)
    for amount in found.amounts:
        assert type(amount.points) is int
        assert amount.points >= 0
    if found.code:
        assert not any(amount.points for amount in found.amounts)


@given(some_rules, some_acts)
def test_award_is_the_same_every_time_and_after_storage(rules: Rules, known: Act) -> None:
    first = award(rules, known)
    assert award(rules, known) == first
    again = award(Rules.from_dict(rules.to_dict()), Act.from_dict(known.to_dict()))
    assert again.to_dict() == first.to_dict()


@given(some_rules, some_acts)
def test_every_award_explains_itself_in_both_languages(rules: Rules, known: Act) -> None:
    found = award(rules, known)
    assert found.lines
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert all(summary(rules))
            for line in found.lines:
                assert line.text
                assert "%(" not in line.text
                assert Line(**line.to_dict()).text == line.text


@given(some_rules, st.lists(some_acts, max_size=12))
def test_limits_hold_over_any_sequence(rules: Rules, acts: list[Act]) -> None:
    tally = Tally(rules)
    made = [(known, tally.award("somebody", known)) for known in sorted(acts, key=lambda each: each.on)]
    for limit in rules.limits:
        sums: dict[Any, int] = {}
        for at, (known, found) in enumerate(made):
            start = at if limit.per is Period.ACTIVITY else start_of(limit.per, known.on)
            sums[start] = sums.get(start, 0) + sum(each.points for each in found.amounts)
        assert all(total <= limit.most for total in sums.values())
    held = sum(found.beans for _known, found in made)
    assert all(held <= ceiling.most for ceiling in rules.ceilings)


@given(
    some_rules.filter(lambda rules: all(each.rate for each in rules.earning)), some_acts, st.integers(0, 600)
)
def test_award_never_falls_with_more_minutes(rules: Rules, known: Act, more: int) -> None:
    longer = dataclasses.replace(known, minutes=known.minutes + more)
    assert award(rules, longer).beans >= award(rules, known).beans


@given(st.lists(st.integers(1, 300), min_size=1, max_size=20))
def test_running_total_loses_nothing(services: list[int]) -> None:
    parts = {
        "earning": [{"id": "s", "name": "x", "rate": {"points": 1, "per": 2}}],
        "rounding": {"points": {"scope": "running"}},
    }
    tally = Tally(Rules.from_dict(parts))
    given_out = sum(tally.award("somebody", facts(minutes, planned_minutes=0)).beans for minutes in services)
    assert given_out == sum(services) // 120


@given(st.integers(1, 1200), st.dates(), st.integers(0, 400))
def test_expiry_never_comes_earlier_for_a_later_release(months: int, on: dt.date, later: int) -> None:
    if on.toordinal() + later > dt.date.max.toordinal():
        return
    for validity in ({"months": months}, {"until": "06-30"}, {"until": "12-31", "years": 1}, {}):
        rules = Rules.from_dict({"expiry": [{"validity": validity}]})
        assert expiry_of(rules, on + dt.timedelta(days=later)) >= expiry_of(rules, on) >= on


# --- Worked by hand -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("minutes", "category", "beans"),
    [
        (120, "repair", 20),
        (120, "care", 30),
        (120, "outreach", 16),
        (119, "repair", 19),  # 19.83, rounded down
        (100, "care", 25),
        (73, "outreach", 9),  # 60.8 % of the plan; 9.73
        (72, "repair", 12),  # exactly 60 %
        (71, "repair", 0),  # 59.2 %
        (0, "repair", 0),
    ],
)
def test_award_by_hand(minutes: int, category: str, beans: int) -> None:
    assert award(DEMO, facts(minutes, category=category)).beans == beans


def texts(known: Act, history: History | None = None) -> list[str]:
    return [line.text for line in award(DEMO, known, history or History()).lines]


def test_award_reads_like_a_story() -> None:
    with translation.override("en"):
        assert texts(facts()) == [
            "You served 2 hours. The rule gives 10 beans for 1 hour, so that makes 20 beans."
        ]
        assert texts(facts(240, category="care"), already(65)) == [
            "You served 4 hours. The rule gives 10 beans for 1 hour, so that makes 40 beans.",
            "This kind (kind of service: Care and visits) counts 1.5 times: 40 beans become 60 beans.",
            "At most 80 beans for one day. 15 beans were left, so you get 15 beans.",
        ]
        assert texts(facts(), already(80))[-1] == (
            "At most 80 beans for one day. That was reached before, so nothing is added."
        )
        assert texts(facts(60)) == [
            "You stayed 1 hour of 2 hours planned. Below 60% hours count, but give no points."
        ]
        assert texts(facts(100))[-1] == "Only whole points are paid: 50/3 beans become 16 beans."


def test_lines_of_the_first_form_still_read() -> None:
    rate = Line("rate", {"minutes": 120, "rate": 10, "factor": "1.5", "beans": 30})
    cap = Line("cap", {"cap": 80, "left": 1})
    with translation.override("en"):
        assert rate.text == "120 minutes × 10 beans per hour × 1.5 = 30 beans"
        assert cap.text == "Daily cap of 80 beans: 1 bean left that day."
        assert Line("too_short", {"minutes": 1, "planned": 2, "percent": 60}).text.startswith(
            "1 of 2 planned"
        )
        assert Line("supplemented").text
        assert Line("cap_reached", {"cap": 80}).text


def test_supplement_earns_only_if_the_rules_say_so() -> None:
    late = facts(grade="supplemented")
    assert award(DEMO, late).beans == 0
    assert award(DEMO, late).code == "hours_class"
    assert award(Rules.from_dict({**FLAT, "supplement_earns": True}), late).beans == 20


def test_grades_are_those_of_records() -> None:
    assert scheme_rules.SUPPLEMENTED == ServiceRecord.Grade.SUPPLEMENTED
    assert scheme_rules.SYSTEM_VERIFIED == ServiceRecord.Grade.SYSTEM_VERIFIED
    assert NEVER == LEDGER_NEVER


def test_estimate_is_the_award_of_a_shift_served_in_full() -> None:
    assert estimate(DEMO, 120, "care") == 30
    assert estimate(DEMO, 24 * 60, "care") == 80  # the cap of the day
    assert service(60, 60, "care").words["category"] == "care"


@pytest.mark.parametrize(
    ("months", "on", "expires"),
    [
        (24, dt.date(2026, 11, 28), dt.date(2028, 11, 28)),
        (6, dt.date(2026, 8, 31), dt.date(2027, 2, 28)),
        (6, dt.date(2027, 8, 31), dt.date(2028, 2, 29)),
        (1, dt.date(2026, 12, 31), dt.date(2027, 1, 31)),
        (None, dt.date(2026, 12, 31), NEVER),
        (1200, dt.date(9950, 1, 1), NEVER),
    ],
)
def test_expiry_by_hand(months: int | None, on: dt.date, expires: dt.date) -> None:
    assert expiry_of(Rules.from_dict({**FLAT, "expiry_months": months}), on) == expires


@pytest.mark.parametrize(
    ("validity", "on", "expires"),
    [
        ({"until": "12-31"}, dt.date(2026, 12, 31), dt.date(2026, 12, 31)),
        ({"until": "06-30"}, dt.date(2026, 7, 1), dt.date(2027, 6, 30)),
        ({"until": "12-31", "years": 1}, dt.date(2026, 3, 1), dt.date(2027, 12, 31)),
        ({"until": "12-31", "years": 1}, dt.date(9999, 3, 1), NEVER),
    ],
)
def test_calendar_clearing(validity: dict[str, Any], on: dt.date, expires: dt.date) -> None:
    assert expiry_of(Rules.from_dict({"expiry": [{"validity": validity}]}), on) == expires


def test_expiry_reads_in_plain_words() -> None:
    with translation.override("en"):
        assert expiry_line(DEMO, DAY).text == "Can be used until 25 November 2028."
        assert expiry_line(Rules(), DAY).text == "Never lapses."


def test_expiry_by_unit() -> None:
    rules = Rules.from_dict(
        {
            "units": [{"code": "BEAN", "name": "金豆"}, {"code": "MERIT", "name": "贡献值", "kind": "merit"}],
            "expiry": [
                {"validity": {"until": "12-31"}, "units": ["MERIT"]},
                {"validity": {"months": 12}},
            ],
        }
    )
    assert expiry_of(rules, DAY, "MERIT") == dt.date(2026, 12, 31)
    assert expiry_of(rules, DAY) == dt.date(2027, 11, 25)


@pytest.mark.parametrize(
    ("percent", "text"), [(100, "1.0"), (80, "0.8"), (125, "1.25"), (5, "0.05"), (300, "3.0")]
)
def test_written_factor(percent: int, text: str) -> None:
    assert written_factor(percent) == text


# --- Refused --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bean_per_hour": 10}, "unknown_rule"),
        ({"beans_per_hour": "0/0"}, "not_whole"),
        ({"beans_per_hour": 10.5}, "not_whole"),
        ({"beans_per_hour": True}, "not_whole"),
        ({"beans_per_hour": None}, "not_whole"),
        ({"beans_per_hour": -1}, "negative_number"),
        ({"beans_per_hour": 10**9}, "number_out_of_range"),
        ({"category_factor_percent": [150]}, "rules_not_an_object"),
        ({"category_factor_percent": {"care": 1.5}}, "not_whole"),
        ({"category_factor_percent": {"care": -1}}, "negative_number"),
        ({"category_factor_percent": {"care": 301}}, "number_out_of_range"),
        ({"cap_per_day": -5}, "negative_number"),
        ({"cap_per_day": "80"}, "not_whole"),
        ({"notice_days": 61}, "number_out_of_range"),
        ({"notice_days": -1}, "negative_number"),
        ({"notice_days": None}, "not_whole"),
        ({"expiry_months": 0}, "number_out_of_range"),
        ({"expiry_months": -1}, "negative_number"),
        ({"minimum_percent_of_plan": 101}, "number_out_of_range"),
        ({"supplement_earns": 1}, "not_yes_or_no"),
    ],
)
def test_bad_rules_of_the_first_form_are_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        Rules.from_dict({**FLAT, **change})
    assert refusal.value.code == code
    assert refusal.value.as_text()


def test_first_form_without_a_rate_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        Rules.from_dict({"cap_per_day": 80})
    assert refusal.value.code == "missing_rule"


@pytest.mark.parametrize("data", [None, [], "beans_per_hour: 10", 10])
def test_rules_that_are_no_object_are_refused(data: object) -> None:
    with pytest.raises(Refusal) as refusal:
        Rules.from_dict(data)
    assert refusal.value.code == "rules_not_an_object"


@pytest.mark.parametrize("name", ["minutes", "planned_minutes", "times"])
def test_negative_facts_are_refused(name: str) -> None:
    with pytest.raises(Refusal) as refusal:
        Act.from_dict({"on": "2026-11-25", name: -1})
    assert refusal.value.code == "negative_number"


def test_rules_cannot_be_changed_afterwards() -> None:
    given_factors = {"care": 150}
    rules = Rules.from_dict({"beans_per_hour": 10, "category_factor_percent": given_factors})
    given_factors["care"] = 300
    assert rules.coefficients[0].factors["care"] == Fraction(3, 2)
    with pytest.raises(TypeError):
        rules.coefficients[0].factors["care"] = Fraction(3)  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        rules.notice_days = 5  # type: ignore[misc]
