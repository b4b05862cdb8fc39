"""Who may join: age by the year of birth, qualifications; small overlaps; meetings; what a risk needs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from points import clock
from points.activities import errors, services
from points.activities.models import Activity, HeldQualification, Qualification, Registration
from points.people.models import User, VolunteerProfile
from tests.activities.conftest import Scene
from tests.factories import local, make_activity, make_volunteer


def born(user: User, year: int | None) -> User:
    VolunteerProfile.objects.update_or_create(user=user, defaults={"birth_year": year})
    return user


def limits(scene: Scene, low: int | None = None, high: int | None = None) -> None:
    Activity.objects.filter(pk=scene.activity.pk).update(min_age=low, max_age=high)


def join(scene: Scene, volunteer: User | None = None, **more) -> Registration:
    person = volunteer or scene.volunteer
    return services.sign_up(scene.position, volunteer=person, by=person, **more)


# --- Age ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("year", "refusal"),
    [(2010, None), (2011, errors.TooYoung), (1956, None), (1955, errors.TooOld), (1990, None)],
)
def test_age_is_the_one_reached_in_the_year_of_the_shift(scene: Scene, year: int, refusal) -> None:
    limits(scene, 16, 70)
    born(scene.volunteer, year)
    if refusal is None:
        assert join(scene).pk
        return
    with pytest.raises(refusal) as refused:
        join(scene)
    assert refused.value.code in ("too_young", "too_old")
    assert str(16 if refusal is errors.TooYoung else 70) in refused.value.as_text()


@pytest.mark.parametrize("profile", [True, False])
def test_without_a_year_of_birth_it_is_asked_for(scene: Scene, profile: bool) -> None:
    limits(scene, 16)
    if profile:
        born(scene.volunteer, None)
    with pytest.raises(errors.BirthYearMissing) as refusal:
        join(scene)
    assert refusal.value.code == "birth_year_missing"


def test_without_limits_nobody_is_asked(scene: Scene) -> None:
    assert join(scene).pk


def test_the_page_asks_for_the_year_and_goes_on(scene: Scene, client: Client) -> None:
    limits(scene, 16)
    client.force_login(scene.volunteer)
    url, data = f"/activities/{scene.activity.code}/sign-up/", {"position": scene.position.pk}
    page = client.post(url, data).content.decode()
    assert "出生年份" in page or "birth_year" in page
    assert not Registration.objects.exists()
    for wrong in ("1889", "2027", "abc", "", "-1"):
        assert client.post(url, {**data, "birth_year": wrong}).status_code == 200
        assert not Registration.objects.exists()
    assert client.post(url, {**data, "birth_year": "1960"}).status_code == 302
    assert Registration.objects.get().volunteer == scene.volunteer
    assert VolunteerProfile.objects.get(user=scene.volunteer).birth_year == 1960


def test_ages_the_wrong_way_round_are_refused(scene: Scene) -> None:
    scene.activity.min_age, scene.activity.max_age = 60, 18
    with pytest.raises(errors.AgesWrong) as refusal:
        services.save_activity(scene.activity, by=scene.organiser)
    assert refusal.value.code == "ages_wrong"
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=scene.activity.pk).update(min_age=60, max_age=18)


# --- Qualifications -------------------------------------------------------------------------------------
@pytest.fixture
def first_aid(scene: Scene) -> Qualification:
    found = Qualification.objects.create(
        name="急救证", grid=scene.town.community, how="社区每月第一个周六有培训。"
    )
    scene.activity.needs.add(found)
    return found


def test_without_the_qualification_the_way_to_it_is_said(scene: Scene, first_aid: Qualification) -> None:
    with pytest.raises(errors.QualificationMissing) as refusal:
        join(scene)
    assert refusal.value.code == "qualification_missing"
    assert "急救证" in refusal.value.as_text()
    assert "第一个周六" in refusal.value.as_text()
    with clock.at(scene.shift.starts_at), pytest.raises(errors.QualificationMissing):  # nor at the door
        services.add_walk_in(scene.position, given="wang", by=scene.organiser)


@pytest.mark.parametrize(
    ("until", "joins"), [(None, True), (dt.date(2026, 11, 23), True), (dt.date(2026, 11, 22), False)]
)
def test_it_must_be_valid_on_the_day_of_the_shift(
    scene: Scene, first_aid: Qualification, until: dt.date | None, joins: bool
) -> None:
    HeldQualification.objects.create(qualification=first_aid, volunteer=scene.volunteer, valid_until=until)
    if joins:
        assert join(scene).pk
        return
    with pytest.raises(errors.QualificationOver) as refusal:
        join(scene)
    assert refusal.value.code == "qualification_over"
    assert "11月22日" in refusal.value.as_text()


def test_the_page_says_who_can_join(scene: Scene, first_aid: Qualification, client: Client) -> None:
    limits(scene, 18, 65)
    page = client.get(scene.activity.get_absolute_url()).content.decode()
    for text in ("18", "65", "急救证"):
        assert text in page


# --- Overlaps -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "answer"),
    [
        ("2026-11-23 09:59", errors.Clash),
        ("2026-11-23 10:00", errors.Overlap),
        ("2026-11-23 10:59", errors.Overlap),
        ("2026-11-23 11:00", None),
        ("2026-11-23 07:30", errors.Overlap),
    ],
)
def test_an_overlap_up_to_an_hour_warns_and_a_second_press_goes_through(
    scene: Scene, start: str, answer
) -> None:
    join(scene)
    other = make_activity(grid=scene.town.grid, starts_at=local(start)).shifts.get().positions.get()
    if answer is None:
        assert services.sign_up(other, volunteer=scene.volunteer, by=scene.volunteer).pk
        return
    with pytest.raises(answer) as refusal:
        services.sign_up(other, volunteer=scene.volunteer, by=scene.volunteer)
    assert refusal.value.code == ("clash" if answer is errors.Clash else "overlap")
    if answer is errors.Overlap:
        assert services.sign_up(other, volunteer=scene.volunteer, by=scene.volunteer, despite_overlap=True).pk
    else:
        with pytest.raises(errors.Clash):
            services.sign_up(other, volunteer=scene.volunteer, by=scene.volunteer, despite_overlap=True)


def test_the_page_asks_and_the_second_press_signs_up(scene: Scene, client: Client) -> None:
    join(scene)
    other = make_activity(grid=scene.town.grid, starts_at=local("2026-11-23 10:30"))
    position = other.shifts.get().positions.get()
    client.force_login(scene.volunteer)
    url = f"/activities/{other.code}/sign-up/"
    page = client.post(url, {"position": position.pk})
    assert page.status_code == 200
    assert 'name="again"' in page.content.decode()
    assert not Registration.objects.filter(position=position).exists()
    assert client.post(url, {"position": position.pk, "again": "yes"}).status_code == 302
    assert Registration.objects.filter(position=position, volunteer=scene.volunteer).exists()


# --- Kinds without hours --------------------------------------------------------------------------------
def test_a_meeting_that_says_it_is_service_is_not_opened(scene: Scene) -> None:
    """Order 67, article 19: what is no volunteer service gives no record."""
    scene.activity.category = Activity.Category.MEETING
    with pytest.raises(errors.MeetingIsNoService) as refusal:
        services.save_activity(scene.activity, by=scene.organiser)
    assert refusal.value.code == "meeting_is_no_service"
    scene.activity.is_service = False
    services.save_activity(scene.activity, by=scene.organiser)


def test_card_and_page_of_a_meeting_say_that_it_gives_no_hours(scene: Scene, client: Client) -> None:
    Activity.objects.filter(pk=scene.activity.pk).update(is_service=False)
    assert "不计时长" in client.get("/activities/").content.decode()
    assert "不计时长" in client.get(scene.activity.get_absolute_url()).content.decode()


def test_queries_of_a_page_do_not_grow_with_its_people(
    scene: Scene, client: Client, django_assert_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(scene.volunteer)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(scene.activity.get_absolute_url())
        return len(queries)

    count()
    join(scene, make_volunteer())
    join(scene, make_volunteer())
    services.join_waitlist(scene.position, volunteer=make_volunteer(), by=scene.organiser)
    before = count()
    for _more in range(20):
        services.join_waitlist(scene.position, volunteer=make_volunteer(), by=scene.organiser)
    assert count() == before
