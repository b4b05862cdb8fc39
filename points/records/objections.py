"""Objections: raised by the volunteer or a reader of the public notice, decided by somebody not involved.

While one is open the record is held. Nothing of it is released; when the record was final already, what is
still there of its beans goes back to pending and keeps its expiry day. One case is milder: a volunteer who
asks for more hours after the notice keeps the beans, because nobody disputes those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from points import clock
from points.grids import policies
from points.grids.errors import NotAllowed
from points.grids.policies import Action
from points.people.models import User
from points.people.notices import Value, notify
from points.records import errors, notices
from points.records.corrections import Facts, hold_back, new_version
from points.records.models import Objection, ServiceRecord
from points.records.services import give_back, lock_record, lock_volunteers, page_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

Claim = Objection.Claim
State = Objection.State
Record = ServiceRecord.State
LONGEST = 500


@transaction.atomic
def object_to(record: ServiceRecord, *, claim: str, text: str, by: User) -> Objection:
    """Say that a record is wrong: anybody within its public notice; afterwards its volunteer, as a request
    for a correction (law L-A15), and whoever may see the records of its unit, as a second look.

    Refuses with words_missing, record_replaced, objection_open, notice_over.
    """
    words = _words(text)
    record = lock_record(record.pk)
    if record.state == Record.SUPERSEDED:
        raise errors.RecordReplaced()
    if record.state == Record.HELD or record.objections.filter(state=State.OPEN).exists():
        raise errors.ObjectionOpen()
    in_notice = record.state == Record.IN_NOTICE and record.notice_ends_at > clock.now()
    mine = record.volunteer_id == by.pk
    if not (in_notice or mine or policies.can(by, Action.VIEW_RECORDS, record.grid)):
        raise errors.NoticeOver()
    objection = Objection(
        record=record,
        raised_by=by,
        raised_at=clock.now(),
        claim=Claim(claim),
        text=words,
        was_final=record.state == Record.FINAL,
    )
    try:
        with transaction.atomic():
            objection.save(force_insert=True)
    except IntegrityError:
        raise errors.ObjectionOpen() from None
    if not (objection.was_final and mine and claim == Claim.TOO_FEW):
        if objection.was_final:
            hold_back(record, objection, by=by)
        record.state = Record.HELD
        record.save(update_fields=["state"])
    facts: dict[str, Value] = {"activity": record.activity_name, "served_on": record.served_on}
    key = f"objection:{objection.pk}"
    notify([by], notices.OBJECTION_KEPT, key=key, url=reverse("records:objections"), **facts)
    if not mine:
        notify([record.volunteer], notices.OBJECTION_RECEIVED, key=key, url=page_of(record), **facts)
    return objection


@transaction.atomic
def withdraw(objection: Objection, *, by: User) -> Objection:
    """Take one's own objection back. Refuses with not_your_objection, objection_decided."""
    if objection.raised_by_id != by.pk:
        raise errors.NotYourObjection()
    objection, record = _open(objection)
    _close(objection, State.WITHDRAWN)
    _let_go(record, objection)
    return objection


@transaction.atomic
def reject(objection: Objection, *, answer: str, by: User) -> Objection:
    """The record stays. Refuses with words_missing, objection_decided, not_allowed, decider_involved."""
    words = _words(answer)
    objection, record = _open(objection)
    _demand_decider(objection, record, by)
    _close(objection, State.REJECTED, by=by, answer=words)
    _let_go(record, objection)
    people = [objection.raised_by, record.volunteer]
    notify(
        people,
        notices.OBJECTION_REJECTED,
        key=f"objection:{objection.pk}",
        url=reverse("records:objections"),
        activity=record.activity_name,
        answer=words,
    )
    return objection


@transaction.atomic
def uphold(objection: Objection, facts: Facts, *, answer: str, by: User) -> Objection:
    """Correct the record: a new version, and the difference in minutes and beans.

    Refuses like `reject`, with nothing_corrected, and with what times and facts can be wrong about.
    """
    words = _words(answer)
    objection, record = _open(objection)
    _demand_decider(objection, record, by)
    new = new_version(record, facts, by=by, was_final=objection.was_final)
    objection.result = new
    _close(objection, State.UPHELD, by=by, answer=words)
    key = f"objection:{objection.pk}"
    if objection.raised_by_id != record.volunteer_id:
        notify(
            [objection.raised_by],
            notices.OBJECTION_UPHELD,
            key=key,
            url=reverse("records:objections"),
            activity=record.activity_name,
            answer=words,
        )
    notify(
        [record.volunteer],
        notices.CORRECTED,
        key=key,
        url=page_of(new),
        activity=new.activity_name,
        minutes=new.minutes,
        beans=new.beans,
        minutes_before=record.minutes,
        beans_before=record.beans,
        answer=words,
    )
    return objection


# --- Reading --------------------------------------------------------------------------------------------
def may_decide(objection: Objection, user: User) -> bool:
    """Whether this person could decide it: the right to confirm there, and no part in it."""
    record = objection.record
    return not is_involved(objection, user) and policies.can(user, Action.CONFIRM, record.grid)


def is_involved(objection: Objection, user: User) -> bool:
    """Whether the person confirmed any version of the record, served in it, or objected."""
    record = objection.record
    involved = {record.volunteer_id, objection.raised_by_id, *_confirmers(record)}
    return user.pk in involved


def waiting_for(user: User) -> QuerySet[Objection]:
    """The open objections that this person can decide, the oldest first."""
    mine = Q(raised_by=user) | Q(record__volunteer=user)
    confirmed = ServiceRecord.objects.filter(confirmed_by=user).values("number")
    rows = Objection.objects.filter(policies.scope(user, Action.CONFIRM, lookup="record__grid"))
    return rows.filter(state=State.OPEN).exclude(mine).exclude(record__number__in=confirmed)


# --- Inside ---------------------------------------------------------------------------------------------
def _words(text: str) -> str:
    words = " ".join(text.split())[:LONGEST]
    if not words:
        raise errors.WordsMissing()
    return words


def _open(objection: Objection) -> tuple[Objection, ServiceRecord]:
    """The objection and its record, locked (volunteer, then record) and read again."""
    lock_volunteers(
        [Objection.objects.select_related("record__volunteer").get(pk=objection.pk).record.volunteer]
    )
    record = lock_record(objection.record_id)
    fresh = Objection.objects.select_related("raised_by").get(pk=objection.pk)
    if fresh.state != State.OPEN:
        raise errors.ObjectionDecided(state=fresh.get_state_display())
    fresh.record = record
    return fresh, record


def _demand_decider(objection: Objection, record: ServiceRecord, by: User) -> None:
    policies.forget(by)
    if not policies.can(by, Action.CONFIRM, record.grid):
        raise NotAllowed()
    if is_involved(objection, by):
        raise errors.DeciderInvolved()


def _confirmers(record: ServiceRecord) -> list[int]:
    """Whoever confirmed the record, or decided about it before."""
    return list(ServiceRecord.objects.filter(number=record.number).values_list("confirmed_by_id", flat=True))


def _close(objection: Objection, state: str, *, by: User | None = None, answer: str = "") -> None:
    objection.state = State(state)
    objection.decided_by = by
    objection.decided_at = clock.now()
    objection.answer = answer
    objection.save()


def _let_go(record: ServiceRecord, objection: Objection) -> None:
    """The record goes on as it was: in its notice, or final with its beans back."""
    if record.state != Record.HELD:
        return
    record.state = Record.IN_NOTICE
    if objection.was_final:
        record.state = Record.FINAL
        give_back(record)
    record.save(update_fields=["state", "release_transaction"])
