"""One person, two doors, one moment: with the lock, and with it taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from points.activities import errors, services
from points.activities.models import Registration
from points.activities.services import places
from tests.activities.test_races import two_at_once
from tests.factories import (
    local,
    make_activity,
    make_grid_tree,
    make_organiser,
    make_registration,
    make_volunteer,
)

pytestmark = [pytest.mark.race, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
Method = Registration.Method


def both_doors(clock_at: Callable[..., Any]) -> tuple[Exception | None, int]:
    """Two shifts that meet at ten; two organisers scan the card of one person in the same moment."""
    clock_at(local("2026-11-20 10:00"))
    grid = make_grid_tree().grid
    organiser, person = make_organiser(grid), make_volunteer()
    seats = [
        make_registration(
            make_activity(grid=grid, organiser=organiser, starts_at=local(f"2026-11-20 {starts}"))
            .shifts.get()
            .positions.get(),
            volunteer=person,
        )
        for starts in ("08:10", "10:05")
    ]
    _waited, problem = two_at_once(
        lambda: services.check_in(seats[0], by=organiser, method=Method.CARD),
        lambda: services.check_in(seats[1], by=organiser, method=Method.CARD),
    )
    return problem, Registration.objects.filter(checked_in_at__isnull=False).count()


def test_one_person_is_checked_in_at_one_place(clock_at: Callable[..., Any]) -> None:
    problem, number = both_doors(clock_at)
    assert isinstance(problem, errors.CheckedInElsewhere)
    assert number == 1


def test_one_person_without_the_lock_is_at_two_places(
    clock_at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(places, "lock_person", lambda _pk: None)
    assert both_doors(clock_at) == (None, 2)
