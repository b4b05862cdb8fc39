"""The auditor's room: from a total to the cause of a posting, verification, export; closed to others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from djmoney.money import Money

from points.audit import reading
from points.grids.models import Role
from points.ledger import balances
from points.ledger.models import Account, Transaction
from points.ledger.sealing import seal_pending
from points.ledger.services import reverse as reverse_transaction
from rewards import services as rewards
from tests.factories import give_beans, make_redemption, make_reward, make_staff, make_user

pytestmark = pytest.mark.django_db
PAGES = ["audit:trial_balance", "audit:accounts", "audit:export"]


@pytest.fixture
def auditor(site: Any) -> Any:
    return make_user(role=Role.AUDITOR, grid=site.town.root)


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", [Role.ORGANISER, Role.COMMUNITY_WORKER, Role.GRID_LEADER])
def test_pages_are_not_found_without_the_right(client: Client, site: Any, name: str, role: str) -> None:
    client.force_login(make_user(role=role, grid=site.town.root))
    assert client.get(reverse(name)).status_code == 404


def test_every_address_is_closed_to_organisers(client: Client, site: Any) -> None:
    client.force_login(site.organiser)
    one = Transaction.objects.first()
    account = Account.objects.first()
    assert one is not None
    assert account is not None
    for url in (
        reverse("audit:account", args=[account.pk]),
        reverse("audit:transaction", args=[one.pk]),
        reverse("audit:download", args=["jsonl"]),
    ):
        assert client.get(url).status_code == 404
    assert client.post(reverse("audit:verify")).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_volunteers_never_enter(client: Client, volunteer: Any, name: str) -> None:
    client.force_login(volunteer)
    assert client.get(reverse(name)).status_code in (302, 403, 404)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_trial_balance_sums_to_zero(
    client: Client,
    auditor: Any,
    volunteer: Any,
    serve: Any,
    language: str,
) -> None:
    serve(volunteer)
    client.force_login(auditor)
    client.cookies["django_language"] = language
    response = client.get(reverse("audit:trial_balance"))
    units = {unit.unit: unit for unit in response.context["units"]}
    assert {"BEAN", "MINUTE"} <= set(units)
    assert all(unit.total == 0 for unit in units.values())
    kinds = {row.kind: int(row.amount.amount) for row in units["BEAN"].rows}
    assert kinds["pending"] == 20
    assert kinds["treasury"] == -100_000


def test_from_a_total_to_the_cause_of_a_posting(
    client: Client,
    auditor: Any,
    volunteer: Any,
    serve: Any,
) -> None:
    record = serve(volunteer)
    client.force_login(auditor)
    start = client.get(reverse("audit:trial_balance")).content.decode()
    assert "?kind=pending&amp;unit=BEAN" in start
    accounts = client.get(reverse("audit:accounts"), {"kind": "pending", "unit": "BEAN"})
    [(account, balance)] = accounts.context["rows"]
    assert balance == Money(20, "BEAN")
    page = client.get(reverse("audit:account", args=[account.pk]))
    [movement] = page.context["movements"]
    assert movement.change == Money(20, "BEAN")
    found = client.get(reverse("audit:transaction", args=[movement.posting.transaction_id]))
    text = found.content.decode()
    assert found.context["cause"].record == record
    assert found.context["cause"].explanation
    assert record.number in text
    assert record.scheme_version.label in text
    assert volunteer.name not in text  # a volunteer's name is masked
    assert volunteer.number in text


def test_redemption_statement_and_pool_are_named_as_causes(
    client: Client,
    site: Any,
    auditor: Any,
    volunteer: Any,
) -> None:
    reward = make_reward(grid=site.town.root)
    clerk = make_staff(reward.provider).user
    redemption = make_redemption(reward, member=volunteer)
    rewards.fulfil(reward.provider, code=redemption.code, by=clerk, nonce="n")
    client.force_login(auditor)
    for kind in ("hold", "fulfil"):
        one = Transaction.objects.get(kind=kind)
        response = client.get(reverse("audit:transaction", args=[one.pk]))
        assert response.context["cause"].redemption == redemption
    allotment = Transaction.objects.filter(kind="allotment").first()
    assert allotment is not None
    assert client.get(reverse("audit:transaction", args=[allotment.pk])).status_code == 200


@pytest.mark.parametrize(
    "reference",
    ["", "record:none", "redemption:x", "redemption:99", "pool:x:2026", "statement:x:2026-01", "odd"],
)
def test_cause_that_is_gone_is_empty(db: None, reference: str) -> None:
    assert reading.cause_of(Transaction(kind="x", reference=reference)) == reading.Cause()


def test_reversals_point_to_each_other(client: Client, auditor: Any, volunteer: Any) -> None:
    give_beans(volunteer, 5)
    release = Transaction.objects.get(kind="release")
    mirror = reverse_transaction(release, key="undo", by=auditor, reason="test")
    client.force_login(auditor)
    for here, there in ((release, mirror), (mirror, release)):
        text = client.get(reverse("audit:transaction", args=[here.pk])).content.decode()
        assert reverse("audit:transaction", args=[there.pk]) in text


def test_balances_in_bulk_equal_balances_one_by_one(site: Any, volunteer: Any, serve: Any) -> None:
    serve(volunteer, days_ago=9, release=True)
    seal_pending()
    serve(volunteer)
    make_redemption(make_reward(grid=site.town.root), member=volunteer)
    accounts = list(Account.objects.all())
    assert reading.balances_of(accounts) == {account.pk: balances.balance(account) for account in accounts}


def test_accounts_page_by_keyset_and_filter(client: Client, auditor: Any) -> None:
    for _unused in range(30):
        give_beans(make_user(), 1)
    client.force_login(auditor)
    first = client.get(reverse("audit:accounts"), {"q": "MEMBER:"})
    assert len(first.context["rows"]) == reading.PAGE
    after = first.context["following"]
    second = client.get(reverse("audit:accounts"), {"q": "MEMBER:", "after": after})
    assert len(second.context["rows"]) == 60 - reading.PAGE
    assert second.context["following"] == ""
    assert client.get(reverse("audit:accounts"), {"kind": "nonsense"}).status_code == 200


def test_postings_of_an_account_page_by_keyset(
    client: Client,
    auditor: Any,
    volunteer: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    for _unused in range(3):
        give_beans(volunteer, 1)
    account = Account.objects.get(owner=volunteer, kind="available")
    url = reverse("audit:account", args=[account.pk])
    client.force_login(auditor)
    first = client.get(url)
    second = client.get(url, {"before": first.context["following"]})
    assert [len(page.context["movements"]) for page in (first, second)] == [2, 1]
    assert client.get(url, {"before": "9" * 30}).status_code == 404


def test_pages_cost_the_same_at_one_and_at_thirty_rows(
    client: Client,
    auditor: Any,
    volunteer: Any,
) -> None:
    give_beans(volunteer, 1)
    account = Account.objects.get(owner=volunteer, kind="available")
    client.force_login(auditor)
    urls = [
        reverse("audit:trial_balance"),
        reverse("audit:accounts") + "?kind=available",
        reverse("audit:account", args=[account.pk]),
    ]
    for url in urls:
        client.get(url)
    few = [queries_of(client, url) for url in urls]
    for _unused in range(29):
        give_beans(make_user(), 1)
        give_beans(volunteer, 1)
    assert [queries_of(client, url) for url in urls] == few


def test_verification_on_demand_reports(client: Client, auditor: Any, volunteer: Any) -> None:
    give_beans(volunteer, 5)
    seal_pending()
    client.force_login(auditor)
    assert client.get(reverse("audit:verify")).status_code == 405
    response = client.post(reverse("audit:verify"), follow=True)
    last = response.context["last"]
    assert last["report"].ok
    assert last["report"].transactions == Transaction.objects.count()
    assert response.context["seals"].unsealed == 0


def test_verification_names_what_is_wrong(client: Client, auditor: Any, volunteer: Any) -> None:
    give_beans(volunteer, 5)
    account = Account.objects.get(owner=volunteer, kind="available")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_balance SET amount = 999 WHERE account_id = %s", [account.pk])
    client.force_login(auditor)
    response = client.post(reverse("audit:verify"), follow=True)
    assert "wrong_balance" in response.content.decode()
    assert account.code in response.content.decode()


@pytest.mark.parametrize(
    ("fmt", "ending"), [("beancount", "beancount"), ("hledger", "journal"), ("jsonl", "jsonl")]
)
def test_export_downloads_a_dated_file(
    client: Client,
    auditor: Any,
    volunteer: Any,
    clock_at: Any,
    fmt: str,
    ending: str,
) -> None:
    give_beans(volunteer, 5)
    client.force_login(auditor)
    clock_at("2030-01-02 09:00")
    response = client.get(reverse("audit:download", args=[fmt]))
    assert response.streaming
    assert response["Content-Disposition"] == f'attachment; filename="jindou-ledger-2030-01-02.{ending}"'
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert volunteer.number.lower() in text.lower()
    if fmt == "jsonl":
        assert json.loads(text.splitlines()[0])["type"] == "format"


def test_export_of_an_unknown_format_is_not_found(client: Client, auditor: Any) -> None:
    client.force_login(auditor)
    assert client.get("/admin/audit/export/xlsx/").status_code == 404


@pytest.mark.parametrize("name", ["audit:account", "audit:transaction"])
@pytest.mark.parametrize("number", [10**9, 10**30])
def test_unknown_numbers_are_not_found(client: Client, auditor: Any, name: str, number: int) -> None:
    client.force_login(auditor)
    assert client.get(reverse(name, args=[number])).status_code == 404


def test_menu_shows_the_room_to_auditors_only(client: Client, site: Any, auditor: Any) -> None:
    client.force_login(auditor)
    assert "/admin/audit/" in client.get("/admin/").content.decode()
    client.force_login(site.organiser)
    assert "/admin/audit/" not in client.get("/admin/").content.decode()
