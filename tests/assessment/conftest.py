"""A community with two grids and a period of November, from draft to closed, by its own front doors."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from PIL import Image

from points import clock
from points.activities import services as activities
from points.activities.models import Activity
from points.activities.services.attendance import Method
from points.assessment import services
from points.assessment.kinds import CLAIMED, Function, Kind
from points.assessment.models import AssessmentPeriod, Claim, Fact, Indicator, IndicatorSet, Result
from points.grids.models import GridUnit, Role
from points.people.models import User
from tests import factories as make

BEGAN = dt.date(2026, 1, 1)
"""Since when everybody is in office."""
FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 30)


def picture(name: str = "photo.jpg") -> Any:
    """A JPEG with the camera's notes in it."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    image = Image.new("RGB", (40, 30), "green")
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def make_set(grid: GridUnit, **fields: Any) -> IndicatorSet:
    """One indicator of every kind: 5 points each, at most 20; ratings 20 for five stars everywhere."""
    chosen = IndicatorSet.objects.create(
        grid=grid, name=fields.pop("name", f"考核指标{make.nth()}"), **fields
    )
    for kind in Kind:
        Indicator.objects.create(
            indicator_set=chosen,
            kind=kind,
            function=Function.COOPERATION,
            weight=5,
            cap=20,
            needs_evidence=kind == Kind.FACILITY,
        )
    return chosen


@dataclass
class Scene:
    """春风社区 in November: two grid leaders, an office of four."""

    town: make.Town
    leader: User
    neighbour: User
    manager: User
    reviewer: User
    judge: User
    period: AssessmentPeriod
    made: list[Any] = field(default_factory=list)

    def indicator(self, kind: str) -> Indicator:
        return self.period.indicator_set.indicators.get(kind=kind)

    def at(self, day: str) -> Any:
        return clock.at(make.local(day if " " in day else f"{day} 10:00"))

    def open(self) -> AssessmentPeriod:
        with self.at("2026-10-30"):
            self.period = services.open_period(self.period, by=self.manager)
        return self.period

    def claim(self, kind: str = Kind.TRAINING, day: int = 10, by: User | None = None, **more: Any) -> Claim:
        with self.at(f"2026-11-{max(day, 1):02d} 20:00"):
            return services.submit_claim(
                self.period,
                indicator=self.indicator(kind),
                happened_on=dt.date(2026, 11, day),
                note="参加了消防培训",
                by=by or self.leader,
                **more,
            )

    def run(
        self,
        *,
        day: int = 8,
        grid: GridUnit | None = None,
        organiser: User | None = None,
        confirmed_by: User | None = None,
        confirmed_on: str = "",
        **more: Any,
    ) -> Activity:
        """An activity that took place and was confirmed by the organiser (the manager by default)."""
        who = organiser or self.manager
        start = f"2026-11-{day:02d} 09:00"
        with self.at(f"2026-11-{day:02d} 08:00"):
            activity = make.make_activity(
                grid=grid or self.town.grid, organiser=who, starts_at=make.local(start), **more
            )
            seat = activities.sign_up(
                activity.shifts.get().positions.get(), volunteer=(v := make.make_volunteer()), by=v
            )
        with self.at(start):
            activities.check_in(seat, by=who, method=Method.ROSTER)
        with self.at(confirmed_on or f"2026-11-{day:02d} 12:00"):
            done = activities.confirm_shift(activity.shifts.get(), by=confirmed_by or who)
            assert not done.refused
        return activity

    def count(self) -> AssessmentPeriod:
        with self.at("2026-12-01"):
            self.period = services.begin_counting(self.period, by=self.manager)
        return self.period

    def notice(self) -> AssessmentPeriod:
        with self.at("2026-12-02"):
            self.period = services.begin_notice(self.period, by=self.manager)
        return self.period

    def close(self) -> AssessmentPeriod:
        with self.at("2026-12-08"):
            self.period = services.close_period(self.period, by=self.manager)
        return self.period

    def result(self, who: User | None = None) -> Result:
        return Result.objects.get(period=self.period, leader=who or self.leader)

    def points(self, kind: str, who: User | None = None) -> tuple[int, int, int]:
        """(count, points, maximum) of one line."""
        row = self.result(who).lines.get(indicator=self.indicator(kind))
        return row.count, row.points, row.maximum


NewScene = Callable[[], Scene]


def build_scene() -> Scene:
    town = make.make_grid_tree()

    def officer(role: str, grid: GridUnit, name: str) -> User:
        return make.make_user(role=role, grid=grid, from_on=BEGAN, name=name)

    period = AssessmentPeriod.objects.create(
        title="十一月考核",
        grid=town.community,
        role=Role.GRID_LEADER,
        indicator_set=make_set(town.community),
        from_on=FIRST,
        to_on=LAST,
        notice_days=5,
        appeal_days=10,
    )
    make.make_scheme(grid=town.root)
    return Scene(
        town=town,
        leader=officer(Role.GRID_LEADER, town.grid, "李建民"),
        neighbour=officer(Role.GRID_LEADER, town.second_grid, "赵秋实"),
        manager=officer(Role.COMMUNITY_WORKER, town.community, "孙慧芳"),
        reviewer=officer(Role.COMMUNITY_WORKER, town.community, "钱明"),
        judge=officer(Role.ADMINISTRATOR, town.root, "林安宁"),
        period=period,
    )


def noticed_period(town: make.Town, leader: User, worker: User) -> dict[str, list[Any]]:
    """One object of everything of this room in 春风社区, as arguments of addresses."""
    first = clock.today() - dt.timedelta(days=30)
    period = AssessmentPeriod.objects.create(
        title="春风考核",
        grid=town.community,
        role=Role.MICRO_GRID_LEADER,
        indicator_set=make_set(town.community, name="春风指标"),
        from_on=first,
        to_on=clock.today() - dt.timedelta(days=1),
    )
    training, facility, run = (
        period.indicator_set.indicators.get(kind=kind)
        for kind in (Kind.TRAINING, Kind.FACILITY, Kind.ACTIVITIES_RUN)
    )
    period = services.open_period(period, by=worker)
    claim = services.submit_claim(
        period, indicator=facility, happened_on=first, note="春风路灯报修", by=leader, files=[picture()]
    )
    services.decide_claim(claim, accept=True, by=worker)
    period = services.begin_counting(period, by=worker)
    fact = Fact.objects.create(
        period=period,
        indicator=run,
        leader=leader,
        reference="activity:rights",
        title="春风扫院",
        unit_code=town.micro_grid.code,
        happened_on=first,
    )
    period = services.begin_notice(period, by=worker)
    result = period.results.get()
    appeal = services.file_appeal(result, indicator=training, text="春风培训没有算", by=leader)
    return {
        "indicator_set": [period.indicator_set_id],
        "indicator": [run.pk],
        "period_pk": [period.pk],
        "period": [period.code],
        "result": [result.pk],
        "rating": [services.token_for(period, town.micro_grid.code)],
        "line": [period.code, run.pk],
        "claim": [claim.pk],
        "claim_paper": [claim.pk, claim.evidence.get().pk],
        "fact": [fact.pk],
        "appeal": [appeal.pk],
    }


@pytest.fixture
def scene(db: None) -> Scene:
    return build_scene()


__all__ = ["CLAIMED", "Scene", "build_scene", "make_set", "picture"]
