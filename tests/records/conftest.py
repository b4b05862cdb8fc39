"""A morning's service in 春风第一网格, recorded with one call."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from djmoney.money import Money

from points.grids.models import Organization, Role
from points.ledger.accounts import pool_account, system_account
from points.ledger.models import AccountKind
from points.ledger.services import Move, post
from points.people.models import User
from points.records.models import ServiceRecord
from points.records.services import record_service
from points.schemes.models import Scheme
from tests.factories import (
    Town,
    local,
    make_grid_tree,
    make_organization,
    make_scheme,
    make_user,
    make_volunteer,
)

_allotments = itertools.count(1)


def allot(grid: Any, beans: int, *, year: int = 2026) -> None:
    """Treasury → the unit's budget."""
    move = Move(system_account(AccountKind.TREASURY), pool_account(grid.code, year), Money(beans, "BEAN"))
    with transaction.atomic():
        post("allotment", key=f"test-allotment:{next(_allotments)}:{grid.code}", moves=[move], by=None)


@dataclass
class Morning:
    """25 November 2026, 13:00; a service of 9 to 11 o'clock is over."""

    town: Town
    scheme: Scheme
    unit: Organization
    organiser: User
    volunteer: User
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def facts(self, **changes: Any) -> dict[str, Any]:
        return {
            "source": f"registration:{next(self.numbers)}",
            "volunteer": self.volunteer,
            "grid": self.town.grid,
            "recording_unit": self.unit,
            "activity_name": "环境卫生整治志愿活动",
            "activity_reference": "a1b2c3d4",
            "category": "environment",
            "content": "清扫楼道",
            "place": "社区广场",
            "person_in_charge": self.organiser,
            "planned_start": local("2026-11-25 09:00"),
            "planned_end": local("2026-11-25 11:00"),
            "checked_in_at": local("2026-11-25 08:55"),
            "checked_out_at": local("2026-11-25 11:10"),
            "grade": "system_verified",
            "by": self.organiser,
            **changes,
        }

    def record(self, **changes: Any) -> ServiceRecord:
        return record_service(**self.facts(**changes))

    def people(self, count: int) -> list[User]:
        return [make_volunteer() for _each in range(count)]


def build_morning() -> Morning:
    town = make_grid_tree()
    organiser = make_user(role=Role.ORGANISER, grid=town.community, name="李组织")
    return Morning(
        town,
        make_scheme(grid=town.root, rules={"category_factor_percent": {"care": 150}}),
        make_organization(grid=town.community, phone="0371-5550123"),
        organiser,
        make_volunteer(name="王小明"),
    )


@pytest.fixture
def morning(db: None, clock_at: Callable[..., dt.datetime]) -> Morning:
    clock_at("2026-11-25 13:00")
    made = build_morning()
    allot(made.town.community, 1000)
    return made
