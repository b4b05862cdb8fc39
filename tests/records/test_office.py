"""The back office of records: deciding, a second look, the year in numbers; what people are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from points.grids.models import Role
from points.people import notices as people_notices
from points.people.models import Notice, User
from points.records import certificates, objections
from points.records.models import Objection, ServiceRecord
from points.records.services import release_due
from tests.factories import make_user
from tests.records.conftest import Morning
from tests.records.test_objections import times

AFTER = "2026-11-29 00:00"


@pytest.fixture
def worker(morning: Morning) -> User:
    return make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.community, name="周社工")


@pytest.fixture
def objection(morning: Morning) -> Objection:
    record = morning.record()
    return objections.object_to(
        record, claim=Objection.Claim.TOO_MANY, text="十点半就走了", by=make_user(name="林菊")
    )


def fields(record: ServiceRecord, **more: Any) -> dict[str, Any]:
    return {
        "do": "uphold",
        "came_at": "2026-11-25T08:55",
        "left_at": "2026-11-25T11:10",
        "category": record.category,
        "content": record.content,
        "place": record.place,
        "answer": "核实过了",
    } | more


def test_worker_corrects_on_the_page(client: Client, worker: User, objection: Objection) -> None:
    client.force_login(worker)
    page = client.get(reverse("records_objection", args=[objection.pk])).content.decode()
    assert "十点半就走了" in page
    assert "2026-11-25T11:10" in page
    url = reverse("records_decide", args=[objection.pk])
    assert client.post(url, fields(objection.record)).status_code == 200  # nothing changed: said on the page
    assert client.post(url, fields(objection.record, left_at="nonsense")).status_code == 200
    objection.refresh_from_db()
    assert objection.is_open
    answer = client.post(url, fields(objection.record, left_at="2026-11-25T10:30"))
    assert answer.status_code == 302
    objection.refresh_from_db()
    assert objection.result is not None
    assert (objection.result.minutes, objection.result.beans) == (90, 15)


def test_longer_stay_counts_only_when_it_was_agreed(
    client: Client, morning: Morning, worker: User, objection: Objection
) -> None:
    client.force_login(worker)
    url = reverse("records_decide", args=[objection.pk])
    late = fields(objection.record, left_at="2026-11-25T11:40", stayed_longer="on")
    assert client.post(url, late).status_code == 302
    objection.refresh_from_db()
    assert objection.result is not None
    assert objection.result.minutes == 160
    other = objections.object_to(
        objection.result, claim=Objection.Claim.TOO_MANY, text="没说好", by=morning.people(1)[0]
    )
    second = make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.community)
    client.force_login(second)
    plain = fields(objection.result, left_at="2026-11-25T11:40")
    assert client.post(reverse("records_decide", args=[other.pk]), plain).status_code == 302
    other.refresh_from_db()
    assert other.result is not None
    assert other.result.minutes == 120


def test_whoever_confirmed_sees_why_somebody_else_decides(
    client: Client, morning: Morning, objection: Objection
) -> None:
    client.force_login(morning.organiser)
    page = client.get(reverse("records_objection", args=[objection.pk])).content.decode()
    assert 'value="uphold"' not in page
    client.post(reverse("records_decide", args=[objection.pk]), {"do": "reject", "answer": "不对"})
    objection.refresh_from_db()
    assert objection.is_open


def test_office_asks_for_a_second_look_after_the_notice(
    client: Client, morning: Morning, clock_at: Callable[..., Any]
) -> None:
    record = morning.record()
    clock_at(AFTER)
    release_due()
    client.force_login(make_user(role=Role.AUDITOR, grid=morning.town.root))
    url = reverse("records_question", args=[record.number])
    assert client.post(url, {"claim": "too_many", "text": "签到表不符"}).status_code == 302
    assert Objection.objects.get().was_final
    assert (
        client.post(url, {"claim": "too_many", "text": "再来"}).status_code == 200
    )  # open already: said there


def test_year_counts_records_corrections_and_certificates(
    client: Client, morning: Morning, worker: User, objection: Objection, clock_at: Callable[..., Any]
) -> None:
    objections.uphold(objection, times(objection.record, "09:00", "10:30"), answer="是", by=worker)
    morning.record(grade="supplemented")
    clock_at(AFTER)
    release_due()
    made = certificates.issue_certificate(morning.volunteer, unit=morning.unit, by=morning.volunteer)
    certificates.issue_certificate(morning.volunteer, unit=morning.unit, by=morning.volunteer, replaces=made)
    client.force_login(worker)
    answer = client.get(reverse("records_year"), {"year": "2026", "format": "csv"})
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[1] == f"{morning.unit.name},2,210,120,1,1,2,1"
    page = client.get(reverse("records_year")).content.decode()
    assert "57 %" in page
    assert client.get(reverse("records_year"), {"year": "99999"}).status_code == 404
    client.force_login(make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.other_community))
    assert morning.unit.name not in client.get(reverse("records_year")).content.decode()


def test_people_are_told_in_their_language(
    morning: Morning, worker: User, objection: Objection, clock_at: Callable[..., Any]
) -> None:
    confirmed = Notice.objects.get(user=morning.volunteer, kind="record_confirmed")
    assert people_notices.title_of(confirmed) == "您的服务已确认：“环境卫生整治志愿活动”"
    assert "20 颗金豆" in people_notices.body_of(confirmed)
    assert "11月28日" in people_notices.body_of(confirmed)
    objections.uphold(objection, times(objection.record, "09:00", "10:30"), answer="提前走了。", by=worker)
    clock_at(AFTER)
    release_due()
    told = {
        notice.kind: people_notices.body_of(notice)
        for notice in Notice.objects.filter(user=morning.volunteer)
    }
    assert {"objection_received", "record_corrected", "record_released"} <= told.keys()
    assert "现在是 90 分钟、15 颗金豆，原来是 120 分钟、20 颗金豆" in told["record_corrected"]
    released = Notice.objects.get(user=morning.volunteer, kind="record_released")
    assert people_notices.title_of(released) == "15 颗金豆到账了"
    hours = morning.record(volunteer=morning.people(1)[0], grade="supplemented")
    plain = Notice.objects.get(user=hours.volunteer)
    assert plain.kind == "record_confirmed_hours"
    assert "金豆" not in people_notices.body_of(plain)
