"""The back office of rewards: looked at first, then done; only in one's own subtree."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Q
from django.urls import reverse

from rewards import reports
from rewards.models import AidBatch, NoShow, Provider, Redemption, Reward, Wish
from rewards.services import answer, expire_due, fulfil, issue, join, mark_absent, redeem, wish
from tests import factories
from tests.rewards.conftest import make_member

pytestmark = pytest.mark.django_db
KEY = "a-key-of-sixteen-letters"


@pytest.fixture
def office(client, street):
    client.force_login(street.worker)
    return client


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def take(street, key="k1", **more):
    return redeem(street.goods, member=street.member, by=street.member, key=key, **more)


def test_overview_shows_what_needs_attention(office, street, clock_at):
    Reward.objects.filter(pk=street.goods.pk).update(low_stock=5, face_value="12.50")
    Provider.objects.filter(pk=street.barber.pk).update(agreement_until=dt.date(2026, 12, 1))
    take(street)
    page = text(office.get(reverse("rewards_office:overview")))
    for shown in (street.goods.title, "红玫理发店", "<svg", "2026"):
        assert shown in page
    clock_at("2026-12-25 00:00")
    expire_due()
    assert "(100%)" in text(office.get(reverse("rewards_office:overview")))


def test_overview_makes_the_same_queries(office, street, django_assert_max_num_queries):
    address = reverse("rewards_office:overview")
    office.get(address)
    with django_assert_max_num_queries(60) as one:
        office.get(address)
    for _number in range(20):
        reward = factories.make_reward(grid=street.town.community, low_stock=9, stock=1)
        person = make_member(street.town)
        redeem(reward, member=person, by=person, key=f"k{person.pk}")
    with django_assert_max_num_queries(60) as many:
        office.get(address)
    assert len(one) == len(many)


def test_numbers_of_demand_and_waste(street, clock_at):
    Reward.objects.filter(pk=street.goods.pk).update(face_value="2.50", stock=2)
    first = take(street)
    take(street, "k2")
    fulfil(street.shop, code=first.code, by=street.clerk, nonce="n")
    join(street.goods, member=make_member(street.town))
    clock_at("2026-12-25 00:00")
    expire_due()
    line = reports.by_reward(Reward.objects.filter(pk=street.goods.pk))[0]
    assert (line.redeemed, line.used, line.wasted, line.waste_percent) == (2, 1, 1, 50)
    assert (str(line.yuan), line.waiting) == ("2.50", 0)  # who waited was told when it came back
    weeks = reports.by_week(Q())
    assert len(weeks) == 12
    busy = [week for week in weeks if week.redeemed]
    assert [(week.redeemed, week.wasted, week.height, week.waste_height) for week in busy] == [
        (2, 1, 120, 60)
    ]


def test_plan_is_looked_at_before_it_is_added(office, street):
    address = reverse("rewards_office:plan", args=[street.haircut.pk])
    data = {
        "weekdays": ["1", "3"],
        "first": "09:00",
        "until": "10:00",
        "minutes": "30",
        "capacity": "2",
        "from_on": "2026-11-23",
        "to_on": "2026-11-29",
    }
    page = text(office.post(address, data | {"do": "look"}))
    assert 'value="add"' in page
    assert street.haircut.slots.count() == 1
    office.post(address, data | {"do": "add"})
    assert street.haircut.slots.count() == 5
    text(office.post(address, data | {"weekdays": [], "do": "add"}))
    text(office.post(address, data | {"to_on": "2027-12-01", "do": "add"}))
    assert street.haircut.slots.count() == 5
    assert office.get(reverse("rewards_office:plan", args=[street.goods.pk])).status_code == 404


def test_stock_with_a_reason(office, street):
    address = reverse("rewards_office:stock", args=[street.goods.pk])
    office.post(address, {"change": "20", "reason": "delivered", "note": "新米"})
    street.goods.refresh_from_db()
    assert street.goods.stock == 25
    assert "新米" in text(office.get(address))
    text(office.post(address, {"change": "-99", "reason": "spoiled"}))
    text(office.post(address, {"change": "", "reason": "spoiled"}))
    street.goods.refresh_from_db()
    assert street.goods.stock == 25


def test_closing_says_first_what_goes_back(office, street):
    take(street)
    address = reverse("rewards_office:close", args=["provider", street.shop.pk])
    assert "20" in text(office.get(address))
    text(office.post(address, {"reason": "whim"}))
    assert Redemption.objects.issued().exists()
    office.post(address, {"reason": "leaving"})
    assert not Redemption.objects.issued().exists()


def test_closed_days(office, street):
    voucher = redeem(street.haircut, member=street.member, by=street.member, key="k", slot=street.slot)
    address = reverse("rewards_office:days", args=[street.barber.pk])
    days = {"from_on": "2026-11-24", "to_on": "2026-11-25"}
    assert 'value="close"' in text(office.post(address, days | {"do": "look"}))
    voucher.refresh_from_db()
    assert voucher.is_issued
    office.post(address, days | {"do": "close"})
    voucher.refresh_from_db()
    assert voucher.state == "provider_cancelled"
    text(office.post(address, {"from_on": "2026-11-25", "to_on": "2026-11-24", "do": "close"}))


def test_aid_is_issued_printed_and_made_void(office, street):
    point = factories.make_service_point(grid=street.town.community)
    address = reverse("rewards_office:aid")
    data = {
        "provider": street.shop.pk,
        "point": point.pk,
        "title": "爱心午餐",
        "count": "3",
        "valid_until": "2026-12-01",
        "key": KEY,
    }
    for _twice in range(2):
        response = office.post(address, data)
    batch = AidBatch.objects.get()
    assert response.url == reverse("rewards_office:aid_sheet", args=[batch.pk])
    sheet = text(office.get(response.url))
    assert sheet.count('class="qr"') == 3
    for voucher in batch.vouchers.all():
        assert voucher.grouped_code in sheet
        assert voucher.code not in text(office.get(address))
    office.post(address, {"void": batch.pk})
    assert not batch.vouchers.filter(voided_at__isnull=True).exists()
    text(office.post(address, data | {"count": "999"}))
    far = factories.make_service_point(grid=street.town.other_community)
    text(office.post(address, data | {"point": far.pk, "key": KEY + "2"}))
    assert AidBatch.objects.count() == 1


def test_sheet_is_gone_the_next_day(office, street, clock_at):
    point = factories.make_service_point(grid=street.town.community)
    until = dt.date(2026, 12, 1)
    batch = issue(
        street.shop, point=point, title="午餐", count=1, valid_until=until, key="k", by=street.worker
    )
    clock_at("2026-11-22 10:00")
    assert office.get(reverse("rewards_office:aid_sheet", args=[batch.pk])).status_code == 302


def test_missed_appointment_is_decided(office, street, clock_at):
    Reward.objects.filter(pk=street.haircut.pk).update(free_rebooks=0)
    voucher = redeem(street.haircut, member=street.member, by=street.member, key="k", slot=street.slot)
    clock_at("2026-11-24 15:30")
    case = mark_absent(voucher, by=street.barber_clerk)
    address = reverse("rewards_office:cases")
    answer(case, by=street.member, text="在医院陪护")
    page = text(office.get(address))
    assert "在医院陪护" in page
    assert street.member.display_name not in page
    assert office.post(address, {"case": case.pk, "answer": "x"}).status_code == 404
    office.post(address, {"case": case.pk, "answer": "excused"})
    case.refresh_from_db()
    assert case.outcome == NoShow.Outcome.EXCUSED
    office.post(address, {"case": case.pk, "answer": "forfeited"})  # told that it is decided
    voucher.refresh_from_db()
    assert voucher.state == "excused"


def test_wishes_without_names(office, street):
    row = wish(street.member, text="磨刀")
    page = text(office.get(reverse("rewards_office:wishes")))
    assert "磨刀" in page
    assert street.member.display_name not in page
    assert street.member.username not in page
    office.post(reverse("rewards_office:wishes"), {"wish": row.pk, "state": "noted"})
    row.refresh_from_db()
    assert row.state == Wish.State.NOTED
    office.post(reverse("rewards_office:wishes"), {"wish": row.pk, "state": "hidden"})
    assert "磨刀" not in text(office.get(reverse("rewards_office:wishes")))


@pytest.mark.parametrize("name", ["plan", "stock", "days", "aid_sheet"])
def test_a_foreign_object_does_not_exist(client, street, name):
    client.force_login(factories.make_user(role="community_worker", grid=street.town.other_community))
    pk = {"plan": street.haircut.pk, "stock": street.goods.pk, "days": street.barber.pk, "aid_sheet": 1}[name]
    assert client.get(reverse(f"rewards_office:{name}", args=[pk])).status_code == 404
    text(client.get(reverse("rewards_office:overview")))
