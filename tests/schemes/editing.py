"""What the tests of the editor share: a town with a scheme, two administrators, a draft."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from points import clock
from points.grids.models import ApprovalRequest, Role
from points.records.services import record_service
from points.refusals import Refusal
from points.schemes.editor import drafts
from points.schemes.models import Scheme, SchemeDraft
from tests import factories as make
from tests.factories import Town, make_grid_tree, make_scheme, make_user

CHECKED = "system_verified"
PDF = b"%PDF-1.4\ntrailer\n%%EOF\n"
PLAIN = {"earning": [{"id": "service", "name": "志愿服务", "rate": {"points": 10}}], "limits": [{"most": 80}]}


def refused(code: str) -> Any:
    return pytest.raises(Refusal, check=lambda refusal: refusal.refusal_code == code)


def notice() -> SimpleUploadedFile:
    return SimpleUploadedFile("公告.pdf", PDF)


def tomorrow() -> dt.date:
    return clock.today() + dt.timedelta(days=1)


def serve(town: Town) -> None:
    """One volunteer's two hours of yesterday, recorded under the scheme in force."""
    start = make.local(f"{clock.today() - dt.timedelta(days=1)} 09:00")
    organiser = make_user(role=Role.ORGANISER, grid=town.community)
    record_service(
        source=f"test:{make.nth()}",
        volunteer=make_user(),
        grid=town.grid,
        recording_unit=make.make_organization(grid=town.grid),
        activity_name="大扫除",
        activity_reference="a1b2c3d4",
        category="environment",
        content="清扫",
        place="广场",
        person_in_charge=organiser,
        planned_start=start,
        planned_end=start + dt.timedelta(hours=2),
        checked_in_at=start,
        checked_out_at=start + dt.timedelta(hours=2),
        grade="system_verified",
        by=organiser,
    )


@pytest.fixture
def town() -> Town:
    return make_grid_tree()


@pytest.fixture
def scheme(town: Town) -> Scheme:
    return make_scheme(grid=town.community)


@pytest.fixture
def admin(town: Town) -> Any:
    return make_user(role=Role.ADMINISTRATOR, grid=town.community)


@pytest.fixture
def second(town: Town) -> Any:
    return make_user(role=Role.ADMINISTRATOR, grid=town.root)


@pytest.fixture
def draft(scheme: Scheme, admin: Any) -> SchemeDraft:
    """Twelve beans an hour from tomorrow on."""
    found = drafts.begin_draft(scheme, by=admin)
    rules = dict(found.rules) | {"earning": [{"id": "service", "name": "志愿服务", "rate": {"points": 12}}]}
    return drafts.change_draft(
        found, by=admin, revision=0, rules=rules, effective_from=tomorrow(), note="涨到 12"
    )


def submitted(draft: SchemeDraft, by: Any) -> ApprovalRequest:
    return drafts.submit_draft(draft, by=by, files=[notice()])
