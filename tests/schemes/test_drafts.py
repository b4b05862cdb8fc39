"""From a draft to a version in force: what is refused on the way, and who may do what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from points import clock
from points.grids import approvals
from points.grids.models import ApprovalRequest, Role
from points.schemes.editor import drafts
from points.schemes.models import Scheme, SchemeDraft, SchemeVersion
from points.schemes.services import version_in_force
from tests.factories import Town, make_user
from tests.schemes.editing import PLAIN, notice, refused, serve, submitted, tomorrow

pytestmark = pytest.mark.django_db


def test_draft_begins_with_the_rules_in_force_in_parts(scheme: Scheme, draft: SchemeDraft) -> None:
    assert draft.based_on == scheme.versions.get()
    assert draft.rules["limits"] == [{"most": 80}]
    assert draft.rules["expiry"] == [{"validity": {"months": 24}}]


def test_approval_puts_the_draft_in_force_from_its_day(
    scheme: Scheme, draft: SchemeDraft, admin: Any, second: Any
) -> None:
    request = submitted(draft, admin)
    approvals.approve(request, by=second)
    draft.refresh_from_db()
    version = draft.version
    assert version is not None
    assert (version.number, version.effective_from, version.published_by) == (2, tomorrow(), second)
    assert ApprovalRequest.objects.get().outcome == f"scheme_version:{version.label}"
    today, later = (version_in_force(scheme.grid, day) for day in (clock.today(), tomorrow()))
    assert (today and today.number, later and later.number) == (1, 2)
    with refused("draft_closed"):
        drafts.change_draft(draft, by=admin, revision=draft.revision, rules=PLAIN)
    with refused("draft_closed"):
        drafts.discard_draft(draft, by=admin)


def test_nobody_approves_their_own_draft(draft: SchemeDraft, admin: Any) -> None:
    with refused("own_request"):
        approvals.approve(submitted(draft, admin), by=admin)
    assert SchemeVersion.objects.count() == 1


def test_a_draft_sent_back_can_be_mended_and_submitted_again(
    draft: SchemeDraft, admin: Any, second: Any
) -> None:
    request = submitted(draft, admin)
    draft.refresh_from_db()
    with refused("draft_closed"):
        drafts.change_draft(draft, by=admin, revision=draft.revision, rules=PLAIN)
    with refused("request_open"):
        other = drafts.begin_draft(draft.scheme, by=admin, source=draft)
        drafts.change_draft(other, by=admin, revision=0, effective_from=tomorrow(), note="")
        drafts.submit_draft(other, by=admin, files=[notice()])
    approvals.refuse(request, by=second, reason="公告日期不对")
    draft.refresh_from_db()
    assert draft.can_change
    drafts.change_draft(draft, by=admin, revision=draft.revision, rules=PLAIN | {"notice_days": 5})
    again = submitted(draft, admin)
    approvals.approve(again, by=second)
    assert SchemeVersion.objects.latest("number").as_rules().notice_days == 5


def test_what_is_submitted_is_what_is_approved(draft: SchemeDraft, admin: Any, second: Any) -> None:
    request = submitted(draft, admin)
    SchemeDraft.objects.update(rules=PLAIN | {"notice_days": 60})  # behind the service's back
    approvals.approve(request, by=second)
    assert SchemeVersion.objects.latest("number").as_rules().notice_days == 3


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rules": PLAIN | {"notice_days": "three"}}, "draft_wrong"),
        ({"effective_from": None, "note": ""}, "day_missing"),
        ({"effective_from": dt.date(2020, 1, 1), "note": ""}, "overlapping_version"),
        ({"effective_from": dt.date(2020, 1, 2), "note": ""}, "day_past"),
    ],
)
def test_submitting_what_cannot_come_into_force_is_refused(
    draft: SchemeDraft, admin: Any, change: dict[str, Any], code: str
) -> None:
    draft = drafts.change_draft(draft, by=admin, revision=draft.revision, **change)
    with refused(code):
        submitted(draft, admin)
    assert not ApprovalRequest.objects.exists()


def test_submitting_unchanged_rules_is_refused(scheme: Scheme, admin: Any) -> None:
    same = drafts.begin_draft(scheme, by=admin)
    drafts.change_draft(same, by=admin, revision=0, effective_from=tomorrow(), note="")
    with refused("nothing_changed"):
        submitted(same, admin)


def test_submitting_without_the_notice_is_refused(draft: SchemeDraft, admin: Any) -> None:
    with refused("evidence_missing"):
        drafts.submit_draft(draft, by=admin, files=[])


def test_approving_after_its_day_is_refused_and_can_be_sent_back(
    town: Town, draft: SchemeDraft, admin: Any, second: Any, clock_at: Any
) -> None:
    request = submitted(draft, admin)
    serve(town)
    clock_at(clock.now() + dt.timedelta(days=5))
    with refused("retroactive_version"):
        approvals.approve(request, by=second)
    approvals.refuse(request, by=second, reason="too late")


def test_two_people_do_not_overwrite_each_other(draft: SchemeDraft, admin: Any) -> None:
    with refused("draft_changed"):
        drafts.change_draft(draft, by=admin, revision=0, rules=PLAIN)


@pytest.mark.parametrize("role", [Role.COMMUNITY_WORKER, Role.AUDITOR])
def test_only_administrators_write_drafts(scheme: Scheme, draft: SchemeDraft, town: Town, role: str) -> None:
    other = make_user(role=role, grid=town.community)
    with refused("not_allowed"):
        drafts.begin_draft(scheme, by=other)
    with refused("not_allowed"):
        drafts.change_draft(draft, by=other, revision=draft.revision, rules=PLAIN)


def test_the_database_keeps_versions_as_they_are(scheme: Scheme) -> None:
    version = scheme.versions.get()
    for change in (lambda: SchemeVersion.objects.update(rules={}), version.save, version.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
