"""Writing: every field arrives in its column, every refusal says what was there and what was needed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from points import clock
from points.ledger import accounts, portable, postgres
from points.ledger.balances import balance
from points.ledger.models import NEVER, Balance, Transaction
from points.ledger.moves import LARGEST
from points.ledger.services import Entry, Move, lapse_due, post, post_many, reverse
from points.ledger.verify import verify
from points.people.models import User
from tests.ledger.conftest import Books, beans
from tests.ledger.test_posting import refused

EARLIER, SOON, LATER = dt.date(2026, 5, 1), dt.date(2026, 6, 1), dt.date(2027, 6, 1)
HAPPENED = dt.datetime(2026, 2, 14, 8, 30, tzinfo=dt.UTC)


def row(one: Transaction) -> dict[str, Any]:
    """The columns of a transaction, less its numbers and digests."""
    names = "kind reference key occurred_at posted_at by_id approved_by_id on_behalf_of_id reason rule"
    more = "inputs_digest reverses_id corrects_id"
    return {name: getattr(one, name) for name in f"{names} {more}".split()}


# --- One transaction ------------------------------------------------------------------------------------
def test_everything_arrives_in_its_column(books: Books) -> None:
    cy = User.objects.create_user("cy")
    first = books.give(books.ann, 1)
    with transaction.atomic():
        written = post(
            "award",
            key="award:1",
            moves=[Move(books.pool, books.of(books.ann, "pending"), beans(3))],
            by=books.ann,
            reference="record:7",
            occurred_at=HAPPENED,
            approved_by=books.bo,
            on_behalf_of=cy,
            reason="service",
            rule="town:3",
            inputs_digest="d" * 64,
            corrects=first,
        )
    expected = {
        "kind": "award",
        "reference": "record:7",
        "key": "award:1",
        "occurred_at": HAPPENED,
        "posted_at": clock.now(),
        "by_id": books.ann.pk,
        "approved_by_id": books.bo.pk,
        "on_behalf_of_id": cy.pk,
        "reason": "service",
        "rule": "town:3",
        "inputs_digest": "d" * 64,
        "reverses_id": None,
        "corrects_id": first.pk,
    }
    assert row(written) == expected
    assert row(Transaction.objects.get(pk=written.pk)) == expected
    assert written.body_digest == Transaction.objects.get(pk=written.pk).body_digest
    assert (written._state.adding, written._state.db) == (False, "default")


def test_what_is_not_said_is_empty(books: Books) -> None:
    written = Transaction.objects.get(pk=books.give(books.ann, 1).pk)
    assert row(written) == {
        "kind": "test",
        "reference": "",
        "key": written.key,
        "occurred_at": clock.now(),
        "posted_at": clock.now(),
        "by_id": None,
        "approved_by_id": None,
        "on_behalf_of_id": None,
        "reason": "",
        "rule": "",
        "inputs_digest": "",
        "reverses_id": None,
        "corrects_id": None,
    }
    assert written.seal_id is None


def test_the_same_key_later_answers_with_the_first(books: Books) -> None:
    pending = books.of(books.ann, "pending")
    first = books.move(books.pool, pending, 20, key="once")
    with clock.at(clock.now() + dt.timedelta(days=3)):
        again = books.move(books.pool, pending, 20, key="once")
    assert (again.pk, again.posted_at) == (first.pk, first.posted_at)


@pytest.mark.parametrize("change", ["amount", "day", "destination", "unit"])
def test_the_same_key_for_something_else_is_named(books: Books, change: str) -> None:
    mine = books.of(books.ann, "available")
    books.move(books.pool, mine, 20, key="once", destination_day=SOON)
    other = {
        "amount": (books.pool, mine, 21, SOON),
        "day": (books.pool, mine, 20, LATER),
        "destination": (books.pool, books.of(books.bo, "available"), 20, SOON),
        "unit": (books.treasury, books.pool, 20, None),
    }[change]
    with refused("idempotency_conflict") as caught:
        books.move(*other[:3], key="once", destination_day=other[3])
    assert caught.value.context == {"key": "once"}


def test_linked_transactions_are_part_of_the_request(books: Books) -> None:
    one, two = books.give(books.ann, 1), books.give(books.ann, 1)
    move = [Move(books.pool, books.of(books.ann, "pending"), beans(3))]
    with transaction.atomic():
        post("test", key="once", moves=move, by=None, corrects=one)
        with refused("idempotency_conflict"):
            post("test", key="once", moves=move, by=None, corrects=two)


@pytest.mark.parametrize(
    ("reverses", "said", "kind"),
    [
        (True, "UNIQUE constraint failed: ledger_transaction.reverses_id", "already_reversed"),
        (True, "something else", ""),
        (False, "UNIQUE constraint failed: ledger_transaction.reverses_id", ""),
    ],
)
def test_two_reversals_at_once_are_told_apart_from_other_errors(
    books: Books, monkeypatch: pytest.MonkeyPatch, reverses: bool, said: str, kind: str
) -> None:
    """The unique index speaks when another connection reversed it between our look and our writing."""
    original = books.give(books.ann, 1)

    def collide(*_request: Any) -> Any:
        raise IntegrityError(said)

    for path in (portable, postgres):
        monkeypatch.setattr(path, "post", collide)
    wanted: Any = refused(kind) if kind else pytest.raises(IntegrityError, match=said)
    with wanted, transaction.atomic():
        post(
            "reversal",
            key="r",
            moves=[Move(books.of(books.ann, "available"), books.pool, beans(1))],
            by=None,
            reverses=original if reverses else None,
        )


def noted(real: Any, taken: list[str]) -> Any:
    def write(*request: Any) -> Any:
        taken.append(f"{real.__module__.rpartition('.')[2]}.{real.__name__}")
        return real(*request)

    return write


def test_each_engine_takes_its_own_path(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    for path in (portable, postgres):
        for name in ("post", "post_many"):
            monkeypatch.setattr(path, name, noted(getattr(path, name), taken))
    books.give(books.ann, 1)
    with transaction.atomic():
        post_many("award", [Entry("e", Move(books.pool, books.of(books.ann, "pending"), beans(1)))], by=None)
    ours = "postgres" if connection.vendor == "postgresql" else "portable"
    assert taken == [f"{ours}.post", f"{ours}.post_many"]


# --- Refusals say what was there ------------------------------------------------------------------------
def test_an_overdraft_says_what_was_there_and_what_was_needed(books: Books) -> None:
    with refused("insufficient_balance") as caught:
        books.move(books.pool, books.of(books.ann, "pending"), 1001)
    assert caught.value.context == {"account": "pool:p1:2026", "balance": 1000, "needed": 1001}


def test_an_overdraft_over_days_says_it_too(books: Books) -> None:
    mine = books.of(books.ann, "available")
    books.give(books.ann, 10, SOON)
    books.give(books.ann, 10, LATER)
    with refused("insufficient_balance") as caught:
        books.move(mine, books.of(books.ann, "hold"), 25)
    assert caught.value.context == {"account": mine.code, "balance": 20, "needed": 25}
    with refused("insufficient_balance") as caught:
        books.move(mine, books.of(books.ann, "hold"), 11, source_day=SOON)
    assert caught.value.context == {"account": mine.code, "balance": 10, "needed": 11}


def test_the_deepest_overdraft_is_named_first(books: Books) -> None:
    other = accounts.pool_account("P2", 2026)
    pending = books.of(books.ann, "pending")
    moves = [
        Move(other, pending, beans(3)),
        Move(books.pool, pending, beans(1010)),
        Move(other, pending, beans(1)),
    ]
    with refused("insufficient_balance") as caught, transaction.atomic():
        post("test", key="k", moves=moves, by=None)
    assert caught.value.context == {"account": books.pool.code, "balance": 1000, "needed": 1010}


def test_an_overdraft_is_named_before_a_debt_above_zero(books: Books) -> None:
    debt = books.of(books.ann, "debt")
    moves = [
        Move(books.treasury, debt, beans(2000)),
        Move(books.pool, books.of(books.bo, "pending"), beans(1001)),
    ]
    with refused("insufficient_balance"), transaction.atomic():
        post("test", key="k", moves=moves, by=None)


def test_a_debt_above_zero_is_named(books: Books) -> None:
    debt = books.of(books.ann, "debt")
    with refused("above_ceiling") as caught:
        books.move(books.pool, debt, 1)
    assert caught.value.context == {"account": debt.code}


def test_a_balance_may_reach_63_bits_and_no_more(books: Books) -> None:
    payable = accounts.provider_account("shop", "payable")
    books.move(books.treasury, payable, LARGEST)
    assert balance(payable) == beans(LARGEST)
    with refused("too_large") as caught:
        books.move(books.treasury, payable, 1)
    # Each engine names a number that is too large: the balance it would be, or what was to be added.
    assert caught.value.context["amount"] in (1, LARGEST + 1)
    assert balance(payable) == beans(LARGEST)


def test_a_day_that_has_passed_is_named_and_today_is_not_passed(books: Books, today: dt.date) -> None:
    with refused("day_passed") as caught:
        books.give(books.ann, 1, today - dt.timedelta(days=1))
    assert caught.value.context == {"day": "2026-02-28"}
    books.give(books.ann, 1, today)
    assert books.days(books.ann) == {today: 1}


def test_pending_beans_may_carry_a_day_that_has_passed(books: Books, today: dt.date) -> None:
    """They lapse only when they have become available."""
    past = today - dt.timedelta(days=1)
    books.move(books.pool, books.of(books.ann, "pending"), 4, destination_day=past)
    assert books.days(books.ann, "pending") == {past: 4}


def test_a_refusal_leaves_no_key_behind(books: Books) -> None:
    with transaction.atomic():
        with refused("insufficient_balance"):
            books.move(books.pool, books.of(books.ann, "pending"), 1001, key="k")
        assert not Transaction.objects.filter(key="k").exists()
        books.move(books.pool, books.of(books.ann, "pending"), 1, key="k")


# --- Several accounts, several days ---------------------------------------------------------------------
def test_days_of_one_account_do_not_help_another(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    books.give(books.bo, 10, EARLIER)
    hold = books.of(books.ann, "hold")
    moves = [Move(books.of(person, "available"), hold, beans(8)) for person in (books.ann, books.bo)]
    with transaction.atomic():
        written = post("test", key="k", moves=moves, by=None)
    drawn = [(one.source.code, one.source_day, one.amount) for one in written.postings.order_by("pk")]
    assert drawn == [
        (books.of(books.ann, "available").code, SOON, 8),
        (books.of(books.bo, "available").code, EARLIER, 8),
    ]
    assert books.days(books.ann, "hold") == {EARLIER: 8, SOON: 8}


def test_a_change_that_comes_to_nothing_is_no_change(books: Books) -> None:
    """Through the pool and out again: its balance is not touched, the others' are."""
    other, third = accounts.pool_account("A2", 2026), accounts.pool_account("Z3", 2026)
    moves = [Move(books.treasury, books.pool, beans(5)), Move(books.pool, third, beans(5))]
    with transaction.atomic():
        post("through", key="k", moves=[*moves, Move(books.treasury, other, beans(1))], by=None)
    assert [int(balance(one).amount) for one in (books.pool, other, third)] == [1000, 1, 5]
    assert verify().ok


def test_a_new_day_gets_the_sign_of_its_account(books: Books) -> None:
    books.give(books.ann, 5, SOON)
    books.move(books.of(books.ann, "debt"), books.pool, 2)
    found = {
        one.account.kind: (one.day, one.amount, one.sign) for one in Balance.objects.select_related("account")
    }
    assert found == {
        "pool": (NEVER, 997, 1),
        "available": (SOON, 5, 1),
        "debt": (NEVER, -2, -1),
    }


# --- Reversal -------------------------------------------------------------------------------------------
def test_a_reversal_is_the_mirror_of_everything(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    books.give(books.ann, 10, LATER)
    mine, held = books.of(books.ann, "available"), books.of(books.ann, "hold")
    with transaction.atomic():
        original = post(
            "hold",
            key="h",
            moves=[Move(mine, held, beans(15)), Move(books.treasury, books.pool, beans(2))],
            by=books.ann,
            reference="redemption:9",
            rule="town:3",
        )
        mirror = reverse(original, key="r", by=books.bo, reason="mistake")
    assert row(Transaction.objects.get(pk=mirror.pk)) == row(mirror) | {
        "kind": "reversal",
        "reference": "redemption:9",
        "rule": "town:3",
        "reason": "mistake",
        "by_id": books.bo.pk,
        "reverses_id": original.pk,
        "corrects_id": None,
    }
    rows = mirror.postings.order_by("pk").values_list(
        "source_id", "destination_id", "amount", "source_day", "destination_day"
    )
    assert list(rows) == [
        (books.pool.pk, books.treasury.pk, 2, None, None),
        (held.pk, mine.pk, 5, LATER, LATER),
        (held.pk, mine.pk, 10, SOON, SOON),
    ]


def test_a_reversal_restores_days_that_were_changed(books: Books) -> None:
    """A release gives a day: taken back, the beans are pending without it again."""
    pending, mine = books.of(books.ann, "pending"), books.of(books.ann, "available")
    books.move(books.pool, pending, 10)
    released = books.move(pending, mine, 10, source_day=NEVER, destination_day=SOON)
    books.give(books.ann, 5, EARLIER)
    with transaction.atomic():
        reverse(released, key="r", by=None, reason="mistake")
    assert books.days(books.ann, "pending") == {NEVER: 10}
    assert books.days(books.ann) == {EARLIER: 5}


def test_a_reversal_may_return_a_day_that_has_passed(books: Books, clock_at: Any) -> None:
    """The mirror is exact; what is overdue lapses at the next debit as always."""
    books.give(books.ann, 10, SOON)
    spent = books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 10)
    clock_at("2026-07-01 09:00")
    with transaction.atomic():
        reverse(spent, key="r", by=None, reason="mistake")
    assert books.days(books.ann) == {SOON: 10}
    assert lapse_due() == 1
    assert verify().ok


def test_a_reversal_reads_its_accounts_at_once(books: Books) -> None:
    """However many postings: the accounts come with them."""
    with transaction.atomic():
        mine = [accounts.pool_account(f"R{n}", 2026) for n in range(8)]
        many = post("split", key="s", moves=[Move(books.pool, one, beans(1)) for one in mine], by=None)
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        reverse(many, key="r", by=None, reason="mistake")
    assert not [one for one in asked.captured_queries if one["sql"].startswith('SELECT "ledger_account"')]
