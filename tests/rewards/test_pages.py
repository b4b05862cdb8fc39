"""The pages: catalogue, detail, vouchers. Somebody else's voucher does not exist."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rewards.models import Redemption, Reward
from rewards.services import redeem
from tests import factories
from tests.factories import local
from tests.rewards.conftest import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser_of(client):
    def sign_in(user) -> Client:
        client.force_login(user)
        return client

    return sign_in


def key_on(page) -> str:
    return re.search(r'name="key" value="([^"]+)"', page.content.decode()).group(1)


def queries(client, address) -> int:
    client.get(address)  # pictures, content types and the like are made once
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def titles(page) -> set[str]:
    return {card.reward.title for card in page.context["cards"]}


def test_catalogue_is_open_to_everybody(client, street):
    page = client.get(reverse("rewards:list"))
    assert titles(page) == {street.goods.title, "理发一次"}
    assert "11月24日 周二 15:00" in page.content.decode()


def test_catalogue_shows_a_member_what_is_open_to_them_first(browser_of, street):
    foreign = factories.make_reward(grid=street.town.other_community, title="秋水专享")
    town_wide = factories.make_reward(provider=street.shop, grid=street.town.root, title="全街道")
    browser = browser_of(street.member)
    mine = titles(browser.get("/rewards/"))
    assert foreign.title not in mine
    assert {town_wide.title, street.goods.title} <= mine
    assert foreign.title in titles(browser.get("/rewards/?where=all"))
    assert titles(browser.get(f"/rewards/?where={street.town.other_community.code}")) == {foreign.title}


def test_catalogue_filters(browser_of, street):
    browser = browser_of(make_member(street.town, beans=30))
    assert titles(browser.get("/rewards/?kind=appointment")) == {"理发一次"}
    assert titles(browser.get("/rewards/?afford=on")) == {street.goods.title}
    assert titles(browser.get("/rewards/?q=红玫 理发")) == {"理发一次"}
    assert titles(browser.get("/rewards/?q=没有这个")) == set()
    assert browser.get("/rewards/?kind=nonsense&where=nonsense&page=99").status_code == 200


def test_closed_rewards_are_not_in_the_catalogue(client, street):
    Reward.objects.filter(pk=street.goods.pk).update(is_open=False)
    street.barber.is_active = False
    street.barber.save()
    assert titles(client.get("/rewards/")) == set()
    assert client.get(street.goods.get_absolute_url()).status_code == 200


def test_detail_says_costs_limit_and_what_is_missing(browser_of, street):
    Reward.objects.filter(pk=street.haircut.pk).update(cost_note="染发另付", person_limit=2)
    page = browser_of(make_member(street.town, beans=30)).get(street.haircut.get_absolute_url())
    text = page.content.decode()
    assert "染发另付" in text
    assert page.context["obstacle"].code == "too_few_beans"
    assert page.context["obstacle"].context["missing"] == 50


def test_detail_leads_to_where_a_home_is_chosen(browser_of, street):
    page = browser_of(factories.make_volunteer()).get(street.goods.get_absolute_url())
    assert page.context["obstacle"].code == "not_for_you"
    assert "/me/profile/" in page.content.decode()


def test_detail_shows_only_free_future_times(browser_of, street):
    factories.make_slot(street.haircut, starts_at=local("2026-11-19 15:00"))
    factories.make_slot(street.haircut, starts_at=local("2026-11-25 09:00"), capacity=1, taken=1)
    page = browser_of(street.member).get(street.haircut.get_absolute_url())
    assert [slot for _day, slots in page.context["days"] for slot in slots] == [street.slot]


def test_redeem_by_form_and_double_submit(browser_of, street):
    browser = browser_of(street.member)
    key = key_on(browser.get(street.goods.get_absolute_url()))
    address = reverse("rewards:redeem", args=[street.goods.code])
    first, second = (browser.post(address, {"key": key}) for _tap in range(2))
    voucher = Redemption.objects.get()
    assert first.url == second.url == voucher.get_absolute_url()


def test_redeem_without_time_keeps_the_page_and_says_why(browser_of, street):
    browser = browser_of(street.member)
    page = browser.post(reverse("rewards:redeem", args=[street.haircut.code]), {"key": "k" * 20, "slot": "x"})
    assert page.status_code == 200
    assert key_on(page) == "k" * 20
    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert not Redemption.objects.exists()


def test_redeem_with_a_foreign_key_or_none(browser_of, street):
    redeem(street.goods, member=street.member, by=street.member, key="k" * 20)
    browser = browser_of(make_member(street.town))
    for key in ("k" * 20, "", "short", "中" * 20):
        answer = browser.post(reverse("rewards:redeem", args=[street.goods.code]), {"key": key})
        assert answer.url == street.goods.get_absolute_url()
    assert Redemption.objects.count() == 1


def test_voucher_shows_qr_and_code_to_its_owner(browser_of, street):
    voucher = redeem(street.haircut, member=street.member, by=street.member, key="k", slot=street.slot)
    page = browser_of(street.member).get(voucher.get_absolute_url())
    text = page.content.decode()
    assert voucher.grouped_code in text
    assert '<svg role="img"' in text
    assert "style=" not in text
    assert "11月24日 周二 15:00" in text
    assert "11月23日 周一 18:00" in text
    assert page["Cache-Control"]


def test_foreign_and_guessed_vouchers_are_not_found(browser_of, street):
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k")
    browser = browser_of(make_member(street.town))
    for code in (voucher.code, "0" * 12, voucher.code.lower()):
        assert browser.get(reverse("rewards:voucher", args=[code])).status_code == 404
        assert browser.post(reverse("rewards:cancel", args=[code])).status_code == 404
    assert browser.get(reverse("rewards:vouchers")).context["open"].count() == 0
    voucher.refresh_from_db()
    assert voucher.is_issued


def test_private_pages_ask_for_sign_in(client, street):
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k")
    for address in (reverse("rewards:vouchers"), voucher.get_absolute_url(), reverse("desk:home")):
        assert "/accounts/login/" in client.get(address).url


def test_cancel_by_button_and_again(browser_of, street):
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k")
    browser = browser_of(street.member)
    for _tap in range(2):
        page = browser.post(reverse("rewards:cancel", args=[voucher.code]), follow=True)
        assert "已取消" in page.content.decode() or page.context["voucher"].state == "cancelled"
    assert page.context["qr"] == ""
    assert voucher.grouped_code not in page.content.decode()


def test_cancel_too_late_says_why(browser_of, street, clock_at):
    voucher = redeem(street.haircut, member=street.member, by=street.member, key="k", slot=street.slot)
    clock_at("2026-11-24 09:00")
    page = browser_of(street.member).post(reverse("rewards:cancel", args=[voucher.code]), follow=True)
    assert [message.level_tag for message in page.context["messages"]] == ["error"]


def test_lists_cost_the_same_at_1_and_at_30_rows(browser_of, street, picture):
    member = make_member(street.town, beans=2000)
    browser = browser_of(member)
    Reward.objects.update(cover=picture)
    redeem(street.goods, member=member, by=member, key="first")
    before = {name: queries(browser, reverse(name)) for name in ("rewards:list", "rewards:vouchers")} | {
        "detail": queries(browser, street.haircut.get_absolute_url())
    }
    for number in range(30):
        more = factories.make_reward(provider=street.shop, beans=1, stock=3, cover=picture)
        redeem(more, member=member, by=member, key=f"k{number}")
        factories.make_slot(
            street.haircut, starts_at=local(f"2026-12-{number % 28 + 1:02} {9 + number // 28:02}:00")
        )
    after = {name: queries(browser, reverse(name)) for name in ("rewards:list", "rewards:vouchers")} | {
        "detail": queries(browser, street.haircut.get_absolute_url())
    }
    assert after == before
    assert max(after.values()) <= 20


@pytest.fixture
def picture(db):
    from wagtail.images import get_image_model
    from wagtail.images.tests.utils import get_test_image_file

    return get_image_model().objects.create(title="cover", file=get_test_image_file())
