"""Stars for hours: the five steps, what is missing, recomputed, and a town's own ladder."""

from __future__ import annotations

import pytest
from django.utils import translation

from points import dates
from points.records.stars import stars_of
from points.schemes.rules import Rules

HOUR = 60


@pytest.mark.parametrize(
    ("minutes", "rank", "missing"),
    [
        (0, 0, 100 * HOUR),
        (100 * HOUR - 1, 0, 1),
        (100 * HOUR, 1, 200 * HOUR),
        (299 * HOUR + 45, 1, 15),
        (300 * HOUR, 2, 300 * HOUR),
        (600 * HOUR, 3, 400 * HOUR),
        (1000 * HOUR, 4, 500 * HOUR),
        (1500 * HOUR, 5, 0),
        (9000 * HOUR, 5, 0),
    ],
)
def test_stars_and_what_is_missing(minutes: int, rank: int, missing: int) -> None:
    found = stars_of(minutes)
    assert (found.rank, found.of, found.missing_minutes) == (rank, 5, missing)
    assert found.drawn == "★" * rank + "☆" * (5 - rank)


def test_stars_speak_both_languages() -> None:
    with translation.override("zh-hans"):
        found = stars_of(243 * HOUR + 35)
        assert (found.name, found.following, found.missing) == (
            "一星级志愿者",
            "二星级志愿者",
            "56 小时 25 分钟",
        )
    with translation.override("en"):
        found = stars_of(243 * HOUR + 35)
        assert (found.name, found.following) == ("One-star volunteer", "Two-star volunteer")
        assert found.missing == "56 hours 25 minutes"
        assert dates.duration(61) == "1 hour 1 minute"
        assert dates.duration(0) == "0 minutes"


def test_a_correction_takes_a_star_away() -> None:
    assert stars_of(100 * HOUR).rank == 1
    assert stars_of(100 * HOUR - 30).rank == 0


def test_a_town_may_have_its_own_ladder() -> None:
    step = {"id": "first", "name": {"zh": "新芽"}, "needs": {"hours": 10}}
    rules = Rules.from_dict({"levels": [{"id": "stars", "name": {"zh": "星级"}, "steps": [step]}]})
    found = stars_of(11 * HOUR, rules)
    assert (found.rank, found.of, found.name, found.missing_minutes) == (1, 1, "新芽", 0)
