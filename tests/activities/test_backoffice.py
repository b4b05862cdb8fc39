"""Activities in the Wagtail admin: only of one's own subtree."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from points.activities.models import Activity
from points.grids.models import Role
from tests.activities.conftest import Scene
from tests.factories import make_activity, make_registration, make_user


@pytest.fixture
def desk(scene: Scene, client: Client) -> Client:
    client.force_login(scene.organiser)
    return client


def test_index_shows_only_ones_own(scene: Scene, desk: Client) -> None:
    make_activity(grid=scene.town.other_grid, title="别处的活动")
    make_registration(scene.position)
    page = desk.get(reverse("activity:index")).content.decode()
    assert "楼院大扫除" in page
    assert "1 / 2" in page
    assert "别处的活动" not in page
    assert reverse("activities_import", args=[scene.activity.code]) in page


def test_index_takes_the_same_queries_at_1_and_20(scene: Scene, desk: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert desk.get(reverse("activity:index")).status_code == 200
        return len(seen)

    queries()
    one = queries()
    for _row in range(19):
        make_activity(grid=scene.town.grid, organiser=scene.organiser)
    assert queries() == one


def test_inspect_shows_times_and_positions(scene: Scene, desk: Client) -> None:
    page = desk.get(reverse("activity:inspect", args=[scene.activity.pk])).content.decode()
    assert "2026-11-23 09:00–11:00" in page
    assert scene.position.name in page


def form(scene: Scene, **changes: object) -> dict[str, object]:
    return {
        "title": "新名字",
        "category": "environment",
        "summary": "清扫",
        "description": "",
        "place": "广场",
        "bring": "",
        "contact_phone": "",
        "risk_note": "",
        "is_service": "on",
        "cover": "",
        **changes,
    }


def test_edit_corrects_the_words(scene: Scene, desk: Client) -> None:
    url = reverse("activity:edit", args=[scene.activity.pk])
    assert desk.get(url).status_code == 200
    assert desk.post(url, form(scene)).status_code == 302
    assert Activity.objects.get(pk=scene.activity.pk).title == "新名字"


def test_edit_risky_without_insurance_is_refused(scene: Scene, desk: Client) -> None:
    url = reverse("activity:edit", args=[scene.activity.pk])
    response = desk.post(url, form(scene, is_risky="on"))
    assert response.status_code == 200
    assert Activity.objects.get(pk=scene.activity.pk).is_risky is False


def test_foreign_activity_is_not_found(scene: Scene, client: Client) -> None:
    client.force_login(make_user(role=Role.ORGANISER, grid=scene.town.other_community))
    for name in ("edit", "inspect", "history"):
        assert client.get(reverse(f"activity:{name}", args=[scene.activity.pk])).status_code == 404
