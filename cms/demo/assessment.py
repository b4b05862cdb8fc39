"""The grid leaders of 裴村: one assessment closed with results and an appeal, one running.

The community worker runs it, an administrator reviews, the second administrator decides the appeal: nobody
who is assessed, and nobody twice.
"""

from __future__ import annotations

import datetime as dt
import random
from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone

from cms.demo import personas, town
from cms.demo.calendar import local
from cms.demo.notice import notice
from points import clock
from points.assessment import services
from points.assessment.kinds import Function, Kind, Question
from points.assessment.models import AssessmentPeriod, Claim, Fact, Indicator, IndicatorSet, Result
from points.grids.models import Role, RoleAssignment
from points.people.models import Consent, User
from points.people.services import give_consent

if TYPE_CHECKING:
    from cms.demo.stage import Stage

SEED = 7
INDICATORS = (
    (Kind.NOTICE_BOARD, Function.PUBLICITY, 2, 10, False),
    (Kind.ACTIVITIES_RUN, Function.PUBLICITY, 5, 40, False),
    (Kind.FACILITY, Function.SUPERVISION, 4, 20, True),
    (Kind.PROMPT_RECORDS, Function.SUPERVISION, 2, 20, False),
    (Kind.PROPOSAL, Function.INFORMATION, 5, 15, False),
    (Kind.TRAINING, Function.INFORMATION, 3, 9, False),
    (Kind.MEETINGS_HELD, Function.COOPERATION, 5, 20, False),
    (Kind.JOINT_WORK, Function.COOPERATION, 4, 12, False),
    (Kind.RATINGS, Function.COOPERATION, 1, 20, False),
)
CLAIMS = (
    (0, 9, Kind.NOTICE_BOARD, "更换 3 号楼前公示栏，贴出停水通知"),
    (1, 12, Kind.FACILITY, "东门路灯不亮，拍照报修，三天后修好"),
    (1, 20, Kind.TRAINING, "参加街道消防培训半天"),
    (1, 33, Kind.PROPOSAL, "书面建议在小广场加两张长椅"),
    (2, 25, Kind.TRAINING, "参加街道消防培训半天"),
    (3, 30, Kind.JOINT_WORK, "和第四网格一起清理共用楼道口"),
    (1, 41, Kind.NOTICE_BOARD, "更新冬季用气安全宣传"),
)
"""Whose (the number of the grid), on which day of the period, what. The fifth is not accepted at first."""
NOT_ACCEPTED = 4
RATINGS = ((1, 14, 5), (0, 9, 4), (2, 7, 4), (3, 3, 5))
"""Which grid, how many answers, how many stars at most; three answers stay unseen."""


def plan_assessments(stage: Stage) -> None:
    """Put everything on the town's clock; called on the first morning, after people and roles are there."""
    today, first = timezone.localdate(stage.now), clock.today()
    at = stage.timeline.at
    begins, ends = first + dt.timedelta(days=1), today - dt.timedelta(days=30)
    at(local(begins, 8), partial(begin, stage, "夏秋季网格长考核", begins, ends))
    for number, (grid, day, kind, note) in enumerate(CLAIMS):
        when = local(begins + dt.timedelta(days=day), 19)
        at(when, partial(claim, stage, grid, kind, note))
        at(when + dt.timedelta(hours=14), partial(review, stage, accept=number != NOT_ACCEPTED))
    at(local(ends, 18), partial(rate, stage))
    at(local(ends + dt.timedelta(days=1), 9), partial(count_and_publish, stage))
    at(local(ends + dt.timedelta(days=3), 20), partial(appeal, stage))
    at(local(ends + dt.timedelta(days=4), 10), partial(decide, stage))
    at(local(ends + dt.timedelta(days=7), 9), partial(close, stage))
    opened = today - dt.timedelta(days=12)
    at(local(opened, 8), partial(begin, stage, "冬季网格长考核", opened, today + dt.timedelta(days=18)))
    at(local(opened + dt.timedelta(days=2), 19), partial(claim, stage, 1, Kind.TRAINING, "参加冬季消防演练"))
    at(local(opened + dt.timedelta(days=3), 9), partial(review, stage, accept=True))
    last = local(today - dt.timedelta(days=2), 19)
    at(last, partial(claim, stage, 1, Kind.FACILITY, "2 号楼前井盖松动，已报修"))


def newest() -> AssessmentPeriod:
    return AssessmentPeriod.objects.select_related("grid", "indicator_set").latest("pk")


def leader_of(stage: Stage, grid: int) -> User:
    """The leader of the grid with this number, from 0."""
    unit = stage.units[f"{town.PEICUN}-{grid + 1:02d}"]
    return RoleAssignment.objects.select_related("user").get(role=Role.GRID_LEADER, grid=unit).user


def begin(stage: Stage, title: str, first: dt.date, last: dt.date) -> None:
    """A set of indicators (the second one a copy of the first), a period, the opening."""
    worker = stage.persona(personas.WORKER)
    community = stage.units[town.PEICUN]
    earlier = IndicatorSet.objects.filter(grid=community).first()
    if earlier is not None:
        chosen = services.copy_set(earlier, name=f"四员指标（{title}）", by=worker)
    else:
        chosen = services.save_set(IndicatorSet(grid=community, name=f"四员指标（{title}）"), by=worker)
        for kind, function, weight, cap, needs_evidence in INDICATORS:
            services.save_indicator(
                Indicator(
                    indicator_set=chosen,
                    kind=kind,
                    function=function,
                    weight=weight,
                    cap=cap,
                    needs_evidence=needs_evidence,
                ),
                by=worker,
            )
    period = AssessmentPeriod(
        title=title, grid=community, role=Role.GRID_LEADER, indicator_set=chosen, from_on=first, to_on=last
    )
    services.open_period(services.save_period(period, by=worker), by=worker)
    for grid in (0, 1, 3):
        person = leader_of(stage, grid)
        give_consent(person, purpose=Consent.Purpose.RANKING, by=person)


def claim(stage: Stage, grid: int, kind: Kind, note: str) -> None:
    period, papers = newest(), []
    if kind == Kind.FACILITY:
        papers = [notice("报修单.pdf", "报修单", [note, f"{clock.today():%Y-%m-%d}"])]
    services.submit_claim(
        period,
        indicator=period.indicator_set.indicators.get(kind=kind),
        happened_on=clock.today(),
        note=note,
        by=leader_of(stage, grid),
        files=papers,
    )


def review(stage: Stage, *, accept: bool) -> None:
    waiting = Claim.objects.filter(state=Claim.State.SUBMITTED).order_by("pk")
    for one in waiting:
        services.decide_claim(
            one,
            accept=accept,
            by=stage.persona(personas.ADMINISTRATOR),
            reason="" if accept else "培训签到册上没有找到",
        )


def rate(stage: Stage) -> None:
    """Residents answer at the service point, each from a telephone of their own."""
    period, rng = newest(), random.Random(SEED)
    for grid, answers, best in RATINGS:
        unit = stage.units[f"{town.PEICUN}-{grid + 1:02d}"]
        form = services.form_of(services.token_for(period, unit.code))
        for number in range(answers):
            stars = {question: rng.randint(best - 1, best) for question in Question.values}
            services.answer(form, stars=stars, device=f"demo-{grid}-{number}")


def count_and_publish(stage: Stage) -> None:
    period, worker = newest(), stage.persona(personas.WORKER)
    period = services.begin_counting(period, by=worker)
    for fact in Fact.objects.filter(period=period, state=Fact.State.WAITING):
        services.decide_fact(fact, counts=True, by=stage.persona(personas.ADMINISTRATOR))
    services.begin_notice(period, by=worker)


def appeal(stage: Stage) -> None:
    period, person = newest(), leader_of(stage, 2)
    services.file_appeal(
        Result.objects.get(period=period, leader=person),
        indicator=period.indicator_set.indicators.get(kind=Kind.TRAINING),
        text="培训那天签在第二本签到册上，请再核对一次",
        by=person,
    )


def decide(stage: Stage) -> None:
    filed = Result.objects.get(period=newest(), leader=leader_of(stage, 2)).appeals.get()
    services.decide_appeal(
        filed, added=1, answer="第二本签到册上有，计入一次", by=stage.persona(personas.DEPUTY)
    )


def close(stage: Stage) -> None:
    services.close_period(newest(), by=stage.persona(personas.WORKER))
