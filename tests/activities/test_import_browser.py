"""The bar in a real browser: it moves while the work goes on elsewhere, with JavaScript and without."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from points import clock
from points.activities import tasks
from points.activities.models import ImportRun, Position
from points.activities.services import import_runs
from points.records.models import ServiceRecord
from tests.activities.conftest import Scene
from tests.activities.sheets import xlsx
from tests.factories import local, make_volunteer

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
    pytest.mark.usefixtures("budget"),
]
HEAD = ["姓名", "手机", "岗位", "签到", "签退", "备注"]
State = ImportRun.State


@pytest.fixture
def sheet(
    scene: Scene, clock_at: Callable[[str], dt.datetime], monkeypatch: pytest.MonkeyPatch
) -> Iterator[bytes]:
    """Six rows, one of them of nobody; no worker takes the work until the test does it."""
    Position.objects.update(capacity=20)
    monkeypatch.setattr(import_runs, "hand_over", lambda _run: None)
    people = [make_volunteer(name=f"邻居{n}", phone=f"1390000{n:04}") for n in range(5)]
    rows = [[person.name, person.phone, scene.position.name, "9:00", "11:00", ""] for person in people]
    clock_at("2026-11-23 18:00")
    with clock.everywhere(local("2026-11-23 18:00")):
        yield xlsx([HEAD, *rows, ["没有人", "13911112222", "", "9:00", "11:00", "新来的"]])


def signed_in(page: Page, scene: Scene) -> Page:
    client = Client()
    client.force_login(scene.organiser)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.goto("/accounts/login/")
    host = page.url.split("/")[2].split(":")[0]
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": host, "path": "/"}]
    )
    return page


def shot(page: Page, name: str) -> None:
    """A picture, where JINDOU_SHOTS names a folder for them."""
    if folder := os.environ.get("JINDOU_SHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize(
    ("size", "javascript"), [("phone", True), ("desk", False), ("desk", True)], ids=["phone", "plain", "desk"]
)
def test_bar_moves_and_the_report_follows(
    scene: Scene, new_page: Callable[..., Page], sheet: bytes, size: str, *, javascript: bool
) -> None:
    page = signed_in(new_page(size=size, javascript=javascript), scene)
    page.goto(f"/admin/activities/{scene.activity.code}/import/")
    shot(page, "upload")
    page.set_input_files("input[type=file]", {"name": "11月签到表.xlsx", "mimeType": "", "buffer": sheet})
    page.get_by_role("button", name="上传并检查").click()
    bar = page.locator("progress")
    assert bar.get_attribute("value") == "0"
    ImportRun.objects.update(rows_done=4)
    page.locator('[role=status]:has-text("4")').wait_for()
    shot(page, "progress")

    run = ImportRun.objects.get()
    assert tasks.run_import(run.pk, run.attempt) == State.CHECKED
    press = page.get_by_role("button", name="导入 5 行")
    press.wait_for()
    assert not ServiceRecord.objects.exists()
    shot(page, "preview")
    press.click()
    bar.wait_for()
    run.refresh_from_db()
    page.goto("/admin/sheets/")
    shot(page, "list")
    page.get_by_role("link", name="11月签到表.xlsx").click()
    assert tasks.run_import(run.pk, run.attempt) == State.DONE
    page.get_by_text("unknown_person").wait_for()
    assert ServiceRecord.objects.count() == 5
    shot(page, "report")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= (page.viewport_size or {"width": 0})["width"]
