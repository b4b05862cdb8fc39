"""The pages of volunteers, through the test client."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from points import clock
from points.activities import services
from points.activities.models import Activity, Registration
from tests.activities.conftest import Scene
from tests.factories import local, make_activity, make_registration, make_user

LIST = "/activities/"


def signed_in(client: Client, person) -> Client:
    client.force_login(person)
    return client


def titles(response) -> list[str]:
    return [card.activity.title for card in response.context["cards"]]


def test_list_shows_what_one_would_get(scene: Scene, client: Client) -> None:
    page = client.get(LIST).content.decode()
    for text in ("楼院大扫除", "社区广场", "11月23日 周一 09:00–11:00", "+20", "cover-clean"):
        assert text in page, text


def test_list_hides_drafts_cancelled_and_past(scene: Scene, client: Client) -> None:
    for state in (Activity.State.DRAFT, Activity.State.CANCELLED):
        make_activity(grid=scene.town.grid, state=state)
    make_activity(grid=scene.town.grid, starts_at=local("2026-11-19 09:00"))
    assert titles(client.get(LIST)) == ["楼院大扫除"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "abcd"),
        ({"when": "today"}, "a"),
        ({"when": "week"}, "ab"),
        ({"when": "weekend"}, "b"),
        ({"when": "month"}, "abc"),
        ({"from_day": "2026-11-22"}, "bcd"),
        ({"from_day": "2026-12-01"}, "d"),
        ({"q": "活动 c"}, "c"),
        ({"category": "meals"}, "b"),
        ({"free": "on"}, "acd"),
        ({"when": "nonsense", "category": "nonsense", "from_day": "x", "grid": "x", "page": "x"}, "abcd"),
    ],
)
def test_list_filters(scene: Scene, client: Client, query: dict[str, str], found: str) -> None:
    Activity.objects.all().delete()
    for letter, start in [
        ("a", "2026-11-20 19:00"),  # today is Friday
        ("b", "2026-11-22 09:00"),
        ("c", "2026-11-30 09:00"),
        ("d", "2026-12-05 09:00"),
    ]:
        activity = make_activity(
            grid=scene.town.grid, starts_at=local(start), title=f"活动 {letter}", capacity=1
        )
        if letter == "b":
            Activity.objects.filter(pk=activity.pk).update(category="meals")
            make_registration(activity.shifts.get().positions.get())
    assert "".join(title[-1] for title in titles(client.get(LIST, query))) == found


def test_list_filters_by_a_subtree(scene: Scene, client: Client) -> None:
    make_activity(grid=scene.town.other_micro_grid, title="秋水活动")
    assert titles(client.get(LIST, {"grid": scene.town.other_community.code})) == ["秋水活动"]
    assert titles(client.get(LIST, {"grid": scene.town.community.code})) == ["楼院大扫除"]
    assert len(titles(client.get(LIST, {"grid": "all"}))) == 2


def test_list_is_near_home_unless_asked(scene: Scene, client: Client) -> None:
    make_activity(grid=scene.town.other_grid, title="秋水活动")
    member = make_user(home=scene.town.micro_grid)
    response = signed_in(client, member).get(LIST)
    assert titles(response) == ["楼院大扫除"]
    assert response.context["near"] == scene.town.community
    assert len(titles(client.get(LIST, {"grid": "all"}))) == 2


def test_list_empty_says_what_to_do(scene: Scene, client: Client) -> None:
    response = client.get(LIST, {"q": "没有这个"})
    assert 'class="empty"' in response.content.decode()
    assert "grid=all" in response.content.decode()


def test_detail_shows_positions_and_sign_in(scene: Scene, client: Client) -> None:
    page = client.get(scene.activity.get_absolute_url()).content.decode()
    assert scene.position.name in page
    assert f"/accounts/login/?next={scene.activity.get_absolute_url()}" in page


def test_detail_of_a_draft_is_not_found_for_others(scene: Scene, client: Client) -> None:
    Activity.objects.update(state=Activity.State.DRAFT)
    url = scene.activity.get_absolute_url()
    assert client.get(url).status_code == 404
    assert signed_in(client, scene.volunteer).get(url).status_code == 404
    assert signed_in(client, scene.organiser).get(url).status_code == 200


def test_script_in_a_title_is_only_text(scene: Scene, client: Client) -> None:
    Activity.objects.update(title="<script>alert(1)</script>")
    for url in (LIST, scene.activity.get_absolute_url()):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_sign_up_and_cancel_by_the_buttons(scene: Scene, client: Client) -> None:
    signed_in(client, scene.volunteer)
    url = scene.activity.get_absolute_url()
    assert f'value="{scene.position.pk}"' in client.get(url).content.decode()
    page = client.post(f"{url}sign-up/", {"position": scene.position.pk}, follow=True).content.decode()
    seat = Registration.objects.get()
    assert 'class="msg success"' in page
    assert f'name="registration" value="{seat.pk}"' in page
    client.post(f"{url}cancel/", {"registration": seat.pk}, follow=True)
    seat.refresh_from_db()
    assert seat.state == Registration.State.CANCELLED


def test_sign_up_refusal_is_a_sentence_on_the_page(scene: Scene, client: Client) -> None:
    for _seat in range(2):
        make_registration(scene.position)
    url = scene.activity.get_absolute_url()
    response = signed_in(client, scene.volunteer).post(
        f"{url}sign-up/", {"position": scene.position.pk}, follow=True
    )
    assert response.status_code == 200
    assert 'class="msg error"' in response.content.decode()


def test_sign_up_unsigned_goes_to_sign_in_and_back(scene: Scene, client: Client) -> None:
    url = scene.activity.get_absolute_url()
    response = client.post(f"{url}sign-up/", {"position": scene.position.pk})
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={url}"


def test_sign_up_to_a_position_of_another_activity_is_not_found(scene: Scene, client: Client) -> None:
    other = make_activity(grid=scene.town.grid).shifts.get().positions.get()
    url = f"{scene.activity.get_absolute_url()}sign-up/"
    signed_in(client, scene.volunteer)
    for value in (other.pk, "", "x", "-1", "9" * 30, "１"):
        assert client.post(url, {"position": value}).status_code == 404


def test_cancel_somebody_elses_seat_is_not_found(scene: Scene, client: Client) -> None:
    seat = make_registration(scene.position, volunteer=scene.other)
    url = f"{scene.activity.get_absolute_url()}cancel/"
    assert signed_in(client, scene.volunteer).post(url, {"registration": seat.pk}).status_code == 404


def test_check_page_from_coming_to_leaving(scene: Scene, client: Client) -> None:
    services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)
    url = reverse("activities:check")
    signed_in(client, scene.volunteer)
    with clock.at(local("2026-11-23 07:00")):
        assert "08:30" in client.get(url).content.decode()
    with clock.at(local("2026-11-23 08:55")):
        page = client.get(url).content.decode()
        assert 'name="step" value="in"' in page
        assert 'inputmode="numeric"' in page
        wrong = client.post(url, {"step": "in", "code": "1"})
        assert (wrong.status_code, 'class="errors"' in wrong.content.decode()) == (200, True)
        code = services.check_code(scene.shift)
        page = client.post(url, {"step": "in", "code": code}, follow=True).content.decode()
        assert "08:55" in page
        assert 'name="code"' not in page  # the same code again would check out in the first minute
        assert 'href="?step=out"' in page
        assert 'name="step" value="out"' in client.get(url, {"step": "out"}).content.decode()
    with clock.at(local("2026-11-23 11:02")):
        code = services.check_code(scene.shift)
        page = client.post(url, {"step": "out", "code": code}, follow=True).content.decode()
        assert "11:02" in page
    seat = Registration.objects.get()
    assert (seat.checked_in_by, seat.checked_out_by) == ("code", "code")


def test_check_out_pressed_first_is_refused_on_the_page(scene: Scene, client: Client) -> None:
    services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)
    signed_in(client, scene.volunteer)
    with clock.at(local("2026-11-23 09:55")):
        response = client.post(
            reverse("activities:check"), {"step": "out", "code": services.check_code(scene.shift)}
        )
    assert response.status_code == 200
    assert 'class="errors"' in response.content.decode()


def test_mine_shows_coming_and_past(scene: Scene, client: Client) -> None:
    make_registration(scene.position, volunteer=scene.volunteer)
    old = make_activity(grid=scene.town.grid, starts_at=local("2026-11-10 09:00"), title="上次的活动")
    make_registration(
        old.shifts.get().positions.get(), volunteer=scene.volunteer, state=Registration.State.RECORDED
    )
    page = signed_in(client, scene.volunteer).get(reverse("activities:mine")).content.decode()
    assert page.index("楼院大扫除") < page.index("上次的活动")


@pytest.mark.parametrize("url", ["/activities/check/", "/me/signups/", "/organise/"])
def test_private_pages_ask_to_sign_in(db: None, client: Client, url: str) -> None:
    assert client.get(url)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("signed", [False, True])
def test_list_takes_the_same_queries_at_1_and_at_12(
    scene: Scene, client: Client, signed: bool, django_assert_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(size: int) -> int:
        if signed:
            signed_in(client, scene.volunteer)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            response = client.get(LIST)
        assert len(titles(response)) == size
        return len(seen)

    queries(1)
    one = queries(1)
    for number in range(30):
        grid = [scene.town.grid, scene.town.other_grid, scene.town.micro_grid][number % 3]
        activity = make_activity(grid=grid, organiser=scene.organiser)
        for _more in range(2):
            from tests.factories import make_shift

            make_shift(activity)
    assert queries(12) == one


def test_pages_speak_english_too(scene: Scene, client: Client) -> None:
    page = client.get(scene.activity.get_absolute_url(), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Mon 23 Nov, 09:00–11:00" in page
    assert re.search(r"20 beans", page)
