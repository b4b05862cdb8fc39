"""Checking in with a camera: Chromium's fake video device, fed with what the pages themselves drew."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from points import clock
from points.activities import services
from points.activities.models import Registration
from points.people.models import User
from tests.activities.conftest import Scene
from tests.browsers import SIZES, chromium
from tests.factories import local

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
Method = Registration.Method
CHECK = "/activities/check/"
NINE = local("2026-11-23 09:00") + dt.timedelta(seconds=10)
NO_ZBAR = "reading a QR as a stranger's program does needs zbar-tools: apt-get install -y zbar-tools"


@pytest.fixture
def seat(scene: Scene, clock_at: Callable[[dt.datetime], dt.datetime]) -> Iterator[Registration]:
    mine = services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)
    clock_at(NINE)
    with clock.everywhere(NINE):
        yield mine


def sign_in(page: Page, user: User) -> Page:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.goto("/accounts/login/")
    host = page.url.split("/")[2].split(":")[0]
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": host, "path": "/"}]
    )
    return page


def film(picture: bytes, to: Path, *, frames: int = 5) -> Path:
    """A picture as a silent film of 640 × 480 (YUV4MPEG2), held a little away from the camera."""
    shown = Image.open(io.BytesIO(picture)).convert("RGB")
    shown.thumbnail((420, 420))
    scene = Image.new("RGB", (640, 480), (150, 140, 130))
    scene.paste(shown, ((640 - shown.width) // 2, (480 - shown.height) // 2))
    light, blue, red = scene.convert("YCbCr").split()
    frame = b"FRAME\n" + b"".join(
        [light.tobytes(), *(plane.resize((320, 240)).tobytes() for plane in (blue, red))]
    )
    to.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * frames)
    return to


@pytest.fixture
def camera(browser: Browser, live_server: Any) -> Iterator[Callable[[Path], Page]]:
    """`camera(film)`: a phone of 360 px whose camera sees the film."""
    running: list[Browser] = []
    complaints: list[str] = []

    def point_at(seen: Path) -> Page:
        other = browser.browser_type.launch(
            executable_path=chromium(),
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={seen}",
            ],
        )
        running.append(other)
        width, height = SIZES["phone"]
        context = other.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}, locale="zh-CN"
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        return page

    yield point_at
    for each in running:
        each.close()
    assert not complaints, "\n".join(complaints)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"][0])


def code_url(scene: Scene) -> str:
    return f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/code/"


def test_volunteer_scans_the_screen_and_the_organiser_scans_the_card(
    scene: Scene,
    seat: Registration,
    new_page: Callable[..., Page],
    camera: Callable[[Path], Page],
    tmp_path: Path,
) -> None:
    organiser = sign_in(new_page(), scene.organiser)
    organiser.goto(code_url(scene))
    assert fits(organiser)
    screen = film(organiser.locator("svg.qr").screenshot(), tmp_path / "screen.y4m")

    volunteer = sign_in(camera(screen), scene.volunteer)
    volunteer.goto(CHECK)
    volunteer.get_by_role("button", name="扫组织者屏幕上的码").click()
    volunteer.get_by_text("签到成功").or_(volunteer.get_by_text("您已签到")).first.wait_for()
    assert fits(volunteer)
    seat.refresh_from_db()
    assert (seat.checked_in_at, seat.checked_in_by) == (NINE, Method.CODE)

    volunteer.goto("/me/card/")
    assert fits(volunteer)
    card = film(volunteer.locator("svg.qr").screenshot(), tmp_path / "card.y4m")
    with clock.everywhere(local("2026-11-23 10:50")):
        desk = sign_in(camera(card), scene.organiser)
        desk.goto(f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/cards/")
        desk.get_by_role("button", name="扫会员卡").click()
        desk.get_by_text("王秀英：10:50 签退。").first.wait_for()
        desk.locator("qr-scanner video").wait_for()  # ready for the next card
        desk.wait_for_timeout(1500)  # the same card is still held out: read once, not for ever
        assert desk.get_by_text("王秀英：10:50 签退。").count() == 1
        assert fits(desk)
    seat.refresh_from_db()
    assert (seat.checked_out_at, seat.checked_out_by) == (local("2026-11-23 10:50"), Method.CARD)


def test_camera_seeing_a_forwarded_picture_is_told_why_not(
    scene: Scene,
    seat: Registration,
    new_page: Callable[..., Page],
    camera: Callable[[Path], Page],
    tmp_path: Path,
) -> None:
    organiser = sign_in(new_page(), scene.organiser)
    organiser.goto(code_url(scene))
    old = film(organiser.locator("svg.qr").screenshot(), tmp_path / "old.y4m")
    with clock.everywhere(NINE + dt.timedelta(minutes=2)):
        volunteer = sign_in(camera(old), scene.volunteer)
        volunteer.goto(CHECK)
        volunteer.get_by_role("button", name="扫组织者屏幕上的码").click()
        volunteer.get_by_text("这张码已经过期").first.wait_for()
    seat.refresh_from_db()
    assert seat.checked_in_at is None


@pytest.mark.skipif(not shutil.which("zbarimg"), reason=NO_ZBAR)
def test_without_javascript_the_phones_own_camera_leads_there(
    scene: Scene, seat: Registration, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    organiser = sign_in(new_page(javascript=False), scene.organiser)
    organiser.goto(code_url(scene))
    organiser.locator("svg.qr").screenshot(path=tmp_path / "screen.png")
    assert organiser.locator("meta[http-equiv=refresh]").count() == 1
    found = subprocess.run(
        ["zbarimg", "-q", "--raw", tmp_path / "screen.png"], check=True, capture_output=True, text=True
    )
    volunteer = sign_in(new_page(javascript=False), scene.volunteer)
    volunteer.goto(CHECK)
    assert not volunteer.get_by_role("button", name="扫组织者屏幕上的码").is_visible()
    volunteer.goto(found.stdout.strip())
    volunteer.get_by_role("button", name="签到", exact=True).click()
    seat.refresh_from_db()
    assert seat.checked_in_by == Method.CODE
    assert fits(volunteer)


def test_screen_shows_the_next_code_by_itself(
    scene: Scene, seat: Registration, new_page: Callable[..., Page]
) -> None:
    with clock.everywhere(NINE + dt.timedelta(seconds=18)):
        organiser = sign_in(new_page(), scene.organiser)
        organiser.goto(code_url(scene))
        before = organiser.locator(".code.huge").inner_text()
    with clock.everywhere(NINE + dt.timedelta(seconds=21)):
        organiser.wait_for_function(
            "before => document.querySelector('.code.huge').innerText !== before", arg=before
        )
        shown = organiser.locator(".code.huge").inner_text().replace(" ", "")
        assert shown == services.check_code(scene.shift, NINE + dt.timedelta(seconds=21))


@pytest.mark.parametrize(("wrong_by", "is_said"), [(5, False), (45, True), (-45, True)])
def test_phone_clock_that_is_wrong_gets_a_sentence_and_does_not_matter(
    scene: Scene, seat: Registration, new_page: Callable[..., Page], wrong_by: int, *, is_said: bool
) -> None:
    volunteer = sign_in(new_page(), scene.volunteer)
    volunteer.clock.set_fixed_time(NINE + dt.timedelta(seconds=wrong_by))
    volunteer.goto(CHECK)
    volunteer.wait_for_load_state("networkidle")
    assert volunteer.get_by_text("您手机的时间不太准").is_visible() is is_said
    code = services.check_code(scene.shift, NINE)
    volunteer.locator("input[name=code]").fill(f"{code[:3]} {code[3:]}")
    volunteer.get_by_role("button", name="签到", exact=True).click()
    volunteer.wait_for_load_state()
    seat.refresh_from_db()
    assert seat.checked_in_at == NINE
