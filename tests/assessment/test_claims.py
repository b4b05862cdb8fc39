"""Claims: what is refused, what evidence becomes, and who may review."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from points.assessment import errors, services
from points.assessment.kinds import CLAIMED, SOURCES, Kind
from points.assessment.models import Claim, Indicator
from points.grids.errors import EvidenceUnreadable
from points.grids.models import Role
from points.people.models import Notice
from tests import factories as make
from tests.assessment.conftest import Scene, picture


def test_a_claim_is_made_reviewed_and_told(scene: Scene) -> None:
    scene.open()
    claim = scene.claim()
    with scene.at("2026-11-11"):
        services.decide_claim(claim, accept=True, by=scene.reviewer)
    claim.refresh_from_db()
    assert (claim.state, claim.reviewed_by) == (Claim.State.ACCEPTED, scene.reviewer)
    assert Notice.objects.filter(user=scene.leader, kind="assessment_claim_accepted").count() == 1


def test_claim_without_evidence(scene: Scene) -> None:
    scene.open()
    with pytest.raises(errors.ClaimEvidenceMissing) as refused:
        scene.claim(Kind.FACILITY)
    assert refused.value.code == "evidence_missing"
    assert not Claim.objects.exists()


def test_evidence_loses_the_cameras_notes_and_its_name(scene: Scene) -> None:
    scene.open()
    claim = scene.claim(Kind.FACILITY, files=[picture("我家.jpg")])
    paper = claim.evidence.get()
    data = paper.file.read()
    assert b"SECRETCAMERA" in picture().read()
    assert b"SECRETCAMERA" not in data
    assert data.startswith(b"\xff\xd8")
    assert "我家" not in paper.file.name
    assert paper.size == len(data)
    with pytest.raises(ValueError, match="no address"):
        _address = paper.file.url


def test_evidence_that_is_none(scene: Scene) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    scene.open()
    with pytest.raises(EvidenceUnreadable):
        scene.claim(Kind.FACILITY, files=[SimpleUploadedFile("a.jpg", b"<svg/>")])
    assert not Claim.objects.exists()


@pytest.mark.parametrize("day", [dt.date(2026, 10, 31), dt.date(2026, 12, 1)])
def test_claim_outside_the_period(scene: Scene, day: dt.date) -> None:
    scene.open()
    with scene.at("2026-11-30"), pytest.raises(errors.ClaimOutsidePeriod) as refused:
        services.submit_claim(
            scene.period,
            indicator=scene.indicator(Kind.TRAINING),
            happened_on=day,
            note="培训",
            by=scene.leader,
        )
    assert refused.value.code == "claim_outside_period"


def test_claim_for_a_day_to_come(scene: Scene) -> None:
    scene.open()
    with scene.at("2026-11-05"), pytest.raises(errors.ClaimTooEarly):
        services.submit_claim(
            scene.period,
            indicator=scene.indicator(Kind.TRAINING),
            happened_on=dt.date(2026, 11, 6),
            note="培训",
            by=scene.leader,
        )


def test_claim_of_somebody_who_is_no_leader_here(scene: Scene) -> None:
    scene.open()
    foreign = make.make_user(role=Role.GRID_LEADER, grid=scene.town.other_grid)
    for who in (scene.manager, foreign):
        with pytest.raises(errors.ClaimOutsideOffice):
            scene.claim(by=who)


def test_claim_before_ones_own_first_day(scene: Scene) -> None:
    later = make.make_user(
        role=Role.GRID_LEADER, grid=scene.town.micro_grid, from_on=dt.date(2026, 11, 15), name="新网格长"
    )
    scene.open()
    with pytest.raises(errors.ClaimOutsideOffice):
        scene.claim(by=later, day=14)
    assert scene.claim(by=later, day=15).pk


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in CLAIMED])
def test_what_the_system_counts_is_not_claimed(scene: Scene, kind: str) -> None:
    scene.open()
    with pytest.raises(errors.NotAClaim):
        scene.claim(kind)


@pytest.mark.parametrize("note", ["电话13800001234", "41010319800101123X", "打 6387 0001 找他"])
def test_claim_with_a_number_of_a_person(scene: Scene, note: str) -> None:
    scene.open()
    with scene.at("2026-11-10"), pytest.raises(errors.ClaimNamesPeople):
        services.submit_claim(
            scene.period,
            indicator=scene.indicator(Kind.TRAINING),
            happened_on=dt.date(2026, 11, 9),
            note=note,
            by=scene.leader,
        )


def test_claim_without_a_word(scene: Scene) -> None:
    scene.open()
    with scene.at("2026-11-10"), pytest.raises(errors.ClaimEmpty):
        services.submit_claim(
            scene.period,
            indicator=scene.indicator(Kind.TRAINING),
            happened_on=dt.date(2026, 11, 9),
            note="  ",
            by=scene.leader,
        )


def test_the_same_claim_twice(scene: Scene) -> None:
    scene.open()
    first = scene.claim()
    with pytest.raises(errors.ClaimTwice):
        scene.claim()
    services.withdraw_claim(first, by=scene.leader)
    assert scene.claim().pk != first.pk


def test_claim_before_the_opening_and_after_the_end(scene: Scene) -> None:
    with pytest.raises(errors.PeriodState) as refused:
        scene.claim()
    assert refused.value.code == "period_state"
    scene.open()
    scene.count()
    with pytest.raises(errors.PeriodState):
        scene.claim()


def test_the_leader_never_reviews_the_own_claim(scene: Scene) -> None:
    """Not even with the right to review others'."""
    make.make_user.give(scene.leader, Role.COMMUNITY_WORKER, scene.town.community)
    scene.open()
    claim = scene.claim()
    with pytest.raises(errors.OwnClaim) as refused:
        services.decide_claim(claim, accept=True, by=scene.leader)
    assert refused.value.code == "own_claim"
    claim.reviewed_by = scene.leader
    with pytest.raises(IntegrityError), transaction.atomic():
        claim.save()


def test_a_reviewer_who_is_assessed_too(scene: Scene) -> None:
    make.make_user.give(scene.neighbour, Role.COMMUNITY_WORKER, scene.town.community)
    scene.open()
    claim = scene.claim()
    with pytest.raises(errors.ReviewerGains) as refused:
        services.decide_claim(claim, accept=False, by=scene.neighbour, reason="不行")
    assert refused.value.code == "reviewer_gains"


def test_a_reviewer_of_another_community(scene: Scene) -> None:
    scene.open()
    far = make.make_user(role=Role.COMMUNITY_WORKER, grid=scene.town.other_community)
    with pytest.raises(errors.NotAllowed):
        services.decide_claim(scene.claim(), accept=True, by=far)


def test_rejecting_needs_a_reason_and_deciding_happens_once(scene: Scene) -> None:
    scene.open()
    claim = scene.claim()
    with pytest.raises(errors.ReasonNeeded):
        services.decide_claim(claim, accept=False, by=scene.reviewer, reason=" ")
    services.decide_claim(claim, accept=False, by=scene.reviewer, reason="照片看不清")
    with pytest.raises(errors.ClaimDecided):
        services.decide_claim(claim, accept=True, by=scene.reviewer)
    with pytest.raises(errors.ClaimDecided):
        services.withdraw_claim(claim, by=scene.leader)


def test_nobody_withdraws_somebody_elses_claim(scene: Scene) -> None:
    scene.open()
    with pytest.raises(errors.NotAllowed):
        services.withdraw_claim(scene.claim(), by=scene.neighbour)


def test_indicators_are_a_closed_vocabulary(scene: Scene) -> None:
    """Nothing about residents is on the list, and nothing else can be written."""
    assert set(SOURCES) == set(Kind.values)
    words = " ".join([*Kind.values, *(str(label) for label in Kind.labels)])
    for banned in ("visit", "走访", "report_on", "举报", "dispute", "纠纷", "upload", "information_count"):
        assert banned not in words
    own = Indicator(
        indicator_set=scene.period.indicator_set,
        kind="home_visits",
        function="information",
        weight=1,
        cap=5,
    )
    with pytest.raises(ValidationError):
        own.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        own.save()
