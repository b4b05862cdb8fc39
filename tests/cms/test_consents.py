"""What I agreed to: read, given, taken back; and a parent's yes from an account of their own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from points import clock
from points.grids.models import Role
from points.people import guardians
from points.people.models import Consent, GuardianConsent, User
from points.people.services import give_consent, has_consented, tell_birth_year
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = "/me/consents/"
PHOTO, RECORDS = Consent.Purpose.PHOTO, Consent.Purpose.RECORDS
PARENT = {"name": "王芳", "phone": "138 0000 1234", "relation": "mother", "agrees": "on"}


def aged(years: int, **fields: str) -> User:
    person = make_user(**fields)
    tell_birth_year(person, year=clock.today().year - years, by=None)
    return person


@pytest.mark.parametrize("cookies", [{}, {"elder": "1"}, {"django_language": "en"}])
def test_every_purpose_says_why_and_what_taking_it_back_means(
    client: Client, volunteer: User, cookies: dict[str, str]
) -> None:
    for purpose in Consent.Purpose:
        give_consent(volunteer, purpose=purpose, by=volunteer)
    client.force_login(volunteer)
    for name, value in cookies.items():
        client.cookies[name] = value
    page = client.get(PAGE)
    text = page.content.decode()
    assert [each["text"].purpose for each in page.context["purposes"]] == list(Consent.Purpose)
    assert text.count("2026-11") >= len(Consent.Purpose)
    for each in page.context["purposes"]:
        assert each["standing"] is not None
    assert "style=" not in text


def test_consents_are_given_and_taken_back_with_their_history(client: Client, volunteer: User) -> None:
    client.force_login(volunteer)
    url = reverse("me:consent", args=["photo"])
    for answer in ("yes", "no", "yes"):
        assert client.post(url, {"answer": answer}).status_code == 302
        assert has_consented(volunteer, PHOTO) is (answer == "yes")
    client.post(url, {"answer": "perhaps"})
    assert has_consented(volunteer, PHOTO)
    history = next(each for each in client.get(PAGE).context["purposes"] if each["text"].purpose == PHOTO)
    assert [row.withdrawn_at is None for row in history["history"]] == [True, False]
    assert client.get(url).status_code == 405
    assert client.post(reverse("me:consent", args=["nonsense"]), {"answer": "no"}).status_code == 404


def test_taking_back_records_is_explained_first_and_leads_to_closing(client: Client, volunteer: User) -> None:
    client.force_login(volunteer)
    assert reverse("me:withdraw_records") in client.get(PAGE).content.decode()
    page = client.get("/me/consents/records/withdraw/").content.decode()
    assert reverse("me:closing") in page
    assert has_consented(volunteer, RECORDS)
    client.post(reverse("me:consent", args=["records"]), {"answer": "no"})
    assert not has_consented(volunteer, RECORDS)
    assert Consent.objects.filter(user=volunteer, purpose=RECORDS).count() == 1  # kept, with its dates


def test_a_consent_entered_by_the_community_says_so(client: Client, volunteer: User) -> None:
    give_consent(volunteer, purpose=PHOTO, by=make_user())
    client.force_login(volunteer)
    client.cookies["django_language"] = "en"
    assert "entered by your community" in client.get(PAGE).content.decode()
    assert "Somebody entered a consent for you" in client.get("/me/notices/").content.decode()


def test_a_parent_agrees_from_an_account_and_takes_it_back(client: Client) -> None:
    child, parent = aged(10, name="王小乐"), aged(38, name="王芳")
    client.force_login(child)
    invitation = client.get(PAGE).context["invitation"]
    url = reverse("me:guardian", args=[invitation])
    assert url in client.get(PAGE).content.decode()
    assert client.get(url).status_code == 404  # not by the child
    client.force_login(parent)
    assert "王小乐" in client.get(url).content.decode()
    assert client.post(url, PARENT | {"agrees": ""}).status_code == 200
    assert guardians.consent_of(child) is None
    assert client.post(url, PARENT).status_code == 302
    consent = guardians.consent_of(child)
    assert consent is not None
    assert (consent.guardian, consent.relation, consent.entered_by) == (parent, "mother", parent)
    assert "王小乐" in client.get(PAGE).content.decode()
    revoke = reverse("me:revoke_guardian", args=[consent.pk])
    client.force_login(make_user())
    assert client.post(revoke).status_code == 404
    client.force_login(parent)
    assert client.post(revoke).status_code == 302
    assert guardians.consent_of(child) is None


def test_a_friend_of_the_same_age_is_no_guardian(client: Client) -> None:
    child = aged(10)
    client.force_login(aged(11))
    url = reverse("me:guardian", args=[guardians.invitation(child)])
    page = client.post(url, PARENT)
    assert page.context["form"].errors.as_data()["__all__"][0].code == "guardian_not_adult"
    assert not GuardianConsent.objects.exists()


def test_the_office_enters_what_a_guardian_has_signed(client: Client, site: Any) -> None:
    worker = make_user(role=Role.COMMUNITY_WORKER, grid=site.town.community)
    child = make_user(home=site.town.grid)
    url = reverse("person_guardian", args=[child.pk])
    client.force_login(worker)
    assert url in client.get(reverse("person:index")).content.decode()
    assert client.post(url, PARENT | {"do": "agree"}).status_code == 302
    assert guardians.consent_of(child) is None  # nobody said that this is a child
    client.post(url, {"do": "year", "birth_year": clock.today().year - 9})
    assert client.post(url, PARENT | {"do": "agree", "phone": "x"}).status_code == 200
    assert client.post(url, PARENT | {"do": "agree"}).status_code == 302
    consent = guardians.consent_of(child)
    assert consent is not None
    assert (consent.guardian, consent.entered_by) == (None, worker)
    assert "王芳" in client.get(url).content.decode()
    client.post(url, {"do": "revoke"})
    assert guardians.consent_of(child) is None
    assert client.post(url, {"do": "dance"}).status_code == 404
    client.force_login(make_user(role=Role.COMMUNITY_WORKER, grid=site.town.other_community))
    assert client.get(url).status_code == 404


def test_sign_up_asks_for_the_year_of_birth_and_needs_none(client: Client) -> None:
    data = {
        "phone": "13800009999",
        "password1": "golden-bean-4711",
        "password2": "golden-bean-4711",
        "consent": "on",
        "birth_year": str(clock.today().year - 9),
    }
    assert client.post("/accounts/signup/", data).status_code == 302
    child = User.objects.get(phone="13800009999")
    assert child.profile.birth_year == clock.today().year - 9
    client.logout()
    assert (
        client.post("/accounts/signup/", data | {"phone": "13800009998", "birth_year": ""}).status_code == 302
    )
    assert User.objects.get(phone="13800009998").profile.birth_year is None
