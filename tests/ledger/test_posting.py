"""Posting: balanced by construction, once per key, never below the floor, refused with a code."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from djmoney.money import Money

from points import clock
from points.ledger import accounts, errors, trial_balance
from points.ledger.balances import balance, member_balances
from points.ledger.models import NEVER, AccountKind, Posting, Transaction
from points.ledger.services import Move, halt, lapse_due, lift, post, reverse
from points.ledger.statements import statement
from points.ledger.verify import verify
from points.refusals import Refusal
from tests.ledger.conftest import Books, beans

SOON, LATER = dt.date(2026, 6, 1), dt.date(2027, 6, 1)


def refused(code: str) -> pytest.raises:  # type: ignore[valid-type]
    return pytest.raises(Refusal, check=lambda error: error.code == code)  # type: ignore[call-overload]


def test_books_sum_to_zero_after_posting(books: Books) -> None:
    books.give(books.ann, 120)
    totals: dict[str, int] = {}
    for row in trial_balance.rows():
        totals[row.unit] = totals.get(row.unit, 0) + int(row.amount.amount)
    assert totals == {"BEAN": 0}
    assert balance(books.treasury) == beans(-1000)
    assert balance(books.pool) == beans(880)
    assert verify().ok


def test_post_outside_transaction_is_refused(transactional_db: None) -> None:
    source, target = accounts.system_account("treasury"), accounts.pool_account("P9", 2026)
    with refused("not_in_transaction"):
        post("test", key="k", moves=[Move(source, target, beans(1))], by=None)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (0, "not_positive"),
        (-1, "not_positive"),
        (Decimal("1.5"), "not_positive"),
        (Decimal("NaN"), "not_positive"),
        (2**63, "too_large"),
    ],
)
def test_bad_amount_is_refused(books: Books, amount: int | Decimal, code: str) -> None:
    with refused(code), transaction.atomic():
        post("test", key="k", moves=[Move(books.treasury, books.pool, Money(amount, "BEAN"))], by=None)
    assert not Transaction.objects.filter(key="k").exists()


def test_no_moves_is_refused(books: Books) -> None:
    with refused("no_moves"), transaction.atomic():
        post("test", key="k", moves=[], by=None)


def test_same_account_is_refused(books: Books) -> None:
    with refused("same_account"):
        books.move(books.pool, books.pool, 1)


def test_wrong_unit_is_refused(books: Books) -> None:
    hours = books.of(books.ann, AccountKind.HOURS)
    with refused("wrong_unit"):
        books.move(books.pool, hours, 1)


def test_closed_account_is_refused(books: Books) -> None:
    books.pool.closed_on = clock.today()
    with refused("account_closed"):
        books.give(books.ann, 1)


def test_day_on_an_account_without_days_is_refused(books: Books) -> None:
    with refused("day_not_kept"):
        books.move(books.treasury, books.pool, 1, destination_day=SOON)


def test_overdraft_is_refused_and_leaves_nothing(books: Books) -> None:
    before = Transaction.objects.count()
    pending = books.of(books.ann, AccountKind.PENDING)
    with transaction.atomic(), refused("insufficient_balance"):  # the caller goes on after the refusal
        books.move(books.pool, pending, 1001)
    assert Transaction.objects.count() == before
    assert balance(books.pool) == beans(1000)


def test_two_moves_together_cannot_overdraw(books: Books) -> None:
    ann, bo = (books.of(person, AccountKind.PENDING) for person in (books.ann, books.bo))
    moves = [Move(books.pool, ann, beans(600)), Move(books.pool, bo, beans(600))]
    with refused("insufficient_balance"), transaction.atomic():
        post("test", key="k", moves=moves, by=None)


def test_same_key_and_body_returns_the_first(books: Books) -> None:
    pending = books.of(books.ann, AccountKind.PENDING)
    first = books.move(books.pool, pending, 20, key="award:1")
    again = books.move(books.pool, pending, 20, key="award:1")
    assert again.pk == first.pk
    assert balance(pending) == beans(20)


def test_same_key_and_other_body_conflicts(books: Books) -> None:
    pending = books.of(books.ann, AccountKind.PENDING)
    books.move(books.pool, pending, 20, key="award:1")
    with refused("idempotency_conflict"):
        books.move(books.pool, pending, 21, key="award:1")


def test_ring_of_moves_is_allowed(books: Books) -> None:
    a, b, c = (accounts.pool_account(f"R{n}", 2026) for n in range(3))
    books.move(books.treasury, a, 5)
    with transaction.atomic():
        post(
            "ring", key="r", moves=[Move(a, b, beans(5)), Move(b, c, beans(5)), Move(c, a, beans(5))], by=None
        )
    assert [balance(one) for one in (a, b, c)] == [beans(5), beans(0), beans(0)]
    assert verify().ok


def test_spending_draws_the_soonest_days_first(books: Books) -> None:
    for amount, day in ((10, LATER), (10, SOON), (10, NEVER)):
        books.give(books.ann, amount, day)
    spent = books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 15, kind="hold")
    assert [(p.source_day, p.amount) for p in spent.postings.order_by("pk")] == [(SOON, 10), (LATER, 5)]
    assert books.days(books.ann) == {LATER: 5, NEVER: 10}
    assert books.days(books.ann, "hold") == {SOON: 10, LATER: 5}


def test_return_restores_the_same_days(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    books.give(books.ann, 10, LATER)
    available, hold = books.of(books.ann, "available"), books.of(books.ann, "hold")
    books.move(available, hold, 15)
    books.move(hold, available, 15)
    assert books.days(books.ann) == {SOON: 10, LATER: 10}


def test_named_day_with_too_little_is_refused(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    books.give(books.ann, 10, LATER)
    with refused("insufficient_balance"):
        books.move(books.of(books.ann, "available"), books.pool, 11, source_day=SOON)


def test_debit_lapses_overdue_days_first(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    books.give(books.ann, 10, LATER)
    with clock.at(clock.now() + dt.timedelta(days=100)):
        assert member_balances(books.ann).available == beans(10)  # before any job has run
        with refused("insufficient_balance"):
            books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 11)
        books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 4)
        assert books.days(books.ann) == {LATER: 6}
        assert balance(accounts.system_account("lapsed")) == beans(10)
        assert lapse_due() == 0
    assert verify().ok


def test_lapse_due_runs_once_and_clears_empty_days(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    books.give(books.bo, 7, SOON)
    books.give(books.bo, 7, NEVER)
    with clock.at(clock.now() + dt.timedelta(days=100)):
        assert lapse_due() == 2
        assert lapse_due() == 0
    assert books.days(books.bo) == {NEVER: 7}
    assert balance(accounts.system_account("lapsed")) == beans(17)
    assert verify().ok


def test_beans_do_not_lapse_on_their_last_day(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    with clock.at(dt.datetime.combine(SOON, dt.time(12), tzinfo=dt.UTC)):
        assert lapse_due() == 0
        assert member_balances(books.ann).available == beans(10)


def test_held_beans_do_not_lapse(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 10)
    with clock.at(clock.now() + dt.timedelta(days=400)):
        assert lapse_due() == 0
        assert member_balances(books.ann).held == beans(10)


def test_giving_a_passed_day_is_refused(books: Books) -> None:
    with refused("day_passed"):
        books.give(books.ann, 1, dt.date(2026, 2, 28))


def test_reverse_mirrors_once(books: Books) -> None:
    original = books.give(books.ann, 10, SOON)
    with transaction.atomic():
        mirror = reverse(original, key="rev:1", by=None, reason="mistake")
        again = reverse(original, key="rev:1", by=None, reason="mistake")
    assert mirror.pk == again.pk
    assert mirror.reverses_id == original.pk
    assert balance(books.pool) == beans(1000)
    assert books.days(books.ann) == {}
    with refused("already_reversed"), transaction.atomic():
        reverse(original, key="rev:2", by=None, reason="mistake")
    assert verify().ok


def test_reverse_of_spent_beans_is_refused(books: Books) -> None:
    original = books.give(books.ann, 10, SOON)
    books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 8)
    with refused("insufficient_balance"), transaction.atomic():
        reverse(original, key="rev:1", by=None, reason="mistake")


def test_debt_may_fall_but_not_rise_above_zero(books: Books) -> None:
    debt = books.of(books.ann, AccountKind.DEBT)
    books.move(debt, books.pool, 30)
    assert member_balances(books.ann).debt == beans(30)
    with refused("above_ceiling"):
        books.move(books.pool, debt, 31)
    books.move(books.pool, debt, 30)
    assert member_balances(books.ann).debt == beans(0)


def test_halted_kind_is_refused_until_lifted(books: Books) -> None:
    halted = halt("hold", by=None, reason="mismatch")
    books.give(books.ann, 10)
    with refused("kind_halted"):
        books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 1, kind="hold")
    with refused("already_halted"):
        halt("hold", by=None, reason="mismatch")
    lift(halted, by=books.bo)
    books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 1, kind="hold")


@pytest.mark.parametrize("code", ["Member:1", "member:王", "member::x", "", "a" * 81])
def test_bad_account_code_is_refused(db: None, code: str) -> None:
    with refused("bad_account_code"):
        accounts.open_account(code, kind="pool", unit="BEAN")


def test_account_of_another_kind_is_refused(books: Books) -> None:
    with refused("account_mismatch"):
        accounts.open_account(books.pool.code, kind="payable", unit="BEAN")


def test_statement_pages_by_keyset(books: Books) -> None:
    for amount in range(1, 8):
        books.give(books.ann, amount, SOON)
    books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 5, kind="hold")
    first = statement(books.ann, size=3)
    rest = statement(books.ann, before=first[-1].transaction.pk, size=10)
    assert [int(line.change.amount) for line in first + rest] == [-5, 7, 6, 5, 4, 3, 2, 1]
    assert (first[0].available, first[0].held) == (beans(-5), beans(5))
    assert first[1].day == SOON


def test_statement_takes_constant_queries(books: Books, django_assert_num_queries: object) -> None:
    books.give(books.ann, 1)
    with django_assert_num_queries(4):  # type: ignore[operator]
        assert len(statement(books.ann, size=30)) == 1
    for _unused in range(29):
        books.give(books.ann, 1)
    with django_assert_num_queries(4):  # type: ignore[operator]
        assert len(statement(books.ann, size=30)) == 30


def test_refusal_codes_of_the_ledger_are_distinct() -> None:
    codes = [
        error.refusal_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, Refusal) and error is not Refusal
    ]
    assert len(codes) == len(set(codes)) > 10


def test_posting_row_names_days_only_where_they_are_kept(books: Books) -> None:
    one = books.give(books.ann, 10, SOON).postings.get()
    assert (one.source_day, one.destination_day) == (None, SOON)
    assert Posting.objects.filter(source_day__isnull=False).count() == 0
