"""Supplements (补录): hours entered later, with evidence, by two people in two roles (journey J1).

    the volunteer claims → a leader vouches, with evidence → somebody in another role approves → a record
    a leader enters, with evidence ----------------------↗

They count no more than the activity was planned for, an approver lets through only so much a month, and
whether they earn beans the scheme alone says (most say no). The decision is an approval request like any
other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from points import clock, dates
from points.grids import approvals, policies
from points.grids.errors import NotAllowed
from points.grids.evidence import Paper
from points.grids.models import ApprovalRequest, GridUnit, Organization
from points.grids.policies import Action
from points.people.models import User
from points.people.notices import notify
from points.records import errors, notices
from points.records.models import ServiceRecord, Supplement, SupplementLimit
from points.records.services import lock_volunteers, page_of, record_service
from points.schemes.categories import name_of
from points.schemes.services import lineage

if TYPE_CHECKING:
    from django.db.models import QuerySet

KIND = "supplement"
State = Supplement.State
SUPPLEMENTED = ServiceRecord.Grade.SUPPLEMENTED
Files = Sequence[UploadedFile | Paper]


# --- Entering -------------------------------------------------------------------------------------------
@transaction.atomic
def claim_hours(
    volunteer: User,
    *,
    recording_unit: Organization,
    activity_name: str,
    category: str,
    content: str,
    place: str,
    came_at: dt.datetime,
    left_at: dt.datetime,
    reason: str,
    by: User,
) -> Supplement:
    """A volunteer's own word for service that no activity recorded. It waits for a leader of the unit.

    Refuses with not_allowed (for somebody else), fact_missing, words_missing, in_the_future, no_minutes,
    longer_than_a_day, already_recorded.
    """
    if by.pk != volunteer.pk:
        raise NotAllowed()
    return _new(
        volunteer=volunteer,
        grid=recording_unit.grid,
        recording_unit=recording_unit,
        activity_name=activity_name,
        category=category,
        content=content,
        place=place,
        planned_start=came_at,
        planned_end=left_at,
        came_at=came_at,
        left_at=left_at,
        reason=reason,
    )


@transaction.atomic
def enter_hours(facts: Mapping[str, Any], *, by: User, files: Files) -> Supplement:
    """A leader enters somebody's hours of an activity, with the evidence; a second person is asked at once.

    `facts` are the fields of `Supplement`. Refuses like `claim_hours` and `vouch`.
    """
    return vouch(_new(**facts), by=by, files=files)


@transaction.atomic
def vouch(supplement: Supplement, *, by: User, files: Files) -> Supplement:
    """A leader of the place stands by a claim, adds the evidence, and asks for a second person.

    Refuses with supplement_closed, vouches_for_self, above_activity, already_recorded, and like
    `request_approval` (not_allowed, evidence_missing, …).
    """
    supplement = _locked(supplement)
    _demand(supplement, State.CLAIMED)
    if by.pk == supplement.volunteer_id:
        raise errors.VouchesForSelf()
    _demand_possible(supplement)
    supplement.request = approvals.request_approval(
        KIND,
        subject=f"supplement:{supplement.pk}",
        grid=supplement.grid,
        payload={"supplement": supplement.pk},
        summary="hours",
        params={
            "name": supplement.volunteer.masked_name,
            "minutes": supplement.minutes,
            "activity": supplement.activity_name,
            "day": timezone.localdate(supplement.came_at).isoformat(),
        },
        by=by,
        files=files,
    )
    supplement.leader = by
    supplement.state = State.WAITING
    supplement.save()
    return supplement


@transaction.atomic
def turn_down(supplement: Supplement, *, answer: str, by: User) -> Supplement:
    """A leader cannot stand by a claim. Refuses with supplement_closed, not_allowed, vouches_for_self,
    words_missing."""
    supplement = _locked(supplement)
    _demand(supplement, State.CLAIMED)
    if by.pk == supplement.volunteer_id:
        raise errors.VouchesForSelf()
    if not policies.can(by, Action.CONFIRM, supplement.grid):
        raise NotAllowed()
    if not answer.strip():
        raise errors.WordsMissing()
    _refuse(supplement, answer)
    return supplement


@transaction.atomic
def take_back(supplement: Supplement, *, by: User) -> Supplement:
    """The volunteer takes a claim back, as long as no leader has stood by it. Refuses with not_allowed,
    supplement_closed."""
    supplement = _locked(supplement)
    if by.pk != supplement.volunteer_id:
        raise NotAllowed()
    _demand(supplement, State.CLAIMED)
    supplement.state = State.WITHDRAWN
    supplement.save()
    return supplement


# --- Deciding: what an approval does --------------------------------------------------------------------
def _approved(request: ApprovalRequest, by: User) -> str:
    """The second person says yes: the hours become a record, confirmed by that person."""
    found = Supplement.objects.select_related("volunteer").get(pk=request.payload["supplement"])
    lock_volunteers([found.volunteer])
    supplement = _locked(found)
    _demand(supplement, State.WAITING)
    if by.pk == supplement.volunteer_id:
        raise errors.VouchesForSelf()
    _demand_possible(supplement)
    _demand_within_limit(supplement, by)
    assert supplement.leader is not None
    record = record_service(
        source=f"supplement:{supplement.pk}",
        volunteer=supplement.volunteer,
        grid=supplement.grid,
        recording_unit=supplement.recording_unit,
        activity_name=supplement.activity_name,
        activity_reference=supplement.activity_reference,
        category=supplement.category,
        content=supplement.content,
        place=supplement.place,
        person_in_charge=supplement.leader,
        planned_start=supplement.planned_start,
        planned_end=supplement.planned_end,
        checked_in_at=supplement.came_at,
        checked_out_at=supplement.left_at,
        grade=SUPPLEMENTED,
        by=by,
    )
    supplement.record = record
    supplement.state = State.RECORDED
    supplement.save()
    notify(
        [supplement.volunteer],
        notices.SUPPLEMENT_RECORDED,
        key=f"supplement:{supplement.pk}",
        url=page_of(record),
        activity=supplement.activity_name,
        minutes=record.minutes,
        served_on=record.served_on,
    )
    return f"record:{record.number}"


def _closed(request: ApprovalRequest) -> None:
    """Sent back, withdrawn or expired."""
    supplement = _locked(Supplement(pk=request.payload["supplement"]))
    if supplement.state == State.WAITING:
        _refuse(supplement, request.decision_reason or str(request.get_state_display()))


def _refuse(supplement: Supplement, answer: str) -> None:
    supplement.state = State.REFUSED
    supplement.answer = answer.strip()[:500]
    supplement.save()
    notify(
        [supplement.volunteer],
        notices.SUPPLEMENT_REFUSED,
        key=f"supplement:{supplement.pk}",
        activity=supplement.activity_name,
        answer=supplement.answer,
    )


# --- Rules ----------------------------------------------------------------------------------------------
def _new(**facts: Any) -> Supplement:
    supplement = Supplement(**facts)
    for fact in ("activity_name", "content", "place"):
        if not getattr(supplement, fact).strip():
            raise errors.FactMissing(fact=fact)
    if not supplement.reason.strip():
        raise errors.WordsMissing()
    if supplement.left_at > clock.now():
        raise errors.InTheFuture()
    if not supplement.minutes:
        raise errors.NoMinutes()
    longest = dt.timedelta(hours=24)
    if (
        max(supplement.left_at - supplement.came_at, supplement.planned_end - supplement.planned_start)
        > longest
    ):
        raise errors.LongerThanADay()
    _demand_possible(supplement)
    supplement.claimed_at = clock.now()
    supplement.save(force_insert=True)
    return supplement


def _demand(supplement: Supplement, state: str) -> None:
    if supplement.state != state:
        raise errors.SupplementClosed(state=supplement.get_state_display())


def _demand_possible(supplement: Supplement) -> None:
    """Nobody is at two places at once, and an activity never counts more than it was planned for."""
    overlapping = (
        ServiceRecord.objects.of(supplement.volunteer)
        .valid()
        .filter(checked_in_at__lt=supplement.left_at, checked_out_at__gt=supplement.came_at, minutes__gt=0)
    )
    if (other := overlapping.first()) is not None:
        raise errors.AlreadyRecorded(number=other.number)
    if supplement.activity_minutes is None:
        return
    same = ServiceRecord.objects.valid().filter(activity_reference=supplement.activity_reference)
    counted = same.aggregate(sum=Sum("minutes"))["sum"] or 0
    if counted + supplement.minutes > supplement.activity_minutes:
        raise errors.AboveActivity(
            planned=supplement.activity_minutes, counted=counted, wanted=supplement.minutes
        )


def _demand_within_limit(supplement: Supplement, by: User) -> None:
    """The approver's month. Their row is locked: two approvals at once count each other."""
    lock_volunteers([by])
    limit, used = limit_for(supplement.grid), approved_minutes(by)
    if used + supplement.minutes > limit:
        raise errors.ApproverLimit(used=used, wanted=supplement.minutes, limit=limit)


def limit_for(grid: GridUnit) -> int:
    """Minutes that one approver may let through in a month there: the nearest limit upwards."""
    rows = SupplementLimit.objects.filter(grid__path__in=lineage(grid)).order_by("-grid__path")
    nearest = rows.first()
    return (nearest or SupplementLimit()).minutes_per_month


def approved_minutes(user: User) -> int:
    """What this person has let through in the present month."""
    first = timezone.make_aware(dt.datetime.combine(clock.today().replace(day=1), dt.time.min))
    rows = ServiceRecord.objects.filter(
        grade=SUPPLEMENTED, confirmed_by=user, confirmed_at__gte=first, version=1
    )
    return int(rows.aggregate(sum=Sum("minutes"))["sum"] or 0)


def _locked(supplement: Supplement) -> Supplement:
    return (
        Supplement.objects.select_for_update(of=("self",), no_key=True)
        .select_related("volunteer", "grid", "recording_unit", "leader")
        .get(pk=supplement.pk)
    )


# --- Reading --------------------------------------------------------------------------------------------
def claims_for(user: User) -> QuerySet[Supplement]:
    """The claims that this leader can stand by, the oldest first."""
    rows = Supplement.objects.filter(policies.scope(user, Action.CONFIRM), state=State.CLAIMED)
    return rows.exclude(volunteer=user).select_related("volunteer", "grid").order_by("claimed_at", "pk")


def _details(request: ApprovalRequest) -> list[tuple[str, str]]:
    """What the second person reads beside the evidence."""
    found = Supplement.objects.select_related("volunteer", "recording_unit", "record").get(
        pk=request.payload["supplement"]
    )
    return [
        (gettext("volunteer"), f"{found.volunteer.display_name} ({found.volunteer.number})"),
        (gettext("recording unit"), found.recording_unit.name),
        (gettext("activity"), f"{found.activity_name} · {name_of(found.category)}"),
        (gettext("what was done"), f"{found.content} · {found.place}"),
        (gettext("time"), f"{dates.span(found.came_at, found.left_at)} ({found.minutes} min)"),
        (gettext("why it is entered later"), found.reason),
    ]


def register() -> None:
    """Called once, when the room is ready."""
    approvals.register(
        approvals.Kind(
            code=KIND,
            label=_("Hours entered later"),
            sentences={"hours": _("%(minutes)s minutes for %(name)s: “%(activity)s”, %(day)s")},
            maker_action=Action.CONFIRM,
            checker_action=Action.CONFIRM,
            approve=_approved,
            close=_closed,
            details=_details,
        )
    )
