"""Counting: the days in office are frozen, facts are found and credited, and looked at by somebody else."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from points import clock, dates
from points.activities.models import Activity
from points.assessment import errors, facts
from points.assessment.kinds import Source
from points.assessment.models import AssessmentPeriod, Claim, Fact, Indicator, RatingSeen, ScoreChange, Stint
from points.assessment.scoring import Span
from points.assessment.services.results import rescore
from points.assessment.services.standing import (
    State,
    chains_of,
    demand_disinterested,
    demand_one_leader_a_day,
    demand_right,
    demand_state,
    leader_on,
    lock,
    spans_by_roles,
    spans_of,
)
from points.grids.models import GridUnit
from points.grids.policies import Action
from points.people.models import User

GONE = "source_gone"


@transaction.atomic
def begin_counting(period: AssessmentPeriod, *, by: User) -> AssessmentPeriod:
    """End the claiming, freeze the days in office, and count what the system can see.

    Refuses with not_allowed, reviewer_gains, period_state, period_not_over, two_leaders.
    """
    period = lock(period)
    demand_right(by, Action.MANAGE_ASSESSMENT, period)
    demand_state(period, State.OPEN)
    demand_disinterested(period, by)
    if clock.today() <= period.to_on:
        raise errors.PeriodNotOver(day=dates.date(period.to_on))
    chains = chains_of(period)
    spans = spans_by_roles(period, set(chains))
    demand_one_leader_a_day(spans)
    names = dict(GridUnit.objects.filter(code__in=chains).values_list("code", "name"))
    Stint.objects.bulk_create(
        Stint(
            period=period,
            leader_id=span.who,
            unit_code=span.unit,
            unit_name=names.get(span.unit, span.unit),
            from_on=span.from_on,
            to_on=span.to_on,
        )
        for span in spans
    )
    RatingSeen.objects.filter(period=period).delete()
    period.state, period.counted_at, period.counted_by = State.COUNTING, clock.now(), by
    period.save(update_fields=["state", "counted_at", "counted_by"])
    _count(period, chains, spans)
    return period


@transaction.atomic
def count_again(period: AssessmentPeriod, *, by: User) -> AssessmentPeriod:
    """Look for facts once more while counting: new ones are added, ones that are gone no longer count.

    Refuses with not_allowed, reviewer_gains, period_state.
    """
    period = lock(period)
    demand_right(by, Action.MANAGE_ASSESSMENT, period)
    demand_state(period, State.COUNTING)
    demand_disinterested(period, by)
    _count(period, chains_of(period), spans_of(period))
    return period


def _count(period: AssessmentPeriod, chains: dict[str, tuple[str, ...]], spans: Sequence[Span]) -> None:
    indicators = {one.kind: one for one in period.indicator_set.indicators.all()}
    counted = {kind: one for kind, one in indicators.items() if one.source == Source.FACT}
    found = facts.found_in(
        counted,
        activities=Activity.objects.filter(grid__code__in=chains),
        first=period.from_on,
        last=period.to_on,
        prompt_days=period.indicator_set.prompt_days,
    )
    rows: dict[tuple[int, str], Fact] = {}
    for one in found:
        leader = leader_on(spans, chains[one.unit_code], one.happened_on)
        if leader is not None:
            rows[counted[one.kind].pk, one.reference] = _fact(period, counted[one.kind], one, leader)
    known = {(row.indicator_id, row.reference): row for row in Fact.objects.filter(period=period)}
    Fact.objects.bulk_create(row for key, row in rows.items() if key not in known)
    gone = [row.pk for key, row in known.items() if key not in rows and row.state != Fact.State.STRUCK]
    Fact.objects.filter(pk__in=gone).update(state=Fact.State.STRUCK, reason=GONE)


def _fact(period: AssessmentPeriod, indicator: Indicator, one: facts.Found, leader: int) -> Fact:
    """What nobody but the leader vouches for waits for a second look."""
    own_word = bool(one.vouched_by) and one.vouched_by <= {leader}
    return Fact(
        period=period,
        indicator=indicator,
        leader_id=leader,
        reference=one.reference,
        title=one.title[:120],
        unit_code=one.unit_code,
        happened_on=one.happened_on,
        state=Fact.State.WAITING if own_word else Fact.State.COUNTED,
    )


@transaction.atomic
def decide_fact(fact: Fact, *, counts: bool, by: User, reason: str = "") -> Fact:
    """Look at a fact that rests on the leader's own word.

    Refuses with own_fact, not_allowed, reviewer_gains, period_state, fact_decided, reason_missing.
    """
    period = lock(fact.period)
    fact = Fact.objects.get(pk=fact.pk)
    _demand_reviewer(period, fact, by)
    demand_state(period, State.COUNTING)
    if fact.state != Fact.State.WAITING:
        raise errors.FactDecided()
    if not counts and not reason.strip():
        raise errors.ReasonNeeded()
    return _decide(fact, Fact.State.COUNTED if counts else Fact.State.STRUCK, by, reason)


@transaction.atomic
def reverse_fact(fact: Fact, *, by: User, reason: str) -> Fact:
    """Something counted turned out not to hold. A published score changes by a visible posting.

    Refuses with own_fact, not_allowed, reviewer_gains, period_state, fact_decided, reason_missing.
    """
    period = lock(fact.period)
    fact = Fact.objects.get(pk=fact.pk)
    _demand_reviewer(period, fact, by)
    demand_state(period, State.COUNTING, State.NOTICE, State.CLOSED)
    if fact.state == Fact.State.STRUCK:
        raise errors.FactDecided()
    if not reason.strip():
        raise errors.ReasonNeeded()
    fact = _decide(fact, Fact.State.STRUCK, by, reason)
    if period.state != State.COUNTING:
        rescore(period, fact.leader_id, cause=ScoreChange.Cause.FACT, reference=f"fact:{fact.pk}", by=by)
    return fact


def _demand_reviewer(period: AssessmentPeriod, fact: Fact, by: User) -> None:
    if fact.leader_id == by.pk:
        raise errors.OwnFact()
    demand_right(by, Action.REVIEW_ASSESSMENT, period)
    demand_disinterested(period, by)


def _decide(fact: Fact, state: Fact.State, by: User, reason: str) -> Fact:
    fact.state, fact.decided_by, fact.decided_at = state, by, clock.now()
    fact.reason = reason.strip()[:200]
    fact.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    return fact


def waiting(period: AssessmentPeriod) -> int:
    """How many claims and facts still wait for a review."""
    claims = Claim.objects.filter(period=period, state=Claim.State.SUBMITTED).count()
    return claims + Fact.objects.filter(period=period, state=Fact.State.WAITING).count()
