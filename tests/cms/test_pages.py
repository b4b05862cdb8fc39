"""Home and announcements: what a visitor and a member see, and how many queries it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, Site

from cms.models import AnnouncementIndexPage, HomePage
from cms.services import build_site
from points import clock
from tests.factories import (
    give_beans,
    make_activity,
    make_position,
    make_registration,
    make_reward,
    make_shift,
)

pytestmark = pytest.mark.django_db


def queries_of(client: Client, url: str) -> int:
    client.get(url)  # renditions, sites and content types are remembered
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def test_home_answers_from_the_first_migration(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert "成为志愿者" in response.content.decode() or "Join as a volunteer" in response.content.decode()
    assert not Page.objects.filter(title__startswith="Welcome").exists()


def test_build_site_is_idempotent(site: Any) -> None:
    first = build_site("裴村", site.town.root)
    again = build_site("嵩山路", site.town.root, intro="你好")
    assert first.pk == again.pk
    assert HomePage.objects.count() == AnnouncementIndexPage.objects.count() == 1
    assert Site.objects.get(is_default_site=True).root_page_id == again.pk
    assert Site.objects.get(is_default_site=True).site_name == "嵩山路"


def test_home_of_visitor_shows_the_way_in(client: Client, site: Any) -> None:
    make_activity(grid=site.town.grid, title="独居老人送餐")
    site.announce(title="停水通知")
    text = client.get("/").content.decode()
    assert "独居老人送餐" in text
    assert "停水通知" in text
    assert "/accounts/signup/" in text


def test_home_of_member_shows_balance_pending_and_next_service(
    client: Client, site: Any, volunteer: Any, serve: Callable[..., Any]
) -> None:
    give_beans(volunteer, 286, expires_on=clock.today() + dt.timedelta(days=30))
    serve(volunteer)
    activity = make_activity(grid=site.town.grid, title="健康义诊")
    make_registration(activity.shifts.get().positions.get(), volunteer=volunteer)
    make_reward(grid=site.town.root, title="理发一次", beans=80)
    client.force_login(volunteer)
    response = client.get("/")
    text = response.content.decode()
    assert "286" in text
    assert response.context["balances"].pending.amount == 20
    assert response.context["arrival"] is not None
    assert response.context["expiry"]["soon"]
    assert response.context["next_service"].shift.activity == activity
    assert "理发一次" in text


def test_home_puts_the_own_community_first(client: Client, site: Any, volunteer: Any) -> None:
    far = make_activity(grid=site.town.other_grid, starts_at=clock.now() + dt.timedelta(days=1))
    near = make_activity(grid=site.town.second_grid, starts_at=clock.now() + dt.timedelta(days=2))
    client.force_login(volunteer)
    shown = [card.activity for card in client.get("/").context["activities"]]
    assert shown == [near, far]


def test_home_leaves_out_rewards_of_another_community(client: Client, site: Any, volunteer: Any) -> None:
    make_reward(grid=site.town.other_community, title="别处的")
    client.force_login(volunteer)
    assert "别处的" not in client.get("/").content.decode()


def test_home_costs_the_same_at_one_and_at_thirty_rows(client: Client, site: Any, volunteer: Any) -> None:
    def one_more() -> None:
        activity = make_activity(grid=site.town.grid)
        make_position(make_shift(activity))
        make_reward(grid=site.town.root)
        site.announce()

    client.force_login(volunteer)
    one_more()
    few = queries_of(client, "/")
    for _unused in range(29):
        one_more()
    assert queries_of(client, "/") == few


def test_index_filters_by_subtree_and_day(client: Client, site: Any) -> None:
    here = site.announce(site.town.micro_grid, published_on=dt.date(2026, 3, 1))
    there = site.announce(site.town.other_grid, published_on=dt.date(2026, 3, 2))

    def shown(**query: str) -> list[int]:
        return [card.page.pk for card in client.get("/announcements/", query).context["cards"]]

    assert shown() == [there.pk, here.pk]
    assert shown(grid=site.town.community.code) == [here.pk]
    assert shown(since="2026-03-02") == [there.pk]
    assert shown(until="2026-03-01") == [here.pk]
    assert shown(grid=site.town.community.code, since="2026-03-02") == []


@pytest.mark.parametrize(
    "query", [{"grid": "nowhere"}, {"since": "yesterday"}, {"since": "2026-03-02", "until": "2026-03-01"}]
)
def test_index_says_so_when_the_filter_is_wrong(client: Client, site: Any, query: dict[str, str]) -> None:
    response = client.get("/announcements/", query)
    assert response.status_code == 200
    assert response.context["filter"].errors


def test_index_pages_and_keeps_its_cost(client: Client, site: Any, make_picture: Callable[..., Any]) -> None:
    picture = make_picture()
    site.announce(cover=picture)
    few = queries_of(client, "/announcements/")
    for _unused in range(29):
        site.announce(cover=picture)
    assert queries_of(client, "/announcements/") <= few + 1  # the count of a second page
    assert len(client.get("/announcements/?page=3").context["cards"]) == 6
    assert client.get("/announcements/?page=nonsense").status_code == 200


def test_drafts_are_not_shown(client: Client, site: Any) -> None:
    draft = site.announce(live=False)
    assert client.get("/announcements/").context["cards"] == []
    assert client.get(f"/announcements/{draft.slug}/").status_code == 404


def test_announcement_shows_picture_and_live_card(
    client: Client, site: Any, make_picture: Callable[..., Any]
) -> None:
    activity = make_activity(grid=site.town.grid, capacity=10)
    page = site.announce(cover=make_picture(), activity=activity)
    position = activity.shifts.get().positions.get()
    before = client.get(page.url).content.decode()
    assert 'type="image/webp"' in before
    assert "两个人在扫地" in before
    assert "20" in before
    assert client.get(page.url).context["card"].seats_left == 10
    make_registration(position)
    assert client.get(page.url).context["card"].seats_left == 9


def test_announcement_of_a_draft_or_cancelled_activity(client: Client, site: Any) -> None:
    draft = make_activity(grid=site.town.grid, state="draft")
    gone = make_activity(grid=site.town.grid, state="cancelled")
    assert client.get(site.announce(activity=draft).url).context["card"] is None
    response = client.get(site.announce(activity=gone).url)
    assert not response.context["card"].can_sign_up


def test_pages_speak_english(client: Client, site: Any) -> None:
    client.cookies["django_language"] = "en"
    assert "Lend your neighbours a hand" in client.get("/").content.decode()
    assert "Announcements" in client.get("/announcements/").content.decode()
