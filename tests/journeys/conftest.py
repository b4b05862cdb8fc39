"""A small town for the journeys, its people with passwords, and a clock that the live server shares."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from djmoney.money import Money

from cms.models import AnnouncementIndexPage, HomePage
from cms.services import build_site
from points import clock
from points.audit.services import allot_budget
from points.grids.models import Role
from points.people.models import User
from rewards.models import Provider, Reward, Slot
from tests import factories as make
from tests.journeys.person import NewPerson, Person

FRIDAY = "2026-11-20 10:00"
MoveClock = Callable[[str], dt.datetime]


@pytest.fixture
def move_clock() -> Iterator[MoveClock]:
    """`move_clock("2026-11-23 09:05")`: what time it is for everybody, the live server included."""
    with ExitStack() as stack:

        def move(moment: str) -> dt.datetime:
            now = make.local(moment)
            stack.enter_context(clock.everywhere(now))
            return now

        yield move


def run_due() -> str:
    """What beat would have done by now, and what it said."""
    out = io.StringIO()
    call_command("run_due", stdout=out, stderr=out)
    return out.getvalue()


@dataclass
class Stage:
    """The town before anything happens: places, rules, a budget, two shops, and staff who can sign in."""

    town: make.Town
    home: HomePage
    index: AnnouncementIndexPage
    organiser: User
    barber: Provider
    canteen: Provider
    haircut: Reward
    meal: Reward
    slot: Slot


@pytest.fixture
def stage(transactional_db: None, move_clock: MoveClock) -> Stage:
    """Friday morning. Twenty beans an hour, three days of notice; a haircut for 20, a meal for 12."""
    move_clock(FRIDAY)
    town = make.make_grid_tree()
    rules = {"beans_per_hour": 20, "notice_days": 3, "expiry_months": 24}
    scheme = make.make_scheme(grid=town.root, rules=rules)
    scheme.name = "裴村金豆办法"
    scheme.save()
    allot_budget(town.root, year=2026, amount=Money(1000, "BEAN"), by=None)
    make.make_organization(grid=town.community, name="春风社区居民委员会", phone="63870001")
    home = build_site("裴村", town.root)
    barber = make.make_provider(grid=town.community, code="hongmei", name="红玫理发店", address="春风路12号")
    canteen = make.make_provider(
        grid=town.community, code="canteen", name="春风社区食堂", address="春风路8号"
    )
    haircut = make.make_reward(
        provider=barber,
        beans=20,
        title="理发一次",
        summary="剪发一次",
        kind=Reward.Kind.APPOINTMENT,
        stock=None,
    )
    meal = make.make_reward(
        provider=canteen,
        beans=12,
        title="社区食堂套餐",
        summary="两荤一素",
        kind=Reward.Kind.OPEN_VOUCHER,
    )
    staff: dict[str, Any] = {"password": make.PASSWORD}
    make.make_staff(barber, user=make.make_user(username="chenhongmei", name="陈红玫", **staff))
    make.make_staff(canteen, user=make.make_user(username="zhaodeshun", name="赵德顺", **staff))
    make.make_user(username="heshouxin", name="何守信", role=Role.AUDITOR, grid=town.root, **staff)
    organiser = make.make_organiser(town.community, username="zhouxiaotong", name="周晓彤", **staff)
    return Stage(
        town=town,
        home=home,
        index=AnnouncementIndexPage.objects.child_of(home).get(),
        organiser=organiser,
        barber=barber,
        canteen=canteen,
        haircut=haircut,
        meal=meal,
        slot=make.make_slot(haircut, starts_at=make.local("2026-11-28 15:00"), minutes=30),
    )


@pytest.fixture
def person(new_page: Any, live_server: Any) -> Iterator[NewPerson]:
    """`person("volunteer", language="en", javascript=False)`: one more person; content at the end."""
    people: list[Person] = []

    def enter(name: str, *, language: str = "zh-CN", size: str = "tall", **more: Any) -> Person:
        page = new_page(size=size, language=language, **more)
        people.append(Person(page, name=name, language=language, home=live_server.url))
        return people[-1]

    yield enter
    for one in people:
        one.is_content()
