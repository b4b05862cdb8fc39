"""The public notice and the close: results are shown, then entered in the books as SCORE."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from points import clock, dates
from points.assessment import errors, notices
from points.assessment.models import AssessmentPeriod
from points.assessment.services.counting import waiting
from points.assessment.services.results import post_score, store
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
def begin_notice(period: AssessmentPeriod, *, by: User) -> AssessmentPeriod:
    """Compute everybody's result and show it for the days of the notice.

    Refuses with not_allowed, reviewer_gains, period_state, still_to_review.
    """
    period = lock(period)
    demand_right(by, Action.MANAGE_ASSESSMENT, period)
    demand_state(period, State.COUNTING)
    demand_disinterested(period, by)
    if number := waiting(period):
        raise errors.StillToReview(number=number)
    period.state, period.noticed_at = State.NOTICE, clock.now()
    period.notice_ends_on = clock.today() + dt.timedelta(days=period.notice_days)
    period.save(update_fields=["state", "noticed_at", "notice_ends_on"])
    for result in store(period):
        notify(
            [result.leader],
            notices.IN_NOTICE,
            key=f"result:{period.code}",
            url=f"{period.get_absolute_url()}mine/",
            title=period.title,
            points=result.points,
            maximum=result.maximum,
            until_on=period.notice_ends_on,
        )
    return period


@transaction.atomic
def close_period(period: AssessmentPeriod, *, by: User) -> AssessmentPeriod:
    """Enter every score in the books, one transaction for each leader, all or none.

    An appeal that is still open does not hold up the others: when it is upheld later, the score is corrected
    by a posting. Refuses with not_allowed, reviewer_gains, period_state, notice_running.
    """
    period = lock(period)
    demand_right(by, Action.MANAGE_ASSESSMENT, period)
    demand_state(period, State.NOTICE)
    demand_disinterested(period, by)
    if period.notice_ends_on is not None and clock.today() <= period.notice_ends_on:
        raise errors.NoticeRunning(day=dates.date(period.notice_ends_on))
    for result in period.results.select_related("leader").order_by("leader_id"):
        result.transaction = post_score(period, result, by=by)
        result.save(update_fields=["transaction"])
        notify(
            [result.leader],
            notices.CLOSED,
            key=f"closed:{period.code}",
            url=f"{period.get_absolute_url()}mine/",
            title=period.title,
            points=result.points,
        )
    period.state, period.closed_at, period.closed_by = State.CLOSED, clock.now(), by
    period.save(update_fields=["state", "closed_at", "closed_by"])
    return period
