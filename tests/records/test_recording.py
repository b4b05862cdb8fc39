"""From facts to a record, its minutes and its pending beans."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from points import clock
from points.ledger.accounts import find_pool_account
from points.ledger.balances import balance, member_balances
from points.ledger.models import Posting, Transaction
from points.records.batch import Batch, Pool
from points.records.models import ServiceRecord
from points.records.reckoning import recompute
from points.records.services import creditable_minutes, inputs_digest, notice_end
from points.refusals import Refusal
from tests.factories import local, make_volunteer
from tests.records.conftest import Morning, allot

START, END = local("2026-11-25 09:00"), local("2026-11-25 11:00")


def pool_of(grid: Any) -> int:
    account = find_pool_account(grid.code, 2026)
    return int(balance(account).amount) if account else 0


# --- Minutes --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("came", "left", "extension", "minutes"),
    [
        ("08:55", "11:10", 0, 120),  # journey J1, step 6
        ("08:55", "11:10", 15, 130),
        ("08:55", "11:30", 15, 135),
        ("09:20", "10:50", 0, 90),
        ("09:00:30", "10:00:00", 0, 59),  # whole minutes only
        ("11:00", "11:30", 0, 0),
        ("08:00", "08:30", 0, 0),
        ("11:20", "11:40", 15, 0),
    ],
)
def test_creditable_minutes_by_hand(came: str, left: str, extension: int, minutes: int) -> None:
    times = local(f"2026-11-25 {came}"), local(f"2026-11-25 {left}")
    assert creditable_minutes(START, END, *times, extension) == minutes


@given(
    st.integers(-300, 300),
    st.integers(0, 86400),
    st.integers(1, 1440),
    st.integers(0, 120),
    st.integers(0, 3600),
)
def test_creditable_minutes_are_whole_and_bounded(
    early: int, stay: int, planned: int, extension: int, longer: int
) -> None:
    end = START + dt.timedelta(minutes=planned)
    came = START + dt.timedelta(minutes=early)
    left = came + dt.timedelta(seconds=stay)
    minutes = creditable_minutes(START, end, came, left, extension)
    assert type(minutes) is int
    assert 0 <= minutes <= min(planned + extension, stay // 60)
    assert creditable_minutes(START, end, came, left + dt.timedelta(seconds=longer), extension) >= minutes


@pytest.mark.parametrize(
    ("confirmed", "days", "ends"),
    [
        ("2026-11-23 08:00", 3, "2026-11-27 00:00"),  # Monday: Tuesday to Thursday
        ("2026-11-23 23:59", 3, "2026-11-27 00:00"),
        ("2026-11-24 00:00", 3, "2026-11-28 00:00"),
        ("2026-11-23 08:00", 0, "2026-11-24 00:00"),
        ("2026-12-30 08:00", 7, "2027-01-07 00:00"),
    ],
)
def test_notice_end_by_hand(confirmed: str, days: int, ends: str) -> None:
    assert notice_end(local(confirmed), days) == local(ends)


# --- The record and its postings ------------------------------------------------------------------------
def test_record_posts_minutes_and_pending_beans(morning: Morning) -> None:
    record = morning.record()
    record.refresh_from_db()
    version = morning.scheme.versions.get()
    assert (record.minutes, record.beans, record.awaiting_budget) == (120, 20, False)
    assert (record.state, record.version, record.served_on) == ("in_notice", 1, dt.date(2026, 11, 25))
    assert record.notice_ends_at == local("2026-11-29 00:00")
    assert (record.scheme_version, record.confirmed_by) == (version, morning.organiser)
    held = member_balances(morning.volunteer)
    assert (int(held.pending.amount), int(held.available.amount), held.minutes) == (20, 0, 120)
    assert pool_of(morning.town.community) == 980
    for kind, made in (("hours", record.hours_transaction), ("award", record.award_transaction)):
        assert made.key == f"{kind}:{record.number}:1"
        assert (made.kind, made.reference, made.by) == (kind, f"record:{record.number}", morning.organiser)
        assert (made.rule, made.inputs_digest) == (version.label, inputs_digest(record))
        assert made.postings.count() == 1
    assert record.release_transaction is None


def test_record_can_be_recomputed_from_its_inputs(morning: Morning) -> None:
    morning.record(category="care")
    second = morning.record(category="care", checked_out_at=local("2026-11-25 10:30"))
    second.refresh_from_db()
    assert second.inputs["history"] == {"totals": {"BEAN|*|day": 30}}
    again = recompute(second)
    assert again is not None
    assert (again.beans, again.is_equal) == (second.beans, True) == (22, True)


def test_digest_of_equal_inputs_differs_and_changes_with_them(morning: Morning) -> None:
    one, two = morning.people(2)
    first, second = morning.record(volunteer=one), morning.record(volunteer=two)
    assert first.inputs == second.inputs
    assert inputs_digest(first) != inputs_digest(second)
    before = inputs_digest(first)
    first.inputs["beans"] = 21
    assert inputs_digest(first) != before


def test_same_source_twice_is_one_record(morning: Morning) -> None:
    first = morning.record(source="registration:7")
    again = morning.record(source="registration:7", checked_out_at=local("2026-11-25 10:00"))
    assert again.pk == first.pk
    assert again.minutes == 120
    assert Transaction.objects.filter(kind__in=("hours", "award")).count() == 2


def test_same_source_for_somebody_else_is_refused(morning: Morning) -> None:
    morning.record(source="registration:7")
    with pytest.raises(Refusal) as refusal:
        morning.record(source="registration:7", volunteer=make_volunteer())
    assert refusal.value.code == "source_taken"


def test_source_is_unique_in_the_database(morning: Morning) -> None:
    record = morning.record(source="registration:7")
    record.pk, record.number = None, "RFFFFFFFFFF"
    with pytest.raises(IntegrityError), transaction.atomic():
        record.save(force_insert=True)


def test_day_of_service_is_the_local_day(morning: Morning) -> None:
    record = morning.record(
        planned_start=local("2026-11-25 00:30"),
        planned_end=local("2026-11-25 01:30"),
        checked_in_at=local("2026-11-25 00:30"),
        checked_out_at=local("2026-11-25 01:30"),
    )
    assert record.served_on == dt.date(2026, 11, 25)  # 24 November in UTC


def test_no_minutes_make_a_record_without_postings(morning: Morning) -> None:
    record = morning.record(checked_in_at=local("2026-11-25 11:00"))
    assert (record.minutes, record.beans, record.awaiting_budget) == (0, 0, False)
    assert not Posting.objects.filter(transaction__reference=f"record:{record.number}").exists()


def test_short_service_earns_hours_but_no_beans(morning: Morning) -> None:
    record = morning.record(checked_out_at=local("2026-11-25 10:00"))
    assert (record.minutes, record.beans, record.award_transaction) == (60, 0, None)
    assert member_balances(morning.volunteer).minutes == 60


def test_supplement_earns_hours_but_no_beans(morning: Morning) -> None:
    record = morning.record(grade="supplemented")
    assert (record.minutes, record.beans, record.awaiting_budget) == (120, 0, False)


def test_without_a_scheme_service_earns_hours(morning: Morning) -> None:
    before_any = {
        "planned_start": local("2019-11-25 09:00"),
        "planned_end": local("2019-11-25 11:00"),
        "checked_in_at": local("2019-11-25 09:00"),
        "checked_out_at": local("2019-11-25 11:00"),
    }
    record = morning.record(**before_any)
    assert (record.scheme_version, record.minutes, record.beans) == (None, 120, 0)
    assert record.notice_ends_at == local("2026-11-29 00:00")
    assert record.hours_transaction.rule == ""


def test_cap_of_the_day_counts_what_was_earned_before(morning: Morning) -> None:
    beans = [morning.record(category="care").beans for _turn in range(4)]
    assert beans == [30, 30, 20, 0]
    other_day = morning.record(
        planned_start=local("2026-11-24 09:00"),
        planned_end=local("2026-11-24 11:00"),
        checked_in_at=local("2026-11-24 09:00"),
        checked_out_at=local("2026-11-24 11:00"),
    )
    assert other_day.beans == 20
    assert morning.record(volunteer=make_volunteer()).beans == 20


# --- Budgets --------------------------------------------------------------------------------------------
def test_nearest_budget_with_enough_pays(morning: Morning) -> None:
    allot(morning.town.root, 500)
    allot(morning.town.grid, 30)
    allot(morning.town.other_community, 500)
    for volunteer in morning.people(2):
        morning.record(volunteer=volunteer)
    assert pool_of(morning.town.grid) == 10  # 20 of 30; the second went one floor higher
    assert pool_of(morning.town.community) == 980
    assert pool_of(morning.town.root) == 500
    assert pool_of(morning.town.other_community) == 500


def test_without_budget_the_record_stands_and_the_beans_wait(morning: Morning) -> None:
    record = morning.record(grid=morning.town.other_grid)
    record.refresh_from_db()
    assert (record.beans, record.awaiting_budget, record.award_transaction) == (20, True, None)
    held = member_balances(morning.volunteer)
    assert (int(held.pending.amount), held.minutes) == (0, 120)


def test_budget_of_another_year_does_not_pay(morning: Morning) -> None:
    allot(morning.town.other_community, 500, year=2025)
    assert morning.record(grid=morning.town.other_grid).awaiting_budget


def test_budget_taken_meanwhile_leads_one_floor_higher(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    allot(morning.town.root, 500)
    allot(morning.town.grid, 5)

    read = Batch._read_pools

    def stale(grid: Any, year: int) -> Any:
        """What was read before somebody else took the beans of the grid."""
        own, *_between, town = read(grid, year)
        return [Pool(own.account, own.beans + 100), town]

    monkeypatch.setattr(Batch, "_read_pools", staticmethod(stale))
    assert not morning.record().awaiting_budget
    assert (pool_of(morning.town.grid), pool_of(morning.town.root)) == (5, 480)


# --- Refused --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"activity_name": " "}, "fact_missing"),
        ({"content": ""}, "fact_missing"),
        ({"place": ""}, "fact_missing"),
        ({"checked_in_at": None}, "times_missing"),
        ({"checked_out_at": None}, "times_missing"),
        ({"planned_end": START}, "plan_backwards"),
        ({"checked_out_at": local("2026-11-25 08:54")}, "out_before_in"),
        ({"checked_out_at": local("2026-11-25 13:01")}, "not_yet_over"),
        ({"checked_in_at": local("2026-11-24 11:09")}, "longer_than_a_day"),
        ({"planned_start": local("2026-11-24 10:59")}, "longer_than_a_day"),
    ],
)
def test_bad_facts_are_refused_and_write_nothing(
    morning: Morning, changes: dict[str, Any], code: str
) -> None:
    before = Transaction.objects.count()
    with pytest.raises(Refusal) as refusal:
        morning.record(**changes)
    assert refusal.value.code == code
    assert refusal.value.as_text()
    assert not ServiceRecord.objects.exists()
    assert Transaction.objects.count() == before


def test_own_service_is_refused(morning: Morning) -> None:
    with pytest.raises(Refusal) as refusal:
        morning.record(volunteer=morning.organiser)
    assert refusal.value.code == "own_service"
    assert not ServiceRecord.objects.exists()


def test_own_service_is_refused_by_the_database_too(morning: Morning) -> None:
    record = morning.record()
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceRecord.objects.filter(pk=record.pk).update(confirmed_by=morning.volunteer)


def test_halted_ledger_leaves_no_half_record(morning: Morning) -> None:
    from points.ledger.services import halt

    halt("award", by=None, reason="mismatch")
    with pytest.raises(Refusal) as refusal:
        morning.record()
    assert refusal.value.code == "kind_halted"
    assert not ServiceRecord.objects.exists()
    assert member_balances(morning.volunteer).minutes == 0


def test_record_of_the_past_is_confirmed_now(morning: Morning) -> None:
    assert morning.record().confirmed_at == clock.now()
