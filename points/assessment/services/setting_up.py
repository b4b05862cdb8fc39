"""Indicators and periods before anything counts, and the opening that publishes and freezes them."""

from __future__ import annotations

from django.db import transaction

from points import clock
from points.assessment import errors, notices
from points.assessment.models import AssessmentPeriod, Indicator, IndicatorSet
from points.assessment.services.standing import (
    State,
    demand_one_leader_a_day,
    demand_right,
    demand_state,
    lock,
    spans_of,
    tree_of,
)
from points.grids import policies
from points.grids.policies import Action
from points.people.models import User
from points.people.notices import notify


def _open_set(indicator_set: IndicatorSet, by: User) -> IndicatorSet:
    """The set, locked, if it can still be changed."""
    found = (
        IndicatorSet.objects.select_for_update(of=("self",), no_key=True)
        .select_related("grid")
        .get(pk=indicator_set.pk)
    )
    policies.forget(by)
    if not policies.can(by, Action.MANAGE_ASSESSMENT, found.grid):
        raise errors.NotAllowed()
    if found.is_frozen:
        raise errors.IndicatorsFrozen(name=found.name)
    return found


@transaction.atomic
def save_indicator(indicator: Indicator, *, by: User) -> Indicator:
    """Add or change an indicator. Refuses with not_allowed, indicators_frozen."""
    _open_set(indicator.indicator_set, by)
    if indicator.pk:
        _open_set(Indicator.objects.get(pk=indicator.pk).indicator_set, by)
    indicator.save()
    return indicator


@transaction.atomic
def remove_indicator(indicator: Indicator, *, by: User) -> None:
    """Take an indicator out. Refuses like `save_indicator`."""
    _open_set(indicator.indicator_set, by)
    indicator.delete()


@transaction.atomic
def save_set(indicator_set: IndicatorSet, *, by: User) -> IndicatorSet:
    """Name a set, or change what a set says as a whole. Refuses like `save_indicator`."""
    if indicator_set.pk:
        _open_set(indicator_set, by)
    if not policies.can(by, Action.MANAGE_ASSESSMENT, indicator_set.grid):
        raise errors.NotAllowed()
    indicator_set.save()
    return indicator_set


@transaction.atomic
def copy_set(indicator_set: IndicatorSet, *, name: str, by: User) -> IndicatorSet:
    """The same indicators in a new set that can be changed. Refuses with not_allowed."""
    if not policies.can(by, Action.MANAGE_ASSESSMENT, indicator_set.grid):
        raise errors.NotAllowed()
    copy = IndicatorSet.objects.create(
        grid=indicator_set.grid, name=name, prompt_days=indicator_set.prompt_days
    )
    for indicator in indicator_set.indicators.all():
        indicator.pk, indicator.indicator_set = None, copy
        indicator.save(force_insert=True)
    return copy


@transaction.atomic
def save_period(period: AssessmentPeriod, *, by: User) -> AssessmentPeriod:
    """Write a draft. Refuses with not_allowed, not_a_draft, foreign_indicators."""
    if period.pk and lock(period).state != State.DRAFT:
        raise errors.NotADraft()
    demand_right(by, Action.MANAGE_ASSESSMENT, period)
    if not period.indicator_set.grid.contains(period.grid):
        raise errors.ForeignIndicators(name=period.indicator_set.name)
    period.save()
    return period


@transaction.atomic
def discard_period(period: AssessmentPeriod, *, by: User) -> None:
    """Throw a draft away. Refuses with not_allowed, not_a_draft."""
    demand_right(by, Action.MANAGE_ASSESSMENT, period)
    if lock(period).state != State.DRAFT:
        raise errors.NotADraft()
    period.delete()


@transaction.atomic
def open_period(period: AssessmentPeriod, *, by: User) -> AssessmentPeriod:
    """Publish the indicators, freeze them and the tree, and tell every leader.

    Refuses with not_allowed, period_state, no_indicators, nobody_to_assess, two_leaders, period_overlaps.
    """
    period = lock(period)
    demand_right(by, Action.MANAGE_ASSESSMENT, period)
    demand_state(period, State.DRAFT)
    chosen = IndicatorSet.objects.select_for_update(of=("self",), no_key=True).get(pk=period.indicator_set_id)
    if not chosen.indicators.exists():
        raise errors.NoIndicators(name=chosen.name)
    spans = spans_of(period)
    if not spans:
        raise errors.NobodyToAssess()
    demand_one_leader_a_day(spans)
    _demand_no_overlap(period)
    now = clock.now()
    if chosen.published_at is None:
        chosen.published_at = now
        chosen.save(update_fields=["published_at"])
    period.state, period.opened_at, period.tree = State.OPEN, now, tree_of(period.grid)
    period.save(update_fields=["state", "opened_at", "tree"])
    notify(
        User.objects.filter(pk__in={span.who for span in spans}, is_active=True),
        notices.OPENED,
        key=f"assessment:{period.code}",
        url=period.get_absolute_url(),
        title=period.title,
        first_on=period.from_on,
        last_on=period.to_on,
    )
    return period


def _demand_no_overlap(period: AssessmentPeriod) -> None:
    """A day of a leader is assessed once: no other period of the role above, at or below the unit."""
    others = (
        AssessmentPeriod.objects.public()
        .filter(role=period.role, from_on__lte=period.to_on, to_on__gte=period.from_on)
        .exclude(pk=period.pk)
        .select_related("grid")
    )
    for other in others:
        if other.grid.contains(period.grid) or period.grid.contains(other.grid):
            raise errors.PeriodOverlaps(title=other.title)
