"""After the public notice: beans become available, records final; and beans that waited for a budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation
from djmoney.money import Money

from points.ledger.accounts import find_pool_account, member_account
from points.ledger.balances import balances_by_day, member_balances
from points.ledger.corrections import take_back
from points.ledger.models import NEVER, AccountKind, Transaction
from points.ledger.services import Move, halt, post
from points.people.models import User
from points.records.models import ServiceRecord
from points.records.services import explain, pay_waiting, release_due
from points.records.tasks import release_due as task
from tests.factories import local
from tests.records.conftest import Morning, allot

AFTER = "2026-11-29 00:00"


def beans(person: User) -> tuple[int, int]:
    """Pending and available."""
    held = member_balances(person)
    return int(held.pending.amount), int(held.available.amount)


def spend(person: User, count: int) -> None:
    move = Move(
        member_account(person, AccountKind.AVAILABLE),
        member_account(person, AccountKind.HOLD),
        Money(count, "BEAN"),
    )
    with transaction.atomic():
        post("hold", key=f"test:spend:{person.pk}", moves=[move], by=person)


def expiry(person: User) -> list[dt.date]:
    return [day for day, _amount in balances_by_day(member_account(person, AccountKind.AVAILABLE))]


def test_release_waits_for_the_end_of_the_notice(morning: Morning, clock_at: Callable[..., Any]) -> None:
    record = morning.record()
    clock_at("2026-11-28 23:59")
    assert release_due() == 0
    assert beans(morning.volunteer) == (20, 0)
    clock_at(AFTER)
    assert release_due() == 1
    record.refresh_from_db()
    assert record.state == ServiceRecord.State.FINAL
    assert beans(morning.volunteer) == (0, 20)
    assert expiry(morning.volunteer) == [dt.date(2028, 11, 29)]
    made = record.release_transaction
    assert (made.kind, made.key, made.reference) == (
        "release",
        f"release:{record.number}:1",
        f"record:{record.number}",
    )
    assert (made.rule, made.inputs_digest) == (
        record.scheme_version.label,
        record.award_transaction.inputs_digest,
    )
    assert made.postings.get().source_day == NEVER


def test_release_takes_the_moment_it_is_given(morning: Morning) -> None:
    morning.record()
    assert release_due(local("2026-11-28 12:00")) == 0
    assert release_due(local("2026-12-02 12:00")) == 1
    assert expiry(morning.volunteer) == [dt.date(2028, 12, 2)]


def test_release_twice_changes_nothing(morning: Morning, clock_at: Callable[..., Any]) -> None:
    morning.record()
    clock_at(AFTER)
    assert [release_due(), release_due()] == [1, 0]
    assert Transaction.objects.filter(kind="release").count() == 1


def test_release_pays_a_debt_first(morning: Morning, clock_at: Callable[..., Any]) -> None:
    earlier, record = morning.record(), morning.record(category="care")
    ServiceRecord.objects.filter(pk=earlier.pk).update(notice_ends_at=local("2026-11-25 12:00"))
    release_due()
    spend(morning.volunteer, 20)
    take_back(
        morning.volunteer,
        amount=Money(45, "BEAN"),  # 30 pending and 15 that are spent
        to=find_pool_account(morning.town.community.code, 2026),
        key="test:correction",
        by=morning.organiser,
        corrects=earlier.award_transaction,
        reason="mistake",
    )
    ServiceRecord.objects.filter(pk=record.pk).update(state=ServiceRecord.State.SUPERSEDED)
    assert int(member_balances(morning.volunteer).debt.amount) == 15
    morning.record()
    clock_at(AFTER)
    assert release_due() == 1
    held = member_balances(morning.volunteer)
    assert (int(held.available.amount), int(held.debt.amount)) == (5, 0)


def test_release_finishes_records_without_beans(morning: Morning, clock_at: Callable[..., Any]) -> None:
    record = morning.record(grade="supplemented")
    clock_at(AFTER)
    assert release_due() == 1
    record.refresh_from_db()
    assert (record.state, record.release_transaction) == (ServiceRecord.State.FINAL, None)


def test_one_refused_release_does_not_hold_up_the_others(
    morning: Morning, clock_at: Callable[..., Any]
) -> None:
    morning.record()
    plain = morning.record(volunteer=morning.people(1)[0], grade="supplemented")
    clock_at(AFTER)
    stop = halt("release", by=None, reason="mismatch")
    assert release_due() == 1
    plain.refresh_from_db()
    assert plain.state == ServiceRecord.State.FINAL
    assert beans(morning.volunteer) == (20, 0)
    stop.lifted_at = local(AFTER)
    stop.save()
    assert release_due() == 1
    assert beans(morning.volunteer) == (0, 20)


def test_release_walks_through_many_batches(
    morning: Morning, clock_at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("points.records.services.BATCH", 2)
    for volunteer in morning.people(5):
        morning.record(volunteer=volunteer)
    clock_at(AFTER)
    assert release_due() == 5


# --- Waiting for a budget -------------------------------------------------------------------------------
def test_waiting_beans_are_paid_in_order_of_confirmation(
    morning: Morning, clock_at: Callable[..., Any]
) -> None:
    place = morning.town.other_grid
    people = morning.people(3)
    for minute, volunteer in enumerate(people):
        clock_at(f"2026-11-25 13:{10 - minute:02d}")  # the last one was confirmed first
        morning.record(volunteer=volunteer, grid=place, category="care" if minute == 1 else "repair")
    assert pay_waiting() == 0
    allot(place, 40)  # 20 for the first; not enough for the 30 of the second, and the third does not overtake
    assert pay_waiting() == 1
    assert [beans(person) for person in people] == [(0, 0), (0, 0), (20, 0)]
    allot(place, 30)
    assert pay_waiting() == 2
    assert [beans(person) for person in people] == [(20, 0), (30, 0), (20, 0)]
    assert pay_waiting() == 0


def test_waiting_place_does_not_hold_up_another(morning: Morning) -> None:
    dry, other = morning.people(2)
    morning.record(volunteer=dry, grid=morning.town.other_grid)
    morning.record(volunteer=other, grid=morning.town.other_micro_grid)
    allot(morning.town.other_micro_grid, 20)
    assert pay_waiting() == 1
    assert [beans(dry), beans(other)] == [(0, 0), (20, 0)]


def test_beans_paid_after_the_notice_are_available_at_once(
    morning: Morning, clock_at: Callable[..., Any]
) -> None:
    record = morning.record(grid=morning.town.other_grid)
    clock_at(AFTER)
    assert release_due() == 1
    record.refresh_from_db()
    assert (record.state, record.awaiting_budget) == (ServiceRecord.State.FINAL, True)
    assert beans(morning.volunteer) == (0, 0)
    clock_at("2027-01-10 08:00")
    allot(morning.town.root, 500, year=2027)
    assert pay_waiting() == 1
    record.refresh_from_db()
    assert not record.awaiting_budget
    assert beans(morning.volunteer) == (0, 20)
    assert expiry(morning.volunteer) == [dt.date(2029, 1, 10)]


def test_task_pays_and_releases(morning: Morning, clock_at: Callable[..., Any]) -> None:
    morning.record(grid=morning.town.other_grid)
    clock_at(AFTER)
    allot(morning.town.other_community, 20)
    assert task.name == "records.release_due"
    assert task.delay().get() == 1
    assert beans(morning.volunteer) == (0, 20)


# --- Words ----------------------------------------------------------------------------------------------
def test_explanation_follows_the_record(morning: Morning, clock_at: Callable[..., Any]) -> None:
    record = morning.record()
    rules = f"By the rules of “{morning.scheme.name}”, version 1."
    with translation.override("en"):
        assert explain(record) == [
            "You served 2 hours. The rule gives 10 beans for 1 hour, so that makes 20 beans.",
            rules,
            "In public notice until 28 November.",
            "From 29 November on the 20 beans can be spent.",
        ]
        clock_at(AFTER)
        assert explain(record)[2:] == ["The public notice is over. The record becomes final shortly."]
        release_due()
        record.refresh_from_db()
        assert explain(record)[2:] == ["The record is final and the beans can be spent."]
        record.state = ServiceRecord.State.SUPERSEDED
        assert explain(record)[2:] == ["Replaced by a correction."]


def test_explanation_of_waiting_beans(morning: Morning) -> None:
    record = morning.record(grid=morning.town.other_grid)
    with translation.override("en"):
        assert explain(record)[2:] == [
            "The budget is used up for now: 20 beans wait for the next one. Nothing is lost.",
            "In public notice until 28 November.",
        ]


def test_explanation_without_beans(morning: Morning, clock_at: Callable[..., Any]) -> None:
    record = morning.record(grade="supplemented")
    clock_at(AFTER)
    release_due()
    record.refresh_from_db()
    with translation.override("en"):
        assert explain(record)[0] == (
            "These hours are “Hours entered later”. They count as hours, but give no points."
        )
        assert explain(record)[-1] == "The record is final."
        record.scheme_version = None
        assert explain(record)[0] == "No scheme of beans was in force here on that day: the hours count."


def test_explanation_asks_nothing_of_the_database(morning: Morning, django_assert_num_queries: Any) -> None:
    morning.record()
    record = ServiceRecord.objects.select_related("scheme_version__scheme").get()
    with django_assert_num_queries(0):
        explain(record)
