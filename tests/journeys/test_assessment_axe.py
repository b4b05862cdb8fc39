"""The pages of the assessment, to everybody who sees them: axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

from typing import Any

import pytest

from points import clock
from points.assessment import services
from points.assessment.kinds import Kind
from points.assessment.models import AssessmentPeriod, Fact
from points.grids.models import Role
from tests import factories as make
from tests.assessment.conftest import BEGAN, make_set, noticed_period, picture
from tests.journeys.conftest import Stage
from tests.journeys.person import NewPerson
from tests.journeys.test_axe import look_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LEADER, JUDGE = "lijianmin", "linanning"


def staff(stage: Stage) -> tuple[Any, Any]:
    """A leader of a micro-grid and of a grid, and a worker; an administrator who can sign in."""
    town = stage.town
    leader = make.make_user(
        username=LEADER,
        name="李建民",
        role=Role.MICRO_GRID_LEADER,
        grid=town.micro_grid,
        from_on=BEGAN,
        password=make.PASSWORD,
    )
    make.make_user.give(leader, Role.GRID_LEADER, town.grid, from_on=BEGAN)
    make.make_user(
        username=JUDGE,
        name="林安宁",
        role=Role.ADMINISTRATOR,
        grid=town.root,
        from_on=BEGAN,
        password=make.PASSWORD,
    )
    worker = make.make_user(role=Role.COMMUNITY_WORKER, grid=town.community, from_on=BEGAN)
    return leader, worker


@pytest.fixture
def addresses(stage: Stage) -> dict[str, list[str]]:
    """One period in public notice with a claim, a fact and an appeal; one running with a claim that waits."""
    leader, worker = staff(stage)
    args = noticed_period(stage.town, leader, worker)
    code, fact = args["period"][0], Fact.objects.get(pk=args["fact"][0])
    fact.pk, fact.reference, fact.state = None, "activity:waits", Fact.State.WAITING
    fact.save(force_insert=True)
    running = services.open_period(
        AssessmentPeriod.objects.create(
            title="冬季考核",
            grid=stage.town.community,
            role=Role.GRID_LEADER,
            indicator_set=make_set(stage.town.community, name="冬季指标"),
            from_on=clock.today(),
            to_on=clock.today().replace(month=12),
        ),
        by=worker,
    )
    waits = services.submit_claim(
        running,
        indicator=running.indicator_set.indicators.get(kind=Kind.FACILITY),
        happened_on=clock.today(),
        note="路灯报修",
        by=leader,
        files=[picture()],
    )
    home, open_home = f"/assessment/{code}/", running.get_absolute_url()
    token = services.token_for(running, stage.town.grid.code)
    return {
        "": ["/assessment/", home, open_home, f"/rate/{token}/"],
        LEADER: [
            *("/assessment/", "/me/", f"{home}mine/", f"{home}appeal/{args['indicator'][0]}/"),
            *(f"{open_home}mine/", f"{open_home}claim/", f"{open_home}ratings/"),
        ],
        JUDGE: [
            *("/assessment/", f"{home}manage/", f"{open_home}manage/", f"{home}review/"),
            *(f"{home}appeals/", f"/assessment/appeals/{args['appeal'][0]}/"),
            f"/assessment/claims/{waits.pk}/",
        ],
    }


@pytest.mark.parametrize("mode", ["normal", "elder", "dark", "english"])
def test_pages_of_the_assessment_are_accessible(
    addresses: dict[str, list[str]], person: NewPerson, mode: str
) -> None:
    wrong: list[str] = []
    more: dict[str, Any] = {"color_scheme": "dark"} if mode == "dark" else {}
    for username, paths in addresses.items():
        one = person(username or "visitor", language="en" if mode == "english" else "zh-CN", **more)
        if username:
            one.sign_in(username)
        else:
            one.go("/")
        if mode == "elder":
            one.page.locator("form[action$='/elder/'] button").click()
        for path in paths:
            wrong += look_at(one, path)
            one.look(f"{mode}-{path.strip('/').replace('/', '-')[-24:]}")
    assert not wrong, "\n".join(wrong)
