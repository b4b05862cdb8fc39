"""Two at once about one record: two deciders, a decision and a release, an objection and a release.

Deterministic, like `test_races`: the second connection starts inside the first transaction, which commits
only once PostgreSQL says that the second waits. Each has its control: the lock taken away.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from points.grids.models import Role
from points.ledger.balances import member_balances
from points.ledger.models import Transaction
from points.people.models import User
from points.records import certificates, errors, objections, services
from points.records.certificates import issue_certificate
from points.records.models import Certificate, Objection, ServiceRecord
from points.refusals import Refusal
from tests.factories import local, make_user
from tests.records.conftest import Morning, allot, build_morning
from tests.records.test_objections import times
from tests.records.test_races import NOON, two_at_once

pytestmark = [pytest.mark.postgres, pytest.mark.race, pytest.mark.django_db(transaction=True)]
AFTER = local("2026-11-29 00:00")
State = ServiceRecord.State


@pytest.fixture
def morning(clock_at: Callable[..., Any]) -> Morning:
    clock_at(NOON)
    made = build_morning()
    allot(made.town.community, 1000)
    return made


@pytest.fixture
def deciders(morning: Morning) -> list[User]:
    return [make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.community) for _each in range(2)]


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the record and the volunteer are read, not locked."""

    def only_read(key: int) -> ServiceRecord:
        rows = ServiceRecord.objects.select_related("volunteer", "scheme_version__scheme", "grid")
        return rows.get(pk=key)

    for module in (services, objections):
        monkeypatch.setattr(module, "lock_record", only_read)
        monkeypatch.setattr(module, "lock_volunteers", lambda volunteers: None)


def objected(morning: Morning) -> Objection:
    return objections.object_to(
        morning.record(), claim=Objection.Claim.TOO_MANY, text="提前走了", by=morning.people(1)[0]
    )


def uphold(objection: Objection, by: User) -> None:
    objections.uphold(objection, times(objection.record, "09:00", "10:30"), answer="是", by=by)


def beans(morning: Morning) -> tuple[int, int]:
    held = member_balances(morning.volunteer)
    return int(held.pending.amount), int(held.available.amount)


# --- Two deciders ---------------------------------------------------------------------------------------
def decide_twice(morning: Morning, deciders: list[User]) -> tuple[bool, list[str]]:
    objection = objected(morning)
    refused: list[str] = []

    def second() -> None:
        try:
            objections.reject(objection, answer="没有问题", by=deciders[1])
        except Refusal as refusal:
            refused.append(refusal.refusal_code)

    waited = two_at_once(lambda: uphold(objection, deciders[0]), second)
    return waited, refused


def test_two_deciders_are_one_decision(morning: Morning, deciders: list[User]) -> None:
    waited, refused = decide_twice(morning, deciders)
    assert (waited, refused) == (True, ["objection_decided"])
    assert Objection.objects.get().state == Objection.State.UPHELD
    assert [record.state for record in ServiceRecord.objects.order_by("version")] == [
        State.SUPERSEDED,
        State.IN_NOTICE,
    ]
    assert beans(morning) == (15, 0)


def test_two_deciders_without_the_lock(morning: Morning, deciders: list[User], no_lock: None) -> None:
    """The control: the second one has read an open objection and writes over the first one's decision."""
    _waited, refused = decide_twice(morning, deciders)
    assert refused == []
    states = {record.state for record in ServiceRecord.objects.all()}
    assert Objection.objects.get().state == Objection.State.REJECTED
    assert states == {State.IN_NOTICE}  # both versions count


# --- An objection and the release --------------------------------------------------------------------------
def object_and_release(morning: Morning, decider: User) -> tuple[bool, list[int]]:
    record = morning.record()
    counts: list[int] = []

    def hold() -> None:
        objections.object_to(record, claim=Objection.Claim.TOO_MANY, text="提前走了", by=decider)

    waited = two_at_once(hold, lambda: counts.append(services.release_due(AFTER)))
    return waited, counts


def test_objection_that_came_first_holds_the_release(morning: Morning, deciders: list[User]) -> None:
    waited, counts = object_and_release(morning, deciders[0])
    assert (waited, counts) == (True, [0])
    assert ServiceRecord.objects.get().state == State.HELD
    assert beans(morning) == (20, 0)


def test_objection_that_came_first_without_the_lock(
    morning: Morning, deciders: list[User], no_lock: None
) -> None:
    """The control: the beans are released although the record is being looked at."""
    _waited, counts = object_and_release(morning, deciders[0])
    assert counts == [1]
    assert Objection.objects.get().state == Objection.State.OPEN
    assert beans(morning) == (0, 20)


def test_release_after_a_correction_pays_the_new_version_once(
    morning: Morning, deciders: list[User], clock_at: Callable[..., Any]
) -> None:
    objection = objected(morning)
    uphold(objection, deciders[0])
    counts: list[int] = []
    waited = two_at_once(
        lambda: counts.append(services.release_due(AFTER)), lambda: counts.append(services.release_due(AFTER))
    )
    assert waited
    assert sorted(counts) == [0, 1]
    assert beans(morning) == (0, 15)
    assert Transaction.objects.filter(kind="release").count() == 1


def test_release_first_then_the_decision_finds_a_final_record(morning: Morning, deciders: list[User]) -> None:
    """The office asks for a second look while the record is being released: it waits, and sees it final."""
    record = morning.record()
    auditor = make_user(role=Role.AUDITOR, grid=morning.town.root)
    found: list[Objection] = []

    def second() -> None:
        found.append(objections.object_to(record, claim=Objection.Claim.TOO_MANY, text="没来", by=auditor))

    waited = two_at_once(lambda: services.release_due(AFTER), second)
    assert waited
    assert found[0].was_final
    assert beans(morning) == (20, 0)
    assert ServiceRecord.objects.get().state == State.HELD


# --- Two objections, a certificate and a correction ------------------------------------------------------
def test_two_objections_at_once_are_one(morning: Morning) -> None:
    record = morning.record()
    one, two = morning.people(2)
    refused: list[str] = []

    def second() -> None:
        try:
            objections.object_to(record, claim=Objection.Claim.TOO_MANY, text="乙", by=two)
        except errors.ObjectionOpen as refusal:
            refused.append(refusal.refusal_code)

    waited = two_at_once(
        lambda: objections.object_to(record, claim=Objection.Claim.TOO_MANY, text="甲", by=one), second
    )
    assert (waited, refused, Objection.objects.count()) == (True, ["objection_open"], 1)


def certify_while_correcting(morning: Morning, decider: User) -> bool:
    record = morning.record()
    services.release_due(AFTER)
    objection = objections.object_to(
        record, claim=Objection.Claim.TOO_FEW, text="多做了", by=morning.volunteer
    )

    def certify() -> None:
        with suppress(errors.NothingToCertify):
            issue_certificate(morning.volunteer, unit=morning.unit, by=morning.volunteer)

    return two_at_once(lambda: uphold(objection, decider), certify)


def test_no_certificate_of_a_record_that_is_being_corrected(morning: Morning, deciders: list[User]) -> None:
    assert certify_while_correcting(morning, deciders[0])
    bad = Certificate.objects.filter(revoked_at__isnull=True, records__state=State.SUPERSEDED)
    assert not bad.exists()


def test_certificate_of_a_corrected_record_without_the_lock(
    morning: Morning, deciders: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the certificate copies what has just been replaced, and nobody revokes it."""
    monkeypatch.setattr(certificates, "lock_volunteers", lambda volunteers: None)
    certify_while_correcting(morning, deciders[0])
    bad = Certificate.objects.filter(revoked_at__isnull=True, records__state=State.SUPERSEDED)
    assert bad.exists()
