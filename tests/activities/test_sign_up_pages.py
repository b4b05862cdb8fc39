"""Pages of the waiting list, of marks, of repeating and of messages, through the test client."""

from __future__ import annotations

import pytest
from django.test import Client

from points import clock
from points.activities import services
from points.activities.models import (
    Absence,
    Activity,
    OrganiserMessage,
    Qualification,
    Registration,
    WaitlistEntry,
)
from points.grids.models import Role
from tests.activities.conftest import Scene
from tests.factories import local, make_registration, make_user, make_volunteer

State = WaitlistEntry.State


@pytest.fixture
def desk(scene: Scene, client: Client) -> Client:
    client.force_login(scene.organiser)
    return client


@pytest.fixture
def me(scene: Scene, client: Client) -> Client:
    """王秀英 before an activity whose two seats are taken."""
    for _seat in range(2):
        make_registration(scene.position)
    client.force_login(scene.volunteer)
    return client


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


# --- The waiting list -----------------------------------------------------------------------------------
def test_a_full_position_offers_the_line_and_says_the_number(scene: Scene, me: Client) -> None:
    url = scene.activity.get_absolute_url()
    ahead = make_volunteer()
    services.join_waitlist(scene.position, volunteer=ahead, by=ahead)
    assert "排队候补" in page(me, url)
    assert "1 人候补" in page(me, url)
    answer = me.post(f"{url}wait/", {"position": scene.position.pk}, follow=True).content.decode()
    assert "候补第 2 位" in answer
    assert "候补第 2 位" in page(me, "/me/signups/")
    assert "排队候补" not in page(me, url)


def test_an_offer_is_taken_or_declined_on_the_page(scene: Scene, me: Client) -> None:
    url = scene.activity.get_absolute_url()
    me.post(f"{url}wait/", {"position": scene.position.pk})
    seat = Registration.objects.filter(position=scene.position).first()
    assert seat is not None
    services.cancel_registration(seat, by=seat.volunteer)
    assert "给您留了一个名额" in page(me, url)
    entry = WaitlistEntry.objects.get()
    answer = me.post(
        f"{url}offer/", {"entry": entry.pk, "do": "take", "next": "mine"}, follow=True
    ).content.decode()
    assert "您已报名" in answer or scene.position.name in answer
    entry.refresh_from_db()
    assert entry.state == State.TAKEN


def test_what_is_typed_by_hand_is_not_found(scene: Scene, me: Client) -> None:
    url = scene.activity.get_absolute_url()
    stranger = make_volunteer()
    foreign = services.join_waitlist(scene.position, volunteer=stranger, by=stranger)
    for entry in (foreign.pk, 999999, "x", ""):
        assert me.post(f"{url}offer/", {"entry": entry, "do": "take"}).status_code == 404
    for position in ("x", "", 999999):
        assert me.post(f"{url}wait/", {"position": position}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == State.WAITING


def test_the_roster_shows_who_waits(scene: Scene, me: Client) -> None:
    me.post(f"{scene.activity.get_absolute_url()}wait/", {"position": scene.position.pk})
    me.force_login(scene.organiser)
    text = page(me, f"/organise/{scene.activity.code}/roster/")
    assert "候补名单" in text
    assert "王秀英" in text


# --- Marks ----------------------------------------------------------------------------------------------
def test_a_mark_is_answered_and_decided_on_its_pages(scene: Scene, client: Client, clock_at) -> None:
    seat = services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)
    clock_at("2026-11-23 12:00")
    services.mark_no_show(seat, by=scene.organiser)
    mark = Absence.objects.get()
    client.force_login(scene.volunteer)
    assert "被记为缺席" in page(client, "/me/signups/")
    url = f"/me/absences/{mark.pk}/"
    assert client.post(url, {"answer": "nonsense"}).status_code == 200
    assert client.post(url, {}).status_code == 200
    mark.refresh_from_db()
    assert mark.answered_at is None
    client.post(url, {"answer": "ill", "words": "发烧<script>"})
    assert "发烧&lt;script&gt;" in page(client, url)
    worker = make_user(role=Role.COMMUNITY_WORKER, grid=scene.town.community)
    client.force_login(worker)
    assert "缺席说明" in page(client, "/organise/")
    assert "王秀英" in page(client, "/organise/answers/")
    decide = f"/organise/answers/{mark.pk}/"
    assert "王秀英" in page(client, decide)
    assert "请用一句话写明" in client.post(decide, {"decision": "upheld"}).content.decode()
    client.post(decide, {"decision": "lifted"})
    mark.refresh_from_db()
    assert mark.decision == Absence.Decision.LIFTED
    client.force_login(scene.volunteer)
    assert "已经不算了" in page(client, url)
    assert "被记为缺席" not in page(client, "/me/signups/")


def test_the_marker_reads_why_a_colleague_decides(scene: Scene, client: Client, clock_at) -> None:
    seat = services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)
    make_user(role=Role.COMMUNITY_WORKER, grid=scene.town.community)
    clock_at("2026-11-23 12:00")
    services.mark_no_show(seat, by=scene.organiser)
    mark = services.answer_absence(Absence.objects.get(), by=scene.volunteer, answer="came")
    client.force_login(scene.organiser)
    text = client.post(f"/organise/answers/{mark.pk}/", {"decision": "lifted"}).content.decode()
    assert "请同事来处理" in text


# --- The same again -------------------------------------------------------------------------------------
def repeat(client: Client, scene: Scene, what: str, **fields) -> str:
    data = {"do": what} | {f"{what}-{name}": value for name, value in fields.items()}
    return client.post(f"/organise/{scene.activity.code}/repeat/", data, follow=True).content.decode()


def test_weekly_days_and_copy_by_one_press_each(scene: Scene, desk: Client) -> None:
    text = repeat(desk, scene, "weekly", every_weeks="1", times="3")
    assert "12月14日" in text
    assert Activity.objects.count() == 4
    text = repeat(desk, scene, "days", like=scene.shift.pk, first_on="2026-11-24", last_on="2026-11-27")
    assert "加了 4 个班次" in text
    assert scene.activity.shifts.count() == 5
    text = repeat(desk, scene, "copy", first_on="2026-12-03")
    assert "草稿" in text
    assert Activity.objects.filter(state=Activity.State.DRAFT).count() == 1


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("weekly", {"every_weeks": "1"}),
        ("weekly", {"every_weeks": "1", "times": "3", "until": "2026-12-31"}),
        ("weekly", {"every_weeks": "9", "times": "3"}),
        ("weekly", {"every_weeks": "1", "times": "0"}),
        ("weekly", {"every_weeks": "1", "times": "99"}),
        ("weekly", {"every_weeks": "1", "times": "abc"}),
        ("weekly", {"every_weeks": "1", "until": "2026-02-30"}),
        ("weekly", {"every_weeks": "1", "until": "2026-11-24"}),
        ("days", {"first_on": "2026-11-24", "last_on": "2026-11-27"}),
        ("days", {"like": "999999", "first_on": "2026-11-24", "last_on": "2026-11-27"}),
        ("days", {"like": "own", "first_on": "2026-11-27", "last_on": "2026-11-24"}),
        ("days", {"like": "own", "first_on": "2026-11-24", "last_on": "2027-11-24"}),
        ("days", {"like": "own", "first_on": "2026-11-24", "last_on": "2026-11-27", "weekdays": "8"}),
        ("days", {"like": "own", "first_on": "", "last_on": ""}),
        ("copy", {"first_on": ""}),
        ("copy", {"first_on": "2020-01-01"}),
        ("copy", {"first_on": "昨天"}),
        ("nonsense", {}),
    ],
)
def test_bad_input_is_said_at_its_form_and_makes_nothing(
    scene: Scene, desk: Client, what: str, fields: dict[str, str]
) -> None:
    if fields.get("like") == "own":
        fields = fields | {"like": str(scene.shift.pk)}
    text = repeat(desk, scene, what, **fields)
    assert ("errors-top" in text) is (what != "nonsense")
    assert (Activity.objects.count(), scene.activity.shifts.count()) == (1, 1)


def test_calling_off_this_and_later_from_the_page(scene: Scene, desk: Client) -> None:
    first, second = services.repeat_weekly(scene.activity, by=scene.organiser, times=2)
    assert "后面的 1 场" in page(desk, f"/organise/{first.code}/cancel/")
    desk.post(f"/organise/{first.code}/cancel/", {"reason": "施工", "later": "yes"})
    states = dict(Activity.objects.values_list("pk", "state"))
    assert (states[scene.activity.pk], states[first.pk], states[second.pk]) == (
        "open",
        "cancelled",
        "cancelled",
    )


def edit_data(activity: Activity, **changes) -> dict[str, str]:
    shift = activity.shifts.get()
    position = shift.positions.get()
    data = {
        "title": activity.title,
        "grid": activity.grid_id,
        "organization": activity.organization_id,
        "category": activity.category,
        "summary": activity.summary,
        "place": activity.place,
        "is_service": "on",
        "shifts": 1,
        "shift0-pk": shift.pk,
        "shift0-rows": 3,
        "shift0-day": "2026-11-23",
        "shift0-begins": "09:00",
        "shift0-ends": "11:00",
        "shift0-closes": 0,
        "shift0-cancel": 0,
        "shift0-position0-pk": position.pk,
        "shift0-position0-name": position.name,
        "shift0-position0-capacity": position.capacity,
    }
    return data | changes


def test_editing_this_and_later_from_the_page(scene: Scene, desk: Client) -> None:
    (later,) = services.repeat_weekly(scene.activity, by=scene.organiser, times=1)
    url = f"/organise/{scene.activity.code}/edit/"
    assert "后面的 1 场" in page(desk, url)
    desk.post(url, edit_data(scene.activity, place="东门凉亭"))
    later.refresh_from_db()
    assert later.place == "社区广场"  # only this one was asked for
    desk.post(url, edit_data(scene.activity, place="西门", **{"shift0-begins": "08:30"}, later="yes"))
    later.refresh_from_db()
    assert later.place == "西门"
    assert later.shifts.get().starts_at == local("2026-11-30 08:30")


def test_ages_and_qualifications_are_written_on_the_page(scene: Scene, desk: Client) -> None:
    near = Qualification.objects.create(name="急救证", grid=scene.town.community)
    far = Qualification.objects.create(name="电工证", grid=scene.town.other_community)
    url = f"/organise/{scene.activity.code}/edit/"
    text = page(desk, url)
    assert "急救证" in text
    assert "电工证" not in text
    desk.post(url, edit_data(scene.activity, min_age="16", max_age="70", needs=[near.pk]))
    scene.activity.refresh_from_db()
    assert (scene.activity.min_age, scene.activity.max_age) == (16, 70)
    assert list(scene.activity.needs.all()) == [near]
    for wrong in ({"min_age": "-1"}, {"min_age": "70", "max_age": "16"}, {"needs": [far.pk]}):
        assert desk.post(url, edit_data(scene.activity, **wrong)).status_code == 200
    scene.activity.refresh_from_db()
    assert (scene.activity.min_age, scene.activity.max_age) == (16, 70)


# --- Messages -------------------------------------------------------------------------------------------
def test_a_message_is_sent_and_listed(scene: Scene, desk: Client) -> None:
    make_registration(scene.position, volunteer=scene.volunteer)
    url = f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/message/"
    assert "1 人已报名" in page(desk, url)
    assert desk.post(url, {"text": ""}).status_code == 200
    assert desk.post(url, {"text": "长" * 301}).status_code == 200
    assert not OrganiserMessage.objects.exists()
    assert "已通知 1 人" in desk.post(url, {"text": "请带手套"}, follow=True).content.decode()
    assert "请带手套" in page(desk, url)


def test_own_list_takes_the_same_queries_at_1_and_20_marks(scene: Scene, client: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    worker = make_user(role=Role.COMMUNITY_WORKER, grid=scene.town.community)

    def mark() -> None:
        seat = make_registration(scene.position, volunteer=make_volunteer())
        with clock.at(scene.shift.starts_at):
            services.mark_no_show(seat, by=scene.organiser)
            services.answer_absence(seat.absence, by=seat.volunteer, answer="ill")

    def count() -> int:
        client.force_login(worker)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/organise/answers/").status_code == 200
        return len(queries)

    scene.position.capacity = 30
    scene.position.save()
    mark()
    count()
    before = count()
    for _more in range(15):
        mark()
    assert count() == before
