"""What an import says, row by row: a level, a stable code and a plain sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OK, WARNING, ERROR = "ok", "warning", "error"

SENTENCES: dict[str, Promise] = {
    # done
    "recorded": _("Recorded: %(minutes)s minutes."),
    "would_record": _("Would be recorded: %(minutes)s minutes."),
    "present": _("Written down as present."),
    "would_be_present": _("Would be written down as present."),
    "already_there": _("Is already recorded; nothing changed."),
    # said on the way
    "absent": _("No time and no mark: taken as absent, nothing written."),
    "time_assumed": _("Only a mark, no time: the planned time was taken."),
    "no_check_out": _("No time of leaving: the planned end was taken."),
    "afternoon_assumed": _("A time before noon was read as afternoon, because the shift is then."),
    "duration_differs": _("The hours in the sheet (%(given)s minutes) differ from its times (%(counted)s)."),
    "duration_ignored": _("The hours hold a formula; the times were taken."),
    "kept_times": _("A time that was already there was kept."),
    "unknown_position": _("There is no position “%(given)s” in this shift; “%(taken)s” was taken."),
    "position_assumed": _("No position given; “%(taken)s” was taken."),
    "not_signed_up": _("Had not signed up: entered later (hours, as a rule no beans)."),
    "person_created": _("A new account without a password was made for this person."),
    "person_would_be_created": _("A new account without a password would be made for this person."),
    # in the way
    "formula": _("A cell holds a formula. Paste it as a value: %(given)s"),
    "no_name": _("No name and no phone number."),
    "bad_phone": _("“%(given)s” is not a phone number."),
    "unknown_person": _("Nobody with this name and phone number is registered here: %(given)s."),
    "ambiguous_person": _("Several people are called %(given)s. Add the phone number."),
    "name_differs": _("The phone number belongs to %(known)s, but the sheet says %(given)s."),
    "phone_needed": _("To make an account for %(given)s the phone number is needed."),
    "unreadable_time": _("This time cannot be read: %(given)s"),
    "unreadable_duration": _("These hours cannot be read: %(given)s"),
    "unreadable_day": _("This date cannot be read: %(given)s"),
    "no_such_shift": _("The activity has no shift on %(given)s."),
    "ambiguous_shift": _("The activity has several shifts. Add a column with the date, or the times."),
    "shift_not_over": _("This shift is not over yet. Import the sheet afterwards."),
    "out_before_in": _("The time of leaving is before the time of coming."),
    "time_out_of_range": _("The times lie outside the shift (%(given)s)."),
    "twice_in_sheet": _("This person stands in the sheet twice for this shift; see row %(row)s."),
    "activity_full": _(
        "All seats of “%(given)s” are taken. Give the position more seats, then import again."
    ),
    "clash": _("Was at “%(given)s” at the same time. Nobody is in two places at once."),
    "own_service": _("Nobody enters their own service. Ask a colleague to import this row."),
}


@dataclass
class Note:
    """Something to say about a row: a stable code and a sentence."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)
    text: str = ""

    def __str__(self) -> str:
        return self.text or str(SENTENCES[self.code]) % self.params


@dataclass
class RowReport:
    """What became of one row."""

    number: int
    name: str
    level: str
    notes: list[Note]
    minutes: int = 0
    beans: int = 0

    @property
    def code(self) -> str:
        """The code that matters most: the error, else what was done."""
        return self.notes[0].code

    @property
    def sentence(self) -> str:
        return " ".join(str(note) for note in self.notes)

    def packed(self) -> list[Any]:
        """The row as JSON keeps it."""
        notes = [[note.code, note.params, note.text] for note in self.notes]
        return [self.number, self.name, self.level, notes, self.minutes, self.beans]

    @classmethod
    def unpacked(cls, values: list[Any]) -> RowReport:
        number, name, level, notes, minutes, beans = values
        return cls(number, name, level, [Note(*note) for note in notes], minutes, beans)


@dataclass
class ImportReport:
    """The whole sheet, row by row, with its sums."""

    check: bool
    rows: list[RowReport] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def count(self, level: str) -> int:
        return sum(1 for row in self.rows if row.level == level)

    def with_code(self, code: str) -> list[RowReport]:
        return [row for row in self.rows if row.code == code]

    @property
    def recorded(self) -> int:
        """How many rows became (or would become) a record or a presence now."""
        done = {"recorded", "would_record", "present", "would_be_present"}
        return sum(1 for row in self.rows if row.code in done)

    @property
    def already(self) -> int:
        return len(self.with_code("already_there"))

    @property
    def errors(self) -> int:
        return self.count(ERROR)

    @property
    def warnings(self) -> int:
        return self.count(WARNING)

    @property
    def minutes(self) -> int:
        return sum(row.minutes for row in self.rows)

    @property
    def beans(self) -> int:
        return sum(row.beans for row in self.rows)

    def sums(self) -> dict[str, Any]:
        """Everything but the rows, as JSON keeps it."""
        return {
            "check": self.check,
            "rows": len(self.rows),
            "recorded": self.recorded,
            "already": self.already,
            "warnings": self.warnings,
            "errors": self.errors,
            "minutes": self.minutes,
            "beans": self.beans,
            "columns": self.columns,
            "ignored": self.ignored,
        }


class RowError(Exception):
    """This row cannot be understood."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.note = Note(code, params)
