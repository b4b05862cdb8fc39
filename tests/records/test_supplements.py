"""Hours entered later: evidence, two people in two roles, the activity's plan, the approver's month."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from points.grids import approvals
from points.grids.errors import EvidenceMissing, NotAllowed, SameRole
from points.grids.evidence import Paper
from points.grids.models import ApprovalRequest, Role
from points.ledger.balances import member_balances
from points.people.models import Notice, User
from points.records import errors, supplements
from points.records.models import ServiceRecord, Supplement, SupplementLimit
from tests.factories import local, make_scheme, make_user
from tests.records.conftest import Morning

PAPER = Paper("签到表.pdf", "application/pdf", "pdf", b"%PDF-1.4\n%%EOF")
State = Supplement.State


@pytest.fixture
def leader(morning: Morning) -> User:
    return make_user(role=Role.GRID_LEADER, grid=morning.town.grid, name="网格长")


@pytest.fixture
def worker(morning: Morning) -> User:
    return make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.community, name="周社工")


def words(morning: Morning, **changes: Any) -> dict[str, Any]:
    return {
        "recording_unit": morning.unit,
        "activity_name": "帮邻居搬家具",
        "category": "care",
        "content": "搬柜子",
        "place": "三号楼",
        "came_at": local("2026-11-20 09:00"),
        "left_at": local("2026-11-20 11:30"),
        "reason": "当时没有活动，李组织在场",
        **changes,
    }


def claimed(morning: Morning, **changes: Any) -> Supplement:
    made = words(morning, **changes)
    found = supplements.claim_hours(morning.volunteer, **made, by=morning.volunteer)
    Supplement.objects.filter(pk=found.pk).update(grid=morning.town.grid)
    found.refresh_from_db()
    return found


def entered(morning: Morning, by: User, **changes: Any) -> Supplement:
    facts = words(morning) | {
        "volunteer": morning.volunteer,
        "grid": morning.town.grid,
        "planned_start": local("2026-11-20 09:00"),
        "planned_end": local("2026-11-20 11:00"),
        "activity_reference": "a1b2c3d4",
        "activity_minutes": 240,
    }
    return supplements.enter_hours(facts | changes, by=by, files=[PAPER])


def approve(supplement: Supplement, by: User) -> Supplement:
    assert supplement.request is not None
    approvals.approve(supplement.request, by=by)
    supplement.refresh_from_db()
    return supplement


def test_claim_goes_from_volunteer_to_leader_to_second_person(
    morning: Morning, leader: User, worker: User
) -> None:
    found = claimed(morning)
    assert list(supplements.claims_for(leader)) == [found]
    with pytest.raises(EvidenceMissing):
        supplements.vouch(found, by=leader, files=[])
    found.refresh_from_db()
    assert found.state == State.CLAIMED
    waiting = supplements.vouch(found, by=leader, files=[PAPER])
    assert not ServiceRecord.objects.exists()
    done = approve(waiting, worker)
    record = done.record
    assert record is not None
    assert (done.state, record.grade, record.minutes, record.beans) == (
        State.RECORDED,
        "supplemented",
        150,
        0,
    )
    assert (record.confirmed_by, record.person_in_charge) == (worker, leader)
    assert member_balances(morning.volunteer).minutes == 150
    assert "supplement_recorded" in set(
        Notice.objects.filter(user=morning.volunteer).values_list("kind", flat=True)
    )
    assert [name for name, _text in approvals.KINDS["supplement"].details(done.request)]  # type: ignore[misc]


def test_scheme_may_give_beans_for_hours_entered_later(morning: Morning, leader: User, worker: User) -> None:
    make_scheme(grid=morning.town.grid, rules={"supplement_earns": True})
    done = approve(supplements.vouch(claimed(morning), by=leader, files=[PAPER]), worker)
    assert done.record is not None
    assert done.record.beans > 0


def test_second_person_acts_in_another_role(morning: Morning, leader: User) -> None:
    waiting = supplements.vouch(claimed(morning), by=leader, files=[PAPER])
    same = make_user(role=Role.GRID_LEADER, grid=morning.town.grid)
    with pytest.raises(SameRole):
        approve(waiting, same)


def test_nobody_vouches_for_or_approves_their_own_hours(morning: Morning, leader: User) -> None:
    make_user.give(morning.volunteer, Role.COMMUNITY_WORKER, morning.town.community)
    found = claimed(morning)
    with pytest.raises(errors.VouchesForSelf):
        supplements.vouch(found, by=morning.volunteer, files=[PAPER])
    with pytest.raises(errors.VouchesForSelf):
        supplements.turn_down(found, answer="不行", by=morning.volunteer)
    waiting = supplements.vouch(found, by=leader, files=[PAPER])
    with pytest.raises(errors.VouchesForSelf):
        approve(waiting, morning.volunteer)
    assert not ServiceRecord.objects.exists()


def test_nobody_claims_for_somebody_else(morning: Morning, leader: User) -> None:
    with pytest.raises(NotAllowed):
        supplements.claim_hours(morning.volunteer, **words(morning), by=leader)


def test_foreign_leader_cannot_vouch(morning: Morning) -> None:
    foreign = make_user(role=Role.GRID_LEADER, grid=morning.town.other_grid)
    with pytest.raises(NotAllowed):
        supplements.vouch(claimed(morning), by=foreign, files=[PAPER])
    with pytest.raises(NotAllowed):
        supplements.turn_down(claimed(morning), answer="不行", by=foreign)


def test_leader_turns_a_claim_down_with_words(morning: Morning, leader: User) -> None:
    found = claimed(morning)
    with pytest.raises(errors.WordsMissing):
        supplements.turn_down(found, answer=" ", by=leader)
    supplements.turn_down(found, answer="那天没有见到您", by=leader)
    found.refresh_from_db()
    assert (found.state, found.answer) == (State.REFUSED, "那天没有见到您")
    with pytest.raises(errors.SupplementClosed):
        supplements.vouch(found, by=leader, files=[PAPER])


def test_sent_back_request_closes_the_claim(morning: Morning, leader: User, worker: User) -> None:
    waiting = supplements.vouch(claimed(morning), by=leader, files=[PAPER])
    assert waiting.request is not None
    approvals.refuse(waiting.request, by=worker, reason="照片看不清")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.answer) == (State.REFUSED, "照片看不清")
    assert Notice.objects.filter(user=morning.volunteer, kind="supplement_refused").exists()


def test_volunteer_takes_a_claim_back_until_a_leader_stands_by_it(morning: Morning, leader: User) -> None:
    first = claimed(morning)
    with pytest.raises(NotAllowed):
        supplements.take_back(first, by=leader)
    supplements.take_back(first, by=morning.volunteer)
    first.refresh_from_db()
    assert first.state == State.WITHDRAWN
    waiting = supplements.vouch(claimed(morning), by=leader, files=[PAPER])
    with pytest.raises(errors.SupplementClosed):
        supplements.take_back(waiting, by=morning.volunteer)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"left_at": local("2026-11-25 23:00")}, errors.InTheFuture),
        ({"came_at": local("2026-11-18 09:00")}, errors.LongerThanADay),
        ({"content": " "}, errors.FactMissing),
        ({"reason": ""}, errors.WordsMissing),
    ],
)
def test_claim_that_cannot_be(morning: Morning, changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        supplements.claim_hours(morning.volunteer, **words(morning, **changes), by=morning.volunteer)


def test_nobody_is_at_two_places_at_once(morning: Morning) -> None:
    morning.record()
    with pytest.raises(errors.AlreadyRecorded):
        claimed(morning, came_at=local("2026-11-25 10:00"), left_at=local("2026-11-25 12:00"))


def test_leader_enters_hours_within_the_planned_time(morning: Morning, leader: User, worker: User) -> None:
    done = approve(entered(morning, leader), worker)
    assert done.record is not None
    assert (done.record.minutes, done.record.activity_reference) == (120, "a1b2c3d4")
    with pytest.raises(errors.NoMinutes):
        entered(
            morning,
            leader,
            came_at=local("2026-11-20 12:00"),
            left_at=local("2026-11-20 13:00"),
        )


def test_activity_never_counts_more_than_it_was_planned_for(
    morning: Morning, leader: User, worker: User
) -> None:
    one, two = morning.people(2)
    morning.record(volunteer=one)  # 120 of the 240 planned minutes
    approve(entered(morning, leader), worker)
    with pytest.raises(errors.AboveActivity):
        entered(morning, leader, volunteer=two)


def test_plan_is_looked_at_again_when_it_is_approved(morning: Morning, leader: User, worker: User) -> None:
    one = morning.people(1)[0]
    first, second = entered(morning, leader), entered(morning, leader, volunteer=one, activity_minutes=240)
    morning.record(volunteer=morning.people(1)[0])
    approve(first, worker)
    with pytest.raises(errors.AboveActivity):
        approve(second, worker)
    assert ApprovalRequest.objects.get(pk=second.request_id).is_waiting


def test_approver_lets_only_so_much_through_in_a_month(
    morning: Morning, leader: User, worker: User, clock_at: Any
) -> None:
    SupplementLimit.objects.create(grid=morning.town.community, minutes_per_month=200)
    approve(entered(morning, leader), worker)
    assert supplements.approved_minutes(worker) == 120
    waiting = entered(morning, leader, volunteer=morning.people(1)[0])
    with pytest.raises(errors.ApproverLimit):
        approve(waiting, worker)
    clock_at("2026-12-01 09:00")
    assert approve(waiting, worker).state == State.RECORDED


def test_nearest_limit_upwards_counts(morning: Morning) -> None:
    assert supplements.limit_for(morning.town.grid) == 3000
    SupplementLimit.objects.create(grid=morning.town.root, minutes_per_month=500)
    SupplementLimit.objects.create(grid=morning.town.grid, minutes_per_month=60)
    assert supplements.limit_for(morning.town.grid) == 60
    assert supplements.limit_for(morning.town.second_grid) == 500


def test_minutes_are_those_within_the_plan() -> None:
    start = local("2026-11-20 09:00")
    hour = dt.timedelta(hours=1)
    found = Supplement(
        planned_start=start, planned_end=start + hour, came_at=start - hour, left_at=start + hour / 2
    )
    assert found.minutes == 30
