"""Signing up and in through the pages, as people do."""

from __future__ import annotations

import pytest
from allauth.account import app_settings
from django.test import override_settings
from django.urls import reverse

from points.people import services
from points.people.models import Consent, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
SIGN_UP = "/accounts/signup/"
SIGN_IN = "/accounts/login/"


def sign_up_data(**fields) -> dict:
    data = {"password1": PASSWORD, "password2": PASSWORD, "name": "王芳", "consent": "on", **fields}
    return {key: value for key, value in data.items() if value is not None}


def errors_of(response) -> dict:
    assert response.status_code == 200, response.get("Location")
    return response.context["form"].errors.as_data()


def codes_of(response, field: str) -> set:
    return {error.code for error in errors_of(response)[field]}


# --- Signing up -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "names",
    [{"username": "wangfang"}, {"phone": "138 0000 1234"}, {"username": "wangfang", "phone": "13800001234"}],
)
def test_a_user_name_or_a_phone_number_is_enough(client, names) -> None:
    response = client.post(SIGN_UP, sign_up_data(**names))
    assert response.status_code == 302
    person = User.objects.get()
    assert client.session["_auth_user_id"] == str(person.pk)
    assert person.name == "王芳"
    assert person.username
    if "phone" in names:
        assert person.phone == "13800001234"
    if "username" not in names:
        assert "138" not in person.username
    consent = person.consents.get()
    assert consent.purpose == Consent.Purpose.RECORDS
    assert consent.entered_by == person
    assert person.profile is not None


def test_the_page_can_be_read_in_both_languages(client) -> None:
    assert client.get(SIGN_UP).status_code == 200
    assert client.get(SIGN_UP, headers={"accept-language": "en"}).status_code == 200
    assert client.get(SIGN_IN).status_code == 200


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "username"),
        ({"username": "wang", "consent": None}, "consent"),
        ({"username": "wang", "password2": "other"}, "password2"),
        ({"username": "wang", "password1": "123", "password2": "123"}, "password1"),
        ({"phone": "call me"}, "phone"),
        ({"username": "wang", "email": "not a mail"}, "email"),
    ],
)
def test_sign_up_refuses_and_writes_nothing(client, fields, where) -> None:
    assert where in errors_of(client.post(SIGN_UP, sign_up_data(**fields)))
    assert not User.objects.exists()


def test_sign_up_says_plainly_what_is_taken(client) -> None:
    make_user(username="wang", phone="13800001234", email="wang@example.org")
    assert "username" in errors_of(client.post(SIGN_UP, sign_up_data(username="wang")))
    assert codes_of(client.post(SIGN_UP, sign_up_data(phone="+86 138 0000 1234")), "phone") == {"phone_taken"}
    response = client.post(SIGN_UP, sign_up_data(username="li", email="Wang@example.org"))
    assert codes_of(response, "email") == {"email_taken"}
    assert User.objects.count() == 1


def test_without_consent_nobody_signs_up_and_the_page_says_why(client) -> None:
    response = client.post(SIGN_UP, sign_up_data(username="wang", consent=None))
    assert str(services.__doc__)
    assert not User.objects.exists()
    assert errors_of(response)["consent"][0].code == "required"


def test_a_phone_number_taken_in_the_same_moment_is_a_sentence_not_an_error(client, monkeypatch) -> None:
    from points.people import signing

    make_user(phone="13800001234")
    monkeypatch.setattr(signing, "check_phone", lambda text: "13800001234")
    monkeypatch.setattr("points.people.adapter.AccountAdapter.get_user_by_phone", lambda self, phone: None)
    response = client.post(SIGN_UP, sign_up_data(phone="13800001234"))
    assert response.status_code == 302
    assert response["Location"] == SIGN_UP
    assert User.objects.count() == 1


# --- Signing in -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("login", ["wang", "13800001234", "+86 138 0000 1234", "wang@example.org", " wang "])
def test_people_sign_in_by_any_of_their_names(client, login) -> None:
    make_user(username="wang", phone="13800001234", email="wang@example.org", password=PASSWORD)
    response = client.post(SIGN_IN, {"login": login, "password": PASSWORD})
    assert response.status_code == 302
    assert "_auth_user_id" in client.session


def test_sign_in_says_the_same_for_a_wrong_password_and_for_nobody(client) -> None:
    make_user(username="wang", phone="13800001234", password=PASSWORD)
    for known, unknown in [("wang", "nobody"), ("13800001234", "13900009999")]:
        seen = [client.post(SIGN_IN, {"login": login, "password": "wrong"}) for login in (known, unknown)]
        texts = [errors_of(response)["__all__"][0].messages for response in seen]
        assert texts[0] == texts[1]


def test_a_closed_account_cannot_sign_in_and_its_session_ends(client) -> None:
    person = make_user(username="wang", password=PASSWORD)
    client.post(SIGN_IN, {"login": "wang", "password": PASSWORD})
    assert client.get("/me/profile/").status_code == 200
    person.is_active = False
    person.save()
    assert client.get("/me/profile/").status_code == 302
    client.logout()
    client.post(SIGN_IN, {"login": "wang", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_password_reset_never_tells_whether_there_is_an_account(client, mailoutbox) -> None:
    make_user(email="wang@example.org", password=PASSWORD)
    seen = [
        client.post("/accounts/password/reset/", {"email": mail})
        for mail in ("wang@example.org", "no@example.org")
    ]
    assert {(response.status_code, response["Location"]) for response in seen} == {
        (302, reverse("account_reset_password_done"))
    }


def test_the_choices_of_a_person_come_to_the_device(client) -> None:
    make_user(username="wang", password=PASSWORD, preferred_language="en", elder_mode=True)
    response = client.post(SIGN_IN, {"login": "wang", "password": PASSWORD})
    assert response.cookies["django_language"].value == "en"
    assert response.cookies["elder"].value == "1"


def test_nothing_is_remembered_for_somebody_without_wishes(client) -> None:
    make_user(username="wang", password=PASSWORD)
    response = client.post(SIGN_IN, {"login": "wang", "password": PASSWORD})
    assert "elder" not in response.cookies
    assert "django_language" not in response.cookies


# --- Limits ---------------------------------------------------------------------------------------------
def test_limits_of_allauth_are_in_force_outside_tests() -> None:
    from config.settings import base

    assert not hasattr(base, "ACCOUNT_RATE_LIMITS")
    with override_settings(ACCOUNT_RATE_LIMITS={}):
        limits = app_settings.RATE_LIMITS
    for action in ("login", "login_failed", "signup", "reset_password"):
        assert limits[action]


@override_settings(ACCOUNT_RATE_LIMITS={})
def test_after_five_wrong_passwords_the_right_one_must_wait(client) -> None:
    make_user(username="wang", phone="13800001234", password=PASSWORD)
    for login in ("13800001234", "138 0000 1234", "+8613800001234", "138-00001234", "13800001234"):
        client.post(SIGN_IN, {"login": login, "password": "wrong"})
    response = client.post(SIGN_IN, {"login": "13800001234", "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert response.status_code in (200, 429)


@override_settings(ACCOUNT_RATE_LIMITS={})
def test_sign_ups_from_one_address_are_limited(client) -> None:
    statuses = [
        client.post(SIGN_UP, sign_up_data(username=f"wang{turn}", consent=None)).status_code
        for turn in range(22)
    ]
    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_phone_pages_of_allauth_lead_to_the_profile(client) -> None:
    assert client.get("/accounts/phone/change/")["Location"] == reverse("grids:profile")
    assert client.get("/accounts/phone/verify/")["Location"] == reverse("grids:profile")
