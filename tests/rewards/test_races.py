"""Two at the same moment, on PostgreSQL, decided by locks and not by luck.

The first one is stopped just before it commits; the second one starts and is seen to wait for it (or to run
past it, in the controls); then the first may go on. The controls take the protection away and show what
would happen: a test that cannot fail proves nothing.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from points.refusals import Refusal
from rewards.models import Redemption, RefusedScan, Reward
from rewards.services import cancel, desk, ending, expire_due, fulfil, redeem, redeeming
from tests import factories
from tests.rewards.conftest import (
    Street,
    assert_holds_equal_open_redemptions,
    make_member,
    make_street,
    payable,
)

pytestmark = [pytest.mark.postgres, pytest.mark.race, pytest.mark.django_db(transaction=True)]
PATIENCE = 20.0


@pytest.fixture
def street(transactional_db, now) -> Street:
    return make_street()


class Gate:
    """Stops the first caller of a patched function until the second one waits for it or got there too."""

    def __init__(self, patch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        self.arrived = 0
        self.first = threading.Event()
        self.go = threading.Event()
        original = getattr(module, name)

        def stopped(*args: Any, **kwargs: Any) -> Any:
            self.arrived += 1
            if self.arrived == 1:
                self.first.set()
                assert self.go.wait(PATIENCE)
            return original(*args, **kwargs)

        patch.setattr(module, name, stopped)

    def race(self, *jobs: Callable[[], Any]) -> list[Any]:
        """Run two jobs, the first one stopped at the gate; what each returned or how it was refused."""
        results: list[Any] = [None, None]
        context = [contextvars.copy_context() for _job in jobs]

        def run(number: int) -> None:
            try:
                results[number] = context[number].run(jobs[number])
            except Refusal as refusal:
                results[number] = refusal.code
            except Exception as error:
                results[number] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=[number]) for number in range(2)]
        threads[0].start()
        assert self.first.wait(PATIENCE), results
        threads[1].start()
        end = time.monotonic() + PATIENCE
        while (
            time.monotonic() < end
            and self.arrived < 2
            and not self.somebody_waits()
            and threads[1].is_alive()
        ):
            time.sleep(0.02)
        self.go.set()
        for thread in threads:
            thread.join(PATIENCE)
        return results

    @staticmethod
    def somebody_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
            )
            return bool(cursor.fetchone()[0])


def without_lock(pk: int) -> Reward:
    return Reward.objects.select_related("provider", "grid").get(pk=pk)


def take(street, member, key):
    return lambda: redeem(street.goods, member=member, by=member, key=key)


def stock(street, **fields):
    Reward.objects.filter(pk=street.goods.pk).update(**fields)


def test_last_item_goes_to_one(street, monkeypatch):
    stock(street, stock=1)
    gate = Gate(monkeypatch, redeeming, "hold")
    first, second = gate.race(take(street, street.member, "k1"), take(street, make_member(street.town), "k2"))
    assert isinstance(first, Redemption)
    assert second == "out_of_stock"
    street.goods.refresh_from_db()
    assert street.goods.stock == 0
    assert_holds_equal_open_redemptions()


def test_control_last_item_is_oversold_without_lock_and_condition(street, monkeypatch):
    def read_then_write(reward: Reward) -> None:
        if not reward.stock:
            raise redeeming.errors.OutOfStock()
        Reward.objects.filter(pk=reward.pk).update(stock=reward.stock - 1)

    stock(street, stock=1)
    monkeypatch.setattr(redeeming, "lock_reward", without_lock)
    monkeypatch.setattr(redeeming, "_take_one", read_then_write)
    gate = Gate(monkeypatch, redeeming, "hold")
    gate.race(take(street, street.member, "k1"), take(street, make_member(street.town), "k2"))
    assert Redemption.objects.issued().count() == 2


def test_limit_holds_for_two_forms_at_once(street, monkeypatch):
    stock(street, person_limit=1)
    gate = Gate(monkeypatch, redeeming, "hold")
    results = gate.race(take(street, street.member, "k1"), take(street, street.member, "k2"))
    assert results[1] == "limit_reached"
    assert Redemption.objects.count() == 1


def test_control_limit_is_broken_without_the_lock(street, monkeypatch):
    stock(street, person_limit=1)
    monkeypatch.setattr(redeeming, "lock_reward", without_lock)
    gate = Gate(monkeypatch, redeeming, "hold")
    gate.race(take(street, street.member, "k1"), take(street, street.member, "k2"))
    assert Redemption.objects.count() == 2


def test_two_taps_at_once_on_the_last_item_get_one_answer(street, monkeypatch):
    stock(street, stock=1, person_limit=1)
    gate = Gate(monkeypatch, redeeming, "hold")
    first, second = gate.race(take(street, street.member, "k1"), take(street, street.member, "k1"))
    assert first == second
    assert Redemption.objects.count() == 1


def test_same_key_at_once_for_two_rewards_is_refused(street, monkeypatch):
    other = factories.make_reward(provider=street.shop)
    gate = Gate(monkeypatch, redeeming, "hold")
    _first, second = gate.race(
        take(street, street.member, "k1"),
        lambda: redeem(other, member=street.member, by=street.member, key="k1"),
    )
    assert second == "key_used_by_another"
    assert_holds_equal_open_redemptions()


def test_last_place_goes_to_one(street, monkeypatch):
    other = make_member(street.town)
    gate = Gate(monkeypatch, redeeming, "hold")
    first, second = gate.race(
        *(
            lambda member=member: redeem(
                street.haircut, member=member, by=member, key=f"k{member.pk}", slot=street.slot
            )
            for member in (street.member, other)
        )
    )
    assert isinstance(first, Redemption)
    assert second == "slot_full"


def test_beans_enough_for_one_of_two_rewards(street, monkeypatch):
    poor = make_member(street.town, beans=20)
    other = factories.make_reward(provider=street.shop)
    gate = Gate(monkeypatch, redeeming, "hold")
    results = gate.race(
        lambda: redeem(street.goods, member=poor, by=poor, key="a"),
        lambda: redeem(other, member=poor, by=poor, key="b"),
    )
    assert "too_few_beans" in results
    assert_holds_equal_open_redemptions()


def test_two_desks_one_voucher(street, monkeypatch):
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k1")
    colleague = factories.make_staff(street.shop).user
    gate = Gate(monkeypatch, desk, "pay_provider")
    first, second = gate.race(
        lambda: fulfil(street.shop, code=voucher.code, by=street.clerk, nonce="n1"),
        lambda: fulfil(street.shop, code=voucher.code, by=colleague, nonce="n2"),
    )
    assert (first, second) == (voucher, "already_fulfilled")
    assert payable(street.shop) == 20
    assert RefusedScan.objects.get().by == colleague


def test_one_confirmation_sent_twice_at_once(street, monkeypatch):
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k1")
    gate = Gate(monkeypatch, desk, "pay_provider")
    confirm = lambda: fulfil(street.shop, code=voucher.code, by=street.clerk, nonce="n1")  # noqa: E731
    assert gate.race(confirm, confirm) == [voucher, voucher]
    assert payable(street.shop) == 20
    assert not RefusedScan.objects.exists()


def test_cancel_comes_second_to_the_desk(street, monkeypatch):
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k1")
    gate = Gate(monkeypatch, desk, "pay_provider")
    _first, second = gate.race(
        lambda: fulfil(street.shop, code=voucher.code, by=street.clerk, nonce="n1"),
        lambda: cancel(voucher, by=street.member),
    )
    assert second == "not_open"
    assert_holds_equal_open_redemptions()
    assert payable(street.shop) == 20


def test_desk_comes_second_to_the_cancel(street, monkeypatch):
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k1")
    gate = Gate(monkeypatch, ending, "give_back")
    _first, second = gate.race(
        lambda: cancel(voucher, by=street.member),
        lambda: fulfil(street.shop, code=voucher.code, by=street.clerk, nonce="n1"),
    )
    assert second == "voucher_cancelled"
    assert_holds_equal_open_redemptions()
    assert payable(street.shop) == 0


def test_cancel_twice_at_once_returns_once(street, monkeypatch):
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k1")
    gate = Gate(monkeypatch, ending, "give_back")
    again = lambda: cancel(voucher, by=street.member)  # noqa: E731
    results = gate.race(again, again)
    assert [each.state for each in results] == ["cancelled", "cancelled"]
    street.goods.refresh_from_db()
    assert street.goods.stock == 5
    assert_holds_equal_open_redemptions()


def test_expire_by_two_workers_returns_once(street, monkeypatch, clock_at):
    redeem(street.goods, member=street.member, by=street.member, key="k1")
    clock_at("2026-12-21 00:00")
    gate = Gate(monkeypatch, ending, "give_back")
    assert sorted(gate.race(expire_due, expire_due)) == [0, 1]
    street.goods.refresh_from_db()
    assert street.goods.stock == 5
    assert_holds_equal_open_redemptions()
