"""Two decisions about one period at the same moment, and with the lock taken away (PostgreSQL)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from points.assessment import errors, services
from points.assessment.kinds import Kind
from points.assessment.models import Appeal, AssessmentPeriod, Claim
from points.assessment.services import claiming, closing
from points.ledger.models import Balance
from tests.activities.test_races import is_waiting
from tests.assessment.conftest import Scene

pytestmark = [pytest.mark.race, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def two_at_once(
    scene: Scene, day: str, first: Callable[[], Any], second: Callable[[], Any]
) -> tuple[bool, Exception | None]:
    """Run `first`, start `second` before `first` commits. Did the second wait, and how did it end?"""
    problems: list[Exception] = []

    def run() -> None:
        try:
            with scene.at(day):
                second()
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    waited = False
    with scene.at(day), transaction.atomic():
        first()
        thread.start()
        deadline = time.monotonic() + 20
        while thread.is_alive() and not waited and time.monotonic() < deadline:
            waited = is_waiting()
            time.sleep(0.01)
    thread.join(20)
    assert not thread.is_alive()
    return waited, problems[0] if problems else None


def without_lock(period: AssessmentPeriod) -> AssessmentPeriod:
    return AssessmentPeriod.objects.select_related("grid", "indicator_set").get(pk=period.pk)


@pytest.fixture
def appealed(scene: Scene) -> Appeal:
    """A result of nothing in public notice, and an appeal that waits."""
    scene.open()
    scene.count()
    scene.notice()
    with scene.at("2026-12-03"):
        return services.file_appeal(
            scene.result(), indicator=scene.indicator(Kind.TRAINING), text="漏了一次", by=scene.leader
        )


def uphold_and_close(scene: Scene, appeal: Appeal) -> tuple[int, int]:
    """What the result says and what the books say after an appeal is upheld while the period is closed."""
    waited, problem = two_at_once(
        scene,
        "2026-12-08",
        lambda: services.decide_appeal(appeal, added=1, answer="计入", by=scene.judge),
        lambda: services.close_period(scene.period, by=scene.manager),
    )
    assert (waited, problem) == (True, None)
    held = Balance.objects.filter(account__owner=scene.leader, account__kind="score")
    return scene.result().points, sum(held.values_list("amount", flat=True))


def test_an_appeal_upheld_while_the_period_is_closed(scene: Scene, appealed: Appeal) -> None:
    assert uphold_and_close(scene, appealed) == (5, 5)


def test_an_appeal_upheld_while_the_period_is_closed_without_the_lock(
    scene: Scene, appealed: Appeal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "lock", without_lock)
    points, booked = uphold_and_close(scene, appealed)
    assert points != booked


def decide_twice(scene: Scene) -> tuple[Exception | None, str]:
    """One accepts a claim while another does not."""
    scene.open()
    claim = scene.claim()
    _waited, problem = two_at_once(
        scene,
        "2026-11-12",
        lambda: services.decide_claim(claim, accept=True, by=scene.reviewer),
        lambda: services.decide_claim(claim, accept=False, by=scene.manager, reason="不行"),
    )
    return problem, Claim.objects.get(pk=claim.pk).state


def test_a_claim_is_decided_once(scene: Scene) -> None:
    problem, state = decide_twice(scene)
    assert isinstance(problem, errors.ClaimDecided)
    assert state == "accepted"


def test_a_claim_is_decided_twice_without_the_lock(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "lock", without_lock)
    problem, state = decide_twice(scene)
    assert problem is None
    assert state == "rejected"
