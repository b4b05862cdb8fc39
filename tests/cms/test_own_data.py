"""A copy of my data: all of it, mine alone, with the password, a few a day."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from points import clock
from points.people import own_data
from points.people.errors import TooManyCopies
from points.people.models import Notice, OwnDataCopy, User
from points.records.models import ServiceRecord
from tests.factories import (
    PASSWORD,
    make_activity,
    make_redemption,
    make_registration,
    make_reward,
    make_user,
)

pytestmark = pytest.mark.django_db
PAGE = "/me/data/"


@pytest.fixture
def wang(site: Any, serve: Callable[..., ServiceRecord]) -> User:
    """Somebody who has done everything once."""
    person = make_user(
        name="王秀芝",
        phone="13800001234",
        email="wang@example.org",
        password=PASSWORD,
        home=site.town.grid,
        preferred_language="zh-hans",
    )
    serve(person, days_ago=10, release=True)
    serve(person, days_ago=1)
    activity = make_activity(grid=site.town.grid, title="扫院子", organiser=site.organiser)
    make_registration(activity.shifts.get().positions.get(), volunteer=person)
    make_redemption(make_reward(grid=site.town.root, title="理发一次"), member=person)
    return person


def read(client: Client, form: str = "json", password: str = PASSWORD) -> Any:
    return client.post(PAGE, {"form": form, "password": password})


def test_the_copy_holds_everything_with_its_reasons(client: Client, wang: User) -> None:
    client.force_login(wang)
    response = read(client)
    assert response.streaming
    assert response["Content-Disposition"] == f'attachment; filename="jindou-{clock.today():%Y%m%d}.json"'
    found = json.loads(b"".join(response.streaming_content))
    person = found["person"][0]
    assert (person["name"], person["phone"], person["email"]) == ("王秀芝", "13800001234", "wang@example.org")
    assert [row["purpose"] for row in found["consents"]] == ["保存我的志愿服务记录"]
    assert found["places"][0]["place"] == "春风第一网格"
    assert [row["activity"] for row in found["registrations"]] == ["扫院子"]
    assert [row["minutes"] for row in found["records"]] == [120, 120]
    assert all("积分办法" in row["why"] for row in found["records"])
    assert [row["reward"] for row in found["vouchers"]] == ["理发一次"]
    assert {"楼院大扫除", "理发一次"} <= {row["title"] for row in found["statement"]}
    assert found["balances"][0]["minutes"] == 240
    assert found["copies"] == [{"at": found["copies"][0]["at"], "form": "json"}]
    assert set(found) == {"format", "made_at", *own_data.SECTIONS}


def test_the_statement_in_the_copy_adds_up_to_the_balance(
    wang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cms.own_data.PAGE", 2)  # several pages
    found = json.loads("".join(own_data.as_json(wang, "zh-hans")))
    for bucket in ("available", "pending", "held"):
        assert sum(row[bucket] for row in found["statement"]) == found["balances"][0][bucket]
    assert len({row["entry"] for row in found["statement"]}) == len(found["statement"]) > 2


def test_the_copy_is_mine_alone(client: Client, wang: User) -> None:
    client.force_login(make_user(password=PASSWORD))
    text = b"".join(read(client).streaming_content).decode()
    for word in ("王秀芝", "13800001234", "扫院子", "理发一次"):
        assert word not in text


def test_the_pdf_can_be_read(client: Client, wang: User, tmp_path: Path) -> None:
    client.force_login(wang)
    response = read(client, "pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert len(response.content) < 400_000
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here")
    path = tmp_path / "copy.pdf"
    path.write_bytes(response.content)
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout.decode()
    for word in ("王秀芝", "13800001234", "楼院大扫除", "理发一次"):
        assert word in text


def test_a_wrong_password_gives_nothing(client: Client, wang: User) -> None:
    client.force_login(wang)
    page = read(client, password="guess")
    assert page.context["form"].errors.as_data()["password"][0].code == "wrong_password"
    assert not OwnDataCopy.objects.exists()
    assert client.post(PAGE, {"form": "exe", "password": PASSWORD}).status_code == 200
    assert not OwnDataCopy.objects.exists()


def test_passwords_are_not_tried_without_end(client: Client, wang: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "2/m/user"}
    client.force_login(wang)
    for _unused in range(2):
        read(client, password="guess")
    assert read(client).context["form"].errors.as_data()["password"][0].code == "wrong_password"


def test_a_copy_is_told_and_five_a_day_are_enough(client: Client, wang: User) -> None:
    client.force_login(wang)
    for _unused in range(own_data.COPIES_PER_DAY):
        assert read(client).streaming
    assert Notice.objects.filter(user=wang, kind="data_copied").count() == own_data.COPIES_PER_DAY
    page = read(client)
    assert page.context["form"].errors.as_data()["__all__"][0].code == "too_many_copies"
    with pytest.raises(TooManyCopies), clock.at(clock.now() + dt.timedelta(hours=23)):
        own_data.begin_copy(wang, form="pdf", by=wang)
    with clock.at(clock.now() + dt.timedelta(hours=25)):
        own_data.begin_copy(wang, form="pdf", by=wang)


def test_a_long_history_costs_no_more_queries(wang: User, serve: Callable[..., ServiceRecord]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            "".join(own_data.as_json(User.objects.get(pk=wang.pk), "zh-hans"))
        return len(found)

    few = queries()
    for number in range(20):
        serve(wang, days_ago=number + 20)
    assert queries() == few


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_field_has_a_name_in_both_languages(wang: User, language: str) -> None:
    for section in own_data.sections():
        for row in section.rows(wang):
            assert set(row) == set(section.names), section.code
    assert own_data.as_pdf(wang, language).startswith(b"%PDF")


def test_two_sections_cannot_share_a_code() -> None:
    section = own_data.sections()[0]
    assert own_data.register(section) is section
    with pytest.raises(ValueError, match=section.code):
        own_data.register(own_data.Section(section.code, "x", {}, lambda _user: []))


def test_every_table_about_people_is_thought_of() -> None:
    """A room that adds a table with a person in it must put it into the copy, or say here why not."""
    rooms = ("people", "grids", "activities", "records", "rewards", "assessment")
    known = {
        "people.VolunteerProfile",
        "people.Consent",
        "people.GuardianConsent",
        "people.Notice",
        "people.OwnDataCopy",
        "people.ClosingRequest",
        "grids.GridMembership",
        "grids.RoleAssignment",
        "activities.Registration",
        "records.ServiceRecord",
        "rewards.Redemption",
        "rewards.ProviderStaff",
        "activities.Absence",
        "activities.HeldQualification",
        "activities.WaitlistEntry",
        "grids.TeamMember",
        "records.Certificate",
        "records.Commendation",
        "records.Evaluation",
        "records.Objection",
        "records.Supplement",
        "records.TrainingRecord",
        "rewards.NoShow",
        "rewards.Waiting",
        "rewards.Wish",
        "assessment.Appeal",
        "assessment.Claim",
        "assessment.Result",
    }
    not_copied = {
        "people.NoticeChoice": "how somebody wants mail: on the page of choices",
        "people.Digest": "that a mail of a day was sent",
        "grids.ApprovalRequest": "what somebody did in an office",
        "activities.Activity": "what somebody organised, public",
        "activities.ImportRun": "what somebody uploaded in an office",
        "rewards.RefusedScan": "what a clerk typed",
        "activities.CalendarAddress": "a secret address, shown on the page of the calendar",
        "activities.OrganiserMessage": "what somebody wrote to participants as an organiser",
        "activities.Series": "what somebody organised, public",
        "grids.FileRead": "which evidence somebody opened in an office",
        "rewards.AidBatch": "what somebody issued in an office",
        "rewards.AidVoucher": "which clerk handed it over; it belongs to nobody",
        "rewards.ClosedDay": "what somebody did at a desk",
        "rewards.HandOver": "what a clerk handed over",
        "rewards.StockChange": "what somebody did in an office",
        "assessment.AssessmentPeriod": "what somebody did in an office",
        "assessment.Fact": "what the community did, counted; the result explains it",
        "assessment.ScoreChange": "who changed a score; the result explains it",
        "assessment.Stint": "the days of a role, in the roles",
    }
    found = {
        model._meta.label
        for room in rooms
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model is User
    }
    assert found <= known | set(not_copied), found - known - set(not_copied)
