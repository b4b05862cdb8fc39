"""From what counts to scores: computing, storing, posting, and correcting by a visible delta."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.utils.crypto import salted_hmac
from djmoney.money import Money

from points.assessment import notices
from points.assessment.kinds import Source
from points.assessment.models import (
    Appeal,
    AssessmentPeriod,
    Claim,
    Fact,
    Result,
    ResultLine,
    ScoreChange,
)
from points.assessment.scoring import Line, Rule, Span, days_of, line
from points.assessment.services.rating import stars_of
from points.assessment.services.standing import State, spans_of
from points.ledger.accounts import member_account, system_account
from points.ledger.models import AccountKind, Transaction
from points.ledger.services import Move, post
from points.people.models import User
from points.people.notices import notify
from points.units import SCORE


@dataclass(frozen=True)
class Computed:
    """One leader's result as plain values."""

    units: tuple[str, ...]
    days: int
    lines: tuple[Line, ...]

    @property
    def points(self) -> int:
        return sum(one.points for one in self.lines)

    @property
    def maximum(self) -> int:
        return sum(one.maximum for one in self.lines)


def compute(period: AssessmentPeriod, leaders: Iterable[int] | None = None) -> dict[int, Computed]:
    """Everybody's result (or that of `leaders`) from what counts now; writes nothing."""
    wanted = None if leaders is None else set(leaders)
    spans: dict[int, list[Span]] = defaultdict(list)
    for span in spans_of(period):
        if wanted is None or span.who in wanted:
            spans[span.who].append(span)
    counts = _counts(period, spans)
    stars = stars_of(period)
    rules = [
        Rule(one.pk, one.weight, one.cap, one.source == Source.RATING)
        for one in period.indicator_set.indicators.all()
    ]
    found = {}
    for who, mine in sorted(spans.items()):
        units = tuple(dict.fromkeys(span.unit for span in mine))
        days = days_of(mine)
        ratings = [stars[unit] for unit in units if unit in stars]
        lines = tuple(
            line(rule, count=counts[who, rule.key], ratings=ratings, days=days, period_days=period.days)
            for rule in rules
        )
        found[who] = Computed(units, days, lines)
    return found


def _counts(period: AssessmentPeriod, spans: dict[int, list[Span]]) -> dict[tuple[int, int], int]:
    """How many of each indicator count for each leader: facts, accepted claims, upheld appeals."""
    counts: dict[tuple[int, int], int] = defaultdict(int)
    counted = Fact.objects.filter(period=period, state=Fact.State.COUNTED).order_by()
    for who, key, number in (
        counted.values("leader", "indicator").annotate(n=Count("pk")).values_list("leader", "indicator", "n")
    ):
        counts[who, key] += number
    accepted = Claim.objects.filter(period=period, state=Claim.State.ACCEPTED)
    for who, key, day in accepted.values_list("leader_id", "indicator_id", "happened_on"):
        # A role that was ended afterwards takes the claims of the days after it along.
        counts[who, key] += any(span.covers(day) for span in spans.get(who, ()))
    upheld = Appeal.objects.filter(result__period=period, state=Appeal.State.UPHELD).order_by()
    for who, key, number in (
        upheld.values("leader", "indicator").annotate(n=Sum("added")).values_list("leader", "indicator", "n")
    ):
        counts[who, key] += number
    return counts


def store(period: AssessmentPeriod) -> list[Result]:
    """Write everybody's result when the notice begins."""
    names = dict(period.stints.values_list("unit_code", "unit_name"))
    results = []
    for who, computed in compute(period).items():
        result = Result.objects.create(
            period=period,
            leader_id=who,
            units="、".join(names[unit] for unit in computed.units)[:200],
            days=computed.days,
            points=computed.points,
            maximum=computed.maximum,
        )
        _write_lines(result, computed)
        results.append(result)
    return results


def _write_lines(result: Result, computed: Computed) -> None:
    result.lines.all().delete()
    ResultLine.objects.bulk_create(
        ResultLine(
            result=result, indicator_id=one.key, count=one.count, points=one.points, maximum=one.maximum
        )
        for one in computed.lines
    )


def rescore(
    period: AssessmentPeriod, leader: int, *, cause: ScoreChange.Cause, reference: str, by: User
) -> ScoreChange | None:
    """Compute one leader again after the result was published; None when the points stay the same.

    In a closed period the difference is posted as a correction of its own: the books show both.
    """
    result = Result.objects.select_related("leader", "transaction").get(period=period, leader=leader)
    computed = compute(period, [leader])[leader]
    before, after = result.points, computed.points
    _write_lines(result, computed)
    result.points, result.maximum = after, computed.maximum
    result.save(update_fields=["points", "maximum"])
    if before == after:
        return None
    change = ScoreChange.objects.create(
        result=result, cause=cause, reference=reference, before=before, after=after, by=by
    )
    if period.state == State.CLOSED:
        change.transaction = _post_correction(period, result, change, by)
        change.save(update_fields=["transaction"])
    notify(
        [result.leader],
        notices.SCORE_CHANGED,
        key=f"change:{change.pk}",
        url=f"{period.get_absolute_url()}mine/",
        title=period.title,
        before=before,
        after=after,
    )
    return change


# --- The books ------------------------------------------------------------------------------------------
def post_score(period: AssessmentPeriod, result: Result, *, by: User) -> Transaction | None:
    """Post one leader's score, once: assessed → score. No points, no posting."""
    if not result.points:
        return None
    move = Move(
        system_account(AccountKind.ASSESSED),
        member_account(result.leader, AccountKind.SCORE),
        Money(result.points, SCORE),
    )
    return post(
        "score",
        key=f"score:{period.code}:{result.leader.number}",
        moves=[move],
        by=by,
        reference=f"assessment:{period.code}",
        rule=f"indicators:{period.indicator_set_id}",
        inputs_digest=inputs_digest(period, result),
    )


def _post_correction(period: AssessmentPeriod, result: Result, change: ScoreChange, by: User) -> Transaction:
    ends = [system_account(AccountKind.ASSESSED), member_account(result.leader, AccountKind.SCORE)]
    if change.after < change.before:
        ends.reverse()
    return post(
        "score_correction",
        key=f"score:{period.code}:{result.leader.number}:{change.pk}",
        moves=[Move(ends[0], ends[1], Money(abs(change.after - change.before), SCORE))],
        by=by,
        reference=f"assessment:{period.code}",
        reason=change.cause,
        rule=f"indicators:{period.indicator_set_id}",
        inputs_digest=inputs_digest(period, result),
        corrects=result.transaction,
    )


def inputs_digest(period: AssessmentPeriod, result: Result) -> str:
    """Salted SHA-256 of the lines: proves them while they are kept, tells nothing once they are erased."""
    rows = result.lines.order_by("indicator").values_list("indicator", "count", "points", "maximum")
    text = json.dumps([result.days, list(rows)], separators=(",", ":"))
    salt = f"points.assessment.inputs:{period.code}:{result.leader.number}"
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()
