"""Taking back after spending, and paying what is owed first."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from points.ledger.balances import balance, member_balances
from points.ledger.corrections import release, take_back
from points.ledger.models import Transaction
from points.ledger.verify import verify
from tests.ledger.conftest import Books, beans
from tests.ledger.test_posting import LATER, SOON, refused


def award(books: Books, amount: int) -> Transaction:
    return books.move(books.pool, books.of(books.ann, "pending"), amount, kind="award")


def take(
    books: Books, amount: int, original: Transaction, *, key: str = "c1", day: dt.date | None = None
) -> None:
    with transaction.atomic():
        take_back(
            books.ann,
            amount=beans(amount),
            to=books.pool,
            key="c1",
            by=books.bo,
            corrects=original,
            reason="hours_corrected",
            day=day,
        )


def let_go(books: Books, amount: int, *, key: str, day: dt.date = LATER) -> None:
    with transaction.atomic():
        release(books.ann, amount=beans(amount), key=key, day=day)


def test_pending_beans_are_taken_back_first(books: Books) -> None:
    books.give(books.ann, 10, LATER)
    original = award(books, 20)
    take(books, 15, original)
    mine = member_balances(books.ann)
    assert (mine.pending, mine.available, mine.debt) == (beans(5), beans(10), beans(0))
    assert verify().ok


def test_the_awards_own_day_is_drawn_first(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    original = books.give(books.ann, 10, LATER)
    take(books, 8, original, day=LATER)
    assert books.days(books.ann) == {SOON: 10, LATER: 2}


def test_what_is_spent_becomes_a_debt_and_is_paid_by_the_next_releases(books: Books) -> None:
    original = books.give(books.ann, 20, LATER)
    books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 18, kind="hold")
    take(books, 20, original)
    mine = member_balances(books.ann)
    assert (mine.available, mine.held, mine.debt) == (beans(0), beans(18), beans(18))
    assert balance(books.pool) == beans(1000)

    award(books, 25)
    let_go(books, 10, key="r1")
    mine = member_balances(books.ann)
    assert (mine.available, mine.debt) == (beans(0), beans(8))
    let_go(books, 15, key="r2")
    mine = member_balances(books.ann)
    assert (mine.available, mine.debt) == (beans(7), beans(0))
    assert verify().ok


def test_overdue_beans_do_not_pay_a_correction(books: Books, clock_at: object) -> None:
    original = books.give(books.ann, 20, SOON)
    clock_at("2026-07-01 09:00")  # type: ignore[operator]
    take(books, 20, original)
    assert member_balances(books.ann).debt == beans(20)
    assert verify().ok


def test_correction_and_release_happen_once_per_key(books: Books) -> None:
    original = award(books, 20)
    take(books, 5, original)
    take(books, 5, original)
    let_go(books, 10, key="r1")
    let_go(books, 10, key="r1")
    mine = member_balances(books.ann)
    assert (mine.pending, mine.available) == (beans(5), beans(10))


def test_release_of_more_than_is_pending_is_refused(books: Books) -> None:
    award(books, 5)
    with refused("insufficient_balance"):
        let_go(books, 6, key="r1")


@pytest.mark.parametrize("day", [SOON, LATER])
def test_released_beans_expire_on_their_day(books: Books, day: dt.date) -> None:
    award(books, 5)
    let_go(books, 5, key="r1", day=day)
    assert books.days(books.ann) == {day: 5}
