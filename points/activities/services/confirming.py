"""Confirming a shift: what the organiser saw becomes service records.

One press for the whole list. Each person is done or refused alone, so that one forgotten check-out does not
keep the others waiting; pressing again only does what is still open, because a record knows its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from points import clock
from points.activities import errors
from points.activities.models import Activity, Registration, Shift
from points.activities.services.absences import write_down_absence
from points.ledger.models import AccountKind
from points.people.models import User
from points.records.batch import Batch
from points.records.errors import OwnService
from points.records.models import ServiceRecord
from points.records.services import lock_volunteers, record_service
from points.refusals import Refusal

State = Registration.State
Method = Registration.Method
Grade = ServiceRecord.Grade


@dataclass
class Confirmation:
    """What one press did. Iterating gives the service records."""

    records: list[ServiceRecord] = field(default_factory=list)
    present_only: list[Registration] = field(default_factory=list)
    no_shows: list[Registration] = field(default_factory=list)
    excused: list[Registration] = field(default_factory=list)
    refused: list[tuple[Registration, Refusal]] = field(default_factory=list)

    def __iter__(self) -> Iterator[ServiceRecord]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    @property
    def minutes(self) -> int:
        return sum(record.minutes for record in self.records)

    @property
    def beans(self) -> int:
        return sum(record.beans for record in self.records)


def confirm_shift(
    shift: Shift,
    *,
    by: User,
    registrations: Iterable[Registration] | None = None,
    no_shows: Iterable[Registration] = (),
    excused: Iterable[Registration] = (),
) -> Confirmation:
    """Record the service of everybody present (or of `registrations` only), and write down who was absent.

    `by` never confirms their own service: that row is refused with `own_service`, the others go through.
    After the planned end, whoever has not checked out left at the planned end. Raises ShiftNotStarted.
    """
    done = Confirmation()
    chosen = None if registrations is None else {registration.pk for registration in registrations}
    absent = {registration.pk: State.NO_SHOW for registration in no_shows}
    absent |= {registration.pk: State.EXCUSED for registration in excused}
    with transaction.atomic():
        shift = Shift.objects.select_related("activity__grid", "activity__organization").get(pk=shift.pk)
        if clock.now() < shift.starts_at:
            raise errors.ShiftNotStarted
        people = list(
            Registration.objects.select_for_update(of=("self",), no_key=True)
            .filter(shift=shift, state__in=(State.SIGNED_UP, State.NO_SHOW, State.EXCUSED))
            .select_related("volunteer", "position")
            .order_by("pk")
        )
        lock_volunteers(registration.volunteer for registration in people)
        batch = Batch(registration.volunteer for registration in people)
        batch.expect(source_of(registration) for registration in people)
        if shift.activity.is_service:
            came = [one.volunteer for one in people if one.checked_in_at is not None]
            batch.open_accounts(came, AccountKind.HOURS)
        for registration in people:
            if registration.checked_in_at is None:
                if registration.pk in absent:
                    was, registration.state = registration.state, absent[registration.pk]
                    registration.save(update_fields=["state"])
                    if registration.state == State.NO_SHOW != was:
                        write_down_absence(registration, by=by)
                    (done.excused if registration.state == State.EXCUSED else done.no_shows).append(
                        registration
                    )
            elif chosen is None or registration.pk in chosen:
                try:
                    with transaction.atomic():
                        confirm_one(shift, registration, by=by, done=done, batch=batch)
                except Refusal as refusal:
                    done.refused.append((registration, refusal))
    return done


def confirm_one(
    shift: Shift,
    registration: Registration,
    *,
    by: User,
    done: Confirmation,
    grade: str | None = None,
    changed: Sequence[str] = (),
    batch: Batch | None = None,
) -> None:
    """Record one present registration (locked by the caller, or new); fields in `changed` are saved along."""
    if registration.volunteer_id == by.pk:
        raise OwnService
    changed = ["state", *changed]
    if registration.checked_out_at is None:
        if clock.now() < shift.ends_at:
            raise errors.StillInside(name=registration.volunteer.display_name)
        registration.checked_out_at = max(shift.ends_at, registration.checked_in_at or shift.ends_at)
        registration.checked_out_by = Method.PLANNED_END
        changed += ["checked_out_at", "checked_out_by"]
    registration.state = State.RECORDED
    if registration.pk is None:
        registration.save(force_insert=True)
        if batch is not None:
            batch.is_new(source_of(registration))
    else:
        registration.save(update_fields=changed)
    if not shift.activity.is_service:
        done.present_only.append(registration)
        return
    done.records.append(
        record_of(
            shift.activity, shift, registration, by=by, grade=grade or grade_of(registration), batch=batch
        )
    )


def grade_of(registration: Registration) -> str:
    """Two codes typed by the volunteer are proof of the system; anything else is the organiser's word."""
    if registration.checked_in_by == Method.CODE and registration.checked_out_by == Method.CODE:
        return Grade.SYSTEM_VERIFIED
    return Grade.ORGANISER_WITNESSED


def record_of(
    activity: Activity,
    shift: Shift,
    registration: Registration,
    *,
    by: User,
    grade: str,
    batch: Batch | None = None,
) -> ServiceRecord:
    return record_service(
        source=source_of(registration),
        volunteer=registration.volunteer,
        grid=activity.grid,
        recording_unit=activity.organization,
        activity_name=activity.title,
        activity_reference=activity.code,
        category=activity.category,
        content=f"{registration.position.name}: {activity.summary}"[:200],
        place=activity.place,
        person_in_charge=activity.organiser,
        planned_start=shift.starts_at,
        planned_end=shift.ends_at,
        checked_in_at=registration.checked_in_at,
        checked_out_at=registration.checked_out_at,
        grade=grade,
        by=by,
        batch=batch,
    )


def source_of(registration: Registration) -> str:
    """The key under which a registration is recorded at most once."""
    return f"registration:{registration.pk}"
