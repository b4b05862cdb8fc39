"""Corrections: a new version of a record, and the difference posted (journey J6, law L-A15).

The earlier version stays readable and points nowhere else; the new one is reckoned with the rule version of
the day of service and everything else the volunteer did. More beans come from a budget into pending and pass
a public notice again; fewer go back to the budgets that paid them, first from what is pending, then from what
can be spent, and the rest becomes a debt. Minutes follow the same way. A service that beans have paid for
already is never taken back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from djmoney.money import Money

from points import clock
from points.ledger import portable
from points.ledger.accounts import member_account, system_account
from points.ledger.corrections import take_back
from points.ledger.models import NEVER, AccountKind
from points.ledger.services import Move, post
from points.people.models import User
from points.records import certificates, errors, standing
from points.records.batch import Batch
from points.records.models import Objection, ServiceRecord
from points.records.reckoning import history_of, inputs_of, service_act
from points.records.services import (
    WITHOUT_SCHEME,
    check_times,
    creditable_minutes,
    give_back,
    inputs_digest,
    notice_end,
    post_award,
    rule_of,
)
from points.schemes import rules as scheme_rules
from points.schemes.facts import History
from points.units import BEAN, MINUTE

Grade = ServiceRecord.Grade
State = ServiceRecord.State
REASON = "objection"


@dataclass(frozen=True)
class Facts:
    """What the corrected record says. The minutes follow from the times."""

    checked_in_at: dt.datetime
    checked_out_at: dt.datetime
    category: str
    content: str
    place: str
    allowed_extension_minutes: int = 0

    @classmethod
    def of(cls, record: ServiceRecord) -> Facts:
        """What a record says now."""
        return cls(
            record.checked_in_at or record.planned_start,
            record.checked_out_at or record.planned_end,
            record.category,
            record.content,
            record.place,
            int(record.inputs.get("allowed_extension_minutes", 0)),
        )


def new_version(record: ServiceRecord, facts: Facts, *, by: User, was_final: bool) -> ServiceRecord:
    """Make the next version of `record` and post the difference.

    The caller has decided that it may be done, is in a transaction, and has locked the volunteer and the
    record, in this order. Refuses with nothing_corrected, fact_missing, and as `record_service` about times.
    """
    if facts == Facts.of(record):
        raise errors.NothingCorrected()
    for name, text in (("content", facts.content), ("place", facts.place)):
        if not text.strip():
            raise errors.FactMissing(fact=name)
    came, left = check_times(
        record.planned_start, record.planned_end, facts.checked_in_at, facts.checked_out_at
    )
    record.state = State.SUPERSEDED
    record.awaiting_budget = False
    record.save(update_fields=["state", "awaiting_budget"])
    now = clock.now()
    batch = Batch()
    version = batch.version(record.grid, record.served_on)
    rules = version.as_rules() if version else WITHOUT_SCHEME
    times = (facts.checked_in_at, facts.checked_out_at)
    before = Facts.of(record)
    by_hand = times != (before.checked_in_at, before.checked_out_at)
    grade = Grade.ORGANISER_WITNESSED if by_hand and record.grade == Grade.SYSTEM_VERIFIED else record.grade
    act = service_act(
        volunteer=record.volunteer,
        served_on=record.served_on,
        minutes=creditable_minutes(
            record.planned_start, record.planned_end, came, left, facts.allowed_extension_minutes
        ),
        planned_minutes=creditable_minutes(
            record.planned_start, record.planned_end, record.planned_start, record.planned_end
        ),
        category=facts.category,
        grade=grade,
        claimed_on=_claimed_on(record),
    )
    history = _without(record, history_of(rules, record.volunteer, act))
    award = scheme_rules.award(rules, act, history) if version else scheme_rules.Award()
    new = ServiceRecord(
        number=record.number,
        version=record.version + 1,
        supersedes=record,
        source=record.source,
        volunteer=record.volunteer,
        grid=record.grid,
        recording_unit=record.recording_unit,
        activity_name=record.activity_name,
        activity_reference=record.activity_reference,
        category=facts.category,
        content=facts.content,
        place=facts.place,
        person_in_charge=record.person_in_charge,
        served_on=record.served_on,
        planned_start=record.planned_start,
        planned_end=record.planned_end,
        checked_in_at=came,
        checked_out_at=left,
        minutes=act.minutes,
        grade=grade,
        confirmed_by=by,
        confirmed_at=now,
        notice_ends_at=notice_end(now, rules.notice_days),
        scheme_version=version,
        inputs=inputs_of(act, history, award, facts.allowed_extension_minutes),
        beans=award.beans,
    )
    _post_minutes(record, new, by=by)
    grew = _post_beans(record, new, award, by=by, batch=batch)
    if was_final and not grew and new.minutes <= record.minutes:
        new.state = State.FINAL  # nobody gains by it: there is nothing to give notice of
        new.notice_ends_at = record.notice_ends_at
        give_back(new)
    new.save(force_insert=True)
    certificates.revoke_for(record)
    return new


def _claimed_on(record: ServiceRecord) -> dt.date:
    """The day on which the service was first claimed: a correction does not make it late."""
    kept = record.inputs.get("act", {}).get("claimed_on")
    return dt.date.fromisoformat(kept) if kept else clock.today()


def _without(record: ServiceRecord, history: History) -> History:
    """The history without what the record itself has put on the member's account."""
    held = history.balances.get(BEAN)
    if held is None:
        return history
    own = standing.paid(record)[0]
    return replace(history, balances={**history.balances, BEAN: max(held - own, 0)})


def _post_minutes(old: ServiceRecord, new: ServiceRecord, *, by: User) -> None:
    change = new.minutes - old.minutes
    if not change:
        return
    service = system_account(AccountKind.SERVICE, unit=MINUTE)
    hours = member_account(new.volunteer, AccountKind.HOURS, unit=MINUTE)
    source, destination = (service, hours) if change > 0 else (hours, service)
    new.hours_transaction = post(
        "hours" if change > 0 else "correction",
        key=f"hours:{new.number}:{new.version}",
        moves=[Move(source, destination, Money(abs(change), MINUTE))],
        by=by,
        reference=standing.reference_of(new),
        rule=rule_of(new),
        inputs_digest=inputs_digest(new),
        corrects=old.hours_transaction,
        reason=REASON,
    )


def _post_beans(
    old: ServiceRecord, new: ServiceRecord, award: scheme_rules.Award, *, by: User, batch: Batch
) -> bool:
    """Post the difference; True when beans were added (or wait for a budget)."""
    extra = award.points(BEAN, scheme_rules.Bucket.DONATE_ONLY)
    paid, paid_extra = standing.paid(old)
    too_much, too_much_extra = max(paid - new.beans, 0), max(paid_extra - extra, 0)
    if too_much_extra:
        too_much += _take_extra(new, too_much_extra, by=by)
    if too_much:
        _take_back(old, new, too_much, by=by)
    if new.beans > paid or extra > paid_extra:
        post_award(new, by=by, batch=batch, already=(min(paid, new.beans), min(paid_extra, extra)))
        return True
    return False


def _take_extra(new: ServiceRecord, amount: int, *, by: User) -> int:
    """Withdraw beans that were for giving away; answers how many were given away already."""
    account = member_account(new.volunteer, AccountKind.DONATE_ONLY)
    held = portable.lock_and_read([account]).now(account, NEVER)
    part = min(amount, held)
    account_of, _amount, award = standing.budgets(new)[0]
    if part:
        post(
            "correction",
            key=f"correction:{new.number}:{new.version}:extra",
            moves=[Move(account, account_of, Money(part, BEAN))],
            by=by,
            reference=standing.reference_of(new),
            rule=rule_of(new),
            corrects=award,
            reason=REASON,
        )
    return amount - part


def _take_back(old: ServiceRecord, new: ServiceRecord, amount: int, *, by: User) -> None:
    """Give beans back to the budgets they came from, the last payment first."""
    pending = standing.pending_by_day(old)
    own, days = pending.total(), list(pending) or list(standing.available_by_day(old))
    for place, (budget, held, award) in enumerate(standing.budgets(old)):
        part = min(amount, held)
        if not part:
            break
        to = budget if budget.closed_on is None else system_account(AccountKind.TREASURY)
        made = take_back(
            new.volunteer,
            amount=Money(part, BEAN),
            to=to,
            key=f"correction:{new.number}:{new.version}:{place}",
            by=by,
            corrects=award,
            reason=REASON,
            reference=standing.reference_of(new),
            day=days[0] if days else None,
            rule=rule_of(new),
            from_pending=own,
        )
        new.award_transaction = made
        own = max(own - part, 0)
        amount -= part


# --- Held -------------------------------------------------------------------------------------------
def hold_back(record: ServiceRecord, objection: Objection, *, by: User) -> None:
    """Available → pending, as far as the record's beans are still there; each keeps its expiry day.

    `services.give_back` is the way back.
    """
    wanted = standing.available_by_day(record)
    if not wanted:
        return
    available, pending = (
        member_account(record.volunteer, kind) for kind in (AccountKind.AVAILABLE, AccountKind.PENDING)
    )
    books = portable.lock_and_read([available, pending])
    today = clock.today()
    moves = []
    for day, amount in sorted(wanted.items()):
        part = min(amount, books.now(available, day)) if day >= today else 0
        if part:
            moves.append(Move(available, pending, Money(part, BEAN), source_day=day, destination_day=day))
    if moves:
        post(
            "dispute",
            key=f"dispute:{objection.pk}",
            moves=moves,
            by=by,
            reference=standing.reference_of(record),
            rule=rule_of(record),
            reason=REASON,
        )


# --- Reading --------------------------------------------------------------------------------------------
def versions_of(number: str, *, of: User) -> list[ServiceRecord]:
    """All versions of one volunteer's record, the newest first; none when it is somebody else's."""
    rows = ServiceRecord.objects.filter(number=number, volunteer=of)
    return list(
        rows.select_related("recording_unit", "confirmed_by", "scheme_version__scheme").order_by("-version")
    )
