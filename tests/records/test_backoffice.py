"""Records in the back office: scoped, read only, filtered, exported without traps."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from points.grids.models import Role
from points.records.models import ServiceRecord
from tests.factories import make_organiser, make_user, make_volunteer
from tests.records.conftest import Morning

INDEX = "service_record:index"


@pytest.fixture
def office(morning: Morning, client: Client) -> Client:
    client.force_login(make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.community))
    return client


def exported(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_only_records_of_the_own_subtree_are_shown(morning: Morning, office: Client) -> None:
    ours = morning.record()
    theirs = morning.record(volunteer=make_volunteer(), grid=morning.town.other_grid)
    assert list(office.get(reverse(INDEX)).context["object_list"]) == [ours]
    assert office.get(reverse("service_record:inspect", args=[ours.pk])).status_code == 200
    assert office.get(reverse("service_record:inspect", args=[theirs.pk])).status_code == 404
    assert office.get(reverse("service_record:history", args=[theirs.pk])).status_code == 404
    rows = exported(office.get(reverse(INDEX), {"export": "csv"}))
    assert [row["记录编号"] if "记录编号" in row else next(iter(row.values())) for row in rows] == [
        ours.number
    ]


def test_nobody_edits_a_record_here(morning: Morning, client: Client) -> None:
    record = morning.record()
    client.force_login(make_user(role=Role.ADMINISTRATOR, grid=morning.town.root))
    for name, arguments in (("add", []), ("edit", [record.pk]), ("delete", [record.pk])):
        answer = client.post(reverse(f"service_record:{name}", args=arguments), {})
        assert answer.status_code in (302, 403, 404), name
    assert ServiceRecord.objects.get() == record


@pytest.mark.parametrize("role", [None, Role.LIAISON, Role.BUILDING_LEADER])
def test_records_are_closed_to_others(morning: Morning, client: Client, role: str | None) -> None:
    client.force_login(make_user(role=role, grid=morning.town.root if role else None))
    assert client.get(reverse(INDEX)).status_code == 403


def test_inspect_explains_the_record(morning: Morning, office: Client) -> None:
    record = morning.record()
    page = office.get(reverse("service_record:inspect", args=[record.pk])).content.decode()
    assert record.number in page
    assert morning.scheme.name in page


def test_filters_by_state_grade_and_date(
    morning: Morning, office: Client, clock_at: Callable[..., Any]
) -> None:
    plain = morning.record()
    late = morning.record(volunteer=make_volunteer(), grade="supplemented")
    ServiceRecord.objects.filter(pk=late.pk).update(state="final", served_on="2026-11-01")

    def found(**query: str) -> list[ServiceRecord]:
        return list(office.get(reverse(INDEX), query).context["object_list"])

    assert found(state="final") == [late]
    assert found(grade="system_verified") == [plain]
    assert found(served_on_from="2026-11-20") == [plain]
    assert found(served_on_to="2026-11-20") == [late]
    assert found(q=plain.number) == [plain]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", " =1+1"])
def test_exported_cells_never_begin_like_a_formula(morning: Morning, office: Client, start: str) -> None:
    morning.record(activity_name=start, volunteer=make_volunteer(name=start))
    (row,) = exported(office.get(reverse(INDEX), {"export": "csv"}))
    assert [cell for cell in row.values() if cell.lstrip(" ").startswith(tuple("=+-@\t"))] == []
    assert f"'{start}" in row.values()
    answer = office.get(reverse(INDEX), {"export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    cells = [cell for line in sheet.iter_rows(min_row=2) for cell in line]
    assert all(cell.data_type != "f" for cell in cells)
    assert f"'{start}" in [cell.value for cell in cells]


def test_exported_times_are_local(morning: Morning, office: Client) -> None:
    morning.record()
    (row,) = exported(office.get(reverse(INDEX), {"export": "csv"}))
    assert "2026-11-25 08:55" in row.values()
    assert "2026-11-25" in row.values()
    answer = office.get(reverse(INDEX), {"export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert dt.datetime(2026, 11, 25, 8, 55) in [cell.value for cell in sheet[2]]


def test_index_and_export_take_the_same_queries_at_1_and_at_30_rows(morning: Morning, office: Client) -> None:
    def count(**query: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            answer = office.get(reverse(INDEX), query)
            if answer.streaming:
                b"".join(answer.streaming_content)
        return len(seen)

    morning.record()
    count()
    few = count(), count(export="csv")
    for volunteer in morning.people(29):
        morning.record(volunteer=volunteer)
    assert (count(), count(export="csv")) == few


def test_within_follows_the_roles(morning: Morning) -> None:
    ours = morning.record()
    morning.record(volunteer=make_volunteer(), grid=morning.town.other_grid)
    assert list(ServiceRecord.objects.within(make_organiser(morning.town.grid))) == [ours]
    assert not ServiceRecord.objects.within(make_user()).exists()
    assert list(ServiceRecord.objects.of(morning.volunteer)) == [ours]
