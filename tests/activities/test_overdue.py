"""The overdue list: ten working days across a holiday, per organisation, for whoever may confirm there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from points.activities import overdue
from points.activities.models import Activity, Registration
from points.grids.models import Role
from points.people.models import User
from points.records.models import Supplement
from tests.factories import (
    Town,
    local,
    make_activity,
    make_grid_tree,
    make_organiser,
    make_registration,
    make_user,
    make_volunteer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(clock_at: Callable[..., Any]) -> Town:
    clock_at("2025-08-01 08:00")
    return make_grid_tree()


@pytest.fixture
def organiser(town: Town) -> User:
    return make_organiser(town.community)


def served(town: Town, organiser: User, starts: str, *, came: bool = True, **more: Any) -> Registration:
    activity = make_activity(grid=town.grid, organiser=organiser, starts_at=local(starts), **more)
    shift = activity.shifts.get()
    registration = make_registration(shift.positions.get(), volunteer=make_volunteer())
    if came:
        Registration.objects.filter(pk=registration.pk).update(
            checked_in_at=shift.starts_at, checked_out_at=shift.ends_at
        )
    return registration


def test_ten_working_days_across_the_holiday(
    town: Town, organiser: User, clock_at: Callable[..., Any]
) -> None:
    served(town, organiser, "2025-09-27 09:00")
    clock_at("2025-10-16 23:00")
    assert overdue.overdue_count(organiser) == 0
    (due,) = overdue.with_due_days(list(overdue.unconfirmed_shifts(organiser)))
    assert (due.due_on.isoformat(), due.is_overdue) == ("2025-10-16", False)
    clock_at("2025-10-17 00:01")
    assert overdue.overdue_count(organiser) == 1


def test_list_shows_late_ones_and_all(
    town: Town, organiser: User, client: Client, clock_at: Callable[..., Any]
) -> None:
    served(town, organiser, "2025-09-27 09:00", title="九月大扫除")
    served(town, organiser, "2025-10-14 09:00", title="十月巡逻", came=False)
    clock_at("2025-10-20 09:00")
    client.force_login(organiser)
    page = client.get(reverse("organise:overdue")).content.decode()
    assert "九月大扫除" in page
    assert "十月巡逻" not in page
    page = client.get(reverse("organise:overdue"), {"show": "all"}).content.decode()
    assert "十月巡逻" in page
    assert client.get(reverse("organise:list")).content.decode().count(reverse("organise:overdue")) == 1


def test_confirmed_meetings_and_cancelled_ones_are_not_in_it(
    town: Town, organiser: User, clock_at: Callable[..., Any]
) -> None:
    served(town, organiser, "2025-09-01 09:00", is_service=False)
    cancelled = served(town, organiser, "2025-09-01 09:00")
    Activity.objects.filter(shifts=cancelled.shift).update(state=Activity.State.CANCELLED)
    done = served(town, organiser, "2025-09-01 09:00")
    Registration.objects.filter(pk=done.pk).update(state=Registration.State.RECORDED)
    clock_at("2025-10-20 09:00")
    assert overdue.overdue_count(organiser) == 0


def test_list_takes_the_same_queries_with_many(
    town: Town, organiser: User, client: Client, clock_at: Callable[..., Any]
) -> None:
    served(town, organiser, "2025-09-01 09:00")
    clock_at("2025-10-20 09:00")
    client.force_login(organiser)

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("organise:overdue")).status_code == 200
        return len(seen)

    count()
    one = count()
    for hour in range(6, 19):
        served(town, organiser, f"2025-09-02 {hour:02}:00")
    assert count() == one


def test_hours_entered_for_a_shift_need_evidence_and_a_colleague(
    town: Town, organiser: User, client: Client, clock_at: Callable[..., Any]
) -> None:
    registration = served(town, organiser, "2025-10-14 09:00")
    helper = make_volunteer(name="赵帮忙")
    make_user(role=Role.COMMUNITY_WORKER, grid=town.community)
    shift = registration.shift
    url = reverse("organise:supplement", args=[shift.activity.code, shift.pk])
    clock_at("2025-10-14 09:30")
    client.force_login(organiser)
    assert client.get(url).status_code == 404  # it is not over
    clock_at("2025-10-15 09:30")
    data = {
        "who": helper.username,
        "position": registration.position_id,
        "came": "09:00",
        "left": "10:00",
        "reason": "没带手机",
    }
    page = client.post(url, data).content.decode()
    assert not Supplement.objects.exists()
    assert "errors-top" in page
    paper = SimpleUploadedFile("sheet.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")
    assert client.post(url, data | {"papers": paper}).status_code == 302
    found = Supplement.objects.get()
    assert (found.minutes, found.state) == (60, "waiting")
    assert found.activity_minutes == registration.position.capacity * shift.planned_minutes
