"""The composition root: production is strict, the browser policy holds, staff prove themselves twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from points.people.models import User

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "jindou.example", "STAFF_SECOND_FACTOR": "true"}


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import config.settings.production as s; print(s.STAFF_SECOND_FACTOR)"],
        cwd=ROOT,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_production_refuses_without(missing: str) -> None:
    done = start(**{**GOOD, missing: ""} if missing != "STAFF_SECOND_FACTOR" else {**GOOD, missing: "false"})
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert missing in done.stderr


def test_production_starts_with_all_named() -> None:
    done = start(**GOOD)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True"


def policy(response: object) -> dict[str, str]:
    header = response["Content-Security-Policy"]  # type: ignore[index]
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


@pytest.mark.django_db
def test_public_policy_is_strict(client: Client) -> None:
    found = policy(client.get("/accounts/login/"))
    assert found["default-src"] == "'none'"
    assert found["frame-ancestors"] == "'none'"
    assert not any("unsafe" in value for value in found.values())


@pytest.fixture
def editor(db: None) -> User:
    user = User.objects.create_user("editor", password="a long password")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    return user


def test_back_office_policy_is_relaxed_there_only(client: Client, editor: User) -> None:
    client.force_login(editor)
    response = client.get("/admin/")
    assert response.status_code == 200
    assert "'unsafe-inline'" in policy(response)["script-src"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert policy(client.get("/adminx/"))["script-src"] == "'self'"


def test_wagtail_sign_in_leads_to_the_one_door(client: Client) -> None:
    response = client.get("/admin/login/", {"next": "/admin/"})
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=%2Fadmin%2F"


def test_staff_without_second_factor_are_sent_to_add_one(
    client: Client, editor: User, settings: object
) -> None:
    client.force_login(editor)
    settings.STAFF_SECOND_FACTOR = True  # type: ignore[attr-defined]
    response = client.get("/admin/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/2fa/"


def test_staff_with_second_factor_enter(client: Client, editor: User, settings: object) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(editor, generate_totp_secret())
    client.force_login(editor)
    settings.STAFF_SECOND_FACTOR = True  # type: ignore[attr-defined]
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("missing", ["DATABASE_URL", "CELERY_BROKER_URL"])
def test_stack_refuses_without_services(missing: str) -> None:
    named = {"DATABASE_URL": "postgres://nowhere/none", "CELERY_BROKER_URL": "redis://nowhere/0"}
    environment = {**os.environ, **named, missing: ""}
    done = subprocess.run(
        [sys.executable, "tools/stack.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert missing in done.stderr
