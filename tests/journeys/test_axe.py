"""Every page of the site, to everybody who sees it: axe finds nothing, and nothing scrolls sideways.

In the normal and the elder mode at 360 and 320 px; in the dark scheme for the pages people look at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from cms.models import AnnouncementPage
from points.activities import services as activities
from points.activities.models import Activity
from points.activities.services.attendance import Method
from points.ledger.models import Transaction
from points.people import mailing
from points.people.account_notices import CONSENT_ENTERED
from points.people.models import User
from points.people.notices import notify
from points.records.services import release_due
from rewards import services as rewards
from tests import factories as make
from tests.journeys.conftest import MoveClock, Stage
from tests.journeys.person import NewPerson, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVERYBODY, VOLUNTEER, CLERK, ORGANISER, AUDITOR = "", "volunteer", "chenhongmei", "zhouxiaotong", "heshouxin"


@dataclass
class Addresses:
    """Where the pages are, once something has happened in the town."""

    of: dict[str, list[str]]
    dark: dict[str, list[str]]


@pytest.fixture
def addresses(stage: Stage, move_clock: MoveClock) -> Addresses:
    """A volunteer in the middle of things: beans, a record in notice, vouchers, a shift that is on."""
    grid, organiser = stage.town.grid, stage.organiser
    member = make.make_volunteer(username=VOLUNTEER, name="王秀兰", home=grid, password=make.PASSWORD)
    old, fresh, now = (
        make.make_activity(grid=grid, organiser=organiser, starts_at=make.local(start), title=title)
        for start, title in [
            ("2026-11-21 09:00", "冬衣整理"),
            ("2026-11-26 09:00", "楼院大扫除"),
            ("2026-11-27 09:00", "独居老人送餐"),
        ]
    )
    for day, activity in [("2026-11-21", old), ("2026-11-26", fresh)]:
        serve(activity, member, organiser, day, move_clock)
    move_clock("2026-11-27 08:50")
    release_due()
    position = now.shifts.get().positions.get()
    activities.sign_up(position, volunteer=member, by=member)
    haircut = rewards.redeem(stage.haircut, member=member, by=member, key="axe-haircut-1", slot=stage.slot)
    meal = rewards.redeem(stage.meal, member=member, by=member, key="axe-meal-00001")
    clerk = User.objects.get(username="zhaodeshun")
    done = rewards.fulfil(stage.canteen, code=meal.code, by=clerk, nonce="axe-nonce-0001")
    make.make_staff(stage.canteen, user=User.objects.get(username=CLERK))
    news = AnnouncementPage(title="周一扫院子", slug="news", intro="请大家参加", grid=grid, activity=now)
    stage.index.add_child(instance=news)
    notify([member], CONSENT_ENTERED, key="axe", url="/me/consents/")
    line = Transaction.objects.filter(kind="award").latest("pk").pk
    shift = now.shifts.get().pk
    fresh_shift = fresh.shifts.get().pk
    page, organise = f"/activities/{now.code}/", f"/organise/{now.code}"
    of = {
        EVERYBODY: [
            *("/", "/activities/", page, "/rewards/", f"/rewards/{stage.haircut.code}/"),
            *("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"),
            *("/how-beans-work/", "/notice/", "/privacy/", "/complaints/", "/announcements/", news.url),
        ],
        VOLUNTEER: [
            *("/", "/activities/", page, "/activities/check/", "/me/", "/me/signups/", "/me/records/"),
            "/me/card/",
            *("/me/wallet/", f"/me/wallet/{line}/", "/me/vouchers/", haircut.get_absolute_url()),
            *(meal.get_absolute_url(), f"/rewards/{stage.meal.code}/", "/me/profile/", "/accounts/2fa/"),
            *("/me/notices/", "/me/notices/mail/", "/me/consents/", "/me/consents/records/withdraw/"),
            *("/me/data/", "/me/closing/", f"/me/notices/stop/{mailing.stop_token(member)}/"),
        ],
        CLERK: [
            *("/desk/", f"/desk/scan/?code={haircut.code}", "/desk/scan/?code=WRONGWRONG12"),
            *(f"/desk/done/{done.pk}/", "/desk/statement/canteen/2026-11/"),
        ],
        ORGANISER: [
            *("/organise/", "/organise/new/", f"{organise}/edit/", f"{organise}/roster/"),
            *(f"{organise}/shifts/{shift}/code/", f"{organise}/shifts/{shift}/sheet/"),
            *("/organise/today/", f"{organise}/shifts/{shift}/cards/"),
            *(f"/organise/{fresh.code}/shifts/{fresh_shift}/confirm/", f"{organise}/cancel/"),
        ],
        AUDITOR: ["/admin/audit/", "/admin/audit/accounts/", f"/admin/audit/transactions/{line}/"],
    }
    dark = {
        EVERYBODY: ["/", page, "/accounts/login/", news.url],
        VOLUNTEER: ["/", page, "/me/wallet/", haircut.get_absolute_url()],
        CLERK: ["/desk/"],
        ORGANISER: [f"{organise}/roster/", f"{organise}/shifts/{shift}/code/"],
    }
    return Addresses(of, dark)


def serve(activity: Activity, member: User, organiser: User, day: str, move_clock: MoveClock) -> None:
    """Two hours, checked in and out, confirmed."""
    shift = activity.shifts.get()
    move_clock(f"{day} 08:50")
    seat = activities.sign_up(shift.positions.get(), volunteer=member, by=member)
    move_clock(f"{day} 09:00")
    activities.check_in(seat, by=member, method=Method.CODE)
    move_clock(f"{day} 11:00")
    activities.check_out(seat, by=member, method=Method.CODE)
    activities.confirm_shift(shift, by=organiser)


def look_at(person: Person, address: str) -> list[str]:
    """What is wrong with one page."""
    person.page.goto(address)
    person.page.wait_for_load_state()
    wrong = []
    found = Axe().run(person.page)
    for violation in found.response["violations"]:
        places = [node["html"][:160] for node in violation["nodes"][:3]]
        wrong.append(f"{address} {violation['id']}: {violation['help']} {places}")
    if address.startswith("/admin/"):
        return wrong
    for width in (360, 320):
        person.page.set_viewport_size({"width": width, "height": 800})
        real = person.page.evaluate("document.documentElement.scrollWidth")
        if real > width:
            wrong.append(f"{address} is {real} px wide at {width} px")
    person.page.set_viewport_size({"width": 360, "height": 800})
    return wrong


@pytest.mark.parametrize("mode", ["normal", "elder", "dark", "english"])
def test_every_page_is_accessible(addresses: Addresses, person: NewPerson, mode: str) -> None:
    wrong: list[str] = []
    for username, paths in (addresses.dark if mode == "dark" else addresses.of).items():
        if mode != "normal" and username == AUDITOR:
            continue  # the back office knows neither elder mode nor our dark scheme
        more: dict[str, Any] = {"color_scheme": "dark"} if mode == "dark" else {}
        one = person(username or "visitor", language="en" if mode == "english" else "zh-CN", **more)
        if username:
            one.sign_in(username)
        else:
            one.go("/")
        if mode == "elder":
            one.page.locator("form[action$='/elder/'] button").click()
            assert one.page.locator("html.elder").count() == 1
        for path in paths:
            wrong += look_at(one, path)
            one.look(f"{mode}-{path.strip('/').replace('/', '-')[:40] or 'home'}")
    assert not wrong, "\n".join(wrong)
