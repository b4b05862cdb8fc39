"""A hundred thousand records within thirty seconds on one core; and what keeps it so."""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from collections.abc import Iterator

import pytest

from points.schemes.rules import Act, Rules, Tally
from tests.schemes.towns import town

RULES = Rules.from_dict(
    {
        "earning": [{"id": "s", "name": "s", "rate": {"points": 10}, "claim": {"within_days": 30}}],
        "coefficients": [{"by": "category", "factors": {"care": "3/2", "outreach": "4/5"}}],
        "limits": [
            {"of": "hours", "most": 8, "per": "day"},
            {"most": 80, "per": "day"},
            {"most": 600, "per": "month"},
            {"most": 5000, "per": "year"},
        ],
        "quality": {"percent_of_plan": 60},
        "ceilings": [{"most": 4000, "overflow": "donate_only"}],
    }
)


def acts(count: int) -> Iterator[tuple[int, Act]]:
    dice = random.Random(4)
    for number in range(count):
        minutes = dice.randrange(30, 300)
        words = {"category": dice.choice(["care", "outreach", "repair"]), "grade": "system_verified"}
        day = dt.date(2026, 1, 1) + dt.timedelta(days=number * 365 // count)
        yield dice.randrange(2000), Act(on=day, minutes=minutes, planned_minutes=minutes, words=words)


def evaluate(rules: Rules, count: int) -> int:
    tally = Tally(rules)
    return sum(tally.award(account, act).beans for account, act in acts(count))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["all limits", "hailin", "dinghai"])
def test_hundred_thousand_records_within_thirty_seconds(name: str) -> None:
    rules = RULES if name == "all limits" else town(name)
    began = time.process_time()
    evaluate(rules, 100_000)
    took = time.process_time() - began
    sys.stderr.write(f"\n100,000 records, {name}: {took:.1f} s of one core\n")
    assert took < 30


def test_each_award_takes_a_bounded_number_of_steps() -> None:
    """Counted, not timed: the work for one act does not grow with what was counted before."""

    def steps(count: int) -> int:
        calls = 0

        def count_calls(_frame: object, event: str, _arg: object) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count_calls)
        try:
            evaluate(RULES, count)
        finally:
            sys.setprofile(None)
        return calls

    few, many = steps(50), steps(500)
    assert many < few * 11
    assert many / 500 < 2000
