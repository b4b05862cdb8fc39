"""The public notice page: who sees what, names shortened, and how to object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from points.people.models import Consent
from points.people.services import give_consent, withdraw_consent
from points.records.models import ServiceRecord
from tests.factories import make_user, make_volunteer
from tests.records.conftest import Morning

NOTICE = reverse("records:notice")


def test_names_are_masked_without_consent(morning: Morning, client: Client) -> None:
    morning.record()
    page = client.get(NOTICE).content.decode()
    assert "王*明" in page
    assert "王小明" not in page
    assert morning.unit.phone in page
    assert "noindex" in page


def test_full_name_only_while_consent_stands(morning: Morning, client: Client) -> None:
    morning.record()
    give_consent(morning.volunteer, purpose=Consent.Purpose.PUBLIC_NAME, by=morning.volunteer)
    assert "王小明" in client.get(NOTICE).content.decode()
    withdraw_consent(morning.volunteer, purpose=Consent.Purpose.PUBLIC_NAME, by=morning.volunteer)
    assert "王小明" not in client.get(NOTICE).content.decode()


def test_other_consents_do_not_show_the_name(morning: Morning, client: Client) -> None:
    morning.record()
    give_consent(morning.volunteer, purpose=Consent.Purpose.RANKING, by=morning.volunteer)
    assert "王小明" not in client.get(NOTICE).content.decode()


def test_only_records_in_notice_are_shown(
    morning: Morning, client: Client, clock_at: Callable[..., Any]
) -> None:
    shown = morning.record()
    replaced = morning.record(volunteer=make_volunteer())
    ServiceRecord.objects.filter(pk=replaced.pk).update(state=ServiceRecord.State.SUPERSEDED)
    assert list(client.get(NOTICE).context["page"]) == [shown]
    clock_at("2026-11-29 00:00")  # over, though the job has not run yet
    assert list(client.get(NOTICE).context["page"]) == []


def test_a_community_at_a_time(morning: Morning, client: Client) -> None:
    ours = morning.record()
    theirs = morning.record(volunteer=make_volunteer(), grid=morning.town.other_micro_grid)

    def shown(**query: str) -> set[ServiceRecord]:
        return set(client.get(NOTICE, query).context["page"])

    assert shown() == {ours, theirs}
    assert shown(place=morning.town.community.code) == {ours}
    assert shown(place=morning.town.other_community.code) == {theirs}
    client.force_login(make_user(home=morning.town.micro_grid))
    assert shown() == {ours}
    assert shown(place="all") == {ours, theirs}


@pytest.mark.parametrize("place", ["nowhere", "\x00", "x" * 500])
def test_unknown_community_is_not_found(morning: Morning, client: Client, place: str) -> None:
    assert client.get(NOTICE, {"place": place}).status_code == 404


def test_empty_notice_says_what_will_come(morning: Morning, client: Client) -> None:
    answer = client.get(NOTICE)
    assert answer.status_code == 200
    assert reverse("schemes:how") in answer.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "999", "\x00"])
def test_strange_page_numbers_do_no_harm(morning: Morning, client: Client, page: str) -> None:
    morning.record()
    assert client.get(NOTICE, {"page": page}).status_code == 200


def test_page_takes_the_same_queries_at_1_and_at_30_rows(
    morning: Morning, client: Client, django_assert_num_queries: Any
) -> None:
    morning.record()
    client.get(NOTICE)
    with django_assert_num_queries(3):
        client.get(NOTICE)
    for volunteer in morning.people(29):
        morning.record(volunteer=volunteer)
    with django_assert_num_queries(3):
        answer = client.get(NOTICE)
    assert answer.context["page"].paginator.count == 30
    with django_assert_num_queries(3):
        assert len(client.get(NOTICE, {"page": "2"}).context["page"]) == 10
