"""The organiser's pages: the form comes back as it was sent, the roster ticks, foreign rooms are closed."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from points import clock
from points.activities import services
from points.activities.models import Activity, Position, Registration, Shift
from points.grids.models import Role
from points.records.models import ServiceRecord
from tests.activities.conftest import Scene
from tests.factories import local, make_organization, make_registration, make_user

State = Registration.State


@pytest.fixture
def desk(scene: Scene, client: Client) -> Client:
    client.force_login(scene.organiser)
    return client


def sent(scene: Scene, **changes) -> dict[str, object]:
    """What a browser sends for a new activity with two shifts of two and one positions."""
    organization = make_organization(grid=scene.town.community)
    return {
        "title": "独居老人送餐",
        "grid": scene.town.grid.pk,
        "organization": organization.pk,
        "category": "meals",
        "summary": "送午餐上门",
        "place": "社区食堂",
        "bring": "保温袋",
        "contact_phone": "0371-12345",
        "description": "两人一组",
        "is_service": "on",
        "shifts": "2",
        "shift0-rows": "3",
        "shift0-day": "2026-11-28",
        "shift0-begins": "09:00",
        "shift0-ends": "11:00",
        "shift0-closes": "12",
        "shift0-cancel": "24",
        "shift0-position0-name": "配餐",
        "shift0-position0-capacity": "4",
        "shift0-position2-name": "骑车送餐",
        "shift0-position2-capacity": "2",
        "shift1-rows": "3",
        "shift1-day": "2026-11-29",
        "shift1-begins": "22:00",
        "shift1-ends": "01:30",
        "shift1-position0-name": "配餐",
        "shift1-position0-capacity": "3",
        **changes,
    }


def made() -> Activity:
    return Activity.objects.get(title="独居老人送餐")


def inputs(page: str) -> dict[str, str]:
    """The text inputs of a page by name, as a browser would send them."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        parts = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if parts.get("type") == "checkbox" and " checked" not in tag:
            continue
        if "name" in parts:
            found[parts["name"]] = parts.get("value", "on" if parts.get("type") == "checkbox" else "")
    for name, options in re.findall(r'<select name="([\w-]+)".*?>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen.group(1) if chosen else ""
    for name, text in re.findall(r'<textarea name="([\w-]+)"[^>]*>(.*?)</textarea>', page, re.S):
        found[name] = text.strip()
    found.pop("csrfmiddlewaretoken", None)
    for name in ("next", "elder", "language", "picture"):
        found.pop(name, None)
    return found


def test_create_two_shifts_and_publish(scene: Scene, desk: Client) -> None:
    response = desk.post("/organise/new/", sent(scene, publish="1"), follow=True)
    assert response.status_code == 200
    activity = made()
    assert (activity.state, activity.organiser) == (Activity.State.OPEN, scene.organiser)
    first, second = activity.shifts.all()
    assert (first.starts_at, first.ends_at) == (local("2026-11-28 09:00"), local("2026-11-28 11:00"))
    assert first.signup_closes_at == local("2026-11-27 21:00")
    assert first.cancel_until == local("2026-11-27 09:00")
    assert second.ends_at == local("2026-11-30 01:30")  # over midnight
    assert list(first.positions.values_list("name", "capacity")) == [("配餐", 4), ("骑车送餐", 2)]


def test_edit_form_comes_back_as_it_was(scene: Scene, desk: Client) -> None:
    desk.post("/organise/new/", sent(scene))
    activity = made()
    before = [list(activity.shifts.values()), list(Position.objects.order_by("pk").values())]
    page = desk.get(f"/organise/{activity.code}/edit/").content.decode()
    response = desk.post(f"/organise/{activity.code}/edit/", inputs(page))
    assert response.status_code == 302, re.findall(r'class="errors.*?</', response.content.decode(), re.S)
    assert [list(activity.shifts.values()), list(Position.objects.order_by("pk").values())] == before
    assert made().description == "两人一组"


def test_create_publish_refusal_keeps_everything_typed(scene: Scene, desk: Client) -> None:
    response = desk.post("/organise/new/", sent(scene, is_risky="on", publish="1"))
    page = response.content.decode()
    assert response.status_code == 200
    assert "第十七条" in page or "article 17" in page
    assert 'value="骑车送餐"' in page
    assert not Activity.objects.filter(title="独居老人送餐").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"shift0-ends": "09:00"},
        {"shift0-day": ""},
        {"shift0-position0-capacity": ""},
        {"shift0-position0-capacity": "-1"},
        {"shift0-position0-capacity": "999999999"},
        {"shift0-position2-name": ""},
        {"shift0-position2-name": "配餐"},
        {"shift0-begins": "25:00"},
        {"grid": "0"},
        {"organization": ""},
    ],
)
def test_create_with_a_mistake_says_so(scene: Scene, desk: Client, changes: dict[str, str]) -> None:
    response = desk.post("/organise/new/", sent(scene, **changes))
    assert response.status_code == 200
    assert "errors" in response.content.decode()
    assert not Activity.objects.filter(summary="送午餐上门").exists()


def test_more_rows_without_javascript(scene: Scene, desk: Client) -> None:
    page = desk.post("/organise/new/", sent(scene, more="shift", title="")).content.decode()
    assert 'name="shift2-day"' in page
    assert 'class="errors"' not in page
    assert 'value="骑车送餐"' in page
    assert 'value="保温袋"' in page
    page = desk.post("/organise/new/", sent(scene, more="position0")).content.decode()
    assert 'name="shift0-position5-name"' in page
    assert not Activity.objects.filter(title="独居老人送餐").exists()


def test_edit_deletes_a_ticked_shift_and_adds_one(scene: Scene, desk: Client) -> None:
    desk.post("/organise/new/", sent(scene))
    activity = made()
    url = f"/organise/{activity.code}/edit/"
    form = inputs(desk.get(url).content.decode())
    form |= {
        "shift1-remove": "on",
        "shift2-day": "2026-12-01",
        "shift2-begins": "10:00",
        "shift2-ends": "11:00",
        "shift2-position0-name": "新岗位",
        "shift2-position0-capacity": "1",
    }
    assert desk.post(url, form).status_code == 302
    assert [shift.starts_at for shift in activity.shifts.all()] == [
        local("2026-11-28 09:00"),
        local("2026-12-01 10:00"),
    ]


def test_edit_cannot_touch_shifts_of_another_activity(scene: Scene, desk: Client) -> None:
    desk.post("/organise/new/", sent(scene))
    activity = made()
    url = f"/organise/{activity.code}/edit/"
    form = inputs(desk.get(url).content.decode())
    form |= {"shift0-pk": str(scene.shift.pk), "shift0-position0-pk": str(scene.position.pk)}
    desk.post(url, form)
    scene.shift.refresh_from_db()
    scene.position.refresh_from_db()
    assert scene.shift.activity == scene.activity
    assert (scene.shift.starts_at, scene.position.shift) == (local("2026-11-23 09:00"), scene.shift)


def test_picture_becomes_the_cover_and_a_fake_is_refused(scene: Scene, desk: Client) -> None:
    drawing = io.BytesIO()
    Image.new("RGB", (640, 480), "#c98a1b").save(drawing, "PNG")
    fake = SimpleUploadedFile("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png")
    response = desk.post("/organise/new/", sent(scene, picture=fake))
    assert (response.status_code, Activity.objects.filter(title="独居老人送餐").count()) == (200, 0)
    real = SimpleUploadedFile("photo.png", drawing.getvalue(), "image/png")
    desk.post("/organise/new/", sent(scene, picture=real, publish="1"))
    page = desk.get("/activities/").content.decode()
    assert 'type="image/webp"' in page
    assert "480w" in page


def test_publish_button_and_its_refusal(scene: Scene, desk: Client) -> None:
    Activity.objects.update(state=Activity.State.DRAFT)
    Shift.objects.all().delete()
    url = f"/organise/{scene.activity.code}/publish/"
    assert 'class="msg error"' in desk.post(url, follow=True).content.decode()


def test_cancel_asks_why(scene: Scene, desk: Client) -> None:
    make_registration(scene.position)
    url = f"/organise/{scene.activity.code}/cancel/"
    assert "errors" in desk.post(url, {"reason": ""}).content.decode()
    page = desk.post(url, {"reason": "下雨改期"}, follow=True).content.decode()
    assert "下雨改期" in page
    assert Registration.objects.get().state == State.CALLED_OFF


@pytest.mark.parametrize("show", ["coming", "confirm", "drafts", "past", "x"])
def test_list_counts(scene: Scene, desk: Client, show: str) -> None:
    make_registration(scene.position)
    response = desk.get("/organise/", {"show": show, "q": "大扫除" if show == "coming" else ""})
    assert response.status_code == 200
    if show in ("coming", "x"):
        [activity] = response.context["page"]
        assert (activity.seats, activity.taken, activity.waiting) == (2, 1, 0)


def tick(desk: Client, scene: Scene, seat: Registration, do: str, **more: str):
    url = f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/tick/"
    return desk.post(url, {"registration": seat.pk, "do": do, **more}, follow=True)


def test_roster_ticks_in_and_out_and_corrects(scene: Scene, desk: Client) -> None:
    seat = make_registration(scene.position, volunteer=scene.volunteer)
    with clock.at(local("2026-11-23 08:50")):
        assert "王秀英" in tick(desk, scene, seat, "in").content.decode()
    with clock.at(local("2026-11-23 11:05")):
        tick(desk, scene, seat, "out")
        seat.refresh_from_db()
        assert (seat.checked_in_at, seat.checked_in_by) == (local("2026-11-23 08:50"), "roster")
        assert seat.checked_out_at == scene.shift.ends_at
        name = f"t{seat.pk}"
        tick(desk, scene, seat, "times", **{f"{name}-came": "09:15", f"{name}-left": "10:45"})
        seat.refresh_from_db()
        assert (seat.checked_in_at, seat.checked_out_at) == (
            local("2026-11-23 09:15"),
            local("2026-11-23 10:45"),
        )
        bad = tick(desk, scene, seat, "times", **{f"{name}-came": "11:00", f"{name}-left": "10:45"})
        assert 'class="msg error"' in bad.content.decode()
        tick(desk, scene, seat, "undo")
        tick(desk, scene, seat, "no_show")
        seat.refresh_from_db()
        assert (seat.checked_in_at, seat.state) == (None, State.NO_SHOW)
    assert tick(desk, scene, seat, "nonsense").status_code == 404


def test_roster_ticked_in_after_the_end_counts_from_the_start(scene: Scene, desk: Client) -> None:
    seat = make_registration(scene.position, volunteer=scene.volunteer)
    with clock.at(local("2026-11-23 11:20")):
        tick(desk, scene, seat, "in")
        tick(desk, scene, seat, "out")
    seat.refresh_from_db()
    assert (seat.checked_in_at, seat.checked_out_at) == (scene.shift.starts_at, scene.shift.ends_at)


def test_roster_searches(scene: Scene, desk: Client) -> None:
    for person in (scene.volunteer, scene.other):
        make_registration(scene.position, volunteer=person)
    url = f"/organise/{scene.activity.code}/roster/"
    assert [each.volunteer for each in desk.get(url, {"q": "0003"}).context["people"]] == [scene.other]
    assert len(desk.get(url).context["people"]) == 2


def test_roster_adds_who_came(scene: Scene, desk: Client) -> None:
    url = f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/walk-in/"
    with clock.at(local("2026-11-23 09:10")):
        unknown = desk.post(url, {"given": "13700000000", "position": scene.position.pk}, follow=True)
        assert 'class="msg error"' in unknown.content.decode()
        empty = desk.post(url, {"given": ""}, follow=True)
        assert 'class="msg error"' in empty.content.decode()
        found = desk.post(url, {"given": "13800000002", "position": scene.position.pk}, follow=True)
        assert "王秀英" in found.content.decode()
    assert Registration.objects.get().volunteer == scene.volunteer


def test_code_screen_renews_itself(scene: Scene, desk: Client) -> None:
    url = f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/code/"
    make_registration(scene.position)
    with clock.at(local("2026-11-23 08:00")):
        page = desk.get(url).content.decode()
        assert services.check_code(scene.shift) not in page.replace(" ", "")
    with clock.at(local("2026-11-23 08:55")):
        response = desk.get(url)
        page = response.content.decode()
        code = services.check_code(scene.shift)
    assert f"{code[:3]} {code[3:]}" in page
    assert 'http-equiv="refresh"' in page
    assert "data-live=" in page
    assert "<svg" in page
    assert "no-store" in response["Cache-Control"]
    with clock.at(local("2026-11-23 13:00")):
        assert "data-live" not in desk.get(url).content.decode()


def test_confirm_page_shows_then_records(scene: Scene, desk: Client, budget: None) -> None:
    here = make_registration(
        scene.position,
        volunteer=scene.volunteer,
        checked_in_at=local("2026-11-23 09:00"),
        checked_out_at=local("2026-11-23 10:30"),
    )
    away = make_registration(scene.position, volunteer=scene.other)
    url = f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/confirm/"
    assert 'class="empty"' in desk.get(url).content.decode()  # too early
    with clock.at(local("2026-11-23 12:00")):
        page = desk.get(url).content.decode()
        assert "90" in page
        assert "+15" in page
        nothing = desk.post(url, follow=True).content.decode()
        assert 'class="msg info"' in nothing
        done = desk.post(url, {"present": [here.pk], f"absent{away.pk}": "no_show"}, follow=True)
        assert 'class="msg success"' in done.content.decode()
        assert 'class="empty"' not in desk.get(url).content.decode()  # the absent can still be changed
    assert ServiceRecord.objects.get().minutes == 90
    assert Registration.objects.get(pk=away.pk).state == State.NO_SHOW


def test_confirm_own_service_is_said(scene: Scene, desk: Client, budget: None) -> None:
    own = make_registration(
        scene.position,
        volunteer=scene.organiser,
        checked_in_at=local("2026-11-23 09:00"),
        checked_out_at=local("2026-11-23 11:00"),
    )
    url = f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/confirm/"
    with clock.at(local("2026-11-23 12:00")):
        page = desk.post(url, {"present": [own.pk]}, follow=True).content.decode()
    assert 'class="msg warning"' in page
    assert not ServiceRecord.objects.exists()


def test_sheet_for_paper(scene: Scene, desk: Client) -> None:
    make_registration(scene.position, volunteer=scene.volunteer)
    page = desk.get(f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/sheet/").content.decode()
    assert "王秀英" in page
    assert 'class="sheet"' in page


def paths(scene: Scene) -> list[str]:
    base = f"/organise/{scene.activity.code}/"
    shift = f"{base}shifts/{scene.shift.pk}/"
    return [
        *(base + name for name in ("edit/", "cancel/", "roster/")),
        *(shift + name for name in ("code/", "confirm/", "sheet/")),
    ]


def test_foreign_activities_are_not_found(scene: Scene, client: Client) -> None:
    foreign = make_user(role=Role.ORGANISER, grid=scene.town.other_community)
    client.force_login(foreign)
    for path in paths(scene):
        assert client.get(path).status_code == 404, path
    for name in ("publish/", f"shifts/{scene.shift.pk}/tick/", f"shifts/{scene.shift.pk}/walk-in/"):
        assert client.post(f"/organise/{scene.activity.code}/{name}").status_code == 404
    page = client.post("/organise/new/", sent(scene)).content.decode()
    assert "errors" in page
    assert not Activity.objects.filter(title="独居老人送餐").exists()
    assert list(client.get("/organise/").context["page"]) == []


def test_volunteers_find_no_organisers_pages(scene: Scene, client: Client) -> None:
    client.force_login(scene.volunteer)
    for path in [*paths(scene), "/organise/", "/organise/new/"]:
        assert client.get(path).status_code == 404, path


def test_own_activity_with_a_foreign_shift_is_not_found(scene: Scene, desk: Client) -> None:
    from tests.factories import make_activity

    foreign = make_activity(grid=scene.town.other_grid).shifts.get()
    for name in ("code/", "confirm/", "sheet/"):
        assert desk.get(f"/organise/{scene.activity.code}/shifts/{foreign.pk}/{name}").status_code == 404
    assert desk.get(f"/organise/{scene.activity.code}/roster/?shift={foreign.pk}").status_code == 404


def test_organiser_pages_take_the_same_queries_at_1_and_30_rows(scene: Scene, desk: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.factories import make_activity

    Position.objects.update(capacity=100)
    scene.position.refresh_from_db()

    def add_people(number: int) -> None:
        for _person in range(number):
            make_registration(
                scene.position,
                checked_in_at=local("2026-11-23 09:00"),
                checked_out_at=local("2026-11-23 10:30"),
            )

    urls = ["/organise/", *(path for path in paths(scene) if "edit" not in path)]

    def queries() -> list[int]:
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as seen:
                assert desk.get(url).status_code == 200
            counts.append(len(seen))
        return counts

    with clock.at(local("2026-11-23 10:45")):
        add_people(1)
        queries()
        one = queries()
        add_people(29)
        for _row in range(19):
            make_activity(grid=scene.town.grid, organiser=scene.organiser)
        assert queries() == one
