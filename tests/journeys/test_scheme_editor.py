"""A town changes its rules: one administrator writes and tries them, a second puts them in force (F-A9)."""

from __future__ import annotations

import pytest

from points.grids.models import Role
from points.schemes.models import SchemeVersion
from tests import factories as make
from tests.journeys.conftest import MoveClock, Stage
from tests.journeys.person import NewPerson, Person
from tests.schemes.editing import PDF, serve

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOTE = "试行三个月，居民代表会同意提高"


def write_rules(maker: Person) -> str:
    """From the timeline to a draft that gives 25 beans an hour from Sunday on. Its address."""
    maker.go("/admin/schemes/")
    maker.follow("裴村金豆办法")
    maker.press(maker.words("New version from the newest one"))
    draft = maker.page.url
    maker.go(f"{draft}parts/earning/0/")
    maker.page.fill("[name='earning.0.rate.points']", "25")
    maker.page.get_by_role("button", name=maker.words("Keep")).last.click()
    maker.page.wait_for_load_state()
    maker.go(draft)
    maker.sees("志愿服务每小时得 25 金豆。", "One hour of service earns 25 beans.")
    maker.page.fill("[name=effective_from]", "2026-11-22")
    maker.page.fill("[name=note]", NOTE)
    maker.page.locator("form:has([name=note])").get_by_role("button", name=maker.words("Keep")).click()
    maker.page.wait_for_load_state()
    return draft


def try_rules(maker: Person, draft: str) -> None:
    """One service of two hours, and what November's records would have earned."""
    maker.go(f"{draft}try/?minutes=120&planned=120&category=environment&grade=system_verified&on=2026-11-22")
    maker.sees(maker.words("By the draft"), maker.beans(50), maker.words("By the version before"))
    maker.sees(maker.beans(40))
    maker.look("try")
    maker.go(f"{draft}preview/?month=2026-11")
    maker.sees("40 → 50", "+10")
    assert maker.page.locator("#month").input_value() == "2026-11"
    maker.look("preview")


def test_rules_are_written_tried_and_put_in_force_by_two_people(
    stage: Stage, person: NewPerson, move_clock: MoveClock
) -> None:
    serve(stage.town)  # two hours on Thursday, 40 beans
    for username, name in (("linanning", "林安宁"), ("fangzhiyuan", "方致远")):
        make.make_user(
            username=username,
            name=name,
            role=Role.ADMINISTRATOR,
            grid=stage.town.root,
            password=make.PASSWORD,
        )
    maker, checker = person("maker", size="desk"), person("checker", size="desk")
    maker.sign_in("linanning")
    draft = write_rules(maker)
    try_rules(maker, draft)

    maker.go(f"{draft}submit/")
    paper = {"name": "公告.pdf", "mimeType": "application/pdf", "buffer": PDF}
    maker.page.set_input_files("[name=papers]", paper)  # type: ignore[arg-type]
    maker.page.fill("[name=note]", NOTE)
    maker.page.locator("form:has([name=papers])").get_by_role("button").last.click()
    maker.page.wait_for_load_state()
    assert SchemeVersion.objects.count() == 1

    # Nobody decides their own request
    maker.go("/admin/approvals/?show=mine")
    maker.page.locator("main table a").first.click()
    maker.sees(maker.words("A colleague decides"))
    assert maker.page.locator("button[value=approve]").count() == 0
    request = maker.page.url

    checker.sign_in("fangzhiyuan")
    checker.go(request)
    checker.sees("林安宁", "公告.pdf")
    checker.look("request")
    checker.press(checker.words("Approve"))
    maker.go("/admin/schemes/")
    maker.follow("裴村金豆办法")
    maker.sees("方致远", NOTE)
    maker.look("timeline")

    # Announced now, in force from its day on, for everybody to read
    reader = person("reader")
    reader.go("/how-beans-work/")
    reader.sees("《裴村金豆办法》第 1 版", "20 金豆 服务一小时", "志愿服务每小时得 25 金豆。")
    move_clock("2026-11-22 08:00")
    reader.go("/how-beans-work/")
    reader.sees("《裴村金豆办法》第 2 版", "25 金豆 服务一小时")
