"""Who may write which announcement: through the real back office, by people without superuser rights."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from cms.images.models import CustomImage
from cms.models import AnnouncementPage
from cms.rights import GROUP, sync_announcer
from points import clock
from points.grids import policies
from points.grids.models import Role
from tests.factories import make_activity, make_user

pytestmark = pytest.mark.django_db

ADD = "wagtailadmin_pages:add"
FOREIGN = [
    ("wagtailadmin_pages:edit", True),
    ("wagtailadmin_pages:delete", True),
    ("wagtailadmin_pages:copy", True),
    ("wagtailadmin_pages:move", True),
    ("wagtailadmin_pages:unpublish", True),
    ("wagtailadmin_pages:history", True),
    ("wagtailadmin_pages:usage", True),
    ("wagtailadmin_pages:view_draft", True),
    ("wagtailadmin_pages:revisions_index", True),
    ("wagtailadmin_pages:workflow_history", True),
    ("wagtailadmin_pages:set_privacy", True),
    ("wagtailadmin_pages:lock", False),
    ("wagtailadmin_pages:unlock", False),
    ("wagtailadmin_pages:preview_on_edit", True),
    ("wagtailadmin_explore", True),
]


def body(**fields: Any) -> dict[str, Any]:
    return {
        "title": "楼院大扫除",
        "slug": "big-clean",
        "published_on": "2026-11-22",
        "intro": "周四上午，一起动手。",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "",
        **fields,
    }


def add_url(site: Any) -> str:
    return reverse(ADD, args=["cms", "announcementpage", site.index.pk])


def picture_bytes() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), (20, 120, 80)).save(out, "PNG")
    return SimpleUploadedFile("clean.png", out.getvalue(), content_type="image/png")


def test_organiser_creates_previews_and_publishes_with_a_picture(
    client: Client, site: Any, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client.force_login(site.organiser)
    assert client.get(reverse("wagtailimages:add")).status_code == 200
    upload = {"title": "大扫除", "alt_text": "两个人在扫地", "file": picture_bytes()}
    client.post(reverse("wagtailimages:add"), upload)
    picture = CustomImage.objects.get()
    activity = make_activity(grid=site.town.grid, organiser=site.organiser)

    assert client.get(add_url(site)).status_code == 200
    data = body(grid=site.town.grid.pk, cover=picture.pk, activity=activity.pk)
    preview = reverse("wagtailadmin_pages:preview_on_add", args=["cms", "announcementpage", site.index.pk])
    assert client.post(preview, data).json()["is_valid"] is True
    shown = client.get(preview)
    assert shown.status_code == 200
    assert "楼院大扫除" in shown.content.decode()

    response = client.post(add_url(site), {**data, "action-publish": "action-publish"})
    assert response.status_code == 302
    page = AnnouncementPage.objects.get()
    assert page.live
    assert page.owner == site.organiser
    assert Client().get(page.url).status_code == 200

    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert client.get(edit).status_code == 200
    client.post(edit, {**data, "title": "改期", "action-publish": "action-publish"})
    page.refresh_from_db()
    assert page.title == "改期"
    client.post(reverse("wagtailadmin_pages:delete", args=[page.pk]))
    assert not AnnouncementPage.objects.exists()


def test_announcement_for_a_foreign_grid_is_refused(client: Client, site: Any) -> None:
    client.force_login(site.organiser)
    response = client.post(add_url(site), body(grid=site.town.other_grid.pk))
    assert response.status_code == 200
    assert "grid" in response.context["form"].errors
    assert not AnnouncementPage.objects.exists()


def test_choices_end_at_the_own_subtree(client: Client, site: Any) -> None:
    own = make_activity(grid=site.town.micro_grid)
    make_activity(grid=site.town.other_grid)
    old = make_activity(grid=site.town.grid, starts_at=clock.now() - dt.timedelta(days=300))
    client.force_login(site.organiser)
    form = client.get(add_url(site)).context["form"]
    assert set(form.fields["grid"].queryset) == set(policies.grids_for(site.organiser, "announce"))
    assert list(form.fields["activity"].queryset) == [own]
    assert old not in form.fields["activity"].queryset


def test_foreign_activity_is_refused(client: Client, site: Any) -> None:
    foreign = make_activity(grid=site.town.other_grid)
    client.force_login(site.organiser)
    response = client.post(add_url(site), body(grid=site.town.grid.pk, activity=foreign.pk))
    assert "activity" in response.context["form"].errors


def test_picture_without_alternative_text_is_refused(
    client: Client, site: Any, make_picture: Callable[..., CustomImage]
) -> None:
    picture = make_picture(alt_text="", uploaded_by_user=site.organiser)
    client.force_login(site.organiser)
    data = body(grid=site.town.grid.pk, cover=picture.pk)
    response = client.post(add_url(site), {**data, "action-publish": "action-publish"})
    errors = response.context["form"].errors.as_data()["cover"]
    assert [error.code for error in errors] == ["alt_text_missing"]
    edit = reverse("wagtailimages:edit", args=[picture.pk])
    assert client.get(edit).status_code == 200


@pytest.mark.parametrize(("name", "by_get"), FOREIGN)
def test_foreign_announcement_is_not_found(client: Client, site: Any, name: str, by_get: bool) -> None:
    page = site.announce(site.town.other_grid)
    client.force_login(site.organiser)
    url = reverse(name, args=[page.pk])
    if by_get:
        assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404
    page.refresh_from_db()
    assert page.live


@pytest.mark.parametrize("name", ["edit", "delete", "copy", "move", "unpublish", "history", "view_draft"])
def test_own_announcement_of_a_colleague_is_open(client: Client, site: Any, name: str) -> None:
    page = site.announce(site.town.micro_grid)
    page.save_revision()
    client.force_login(site.organiser)
    assert client.get(reverse(f"wagtailadmin_pages:{name}", args=[page.pk])).status_code == 200


def test_foreign_revision_comparison_and_api_are_not_found(client: Client, site: Any) -> None:
    page = site.announce(site.town.other_grid)
    page.save_revision()
    client.force_login(site.organiser)
    assert client.get(f"/admin/pages/{page.pk}/revisions/compare/earliest...latest/").status_code == 404
    assert client.get(f"/admin/api/main/pages/{page.pk}/").status_code == 404


def test_explorer_and_search_leave_out_foreign_announcements(client: Client, site: Any) -> None:
    own = site.announce(site.town.grid, title="我们的公告")
    foreign = site.announce(site.town.other_grid, title="别人的公告")
    client.force_login(site.organiser)
    text = client.get(reverse("wagtailadmin_explore", args=[site.index.pk])).content.decode()
    assert own.title in text
    assert foreign.title not in text
    assert foreign.title not in client.get("/admin/pages/search/results/", {"q": "公告"}).content.decode()


def test_bulk_actions_cannot_touch_foreign_announcements(client: Client, site: Any) -> None:
    foreign = site.announce(site.town.other_grid)
    client.force_login(site.organiser)
    for action in ("delete", "unpublish"):
        client.post(f"/admin/bulk/wagtailcore/page/{action}/?id={foreign.pk}")
        foreign.refresh_from_db()
        assert foreign.live


def test_index_and_home_cannot_be_changed_by_announcers(client: Client, site: Any) -> None:
    client.force_login(site.organiser)
    for page in (site.index, site.home):
        assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code != 200
        assert client.post(reverse("wagtailadmin_pages:delete", args=[page.pk])).status_code != 200
    site.index.refresh_from_db()
    site.home.refresh_from_db()


def test_wagtails_own_reports_are_for_superusers(client: Client, site: Any) -> None:
    client.force_login(site.organiser)
    assert client.get(reverse("wagtailadmin_reports:site_history")).status_code == 404
    client.force_login(make_user(is_superuser=True))
    assert client.get(reverse("wagtailadmin_reports:site_history")).status_code == 200


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MICRO_GRID_LEADER, Role.LIAISON])
def test_roles_that_do_not_announce_cannot_write(client: Client, site: Any, role: str) -> None:
    page = site.announce(site.town.grid)
    client.force_login(make_user(role=role, grid=site.town.root))
    assert client.get(add_url(site)).status_code != 200
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code in (403, 404)


def test_group_follows_the_role_rows(site: Any) -> None:
    user = make_user(role=Role.ORGANISER, grid=site.town.grid, to_on=clock.today() + dt.timedelta(days=3))
    sync_announcer(user)
    assert user.groups.filter(name=GROUP).exists()
    with clock.at(clock.now() + dt.timedelta(days=5)):
        sync_announcer(user)
    assert not user.groups.filter(name=GROUP).exists()
    assert Group.objects.filter(name=GROUP).count() == 1


def test_an_ended_role_ends_the_right_at_once(client: Client, site: Any) -> None:
    page = site.announce(site.town.grid)
    user = make_user(role=Role.ORGANISER, grid=site.town.grid)
    make_user.give(user, Role.AUDITOR, site.town.root)
    client.force_login(user)
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert client.get(url).status_code == 200
    user.role_assignments.filter(role=Role.ORGANISER).update(to_on=clock.today() - dt.timedelta(days=1))
    assert client.get(url).status_code == 404


def test_superuser_writes_everywhere(client: Client, site: Any) -> None:
    client.force_login(make_user(is_superuser=True))
    response = client.post(
        add_url(site), {**body(grid=site.town.other_grid.pk), "action-publish": "action-publish"}
    )
    assert response.status_code == 302
    assert AnnouncementPage.objects.get().live
