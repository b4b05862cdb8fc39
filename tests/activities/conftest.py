"""A town on an ordinary Monday morning, with one activity at nine and its people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from djmoney.money import Money

from points import clock
from points.activities.models import Activity, Position, Shift
from points.people.models import User
from tests.factories import (
    Town,
    local,
    make_activity,
    make_grid_tree,
    make_organiser,
    make_scheme,
    make_volunteer,
)

NINE = "2026-11-23 09:00"


@dataclass
class Scene:
    """Everything a story about one shift (Monday, nine to eleven, two seats) needs."""

    town: Town
    organiser: User
    volunteer: User
    other: User
    activity: Activity
    shift: Shift
    position: Position


@pytest.fixture
def scene(db: None, clock_at: Callable[[str], dt.datetime]) -> Scene:
    clock_at("2026-11-20 10:00")
    town = make_grid_tree()
    make_scheme(grid=town.root)
    organiser = make_organiser(town.community, username="lin", name="林主任", phone="13800000001")
    activity = make_activity(
        grid=town.grid, organiser=organiser, starts_at=local(NINE), capacity=2, title="楼院大扫除"
    )
    shift = activity.shifts.get()
    return Scene(
        town=town,
        organiser=organiser,
        volunteer=make_volunteer(username="wang", name="王秀英", phone="13800000002"),
        other=make_volunteer(username="zhao", name="赵大海", phone="13800000003"),
        activity=activity,
        shift=shift,
        position=shift.positions.get(),
    )


@pytest.fixture
def budget(scene: Scene) -> None:
    """A thousand beans for the town this year."""
    give_budget(scene, 1000)


def give_budget(scene: Scene, beans: int) -> None:
    """So many beans more for the town this year."""
    from django.db import transaction

    from points.ledger.accounts import pool_account, system_account
    from points.ledger.models import AccountKind
    from points.ledger.services import Move, post

    with transaction.atomic():
        post(
            "allotment",
            key=f"test:budget:{beans}",
            moves=[
                Move(
                    system_account(AccountKind.TREASURY),
                    pool_account(scene.town.root.code, clock.today().year),
                    Money(beans, "BEAN"),
                )
            ],
            by=None,
            reason="test",
        )
