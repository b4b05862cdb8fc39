"""Any line can be computed again: `manage.py explain TRANSACTION`."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from points import clock
from points.ledger.accounts import member_account
from points.ledger.balances import balance
from points.ledger.models import AccountKind, Transaction
from points.records.models import ServiceRecord
from points.records.reckoning import recompute
from points.records.services import release_due
from tests.factories import local
from tests.records.conftest import Morning

pytestmark = pytest.mark.django_db
FIRST_FORM = {
    "facts": {
        "minutes": 120,
        "planned_minutes": 120,
        "category": "environment",
        "grade": "system_verified",
        "served_on": "2026-11-25",
        "beans_already_that_day": 70,
    },
    "allowed_extension_minutes": 0,
    "beans": 10,
    "lines": [
        {"code": "rate", "params": {"minutes": 120, "rate": 10, "factor": "1.0", "beans": 20}},
        {"code": "cap", "params": {"cap": 80, "left": 10}},
    ],
}


def explained(number: int) -> str:
    out = io.StringIO()
    with translation.override("en"):
        call_command("explain", number, stdout=out)
    return out.getvalue()


def test_award_hours_and_release_are_explained(morning: Morning) -> None:
    record = morning.record(category="care")
    with clock.at(local("2026-11-30 00:00")):
        assert release_due() == 1
    record.refresh_from_db()
    award = explained(record.award_transaction_id)
    assert f"rule         {morning.scheme.versions.get().label}" in award
    assert "30 BEAN (agrees)" in award
    assert "The rule gives 10 beans for 1 hour" in award
    assert "DIFFERS" not in award
    assert '"minutes": 120' in award
    assert "120 MINUTE (agrees)" in explained(record.hours_transaction_id)
    assert "30 BEAN (agrees)" in explained(record.release_transaction_id)


def test_line_of_the_first_form_is_recomputed(morning: Morning) -> None:
    record = morning.record()
    ServiceRecord.objects.filter(pk=record.pk).update(inputs=FIRST_FORM, beans=10)
    record.refresh_from_db()
    again = recompute(record)
    assert again is not None
    assert (again.beans, again.is_equal) == (10, True)
    with translation.override("en"):
        from points.records.words import reasons

        assert reasons(record)[:2] == [
            "120 minutes × 10 beans per hour × 1.0 = 20 beans",
            "Daily cap of 80 beans: 10 beans left that day.",
        ]


@pytest.mark.parametrize("change", ["minutes", "beans", "points"])
def test_changed_inputs_are_found(morning: Morning, change: str) -> None:
    record = morning.record()
    inputs = record.inputs
    if change == "minutes":
        inputs["act"]["minutes"] = 240
    elif change == "points":
        inputs["award"]["amounts"] = [["BEAN", 99, "available"]]
    beans = 21 if change == "beans" else record.beans
    ServiceRecord.objects.filter(pk=record.pk).update(inputs=inputs, beans=beans)
    with pytest.raises(CommandError, match="does not follow"):
        explained(record.award_transaction_id)


def test_erased_inputs_leave_the_digest(morning: Morning) -> None:
    record = morning.record()
    ServiceRecord.objects.filter(pk=record.pk).update(inputs={})
    text = explained(record.award_transaction_id)
    assert "erased" in text
    assert record.award_transaction.inputs_digest in text
    record.refresh_from_db()
    assert recompute(record) is None


def test_line_without_a_rule_and_unknown_line(morning: Morning) -> None:
    allotment = Transaction.objects.get(kind="allotment")
    assert "follows no rule" in explained(allotment.pk)
    with pytest.raises(CommandError, match="no such transaction"):
        explained(10**9)


def test_limits_over_a_year_look_back_at_all_records(morning: Morning) -> None:
    version = morning.scheme.versions.get()
    rules = {
        "earning": [{"id": "s", "name": "s", "rate": {"points": 10}}],
        "limits": [{"most": 25, "per": "year"}],
    }
    type(version).objects.bulk_create(
        [type(version)(scheme=morning.scheme, number=2, effective_from="2026-01-01", rules=rules)]
    )
    nine, eleven = local("2026-11-24 09:00"), local("2026-11-24 11:00")
    first = morning.record(planned_start=nine, planned_end=eleven, checked_in_at=nine, checked_out_at=eleven)
    second = morning.record()
    assert (first.beans, second.beans, second.minutes) == (20, 5, 120)
    assert second.inputs["history"] == {"totals": {"BEAN|*|year": 20}}


def test_ceiling_counts_what_is_held(morning: Morning) -> None:
    version = morning.scheme.versions.get()
    rules = {
        "earning": [{"id": "s", "name": "s", "rate": {"points": 10}}],
        "ceilings": [{"most": 30}],
    }
    type(version).objects.bulk_create(
        [type(version)(scheme=morning.scheme, number=2, effective_from="2026-01-01", rules=rules)]
    )
    assert [morning.record().beans for _each in range(3)] == [20, 10, 0]


def test_what_is_above_the_ceiling_is_posted_for_giving_away(morning: Morning) -> None:
    version = morning.scheme.versions.get()
    rules = {
        "earning": [{"id": "s", "name": "s", "rate": {"points": 10}}],
        "ceilings": [{"most": 30, "overflow": "donate_only"}],
    }
    type(version).objects.bulk_create(
        [type(version)(scheme=morning.scheme, number=2, effective_from="2026-01-01", rules=rules)]
    )
    records = [morning.record() for _each in range(3)]
    assert [record.beans for record in records] == [20, 10, 0]
    given = balance(member_account(morning.volunteer, AccountKind.DONATE_ONLY, unit="BEAN"))
    assert int(given.amount) == 30
    assert [record.awaiting_budget for record in records] == [False] * 3
    for record in records:
        assert "DIFFERS" not in explained(record.award_transaction_id)
