"""Appeals: a leader says what was not counted; somebody who neither counted nor reviewed it decides."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from points import clock, dates
from points.assessment import errors, notices
from points.assessment.kinds import Source
from points.assessment.models import Appeal, AssessmentPeriod, Claim, Fact, Indicator, Result, ScoreChange
from points.assessment.services.results import rescore
from points.assessment.services.standing import (
    State,
    demand_disinterested,
    demand_right,
    demand_state,
    lock,
)
from points.grids.policies import Action
from points.people.models import User
from points.people.notices import notify


@transaction.atomic
def file_appeal(result: Result, *, indicator: Indicator, text: str, by: User) -> Appeal:
    """Appeal against one line of one's own result, during the notice and some days after it.

    Refuses with not_allowed, appeal_not_yet, appeal_over, appeal_on_ratings, reason_missing, appeal_open.
    """
    period = lock(result.period)
    if result.leader_id != by.pk or indicator.indicator_set_id != period.indicator_set_id:
        raise errors.NotAllowed()
    last = period.last_appeal_on
    if period.state not in (State.NOTICE, State.CLOSED) or last is None:
        raise errors.AppealNotYet()
    if clock.today() > last:
        raise errors.AppealOver(day=dates.date(last))
    if indicator.source == Source.RATING:
        raise errors.AppealOnRatings()
    words = " ".join(text.split())[:400]
    if not words:
        raise errors.ReasonNeeded()
    try:
        with transaction.atomic():
            return Appeal.objects.create(result=result, indicator=indicator, leader=by, text=words)
    except IntegrityError:
        raise errors.AppealOpen() from None


@transaction.atomic
def decide_appeal(appeal: Appeal, *, added: int, answer: str, by: User) -> Appeal:
    """Uphold (`added` more things count, at least one) or dismiss (none) an appeal, with an answer.

    Upheld in a closed period, the difference is posted as a correction. Refuses with own_appeal, not_allowed,
    reviewer_gains, not_third_person, period_state, appeal_decided, reason_missing.
    """
    period = lock(appeal.result.period)
    appeal = Appeal.objects.select_related("leader", "indicator", "result").get(pk=appeal.pk)
    if appeal.leader_id == by.pk:
        raise errors.OwnAppeal()
    demand_right(by, Action.DECIDE_APPEALS, period)
    demand_disinterested(period, by)
    if is_involved(period, appeal.leader_id, by):
        raise errors.NotThirdPerson()
    demand_state(period, State.NOTICE, State.CLOSED)
    if appeal.state != Appeal.State.OPEN:
        raise errors.AppealDecided(state=appeal.get_state_display())
    words = " ".join(answer.split())[:400]
    if not words:
        raise errors.ReasonNeeded()
    appeal.state = Appeal.State.UPHELD if added > 0 else Appeal.State.DISMISSED
    appeal.added, appeal.answer = max(added, 0), words
    appeal.decided_by, appeal.decided_at = by, clock.now()
    appeal.save(update_fields=["state", "added", "answer", "decided_by", "decided_at"])
    notify(
        [appeal.leader],
        notices.APPEAL_UPHELD if appeal.added else notices.APPEAL_DISMISSED,
        key=f"appeal:{appeal.pk}",
        url=f"{period.get_absolute_url()}mine/",
        answer=words,
    )
    if appeal.added:
        rescore(
            period, appeal.leader_id, cause=ScoreChange.Cause.APPEAL, reference=f"appeal:{appeal.pk}", by=by
        )
    return appeal


def is_involved(period: AssessmentPeriod, leader: int, by: User) -> bool:
    """Whether the person counted this period, or reviewed a claim or fact of this leader in it."""
    if period.counted_by_id == by.pk:
        return True
    reviewed = Claim.objects.filter(period=period, leader=leader, reviewed_by=by)
    return reviewed.exists() or Fact.objects.filter(period=period, leader=leader, decided_by=by).exists()
