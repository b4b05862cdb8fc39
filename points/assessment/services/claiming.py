"""Claims: what a leader says was done, with evidence; reviewed by somebody who gains nothing by it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import partial

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from points import clock, dates
from points.assessment import errors, notices
from points.assessment.kinds import Source
from points.assessment.models import AssessmentPeriod, Claim, ClaimEvidence, Indicator
from points.assessment.services.standing import (
    State,
    demand_disinterested,
    demand_right,
    demand_state,
    lock,
    spans_of_one,
)
from points.grids import evidence
from points.grids.policies import Action
from points.people.models import User
from points.people.notices import notify

PERSONAL_NUMBER = re.compile(r"\d[\d \-]{5,}\d[0-9Xx]?")
"""Eight digits or more in a row (spaces and hyphens between them count as nothing)."""


@transaction.atomic
def submit_claim(
    period: AssessmentPeriod,
    *,
    indicator: Indicator,
    happened_on: dt.date,
    note: str,
    by: User,
    files: Sequence[UploadedFile | evidence.Paper] = (),
) -> Claim:
    """Claim one thing done on one day, for oneself.

    Refuses with period_state, not_a_claim, claim_outside_period, claim_too_early, claim_outside_office,
    claim_empty, claim_names_people, evidence_missing (and the other evidence_… of papers), claim_twice.
    """
    papers = evidence.check_all(files)
    period = lock(period)
    demand_state(period, State.OPEN)
    if indicator.indicator_set_id != period.indicator_set_id or indicator.source != Source.CLAIM:
        raise errors.NotAClaim(indicator=indicator.get_kind_display())
    day = dates.date(happened_on)
    if not period.from_on <= happened_on <= period.to_on:
        raise errors.ClaimOutsidePeriod(day=day)
    if happened_on > clock.today():
        raise errors.ClaimTooEarly(day=day)
    if not any(span.covers(happened_on) for span in spans_of_one(period, by)):
        raise errors.ClaimOutsideOffice(day=day)
    text = " ".join(note.split())[:200]
    if not text:
        raise errors.ClaimEmpty()
    if any(len(re.sub(r"\D", "", found)) >= 8 for found in PERSONAL_NUMBER.findall(text)):
        raise errors.ClaimNamesPeople()
    if indicator.needs_evidence and not papers:
        raise errors.ClaimEvidenceMissing(indicator=indicator.get_kind_display())
    same = Claim.objects.filter(period=period, indicator=indicator, leader=by, happened_on=happened_on)
    if same.filter(state__in=(Claim.State.SUBMITTED, Claim.State.ACCEPTED)).exists():
        raise errors.ClaimTwice()
    claim = Claim.objects.create(
        period=period, indicator=indicator, leader=by, happened_on=happened_on, note=text
    )
    evidence.keep_as(partial(ClaimEvidence, claim=claim), papers)
    return claim


@transaction.atomic
def withdraw_claim(claim: Claim, *, by: User) -> Claim:
    """Take one's own claim back before it is reviewed. Refuses with not_allowed, claim_decided."""
    lock(claim.period)
    claim = Claim.objects.select_related("period").get(pk=claim.pk)
    if claim.leader_id != by.pk:
        raise errors.NotAllowed()
    if claim.state != Claim.State.SUBMITTED:
        raise errors.ClaimDecided(state=claim.get_state_display())
    claim.state = Claim.State.WITHDRAWN
    claim.save(update_fields=["state"])
    return claim


@transaction.atomic
def decide_claim(claim: Claim, *, accept: bool, by: User, reason: str = "") -> Claim:
    """Accept a claim, or not, with a reason the leader reads.

    Refuses with own_claim, not_allowed, reviewer_gains, period_state, claim_decided, reason_missing.
    """
    period = lock(claim.period)
    claim = Claim.objects.select_related("leader", "indicator").get(pk=claim.pk)
    if claim.leader_id == by.pk:
        raise errors.OwnClaim()
    demand_right(by, Action.REVIEW_ASSESSMENT, period)
    demand_disinterested(period, by)
    demand_state(period, State.OPEN, State.COUNTING)
    if claim.state != Claim.State.SUBMITTED:
        raise errors.ClaimDecided(state=claim.get_state_display())
    if not accept and not reason.strip():
        raise errors.ReasonNeeded()
    claim.state = Claim.State.ACCEPTED if accept else Claim.State.REJECTED
    claim.reviewed_by, claim.reviewed_at, claim.reason = by, clock.now(), reason.strip()[:200]
    claim.save(update_fields=["state", "reviewed_by", "reviewed_at", "reason"])
    notify(
        [claim.leader],
        notices.CLAIM_ACCEPTED if accept else notices.CLAIM_REJECTED,
        key=f"claim:{claim.pk}",
        url=f"{period.get_absolute_url()}mine/",
        day_on=claim.happened_on,
        title=period.title,
        reason=claim.reason,
    )
    return claim
