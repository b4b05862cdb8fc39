"""From the times of a row to a shift and two moments; what the row leaves open is said in a note."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from points import clock
from points.activities.models import Position, Registration, Shift
from points.activities.services.import_report import Note, RowError
from points.activities.services.sheet_cells import (
    TICK,
    is_formula,
    plain,
    read_day,
    read_minutes,
    read_time,
    squeezed,
)
from points.activities.services.sheet_reading import SheetRow

Method = Registration.Method
EARLY, LATE = dt.timedelta(hours=2), dt.timedelta(hours=6)
HALF_A_DAY = dt.timedelta(hours=12)
DIFFERENCE_WORTH_SAYING = 15


class Times:
    """The shift a row belongs to, and the two moments it means."""

    def __init__(
        self,
        row: SheetRow,
        *,
        shifts: list[Shift],
        positions: dict[int, list[Position]],
        duration_unit: str,
        notes: list[Note],
    ) -> None:
        self.row, self.shifts, self.positions, self.notes = row, shifts, positions, notes
        self.duration_unit = duration_unit
        self.came = self.read(row.came)
        self.left = self.read(row.left)
        self.minutes = self.read_duration()
        self.shift = self.find_shift()

    @property
    def says_something(self) -> bool:
        return self.came is not None or self.left is not None or self.minutes is not None

    @staticmethod
    def read(cell: Any) -> Any:
        try:
            return read_time(cell)
        except ValueError:
            raise RowError("unreadable_time", given=plain(cell)[:40]) from None

    def read_duration(self) -> int | None:
        cell = self.row.duration
        if is_formula(cell):
            if self.came is None or self.left is None:
                raise RowError("formula", given=plain(cell)[:60])
            self.notes.append(Note("duration_ignored"))
            return None
        try:
            return read_minutes(cell, unit=self.duration_unit)
        except ValueError:
            raise RowError("unreadable_duration", given=plain(cell)[:40]) from None

    def day(self) -> dt.date | tuple[int, int] | None:
        try:
            written = read_day(self.row.day)
        except ValueError:
            raise RowError("unreadable_day", given=plain(self.row.day)[:40]) from None
        if written is not None:
            return written
        for moment in (self.came, self.left):
            if isinstance(moment, dt.datetime):
                return moment.date()
        return None

    def find_shift(self) -> Shift:
        """By the day, then by the times; never by guessing."""
        shifts, day = self.shifts, self.day()
        if day is not None:
            shifts = [shift for shift in shifts if same_day(shift, day)]
            if not shifts:
                given = day.isoformat() if isinstance(day, dt.date) else f"{day[0]}-{day[1]}"
                raise RowError("no_such_shift", given=given)
        if len(shifts) > 1 and (time := self.came or self.left) is not None and time is not TICK:
            wall = time.time() if isinstance(time, dt.datetime) else time
            near = [shift for shift in shifts if is_near(shift, wall)]
            shifts = near if near else shifts
        if len(shifts) > 1 and (wanted := squeezed(self.row.position)):
            with_it = [
                shift for shift in shifts if any(squeezed(p.name) == wanted for p in self.positions[shift.pk])
            ]
            shifts = with_it or shifts
        if len(shifts) != 1:
            raise RowError("ambiguous_shift" if shifts else "no_such_shift", given="–")
        return shifts[0]

    def moment(self, time: Any) -> dt.datetime | None:
        """A time of the row on the shift's day (or, for a night shift, the day after)."""
        if time is None or time is TICK:
            return None
        if isinstance(time, dt.datetime):
            return timezone.make_aware(time) if timezone.is_naive(time) else time
        start = timezone.localtime(self.shift.starts_at)
        at = timezone.make_aware(dt.datetime.combine(start.date(), time))
        first, last = self.shift.starts_at - EARLY, self.shift.ends_at + LATE
        if at < first and first <= at + dt.timedelta(days=1) <= last:
            return at + dt.timedelta(days=1)
        if at < first and time.hour < 12 and first <= at + HALF_A_DAY <= self.shift.ends_at + EARLY:
            if not any(note.code == "afternoon_assumed" for note in self.notes):
                self.notes.append(Note("afternoon_assumed"))
            return at + HALF_A_DAY
        return at

    def moments(self) -> tuple[dt.datetime, dt.datetime, str]:
        """When the person came and left, and how the leaving is known."""
        shift, notes, left_by = self.shift, self.notes, Method.SHEET
        came, left = self.moment(self.came), self.moment(self.left)
        length = dt.timedelta(minutes=self.minutes) if self.minutes is not None else None
        if came is not None and left is not None and length is not None:
            counted = int((left - came).total_seconds() // 60)
            if abs(counted - (self.minutes or 0)) > DIFFERENCE_WORTH_SAYING:
                notes.append(Note("duration_differs", {"given": self.minutes, "counted": counted}))
        if came is None and left is not None and length is not None:
            came = left - length
        if came is None:
            came = shift.starts_at
            notes.append(Note("time_assumed"))
        if left is None and length is not None:
            left = came + length
        if left is None:
            left = max(shift.ends_at, came)
            if self.left is not TICK:
                left_by = Method.PLANNED_END
                notes.append(Note("no_check_out"))
            elif not any(note.code == "time_assumed" for note in notes):
                notes.append(Note("time_assumed"))
        if left < came:
            raise RowError("out_before_in")
        if came >= shift.ends_at or left <= shift.starts_at or came < shift.starts_at - EARLY:
            raise RowError("time_out_of_range", given=written_shift(shift))
        if left > min(shift.ends_at + LATE, clock.now()):
            raise RowError("time_out_of_range", given=written_shift(shift))
        return came, left, left_by


def same_day(shift: Shift, day: dt.date | tuple[int, int]) -> bool:
    local = timezone.localdate(shift.starts_at)
    return local == day if isinstance(day, dt.date) else (local.month, local.day) == day


def is_near(shift: Shift, wall: dt.time) -> bool:
    """Whether a wall-clock time lies within an hour around the shift."""
    start = timezone.localtime(shift.starts_at)
    at = timezone.make_aware(dt.datetime.combine(start.date(), wall))
    return shift.starts_at - dt.timedelta(hours=1) <= at <= shift.ends_at + dt.timedelta(hours=1)


def written_shift(shift: Shift) -> str:
    start, end = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
    return f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}"
