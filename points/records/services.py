"""From facts to records, and from records to beans: the only door by which service earns.

`record_service` writes what happened, posts the minutes and puts the beans into pending. When the public
notice is over `release_due` makes them spendable. When no budget is left the record stands and the beans
wait; `pay_waiting` pays them in order as soon as a budget has them again.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from djmoney.money import Money

from points import clock
from points.grids.models import GridUnit, Organization
from points.ledger.corrections import release
from points.ledger.errors import InsufficientBalance
from points.ledger.models import NEVER, AccountKind, Transaction
from points.ledger.services import Move, post
from points.people.models import User
from points.people.notices import Value, notify
from points.records import errors, notices, standing
from points.records.batch import Batch
from points.records.models import ServiceRecord
from points.records.reckoning import for_giving_away, history_of, inputs_of, service_act
from points.records.words import explain
from points.refusals import Refusal
from points.schemes import rules as scheme_rules
from points.units import BEAN, MINUTE

if TYPE_CHECKING:
    from points.schemes.rules import Rules

__all__ = [
    "creditable_minutes",
    "explain",
    "inputs_digest",
    "lock_volunteers",
    "notice_end",
    "pay_waiting",
    "record_service",
    "release_due",
]

log = logging.getLogger(__name__)
LONGEST = dt.timedelta(hours=24)
WITHOUT_SCHEME = scheme_rules.Rules()
"""Where no scheme is in force, service earns hours only and the usual notice applies."""
BATCH = 500
GRACE = dt.timedelta(days=30)
"""Beans whose day passed while their record was being looked at can be used for so long afterwards."""


# --- Facts ----------------------------------------------------------------------------------------------
def creditable_minutes(
    planned_start: dt.datetime,
    planned_end: dt.datetime,
    checked_in_at: dt.datetime,
    checked_out_at: dt.datetime,
    allowed_extension_minutes: int = 0,
) -> int:
    """The whole minutes from max(planned start, in) to min(planned end + extension, out); never below 0.

    Journey J1, step 6. Coming early does not count, staying longer only as far as it was allowed.
    """
    start = max(planned_start, checked_in_at)
    end = min(planned_end + dt.timedelta(minutes=allowed_extension_minutes), checked_out_at)
    return max(int((end - start) // dt.timedelta(minutes=1)), 0)


def notice_end(confirmed_at: dt.datetime, notice_days: int) -> dt.datetime:
    """When the public notice ends: after `notice_days` whole days following the day of confirmation.

    Confirmed on Monday at any hour with 3 days: Tuesday, Wednesday and Thursday, so Friday 00:00 local time.
    """
    day = timezone.localdate(confirmed_at) + dt.timedelta(days=notice_days + 1)
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def inputs_digest(record: ServiceRecord) -> str:
    """Salted SHA-256 of the inputs: proves them while the record keeps them, tells nothing once erased."""
    text = json.dumps(record.inputs, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    salt = f"points.records.inputs:{record.number}:{record.version}"
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()


def lock_volunteers(volunteers: Iterable[User]) -> None:
    """Lock people's rows in primary-key order. Call it first when recording several people at once.

    The daily cap is counted under this lock; taken in order and before any account, it cannot deadlock.
    """
    keys = sorted({volunteer.pk for volunteer in volunteers})
    rows = User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    list(rows.values_list("pk", flat=True))


# --- Recording ------------------------------------------------------------------------------------------
def record_service(
    *,
    source: str,
    volunteer: User,
    grid: GridUnit,
    recording_unit: Organization,
    activity_name: str,
    activity_reference: str,
    category: str,
    content: str,
    place: str,
    person_in_charge: User,
    planned_start: dt.datetime,
    planned_end: dt.datetime,
    checked_in_at: dt.datetime | None,
    checked_out_at: dt.datetime | None,
    grade: str,
    by: User,
    allowed_extension_minutes: int = 0,
    batch: Batch | None = None,
) -> ServiceRecord:
    """Record one volunteer's service, confirmed by `by`; post its minutes and put its beans into pending.

    The same `source` again returns the record there is. The day of service is the local day of the planned
    start; its scheme version applies, and the daily cap counts everything the volunteer earned for that day.
    Without enough budget the record is made and the beans wait (`awaiting_budget`). `batch` is for callers
    that record many people at once, have locked them, and give each call a savepoint of its own.

    Raises:
        OwnService, FactMissing, TimesMissing, PlanBackwards, OutBeforeIn, NotYetOver, LongerThanADay,
        SourceTaken; and what the ledger refuses.
    """
    own = batch is None
    with transaction.atomic(savepoint=own):
        if by.pk == volunteer.pk:
            raise errors.OwnService()
        for fact, text in (("activity", activity_name), ("content", content), ("place", place)):
            if not text.strip():
                raise errors.FactMissing(fact=fact)
        came, left = check_times(planned_start, planned_end, checked_in_at, checked_out_at)
        minutes = creditable_minutes(planned_start, planned_end, came, left, allowed_extension_minutes)
        batch = batch or Batch()
        if volunteer.pk not in batch.locked:
            lock_volunteers([volunteer])
        existing = _find(source, volunteer, batch)
        if existing is not None:
            return existing

        now = clock.now()
        served_on = timezone.localdate(planned_start)
        version = batch.version(grid, served_on)
        rules = version.as_rules() if version else WITHOUT_SCHEME
        act = service_act(
            volunteer=volunteer,
            served_on=served_on,
            minutes=minutes,
            planned_minutes=creditable_minutes(planned_start, planned_end, planned_start, planned_end),
            category=category,
            grade=grade,
            claimed_on=timezone.localdate(now),
        )
        history = history_of(rules, volunteer, act)
        award = scheme_rules.award(rules, act, history) if version else scheme_rules.Award()
        record = ServiceRecord(
            source=source,
            volunteer=volunteer,
            grid=grid,
            recording_unit=recording_unit,
            activity_name=activity_name,
            activity_reference=activity_reference,
            category=category,
            content=content,
            place=place,
            person_in_charge=person_in_charge,
            served_on=served_on,
            planned_start=planned_start,
            planned_end=planned_end,
            checked_in_at=came,
            checked_out_at=left,
            minutes=minutes,
            grade=ServiceRecord.Grade(grade),
            confirmed_by=by,
            confirmed_at=now,
            notice_ends_at=notice_end(now, rules.notice_days),
            scheme_version=version,
            inputs=inputs_of(act, history, award, allowed_extension_minutes),
            beans=award.beans,
            awaiting_budget=award.beans + award.points(BEAN, scheme_rules.Bucket.DONATE_ONLY) > 0,
        )
        try:
            with transaction.atomic(savepoint=own):  # the record and its postings, or none of them
                _post_hours(record, by=by, batch=batch)
                post_award(record, by=by, batch=batch)
                record.save(force_insert=True)
        except IntegrityError:
            if not own:
                raise  # nobody else can have made it: the volunteer is locked and the source was looked up
            existing = _find(source, volunteer, Batch())
            if existing is None:
                raise
            return existing
        batch.remember(record)
        _tell_confirmed(record)
        return record


def _tell_confirmed(record: ServiceRecord) -> None:
    """With beans: how many, and until when the notice stands. Without: the hours alone."""
    facts: dict[str, Value] = {
        "activity": record.activity_name,
        "minutes": record.minutes,
        "served_on": record.served_on,
        "last_on": record.notice_last_day,
    }
    kind = notices.CONFIRMED_HOURS
    if record.beans:
        kind, facts = notices.CONFIRMED, facts | {"beans": record.beans}
    notify([record.volunteer], kind, key=f"record:{record.number}", url=page_of(record), **facts)


def page_of(record: ServiceRecord) -> str:
    """Where the volunteer reads the record, in all its versions."""
    return reverse("records:record", args=[record.number])


def check_times(
    planned_start: dt.datetime,
    planned_end: dt.datetime,
    checked_in_at: dt.datetime | None,
    checked_out_at: dt.datetime | None,
) -> tuple[dt.datetime, dt.datetime]:
    if planned_end <= planned_start:
        raise errors.PlanBackwards()
    if checked_in_at is None or checked_out_at is None:
        raise errors.TimesMissing()
    written = f"{timezone.localtime(checked_out_at):%Y-%m-%d %H:%M}"
    if checked_out_at < checked_in_at:
        raise errors.OutBeforeIn(out=written, came=f"{timezone.localtime(checked_in_at):%Y-%m-%d %H:%M}")
    if max(checked_out_at - checked_in_at, planned_end - planned_start) > LONGEST:
        raise errors.LongerThanADay()
    if checked_out_at > clock.now():
        raise errors.NotYetOver(out=written)
    return checked_in_at, checked_out_at


def _find(source: str, volunteer: User, batch: Batch) -> ServiceRecord | None:
    """The newest version of the record made from `source`, if it is this volunteer's."""
    found = batch.newest(source)
    if found is not None and found.volunteer_id != volunteer.pk:
        raise errors.SourceTaken(number=found.number)
    return found


def rule_of(record: ServiceRecord) -> str:
    return record.scheme_version.label if record.scheme_version else ""


def _post_hours(record: ServiceRecord, *, by: User, batch: Batch) -> None:
    """Minutes are a record and never fall by spending; they are posted whatever the beans do."""
    if not record.minutes:
        return
    move = Move(
        batch.service(),
        batch.account(record.volunteer, AccountKind.HOURS, MINUTE),
        Money(record.minutes, MINUTE),
    )
    record.hours_transaction = post(
        "hours",
        key=f"hours:{record.number}:{record.version}",
        moves=[move],
        by=by,
        reference=f"record:{record.number}",
        occurred_at=record.checked_out_at,
        rule=rule_of(record),
        inputs_digest=inputs_digest(record),
    )


def post_award(
    record: ServiceRecord,
    *,
    by: User | None,
    batch: Batch | None = None,
    already: tuple[int, int] = (0, 0),
) -> bool:
    """Pay the record's beans from the nearest budget that has them; False when they must wait.

    `already`: the beans, and those for giving away, that an earlier version was paid.
    """
    beans, extra = record.beans - already[0], for_giving_away(record) - already[1]
    if not beans + extra:
        record.awaiting_budget = False
        return True
    batch = batch or Batch()
    shares = [(AccountKind.PENDING, beans), (AccountKind.DONATE_ONLY, extra)]
    targets = [
        (batch.account(record.volunteer, kind, BEAN), Money(share, BEAN)) for kind, share in shares if share
    ]
    for pool in batch.pools_with(record.grid, clock.today().year, beans + extra):
        try:
            record.award_transaction = post(
                "award",
                key=f"award:{record.number}:{record.version}",
                moves=[Move(pool.account, account, amount) for account, amount in targets],
                by=by,
                reference=f"record:{record.number}",
                occurred_at=record.confirmed_at,
                rule=rule_of(record),
                inputs_digest=inputs_digest(record),
            )
        except InsufficientBalance:  # somebody else was quicker: look one floor higher
            pool.beans = min(pool.beans, beans + extra - 1)
            continue
        pool.beans -= beans + extra
        record.awaiting_budget = False
        return True
    record.awaiting_budget = True
    return False


# --- Notice over, budget back ---------------------------------------------------------------------------
def release_due(now: dt.datetime | None = None) -> int:
    """Finish every record whose public notice is over; pending beans become available. Returns how many.

    Each record is its own transaction, so one that the ledger refuses (say, while releases are halted)
    stays for the next run and does not hold up the others. Running it twice changes nothing.
    """
    moment = now or clock.now()
    due = ServiceRecord.objects.filter(state=ServiceRecord.State.IN_NOTICE, notice_ends_at__lte=moment)
    done, last = 0, 0
    while keys := list(due.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = keys[-1]
        for key in keys:
            try:
                done += _finish(key, moment)
            except Refusal as refusal:
                log.warning("record %s was not released: %s", key, refusal.code)
    return done


@transaction.atomic
def _finish(key: int, moment: dt.datetime) -> bool:
    record = lock_record(key)
    if record.state != ServiceRecord.State.IN_NOTICE or record.notice_ends_at > moment:
        return False
    record.state = ServiceRecord.State.FINAL
    _release(record, moment)
    record.save(update_fields=["state", "release_transaction"])
    _tell_released(record)
    return True


def _tell_released(record: ServiceRecord) -> None:
    if record.release_transaction is None:
        return
    arrived = record.release_transaction.postings.filter(destination__kind=AccountKind.AVAILABLE)
    beans = sum(posting.amount for posting in arrived)
    if beans:
        notify(
            [record.volunteer],
            notices.RELEASED,
            key=f"release:{record.release_transaction_id}",
            url=page_of(record),
            activity=record.activity_name,
            beans=beans,
        )


def lock_record(key: int) -> ServiceRecord:
    """One record, locked and read again. Whoever also needs the volunteer's lock takes that first."""
    found: ServiceRecord = (
        ServiceRecord.objects.select_for_update(of=("self",), no_key=True)
        .select_related("volunteer", "scheme_version__scheme", "grid")
        .get(pk=key)
    )
    return found


def _release(record: ServiceRecord, moment: dt.datetime) -> None:
    """Pending → available, after any debt is paid; the months until expiry begin on this day."""
    if record.version > 1:
        give_back(record)
        return
    if not record.beans or record.awaiting_budget or record.release_transaction_id:
        return
    rules: Rules = record.scheme_version.as_rules() if record.scheme_version else WITHOUT_SCHEME
    record.release_transaction = release(
        record.volunteer,
        amount=Money(record.beans, BEAN),
        key=f"release:{record.number}:{record.version}",
        day=scheme_rules.expiry_of(rules, timezone.localdate(moment)),
        reference=f"record:{record.number}",
        rule=rule_of(record),
        occurred_at=moment,
        inputs_digest=inputs_digest(record),
    )


def give_back(record: ServiceRecord) -> None:
    """Everything of a record that is still pending becomes available, after any debt is paid.

    For records that were held or corrected: how much that is, and until when it can be used, is read from the
    books. What was available before keeps its day; the caller has locked the record, and saves it.
    """
    today = clock.today()
    rules: Rules = record.scheme_version.as_rules() if record.scheme_version else WITHOUT_SCHEME
    earlier = Transaction.objects.filter(kind="release", reference=standing.reference_of(record)).count()
    for place, (day, amount) in enumerate(sorted(standing.pending_by_day(record).items()), start=earlier):
        if day == NEVER:
            until = scheme_rules.expiry_of(rules, today)
        else:
            until = day if day >= today else today + GRACE
        made = release(
            record.volunteer,
            amount=Money(amount, BEAN),
            key=f"release:{record.number}:{record.version}:{place}",
            day=until,
            reference=standing.reference_of(record),
            rule=rule_of(record),
            pending_day=day,
            inputs_digest=inputs_digest(record),
        )
        record.release_transaction = record.release_transaction or made


def pay_waiting() -> int:
    """Pay records that wait for a budget, in the order of their confirmation. Returns how many.

    Nobody overtakes: while the oldest record of a unit cannot be paid, the later ones of that unit wait.
    A record whose notice is over already is released in the same transaction.
    """
    waiting = ServiceRecord.objects.filter(awaiting_budget=True).exclude(state=ServiceRecord.State.SUPERSEDED)
    done, dry = 0, set()
    for key, grid in waiting.order_by("confirmed_at", "pk").values_list("pk", "grid_id"):
        if grid in dry:
            continue
        try:
            paid = _pay(key)
        except Refusal as refusal:
            log.warning("record %s was not paid: %s", key, refusal.code)
            paid = False
        if paid:
            done += 1
        else:
            dry.add(grid)
    return done


@transaction.atomic
def _pay(key: int) -> bool:
    lock_volunteers([ServiceRecord.objects.select_related("volunteer").get(pk=key).volunteer])
    record = lock_record(key)
    if not record.awaiting_budget or record.state == ServiceRecord.State.SUPERSEDED:
        return True
    if not post_award(record, by=None, already=standing.paid(record) if record.version > 1 else (0, 0)):
        return False
    if record.state == ServiceRecord.State.FINAL:
        _release(record, clock.now())
    record.save(update_fields=["award_transaction", "awaiting_budget", "release_transaction"])
    return True
