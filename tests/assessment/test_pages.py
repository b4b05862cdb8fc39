"""Pages: the same number of queries for one row and thirty, drafts unseen, exports harmless."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from points.assessment import services
from points.assessment.kinds import Kind
from points.assessment.models import AssessmentPeriod, Claim, Fact, Result
from points.people.models import User
from tests import factories as make
from tests.assessment.conftest import FIRST, Scene, picture


def as_(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def queries(client: Client, url: str) -> int:
    from django.db import connection

    client.get(url)  # the first visit fills what is kept on the session
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def more_periods(scene: Scene, number: int) -> None:
    AssessmentPeriod.objects.bulk_create(
        AssessmentPeriod(
            title=f"考核{each}",
            grid=scene.town.community,
            role=scene.period.role,
            indicator_set=scene.period.indicator_set,
            from_on=FIRST - dt.timedelta(days=40 + each),
            to_on=FIRST - dt.timedelta(days=40 + each),
            state="closed",
        )
        for each in range(number)
    )


def more_claims(scene: Scene, number: int) -> None:
    for each in range(number):
        Claim.objects.create(
            period=scene.period,
            indicator=scene.indicator(Kind.TRAINING),
            leader=make.make_user(),
            happened_on=FIRST,
            note=f"培训{each}",
        )
        Fact.objects.create(
            period=scene.period,
            indicator=scene.indicator(Kind.ACTIVITIES_RUN),
            leader=make.make_user(),
            reference=f"activity:{make.nth()}",
            title="扫院子",
            unit_code="x",
            happened_on=FIRST,
            state=Fact.State.WAITING if each % 2 else Fact.State.COUNTED,
        )


def more_results(scene: Scene, number: int) -> None:
    for each in range(number):
        Result.objects.create(
            period=scene.period, leader=make.make_user(), units=f"网格{each}", days=30, points=1, maximum=2
        )


@pytest.mark.parametrize(
    ("who", "page", "more"),
    [
        ("leader", "list", more_periods),
        ("manager", "list", more_periods),
        (None, "list", more_periods),
        ("reviewer", "review", more_claims),
        ("manager", "manage", more_results),
        (None, "period", more_results),
        ("leader", "mine", more_results),
        ("manager", "results", more_results),
    ],
)
def test_queries_do_not_grow_with_rows(scene: Scene, who: str | None, page: str, more: Any) -> None:
    scene.open()
    scene.claim()
    scene.run()
    with scene.at("2026-11-12"):
        services.decide_claim(scene.period.claims.get(), accept=True, by=scene.reviewer)
    scene.count()
    scene.notice()
    more(scene, 2)
    client = as_(getattr(scene, who) if who else None)
    code = [] if page == "list" else [scene.period.code]
    url = (
        reverse("assessment_result:index") if page == "results" else reverse(f"assessment:{page}", args=code)
    )
    few = queries(client, url)
    more(scene, 28)
    assert queries(client, url) <= few


def test_a_draft_is_seen_only_by_who_manages_it(scene: Scene) -> None:
    url = scene.period.get_absolute_url()
    assert [as_(who).get(url).status_code for who in (None, scene.leader, scene.manager)] == [404, 404, 200]
    assert "十一月考核" not in as_(None).get("/assessment/").content.decode()


def test_a_neighbours_result_has_no_address(scene: Scene) -> None:
    """Everybody reads the own result at the same address; nothing of the neighbour stands there."""
    scene.open()
    scene.run()
    scene.count()
    scene.notice()
    page = as_(scene.neighbour).get(f"{scene.period.get_absolute_url()}mine/").content.decode()
    assert "赵秋实" not in page.split("<main")[1]
    assert "李建民" not in page
    assert as_(make.make_user()).get(f"{scene.period.get_absolute_url()}mine/").status_code == 404


def test_a_claim_by_the_form_keeps_what_was_typed(scene: Scene) -> None:
    scene.open()
    client, url = as_(scene.leader), reverse("assessment:claim", args=[scene.period.code])
    given = {
        "indicator": scene.indicator(Kind.FACILITY).pk,
        "happened_on": "2026-11-09",
        "note": "路灯不亮",
    }
    with scene.at("2026-11-10"):
        refused = client.post(url, given)
        assert refused.status_code == 200
        assert "路灯不亮" in refused.content.decode()
        assert client.post(url, given | {"papers": [picture()]}).status_code == 302
    claim = Claim.objects.get()
    paper = reverse("assessment:evidence", args=[claim.pk, claim.evidence.get().pk])
    answer = as_(scene.reviewer).get(paper)
    assert answer["Cache-Control"] == "private, no-store"
    assert [as_(who).get(paper).status_code for who in (scene.neighbour, None)] == [404, 302]


def test_the_export_is_harmless_and_whole(scene: Scene) -> None:
    scene.leader.name = "=HYPERLINK(1)"
    scene.leader.save()
    scene.open()
    scene.run()
    scene.count()
    scene.notice()
    client, url = as_(scene.manager), reverse("assessment_result:index")
    text = b"".join(client.get(f"{url}?export=csv").streaming_content).decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert len(text.strip().splitlines()) == 3
    answer = client.get(f"{url}?export=xlsx")
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    cells = [cell.value for row in openpyxl.load_workbook(io.BytesIO(data)).active for cell in row]
    assert "'=HYPERLINK(1)" in cells


def test_the_back_office_refuses_what_the_service_refuses(scene: Scene) -> None:
    client = as_(scene.manager)
    indicator = scene.indicator(Kind.TRAINING)
    url = reverse("assessment_indicator:edit", args=[indicator.pk])
    given = {
        "indicator_set": indicator.indicator_set_id,
        "kind": indicator.kind,
        "function": indicator.function,
        "weight": 9,
        "cap": 20,
    }
    assert client.post(url, given).status_code == 302
    scene.open()
    refused = client.post(url, given | {"weight": 10})
    assert refused.status_code == 200
    assert "已随考核公布" in refused.content.decode()
    assert scene.indicator(Kind.TRAINING).weight == 9
    client.post(reverse("assessment_indicator:delete", args=[indicator.pk]))
    client.post(reverse("assessment_period:delete", args=[scene.period.pk]))
    assert scene.indicator(Kind.TRAINING)
    assert AssessmentPeriod.objects.filter(pk=scene.period.pk).exists()
    own = client.post(url, given | {"kind": "home_visits"})
    assert own.status_code == 200


def test_steps_by_the_managers_page(scene: Scene) -> None:
    url = reverse("assessment:manage", args=[scene.period.code])
    client = as_(scene.manager)
    assert client.post(url, {"do": "nonsense"}).status_code == 404
    with scene.at("2026-10-30"):
        client.post(url, {"do": "open"})
        page = client.post(url, {"do": "count"}, follow=True).content.decode()
    assert "第二天起才能统计" in page
    scene.period.refresh_from_db()
    assert scene.period.state == "open"
