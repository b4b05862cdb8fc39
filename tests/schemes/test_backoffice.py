"""Schemes in the back office: one's own and those above, in plain words, not to be edited."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from points import clock
from points.grids.models import Role
from points.schemes.services import publish_version
from tests.factories import make_grid_tree, make_scheme, make_user

pytestmark = pytest.mark.django_db
INDEX = "scheme_version:index"


def test_own_schemes_and_those_above_are_shown(client: Client) -> None:
    town = make_grid_tree()
    above, ours, below, foreign = (
        make_scheme(grid=grid).versions.get()
        for grid in (town.root, town.community, town.grid, town.other_community)
    )
    client.force_login(make_user(role=Role.COMMUNITY_WORKER, grid=town.community))
    assert list(client.get(reverse(INDEX)).context["object_list"]) == [above, ours, below]
    for version in (above, ours, below):
        assert client.get(reverse("scheme_version:inspect", args=[version.pk])).status_code == 200
    assert client.get(reverse("scheme_version:inspect", args=[foreign.pk])).status_code == 404


def test_version_reads_in_plain_words(client: Client) -> None:
    town = make_grid_tree()
    scheme = make_scheme(grid=town.root, rules={"beans_per_hour": 37})
    publish_version(
        scheme, rules={"beans_per_hour": 38}, effective_from=clock.today() + dt.timedelta(days=1), by=None
    )
    client.force_login(make_user(role=Role.ADMINISTRATOR, grid=town.root))
    page = client.get(reverse("scheme_version:inspect", args=[scheme.versions.get(number=1).pk]))
    assert "37" in page.content.decode()
    index = client.get(reverse(INDEX)).content.decode()
    assert all(reverse("scheme_version:inspect", args=[row.pk]) in index for row in scheme.versions.all())
    assert client.get(reverse(INDEX), {"export": "csv"}).status_code == 200


def test_nobody_edits_a_version_here(client: Client) -> None:
    town = make_grid_tree()
    version = make_scheme(grid=town.root).versions.get()
    client.force_login(make_user(role=Role.ADMINISTRATOR, grid=town.root))
    for name, arguments in (("add", []), ("edit", [version.pk]), ("delete", [version.pk])):
        answer = client.post(reverse(f"scheme_version:{name}", args=arguments), {})
        assert answer.status_code in (302, 403, 404), name
    version.refresh_from_db()
    assert version.number == 1


def test_schemes_are_closed_to_volunteers(client: Client) -> None:
    client.force_login(make_user())
    assert client.get(reverse(INDEX)).status_code == 403


def test_index_takes_the_same_queries_with_many(client: Client) -> None:
    town = make_grid_tree()
    make_scheme(grid=town.root)
    client.force_login(make_user(role=Role.ADMINISTRATOR, grid=town.root))

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse(INDEX))
        return len(seen)

    count()
    few = count()
    for grid in town[1:]:
        make_scheme(grid=grid)
    assert count() == few
