"""Staff need a second factor where the setting says so; nobody else does."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import override_settings
from django.urls import reverse

from points.grids.models import Role
from tests.factories import PASSWORD, make_grid_tree, make_user

pytestmark = pytest.mark.django_db
strict = override_settings(STAFF_SECOND_FACTOR=True)


@pytest.fixture
def worker(client):
    user = make_user(role=Role.COMMUNITY_WORKER, grid=make_grid_tree().community)
    client.force_login(user)
    return user


@strict
@pytest.mark.parametrize("path", ["/admin/", "/admin/gridunit/", "/desk/"])
def test_staff_without_a_second_factor_are_sent_to_add_one(client, worker, path) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"] == reverse("mfa_index")


@strict
def test_staff_with_a_second_factor_enter(client, worker) -> None:
    Authenticator.objects.create(user=worker, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get("/admin/").status_code == 200


@strict
def test_recovery_codes_alone_are_no_second_factor(client, worker) -> None:
    Authenticator.objects.create(user=worker, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert client.get("/admin/")["Location"] == reverse("mfa_index")


@strict
def test_strangers_are_sent_to_sign_in_first(client) -> None:
    assert client.get("/admin/")["Location"].startswith(reverse("account_login"))


@strict
def test_somebody_who_may_not_enter_is_told_so_not_asked_for_a_second_factor(client) -> None:
    client.force_login(make_user())
    assert client.get("/admin/").status_code == 403


@strict
def test_pages_of_volunteers_need_no_second_factor(client) -> None:
    client.force_login(make_user())
    assert client.get("/me/profile/").status_code == 200


def test_the_demo_runs_without(client, worker) -> None:
    assert client.get("/admin/").status_code == 200


@strict
def test_a_mail_address_that_nobody_verified_does_not_keep_the_second_step_away(client) -> None:
    user = make_user(
        role=Role.COMMUNITY_WORKER,
        grid=make_grid_tree().community,
        password=PASSWORD,
        email="worker@example.org",
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    client.post(reverse("account_login"), {"login": user.username, "password": PASSWORD})
    asked_again = client.get(reverse("mfa_activate_totp"))["Location"]
    page = client.post(asked_again, {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    client.post(reverse("mfa_activate_totp"), {"code": code})
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    assert client.get("/admin/").status_code == 200
