"""Approval requests: what needs a second person, and how it is asked for and decided.

A room that needs four eyes registers a `Kind` once, in its `AppConfig.ready`: who may ask, who may decide,
and a function that does the thing. `approve` calls that function inside the same transaction, so a request
is approved and done, or neither; what the function refuses leaves the request open.

    register(Kind(code="scheme_version", label=_("New rules"), sentences={"new": _("…%(scheme)s…")},
                  maker_action=Action.MANAGE_SCHEMES, checker_action=Action.MANAGE_SCHEMES,
                  approve=put_in_force))
    request = request_approval("scheme_version", subject="scheme:peicun", grid=grid, …, by=maker)
    approve(request, by=checker)

Rules that hold for every kind: nobody decides their own request, nor from a second account with the same
telephone number; the checker has the right for that unit at the moment of deciding, and the maker still
has theirs; unless the kind says otherwise the checker acts in another role than the maker did. A request
that nobody decides in time expires.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise

from points import clock
from points.grids import errors, evidence, policies
from points.grids.models import ApprovalRequest, GridUnit, Role
from points.grids.policies import Action
from points.people.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet

log = logging.getLogger(__name__)
State = ApprovalRequest.State
LONGEST_REASON = 500


@dataclass(frozen=True)
class Kind:
    """What one kind of request means. Functions get the locked request; they may raise a Refusal."""

    code: str
    label: Promise | str
    sentences: Mapping[str, Any]
    """Summaries by code, with named places for the request's values."""
    maker_action: Action
    checker_action: Action
    approve: Callable[[ApprovalRequest, User], str]
    """Do it; the answer is a reference to what came of it."""
    close: Callable[[ApprovalRequest], None] | None = None
    """It was sent back, withdrawn or expired."""
    check: Callable[[ApprovalRequest], None] | None = None
    """Refuse at once what could never be approved; called before the request is stored."""
    details: Callable[[ApprovalRequest], Sequence[tuple[str, str]]] | None = None
    """What the checker should read, as names with texts."""
    url: Callable[[ApprovalRequest], str] | None = None
    """Where the checker can look closer."""
    other_role: bool = True
    """Whether the checker must act in another role than the maker did."""
    needs_evidence: bool = True
    days: int = 14
    """How long it can be decided."""


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known. Twice the same code is a mistake of ours, not of a person's."""
    if kind.code in KINDS:
        raise ValueError(f"two kinds of approval requests are called {kind.code}")
    KINDS[kind.code] = kind
    return kind


def kind_of(code: str) -> Kind:
    try:
        return KINDS[code]
    except KeyError:
        raise errors.UnknownKind(kind=code) from None


# --- Asking ---------------------------------------------------------------------------------------------
@transaction.atomic
def request_approval(
    kind: str,
    *,
    subject: str,
    grid: GridUnit,
    payload: Mapping[str, Any],
    summary: str,
    params: Mapping[str, Any] | None = None,
    by: User,
    files: Sequence[UploadedFile | evidence.Paper] = (),
) -> ApprovalRequest:
    """Ask for something that a second person must approve.

    Refuses with unknown_kind, not_allowed, evidence_missing (and the other evidence_…), request_open, and
    whatever the kind's own check refuses.
    """
    known = kind_of(kind)
    policies.forget(by)
    roles = policies.roles_for(by, known.maker_action, grid)
    if not roles:
        raise errors.NotAllowed()
    papers = evidence.check_all(files)
    if known.needs_evidence and not papers:
        raise errors.EvidenceMissing()
    now = clock.now()
    _expire_one(known.code, subject, now)
    request = ApprovalRequest(
        kind=known.code,
        subject=subject,
        grid=grid,
        payload=dict(payload),
        summary_code=summary,
        summary_params=dict(params or {}),
        made_by=by,
        made_as=roles[0],
        made_phone=phone_digest(by),
        made_at=now,
        expires_at=now + dt.timedelta(days=known.days),
    )
    if known.check is not None:
        known.check(request)
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:
        if not ApprovalRequest.objects.filter(kind=kind, subject=subject, state=State.PENDING).exists():
            raise
        raise errors.RequestOpen() from None
    evidence.keep(request, papers)
    return request


def _expire_one(kind: str, subject: str, now: dt.datetime) -> None:
    """A stale request must not stand in the way of a new one until the clock comes by."""
    stale = ApprovalRequest.objects.stale(now).filter(kind=kind, subject=subject)
    for pk in stale.values_list("pk", flat=True):
        _expire(pk, now)


# --- Deciding -------------------------------------------------------------------------------------------
@transaction.atomic
def approve(request: ApprovalRequest, *, by: User, reason: str = "") -> ApprovalRequest:
    """Approve, and do what was asked for, in one transaction.

    Refuses with already_decided, request_expired, not_allowed, own_request, same_person, same_role,
    maker_without_right, unknown_kind, and whatever the doing itself refuses (the request then stays open).
    """
    request = _locked(request)
    kind = _checked(request, by)
    maker = User.objects.get(pk=request.made_by_id)  # fresh: the rights of now, not of a kept instance
    if not policies.can(maker, kind.maker_action, request.grid):
        raise errors.MakerWithoutRight(name=maker.display_name)
    _close(request, State.APPROVED, by=by, reason=reason)
    request.outcome = kind.approve(request, by)
    request.save()
    return request


@transaction.atomic
def refuse(request: ApprovalRequest, *, by: User, reason: str) -> ApprovalRequest:
    """Send it back with a reason. Refuses like `approve`, and with reason_missing."""
    request = _locked(request)
    kind = _checked(request, by)
    if not reason.strip():
        raise errors.ReasonMissing()
    _close(request, State.REFUSED, by=by, reason=reason)
    if kind.close is not None:
        kind.close(request)
    request.save()
    return request


@transaction.atomic
def withdraw(request: ApprovalRequest, *, by: User) -> ApprovalRequest:
    """Take one's own request back. Refuses with not_your_request, already_decided, request_expired."""
    request = _locked(request)
    if request.made_by_id != by.pk:
        raise errors.NotYourRequest()
    _demand_waiting(request)
    _end(request, State.WITHDRAWN)
    return request


def expire_stale(now: dt.datetime | None = None) -> int:
    """Close every request that nobody decided in time; returns how many. Each in its own transaction."""
    moment = now or clock.now()
    stale = ApprovalRequest.objects.stale(moment).order_by("pk").values_list("pk", flat=True)
    return sum(_expire(pk, moment) for pk in list(stale))


@transaction.atomic
def _expire(pk: int, now: dt.datetime) -> bool:
    request = _locked(ApprovalRequest(pk=pk))
    if request.state != State.PENDING or request.expires_at > now:
        return False
    _end(request, State.EXPIRED)
    return True


def _end(request: ApprovalRequest, state: ApprovalRequest.State) -> None:
    _close(request, state)
    kind = KINDS.get(request.kind)
    if kind is not None and kind.close is not None:
        kind.close(request)
    request.save()


def _locked(request: ApprovalRequest) -> ApprovalRequest:
    return (
        ApprovalRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("grid", "made_by")
        .get(pk=request.pk)
    )


def _demand_waiting(request: ApprovalRequest) -> None:
    if request.state != State.PENDING:
        raise errors.AlreadyDecided(state=request.get_state_display())
    if not request.is_waiting:
        raise errors.RequestExpired()


def _checked(request: ApprovalRequest, by: User) -> Kind:
    """Whether this person may decide this request, now."""
    _demand_waiting(request)
    kind = kind_of(request.kind)
    policies.forget(by)
    roles = policies.roles_for(by, kind.checker_action, request.grid)
    if not roles:
        raise errors.NotAllowed()
    if by.pk == request.made_by_id:
        raise errors.OwnRequest()
    if _is_same_person(request, by):
        raise errors.SamePerson()
    if kind.other_role and set(roles) <= {request.made_as}:
        raise errors.SameRole(role=request.get_made_as_display())
    return kind


def _close(
    request: ApprovalRequest, state: ApprovalRequest.State, *, by: User | None = None, reason: str = ""
) -> None:
    request.state = state
    request.decided_by = by
    request.decided_at = clock.now()
    request.decision_reason = reason.strip()[:LONGEST_REASON]


def phone_digest(user: User) -> str:
    """A keyed digest of the person's telephone number, the same whatever was typed before it (+86, 0)."""
    digits = "".join(letter for letter in user.phone or "" if letter.isdigit())[-11:]
    if not digits:
        return ""
    return salted_hmac("points.grids.approvals.phone", digits, algorithm="sha256").hexdigest()


def _is_same_person(request: ApprovalRequest, by: User) -> bool:
    own = phone_digest(by)
    return bool(own) and own in (request.made_phone, phone_digest(request.made_by))


# --- Reading --------------------------------------------------------------------------------------------
def summary_of(request: ApprovalRequest) -> str:
    """What is asked for, in one sentence of the reader's language."""
    kind = KINDS.get(request.kind)
    sentence = kind.sentences.get(request.summary_code) if kind else None
    return str(request if sentence is None else sentence % request.summary_params)


def visible_to(user: Any) -> QuerySet[ApprovalRequest]:
    """The requests a person may read: their own, those they could decide, and all in an auditor's units."""
    if not getattr(user, "is_authenticated", False):
        return ApprovalRequest.objects.none()
    found = Q(made_by=user.pk) | policies.scope(user, Action.AUDIT)
    for kind in KINDS.values():
        mine = policies.scope(user, kind.checker_action)
        found |= Q(kind=kind.code) & mine
    if policies.EVERYWHERE in policies.paths_for(user, Action.AUDIT):
        return ApprovalRequest.objects.all()
    return ApprovalRequest.objects.filter(found)


def waiting_for(user: Any) -> QuerySet[ApprovalRequest]:
    """The open requests that this person can decide (but for a shared telephone, which deciding tells)."""
    found = Q(pk__in=[])
    for kind in KINDS.values():
        for role, path in policies.roles_of(user):
            if kind.checker_action in policies.ROLE_ACTIONS[role]:
                here = Q(kind=kind.code, grid__path__startswith=path)
                found |= here & ~Q(made_as=role) if kind.other_role else here
    return ApprovalRequest.objects.waiting().filter(found).exclude(made_by=user.pk)


def may_use_inbox(user: Any) -> bool:
    """Whether the inbox can ever hold something for this person."""
    needed = {kind.checker_action for kind in KINDS.values()}
    needed |= {kind.maker_action for kind in KINDS.values()} | {Action.AUDIT}
    return any(held & needed for held in _held(user))


def _held(user: Any) -> list[frozenset[Action]]:
    return [policies.ROLE_ACTIONS[Role(role)] for role, _path in policies.roles_of(user)]
