"""Corrections and releases: every field, every day, every unit, and once per key whatever has changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from djmoney.money import Money

from points import clock, units
from points.ledger import accounts
from points.ledger.balances import balances_by_day, member_balances
from points.ledger.corrections import release, take_back
from points.ledger.models import NEVER, Account, Transaction, Unit
from points.ledger.services import Move, post
from points.ledger.verify import verify
from tests.ledger.conftest import Books, beans

EARLIER, SOON, LATER = dt.date(2026, 5, 1), dt.date(2026, 6, 1), dt.date(2027, 6, 1)


@pytest.fixture
def award(books: Books) -> Transaction:
    return books.move(books.pool, books.of(books.ann, "pending"), 20)


def drawn(one: Transaction) -> list[tuple[str, int, dt.date | None]]:
    return [
        (posting.source.kind, posting.amount, posting.source_day)
        for posting in one.postings.select_related("source").order_by("pk")
    ]


def take(books: Books, amount: int, award: Transaction, **how: Any) -> Transaction:
    with transaction.atomic():
        how = {"key": "t", "by": None, "reason": "withdrawn", **how}
        return take_back(books.ann, amount=beans(amount), to=books.pool, corrects=award, **how)


def test_a_correction_says_everything(books: Books, award: Transaction) -> None:
    written = take(
        books, 5, award, by=books.ann, approved_by=books.bo, reference="record:7", rule="town:3", reason="x"
    )
    stored = Transaction.objects.get(pk=written.pk)
    assert (stored.kind, stored.key, stored.reason) == ("correction", "t", "x")
    assert (stored.by_id, stored.approved_by_id) == (books.ann.pk, books.bo.pk)
    assert (stored.reference, stored.rule, stored.corrects_id) == ("record:7", "town:3", award.pk)
    assert drawn(stored) == [("pending", 5, NEVER)]
    assert {one.destination_id for one in stored.postings.all()} == {books.pool.pk}


def test_a_correction_may_say_little(books: Books, award: Transaction) -> None:
    stored = Transaction.objects.get(pk=take(books, 5, award).pk)
    assert (stored.reference, stored.rule, stored.by_id, stored.approved_by_id) == ("", "", None, None)


def test_the_order_in_which_it_takes(books: Books, award: Transaction) -> None:
    """The award's own day wherever it lies, then pending, then available, soonest first, then debt."""
    for amount, day in ((3, LATER), (3, SOON), (3, EARLIER)):
        books.give(books.ann, amount, day)
    books.move(books.pool, books.of(books.ann, "pending"), 2, destination_day=SOON)
    written = take(books, 40, award, day=SOON)
    assert drawn(written) == [
        ("pending", 2, SOON),
        ("available", 3, SOON),
        ("pending", 20, NEVER),
        ("available", 3, EARLIER),
        ("available", 3, LATER),
        ("debt", 9, None),
    ]
    assert verify().ok


def test_it_takes_no_more_than_it_needs(books: Books, award: Transaction) -> None:
    books.give(books.ann, 10, SOON)
    assert drawn(take(books, 20, award)) == [("pending", 20, NEVER)]


def test_what_ends_today_is_still_taken_and_what_ended_is_not(books: Books, clock_at: Any) -> None:
    for amount, day in ((1, EARLIER), (2, SOON), (4, LATER)):
        books.give(books.ann, amount, day)
    original = Transaction.objects.order_by("pk").last()
    assert original is not None
    clock_at("2026-06-01 09:00")
    written = take(books, 10, original)
    assert drawn(written) == [("available", 2, SOON), ("available", 4, LATER), ("debt", 4, None)]
    assert member_balances(books.ann).debt == beans(4)


def test_a_correction_happens_once_whatever_has_changed(books: Books, award: Transaction) -> None:
    first = take(books, 25, award)
    books.give(books.ann, 50, SOON)
    again = take(books, 25, award)
    assert again.pk == first.pk
    assert member_balances(books.ann).available == beans(50)
    assert Transaction.objects.filter(kind="correction").count() == 1


@pytest.fixture
def coins(books: Books) -> str:
    code = units.register("COIN", "Time coin").code
    Unit.objects.create(code=code, name_en="Time coin", name_zh="时间币")
    return code


def coin_pool(books: Books, coins: str) -> Account:
    pool = accounts.open_account("pool:coins", kind="pool", unit=coins)
    with transaction.atomic():
        source = accounts.system_account("forfeit", coins)
        post("allotment", key="coins", moves=[Move(source, pool, Money(100, coins))], by=None)
    return pool


def test_other_units_are_corrected_in_their_own_accounts(books: Books, coins: str) -> None:
    pool = coin_pool(books, coins)
    pending = accounts.member_account(books.ann, "pending", coins)
    books.give(books.ann, 10)
    with transaction.atomic():
        given = post("award", key="a", moves=[Move(pool, pending, Money(10, coins))], by=None)
        taken = take_back(
            books.ann, amount=Money(12, coins), to=pool, key="t", by=None, corrects=given, reason="x"
        )
    assert [(one.source.code, one.amount, one.unit_id) for one in taken.postings.order_by("pk")] == [
        (pending.code, 10, coins),
        (accounts.member_account(books.ann, "debt", coins).code, 2, coins),
    ]
    with transaction.atomic():
        post("award", key="a2", moves=[Move(pool, pending, Money(10, coins))], by=None)
        release(books.ann, amount=Money(10, coins), key="r", day=SOON)
    assert balances_by_day(accounts.member_account(books.ann, "available", coins)) == [
        (SOON, Money(8, coins))
    ]
    assert balances_by_day(accounts.member_account(books.ann, "debt", coins)) == []
    assert books.days(books.ann) == {NEVER: 10}


# --- Releases -------------------------------------------------------------------------------------------
HAPPENED = dt.datetime(2026, 2, 14, 8, 30, tzinfo=dt.UTC)


def test_a_release_says_everything(books: Books, award: Transaction) -> None:
    with transaction.atomic():
        written = release(
            books.ann,
            amount=beans(5),
            key="r",
            day=SOON,
            reference="record:7",
            rule="town:3",
            by=books.bo,
            occurred_at=HAPPENED,
            inputs_digest="d" * 64,
        )
    stored = Transaction.objects.get(pk=written.pk)
    assert (stored.kind, stored.key, stored.by_id) == ("release", "r", books.bo.pk)
    assert (stored.reference, stored.rule, stored.inputs_digest) == ("record:7", "town:3", "d" * 64)
    assert stored.occurred_at == HAPPENED
    assert drawn(stored) == [("pending", 5, NEVER)]
    assert books.days(books.ann) == {SOON: 5}


def test_a_release_may_say_little(books: Books, award: Transaction) -> None:
    with transaction.atomic():
        written = release(books.ann, amount=beans(5), key="r", day=SOON)
    stored = Transaction.objects.get(pk=written.pk)
    assert (stored.reference, stored.rule, stored.inputs_digest, stored.by_id) == ("", "", "", None)
    assert stored.occurred_at == clock.now()


def test_a_release_draws_the_day_it_is_told(books: Books, award: Transaction) -> None:
    """Pending beans of a day of their own: the debt and the release both draw that day."""
    books.move(books.pool, books.of(books.ann, "pending"), 10, destination_day=LATER)
    books.move(books.of(books.ann, "debt"), books.pool, 4)
    with transaction.atomic():
        written = release(books.ann, amount=beans(10), key="r", day=SOON, pending_day=LATER)
    assert [
        (one.destination.kind, one.amount, one.source_day) for one in written.postings.order_by("pk")
    ] == [
        ("debt", 4, LATER),
        ("available", 6, LATER),
    ]
    assert books.days(books.ann, "pending") == {NEVER: 20}


def test_a_release_draws_what_has_no_day_unless_it_is_told(books: Books, award: Transaction) -> None:
    """Not the soonest day, as spending would: a record's beans are pending without a day."""
    books.move(books.pool, books.of(books.ann, "pending"), 10, destination_day=SOON)
    books.move(books.of(books.ann, "debt"), books.pool, 4)
    with transaction.atomic():
        release(books.ann, amount=beans(10), key="r", day=LATER)
    assert books.days(books.ann, "pending") == {SOON: 10, NEVER: 10}
    assert books.days(books.ann) == {LATER: 6}


@pytest.mark.parametrize(("owed", "released"), [(4, 4), (6, 4)])
def test_a_release_that_only_pays_makes_nothing_available(
    books: Books, award: Transaction, owed: int, released: int
) -> None:
    books.move(books.of(books.ann, "debt"), books.pool, owed)
    with transaction.atomic():
        written = release(books.ann, amount=beans(released), key="r", day=SOON)
    assert written.postings.count() == 1
    mine = member_balances(books.ann)
    assert (mine.available, mine.debt) == (beans(0), beans(owed - released))


def test_a_release_happens_once_whatever_has_changed(books: Books, award: Transaction) -> None:
    with transaction.atomic():
        first = release(books.ann, amount=beans(5), key="r", day=SOON)
    books.move(books.of(books.ann, "debt"), books.pool, 3)
    with transaction.atomic():
        again = release(books.ann, amount=beans(5), key="r", day=SOON)
    assert again.pk == first.pk
    assert member_balances(books.ann).debt == beans(3)
