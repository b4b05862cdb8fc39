"""The same facts give the same scores: random periods, recomputed by a second formula without a database."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from points.assessment import reading, scoring, services
from points.assessment.kinds import LEAST_ANSWERS, Kind, Question
from points.assessment.models import Claim, Fact, RatingTally, Result
from points.grids.models import Role
from points.grids.services import assign_role
from points.ledger.models import Balance, Posting
from points.people.models import Consent, VolunteerProfile
from points.people.services import give_consent, withdraw_consent
from tests import factories as make
from tests.assessment.conftest import FIRST, LAST, Scene, build_scene

COUNTED = (Kind.TRAINING, Kind.NOTICE_BOARD, Kind.PROPOSAL, Kind.JOINT_WORK)
DAYS = (LAST - FIRST).days + 1

# --- The formula by itself ------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.integers(0, 400), st.integers(1, 400))
def test_a_share_is_rounded_to_the_nearest(amount: int, part: int, whole: int) -> None:
    exact = Fraction(amount * part, whole)
    assert abs(scoring.share(amount, part, whole) - exact) <= Fraction(1, 2)


@given(
    count=st.integers(0, 60),
    weight=st.integers(1, 20),
    cap=st.integers(1, 200),
    days=st.integers(1, 90),
    more=st.integers(0, 90),
)
def test_points_never_exceed_the_cap_and_never_fall_with_more_counted(
    count: int, weight: int, cap: int, days: int, more: int
) -> None:
    rule = scoring.Rule(1, weight, cap)
    one = scoring.line(rule, count=count, ratings=[], days=days, period_days=days + more)
    next_one = scoring.line(rule, count=count + 1, ratings=[], days=days, period_days=days + more)
    assert 0 <= one.points <= one.maximum <= cap
    assert one.points <= next_one.points
    whole = scoring.line(rule, count=count, ratings=[], days=days, period_days=days)
    assert whole.maximum == cap


@given(st.dictionaries(st.integers(), st.integers(0, 1000), max_size=30))
def test_the_top_third(standing: dict[int, int]) -> None:
    best = scoring.top_third(standing)
    if len(standing) < 3:
        assert not best
        return
    assert all(standing[who] > 0 for who in best)
    worst = min((standing[who] for who in best), default=0)
    assert all(value <= worst for who, value in standing.items() if who not in best) or not best
    values = sorted(standing.values(), reverse=True)
    strictly_above_third = [value for value in values if value > 0][: len(values) // 3]
    assert set(strictly_above_third) <= {standing[who] for who in best}


@pytest.mark.parametrize("number", range(7))
def test_no_middle_of_fewer_than_five(number: int) -> None:
    assert (scoring.middle(list(range(number))) is None) == (number < 5)


# --- A closed period ------------------------------------------------------------------------------------
days_of_month = st.integers(1, DAYS)
ACT = st.one_of(
    st.tuples(st.just("claim"), st.integers(0, 2), st.sampled_from(COUNTED), days_of_month, st.booleans()),
    st.tuples(st.just("fact"), st.integers(0, 2), days_of_month, st.booleans()),
    st.tuples(st.just("rate"), st.integers(0, 1), st.lists(st.integers(1, 5), min_size=3, max_size=7)),
)
LATER = st.one_of(
    st.tuples(st.just("appeal"), st.integers(0, 2), st.sampled_from(COUNTED), st.integers(0, 3)),
    st.tuples(st.just("reverse"), st.integers(0, 30)),
)


@pytest.mark.django_db
@settings(max_examples=40)
@given(
    handover=st.integers(2, DAYS),
    acts=st.lists(ACT, max_size=12),
    during=st.lists(LATER, max_size=3),
    after=st.lists(LATER, max_size=4),
)
def test_a_closed_period_recomputed_gives_the_same_scores(
    handover: int, acts: list[Any], during: list[Any], after: list[Any]
) -> None:
    """Three leaders on two grids, one handing over; claims, facts, ratings, appeals, reversals at random."""
    with transaction.atomic():
        scene = build_scene()
        people = hand_over(scene, handover)
        with scene.at("2026-10-30"):
            scene.period = services.open_period(scene.period, by=scene.manager)
        ledger = play(scene, people, acts, handover)
        scene.count()
        plant(scene, people, acts, handover, ledger)
        scene.notice()
        agree(scene, people, ledger, handover)
        change(scene, people, during, ledger)
        agree(scene, people, ledger, handover)
        scene.close()
        change(scene, people, after, ledger)
        agree(scene, people, ledger, handover, closed=True)
        transaction.set_rollback(True)


class Memory:
    """What should count, kept beside the database: (person, kind) → number, and stars by unit."""

    def __init__(self) -> None:
        self.counts: dict[tuple[int, str], int] = {}
        self.stars: dict[int, list[int]] = {0: [], 1: []}
        self.facts: list[tuple[Fact, int]] = []

    def add(self, who: int, kind: str, number: int) -> None:
        self.counts[who, kind] = self.counts.get((who, kind), 0) + number


def hand_over(scene: Scene, day: int) -> list[Any]:
    """[first leader of the first grid, the second one from `day` on, the leader of the second grid]."""
    row = scene.leader.role_assignments.get()
    row.to_on = dt.date(2026, 11, day) - dt.timedelta(days=1)
    row.save()
    second = make.make_user(name="接任者")
    assign_role(second, role=Role.GRID_LEADER, grid=scene.town.grid, by=None, from_on=dt.date(2026, 11, day))
    return [scene.leader, second, scene.neighbour]


def in_office(who: int, day: int, handover: int) -> bool:
    return who == 2 or (day < handover) == (who == 0)


def play(scene: Scene, people: list[Any], acts: list[Any], handover: int) -> Memory:
    memory = Memory()
    for number, act in enumerate(acts):
        if act[0] == "claim":
            _name, who, kind, day, accept = act
            taken = Claim.objects.filter(
                leader=people[who], indicator__kind=kind, happened_on=dt.date(2026, 11, day)
            ).exclude(state=Claim.State.REJECTED)
            if not in_office(who, day, handover) or taken.exists():
                continue
            claim = scene.claim(kind, day, people[who])
            services.decide_claim(claim, accept=accept, by=scene.reviewer, reason="说明")
            memory.add(who, kind, int(accept))
        elif act[0] == "rate":
            _name, unit, stars = act
            code = [scene.town.grid, scene.town.second_grid][unit].code
            form = services.form_of(services.token_for(scene.period, code))
            with scene.at("2026-11-15"):
                for each, given_stars in enumerate(stars):
                    answers = dict.fromkeys(Question.values, given_stars)
                    services.answer(form, stars=answers, device=f"{number}-{each}")
            memory.stars[unit] += stars
    return memory


def plant(scene: Scene, people: list[Any], acts: list[Any], handover: int, memory: Memory) -> None:
    """Facts as the counting would have left them; half of them wait for a second look."""
    for number, act in enumerate(acts):
        if act[0] != "fact" or not in_office(act[1], act[2], handover):
            continue
        _name, who, day, counts = act
        fact = Fact.objects.create(
            period=scene.period,
            indicator=scene.indicator(Kind.ACTIVITIES_RUN),
            leader=people[who],
            reference=f"activity:{number}",
            title="扫院子",
            unit_code=scene.town.grid.code,
            happened_on=dt.date(2026, 11, day),
            state=Fact.State.WAITING,
        )
        services.decide_fact(fact, counts=counts, by=scene.reviewer, reason="看过")
        memory.add(who, Kind.ACTIVITIES_RUN, int(counts))
        if counts:
            memory.facts.append((fact, who))


def change(scene: Scene, people: list[Any], changes: list[Any], memory: Memory) -> None:
    for one in changes:
        if one[0] == "appeal":
            _name, who, kind, added = one
            with scene.at("2026-12-09"):
                filed = services.file_appeal(
                    scene.result(people[who]), indicator=scene.indicator(kind), text="请再看", by=people[who]
                )
                services.decide_appeal(filed, added=added, answer="看过了", by=scene.judge)
            memory.add(who, kind, added)
        elif memory.facts:
            fact, who = memory.facts.pop(one[1] % len(memory.facts))
            services.reverse_fact(fact, by=scene.reviewer, reason="没有举行")
            memory.add(who, Kind.ACTIVITIES_RUN, -1)


def expected(memory: Memory, who: int, handover: int) -> tuple[int, int]:
    """The second formula: exact fractions, no code of ours."""
    days = DAYS if who == 2 else handover - 1 if who == 0 else DAYS - handover + 1

    def nearest(value: Fraction) -> int:
        return int(value + Fraction(1, 2))

    cap = nearest(Fraction(20 * days, DAYS))
    points, maximum = 0, 0
    for kind in Kind:
        if kind == Kind.RATINGS:
            stars = memory.stars[1 if who == 2 else 0]
            if len(stars) >= LEAST_ANSWERS:
                points += nearest(Fraction(cap * sum(stars), 5 * len(stars)))
                maximum += cap
        else:
            points += min(5 * memory.counts.get((who, kind), 0), cap)
            maximum += cap
    return points, maximum


def agree(scene: Scene, people: list[Any], memory: Memory, handover: int, closed: bool = False) -> None:
    """Stored, recomputed, reckoned by the second formula, and (when closed) posted: all the same."""
    again = services.compute(scene.period)
    for who, person in enumerate(people):
        result = scene.result(person)
        wanted = expected(memory, who, handover)
        assert (result.points, result.maximum) == wanted
        assert (again[person.pk].points, again[person.pk].maximum) == wanted
        stored = {(row.indicator_id, row.count, row.points, row.maximum) for row in result.lines.all()}
        assert stored == {(one.key, one.count, one.points, one.maximum) for one in again[person.pk].lines}
        if closed:
            held = Balance.objects.filter(account__owner=person, account__kind="score")
            assert sum(held.values_list("amount", flat=True)) == wanted[0]
    moved = set(Posting.objects.filter(unit="SCORE").values_list("source__kind", "destination__kind"))
    assert moved <= {("assessed", "score"), ("score", "assessed")}
    assert not Posting.objects.filter(unit="BEAN", source__kind__in=("score", "assessed")).exists()


# --- What is shown to whom ------------------------------------------------------------------------------
def six_results(scene: Scene) -> list[Result]:
    """Six leaders with 60, 50, … 10 of 100 points, all of whom agreed to be ranked."""
    scene.open()
    scene.count()
    scene.notice()
    Result.objects.all().delete()
    found = []
    for number in range(6):
        who = make.make_user(name=f"网格长{number}")
        give_consent(who, purpose=Consent.Purpose.RANKING, by=who)
        found.append(
            Result.objects.create(
                period=scene.period,
                leader=who,
                units=f"第{number}网格",
                days=30,
                points=60 - 10 * number,
                maximum=100,
            )
        )
    return found


def shown(scene: Scene, visibility: str) -> list[tuple[int, str]]:
    scene.period.visibility = visibility
    return [(one.place, one.result.leader.name) for one in reading.ranking(scene.period)]


def test_the_ranking_shows_what_the_community_chose(scene: Scene) -> None:
    six_results(scene)
    assert shown(scene, "none") == []
    assert shown(scene, "top_third") == [(1, "网格长0"), (2, "网格长1")]
    assert len(shown(scene, "all")) == 6


def test_nobody_is_ranked_without_consent_and_no_minor_ever(scene: Scene) -> None:
    results = six_results(scene)
    withdraw_consent(results[0].leader, purpose=Consent.Purpose.RANKING, by=results[0].leader)
    VolunteerProfile.objects.create(user=results[1].leader, birth_year=2008)
    VolunteerProfile.objects.create(user=results[2].leader, birth_year=2007)
    with scene.at("2026-12-03"):
        assert shown(scene, "top_third") == []
        assert [place for place, _name in shown(scene, "all")] == [3, 4, 5, 6]


def test_own_place_middle_and_honour(scene: Scene) -> None:
    results = six_results(scene)
    second, last = reading.place_of(results[1]), reading.place_of(results[5])
    assert (second.place, second.leaders, second.middle, second.has_honour) == (2, 6, 30, True)
    assert (last.place, last.has_honour) == (6, False)
    for result in results[4:]:
        result.delete()
    few = reading.place_of(results[1])
    assert (few.place, few.middle) == (None, None)


def test_the_middle_is_told_for_as_many_days(scene: Scene) -> None:
    results = six_results(scene)
    results[5].days, results[5].maximum, results[5].points = 15, 50, 25
    results[5].save()
    assert reading.place_of(results[5]).middle == 20  # of 50, where the middle is 400 of 1000
    assert RatingTally.objects.count() == 0
