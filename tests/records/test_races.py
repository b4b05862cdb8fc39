"""Two at once: the cap of the day, the last beans of a budget, the same source.

Deterministic: the second connection is started only while the first is inside its transaction, and the first
commits only once PostgreSQL itself says that the second waits (`pg_blocking_pids`), or has run through.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from points import clock
from points.ledger.balances import member_balances
from points.records import services
from points.records.models import ServiceRecord
from tests.factories import local
from tests.records.conftest import Morning, allot, build_morning

pytestmark = [pytest.mark.postgres, pytest.mark.race, pytest.mark.django_db(transaction=True)]
NOON = local("2026-11-25 13:00")


@pytest.fixture
def morning(clock_at: Callable[..., Any]) -> Morning:
    clock_at(NOON)
    made = build_morning()
    allot(made.town.community, 1000)
    return made


def is_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else one transaction always reads the same
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        return bool(cursor.fetchone()[0])


def two_at_once(first: Callable[[], Any], second: Callable[[], Any]) -> bool:
    """Run `first`, start `second` before `first` commits; True when the second had to wait for it."""
    problems: list[Exception] = []

    def run() -> None:
        try:
            with clock.at(NOON):
                second()
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    waited = False
    with transaction.atomic():
        first()
        thread.start()
        deadline = time.monotonic() + 20
        while thread.is_alive() and not waited and time.monotonic() < deadline:
            waited = is_waiting()
            time.sleep(0.01)
    thread.join(20)
    assert not thread.is_alive()
    if problems:
        raise problems[0]
    return waited


def take_twice(morning: Morning) -> tuple[bool, int]:
    """Two records of one volunteer and day, each worth 60 beans; the cap is 80."""
    allot(morning.town.other_community, 1000)  # a budget of its own: only the volunteer is shared
    long = {
        "category": "care",
        "planned_start": local("2026-11-25 07:00"),
        "checked_in_at": local("2026-11-25 07:00"),
    }
    waited = two_at_once(
        lambda: morning.record(**long),
        lambda: morning.record(**long, grid=morning.town.other_grid),
    )
    return waited, sum(ServiceRecord.objects.values_list("beans", flat=True))


def test_cap_of_the_day_holds_when_two_record_at_once(morning: Morning) -> None:
    waited, total = take_twice(morning)
    assert waited
    assert total == 80
    assert int(member_balances(morning.volunteer).pending.amount) == 80


def test_cap_of_the_day_breaks_without_the_lock(morning: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same race, the lock taken away."""
    monkeypatch.setattr(services, "lock_volunteers", lambda volunteers: None)
    _waited, total = take_twice(morning)
    assert total == 120


def test_same_source_at_once_is_one_record(morning: Morning) -> None:
    facts = morning.facts(source="registration:7")
    found: list[ServiceRecord] = []
    waited = two_at_once(
        lambda: found.append(services.record_service(**facts)),
        lambda: found.append(services.record_service(**facts)),
    )
    assert waited
    assert found[0].pk == found[1].pk
    assert member_balances(morning.volunteer).minutes == 120


def test_same_source_at_once_is_one_record_by_the_constraint_alone(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "lock_volunteers", lambda volunteers: None)
    facts = morning.facts(source="registration:7")
    two_at_once(lambda: services.record_service(**facts), lambda: services.record_service(**facts))
    assert ServiceRecord.objects.count() == 1
    assert member_balances(morning.volunteer).minutes == 120


def test_last_beans_of_a_budget_go_to_one(morning: Morning) -> None:
    allot(morning.town.other_community, 30)
    one, two = morning.people(2)
    place = morning.town.other_grid
    waited = two_at_once(
        lambda: morning.record(volunteer=one, grid=place),
        lambda: morning.record(volunteer=two, grid=place),
    )
    assert waited
    records = {record.volunteer: record for record in ServiceRecord.objects.all()}
    assert (records[one].awaiting_budget, records[two].awaiting_budget) == (False, True)


def test_release_at_once_happens_once(morning: Morning) -> None:
    morning.record()
    after = local("2026-11-29 00:00")
    counts: list[int] = []
    waited = two_at_once(
        lambda: counts.append(services.release_due(after)), lambda: counts.append(services.release_due(after))
    )
    assert waited
    assert sorted(counts) == [0, 1]
    assert int(member_balances(morning.volunteer).available.amount) == 20
