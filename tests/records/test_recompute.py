"""A month recomputed from its facts: the same ledger; and whatever was changed behind our back is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from points.grids.models import Role
from points.records import objections
from points.records.models import Objection, ServiceRecord
from points.records.recompute import recompute_month
from tests.factories import local, make_user
from tests.records.conftest import Morning
from tests.records.test_objections import times

NOVEMBER = dt.date(2026, 11, 1)
LONG = {
    "category": "care",
    "planned_start": local("2026-11-25 07:00"),
    "checked_in_at": local("2026-11-25 07:00"),
}


@pytest.fixture
def month(morning: Morning, clock_at: Callable[..., Any]) -> list[ServiceRecord]:
    """Two services under the cap of a day, one of them corrected before the second; one of somebody else."""
    first = morning.record(**LONG)
    worker = make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.community)
    objection = objections.object_to(
        first, claim=Objection.Claim.TOO_MANY, text="提前走了", by=morning.people(1)[0]
    )
    clock_at("2026-11-25 14:00")
    objections.uphold(objection, times(first, "07:00", "09:30"), answer="是", by=worker)
    clock_at("2026-11-25 15:00")
    second = morning.record(**LONG)
    other = morning.record(volunteer=morning.people(1)[0])
    return [first, second, other]


def test_month_is_the_same_again(month: list[ServiceRecord], capsys: pytest.CaptureFixture[str]) -> None:
    outcome = recompute_month(NOVEMBER)
    assert outcome.differences == []
    assert outcome.records == 4
    call_command("recompute_records", "--month", "2026-11")
    assert "0 differences" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("minutes", 999, "minutes"),
        ("beans", 79, "beans"),
        ("checked_out_at", local("2026-11-25 08:00"), "minutes"),
        ("category", "repair", "beans"),
    ],
)
def test_what_was_changed_is_named(month: list[ServiceRecord], field: str, value: Any, what: str) -> None:
    """The control: each of the facts matters."""
    ServiceRecord.objects.filter(pk=month[1].pk).update(**{field: value})
    found = recompute_month(NOVEMBER).differences
    assert what in {difference.what for difference in found}
    assert all(difference.record == str(month[1]) for difference in found)
    with pytest.raises(CommandError):
        call_command("recompute_records", "--month", "2026-11")


def test_month_is_written_plainly(db: None) -> None:
    with pytest.raises(CommandError, match="2026-10"):
        call_command("recompute_records", "--month", "November")
