"""Objections and corrections: held, decided by somebody else, a new version; the books right at each step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from djmoney.money import Money

from points.grids.errors import NotAllowed
from points.grids.models import Role
from points.ledger.accounts import find_pool_account, member_account
from points.ledger.balances import balance, balances_by_day, member_balances
from points.ledger.models import AccountKind, Transaction
from points.ledger.services import Move, post
from points.ledger.verify import verify
from points.people.models import Notice, User
from points.records import errors, objections
from points.records.corrections import Facts
from points.records.models import Objection, ServiceRecord
from points.records.reckoning import recompute
from points.records.services import pay_waiting, release_due
from tests.factories import local, make_user
from tests.records.conftest import Morning, allot

AFTER = "2026-11-29 00:00"
State = ServiceRecord.State
Claim = Objection.Claim


@pytest.fixture
def worker(morning: Morning) -> User:
    """Who decides: of the community, not involved."""
    return make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.community, name="周社工")


@pytest.fixture
def neighbour(morning: Morning) -> User:
    return make_user(name="邻居")


def beans(person: User) -> tuple[int, int, int]:
    """Pending, available, debt."""
    held = member_balances(person)
    return int(held.pending.amount), int(held.available.amount), int(held.debt.amount)


def pool(morning: Morning) -> int:
    account = find_pool_account(morning.town.community.code, 2026)
    assert account is not None
    return int(balance(account).amount)


def spend(person: User, count: int) -> None:
    move = Move(
        member_account(person, AccountKind.AVAILABLE),
        member_account(person, AccountKind.HOLD),
        Money(count, "BEAN"),
    )
    with transaction.atomic():
        post("hold", key=f"test:spend:{person.pk}:{count}", moves=[move], by=person)


def times(record: ServiceRecord, came: str, left: str, **more: Any) -> Facts:
    day = f"{record.served_on:%Y-%m-%d}"
    now = Facts.of(record)
    return Facts(
        local(f"{day} {came}"),
        local(f"{day} {left}"),
        more.get("category", now.category),
        more.get("content", now.content),
        more.get("place", now.place),
        more.get("extension", now.allowed_extension_minutes),
    )


def objected(record: ServiceRecord, by: User, claim: str = Claim.TOO_MANY) -> Objection:
    return objections.object_to(record, claim=claim, text="他那天十点就走了", by=by)


def kinds(person: User) -> set[str]:
    return set(Notice.objects.filter(user=person).values_list("kind", flat=True))


def is_sound() -> bool:
    return verify().ok


# --- Raising --------------------------------------------------------------------------------------------
def test_objection_in_the_notice_holds_the_record(
    morning: Morning, neighbour: User, clock_at: Callable[..., Any]
) -> None:
    record = morning.record()
    objection = objected(record, neighbour)
    record.refresh_from_db()
    assert (record.state, objection.state, objection.was_final) == (State.HELD, Objection.State.OPEN, False)
    assert record in ServiceRecord.objects.in_notice()
    clock_at(AFTER)
    assert release_due() == 0
    assert beans(morning.volunteer) == (20, 0, 0)
    assert "objection_received" in kinds(morning.volunteer)
    assert kinds(neighbour) == {"objection_kept"}


def test_stranger_cannot_object_after_the_notice(
    morning: Morning, neighbour: User, clock_at: Callable[..., Any]
) -> None:
    record = morning.record()
    clock_at(AFTER)
    with pytest.raises(errors.NoticeOver):
        objected(record, neighbour)  # over, though not released yet
    release_due()
    with pytest.raises(errors.NoticeOver):
        objected(record, neighbour)


def test_only_one_objection_is_open(morning: Morning, neighbour: User) -> None:
    record = morning.record()
    objected(record, neighbour)
    with pytest.raises(errors.ObjectionOpen):
        objected(record, morning.volunteer, Claim.TOO_FEW)


def test_objection_needs_words(morning: Morning, neighbour: User) -> None:
    with pytest.raises(errors.WordsMissing):
        objections.object_to(morning.record(), claim=Claim.TOO_MANY, text="  ", by=neighbour)


def test_replaced_version_cannot_be_objected_to(morning: Morning, worker: User, neighbour: User) -> None:
    record = morning.record()
    objections.uphold(objected(record, neighbour), times(record, "09:00", "10:00"), answer="是的", by=worker)
    with pytest.raises(errors.RecordReplaced):
        objected(record, neighbour)


# --- Withdrawn, rejected --------------------------------------------------------------------------------
def test_withdrawn_objection_lets_the_record_go_on(
    morning: Morning, neighbour: User, worker: User, clock_at: Callable[..., Any]
) -> None:
    objection = objected(morning.record(), neighbour)
    with pytest.raises(errors.NotYourObjection):
        objections.withdraw(objection, by=worker)
    objections.withdraw(objection, by=neighbour)
    clock_at(AFTER)
    assert release_due() == 1
    assert beans(morning.volunteer) == (0, 20, 0)
    with pytest.raises(errors.ObjectionDecided):
        objections.withdraw(objection, by=neighbour)


def test_rejected_objection_lets_the_record_go_on_and_tells_both(
    morning: Morning, neighbour: User, worker: User, clock_at: Callable[..., Any]
) -> None:
    objection = objected(morning.record(), neighbour)
    with pytest.raises(errors.WordsMissing):
        objections.reject(objection, answer=" ", by=worker)
    done = objections.reject(objection, answer="签到记录无误", by=worker)
    assert (done.state, done.decided_by, done.answer) == (Objection.State.REJECTED, worker, "签到记录无误")
    clock_at(AFTER)
    assert release_due() == 1
    assert "objection_rejected" in kinds(neighbour) & kinds(morning.volunteer)
    assert "record_released" in kinds(morning.volunteer)
    with pytest.raises(errors.ObjectionDecided):
        objections.reject(objection, answer="再来一次", by=worker)


def test_nobody_involved_decides(morning: Morning, neighbour: User, worker: User) -> None:
    record = morning.record()
    objection = objected(record, neighbour)
    for involved in (morning.organiser, morning.volunteer, neighbour):
        make_user.give(involved, Role.COMMUNITY_WORKER, morning.town.community)
        with pytest.raises(errors.DeciderInvolved):
            objections.reject(objection, answer="不对", by=involved)
        with pytest.raises(errors.DeciderInvolved):
            objections.uphold(objection, times(record, "09:00", "10:00"), answer="对", by=involved)
    assert list(objections.waiting_for(worker)) == [objection]
    assert not objections.waiting_for(morning.organiser)


def test_foreign_worker_does_not_decide(morning: Morning, neighbour: User) -> None:
    foreign = make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.other_community)
    with pytest.raises(NotAllowed):
        objections.reject(objected(morning.record(), neighbour), answer="不对", by=foreign)


# --- Upheld, in the notice ------------------------------------------------------------------------------
def test_upheld_in_the_notice_is_a_new_version_with_fewer_beans(
    morning: Morning, neighbour: User, worker: User, clock_at: Callable[..., Any]
) -> None:
    record = morning.record()
    before = pool(morning)
    done = objections.uphold(
        objected(record, neighbour), times(record, "08:55", "10:12"), answer="十点就走了", by=worker
    )
    new = done.result
    record.refresh_from_db()
    assert record.state == State.SUPERSEDED
    assert (new.number, new.version, new.supersedes) == (record.number, 2, record)
    assert (new.state, new.minutes, new.beans) == (State.IN_NOTICE, 72, recompute(new).beans)
    assert new.grade == ServiceRecord.Grade.ORGANISER_WITNESSED
    assert new.scheme_version == record.scheme_version
    assert new.confirmed_by == worker
    assert member_balances(morning.volunteer).minutes == 72
    assert beans(morning.volunteer) == (new.beans, 0, 0)
    assert pool(morning) == before + 20 - new.beans
    clock_at(AFTER)
    assert release_due() == 1
    assert beans(morning.volunteer) == (0, new.beans, 0)
    assert is_sound()
    assert kinds(morning.volunteer) >= {"record_corrected"}
    assert "objection_upheld" in kinds(neighbour)


def test_upheld_for_more_beans_waits_for_a_new_notice(
    morning: Morning, worker: User, clock_at: Callable[..., Any]
) -> None:
    record = morning.record(checked_out_at=local("2026-11-25 10:30"))
    assert (record.minutes, record.beans) == (90, 15)
    objection = objected(record, morning.volunteer, Claim.TOO_FEW)
    clock_at("2026-11-27 09:00")
    facts = times(record, "09:00", "11:40", extension=40)
    new = objections.uphold(objection, facts, answer="多留了四十分钟", by=worker).result
    assert (new.minutes, new.beans) == (160, 26)
    assert beans(morning.volunteer) == (26, 0, 0)
    assert member_balances(morning.volunteer).minutes == 160
    clock_at(AFTER)
    assert release_due() == 0
    clock_at("2026-12-01 00:00")
    assert release_due() == 1
    assert beans(morning.volunteer) == (0, 26, 0)
    assert is_sound()


def test_nothing_corrected_is_refused(morning: Morning, neighbour: User, worker: User) -> None:
    record = morning.record()
    with pytest.raises(errors.NothingCorrected):
        objections.uphold(objected(record, neighbour), Facts.of(record), answer="没有变化", by=worker)
    record.refresh_from_db()
    assert record.state == State.HELD


def test_correction_to_nothing_takes_everything(morning: Morning, neighbour: User, worker: User) -> None:
    record = morning.record()
    before = pool(morning)
    new = objections.uphold(
        objected(record, neighbour), times(record, "08:00", "08:30"), answer="那天没来", by=worker
    ).result
    assert (new.minutes, new.beans, beans(morning.volunteer)) == (0, 0, (0, 0, 0))
    assert pool(morning) == before + 20
    assert is_sound()


# --- Upheld, when it was final --------------------------------------------------------------------------
@pytest.fixture
def final(morning: Morning, clock_at: Callable[..., Any]) -> ServiceRecord:
    record = morning.record()
    clock_at(AFTER)
    release_due()
    record.refresh_from_db()
    return record


def day_of(person: User) -> list[dt.date]:
    return [day for day, _amount in balances_by_day(member_account(person, AccountKind.AVAILABLE))]


def test_second_look_takes_the_beans_back_to_pending_and_keeps_their_day(
    morning: Morning, worker: User, final: ServiceRecord, clock_at: Callable[..., Any]
) -> None:
    days = day_of(morning.volunteer)
    auditor = make_user(role=Role.AUDITOR, grid=morning.town.root)
    clock_at("2026-12-10 09:00")
    objection = objected(final, auditor)
    assert beans(morning.volunteer) == (20, 0, 0)
    assert release_due() == 0
    objections.reject(objection, answer="核对过，没有问题", by=worker)
    final.refresh_from_db()
    assert (final.state, beans(morning.volunteer)) == (State.FINAL, (0, 20, 0))
    assert day_of(morning.volunteer) == days
    assert is_sound()


def test_upheld_second_look_leaves_what_is_right(
    morning: Morning, worker: User, final: ServiceRecord
) -> None:
    days = day_of(morning.volunteer)
    auditor = make_user(role=Role.AUDITOR, grid=morning.town.root)
    new = objections.uphold(
        objected(final, auditor), times(final, "08:55", "10:30"), answer="提前走了", by=worker
    ).result
    assert (new.state, new.minutes, new.beans) == (State.FINAL, 90, 15)
    assert beans(morning.volunteer) == (0, 15, 0)
    assert day_of(morning.volunteer) == days
    assert is_sound()


def test_what_was_spent_becomes_a_debt(morning: Morning, worker: User, final: ServiceRecord) -> None:
    spend(morning.volunteer, 12)
    auditor = make_user(role=Role.AUDITOR, grid=morning.town.root)
    objection = objected(final, auditor)
    assert beans(morning.volunteer) == (8, 0, 0)  # the rest is a voucher: never clawed back
    objections.uphold(objection, times(final, "08:00", "08:30"), answer="没有来", by=worker)
    assert beans(morning.volunteer) == (0, 0, 12)
    assert is_sound()


def test_correction_leaves_what_is_pending_for_other_services(
    morning: Morning, worker: User, final: ServiceRecord, clock_at: Callable[..., Any]
) -> None:
    spend(morning.volunteer, 20)
    other = morning.record()
    auditor = make_user(role=Role.AUDITOR, grid=morning.town.root)
    objections.uphold(objected(final, auditor), times(final, "08:00", "08:30"), answer="没有来", by=worker)
    assert beans(morning.volunteer) == (20, 0, 20)
    clock_at("2026-12-05 00:00")
    assert release_due() == 1
    other.refresh_from_db()
    assert other.state == State.FINAL
    assert beans(morning.volunteer) == (0, 0, 0)
    assert is_sound()


def test_volunteer_who_asks_for_more_keeps_the_beans(
    morning: Morning, worker: User, final: ServiceRecord, clock_at: Callable[..., Any]
) -> None:
    objection = objected(final, morning.volunteer, Claim.TOO_FEW)
    final.refresh_from_db()
    assert (final.state, objection.was_final, beans(morning.volunteer)) == (State.FINAL, True, (0, 20, 0))
    new = objections.uphold(
        objection, times(final, "08:55", "11:30", extension=30), answer="确实多做了半小时", by=worker
    ).result
    assert (new.state, new.minutes, new.beans) == (State.IN_NOTICE, 150, 25)
    assert beans(morning.volunteer) == (5, 20, 0)
    clock_at("2026-12-05 00:00")
    assert release_due() == 1
    assert beans(morning.volunteer) == (0, 25, 0)
    assert is_sound()


def test_beans_whose_day_passed_while_held_get_days_of_grace(
    morning: Morning, worker: User, final: ServiceRecord, clock_at: Callable[..., Any]
) -> None:
    auditor = make_user(role=Role.AUDITOR, grid=morning.town.root)
    objection = objected(final, auditor)
    clock_at("2028-12-01 09:00")  # the beans were good until 29 November 2028
    objections.reject(objection, answer="没有问题", by=worker)
    assert day_of(morning.volunteer) == [dt.date(2028, 12, 31)]


# --- Budgets --------------------------------------------------------------------------------------------
def test_more_beans_wait_for_a_budget_and_the_rest_does_not(
    morning: Morning, worker: User, clock_at: Callable[..., Any]
) -> None:
    place = morning.town.other_grid
    allot(place, 15)
    record = morning.record(grid=place, checked_out_at=local("2026-11-25 10:30"))
    decider = make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.other_community)
    new = objections.uphold(
        objected(record, morning.volunteer, Claim.TOO_FEW),
        times(record, "09:00", "11:00"),
        answer="做满了两小时",
        by=decider,
    ).result
    assert (new.beans, new.awaiting_budget, beans(morning.volunteer)) == (20, True, (15, 0, 0))
    clock_at(AFTER)
    assert release_due() == 1
    assert beans(morning.volunteer) == (0, 15, 0)
    allot(place, 10)
    assert pay_waiting() == 1
    assert pay_waiting() == 0
    assert beans(morning.volunteer) == (0, 20, 0)
    assert is_sound()


def test_record_that_waited_for_a_budget_is_paid_once(morning: Morning, neighbour: User) -> None:
    place = morning.town.other_grid
    record = morning.record(grid=place)
    assert record.awaiting_budget
    decider = make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.other_community)
    new = objections.uphold(
        objected(record, neighbour), times(record, "09:00", "10:30"), answer="提前走了", by=decider
    ).result
    assert new.awaiting_budget
    allot(place, 100)
    assert pay_waiting() == 1
    assert beans(morning.volunteer) == (15, 0, 0)
    assert Transaction.objects.filter(kind="award").count() == 1


def test_third_version_builds_on_the_second(
    morning: Morning, neighbour: User, worker: User, clock_at: Callable[..., Any]
) -> None:
    record = morning.record()
    second = objections.uphold(
        objected(record, neighbour), times(record, "09:00", "10:00"), answer="只做了一小时", by=worker
    ).result
    other = make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.community)
    with pytest.raises(errors.DeciderInvolved):
        objections.reject(objected(second, morning.volunteer, Claim.TOO_FEW), answer="不对", by=worker)
    objection = Objection.objects.get(record=second)
    third = objections.uphold(objection, times(second, "09:00", "11:00"), answer="有人作证", by=other).result
    assert (third.version, third.minutes, third.beans) == (3, 120, 20)
    assert beans(morning.volunteer) == (20, 0, 0)
    assert member_balances(morning.volunteer).minutes == 120
    clock_at(AFTER)
    assert release_due() == 1
    assert beans(morning.volunteer) == (0, 20, 0)
    assert is_sound()


def test_cap_of_the_day_counts_the_other_services_and_not_the_old_version(
    morning: Morning, worker: User
) -> None:
    long = {
        "category": "care",
        "planned_start": local("2026-11-25 07:00"),
        "checked_in_at": local("2026-11-25 07:00"),
    }
    first, second = morning.record(**long), morning.record(**long)
    assert (first.beans, second.beans) == (60, 20)
    new = objections.uphold(
        objected(second, morning.volunteer, Claim.WRONG_FACT),
        times(second, "07:00", "10:50"),
        answer="时间写错了",
        by=worker,
    ).result
    assert new.beans == 20
    assert beans(morning.volunteer) == (80, 0, 0)
