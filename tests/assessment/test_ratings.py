"""Ratings: one answer for each telephone, sums without authors, nothing below five."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from points.assessment import errors, services
from points.assessment.kinds import Kind, Question
from points.assessment.models import RatingSeen, RatingTally
from points.assessment.services import rating
from tests.assessment.conftest import Scene


def give(scene: Scene, number: int, stars: int = 4, *, code: str = "") -> None:
    form = services.form_of(services.token_for(scene.period, code or scene.town.grid.code))
    with scene.at("2026-11-10"):
        for each in range(number):
            given = dict.fromkeys(Question.values, stars)
            services.answer(form, stars=given, device=f"device-{stars}-{each}")


@pytest.mark.parametrize(("answers", "wanted"), [(4, (0, 0, 0)), (5, (5, 16, 20))])
def test_ratings_count_and_show_from_five_answers_up(
    scene: Scene, answers: int, wanted: tuple[int, int, int]
) -> None:
    scene.open()
    give(scene, answers)
    shown = rating.shown(scene.period, scene.town.grid.code)
    assert (shown is None) == (answers < 5)
    if shown:
        assert [tenths for _question, tenths in shown] == [40, 40, 40]
    scene.count()
    scene.notice()
    assert scene.points(Kind.RATINGS) == wanted
    assert scene.result(scene.neighbour).maximum == 160


def test_one_telephone_answers_once_for_each_unit(scene: Scene) -> None:
    scene.open()
    give(scene, 1)
    with pytest.raises(errors.RatedAlready) as refused:
        give(scene, 1)
    assert refused.value.code == "rated_already"
    give(scene, 1, code=scene.town.second_grid.code)
    assert RatingTally.objects.filter(unit_code=scene.town.grid.code).count() == len(Question)


def test_nothing_kept_says_who_answered(scene: Scene) -> None:
    scene.open()
    give(scene, 5)
    kept = {field.name for field in RatingTally._meta.get_fields()}
    assert kept == {"id", "period", "unit_code", "question", "stars", "answers"}
    seen = RatingSeen.objects.values_list("digest", flat=True)
    assert len(set(seen)) == 5
    assert not any("device" in digest for digest in seen)
    scene.count()
    assert not RatingSeen.objects.exists()


@pytest.mark.parametrize("stars", [{}, {"reachable": 5}, dict.fromkeys(Question.values, 6)])
def test_incomplete_answers(scene: Scene, stars: dict[str, int]) -> None:
    scene.open()
    form = services.form_of(services.token_for(scene.period, scene.town.grid.code))
    with scene.at("2026-11-10"), pytest.raises(errors.RatingIncomplete):
        services.answer(form, stars=stars, device="d")


def test_answers_before_and_after_the_period(scene: Scene) -> None:
    scene.open()
    form = services.form_of(services.token_for(scene.period, scene.town.grid.code))
    for day in ("2026-10-31", "2026-12-01"):
        with scene.at(day), pytest.raises(errors.RatingOver) as refused:
            services.answer(form, stars=dict.fromkeys(Question.values, 5), device="d")
        assert refused.value.code == "rating_over"


def test_a_link_that_was_changed_or_leads_elsewhere(scene: Scene) -> None:
    draft = services.token_for(scene.period, scene.town.grid.code)
    with pytest.raises(errors.RatingUnknown):
        services.form_of(draft)
    scene.open()
    token = services.token_for(scene.period, scene.town.grid.code)
    assert services.form_of(token).unit == scene.town.grid
    elsewhere = services.token_for(scene.period, scene.town.other_grid.code)
    for wrong in (
        token[:-1],
        token.replace(scene.town.grid.code, scene.town.second_grid.code),
        elsewhere,
        "x",
    ):
        with pytest.raises(errors.RatingUnknown):
            services.form_of(wrong)


def test_the_form_without_signing_in(scene: Scene) -> None:
    scene.open()
    url = reverse("assessment:rate", args=[services.token_for(scene.period, scene.town.grid.code)])
    phone = Client()
    with scene.at("2026-11-10"):
        assert phone.get(url).status_code == 200
        missing = phone.post(url, {"reachable": "5"})
        assert not RatingTally.objects.exists()
        assert 'type="radio"' in missing.content.decode()
        answered = phone.post(url, dict.fromkeys(Question.values, "5"))
        assert answered.context["status"] == "thanks"
        assert phone.post(url, dict.fromkeys(Question.values, "1")).context["status"] == "done"
        cookie = phone.cookies["rater"]
    assert cookie["httponly"]
    assert cookie["path"] == "/rate/"
    assert list(RatingTally.objects.values_list("stars", "answers")) == [(5, 1)] * len(Question)
    with scene.at("2026-12-03"):
        assert phone.get(url).context["status"] == "closed"
    assert phone.get("/rate/wrong/").status_code == 404
