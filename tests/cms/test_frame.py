"""The frame: elder switch, way back, nothing to pay for visitors."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from cms.context import Frame, elder_mode
from points.people.models import User
from tests.factories import make_grid_tree, make_organization, make_user


def visit(path: str = "/", **cookies: str) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    request.COOKIES.update(cookies)
    return request


def test_elder_switch_sets_the_cookie_and_comes_back(client: Client, db: None) -> None:
    response = client.post("/elder/", {"elder": "1", "next": "/activities/?page=2"})
    assert (response.status_code, response["Location"]) == (302, "/activities/?page=2")
    assert response.cookies["elder"].value == "1"


@pytest.mark.parametrize("next_url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_elder_switch_never_leads_away(client: Client, db: None, next_url: str) -> None:
    assert client.post("/elder/", {"elder": "0", "next": next_url})["Location"] == "/"


def test_elder_switch_is_kept_with_the_person(client: Client, db: None) -> None:
    user = User.objects.create_user("wang", password="long enough 1")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/elder/", {"elder": "1"})
    user.refresh_from_db()
    assert user.elder_mode
    client.post("/elder/", {})
    user.refresh_from_db()
    assert not user.elder_mode


def test_elder_switch_refuses_a_get(client: Client, db: None) -> None:
    assert client.get("/elder/").status_code == 405


def test_elder_mode_follows_the_cookie_before_the_person(db: None) -> None:
    request = visit(elder="0")
    request.user = User(username="wang", elder_mode=True)
    assert not elder_mode(request)
    request.COOKIES.clear()
    assert elder_mode(request)


def test_frame_of_a_visitor_costs_no_query(django_assert_num_queries: Any, db: None) -> None:
    request = visit("/somewhere/?a=1")
    with django_assert_num_queries(0):
        html = render_to_string("404.html", {}, request=request)
    assert 'name="next" value="/somewhere/?a=1"' in html


def test_frame_marks_the_elder_mode_on_the_page(db: None) -> None:
    assert 'class="elder"' in render_to_string("404.html", {}, request=visit(elder="1"))
    assert 'class="elder"' not in render_to_string("404.html", {}, request=visit())


def test_frame_offers_the_other_language_only(db: None) -> None:
    assert [language.code for language in Frame(visit()).other_languages] == ["en"]


def test_styleguide_is_for_development_only(client: Client, db: None) -> None:
    assert client.get("/styleguide/").status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", ["/privacy/", "/complaints/"])
def test_footer_leads_to_privacy_and_complaints(client: Client, db: None, path: str, language: str) -> None:
    page = client.get(path, headers={"accept-language": language})
    assert page.status_code == 200
    text = page.content.decode()
    assert f'lang="{"zh-Hans" if language == "zh-hans" else "en"}"' in text
    assert 'href="/privacy/"' in text
    assert 'href="/complaints/"' in text
    assert "67" in text  # the law it rests on


def test_complaints_name_my_own_community_first(client: Client, db: None) -> None:
    town = make_grid_tree()
    make_organization(grid=town.community, name="春风居委会", phone="63870001")
    make_organization(grid=town.other_community, name="秋水居委会", phone="63870002")
    make_organization(grid=town.community, name="没有电话的队伍")
    visitor = client.get("/complaints/").content.decode()
    assert "63870001" in visitor
    assert "63870002" in visitor
    assert "没有电话的队伍" not in visitor
    client.force_login(make_user(home=town.grid))
    mine = client.get("/complaints/").content.decode()
    assert "63870001" in mine
    assert "63870002" not in mine
