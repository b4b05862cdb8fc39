from __future__ import annotations

import pytest
from django.urls import reverse

from points import clock
from points.grids.services import home_of
from points.people.services import birth_year_of, is_under_14
from tests.factories import make_grid, make_grid_tree, make_user

pytestmark = pytest.mark.django_db
PROFILE = "/me/profile/"


@pytest.fixture
def person(client):
    user = make_user(name="王芳", phone="13800001234")
    client.force_login(user)
    return user


def test_the_profile_is_for_people_who_signed_in(client) -> None:
    response = client.get(PROFILE)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_a_person_changes_name_phone_home_language_and_elder_mode(client, person) -> None:
    town = make_grid_tree()
    data = {
        "name": "王小芳",
        "phone": "138 0000 5678",
        "home": town.grid.pk,
        "preferred_language": "en",
        "elder_mode": "on",
    }
    response = client.post(PROFILE, data)
    assert response.status_code == 302
    assert response.cookies["django_language"].value == "en"
    assert response.cookies["elder"].value == "1"
    person.refresh_from_db()
    assert (person.name, person.phone, person.preferred_language, person.elder_mode) == (
        "王小芳",
        "13800005678",
        "en",
        True,
    )
    assert home_of(person) == town.grid
    response = client.post(PROFILE, {"name": "王小芳", "phone": "", "home": "", "preferred_language": ""})
    assert response.cookies["elder"].value == ""
    person.refresh_from_db()
    assert person.phone is None
    assert home_of(person) is None


def test_a_phone_number_of_somebody_else_is_refused(client, person) -> None:
    make_user(phone="13900001111")
    response = client.post(PROFILE, {"name": "x", "phone": "139 0000 1111"})
    assert response.status_code == 200
    assert response.context["form"].errors.as_data()["phone"][0].code == "phone_taken"
    person.refresh_from_db()
    assert person.name == "王芳"


def test_homes_offered_are_open_and_not_too_fine(client, person) -> None:
    town = make_grid_tree()
    closed = make_grid(town.community, name="已撤网格")
    closed.closed_on = clock.today()
    closed.save()
    page = client.get(PROFILE).content.decode()
    assert "春风第一网格" in page
    assert "春风一号楼微网格" not in page
    assert "已撤网格" not in page
    assert client.post(PROFILE, {"name": "x", "phone": "", "home": closed.pk}).status_code == 200
    assert home_of(person) is None


def test_a_home_set_by_the_office_stays_whatever_its_level(client, person) -> None:
    from points.grids.services import choose_home

    town = make_grid_tree()
    choose_home(person, grid=town.micro_grid, by=None)
    assert "春风一号楼微网格" in client.get(PROFILE).content.decode()
    client.post(PROFILE, {"name": "x", "phone": "", "home": town.micro_grid.pk})
    assert home_of(person) == town.micro_grid


def test_the_year_of_birth_is_voluntary_and_a_child_cannot_grow_older_by_a_form(client, person) -> None:
    year = clock.today().year
    client.post(PROFILE, {"name": "x", "phone": "", "birth_year": year - 60})
    assert birth_year_of(person) == year - 60
    client.post(PROFILE, {"name": "x", "phone": "", "birth_year": year - 12})
    assert is_under_14(person)
    page = client.post(PROFILE, {"name": "y", "phone": "", "birth_year": year - 20})
    assert page.context["form"].errors.as_data()["birth_year"][0].code == "birth_year_fixed"
    assert client.post(PROFILE, {"name": "y", "phone": "", "birth_year": ""}).status_code == 200
    person.refresh_from_db()
    assert (person.name, birth_year_of(person)) == ("x", year - 12)
    for strange in ("12", "1850", year + 1, "x"):
        assert client.post(PROFILE, {"name": "x", "phone": "", "birth_year": strange}).status_code == 200


def test_nobody_sees_a_strangers_profile(client, person) -> None:
    make_user(name="陌生人", phone="13700001111")
    page = client.get(PROFILE).content.decode()
    assert "陌生人" not in page
    assert "王芳" in page
