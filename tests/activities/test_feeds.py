"""Calendars, read back by a calendar library: one's own secret one, and a unit's public one."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.test import Client

from points import clock
from points.activities import services
from points.activities.models import Activity, CalendarAddress
from points.people.models import User
from tests.activities.conftest import Scene
from tests.factories import local, make_activity, make_volunteer

SHANGHAI = ZoneInfo("Asia/Shanghai")


def address(client: Client, person: User) -> str:
    client.force_login(person)
    client.post("/me/calendar/", {"do": "new"})
    return f"/calendar/{CalendarAddress.objects.get(user=person).token}.ics"


def read(response) -> icalendar.Calendar:
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return icalendar.Calendar.from_ical(response.content)


def events(calendar: icalendar.Calendar) -> list[icalendar.Event]:
    return list(calendar.walk("VEVENT"))


@pytest.fixture
def seat(scene: Scene):
    return services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)


def test_my_calendar_says_when_and_where_in_the_towns_time(scene: Scene, seat, client: Client) -> None:
    url = address(client, scene.volunteer)
    calendar = read(Client().get(url))  # whoever has the address needs no sign-in
    (event,) = events(calendar)
    start = event.decoded("dtstart")
    assert start == local("2026-11-23 09:00")
    assert start.utcoffset() == dt.timedelta(hours=8)
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert event.decoded("dtend") - start == dt.timedelta(hours=2)
    assert "楼院大扫除" in event["summary"]
    assert (event["location"], event["status"]) == ("社区广场", "CONFIRMED")
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["tzid"] == "Asia/Shanghai"
    for needed in ("uid", "dtstamp", "url"):
        assert event[needed]
    assert calendar["method"] == "PUBLISH"


def test_a_changed_shift_keeps_its_uid(scene: Scene, seat, client: Client) -> None:
    url = address(client, scene.volunteer)
    (before,) = events(read(Client().get(url)))
    scene.shift.starts_at = local("2026-11-23 08:00")
    scene.shift.save()
    (after,) = events(read(Client().get(url)))
    assert after["uid"] == before["uid"]
    assert after.decoded("dtstart") == local("2026-11-23 08:00")


@pytest.mark.parametrize("by", ["organiser", "volunteer"])
def test_what_is_off_stays_as_cancelled(scene: Scene, seat, client: Client, by: str) -> None:
    url = address(client, scene.volunteer)
    if by == "organiser":
        services.cancel_activity(scene.activity, by=scene.organiser, reason="下大雨")
    else:
        services.cancel_registration(seat, by=scene.volunteer)
    (event,) = events(read(Client().get(url)))
    assert event["status"] == "CANCELLED"
    assert ("下大雨" in event["description"]) is (by == "organiser")


def test_an_offered_place_is_tentative(scene: Scene, seat, client: Client) -> None:
    services.sign_up(scene.position, volunteer=scene.other, by=scene.other)
    person = make_volunteer()
    services.join_waitlist(scene.position, volunteer=person, by=person)
    url = address(client, person)
    assert events(read(Client().get(url))) == []
    services.cancel_registration(seat, by=scene.volunteer)
    (event,) = events(read(Client().get(url)))
    assert event["status"] == "TENTATIVE"


def test_nobody_elses_shifts_are_in_it(scene: Scene, seat, client: Client) -> None:
    assert events(read(Client().get(address(client, scene.other)))) == []


def test_a_new_address_kills_the_old_one_and_closing_kills_all(scene: Scene, client: Client) -> None:
    old = address(client, scene.volunteer)
    new = address(client, scene.volunteer)
    assert old != new
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200
    client.post("/me/calendar/", {"do": "close"})
    assert Client().get(new).status_code == 404
    assert not CalendarAddress.objects.exists()


@pytest.mark.parametrize("token", ["x", "0" * 32, "..%2f", "é"])
def test_a_guessed_address_is_not_found(scene: Scene, client: Client, token: str) -> None:
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_a_closed_account_has_no_calendar(scene: Scene, seat, client: Client) -> None:
    url = address(client, scene.volunteer)
    User.objects.filter(pk=scene.volunteer.pk).update(is_active=False)
    assert Client().get(url).status_code == 404


def test_a_wild_title_cannot_break_out_of_its_line(scene: Scene, seat, client: Client) -> None:
    Activity.objects.filter(pk=scene.activity.pk).update(
        title="大扫除\r\nSTATUS:CANCELLED;x", summary="a,b;c\\n" + "很长" * 60, place="东门, 一楼; 左"
    )
    (event,) = events(read(Client().get(address(client, scene.volunteer))))
    assert event["status"] == "CONFIRMED"
    assert event["location"] == "东门, 一楼; 左"


def test_a_units_calendar_is_public_and_names_nobody(scene: Scene, seat) -> None:
    off = make_activity(grid=scene.town.grid, starts_at=local("2026-11-24 09:00"), title="取消的")
    services.cancel_activity(off, by=scene.organiser, reason="下雨")
    make_activity(grid=scene.town.grid, state=Activity.State.DRAFT, title="草稿")
    make_activity(grid=scene.town.other_grid, title="外面的")
    response = Client().get(f"/activities/calendar/{scene.town.community.code}.ics")
    found = {str(event["summary"]): str(event["status"]) for event in events(read(response))}
    assert found == {"楼院大扫除": "CONFIRMED", "取消的": "CANCELLED"}
    assert "王秀英" not in response.content.decode()
    assert "max-age=900" in response["Cache-Control"]
    assert Client().get("/activities/calendar/NOWHERE.ics").status_code == 404


def test_what_is_long_over_leaves_the_calendar(scene: Scene, seat, client: Client) -> None:
    url = address(client, scene.volunteer)
    with clock.at(local("2027-02-20 09:00")):
        assert len(events(read(Client().get(url)))) == 1
    with clock.at(local("2027-02-22 09:00")):
        assert events(read(Client().get(url))) == []
