"""Appeals: by the leader, decided by a third person, corrected in the books after the close."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from points.assessment import errors, services
from points.assessment.kinds import Kind
from points.assessment.models import Appeal
from points.grids.models import Role
from points.ledger.models import Transaction
from points.ledger.verify import verify
from points.people.models import Notice
from points.people.notices import KINDS, body_of, title_of
from tests import factories as make
from tests.assessment.conftest import Scene


def rejected(scene: Scene) -> None:
    """A claim the reviewer did not accept, and the result in public notice."""
    scene.open()
    claim = scene.claim()
    with scene.at("2026-11-12"):
        services.decide_claim(claim, accept=False, by=scene.reviewer, reason="看不清")
    scene.count()
    scene.notice()


def appeal(scene: Scene, day: str = "2026-12-03", kind: str = Kind.TRAINING) -> Appeal:
    with scene.at(day):
        return services.file_appeal(
            scene.result(), indicator=scene.indicator(kind), text="那次培训我参加了", by=scene.leader
        )


def test_an_upheld_appeal_during_the_notice_changes_the_result(scene: Scene) -> None:
    rejected(scene)
    filed = appeal(scene)
    with scene.at("2026-12-04"):
        services.decide_appeal(filed, added=1, answer="签到册上有他", by=scene.judge)
    assert scene.points(Kind.TRAINING) == (1, 5, 20)
    scene.close()
    assert Transaction.objects.get(kind="score").postings.get().amount == 5
    assert not Transaction.objects.filter(kind="score_correction").exists()
    told = set(Notice.objects.filter(user=scene.leader).values_list("kind", flat=True))
    assert {"assessment_appeal_upheld", "assessment_changed", "assessment_closed"} <= told


def test_an_appeal_upheld_after_the_close_is_a_visible_correction(scene: Scene) -> None:
    rejected(scene)
    filed = appeal(scene)
    scene.close()
    assert not Transaction.objects.filter(kind="score").exists()
    with scene.at("2026-12-10"):
        services.decide_appeal(filed, added=2, answer="两次都在", by=scene.judge)
    correction = Transaction.objects.get(kind="score_correction")
    assert correction.postings.get().amount == 10
    assert correction.reason == "appeal"
    assert correction.by == scene.judge
    change = scene.result().changes.get()
    assert (change.before, change.after, change.transaction) == (0, 10, correction)
    assert verify().ok
    with pytest.raises(errors.AppealDecided) as refused:
        services.decide_appeal(filed, added=1, answer="再来", by=scene.judge)
    assert refused.value.code == "appeal_decided"


def test_a_dismissed_appeal_changes_nothing(scene: Scene) -> None:
    rejected(scene)
    filed = appeal(scene)
    services.decide_appeal(filed, added=0, answer="签到册上没有", by=scene.judge)
    filed.refresh_from_db()
    assert (filed.state, scene.result().points) == (Appeal.State.DISMISSED, 0)
    assert not scene.result().changes.exists()


def test_the_third_person(scene: Scene) -> None:
    """Neither the leader, nor who counted, nor who reviewed, nor who is assessed, nor a stranger."""
    rejected(scene)
    filed = appeal(scene)
    for who, role in [(scene.leader, Role.ADMINISTRATOR), (scene.neighbour, Role.ADMINISTRATOR)]:
        make.make_user.give(who, role, scene.town.community)
    for who in (scene.manager, scene.reviewer):
        make.make_user.give(who, Role.ADMINISTRATOR, scene.town.community)
    far = make.make_user(role=Role.ADMINISTRATOR, grid=scene.town.other_community)
    cases = [
        (scene.leader, errors.OwnAppeal),
        (scene.neighbour, errors.ReviewerGains),
        (scene.manager, errors.NotThirdPerson),
        (scene.reviewer, errors.NotThirdPerson),
        (far, errors.NotAllowed),
    ]
    for who, refusal in cases:
        with pytest.raises(refusal):
            services.decide_appeal(filed, added=1, answer="好", by=who)
    with pytest.raises(errors.ReasonNeeded):
        services.decide_appeal(filed, added=1, answer=" ", by=scene.judge)
    assert scene.result().points == 0


def test_appeals_too_early_too_late_and_twice(scene: Scene) -> None:
    rejected(scene)
    appeal(scene)
    with pytest.raises(errors.AppealOpen) as twice:
        appeal(scene)
    assert twice.value.code == "appeal_open"
    last = scene.period.last_appeal_on
    assert last == dt.date(2026, 12, 17)
    assert appeal(scene, "2026-12-17 23:00", Kind.PROPOSAL).pk
    with pytest.raises(errors.AppealOver) as late:
        appeal(scene, "2026-12-18 00:01", Kind.JOINT_WORK)
    assert late.value.code == "appeal_over"
    type(scene.period).objects.filter(pk=scene.period.pk).update(state="counting")
    with pytest.raises(errors.AppealNotYet):
        appeal(scene, kind=Kind.JOINT_WORK)


def test_what_cannot_be_appealed(scene: Scene) -> None:
    rejected(scene)
    with pytest.raises(errors.AppealOnRatings):
        appeal(scene, kind=Kind.RATINGS)
    with scene.at("2026-12-03"):
        with pytest.raises(errors.NotAllowed):
            services.file_appeal(
                scene.result(), indicator=scene.indicator(Kind.TRAINING), text="他的", by=scene.neighbour
            )
        with pytest.raises(errors.ReasonNeeded):
            services.file_appeal(
                scene.result(), indicator=scene.indicator(Kind.TRAINING), text=" ", by=scene.leader
            )


def test_every_notice_reads_in_both_languages(scene: Scene) -> None:
    scene.open()
    scene.run()
    first, second = scene.claim(), scene.claim(Kind.PROPOSAL)
    with scene.at("2026-11-12"):
        services.decide_claim(first, accept=True, by=scene.reviewer)
        services.decide_claim(second, accept=False, by=scene.reviewer, reason="看不清")
    scene.count()
    scene.notice()
    for kind, added in ((Kind.PROPOSAL, 1), (Kind.JOINT_WORK, 0)):
        services.decide_appeal(appeal(scene, kind=kind), added=added, answer="看过了", by=scene.judge)
    scene.close()
    told = Notice.objects.filter(user=scene.leader)
    assert {notice.kind for notice in told} == {kind for kind in KINDS if kind.startswith("assessment_")}
    for notice in told:
        for language in ("zh-hans", "en"):
            with translation.override(language):
                said = f"{title_of(notice)} {body_of(notice)}"
            assert "%(" not in said
            assert ("十一月考核" in said) or ("看过了" in said) or ("11" in said)
            assert notice.url.startswith("/assessment/")
