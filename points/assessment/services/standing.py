"""Who stands where in a period: the tree of the opening day, days in office, and who may decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from points import dates
from points.assessment import errors
from points.assessment.models import AssessmentPeriod, Stint
from points.assessment.scoring import Span, first_clash
from points.grids import policies
from points.grids.models import GridUnit, RoleAssignment
from points.people.models import User

State = AssessmentPeriod.State
FROZEN = (State.COUNTING, State.NOTICE, State.CLOSED)


def lock(period: AssessmentPeriod) -> AssessmentPeriod:
    """The period's row, locked and read anew; every write of this room that can change a result takes it."""
    return (
        AssessmentPeriod.objects.select_for_update(of=("self",), no_key=True)
        .select_related("grid", "indicator_set")
        .get(pk=period.pk)
    )


def demand_state(period: AssessmentPeriod, *states: AssessmentPeriod.State) -> None:
    """Refuses with period_state."""
    if period.state not in states:
        raise errors.PeriodState(state=period.get_state_display())


def demand_right(by: User, action: str, period: AssessmentPeriod) -> None:
    """Refuses with not_allowed."""
    policies.forget(by)
    if not policies.can(by, action, period.grid):
        raise errors.NotAllowed()


def demand_disinterested(period: AssessmentPeriod, by: User) -> None:
    """Whoever decides gains nothing from the result. Refuses with reviewer_gains."""
    if any(span.who == by.pk for span in spans_of(period)):
        raise errors.ReviewerGains()


# --- The tree -------------------------------------------------------------------------------------------
def tree_of(grid: GridUnit, *, opened_from: dt.date | None = None) -> dict[str, str]:
    """The code of every unit of a subtree with the code above it ('' at its root), as it stands now."""
    rows = grid.subtree().order_by("path").values_list("path", "code", "opened_on")
    codes = {path: code for path, code, _opened in rows}
    return {
        code: codes.get(path[: -GridUnit.steplen], "")
        for path, code, opened_on in rows
        if opened_from is None or opened_on >= opened_from
    }


def chains_of(period: AssessmentPeriod) -> dict[str, tuple[str, ...]]:
    """Every unit of the period with the units above it, nearest first, all by code.

    Units keep the place they had on the opening day, wherever they are moved since; only units that came
    into being later stand where they stand now. So facts stay with the code of their day.
    """
    if period.tree and period.opened_at is not None:
        opened_on = timezone.localdate(period.opened_at)
        above = tree_of(period.grid, opened_from=opened_on) | period.tree
    else:
        above = tree_of(period.grid)
    chains: dict[str, tuple[str, ...]] = {}
    for code in above:
        chain, at = [code], above[code]
        while at and at in above:
            chain.append(at)
            at = above[at]
        chains[code] = tuple(chain)
    return chains


# --- Days in office -------------------------------------------------------------------------------------
def spans_of(period: AssessmentPeriod) -> list[Span]:
    """Everybody's days in office within the period: from the roles while it runs, frozen afterwards."""
    if period.state in FROZEN:
        rows = Stint.objects.filter(period=period).order_by("unit_code", "from_on")
        return [Span(*row) for row in rows.values_list("leader_id", "unit_code", "from_on", "to_on")]
    return spans_by_roles(period, set(chains_of(period)))


def spans_by_roles(period: AssessmentPeriod, codes: Iterable[str], *, who: User | None = None) -> list[Span]:
    """The role rows of these units, cut to the days of the period."""
    rows = RoleAssignment.objects.filter(
        Q(to_on__isnull=True) | Q(to_on__gte=period.from_on),
        role=period.role,
        from_on__lte=period.to_on,
        grid__code__in=codes,
    )
    if who is not None:
        rows = rows.filter(user=who)
    found = rows.order_by("grid__code", "from_on").values_list("user_id", "grid__code", "from_on", "to_on")
    return [
        Span(user, code, max(first, period.from_on), min(last or period.to_on, period.to_on))
        for user, code, first, last in found
    ]


def spans_of_one(period: AssessmentPeriod, who: User) -> list[Span]:
    """One person's days in office within the period."""
    if period.state in FROZEN:
        return [span for span in spans_of(period) if span.who == who.pk]
    return spans_by_roles(period, set(chains_of(period)), who=who)


def demand_one_leader_a_day(spans: Iterable[Span]) -> None:
    """Refuses with two_leaders."""
    clash = first_clash(spans)
    if clash is not None:
        code, day = clash
        unit = GridUnit.objects.filter(code=code).first()
        raise errors.TwoLeaders(unit=unit.name if unit else code, day=dates.date(day))


def leader_on(spans: Iterable[Span], chain: Iterable[str], day: dt.date) -> int | None:
    """The leader to whom something in a unit on a day belongs: of the nearest unit above that has one."""
    here = {span.unit: span.who for span in spans if span.covers(day)}
    return next((here[code] for code in chain if code in here), None)
