"""The desk and the statements in the browser: who gets in, what they see, once only."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from points import clock
from points.grids.exports import harmless
from points.grids.models import Role
from rewards.models import Redemption, RefusedScan, Reward
from rewards.services import fulfil, redeem
from rewards.services.settlement import month_bounds
from tests import factories
from tests.rewards.conftest import make_member, payable

pytestmark = pytest.mark.django_db
MONTH = "2026-11"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def voucher(street):
    return redeem(street.goods, member=street.member, by=street.member, key="k1")


def statement_url(street, name="statement", month=MONTH):
    return reverse(f"desk:{name}", args=[street.shop.code, month])


def test_desk_is_for_staff_and_those_who_settle(street):
    auditor = factories.make_user(role=Role.AUDITOR, grid=street.town.root)
    for person, status in [
        (street.clerk, 200),
        (street.worker, 200),
        (auditor, 200),
        (street.member, 404),
        (factories.make_organiser(street.town.community), 404),
    ]:
        assert signed_in(person).get(reverse("desk:home")).status_code == status


def test_desk_shows_names_masked_and_no_codes(street):
    cut = redeem(street.haircut, member=street.member, by=street.member, key="k", slot=street.slot)
    text = signed_in(street.barber_clerk).get(reverse("desk:home")).content.decode()
    assert street.member.masked_name in text
    assert street.member.name not in text
    assert cut.code not in text
    assert cut.grouped_code not in text


def test_scan_confirm_done(street, voucher):
    client = signed_in(street.clerk)
    page = client.get(
        reverse("desk:scan"), {"code": voucher.grouped_code.lower(), "provider": street.shop.code}
    )
    text = page.content.decode()
    assert street.goods.title in text
    assert street.member.masked_name in text
    assert street.member.name not in text
    form = {
        name: re.search(f'name="{name}" value="([^"]+)"', text).group(1)
        for name in ("provider", "code", "nonce")
    }
    first, again = (client.post(reverse("desk:fulfil"), form) for _tap in range(2))
    assert first.url == again.url == reverse("desk:done", args=[voucher.pk])
    assert client.get(first.url).status_code == 200
    assert payable(street.shop) == 20
    refused = client.post(reverse("desk:fulfil"), {**form, "nonce": "another-nonce-123"})
    assert "11月20日 10:00" in refused.content.decode()
    assert RefusedScan.objects.get().refusal == "already_fulfilled"


def test_qr_address_finds_the_right_desk_of_two(street, voucher):
    factories.make_staff(street.barber, user=street.clerk)
    page = signed_in(street.clerk).get(reverse("desk:scan"), {"code": voucher.code})
    assert page.context["desk"] == street.shop
    assert page.context["voucher"] == voucher


def test_refused_scan_says_so(street, voucher):
    page = signed_in(street.barber_clerk).get(reverse("desk:scan"), {"code": voucher.code})
    assert page.status_code == 200
    assert street.shop.name in page.context["refusal"]
    assert 'name="nonce"' not in page.content.decode()
    assert RefusedScan.objects.get().refusal == "other_provider"


def test_empty_scan_goes_back_to_the_desk(street):
    assert signed_in(street.clerk).get(reverse("desk:scan")).url.startswith(reverse("desk:home"))


def test_foreign_desk_is_not_found(street, voucher):
    client = signed_in(street.barber_clerk)
    form = {"provider": street.shop.code, "code": voucher.code, "nonce": "n" * 20}
    assert client.post(reverse("desk:fulfil"), form).status_code == 404
    assert (
        client.get(reverse("desk:scan"), {"provider": street.shop.code, "code": voucher.code}).status_code
        == 404
    )
    assert client.post(reverse("desk:cancel", args=[voucher.pk]), {"reason": "closed"}).status_code == 404
    assert client.get(reverse("desk:done", args=[voucher.pk])).status_code == 404
    assert signed_in(street.member).get(reverse("desk:scan"), {"code": voucher.code}).status_code == 404
    voucher.refresh_from_db()
    assert voucher.is_issued


def test_desk_cancels_with_a_reason(street, voucher):
    client = signed_in(street.clerk)
    for reason, state in [("nonsense", "issued"), ("sold_out", "provider_cancelled")]:
        client.post(reverse("desk:cancel", args=[voucher.pk]), {"reason": reason})
        voucher.refresh_from_db()
        assert voucher.state == state


def test_statement_is_for_staff_settlers_and_auditors(street):
    auditor = factories.make_user(role=Role.AUDITOR, grid=street.town.root)
    stranger = factories.make_user(role=Role.COMMUNITY_WORKER, grid=street.town.other_community)
    for person, status in [
        (street.clerk, 200),
        (street.worker, 200),
        (auditor, 200),
        (stranger, 404),
        (street.barber_clerk, 404),
        (street.member, 404),
    ]:
        client = signed_in(person)
        assert client.get(statement_url(street)).status_code == status
        assert client.get(statement_url(street, "statement_csv")).status_code == status
    for month in ("2026-13", "2026-1", "now", "0000-01", "２０２６-11"):
        assert signed_in(street.clerk).get(statement_url(street, month=month)).status_code == 404


def test_statement_is_settled_by_the_community_only(street, voucher, clock_at):
    fulfil(street.shop, code=voucher.code, by=street.clerk, nonce="n")
    worker = signed_in(street.worker)
    assert "settle/" not in worker.get(statement_url(street)).content.decode()
    clock_at("2026-12-01 09:00")
    assert "settle/" in worker.get(statement_url(street)).content.decode()
    assert "settle/" not in signed_in(street.clerk).get(statement_url(street)).content.decode()
    assert signed_in(street.clerk).post(statement_url(street, "settle")).status_code == 404
    for _tap in range(2):
        page = worker.post(statement_url(street, "settle"), follow=True)
        assert [message.level_tag for message in page.context["messages"]] == ["success"]
    assert payable(street.shop) == 0


def test_statement_as_csv_has_no_formulas_and_no_names(street, voucher):
    Reward.objects.filter(pk=street.goods.pk).update(title='=HYPERLINK("http://x")')
    fulfil(street.shop, code=voucher.code, by=street.clerk, nonce="n")
    text = signed_in(street.clerk).get(statement_url(street, "statement_csv")).content.decode("utf-8-sig")
    assert "\"'=HYPERLINK(" in text
    assert street.member.name not in text
    assert voucher.code not in text
    assert text.strip().endswith(",20,")  # no face value was entered


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx"])
def test_formula_starts_are_neutralised(cell):
    assert harmless(cell) == f"'{cell}"


def test_desk_pages_cost_the_same_at_1_and_at_30_rows(street):
    member = make_member(street.town, beans=4000)
    Reward.objects.filter(pk=street.goods.pk).update(stock=100)
    client = signed_in(street.clerk)
    slots = iter(range(100))

    def fill(count):
        for _each in range(count):
            number = next(slots)
            one = redeem(street.goods, member=member, by=member, key=f"g{number}")
            fulfil(street.shop, code=one.code, by=street.clerk, nonce=f"n{number}")
            slot = factories.make_slot(service, starts_at=clock.now() + dt.timedelta(days=1, minutes=number))
            redeem(service, member=member, by=member, key=f"s{number}", slot=slot)

    service = factories.make_reward(provider=street.shop, kind=Reward.Kind.APPOINTMENT, beans=1)

    def counts():
        found = []
        for address in (reverse("desk:home"), statement_url(street), statement_url(street, "statement_csv")):
            with CaptureQueriesContext(connection) as caught:
                assert client.get(address).status_code == 200
            found.append(len(caught))
        return found

    fill(1)
    first = counts()
    fill(30)
    assert counts() == first
    assert (
        Redemption.objects.fulfilled_between(street.shop, *month_bounds(dt.date(2026, 11, 1))).count() == 31
    )


# --- Back office ----------------------------------------------------------------------------------------
NAMES = ["reward", "slot", "redemption", "provider", "providerstaff"]


@pytest.mark.parametrize("name", NAMES)
def test_back_office_shows_own_rows_only(street, voucher, name):
    foreign = factories.make_provider(grid=street.town.other_community)
    theirs = factories.make_reward(provider=foreign, kind=Reward.Kind.APPOINTMENT)
    rows = {
        "reward": theirs,
        "slot": factories.make_slot(theirs),
        "provider": foreign,
        "providerstaff": factories.make_staff(foreign),
    }
    client = signed_in(street.worker)
    index = client.get(reverse(f"{name}:index"))
    assert index.status_code == 200
    assert index.context["object_list"].model._meta.model_name == name
    assert len(index.context["object_list"]) > 0
    if name in rows:
        assert rows[name] not in index.context["object_list"]
        assert client.get(reverse(f"{name}:edit", args=[rows[name].pk])).status_code == 404
    assert signed_in(street.member).get(reverse(f"{name}:index")).status_code in (302, 403, 404)


def test_back_office_adds_reward_staff_and_time(street):
    client = signed_in(street.worker)
    answer = client.post(
        reverse("reward:add"),
        {
            "title": "修伞",
            "kind": "appointment",
            "provider": street.shop.pk,
            "grid": street.town.community.pk,
            "summary": "乐修匠",
            "price": "30",
            "voucher_days": "30",
            "person_limit": "2",
            "person_period": "quarter",
            "face_value_0": "35.50",
            "face_value_1": "CNY",
            "expiry_percent": "0",
            "lead_hours": "24",
            "moves": "1",
            "free_rebooks": "1",
            "answer_days": "3",
            "is_open": "on",
        },
    )
    reward = Reward.objects.filter(title="修伞").first()
    assert reward, answer.context["form"].errors
    assert int(reward.price.amount) == 30
    assert (reward.person_period, reward.lead_hours) == ("quarter", 24)
    assert str(reward.face_value.amount) == "35.50"
    assert str(reward.face_value.currency) == "CNY"
    client.post(
        reverse("slot:add"),
        {"reward": reward.pk, "starts_at": "2026-11-25 09:00", "minutes": "30", "capacity": "2"},
    )
    assert reward.slots.get().capacity == 2
    client.post(
        reverse("providerstaff:add"),
        {"provider": street.shop.pk, "person": street.member.username, "from_on": "2026-11-20"},
    )
    assert street.shop.staff.filter(user=street.member).exists()
    for bad in ("0", "-5", "1.5"):
        page = client.post(reverse("reward:edit", args=[reward.pk]), {"title": "修伞", "price": bad})
        assert page.context["form"].errors["price"]


def test_redemptions_cannot_be_changed_in_the_back_office(street, voucher):
    client = signed_in(street.worker)
    for action in ("edit", "delete"):
        assert client.post(reverse(f"redemption:{action}", args=[voucher.pk])).status_code in (302, 403, 404)
    assert client.get(reverse("redemption:add")).status_code in (302, 403, 404)
    voucher.refresh_from_db()
    assert voucher.is_issued
