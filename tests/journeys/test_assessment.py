"""A period from opening to close at 360 px: manager, leader, reviewer, judge; residents and auditor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from points.assessment.kinds import Kind
from points.assessment.models import AssessmentPeriod, Result
from points.grids.models import Role
from points.ledger.models import Transaction
from points.ledger.verify import verify
from tests import factories as make
from tests.assessment.conftest import BEGAN, make_set, picture
from tests.journeys.back_office import export
from tests.journeys.conftest import MoveClock, Stage
from tests.journeys.person import NewPerson, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "冬季网格长考核"


@pytest.fixture
def office(stage: Stage, person: NewPerson) -> dict[str, Person]:
    """Four people who have signed in; the leader has two colleagues who do nothing."""
    community = stage.town.community
    people: dict[str, tuple[str, str, Role, Any]] = {
        "manager": ("sunhuifang", "孙慧芳", Role.COMMUNITY_WORKER, community),
        "reviewer": ("qianming", "钱明", Role.COMMUNITY_WORKER, community),
        "judge": ("linanning", "林安宁", Role.ADMINISTRATOR, stage.town.root),
        "leader": ("lijianmin", "李建民", Role.GRID_LEADER, stage.town.grid),
    }
    make.make_user(name="赵秋实", role=Role.GRID_LEADER, grid=stage.town.second_grid, from_on=BEGAN)
    found = {}
    for who, (username, name, role, grid) in people.items():
        make.make_user(
            username=username, name=name, role=role, grid=grid, from_on=BEGAN, password=make.PASSWORD
        )
        found[who] = person(who, size="phone", **({"language": "en"} if who == "judge" else {}))
        found[who].sign_in(username)
    return found


def write_period(manager: Person, stage: Stage) -> AssessmentPeriod:
    """In the back office: the days, the role, the indicators."""
    make_set(stage.town.community, name="四员指标")
    manager.go("/admin/assessment_period/new/")
    manager.page.fill("[name=title]", TITLE)
    manager.choose("grid", "春风社区")
    manager.page.select_option("[name=role]", "grid_leader")
    manager.choose("indicator_set", "四员指标")
    for name, value in [("from_on", "2026-11-20"), ("to_on", "2026-11-25"), ("notice_days", "5")]:
        manager.page.fill(f"[name={name}]", value)
        manager.page.keyboard.press("Escape")
    manager.look("period-form")
    manager.page.locator("form [type=submit]").last.click()
    manager.page.wait_for_url("**/manage/")
    manager.look_around()
    return AssessmentPeriod.objects.get(title=TITLE)


def claim(leader: Person, day: str, note: str, *, kind: str, paper: bool = False) -> None:
    leader.press(leader.words("Claim something"))
    box = leader.page.locator("select[name=indicator]")
    box.select_option(
        value=box.locator("option").filter(has_text=str(Kind(kind).label)).first.get_attribute("value")
    )
    leader.page.fill("[name=happened_on]", day)
    leader.page.fill("[name=note]", note)
    if paper:
        data = {"name": "路灯.jpg", "mimeType": "image/jpeg", "buffer": picture().read()}
        leader.page.set_input_files("[name=papers]", data)  # type: ignore[arg-type]
    leader.look("claim")
    leader.press(leader.words("Claim", context="button"))


def rate(resident: Person, address: str) -> None:
    """Three sentences, five stars each, without signing in; a second answer is not taken."""
    resident.go(address)
    resident.look("rate")
    for group in resident.page.locator("main fieldset").all():
        group.get_by_role("radio").first.check()
    resident.press(resident.words("Send my answers"))
    resident.sees(resident.words("Your answers have been added. Nobody can see which are yours."))
    resident.go(address)
    resident.sees(resident.words("Already answered"))


def test_a_period_from_opening_to_close(
    stage: Stage, office: dict[str, Person], person: NewPerson, move_clock: MoveClock, tmp_path: Path
) -> None:
    manager, leader, reviewer, judge = (office[who] for who in ("manager", "leader", "reviewer", "judge"))
    period = write_period(manager, stage)
    home = f"/assessment/{period.code}/"
    manager.press(manager.words("Publish and open"))
    manager.sees(manager.words("Opened. The indicators are published and stay as they are."))
    manager.look("open")

    # The leader claims twice; without evidence there is no claim for a facility
    leader.go("/me/")
    leader.follow(leader.words("Assessment of grid leaders"))
    leader.follow(TITLE)
    leader.look("mine-open")
    claim(leader, "2026-11-20", "幸福路口路灯不亮，已报修", kind=Kind.FACILITY)
    leader.sees(
        leader.words(
            "“%(indicator)s” needs evidence: please add a picture or a PDF.", indicator=Kind.FACILITY.label
        )
    )
    leader.go(f"{home}mine/")
    claim(leader, "2026-11-20", "幸福路口路灯不亮，已报修", kind=Kind.FACILITY, paper=True)
    claim(leader, "2026-11-20", "参加街道消防培训", kind=Kind.TRAINING)
    leader.sees(leader.words("Waits for review", context="claim"))
    leader.press(leader.words("Code for ratings"))
    leader.look("poster")
    address = leader.page.locator("main article a").first.get_attribute("href")
    for number in range(5):
        rate(person(f"resident{number}", size="phone"), str(address))

    # Somebody else looks: one claim counts, one does not
    move_clock("2026-11-21 09:00")
    reviewer.go(f"{home}review/")
    reviewer.look("review")
    reviewer.follow(str(Kind.FACILITY.label))
    reviewer.sees("路灯.jpg")
    reviewer.look("review-claim")
    reviewer.press(reviewer.words("It counts"))
    reviewer.follow(str(Kind.TRAINING.label))
    reviewer.press(reviewer.words("It does not count"))
    reviewer.sees(reviewer.words("Please write down the reason, so that the leader understands."))
    reviewer.page.fill("[name=reason]", "签到册上没有")
    reviewer.press(reviewer.words("It does not count"))

    # Counted, published
    move_clock("2026-11-26 09:00")
    manager.go(f"{home}manage/")
    manager.press(manager.words("End the claims and count"))
    manager.press(manager.words("Begin the public notice"))
    manager.look("notice")
    leader.go(f"{home}mine/")
    leader.sees("25 分，满分 180", "签到册上没有", leader.words("Line by line"))
    leader.look("mine-notice")

    # An appeal, decided by a third person
    line = leader.page.locator("main .row").filter(has_text=str(Kind.TRAINING.label)).first
    leader.follow(leader.words("Something was not counted"), within=line)
    leader.page.fill("[name=text]", "那天签在了第二本签到册上")
    leader.look("appeal")
    leader.press(leader.words("Send the appeal"))
    move_clock("2026-11-27 09:00")
    judge.go(f"{home}appeals/")
    judge.follow("Training attended")
    judge.sees("那天签在了第二本签到册上", "签到册上没有")
    judge.page.fill("[name=added]", "1")
    judge.page.fill("[name=answer]", "第二本签到册上有，计入一次")
    judge.look("judge")
    judge.press("Decide")
    leader.go(f"{home}mine/")
    leader.sees("30", "25 → 30", "第二本签到册上有，计入一次")

    # Closed: in the trial balance, in the exported books, and on everybody's page as far as agreed
    move_clock("2026-12-02 09:00")
    manager.go(f"{home}manage/")
    manager.press(manager.words("Close and enter the scores"))
    manager.sees(manager.words("Closed. The scores stand in the books."))
    manager.look("closed")
    assert Result.objects.get(leader__username="lijianmin").points == 30
    assert Transaction.objects.get(kind="score").postings.get().amount == 30
    assert verify().ok
    visitor = person("visitor", size="phone")
    visitor.go(home)
    visitor.does_not_see("李建民", "赵秋实")
    visitor.look("period")
    auditor = person("auditor", size="desk")
    auditor.sign_in("heshouxin")
    auditor.go("/admin/audit/")
    auditor.sees(auditor.words("Assessment score", context="account kind"))
    auditor.look("trial-balance")
    text = export(auditor, tmp_path).read_text(encoding="utf-8")
    assert "30 SCORE" in text
