"""The desk in a real browser on a bad connection: once, and never "handed over" before the server said so."""

from __future__ import annotations

import pytest

from rewards.models import HandOver, Redemption, RefusedScan
from rewards.services import redeem
from tests.rewards.conftest import Street, assert_holds_equal_open_redemptions, make_street, payable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def street(transactional_db, now) -> Street:
    return make_street()


@pytest.fixture
def at_voucher(street, new_page, client, live_server):
    """The clerk's phone looking at a voucher."""
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k1")
    client.force_login(street.clerk)
    page = new_page(size="phone")
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(f"/desk/scan/?code={voucher.code}&provider={street.shop.code}")
    return page


def test_answer_lost_after_the_server_has_handled_it(street, at_voucher):
    page, cut = at_voucher, []

    def handle(route):
        if len(cut) < 2:
            cut.append(route.fetch(max_redirects=0).status)  # the server has done it; nobody hears of it
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/desk/fulfil/", handle)
    page.locator(".dock button").click()
    page.locator("#unsent:not([hidden])").wait_for()
    page.wait_for_url("**/desk/done/*/", timeout=60_000)
    page.locator(".notice.jade").wait_for()
    assert cut == [302, 302]
    assert HandOver.objects.count() == 1
    assert payable(street.shop) == 20
    assert not RefusedScan.objects.exists()
    assert page.evaluate("localStorage.length") == 0
    assert_holds_equal_open_redemptions()


def test_offline_it_says_so_and_goes_after_a_reload(street, at_voucher):
    page = at_voucher
    page.route("**/desk/fulfil/", lambda route: route.abort("internetdisconnected"))
    page.locator(".dock button").click()
    page.wait_for_function("document.getElementById('unsent').textContent.length > 20")
    assert "/done/" not in page.url
    assert Redemption.objects.get().state == "issued"
    page.unroute("**/desk/fulfil/")
    page.goto(f"/desk/?provider={street.shop.code}")
    page.wait_for_url("**/desk/done/*/", timeout=60_000)
    page.locator(".notice.jade").wait_for()
    assert HandOver.objects.count() == 1
    assert payable(street.shop) == 20
