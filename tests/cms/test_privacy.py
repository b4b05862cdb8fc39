"""What we keep and why: the table is complete, the page and the docs say what it says, old things go."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.html import escape

from cms.privacy import STORED
from points import clock
from points.people import retention, tasks
from points.people.errors import UnknownTerm
from points.people.models import Notice, OwnDataCopy, Term, User
from rewards.models import RefusedScan
from tests.factories import make_reward, make_staff, make_user

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "privacy.md"


def test_every_table_that_names_a_person_is_in_the_notice() -> None:
    named = {label for row in STORED for label in row.models}
    found = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model is User
    }
    assert found <= named, f"say in cms/privacy.py what is kept there and why: {found - named}"
    assert {label for label in named if label not in {m._meta.label for m in apps.get_models()}} == set()


@pytest.mark.parametrize("cookies", [{}, {"elder": "1"}, {"django_language": "en"}])
def test_the_page_says_what_the_table_says(client: Client, cookies: dict[str, str]) -> None:
    Term.objects.create(code="notices", days=77)
    for name, value in cookies.items():
        client.cookies[name] = value
    page = client.get("/privacy/")
    assert len(page.context["rows"]) == len(STORED)
    text = page.content.decode()
    assert "77" in text
    if "django_language" in cookies:
        for row in STORED:
            assert escape(str(row.title)) in text


def test_the_docs_have_the_same_table() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for row in STORED:
        assert f"| `{row.code}` |" in text, row.code
        for label in row.models:
            assert f"`{label}`" in text, label
    for code, kept in retention.TERMS.items():
        assert f"| `{code}` | {kept.days} |" in text, code


def test_old_things_are_erased_and_young_ones_stay(site: Any) -> None:
    person, now = make_user(), clock.now()
    provider = make_reward(grid=site.town.grid).provider
    clerk = make_staff(provider).user
    for days in (10, 200, 400):
        at = now - dt.timedelta(days=days)
        Notice.objects.create(user=person, kind="x", key=str(days), created_at=at)
        OwnDataCopy.objects.create(user=person, form="pdf", made_at=at)
        RefusedScan.objects.create(provider=provider, by=clerk, typed="X", refusal="unknown_code", at=at)
    assert tasks.erase_old() == 1 + 1 + 2
    assert tasks.erase_old() == 0
    retention.decide("notices", days=30)
    assert tasks.erase_old() == 1
    assert [notice.key for notice in Notice.objects.all()] == ["10"]


def test_the_town_decides_how_long(site: Any) -> None:
    out = io.StringIO()
    call_command("terms", "notices", "180", stdout=out)
    assert retention.days_of("notices") == 180
    assert "180 (usually 365)" in out.getvalue()
    for code, days in (("nonsense", 3), ("notices", 0), ("notices", 10**6)):
        with pytest.raises(UnknownTerm) as unknown:
            retention.decide(code, days=days)
        assert unknown.value.refusal_code == "unknown_term"
    with pytest.raises(CommandError, match="unknown_term"):
        call_command("terms", "nonsense", "3")


def test_two_terms_cannot_share_a_code() -> None:
    assert retention.register(retention.COOLING_OFF) is retention.COOLING_OFF
    with pytest.raises(ValueError, match="closing"):
        retention.register(retention.Kept("closing", "other", 1))
