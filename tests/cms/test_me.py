"""My beans, the reason of every line, my records: right for me, closed to others, cheap at any length."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.statement import entries
from points import clock
from points.grids.models import Role
from points.ledger import sealing
from points.ledger.models import Transaction
from points.ledger.receipts import check
from points.ledger.services import lapse_due
from points.ledger.statements import statement
from points.records.models import ServiceRecord
from rewards import services as rewards
from tests.factories import give_beans, make_redemption, make_reward, make_staff, make_user

pytestmark = pytest.mark.django_db

PAGES = ["me:home", "me:wallet", "me:records"]


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_for_people_signed_in(client: Client, site: Any, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert "/accounts/login/" in response["Location"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_answer_an_empty_account(
    client: Client, site: Any, volunteer: Any, name: str, language: str
) -> None:
    client.force_login(volunteer)
    client.cookies["django_language"] = language
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "noindex" in response.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_pages_answer_in_elder_mode(
    client: Client, site: Any, volunteer: Any, serve: Callable[..., Any], name: str
) -> None:
    serve(volunteer)
    client.force_login(volunteer)
    client.cookies["elder"] = "1"
    assert client.get(reverse(name)).status_code == 200


def test_hub_leads_volunteers_to_their_own_things_only(client: Client, site: Any, volunteer: Any) -> None:
    client.force_login(volunteer)
    assert client.get("/me/").context["work"] == []


def test_hub_leads_people_with_tasks_on(client: Client, site: Any) -> None:
    person = make_user(role=Role.ORGANISER, grid=site.town.grid)
    make_user.give(person, Role.AUDITOR, site.town.root)
    make_staff(make_reward(grid=site.town.grid).provider, user=person)
    client.force_login(person)
    names = [link.to for link in client.get("/me/").context["work"]]
    assert names == ["organise:list", "desk:home", "wagtailadmin_home", "audit:trial_balance"]


def test_wallet_tells_the_whole_story(
    client: Client, site: Any, volunteer: Any, serve: Callable[..., ServiceRecord]
) -> None:
    serve(volunteer, days_ago=10, release=True)
    serve(volunteer, activity_name="健康义诊")
    give_beans(volunteer, 100)
    redemption = make_redemption(
        make_reward(grid=site.town.root, title="理发一次", beans=80), member=volunteer
    )
    client.force_login(volunteer)
    response = client.get("/me/wallet/")
    by_kind = {entry.line.kind: entry for entry in response.context["entries"]}
    assert by_kind["hold"].title == "理发一次"
    assert by_kind["hold"].redemption == redemption
    assert int(by_kind["hold"].shown.amount) == -80
    pending = [entry for entry in response.context["entries"] if entry.title == "健康义诊"]
    assert [(int(entry.shown.amount), entry.tone, entry.is_quiet) for entry in pending] == [
        (20, "bean", False)
    ]
    old = next(
        entry
        for entry in response.context["entries"]
        if entry.line.kind == "award" and entry.title == "楼院大扫除"
    )
    assert old.is_quiet
    assert old.tone == "plain"
    assert by_kind["release"].until is not None
    parts = [value for value, _label, _tone in response.context["parts"]]
    assert parts == [int(response.context["balances"].available.amount), 20, 80]
    text = response.content.decode()
    assert "style=" not in text
    assert "<script>" not in text


def test_wallet_numbers_add_up_to_the_balance(
    site: Any, volunteer: Any, serve: Callable[..., ServiceRecord]
) -> None:
    serve(volunteer, days_ago=10, release=True)
    give_beans(volunteer, 200)
    redemption = make_redemption(make_reward(grid=site.town.root, beans=80), member=volunteer)
    rewards.cancel(redemption, by=volunteer)
    loud = [
        int(entry.shown.amount)
        for entry in entries(statement(volunteer), volunteer)
        if entry.shown is not None and not entry.is_quiet
    ]
    assert sum(loud) == 20 + 200 + 80  # make_redemption brings the beans it needs


def test_wallet_pages_by_keyset(client: Client, site: Any, volunteer: Any) -> None:
    for _unused in range(15):
        give_beans(volunteer, 1)
    client.force_login(volunteer)
    first = client.get("/me/wallet/")
    assert len(first.context["entries"]) == 20
    second = client.get("/me/wallet/", {"before": first.context["older"]})
    assert len(second.context["entries"]) == 10
    assert second.context["older"] is None
    numbers = [entry.line.transaction.pk for page in (first, second) for entry in page.context["entries"]]
    assert numbers == sorted(set(numbers), reverse=True)


@pytest.mark.parametrize(
    ("before", "status"), [("x", 200), ("-1", 200), ("²", 200), ("9" * 30, 404), ("", 200)]
)
def test_wallet_survives_a_strange_address(
    client: Client, site: Any, volunteer: Any, before: str, status: int
) -> None:
    client.force_login(volunteer)
    assert client.get("/me/wallet/", {"before": before}).status_code == status


def test_wallet_costs_the_same_at_one_and_at_thirty_lines(
    client: Client, site: Any, volunteer: Any, serve: Callable[..., ServiceRecord]
) -> None:
    reward = make_reward(grid=site.town.root, beans=1)
    client.force_login(volunteer)

    def one_more(days_ago: int) -> None:
        serve(volunteer, days_ago=days_ago)
        make_redemption(reward, member=volunteer)

    one_more(1)
    few = queries_of(client, "/me/wallet/")
    for number in range(29):
        one_more(number + 2)
    assert queries_of(client, "/me/wallet/") == few


def test_line_explains_an_award(
    client: Client, site: Any, volunteer: Any, serve: Callable[..., ServiceRecord]
) -> None:
    record = serve(volunteer, days_ago=10, release=True)
    client.force_login(volunteer)
    response = client.get(reverse("me:statement_line", args=[record.award_transaction_id]))
    text = response.content.decode()
    assert record.number in text
    assert record.scheme_version.scheme.name in text
    assert response.context["explanation"]
    assert "120" in text
    together = {other["kind"] for other in response.context["together"]}
    assert together == {"hours", "release"}
    release = client.get(reverse("me:statement_line", args=[record.release_transaction_id]))
    assert release.context["moves"][0]["until"] is not None
    hours = client.get(reverse("me:statement_line", args=[record.hours_transaction_id]))
    assert hours.context["moves"][0]["unit"] == "MINUTE"


def test_line_of_a_redemption_leads_to_the_voucher(client: Client, site: Any, volunteer: Any) -> None:
    redemption = make_redemption(make_reward(grid=site.town.root), member=volunteer)
    client.force_login(volunteer)
    response = client.get(reverse("me:statement_line", args=[redemption.hold_transaction_id]))
    assert reverse("rewards:voucher", args=[redemption.code]) in response.content.decode()


def test_line_of_expired_beans_says_why(client: Client, site: Any, volunteer: Any) -> None:
    give_beans(volunteer, 7, expires_on=clock.today() + dt.timedelta(days=1))
    with clock.at(clock.now() + dt.timedelta(days=3)):
        lapse_due()
    lapse = Transaction.objects.get(kind="lapse")
    client.force_login(volunteer)
    response = client.get(reverse("me:statement_line", args=[lapse.pk]))
    assert response.status_code == 200
    assert response.context["moves"][0]["sign"] == "−"


def test_line_of_somebody_else_is_not_found(
    client: Client, site: Any, volunteer: Any, serve: Callable[..., ServiceRecord]
) -> None:
    record = serve(volunteer)
    allotment = Transaction.objects.filter(kind="allotment").first()
    assert allotment is not None
    client.force_login(make_user(role=Role.ADMINISTRATOR, grid=site.town.root))
    for number in (record.award_transaction_id, allotment.pk, 10**9, 10**30):
        assert client.get(f"/me/wallet/{number}/").status_code == 404


def test_records_show_hours_and_every_record(
    client: Client, site: Any, volunteer: Any, serve: Callable[..., ServiceRecord]
) -> None:
    serve(volunteer, days_ago=3)
    serve(volunteer, days_ago=2)
    client.force_login(volunteer)
    response = client.get("/me/records/")
    assert response.context["balances"].minutes == 240
    assert len(response.context["page"].object_list) == 2
    assert sum(hours for _month, hours in response.context["bars"]) == 4
    assert len(response.context["bars"]) == 6


def test_records_of_one_year_show_its_twelve_months(
    client: Client, site: Any, volunteer: Any, serve: Callable[..., ServiceRecord]
) -> None:
    serve(volunteer, days_ago=3)
    serve(volunteer, days_ago=400)
    client.force_login(volunteer)
    old = clock.today() - dt.timedelta(days=400)
    everything = client.get("/me/records/")
    assert everything.context["years"] == [(clock.today() - dt.timedelta(days=3)).year, old.year]
    one = client.get("/me/records/", {"year": old.year})
    assert [record.served_on for record in one.context["page"].object_list] == [old]
    assert len(one.context["bars"]) == 12
    assert one.context["in_year"] == 120
    assert one.context["stars"].missing_minutes == 100 * 60 - 240  # the stars count every year
    for strange in ("1999", "x", "²", "9" * 30, "-1"):
        assert client.get("/me/records/", {"year": strange}).status_code == 404


def test_records_of_others_are_not_shown(
    client: Client, site: Any, volunteer: Any, serve: Callable[..., ServiceRecord]
) -> None:
    serve(make_user())
    client.force_login(volunteer)
    assert client.get("/me/records/").context["page"].paginator.count == 0


def test_records_cost_the_same_at_one_and_at_thirty_rows(
    client: Client, site: Any, volunteer: Any, serve: Callable[..., ServiceRecord]
) -> None:
    client.force_login(volunteer)
    serve(volunteer)
    few = queries_of(client, "/me/records/")
    for number in range(29):
        serve(volunteer, days_ago=number + 2)
    assert queries_of(client, "/me/records/") == few
    assert queries_of(client, f"/me/records/?year={clock.today().year}") <= few


def test_receipt_proves_my_line_and_nobody_elses(client: Client, site: Any, volunteer: Any) -> None:
    give_beans(volunteer, 20)
    mine = Transaction.objects.latest("pk")
    url = reverse("me:receipt", args=[mine.pk])
    client.force_login(volunteer)
    assert client.get(url).status_code == 302  # not sealed yet: back to the line, with a sentence
    sealing.seal_pending()
    response = client.get(url)
    assert check(response.json())
    assert response["Content-Disposition"].startswith("attachment")
    client.force_login(make_user())
    assert client.get(url).status_code == 404
