"""The last seat, two taps, two places, two cancellations: at the same moment, and with the lock taken away.

Deterministic: the second connection starts while the first is inside its transaction, and the first commits
only once PostgreSQL itself says that the second waits for it (`pg_blocking_pids`), or has run through.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from points import clock
from points.activities import errors, services
from points.activities.models import Position, Registration
from points.activities.services import registration as module
from points.people.models import User
from points.refusals import Refusal
from tests.factories import (
    local,
    make_activity,
    make_grid_tree,
    make_organiser,
    make_registration,
    make_volunteer,
)

FRIDAY = local("2026-11-20 10:00")
State = Registration.State
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
postgres = pytest.mark.postgres


@pytest.fixture
def last_seat(clock_at: Callable[..., Any]) -> Position:
    clock_at(FRIDAY)
    grid = make_grid_tree().grid
    organiser = make_organiser(grid)
    activity = make_activity(grid=grid, organiser=organiser, starts_at=local("2026-11-23 09:00"), capacity=1)
    return activity.shifts.get().positions.get()


def is_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        return bool(cursor.fetchone()[0])


def two_at_once(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[bool, Exception | None]:
    """Run `first`, start `second` before `first` commits. Did the second wait, and how did it end?"""
    problems: list[Exception] = []

    def run() -> None:
        try:
            with clock.at(FRIDAY):
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
    return waited, problems[0] if problems else None


def join(position: Position, person: User) -> Registration:
    return services.sign_up(position, volunteer=person, by=person)


def seats(position: Position) -> tuple[int, int]:
    """What the position says, and how many there really are."""
    position.refresh_from_db()
    return (
        position.seats_taken,
        Registration.objects.filter(position=position, state__in=Registration.HOLDS_A_SEAT).count(),
    )


def without_lock(pk: int) -> Position:
    return Position.objects.get(pk=pk)


def drop_check() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activities_position DROP CONSTRAINT activities_position_capacity")


@postgres
def test_last_seat_goes_to_one_of_two(last_seat: Position) -> None:
    winner, loser = make_volunteer(), make_volunteer()
    waited, problem = two_at_once(lambda: join(last_seat, winner), lambda: join(last_seat, loser))
    assert waited
    assert isinstance(problem, errors.ActivityFull)
    assert seats(last_seat) == (1, 1)
    assert Registration.objects.get().volunteer == winner


@postgres
def test_last_seat_without_the_lock_is_kept_by_the_database_alone(
    last_seat: Position, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First control: no lock. The CHECK still holds, but the loser gets a crash instead of a sentence."""
    monkeypatch.setattr(module, "lock_position", without_lock)
    winner, loser = make_volunteer(), make_volunteer()
    _waited, problem = two_at_once(lambda: join(last_seat, winner), lambda: join(last_seat, loser))
    assert isinstance(problem, IntegrityError)
    assert seats(last_seat) == (1, 1)


@postgres
def test_last_seat_without_the_lock_and_the_check_is_sold_twice(
    last_seat: Position, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Second control: neither. Now the same race oversells, so the race is a real one."""
    monkeypatch.setattr(module, "lock_position", without_lock)
    drop_check()
    one, two = make_volunteer(), make_volunteer()
    _waited, problem = two_at_once(lambda: join(last_seat, one), lambda: join(last_seat, two))
    assert problem is None
    assert seats(last_seat) == (2, 2)


@postgres
def test_last_seat_with_the_lock_needs_no_check(last_seat: Position) -> None:
    """And the lock alone is enough: the CHECK is a second belt."""
    drop_check()
    one, two = make_volunteer(), make_volunteer()
    _waited, problem = two_at_once(lambda: join(last_seat, one), lambda: join(last_seat, two))
    assert isinstance(problem, errors.ActivityFull)
    assert seats(last_seat) == (1, 1)


@postgres
def test_two_taps_of_one_person_are_one_seat(last_seat: Position) -> None:
    person = make_volunteer()
    found: list[int] = []
    waited, problem = two_at_once(
        lambda: found.append(join(last_seat, person).pk), lambda: found.append(join(last_seat, person).pk)
    )
    assert (waited, problem) == (True, None)
    assert found[0] == found[1]
    assert seats(last_seat) == (1, 1)


def two_places(last_seat: Position) -> tuple[Exception | None, int]:
    """One person, two taps, in two activities at the same hour."""
    person = make_volunteer()
    other = make_activity(grid=last_seat.shift.activity.grid, starts_at=last_seat.shift.starts_at)
    position = other.shifts.get().positions.get()
    _waited, problem = two_at_once(lambda: join(last_seat, person), lambda: join(position, person))
    return problem, Registration.objects.filter(volunteer=person).count()


@postgres
def test_one_person_does_not_get_two_places_at_one_hour(last_seat: Position) -> None:
    problem, number = two_places(last_seat)
    assert isinstance(problem, errors.Clash)
    assert number == 1


@postgres
def test_one_person_gets_two_places_without_the_lock(
    last_seat: Position, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(module, "lock_person", lambda pk: None)
    assert two_places(last_seat) == (None, 2)


def cancel_twice(last_seat: Position) -> tuple[int, int]:
    Position.objects.filter(pk=last_seat.pk).update(capacity=3)
    last_seat.refresh_from_db()
    mine, _other = make_registration(last_seat), make_registration(last_seat)
    two_at_once(
        lambda: services.cancel_registration(mine, by=mine.volunteer),
        lambda: services.cancel_registration(mine, by=mine.volunteer),
    )
    return seats(last_seat)


@postgres
def test_cancelling_twice_at_once_gives_one_seat_back(last_seat: Position) -> None:
    assert cancel_twice(last_seat) == (1, 1)


@postgres
def test_cancelling_twice_at_once_gives_two_back_without_the_lock(
    last_seat: Position, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(module, "lock_position", without_lock)
    monkeypatch.setattr(module, "lock_registration", lambda pk: Registration.objects.get(pk=pk))
    assert cancel_twice(last_seat) == (0, 1)


@postgres
def test_sign_up_while_the_activity_is_called_off(last_seat: Position) -> None:
    person, activity = make_volunteer(), last_seat.shift.activity
    _waited, problem = two_at_once(
        lambda: services.cancel_activity(activity, by=activity.organiser, reason="下雨"),
        lambda: join(last_seat, person),
    )
    assert isinstance(problem, errors.ActivityNotOpen)
    assert seats(last_seat) == (0, 0)


@postgres
def test_fewer_seats_while_somebody_signs_up(last_seat: Position) -> None:
    Position.objects.filter(pk=last_seat.pk).update(capacity=2)
    make_registration(Position.objects.get(pk=last_seat.pk))
    shift = last_seat.shift
    plan = services.ShiftPlan(
        shift.starts_at,
        shift.ends_at,
        pk=shift.pk,
        positions=[services.PositionPlan(last_seat.name, 1, pk=last_seat.pk)],
    )
    _waited, problem = two_at_once(
        lambda: join(last_seat, make_volunteer()),
        lambda: services.save_activity(shift.activity, by=shift.activity.organiser, shifts=[plan]),
    )
    assert isinstance(problem, errors.CapacityBelowTaken)
    assert seats(last_seat) == (2, 2)


def test_thirty_people_for_five_seats_all_tap_twice(last_seat: Position) -> None:
    """On both engines: exactly five, everybody gets an answer, the second tap gets the first one's."""
    Position.objects.filter(pk=last_seat.pk).update(capacity=5)
    people = [make_volunteer() for _person in range(30)]
    barrier = threading.Barrier(12)

    def tap(place: int) -> list[str]:
        answers = []
        try:
            if place < 12:
                barrier.wait(20)
            with clock.at(FRIDAY):
                for _twice in range(2):
                    try:
                        answers.append(str(join(last_seat, people[place]).pk))
                    except Refusal as refusal:
                        answers.append(refusal.refusal_code)
        finally:
            connection.close()
        return answers

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(tap, range(30)))
    assert all(first == second for first, second in answers)
    assert sum(first != "activity_full" for first, _second in answers) == 5
    assert seats(last_seat) == (5, 5)
