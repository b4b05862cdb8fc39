"""Around sign-ups today: a queue with a place kept for the visitor, a weekly class, a licence.

Comes last, at the present moment, so that whoever visits the town finds an offer that still stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from cms.demo import personas, town
from cms.demo.calendar import local
from cms.demo.kinds import KINDS
from cms.demo.stage import Stage
from points import clock
from points.activities import services
from points.activities.models import (
    Absence,
    Activity,
    HeldQualification,
    Position,
    Qualification,
    Registration,
    SignupRules,
)
from points.grids import teams
from points.people.models import User

C = Activity.Category
NIGHT_WATCH_IN_DAYS, CLASS_IN_DAYS, FIRST_AID_IN_DAYS = 15, 11, 17
CLASS_WEEKS = 4
SEATS = 3


def open_queues(stage: Stage) -> None:
    """Everything below, by the services that a real organiser uses."""
    unit = stage.units[town.PEICUN]
    SignupRules.objects.create(grid=unit)
    first_aid = Qualification.objects.create(
        name="急救员证", grid=unit, how="社区每月第一个周六上午有免费培训。"
    )
    weekly_class(stage)
    night_watch(stage)
    first_aid_post(stage, first_aid)
    green_team(stage)
    answer_a_mark()


def write(
    stage: Stage,
    *,
    title: str,
    category: str,
    summary: str,
    place: str,
    day: dt.date,
    hour: int,
    positions: Sequence[tuple[str, int]],
    **details: Any,
) -> Activity:
    """One open activity of 裴村 with one shift of two hours."""
    organiser = stage.persona(personas.ORGANISER)
    start = local(day, hour, 30)
    plan = services.ShiftPlan(
        start,
        start + dt.timedelta(hours=2),
        positions=[services.PositionPlan(name, seats) for name, seats in positions],
        cancel_until=start - dt.timedelta(hours=12),
    )
    alike = next(each for each in KINDS if each.category == category)
    activity = services.create_activity(
        by=organiser,
        grid=stage.units[town.PEICUN],
        organization=stage.organizations[town.PEICUN],
        title=title,
        category=category,
        summary=summary,
        place=place,
        shifts=[plan],
        code=f"{stage.rng.getrandbits(32):08x}",
        contact_phone=organiser.phone or "",
        cover=stage.pictures[alike.cover],
        **details,
    )
    return services.publish(activity, by=organiser)


def day_in(days: int) -> dt.date:
    return timezone.localdate(clock.now()) + dt.timedelta(days=days)


def weekly_class(stage: Stage) -> None:
    """The same class on five weeks: each date can be changed or called off alone."""
    activity = write(
        stage,
        title="手机课堂",
        category=C.CULTURE,
        summary="教老邻居用手机挂号、视频通话、识别诈骗",
        place="社区活动室",
        day=day_in(CLASS_IN_DAYS),
        hour=14,
        positions=[("一对一教学", 6), ("签到引导", 2)],
    )
    services.repeat_weekly(activity, by=stage.persona(personas.ORGANISER), times=CLASS_WEEKS)


def night_watch(stage: Stage) -> None:
    """Full, with a queue; one person has given the seat back, so a place is kept for the visitor."""
    activity = write(
        stage,
        title="老街夜间巡逻",
        category=C.SAFETY,
        summary="两人一组走一圈，提醒关好门窗、别占消防通道",
        place="老街口凉亭",
        day=day_in(NIGHT_WATCH_IN_DAYS),
        hour=19,
        positions=[("巡逻", SEATS)],
    )
    position = activity.shifts.get().positions.get()
    me = stage.persona(personas.VOLUNTEER)
    neighbours = [user for user in stage.residents[town.PEICUN] if user.pk != me.pk]
    neighbours = neighbours[: SEATS + 3]
    seats = [sign_up(position, person) for person in neighbours[:SEATS]]
    for person in (me, *neighbours[SEATS:]):
        services.join_waitlist(position, volunteer=person, by=person)
    services.cancel_registration(seats[0], by=seats[0].volunteer)


def sign_up(position: Position, person: User) -> Registration:
    return services.sign_up(position, volunteer=person, by=person, despite_overlap=True)


def first_aid_post(stage: Stage, first_aid: Qualification) -> None:
    """Only for adults who have the licence; one neighbour has it."""
    activity = write(
        stage,
        title="健步走急救岗",
        category=C.HEALTH,
        summary="在健步走终点守急救点，有人不舒服先照看、再叫人",
        place="滨河步道终点",
        day=day_in(FIRST_AID_IN_DAYS),
        hour=8,
        positions=[("急救员", 2)],
        min_age=18,
        max_age=65,
    )
    activity.needs.add(first_aid)
    worker = stage.persona(personas.WORKER)
    neighbour = stage.residents[town.PEICUN][-1]
    HeldQualification.objects.create(
        qualification=first_aid,
        volunteer=neighbour,
        valid_until=day_in(400),
        entered_by=worker,
        entered_at=clock.now(),
    )


def green_team(stage: Stage) -> None:
    """A team that the visitor leads: some let her sign them up, one neighbour asks to join."""
    me = stage.persona(personas.VOLUNTEER)
    team = teams.found_team(
        name="老街护绿圈",
        grid=stage.units[town.PEICUN],
        guided_by=stage.organizations[town.PEICUN],
        leader=me,
        by=stage.persona(personas.WORKER),
        about="一起浇花、修枝、认养街角小花坛，有空就来",
    )
    neighbours = [user for user in stage.residents[town.PEICUN] if user.pk != me.pk][-6:]
    for number, person in enumerate(neighbours):
        member = teams.ask_to_join(team, user=person)
        if number:
            teams.answer_request(member, by=me, take_in=True)
            teams.let_leader_sign_me_up(member, by=person, agreed=number % 3 != 0)


def answer_a_mark() -> None:
    """Somebody who was marked as missing lately says what happened; a colleague has to decide."""
    lately = Absence.objects.filter(
        answer_until__gt=clock.now(), answered_at=None, registration__state="no_show"
    ).order_by("-marked_at", "pk")
    mark = lately.select_related("registration__volunteer").first()
    if mark is not None:
        services.answer_absence(
            mark,
            by=mark.registration.volunteer,
            answer=Absence.Answer.ILL,
            words="早上孩子发烧，送去医院了，来不及说。",
        )
