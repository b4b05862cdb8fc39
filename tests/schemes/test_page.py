"""The public page "how beans are earned" and the rules in plain words."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from points import clock
from points.activities.models import Activity
from points.schemes.categories import CATEGORIES
from points.schemes.rules import Rules
from points.schemes.services import publish_version
from points.schemes.summary import examples, summary
from tests.factories import make_grid_tree, make_scheme, make_user

HOW = reverse("schemes:how")


def test_categories_are_those_of_activities() -> None:
    assert [(code, str(name)) for code, name in CATEGORIES.items()] == [
        (code, str(name)) for code, name in Activity.Category.choices
    ]


def test_summary_in_plain_english() -> None:
    rules = Rules.from_dict(
        {
            "beans_per_hour": 10,
            "category_factor_percent": {"outreach": 80, "care": 150, "repair": 100},
            "cap_per_day": 80,
            "expiry_months": 24,
        }
    )
    with translation.override("en"):
        assert summary(rules) == [
            "One hour of service earns 10 beans.",
            "Care and visits counts 1.5 times: 15 beans an hour.",
            "Information counts 0.8 times: 8 beans an hour.",
            "Minutes are counted exactly; beans are rounded down to whole ones.",
            "At most 80 beans for one day of service; further hours count as hours.",
            "Whoever stays less than 60% of the planned time gets the hours, but no beans.",
            "Hours entered later from paper count as hours, but earn no beans.",
            "Every record stands in public notice for 3 days; after that the beans can be spent.",
            "Beans can be spent for 24 months. Hours stay for ever.",
        ]
        assert [example.award.beans for example in examples(rules)] == [20, 30, 10]


def test_summary_without_limits() -> None:
    plain = {"beans_per_hour": 1, "notice_days": 0, "minimum_percent_of_plan": 0, "supplement_earns": True}
    rules = Rules.from_dict(plain)
    with translation.override("en"):
        assert summary(rules) == [
            "One hour of service earns 1 bean.",
            "Minutes are counted exactly; beans are rounded down to whole ones.",
            "Every record stands in public notice until the end of the day of its confirmation.",
            "Beans do not expire. Hours stay for ever.",
        ]
        assert summary(Rules())[0] == "Service earns hours, but no beans."


@pytest.mark.django_db
def test_page_shows_the_scheme_of_the_visitors_home(client: Client) -> None:
    town = make_grid_tree()
    wide = make_scheme(grid=town.root)
    near = make_scheme(
        grid=town.community, rules={"beans_per_hour": 12, "category_factor_percent": {"care": 150}}
    )
    assert client.get(HOW).context["version"].scheme == wide
    client.force_login(make_user(home=town.micro_grid))
    answer = client.get(HOW)
    assert answer.context["version"].scheme == near
    assert "12" in answer.content.decode()
    assert client.get(HOW, {"place": town.other_grid.code}).context["version"].scheme == wide


@pytest.mark.django_db
def test_page_without_a_scheme_says_so(client: Client) -> None:
    town = make_grid_tree()
    for query in ({}, {"place": town.grid.code}):
        answer = client.get(HOW, query)
        assert answer.status_code == 200
        assert answer.context["version"] is None


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["nowhere", "\x00", "x" * 500, "裴村"])
def test_unknown_place_is_not_found(client: Client, place: str) -> None:
    assert client.get(HOW, {"place": place}).status_code == 404


@pytest.mark.django_db
def test_page_says_everything_and_what_comes(client: Client) -> None:
    town = make_grid_tree()
    parts = {
        "eligibility": [{"fact": "age", "at_least": 18}],
        "earning": [{"id": "service", "name": "志愿服务", "rate": {"points": 10}}],
        "coefficients": [{"by": "role", "factors": {"leader": "3/2"}}],
        "counters": [
            {"id": "absent", "event": "no_show", "name": "爽约", "threshold": 3, "effect": "暂停报名一个月"}
        ],
        "rankings": [{"id": "top", "name": "月度榜", "places": 10}],
    }
    scheme = make_scheme(grid=town.root)
    tomorrow, later = (clock.today() + dt.timedelta(days=days) for days in (1, 9))
    publish_version(scheme, rules=parts, effective_from=tomorrow, by=None)
    publish_version(scheme, rules=parts | {"notice_days": 7}, effective_from=later, by=None)
    with clock.at(clock.now() + dt.timedelta(days=2)):
        answer = client.get(HOW)
    rules = answer.context["version"].as_rules()
    shown = html.unescape(answer.content.decode())
    assert answer.context["version"].number == 2
    assert all(line in shown for line in summary(rules))
    assert answer.context["coming"].number == 3
    assert any("7" in line for line in answer.context["come"])
    for words in ("18", "暂停报名一个月", "月度榜", "1.5"):
        assert words in shown


@pytest.mark.django_db
def test_page_takes_the_same_queries_with_many_schemes(
    client: Client, django_assert_num_queries: Any
) -> None:
    town = make_grid_tree()
    make_scheme(grid=town.root)
    client.get(HOW)
    with django_assert_num_queries(3):
        client.get(HOW)
    for unit in (town.community, town.other_community, town.grid, town.second_grid):
        make_scheme(grid=unit)
    with django_assert_num_queries(3):
        client.get(HOW)
