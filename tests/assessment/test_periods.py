"""A period from draft to closed, and what stands in its way."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import F

from points import clock
from points.assessment import errors, services
from points.assessment.kinds import Kind
from points.assessment.models import Fact, Result
from points.grids.models import GridUnit, Role, RoleAssignment
from points.grids.services import end_role
from points.ledger.models import Account, AccountKind, Posting, Transaction
from points.ledger.verify import verify
from points.people.models import Notice
from tests import factories as make
from tests.assessment.conftest import Scene, make_set


def score_of(who: object) -> int:
    return sum(
        posting.amount if posting.destination.kind == AccountKind.SCORE else -posting.amount
        for posting in Posting.objects.filter(unit="SCORE").select_related("source", "destination")
        if who in (posting.destination.owner, posting.source.owner)
    )


def test_from_opening_to_close(scene: Scene) -> None:
    scene.open()
    assert Notice.objects.filter(kind="assessment_opened").count() == 2
    scene.run(day=8)
    scene.run(day=9, category="meeting", is_service=False)
    claim = scene.claim()
    with scene.at("2026-11-12"):
        services.decide_claim(claim, accept=True, by=scene.reviewer)
    scene.count()
    scene.notice()
    assert scene.points(Kind.ACTIVITIES_RUN) == (1, 5, 20)
    assert scene.points(Kind.MEETINGS_HELD) == (1, 5, 20)
    assert scene.points(Kind.PROMPT_RECORDS) == (1, 5, 20)
    assert scene.points(Kind.TRAINING) == (1, 5, 20)
    assert scene.points(Kind.RATINGS) == (0, 0, 0)
    assert scene.result().points == 20
    assert scene.result(scene.neighbour).points == 0
    assert not Transaction.objects.filter(kind="score").exists()
    scene.close()
    posted = Transaction.objects.get(kind="score")
    assert posted.postings.get().amount == 20
    assert posted.reference == f"assessment:{scene.period.code}"
    assert score_of(scene.leader) == 20
    assert verify().ok
    again = services.compute(scene.period)
    assert {who: one.points for who, one in again.items()} == {
        row.leader_id: row.points for row in Result.objects.all()
    }


def test_closing_twice_posts_once(scene: Scene) -> None:
    scene.open()
    scene.run()
    scene.count()
    scene.notice()
    scene.close()
    with pytest.raises(errors.PeriodState):
        scene.close()
    assert Transaction.objects.filter(kind="score").count() == 1


def test_steps_in_the_wrong_order(scene: Scene) -> None:
    for step in (scene.count, scene.notice, scene.close):
        with pytest.raises(errors.PeriodState):
            step()
    scene.open()
    with pytest.raises(errors.PeriodState):
        scene.open()
    with scene.at("2026-11-30 23:59"), pytest.raises(errors.PeriodNotOver) as refused:
        services.begin_counting(scene.period, by=scene.manager)
    assert refused.value.code == "period_not_over"
    scene.count()
    scene.notice()
    with scene.at("2026-12-07 23:00"), pytest.raises(errors.NoticeRunning) as still:
        services.close_period(scene.period, by=scene.manager)
    assert still.value.code == "notice_running"


def test_only_who_manages_here_takes_a_step(scene: Scene) -> None:
    far = make.make_user(role=Role.ADMINISTRATOR, grid=scene.town.other_community)
    for who in (far, scene.leader):
        with pytest.raises(errors.NotAllowed):
            services.open_period(scene.period, by=who)
    make.make_user.give(scene.leader, Role.COMMUNITY_WORKER, scene.town.community)
    scene.open()
    with scene.at("2026-12-01"), pytest.raises(errors.ReviewerGains):
        services.begin_counting(scene.period, by=scene.leader)


# --- Indicators -----------------------------------------------------------------------------------------
def test_indicators_are_frozen_with_the_opening(scene: Scene) -> None:
    indicator = scene.indicator(Kind.TRAINING)
    indicator.weight = 6
    services.save_indicator(indicator, by=scene.manager)
    scene.open()
    indicator.weight = 7
    for change in (
        lambda: services.save_indicator(indicator, by=scene.manager),
        lambda: services.remove_indicator(indicator, by=scene.manager),
        lambda: services.save_set(scene.period.indicator_set, by=scene.manager),
    ):
        with pytest.raises(errors.IndicatorsFrozen) as refused:
            change()
        assert refused.value.code == "indicators_frozen"
    assert scene.indicator(Kind.TRAINING).weight == 6
    copy = services.copy_set(scene.period.indicator_set, name="十二月", by=scene.manager)
    assert copy.indicators.count() == len(Kind)
    fresh = copy.indicators.get(kind=Kind.TRAINING)
    fresh.weight = 7
    assert services.save_indicator(fresh, by=scene.manager).weight == 7


def test_a_period_without_indicators_or_leaders(scene: Scene) -> None:
    scene.period.indicator_set.indicators.all().delete()
    with pytest.raises(errors.NoIndicators):
        scene.open()
    scene.period.indicator_set = make_set(scene.town.community)
    scene.period.role = Role.BUILDING_LEADER
    scene.period.save()
    with pytest.raises(errors.NobodyToAssess):
        scene.open()


def test_indicators_of_another_community(scene: Scene) -> None:
    scene.period.indicator_set = make_set(scene.town.other_community)
    with pytest.raises(errors.ForeignIndicators):
        services.save_period(scene.period, by=scene.manager)


def test_an_opened_period_is_no_draft_any_more(scene: Scene) -> None:
    scene.open()
    scene.period.notice_days = 1
    with pytest.raises(errors.NotADraft):
        services.save_period(scene.period, by=scene.manager)
    with pytest.raises(errors.NotADraft):
        services.discard_period(scene.period, by=scene.manager)


def test_two_periods_on_the_same_days(scene: Scene) -> None:
    scene.open()
    second = type(scene.period).objects.get(pk=scene.period.pk)
    second.pk, second.code, second.state, second.tree = None, "second", "draft", {}
    second.save()
    with pytest.raises(errors.PeriodOverlaps), scene.at("2026-11-02"):
        services.open_period(second, by=scene.manager)


# --- Leaders --------------------------------------------------------------------------------------------
def test_two_leaders_on_one_grid_on_one_day(scene: Scene) -> None:
    second = make.make_user(role=Role.GRID_LEADER, grid=scene.town.grid, from_on=dt.date(2026, 11, 20))
    with pytest.raises(errors.TwoLeaders) as refused:
        scene.open()
    assert refused.value.code == "two_leaders"
    row = RoleAssignment.objects.get(user=second)
    row.delete()
    scene.open()
    make.make_user.give(second, Role.GRID_LEADER, scene.town.grid, from_on=dt.date(2026, 11, 20))
    with pytest.raises(errors.TwoLeaders):
        scene.count()
    end_role(RoleAssignment.objects.get(user=scene.leader), by=None, on=dt.date(2026, 11, 20))
    assert scene.count().state == "counting"


def test_a_leader_replaced_mid_period_gets_pro_rata(scene: Scene) -> None:
    """Ten days of thirty: a third of every cap, and what happened on those days."""
    scene.open()
    with clock.at(make.local("2026-11-11 09:00")):
        end_role(RoleAssignment.objects.get(user=scene.leader), by=None)
        second = make.make_user(role=Role.GRID_LEADER, grid=scene.town.grid, from_on=dt.date(2026, 11, 11))
    for day in (3, 5, 9, 12):
        scene.run(day=day)
    scene.count()
    scene.notice()
    assert (scene.result().days, scene.result(second).days) == (10, 20)
    assert scene.points(Kind.ACTIVITIES_RUN) == (3, 7, 7)
    assert scene.points(Kind.ACTIVITIES_RUN, second) == (1, 5, 13)


def test_a_tree_moved_while_the_period_is_open(scene: Scene) -> None:
    """Facts stay with the code their unit had on the opening day."""
    scene.open()
    scene.run(day=3, grid=scene.town.micro_grid)
    GridUnit.objects.get(pk=scene.town.micro_grid.pk).move(
        GridUnit.objects.get(pk=scene.town.other_grid.pk), "last-child"
    )
    moved = GridUnit.objects.get(pk=scene.town.micro_grid.pk)
    assert moved.path.startswith(scene.town.other_community.path)
    scene.run(day=20, grid=moved)
    with scene.at("2026-11-21"):
        born = make.make_grid(GridUnit.objects.get(pk=scene.town.second_grid.pk))
    scene.run(day=22, grid=born)
    scene.count()
    scene.notice()
    assert scene.points(Kind.ACTIVITIES_RUN) == (2, 10, 20)
    assert scene.points(Kind.ACTIVITIES_RUN, scene.neighbour) == (1, 5, 20)


def test_what_is_moved_in_belongs_to_where_it_was(scene: Scene) -> None:
    scene.open()
    GridUnit.objects.get(pk=scene.town.other_micro_grid.pk).move(
        GridUnit.objects.get(pk=scene.town.grid.pk), "last-child"
    )
    scene.run(day=3, grid=GridUnit.objects.get(pk=scene.town.other_micro_grid.pk))
    scene.count()
    assert not Fact.objects.exists()


# --- Facts ----------------------------------------------------------------------------------------------
def test_what_rests_on_the_leaders_own_word_waits(scene: Scene) -> None:
    scene.open()
    scene.run(organiser=scene.leader)
    scene.count()
    fact = Fact.objects.get(indicator__kind=Kind.ACTIVITIES_RUN)
    assert fact.state == Fact.State.WAITING
    with pytest.raises(errors.StillToReview) as refused:
        scene.notice()
    assert refused.value.code == "still_to_review"
    make.make_user.give(scene.leader, Role.COMMUNITY_WORKER, scene.town.community)
    with pytest.raises(errors.OwnFact) as own:
        services.decide_fact(fact, counts=True, by=scene.leader)
    assert own.value.code == "own_fact"
    with pytest.raises(errors.ReasonNeeded):
        services.decide_fact(fact, counts=False, by=scene.reviewer)
    services.decide_fact(fact, counts=True, by=scene.reviewer)
    with pytest.raises(errors.FactDecided):
        services.decide_fact(fact, counts=True, by=scene.reviewer)
    scene.notice()
    assert scene.points(Kind.ACTIVITIES_RUN) == (1, 5, 20)


def test_attendance_confirmed_late_and_activities_without_anybody(scene: Scene) -> None:
    scene.open()
    scene.run(day=8, confirmed_on="2026-11-11 10:59")
    scene.run(day=9, confirmed_on="2026-11-12 11:01")
    with scene.at("2026-11-01"):
        make.make_activity(grid=scene.town.grid, starts_at=make.local("2026-11-10 09:00"))
    scene.count()
    scene.notice()
    assert scene.points(Kind.PROMPT_RECORDS) == (1, 5, 20)
    assert scene.points(Kind.ACTIVITIES_RUN) == (2, 10, 20)


def test_days_at_the_edges_of_the_period(scene: Scene) -> None:
    scene.open()
    scene.run(day=1)
    scene.run(day=30)
    with scene.at("2026-10-31 08:00"):
        make.make_activity(grid=scene.town.grid, starts_at=make.local("2026-10-31 22:00"), minutes=60)
    scene.count()
    assert Fact.objects.filter(indicator__kind=Kind.ACTIVITIES_RUN).count() == 2


def test_counting_again_finds_what_came_late_and_drops_what_is_gone(scene: Scene) -> None:
    scene.open()
    gone = scene.run(day=8)
    scene.count()
    scene.run(day=9)
    type(gone).objects.filter(pk=gone.pk).update(state="cancelled")
    for _again in range(2):
        with scene.at("2026-12-01"):
            services.count_again(scene.period, by=scene.manager)
    states = Fact.objects.filter(indicator__kind=Kind.ACTIVITIES_RUN).values_list("reference", "state")
    assert sorted(state for _reference, state in states) == ["counted", "struck"]
    assert dict(states)[f"activity:{gone.code}"] == "struck"


def test_a_reversed_fact_changes_a_closed_score_by_a_posting(scene: Scene) -> None:
    scene.open()
    scene.run()
    scene.count()
    scene.notice()
    scene.close()
    assert score_of(scene.leader) == 10
    fact = Fact.objects.get(indicator__kind=Kind.ACTIVITIES_RUN)
    with pytest.raises(errors.OwnFact):
        services.reverse_fact(fact, by=scene.leader, reason="x")
    with pytest.raises(errors.ReasonNeeded):
        services.reverse_fact(fact, by=scene.reviewer, reason="")
    services.reverse_fact(fact, by=scene.reviewer, reason="活动没有举行")
    assert score_of(scene.leader) == 5
    change = scene.result().changes.get()
    assert (change.before, change.after, change.cause) == (10, 5, "fact_reversed")
    original = Transaction.objects.get(kind="score")
    assert change.transaction.corrects == original
    with pytest.raises(errors.FactDecided):
        services.reverse_fact(fact, by=scene.reviewer, reason="again")
    assert Transaction.objects.filter(kind="score_correction").count() == 1
    assert verify().ok


def test_a_fact_reversed_during_the_notice_needs_no_posting(scene: Scene) -> None:
    scene.open()
    scene.run()
    scene.count()
    scene.notice()
    services.reverse_fact(
        Fact.objects.get(indicator__kind=Kind.ACTIVITIES_RUN), by=scene.reviewer, reason="没有举行"
    )
    scene.close()
    assert score_of(scene.leader) == 5
    assert not Transaction.objects.filter(kind="score_correction").exists()


# --- Never beans ----------------------------------------------------------------------------------------
def test_no_way_from_scores_to_beans(scene: Scene) -> None:
    from django.db import transaction
    from djmoney.money import Money

    from points.ledger.accounts import member_account
    from points.ledger.errors import WrongUnit
    from points.ledger.services import Move, post

    scene.open()
    scene.run()
    scene.count()
    scene.notice()
    scene.close()
    score = member_account(scene.leader, AccountKind.SCORE)
    for kind in (AccountKind.AVAILABLE, AccountKind.PENDING, AccountKind.HOLD):
        for unit in ("SCORE", "BEAN"):
            with pytest.raises(WrongUnit), transaction.atomic():
                post(
                    "award",
                    key=f"try:{kind}:{unit}",
                    moves=[Move(score, member_account(scene.leader, kind), Money(1, unit))],
                    by=None,
                )
    assert not Account.objects.filter(owner=scene.leader, kind=AccountKind.AVAILABLE).exclude(unit="BEAN")
    moved = Posting.objects.filter(unit="SCORE")
    assert set(moved.values_list("source__kind", "destination__kind")) == {("assessed", "score")}
    assert not moved.exclude(source__unit=F("unit")).exists()
