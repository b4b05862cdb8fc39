"""The preview: the same records under the rules before and under the draft."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from points.grids.models import Role
from points.records.services import record_service
from points.schemes.editor import drafts, preview
from points.schemes.models import SchemeDraft
from points.schemes.parts.scheme import Rules
from tests import factories as make
from tests.factories import Town, make_grid_tree, make_scheme, make_user, make_volunteer

pytestmark = pytest.mark.django_db
OCTOBER = preview.Month(dt.date(2026, 10, 1))


class Month:
    """A town in November 2026, and what its volunteers did before."""

    def __init__(self, clock_at: Any) -> None:
        clock_at("2026-11-10 09:00")
        self.town: Town = make_grid_tree()
        self.scheme = make_scheme(grid=self.town.community, rules={"category_factor_percent": {"care": 150}})
        self.admin = make_user(role=Role.ADMINISTRATOR, grid=self.town.community)
        self.organiser = make_user(role=Role.ORGANISER, grid=self.town.root)
        self.unit = make.make_organization(grid=self.town.root)
        self.draft: SchemeDraft = drafts.begin_draft(self.scheme, by=self.admin)

    def serve(self, who: Any, day: str, hours: int, *, category: str = "environment", **more: Any) -> Any:
        start = make.local(f"{day} 08:00")
        end = start + dt.timedelta(hours=hours)
        facts = {
            "grid": self.town.grid,
            "grade": "system_verified",
            "planned_start": start,
            "planned_end": end,
            "checked_in_at": start,
            "checked_out_at": end,
            **more,
        }
        return record_service(
            source=f"preview:{make.nth()}",
            volunteer=who,
            recording_unit=self.unit,
            activity_name="志愿服务",
            activity_reference="a1b2c3d4",
            category=category,
            content="服务",
            place="社区",
            person_in_charge=self.organiser,
            by=self.organiser,
            **facts,
        )

    def effect(self, **rules: Any) -> preview.Effect:
        new = Rules.from_dict(dict(self.draft.rules) | rules)
        return preview.effect(self.scheme, Rules.from_dict(self.draft.rules), new, OCTOBER)


def rate(points: int) -> list[dict[str, Any]]:
    return [{"id": "service", "name": "志愿服务", "rate": {"points": points}}]


@pytest.fixture
def month(clock_at: Any) -> Month:
    return Month(clock_at)


def test_totals_kinds_and_people(month: Month) -> None:
    first, second, third = (make_volunteer(name=name) for name in ("王秀芝", "李明", "赵德顺"))
    month.serve(first, "2026-10-05", 2)
    month.serve(first, "2026-10-06", 2, category="care")
    month.serve(second, "2026-10-31", 1)
    month.serve(third, "2026-10-07", 2, grade="supplemented")
    found = month.effect(earning=rate(20))
    assert found.finished
    assert (found.records, found.before, found.after, found.percent) == (4, 60, 120, 100)
    assert (found.more, found.fewer, found.same) == (2, 0, 1)
    assert [(each.name, each.before, each.after, each.by) for each in found.people] == [
        ("王*芝", 50, 100, 50),
        ("李*", 10, 20, 10),
    ]
    assert found.kinds == [("environment", 3, 30, 60), ("care", 1, 30, 60)]


def test_only_this_month_and_only_where_the_scheme_applies(month: Month) -> None:
    who = make_volunteer()
    for day in ("2026-09-30", "2026-11-01"):
        month.serve(who, day, 1)
    month.serve(who, "2026-10-10", 1, grid=month.town.other_grid)
    make_scheme(grid=month.town.second_grid)
    month.serve(who, "2026-10-11", 1, grid=month.town.second_grid)
    assert month.effect(earning=rate(20)).records == 0
    month.serve(who, "2026-10-12", 1, grid=month.town.micro_grid)
    assert month.effect(earning=rate(30)).records == 1


def test_what_came_before_the_month_counts_for_wider_limits(month: Month) -> None:
    who = make_volunteer()
    for day in ("2026-08-01", "2026-09-01", "2026-10-01"):
        month.serve(who, day, 2)
    found = month.effect(limits=[{"most": 50, "per": "year"}])
    assert (found.records, found.before, found.after) == (1, 20, 10)
    assert found.looked_back == dt.date(2026, 1, 1)


def test_the_daily_limit_is_counted_afresh_by_both(month: Month) -> None:
    who = make_volunteer()
    month.serve(who, "2026-10-01", 6)
    month.serve(who, "2026-10-01", 4)
    assert month.effect(limits=[{"most": 30}]).after == 30
    assert month.effect(limits=[{"most": 90}]).after == 90
    assert month.effect(limits=[{"most": 90}]).before == 80


def test_a_large_town_is_counted_in_slices_and_found_again(month: Month, monkeypatch: Any) -> None:
    for _each in range(7):
        who = make_volunteer()
        month.serve(who, "2026-10-01", 1)
        month.serve(who, "2026-10-02", 1)
    whole = month.effect(earning=rate(11))
    monkeypatch.setattr(preview, "SLICE", 3)
    monkeypatch.setattr(preview, "SECONDS", -1.0)
    seen = []
    for _each in range(9):
        found = month.effect(earning=rate(12))
        seen.append((found.done, found.total, found.finished))
        if found.finished:
            break
    assert seen == [(4, 14, False), (8, 14, False), (12, 14, False), (14, 14, False), (14, 14, True)]
    assert (found.records, found.before, found.after, found.more) == (14, 140, 168, 7)
    assert (whole.records, whole.before, whole.after, whole.more) == (14, 140, 154, 7)


def test_more_than_the_limit_is_said(month: Month, monkeypatch: Any) -> None:
    monkeypatch.setattr(preview, "SLICE", 1)
    monkeypatch.setattr(preview, "MOST", 2)
    for _each in range(4):
        month.serve(make_volunteer(), "2026-10-01", 1)
    found = month.effect(earning=rate(20))
    assert (found.finished, found.cut_off, found.done) == (True, True, 2)


def test_page_shows_the_effect_and_counts_anew(client: Client, month: Month) -> None:
    drafts.change_draft(
        month.draft, by=month.admin, revision=0, rules=dict(month.draft.rules) | {"earning": rate(20)}
    )
    client.force_login(month.admin)
    address = reverse("scheme_editor:preview", args=[month.draft.pk])
    assert client.get(address).context["effect"].records == 0
    month.serve(make_volunteer(name="王秀芝"), "2026-10-05", 2)
    assert client.get(address).context["effect"].records == 0  # what was counted waits
    page = client.post(address, {"month": "2026-10"}, follow=True)
    assert (page.context["effect"].before, page.context["effect"].after) == (20, 40)
    shown = page.content.decode()
    assert "王*芝" in shown
    assert "王秀芝" not in shown
    assert client.get(address, {"month": "2026-09"}).context["effect"].records == 0
    assert client.get(address, {"month": "nonsense"}).context["effect"].records == 1


def test_an_unfinished_page_goes_on_by_itself(client: Client, month: Month, monkeypatch: Any) -> None:
    monkeypatch.setattr(preview, "SLICE", 1)
    monkeypatch.setattr(preview, "SECONDS", -1.0)
    for _each in range(2):
        month.serve(make_volunteer(), "2026-10-01", 1)
    client.force_login(month.admin)
    address = reverse("scheme_editor:preview", args=[month.draft.pk])
    answers = [client.get(address) for _each in range(3)]
    assert [answer.has_header("Refresh") for answer in answers] == [True, True, False]
    assert "<progress" in answers[0].content.decode()


def test_page_takes_the_same_queries_with_many(client: Client, month: Month) -> None:
    drafts.change_draft(
        month.draft, by=month.admin, revision=0, rules=dict(month.draft.rules) | {"earning": rate(20)}
    )
    client.force_login(month.admin)
    address = reverse("scheme_editor:preview", args=[month.draft.pk])

    def count() -> int:
        client.post(address, {"month": "2026-10"})
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).context["effect"].finished
        return len(seen)

    month.serve(make_volunteer(), "2026-10-05", 2)
    count()
    few = count()
    for _each in range(30):
        month.serve(make_volunteer(), "2026-10-06", 2)
    assert count() == few


def test_a_wrong_draft_has_no_preview(client: Client, month: Month) -> None:
    drafts.change_draft(month.draft, by=month.admin, revision=0, rules={"earning": "x"})
    client.force_login(month.admin)
    for name in ("preview", "try", "draft", "yaml"):
        page = client.get(reverse(f"scheme_editor:{name}", args=[month.draft.pk]))
        assert page.status_code == 200
        assert page.context["problems"]
