"""Working days: the State Council's calendar, with the town's own exceptions before it (law L-A13).

The calendar comes with the library `chinesecalendar`, make-up working days included; a row of `WorkDay` wins
over it. For a year the library does not know yet every weekday counts as worked, and a warning says so.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping

import chinese_calendar

from points.records.models import WorkDay

log = logging.getLogger(__name__)
RECORD_WITHIN = 10
"""Working days after an activity within which service is to be recorded (Order 67, article 11)."""
ONE = dt.timedelta(days=1)


def is_known(year: int) -> bool:
    """Whether the calendar that comes with the system knows this year."""
    try:
        chinese_calendar.is_workday(dt.date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def is_workday(day: dt.date, exceptions: Mapping[dt.date, bool] | None = None) -> bool:
    """Whether people work on this day. `exceptions` spares the query where many days are asked for."""
    own = _exceptions(day, day) if exceptions is None else exceptions
    if day in own:
        return own[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        log.warning(
            "no working calendar for %s: weekdays count; see WorkDay and the library's update", day.year
        )
        return day.weekday() < 5


def working_days_after(day: dt.date, count: int) -> dt.date:
    """The `count`-th working day after a day, which itself does not count. One query."""
    return WorkingCalendar(day, day + dt.timedelta(days=count * 3 + 30)).after(day, count)


def record_due_on(day: dt.date) -> dt.date:
    """The last day on which service of this day can be recorded in time."""
    return working_days_after(day, RECORD_WITHIN)


class WorkingCalendar:
    """The working days of a span of time: for lists, which ask about many shifts with one query."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.exceptions = _exceptions(first, last)
        self._due: dict[tuple[dt.date, int], dt.date] = {}

    def after(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after a day."""
        if (day, count) not in self._due:
            found, left = day, count
            while left > 0:
                found += ONE
                left -= is_workday(found, self.exceptions)
            self._due[day, count] = found
        return self._due[day, count]

    def before(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day before a day: what ended earlier is more than `count` old."""
        found, left = day, count
        while left > 0:
            found -= ONE
            left -= is_workday(found, self.exceptions)
        return found


def _exceptions(first: dt.date, last: dt.date) -> dict[dt.date, bool]:
    return dict(WorkDay.objects.filter(day__range=(first, last)).values_list("day", "is_workday"))
