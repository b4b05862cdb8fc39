"""What pages say about results: every line explained, compared with the middle, never with a neighbour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from points import clock
from points.assessment.kinds import LEAST_LEADERS
from points.assessment.models import AssessmentPeriod, Indicator, Result, ResultLine
from points.assessment.scoring import middle, permille, share, top_third
from points.assessment.services.standing import spans_of_one
from points.grids import policies
from points.grids.models import RoleAssignment
from points.grids.policies import Action
from points.people.models import Consent, User, VolunteerProfile

State = AssessmentPeriod.State
SHOWN = (State.NOTICE, State.CLOSED)
OFFICE = (Action.MANAGE_ASSESSMENT, Action.REVIEW_ASSESSMENT, Action.DECIDE_APPEALS)
TREND = 8
ADULT = 18


# --- Who may read what ----------------------------------------------------------------------------------
def is_leader_in(period: AssessmentPeriod, user: Any) -> bool:
    """Whether the person is assessed in this (published) period."""
    return (
        isinstance(user, User)
        and period.state != State.DRAFT
        and (Result.objects.filter(period=period, leader=user).exists() or bool(spans_of_one(period, user)))
    )


def is_concerned(user: User) -> bool:
    """Whether the room has something for this person today: a leader, or somebody in its office. No query of
    its own: roles are kept on the person."""
    leads = any(role in AssessmentPeriod.ROLES for role, _path in policies.roles_of(user))
    return leads or any(policies.has_any(user, action) for action in OFFICE)


def led_periods(user: User) -> list[AssessmentPeriod]:
    """The published periods in which the person was a leader for at least a day, newest first."""
    done = set(Result.objects.filter(leader=user).values_list("period", flat=True))
    roles = list(
        RoleAssignment.objects.filter(user=user, role__in=AssessmentPeriod.ROLES).select_related("grid")
    )
    near = Q(pk__in=done)
    for row in roles:
        within = Q(role=row.role, to_on__gte=row.from_on)
        near |= within & Q(from_on__lte=row.to_on) if row.to_on else within
    found = AssessmentPeriod.objects.public().filter(near).select_related("grid")
    return [period for period in found if period.pk in done or any(_is_within(period, row) for row in roles)]


def _is_within(period: AssessmentPeriod, row: RoleAssignment) -> bool:
    """Whether a role belongs to a period, by the tree of the opening day or as it stands now."""
    overlaps = row.from_on <= period.to_on and (row.to_on is None or row.to_on >= period.from_on)
    here = row.grid.code in period.tree or period.grid.contains(row.grid)
    return row.role == period.role and overlaps and here


@dataclass(frozen=True)
class Task:
    """A period in which something waits for this person."""

    period: AssessmentPeriod
    may_manage: bool
    may_review: bool
    may_judge: bool


def tasks_of(user: User) -> list[Task]:
    """Periods the person manages, reviews or judges, but for closed ones long past."""
    wanted = Q(pk__in=[])
    for action in OFFICE:
        wanted |= policies.scope(user, action)
    periods = AssessmentPeriod.objects.filter(wanted).select_related("grid")[:30]
    return [
        Task(
            period,
            policies.can(user, Action.MANAGE_ASSESSMENT, period.grid),
            policies.can(user, Action.REVIEW_ASSESSMENT, period.grid),
            policies.can(user, Action.DECIDE_APPEALS, period.grid),
        )
        for period in periods
    ]


# --- One result -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class OwnLine:
    """One indicator of one's own result, with the middle of the community for as many days in office."""

    indicator: Indicator
    count: int
    points: int
    maximum: int
    middle: int | None

    @property
    def is_capped(self) -> bool:
        return 0 < self.maximum < self.count * self.indicator.weight

    @property
    def has_too_few_answers(self) -> bool:
        return self.indicator.source == "rating" and not self.maximum


def own_lines(result: Result) -> list[OwnLine]:
    """Every line of a result in the order of the published list. Two queries."""
    everybody: dict[int, list[int]] = defaultdict(list)
    for key, points, maximum in ResultLine.objects.filter(
        result__period=result.period_id, maximum__gt=0
    ).values_list("indicator", "points", "maximum"):
        everybody[key].append(permille(points, maximum))
    lines = []
    for row in result.lines.select_related("indicator").order_by("indicator__function", "indicator__kind"):
        typical = middle(everybody[row.indicator_id])
        lines.append(
            OwnLine(
                row.indicator,
                row.count,
                row.points,
                row.maximum,
                None if typical is None else share(row.maximum, typical, 1000),
            )
        )
    return lines


@dataclass(frozen=True)
class Place:
    """Where one result stands. `middle`: the community's, for as many days; None for too few leaders."""

    leaders: int
    middle: int | None
    place: int | None
    has_honour: bool


def place_of(result: Result) -> Place:
    """One's own place, told to nobody else; none below five leaders, where it would tell of neighbours."""
    standing = standing_of(result.period)
    own = standing[result.leader_id]
    typical = middle(list(standing.values()))
    place = 1 + sum(value > own for value in standing.values())
    return Place(
        leaders=len(standing),
        middle=None if typical is None else share(result.maximum, typical, 1000),
        place=place if len(standing) >= LEAST_LEADERS else None,
        has_honour=result.leader_id in top_third(standing),
    )


def standing_of(period: AssessmentPeriod) -> dict[int, int]:
    """Everybody's permille of the points that were possible for their days."""
    rows = Result.objects.filter(period=period).values_list("leader_id", "points", "maximum")
    return {who: permille(points, maximum) for who, points, maximum in rows}


def trend(user: User) -> list[tuple[str, int]]:
    """(title, percent of what was possible) of the newest closed periods, oldest first."""
    rows = (
        Result.objects.filter(leader=user, period__state=State.CLOSED)
        .select_related("period")
        .order_by("-period__from_on")[:TREND]
    )
    found = [(row.period, share(100, row.points, row.maximum) if row.maximum else 0) for row in rows]
    return [(f"{period.from_on:%y-%m}", percent) for period, percent in reversed(found)]


# --- Everybody ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Ranked:
    """One line of the ranking, of somebody who agreed to stand in it."""

    place: int
    result: Result
    has_honour: bool


def ranking(period: AssessmentPeriod) -> list[Ranked]:
    """The ranking as far as the community shows it and the person agreed; minors never (law L-A18, J5)."""
    if period.visibility == AssessmentPeriod.Visibility.NONE or period.state not in SHOWN:
        return []
    standing = standing_of(period)
    best = top_third(standing)
    shown = set(standing) if period.visibility == AssessmentPeriod.Visibility.ALL else best
    agreed = may_be_ranked(shown)
    rows = Result.objects.filter(period=period, leader__in=agreed).select_related("leader")
    found = [
        Ranked(
            1 + sum(value > standing[row.leader_id] for value in standing.values()),
            row,
            row.leader_id in best,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.place, one.result.units))


def may_be_ranked(people: Iterable[int]) -> set[int]:
    """Those who agreed and are not, nor may still be, under eighteen this year."""
    wanted = set(people)
    agreed = Consent.objects.filter(
        user__in=wanted, purpose=Consent.Purpose.RANKING, withdrawn_at__isnull=True
    ).values_list("user", flat=True)
    minors = VolunteerProfile.objects.filter(
        user__in=wanted, birth_year__gte=clock.today().year - ADULT
    ).values_list("user", flat=True)
    return set(agreed) - set(minors)


def middles(period: AssessmentPeriod) -> list[tuple[Indicator, int | None]]:
    """Every indicator with the middle of the community in percent of what was possible."""
    everybody: dict[int, list[int]] = defaultdict(list)
    for key, points, maximum in ResultLine.objects.filter(result__period=period, maximum__gt=0).values_list(
        "indicator", "points", "maximum"
    ):
        everybody[key].append(permille(points, maximum))
    found = []
    for indicator in period.indicator_set.indicators.all():
        typical = middle(everybody[indicator.pk])
        found.append((indicator, None if typical is None else share(100, typical, 1000)))
    return found
