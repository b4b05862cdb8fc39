"""Working days: holidays with make-up working days, the town's exceptions, unknown years (law L-A13)."""

from __future__ import annotations

import datetime as dt
import logging

import pytest

from points.records import calendar
from points.records.models import WorkDay

pytestmark = pytest.mark.django_db
day = dt.date.fromisoformat


def test_holiday_with_a_make_up_working_day() -> None:
    """National Day 2025: 1–8 October free, Sunday 28 September and Saturday 11 October worked."""
    assert calendar.is_workday(day("2025-09-28"))
    assert not calendar.is_workday(day("2025-10-08"))
    assert calendar.is_workday(day("2025-10-11"))
    # 28, 29, 30 September; 9, 10, 11, 13, 14, 15, 16 October
    assert calendar.working_days_after(day("2025-09-27"), 10) == day("2025-10-16")
    # the control: by weekdays alone it would be over six days earlier
    assert day("2025-09-27") + dt.timedelta(days=13) == day("2025-10-10")


def test_national_day_of_2026() -> None:
    # 29, 30 September; 8, 9, 10 (Saturday, worked), 12, 13, 14, 15, 16 October
    assert calendar.record_due_on(day("2026-09-28")) == day("2026-10-16")


def test_towns_own_exceptions_win() -> None:
    WorkDay.objects.create(day=day("2026-11-26"), is_workday=False, note="停电")
    WorkDay.objects.create(day=day("2026-11-28"), is_workday=True, note="补班")
    assert not calendar.is_workday(day("2026-11-26"))
    assert calendar.working_days_after(day("2026-11-25"), 2) == day("2026-11-28")


def test_unknown_year_counts_weekdays_and_warns(caplog: pytest.LogCaptureFixture) -> None:
    assert not calendar.is_known(2199)
    with caplog.at_level(logging.WARNING, logger="points.records.calendar"):
        assert calendar.working_days_after(day("2199-01-04"), 2) == day("2199-01-08")
    assert "2199" in caplog.text


def test_before_is_the_mirror_of_after() -> None:
    found = calendar.WorkingCalendar(day("2025-08-01"), day("2025-12-01"))
    for number in range(70):
        today = day("2025-09-20") + dt.timedelta(days=number)
        first = found.before(today, 10)
        for back in range(40):
            ended = today - dt.timedelta(days=back)
            assert (found.after(ended, 10) < today) == (ended < first), (today, ended)
