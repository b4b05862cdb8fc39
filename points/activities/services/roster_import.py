"""A sign-in sheet becomes registrations and service records, row by row, as often as one likes.

Each row is first understood (who, which shift, when), with a few queries for hundreds of rows; what cannot
be understood is reported and left alone. Then, unless it is only a check, each row is written by itself
under the same locks as a sign-up. What has been recorded already is found again by its registration, so a
second run changes nothing.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from points import clock
from points.activities.finding import nearby
from points.activities.models import Activity, Position, Registration, Shift
from points.activities.services.confirming import Confirmation, confirm_one, grade_of, source_of
from points.activities.services.import_report import (
    ERROR,
    OK,
    WARNING,
    ImportReport,
    Note,
    RowError,
    RowReport,
)
from points.activities.services.seats import HARD_OVERLAP_MINUTES, overlap_minutes
from points.activities.services.sheet_cells import is_formula, plain, squeezed
from points.activities.services.sheet_reading import Sheet, SheetRow
from points.activities.services.sheet_times import Times
from points.grids.models import GridMembership
from points.ledger.models import AccountKind
from points.people import services as people_services
from points.people.models import User
from points.people.phones import is_phone, normalise_phone
from points.records.batch import Batch
from points.records.models import ServiceRecord
from points.records.services import creditable_minutes, lock_volunteers
from points.refusals import Refusal

State = Registration.State
Method = Registration.Method
Grade = ServiceRecord.Grade

CHUNK = 250
TIMES = ("checked_in_at", "checked_in_by", "checked_out_at", "checked_out_by")


@dataclass
class Plan:
    """One understood row, before anything is written."""

    row: SheetRow
    name: str
    person: User | None
    new_phone: str
    shift: Shift
    position: Position
    came: dt.datetime
    left: dt.datetime
    left_by: str
    registration: Registration | None
    notes: list[Note]


Progress = Callable[[int, int], None]
Keep = Callable[[list[RowReport]], None]


def import_roster(
    activity: Activity,
    rows: Sheet | Sequence[SheetRow],
    *,
    by: User,
    check: bool = False,
    create_people: bool = False,
    progress: Progress | None = None,
    keep: Keep | None = None,
    start: int = 0,
) -> ImportReport:
    """Import the rows of a sheet (`read_sheet`). With `check` nothing is written.

    `progress(done, all)` is called after every chunk. A row that fails never stops the others. `keep(rows)`
    is called in the transaction that wrote these rows: what it notes down is true, and when it raises they
    are undone. `start` leaves out so many rows, which an earlier run has kept.
    """
    sheet = rows if isinstance(rows, Sheet) else Sheet(list(rows), {})
    report = ImportReport(check, columns=sheet.columns, ignored=sheet.ignored)
    run = Run(activity, sheet, by=by, check=check, create_people=create_people)
    for chunk in in_chunks(sheet.rows[start:], CHUNK):
        run.prepare(chunk)
        if check:
            done = [run.look_at(row) for row in chunk]
            if keep is not None:
                keep(done)
        else:
            with transaction.atomic():
                run.lock(chunk)
                done = [run.write(row) for row in chunk]
                run.count_seats()
                if keep is not None:
                    keep(done)
        report.rows += done
        if progress is not None:
            progress(start + len(report.rows), len(sheet.rows))
    return report


def in_chunks(rows: Iterable[SheetRow], size: int) -> Iterator[list[SheetRow]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


class Run:
    """One import: the activity's shifts, and what is known about the people of the chunk at hand."""

    def __init__(
        self, activity: Activity, sheet: Sheet, *, by: User, check: bool, create_people: bool
    ) -> None:
        self.activity = Activity.objects.select_related("grid", "organization", "organiser").get(
            pk=activity.pk
        )
        self.by, self.check, self.create_people = by, check, create_people
        self.duration_unit = sheet.duration_unit
        self.shifts = list(self.activity.shifts.order_by("starts_at", "pk"))
        for shift in self.shifts:
            shift.activity = self.activity
        self.area = nearby(self.activity.grid)
        self.seen: dict[tuple[int, Any], int] = {}
        self.new_seats: dict[int, int] = {}
        self.positions: dict[int, list[Position]] = {}
        self.refresh_positions()

    def refresh_positions(self) -> None:
        self.positions = {shift.pk: [] for shift in self.shifts}
        for position in Position.objects.filter(shift__in=self.shifts).order_by("pk"):
            self.positions[position.shift_id].append(position)

    # --- Looking things up, a chunk at a time -----------------------------------------------------------
    def prepare(self, chunk: Sequence[SheetRow]) -> None:
        """Find the people of these rows, their seats here, and where else they were."""
        phones = {phone for row in chunk if (phone := normalise_phone(plain(row.phone)))}
        names = {name for row in chunk if (name := plain(row.name))}
        active = User.objects.filter(is_active=True)
        self.by_phone = {person.phone: person for person in active.filter(phone__in=phones)}
        here = active.filter(
            Q(registrations__shift__activity=self.activity)
            | Q(
                grid_memberships__kind=GridMembership.Kind.HOME,
                grid_memberships__to_on__isnull=True,
                grid_memberships__grid__path__startswith=self.area.path,
            ),
            name__in=names,
        ).distinct()
        signed = set(
            Registration.objects.filter(shift__activity=self.activity, volunteer__name__in=names).values_list(
                "volunteer_id", flat=True
            )
        )
        self.by_name: dict[str, list[User]] = {}
        for person in here:
            self.by_name.setdefault(person.name, []).append(person)
        # Somebody who signed up for this activity comes before a namesake who only lives nearby.
        for name, found in self.by_name.items():
            self.by_name[name] = [person for person in found if person.pk in signed] or found
        people = {p.pk: p for p in [*self.by_phone.values(), *(p for f in self.by_name.values() for p in f)]}
        self.people = people
        self.seats: dict[tuple[int, int], Registration] = {}
        self.elsewhere: dict[int, list[Registration]] = {}
        if not self.shifts:
            return
        rows = Registration.objects.filter(
            volunteer__in=people, state__in=Registration.HOLDS_A_SEAT
        ).select_related("position", "shift__activity")
        first = min(shift.starts_at for shift in self.shifts)
        last = max(shift.ends_at for shift in self.shifts)
        for seat in rows.filter(shift__starts_at__lt=last, shift__ends_at__gt=first):
            if seat.shift.activity_id == self.activity.pk:
                self.seats[seat.shift_id, seat.volunteer_id] = seat
            if seat.checked_in_at is not None:
                self.elsewhere.setdefault(seat.volunteer_id, []).append(seat)

    def lock(self, chunk: Sequence[SheetRow]) -> None:
        """Positions first, then people, both in order: the same order as everywhere else."""
        locked = (
            Position.objects.select_for_update(of=("self",), no_key=True)
            .filter(shift__in=self.shifts)
            .order_by("pk")
        )
        list(locked)
        lock_volunteers(self.people.values())
        self.batch = Batch(self.people.values())
        self.batch.expect(source_of(seat) for seat in self.seats.values())
        if self.activity.is_service:
            self.open_accounts(chunk)
        self.refresh_positions()
        fresh = Registration.objects.filter(pk__in=[seat.pk for seat in self.seats.values()])
        for seat in fresh.select_related("position", "shift__activity"):
            self.seats[seat.shift_id, seat.volunteer_id] = seat

    def open_accounts(self, chunk: Sequence[SheetRow]) -> None:
        """Of those whom a row names beyond doubt; beans go, as a rule, only to those who signed up."""
        phones = (normalise_phone(plain(row.phone)) for row in chunk)
        named = (found for row in chunk if len(found := self.by_name.get(plain(row.name), [])) == 1)
        people = [self.by_phone[phone] for phone in phones if phone in self.by_phone]
        people += [found[0] for found in named]
        signed_up = {volunteer for _shift, volunteer in self.seats}
        self.batch.open_accounts(people, AccountKind.HOURS)
        self.batch.open_accounts([one for one in people if one.pk in signed_up], AccountKind.PENDING)

    def count_seats(self) -> None:
        """Write down the seats that this chunk took; its positions are still locked."""
        for pk, number in self.new_seats.items():
            Position.objects.filter(pk=pk).update(seats_taken=F("seats_taken") + number)
        self.new_seats.clear()

    # --- Understanding one row ---------------------------------------------------------------------------
    def plan(self, row: SheetRow) -> Plan | RowReport:
        """What this row means; a report if there is nothing to write."""
        name, notes = plain(row.name), list[Note]()
        for cell in (row.name, row.phone, row.position, row.day, row.came, row.left):
            if is_formula(cell):
                raise RowError("formula", given=plain(cell)[:60])
        person, new_phone = self.person_of(row, name, notes)
        times = Times(
            row,
            shifts=self.shifts,
            positions=self.positions,
            duration_unit=self.duration_unit,
            notes=notes,
        )
        shift = times.shift
        if not times.says_something:
            return RowReport(row.number, name, WARNING, [Note("absent")])
        if shift.ends_at > clock.now():
            raise RowError("shift_not_over")
        who = (shift.pk, person.pk if person else (name, new_phone))
        if who in self.seen:
            raise RowError("twice_in_sheet", row=self.seen[who])
        seat = self.seats.get((shift.pk, person.pk)) if person else None
        if seat is not None and seat.state == State.RECORDED:
            self.seen[who] = row.number
            return RowReport(row.number, name, OK, [Note("already_there")])
        if person is not None and person.pk == self.by.pk:
            raise RowError("own_service")
        came, left, left_by = times.moments()
        if person is not None:
            self.refuse_elsewhere(person, shift)
        position = seat.position if seat else self.position_of(row, shift, notes)
        if seat is None:
            if position.seats_taken >= position.capacity:
                raise RowError("activity_full", given=position.name)
            notes.append(Note("not_signed_up"))
        else:
            kept_in, kept_out = seat.checked_in_at or came, seat.checked_out_at or left
            if (kept_in, kept_out) != (came, left):
                if abs(kept_in - came) >= dt.timedelta(minutes=1) or abs(kept_out - left) >= dt.timedelta(
                    minutes=1
                ):
                    notes.append(Note("kept_times"))
                came, left = kept_in, max(kept_in, kept_out)
        self.seen[who] = row.number
        return Plan(row, name, person, new_phone, shift, position, came, left, left_by, seat, notes)

    def person_of(self, row: SheetRow, name: str, notes: list[Note]) -> tuple[User | None, str]:
        """The account of this row; None with a phone number if one is to be made."""
        written = plain(row.phone)
        phone = normalise_phone(written)
        if not name and not phone:
            raise RowError("no_name")
        if phone and not is_phone(phone):
            raise RowError("bad_phone", given=written[:30])
        known = self.by_phone.get(phone) if phone else None
        if known is not None:
            if name and known.name and squeezed(known.name) != squeezed(name):
                raise RowError("name_differs", known=known.masked_name, given=name[:30])
            return known, phone
        same = self.by_name.get(name, [])
        if phone:  # a namesake with another number is somebody else
            same = [person for person in same if not person.phone]
        if len(same) > 1:
            raise RowError("ambiguous_person", given=name[:30])
        if same:
            return same[0], phone
        if not self.create_people:
            raise RowError("unknown_person", given=" ".join([name[:30], phone]).strip())
        if not phone or not name:
            raise RowError("phone_needed", given=name[:30] or phone)
        notes.append(Note("person_would_be_created" if self.check else "person_created"))
        return None, phone

    def position_of(self, row: SheetRow, shift: Shift, notes: list[Note]) -> Position:
        positions = self.positions.get(shift.pk, [])
        if not positions:
            raise RowError("activity_full", given="–")
        wanted = squeezed(row.position)
        for position in positions:
            if wanted and squeezed(position.name) == wanted:
                return position
        free = next((position for position in positions if position.seats_left > 0), positions[0])
        if wanted:
            notes.append(Note("unknown_position", {"given": plain(row.position)[:60], "taken": free.name}))
        elif len(positions) > 1:
            notes.append(Note("position_assumed", {"taken": free.name}))
        return free

    def refuse_elsewhere(self, person: User, shift: Shift) -> None:
        for other in self.elsewhere.get(person.pk, ()):
            if other.shift_id != shift.pk and overlap_minutes(shift, other.shift) > HARD_OVERLAP_MINUTES:
                raise RowError("clash", given=other.shift.activity.title)

    # --- One row's answer --------------------------------------------------------------------------------
    def look_at(self, row: SheetRow) -> RowReport:
        """What would happen; nothing is written, but seats taken by earlier rows are counted."""
        try:
            plan = self.plan(row)
        except RowError as error:
            return RowReport(row.number, plain(row.name), ERROR, [error.note])
        if isinstance(plan, RowReport):
            return plan
        if plan.registration is None:
            plan.position.seats_taken += 1
        minutes = creditable_minutes(plan.shift.starts_at, plan.shift.ends_at, plan.came, plan.left)
        if not self.activity.is_service:
            return self.answer(plan, Note("would_be_present"))
        return self.answer(plan, Note("would_record", {"minutes": minutes}), minutes=minutes)

    def answer(self, plan: Plan, note: Note, *, minutes: int = 0, beans: int = 0) -> RowReport:
        level = WARNING if plan.notes else OK
        return RowReport(plan.row.number, plan.name, level, [note, *plan.notes], minutes, beans)

    def write(self, row: SheetRow) -> RowReport:
        """Write one row, all of it or nothing."""
        seen = dict(self.seen)
        try:
            plan = self.plan(row)
            if isinstance(plan, RowReport):
                return plan
            with transaction.atomic():
                done = self.apply(plan)
        except RowError as error:
            return RowReport(row.number, plain(row.name), ERROR, [error.note])
        except Refusal as refusal:
            self.seen = seen
            note = Note(refusal.refusal_code, text=refusal.as_text())
            return RowReport(row.number, plain(row.name), ERROR, [note])
        if plan.registration is None:
            plan.position.seats_taken += 1
            self.new_seats[plan.position.pk] = self.new_seats.get(plan.position.pk, 0) + 1
        if done.records:
            [record] = done.records
            note = Note("recorded", {"minutes": record.minutes})
            return self.answer(plan, note, minutes=record.minutes, beans=record.beans)
        return self.answer(plan, Note("present"))

    def apply(self, plan: Plan) -> Confirmation:
        """The seat, its times, and the record."""
        person = plan.person or self.new_person(plan)
        seat = plan.registration
        signed_up = seat is not None and not (
            seat.entered_by_id is not None and seat.signed_up_at >= plan.shift.ends_at
        )
        if seat is None:
            seat = Registration(
                position=plan.position,
                shift=plan.shift,
                volunteer=person,
                entered_by=self.by,
                signed_up_at=clock.now(),
            )
        if seat.checked_in_at is None:
            seat.checked_in_at, seat.checked_in_by = plan.came, Method.SHEET
        if seat.checked_out_at is None:
            seat.checked_out_at, seat.checked_out_by = plan.left, plan.left_by
        seat.volunteer, seat.shift = person, plan.shift
        grade = grade_of(seat) if signed_up else Grade.SUPPLEMENTED
        done = Confirmation()
        confirm_one(plan.shift, seat, by=self.by, done=done, grade=grade, changed=TIMES, batch=self.batch)
        return done

    def new_person(self, plan: Plan) -> User:
        """An account without a password; the sheet's signature is the consent, entered by the importer."""
        return people_services.register(
            username=f"p{plan.new_phone.lstrip('+')}-{secrets.token_hex(3)}",
            name=plan.name,
            phone=plan.new_phone,
            by=self.by,
        )
