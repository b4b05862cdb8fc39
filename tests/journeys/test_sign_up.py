"""On a phone of 360 px: the waiting list from "full" to a seat, a series of five, a team together."""

from __future__ import annotations

from typing import Any

import pytest

from points.activities import services
from points.grids import teams
from points.people.models import User
from points.people.services import register
from tests import factories as make
from tests.journeys.conftest import MoveClock, Stage, run_due
from tests.journeys.person import NewPerson, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE, POSITION = "老街夜间巡逻", "巡逻"


def neighbour(username: str, name: str) -> User:
    return register(username=username, name=name, password=make.PASSWORD)


@pytest.fixture
def full(stage: Stage) -> Any:
    """One shift on Monday at nine, two seats, both taken."""
    activity = make.make_activity(
        grid=stage.town.grid,
        organiser=stage.organiser,
        starts_at=make.local("2026-11-23 09:00"),
        capacity=2,
        title=TITLE,
        organization=stage.town.community.organizations.first(),
    )
    position = activity.shifts.get().positions.get()
    position.name = POSITION
    position.save()
    for username, name in (("zhanghua", "张华"), ("liuying", "刘英")):
        person = neighbour(username, name)
        services.sign_up(position, volunteer=person, by=person)
    return activity


def open_activity(person: Person, activity: Any) -> None:
    person.go(activity.get_absolute_url())
    person.sees(TITLE)


def test_waiting_list(full: Any, person: NewPerson, move_clock: MoveClock) -> None:
    neighbour("wangfang", "王芳")
    neighbour("chenming", "陈明")
    first, second, holder = person("first"), person("second"), person("holder")
    for who, username, number in ((first, "wangfang", 1), (second, "chenming", 2)):
        who.sign_in(username)
        open_activity(who, full)
        who.page.locator(f"form[action='{full.get_absolute_url()}wait/'] button").click()
        who.page.wait_for_load_state()
        who.sees(
            who.words(
                "You are number %(number)s on the waiting list. We tell you as soon as a place is free.",
                number=number,
            )
        )
        who.look("waiting")

    # Somebody cannot come: the first in line is asked, the second moves up
    holder.sign_in("zhanghua")
    open_activity(holder, full)
    holder.press(holder.words("I cannot come: cancel"))
    first.go("/me/signups/")
    kept = first.words("A place is kept for you: %(position)s", position=POSITION)
    first.sees(kept)
    first.look("offered")
    second.go("/me/signups/")
    up = "You are number %(number)s on the waiting list: %(position)s"
    second.sees(second.words(up, number=1, position=POSITION))

    # The first does not answer; a day later the place is the second's
    move_clock("2026-11-21 10:05")
    run_due()
    first.go("/me/signups/")
    first.does_not_see(kept)
    second.go("/me/signups/")
    second.sees(second.words("A place is kept for you: %(position)s", position=POSITION))
    second.press(second.words("Yes, I will come"))
    second.sees(TITLE, second.words("You are signed up as “%(position)s”. Thank you!", position=POSITION))
    second.look("taken")

    # And a calendar for the phone
    second.press(second.words("Calendar on my phone"))
    second.press(second.words("Make my calendar address"))
    second.sees(second.words("This address is secret."))
    address = second.page.locator("#address").input_value()
    answer = second.page.request.get(address)
    assert answer.status == 200
    assert "BEGIN:VEVENT" in answer.text()
    second.look("calendar")


def test_series_and_copy(full: Any, person: NewPerson) -> None:
    organiser = person("organiser")
    organiser.sign_in("zhouxiaotong")
    organiser.go("/organise/")
    organiser.follow(TITLE)
    organiser.press(organiser.words("Edit"))
    organiser.press(organiser.words("Repeat or copy"))
    page = organiser.page

    # Bad input is said at its form
    page.fill("[name=weekly-times]", "99")
    organiser.press(organiser.words("Repeat it"))
    assert page.locator(".errors-top").count() == 1
    organiser.look("repeat-refused")

    page.fill("[name=weekly-times]", "4")
    organiser.press(organiser.words("Repeat it"))
    organiser.sees(organiser.words("This series"))
    assert page.locator("a.row[href^='/organise/']").count() == 5
    organiser.look("series")

    # This and later, called off; the two before stay
    page.locator("a.row[href^='/organise/']").nth(2).click()
    page.wait_for_load_state()
    organiser.press(organiser.words("Call it off"))
    page.fill("[name=reason]", "街口施工")
    page.check("[name=later]")
    organiser.look("cancel-later")
    organiser.press(organiser.words("Call it off"))
    organiser.sees("街口施工")
    states = list(full.__class__.objects.order_by("first_starts_at").values_list("state", flat=True))
    assert states == ["open", "open", "cancelled", "cancelled", "cancelled"]

    # A campaign of five days, and a copy
    organiser.go(f"/organise/{full.code}/repeat/")
    page.fill("[name=days-first_on]", "2026-11-24")
    page.fill("[name=days-last_on]", "2026-11-27")
    organiser.press(organiser.words("Add the days"))
    organiser.sees(organiser.count("%(number)s shift added.", "%(number)s shifts added.", 4, number=4))
    organiser.go(f"/organise/{full.code}/repeat/")
    page.fill("[name=copy-first_on]", "2026-12-20")
    organiser.press(organiser.words("Copy it"))
    organiser.sees(organiser.words("Copied as a draft. Look it over, then publish."))
    organiser.look("copied")


def test_team(stage: Stage, person: NewPerson) -> None:
    """Founded by the community; asking, being taken in, agreeing, signed up by the leader, cancelling."""
    activity = make.make_activity(
        grid=stage.town.grid, organiser=stage.organiser, starts_at=make.local("2026-11-23 09:00"), title=TITLE
    )
    leads, joins = neighbour("wangfang", "王芳"), neighbour("chenming", "陈明")
    unit = stage.town.community.organizations.get()
    teams.found_team(name="护绿队", grid=stage.town.community, guided_by=unit, leader=leads, by=None)
    leader, member = person("leader"), person("member")
    member.sign_in("chenming")
    member.go("/me/signups/")
    member.press(member.words("Teams"))
    member.follow("护绿队")
    member.press(member.words("Ask to join"))
    member.sees(member.words("You have asked to join."))
    member.look("asked")

    leader.sign_in("wangfang")
    leader.go("/teams/")
    leader.follow("护绿队")
    leader.sees("陈明")
    leader.look("request")
    leader.press(leader.words("Take in %(name)s", name="陈明"))

    member.go(member.page.url)
    member.press(member.words("Yes, the leader may sign me up"))
    member.sees("王芳", member.words("Take that back"))
    member.look("member")

    leader.go(activity.get_absolute_url())
    leader.press(leader.words("Sign the team up"))
    leader.page.get_by_label("王芳").check()
    leader.page.get_by_label("陈明").check()
    leader.look("team-sign-up")
    leader.press(leader.words("Sign up", context="activity"))
    leader.sees(leader.count("%(number)s person signed up.", "%(number)s people signed up.", 2, number=2))

    member.go("/me/signups/")
    member.sees(TITLE)
    member.press(member.words("I cannot come: cancel"))
    member.sees(member.words("Nothing coming up"))
    assert joins.registrations.get().state == "cancelled"
