"""What the books show: balances, trial balance, statements, month close. Exact, on books with a history."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from djmoney.money import Money

from points import clock, units
from points.ledger import accounts, closing, sealing, trial_balance
from points.ledger.balances import balance, balances_by_day, member_balances
from points.ledger.models import NEVER, Account, AccountKind, Assertion, Balance, Checkpoint, Unit
from points.ledger.services import Move, post
from points.ledger.statements import Line, statement
from points.ledger.verify import verify
from points.people.models import User
from tests.ledger.conftest import Books, beans
from tests.ledger.test_posting import refused

SOON, LATER = dt.date(2026, 6, 1), dt.date(2027, 6, 1)


def amounts() -> dict[tuple[str, str], tuple[int, int]]:
    return {(row.unit, row.kind): (row.accounts, int(row.amount.amount)) for row in trial_balance.rows()}


# --- Balances -------------------------------------------------------------------------------------------
def test_busy_accounts_are_right_before_between_and_after_seals(books: Books) -> None:
    """Checkpoint and tail: what was sealed once, twice, thrice, and what is not sealed yet."""
    forfeit = accounts.system_account("forfeit")
    for turn in range(1, 4):
        books.move(books.treasury, books.pool, 10)
        books.move(books.treasury, books.pool, 10)
        books.move(books.pool, forfeit, 2)
        books.move(forfeit, books.treasury, 1)
        expected = -1000 - 20 * turn + turn
        assert (balance(books.treasury), balance(forfeit)) == (beans(expected), beans(turn))
        sealing.seal_pending()
        assert (balance(books.treasury), balance(forfeit)) == (beans(expected), beans(turn))
    assert Checkpoint.objects.filter(account=books.treasury).count() == 3
    assert list(
        Checkpoint.objects.filter(account=forfeit).order_by("seal").values_list("amount", flat=True)
    ) == [
        1,
        2,
        3,
    ]
    assert verify().ok


def test_a_busy_account_that_rested_keeps_its_last_checkpoint(books: Books) -> None:
    forfeit = accounts.system_account("forfeit")
    books.move(books.pool, forfeit, 7)
    sealing.seal_pending()
    for _turn in range(2):
        books.move(books.treasury, books.pool, 1)
        sealing.seal_pending()
    assert Checkpoint.objects.filter(account=forfeit).count() == 1
    books.move(books.pool, forfeit, 5)
    sealing.seal_pending()
    assert balance(forfeit) == beans(12)
    assert verify().ok


def test_member_balances_show_each_kind(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    books.give(books.ann, 20, LATER)
    books.give(books.ann, 30)
    books.move(books.pool, books.of(books.ann, "pending"), 7, destination_day=SOON)
    books.move(books.pool, books.of(books.ann, "pending"), 1, destination_day=LATER)
    books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 4)
    books.move(books.of(books.ann, "debt"), books.pool, 2)
    books.give(books.bo, 99, SOON)
    mine = member_balances(books.ann)
    assert (mine.available, mine.pending, mine.held, mine.debt) == (beans(56), beans(8), beans(4), beans(2))
    assert mine.total == beans(68)
    assert mine.expiring == [(SOON, beans(6)), (LATER, beans(20))]
    assert mine.minutes == 0
    assert balances_by_day(books.of(books.ann, "available")) == [
        (SOON, beans(6)),
        (LATER, beans(20)),
        (NEVER, beans(30)),
    ]


def test_minutes_and_other_units_are_no_beans(books: Books) -> None:
    coins = units.register("COIN", "Time coin").code
    Unit.objects.create(code=coins, name_en="Time coin", name_zh="时间币")
    service, hours = accounts.system_account("service"), books.of(books.ann, "hours")
    forfeit = accounts.system_account("forfeit", coins)
    mine = accounts.member_account(books.ann, "available", coins)
    post("service", key="s", moves=[Move(service, hours, Money(90, "MINUTE"))], by=None)
    post("coins", key="c", moves=[Move(forfeit, mine, Money(5, coins), None, SOON)], by=None)
    books.give(books.ann, 1)
    found = member_balances(books.ann)
    assert (found.available, found.minutes, found.expiring) == (beans(1), 90, [])
    assert statement(books.ann)[0].available == beans(1)
    assert len(statement(books.ann)) == 1
    assert statement(books.ann, unit=coins)[0].available == Money(5, coins)


def test_spent_days_are_not_listed(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 10)
    assert Balance.objects.filter(account=books.of(books.ann, "available"), amount=0).exists()
    assert balances_by_day(books.of(books.ann, "available")) == []
    assert member_balances(books.ann).expiring == []


def test_beans_count_on_their_last_day_and_not_after(books: Books, clock_at: Any) -> None:
    books.give(books.ann, 10, SOON)
    clock_at("2026-06-01 23:59")
    assert member_balances(books.ann).available == beans(10)
    clock_at("2026-06-02 00:00")
    assert member_balances(books.ann).available == beans(0)


# --- Trial balance --------------------------------------------------------------------------------------
def test_trial_balance_lists_every_kind(books: Books) -> None:
    books.give(books.ann, 10, SOON)
    books.give(books.ann, 10, LATER)
    books.give(books.bo, 10, LATER)
    books.move(books.treasury, books.pool, 1)
    books.move(books.treasury, books.pool, 1)
    forfeit = accounts.system_account("forfeit")
    books.move(books.pool, forfeit, 3)
    books.of(books.ann, "hours")
    accounts.pool_account("P2", 2026)
    expected = {
        ("BEAN", "available"): (2, 30),
        ("BEAN", "forfeit"): (1, 3),
        ("BEAN", "lapsed"): (1, 0),
        ("BEAN", "pool"): (2, 969),
        ("BEAN", "treasury"): (1, -1002),
        ("MINUTE", "hours"): (1, 0),
    }
    assert amounts() == expected
    assert [(row.unit, row.kind) for row in trial_balance.rows()] == sorted(expected)
    sealing.seal_pending()
    assert amounts() == expected
    books.move(books.treasury, books.pool, 1)
    books.move(forfeit, books.treasury, 1)
    books.move(forfeit, books.treasury, 1)
    assert amounts() == expected | {
        ("BEAN", "treasury"): (1, -1001),
        ("BEAN", "forfeit"): (1, 1),
        ("BEAN", "pool"): (2, 970),
    }
    sealing.seal_pending()
    sealing.seal_pending()
    books.move(books.pool, forfeit, 5)
    sealing.seal_pending()
    assert amounts()["BEAN", "treasury"] == (1, -1001)
    assert amounts()["BEAN", "forfeit"] == (1, 6)
    assert all(row.amount.currency.code == row.unit for row in trial_balance.rows())


# --- Statements -----------------------------------------------------------------------------------------
def lines(person: User, **how: Any) -> list[tuple[int, ...]]:
    return [
        tuple(int(money.amount) for money in (one.available, one.pending, one.held, one.debt))
        for one in statement(person, **how)
    ]


def test_statement_says_what_each_transaction_did(books: Books) -> None:
    ann = {kind: books.of(books.ann, kind) for kind in ("available", "pending", "hold", "debt")}
    books.give(books.bo, 77, SOON)
    books.give(books.ann, 10, SOON)
    books.move(books.pool, ann["pending"], 8)
    books.move(ann["pending"], ann["available"], 5, destination_day=LATER)
    books.move(ann["available"], ann["hold"], 12)
    books.move(ann["debt"], books.pool, 3)
    books.move(ann["pending"], ann["debt"], 2, kind="paid")
    assert lines(books.ann) == [
        (0, -2, 0, 2),
        (0, 0, 0, -3),
        (-12, 0, 12, 0),
        (5, -5, 0, 0),
        (0, 8, 0, 0),
        (10, 0, 0, 0),
    ]
    found = statement(books.ann)
    assert [int(one.change.amount) for one in found] == [0, -3, -12, 5, 8, 10]
    assert [one.kind for one in found] == ["paid", "test", "test", "test", "test", "test"]
    assert [one.day for one in found] == [None, None, None, LATER, None, SOON]
    assert lines(books.ann, before=found[2].transaction.pk) == [(5, -5, 0, 0), (0, 8, 0, 0), (10, 0, 0, 0)]
    assert lines(books.ann, before=found[2].transaction.pk, size=1) == [(5, -5, 0, 0)]


def test_what_was_paid_counts_against_the_debt(books: Books) -> None:
    """Pending, available and held in one line: their sum, less what went to the debt."""
    zero = beans(0)
    one = Line(books.give(books.ann, 1), beans(5), beans(3), beans(1), beans(2), None)
    assert one.change == beans(11)
    assert Line(one.transaction, beans(-5), beans(7), zero, beans(-2), None).change == beans(-5)
    assert Line(one.transaction, beans(4), zero, beans(-4), zero, None).change == beans(4)


def test_a_line_names_the_soonest_day_that_arrived(books: Books) -> None:
    books.give(books.ann, 10, LATER)
    books.give(books.ann, 10, SOON)
    available, hold = books.of(books.ann, "available"), books.of(books.ann, "hold")
    books.move(available, hold, 15)
    books.move(hold, available, 15)
    assert [one.day for one in statement(books.ann, size=2)] == [SOON, None]
    assert lines(books.ann, size=2) == [(15, 0, -15, 0), (-15, 0, 15, 0)]


def test_day_of_a_line_is_its_own(books: Books) -> None:
    available = books.of(books.ann, "available")
    post(
        "gift",
        key="two",
        by=None,
        moves=[
            Move(books.pool, available, Money(1, "BEAN"), None, LATER),
            Move(books.pool, available, Money(2, "BEAN"), None, SOON),
            Move(books.pool, books.of(books.ann, "pending"), Money(4, "BEAN"), None, dt.date(2026, 3, 2)),
        ],
    )
    books.give(books.ann, 1, LATER)
    assert [(one.day, int(one.available.amount)) for one in statement(books.ann)] == [(LATER, 1), (SOON, 3)]


def test_a_page_has_twenty_lines(books: Books) -> None:
    for _turn in range(22):
        books.give(books.ann, 1)
    assert len(statement(books.ann)) == 20
    assert len(statement(books.ann, size=5)) == 5


def test_statement_of_a_stranger_is_empty(books: Books) -> None:
    assert statement(User.objects.create_user("eve")) == []
    books.move(accounts.system_account("forfeit"), books.pool, 1)
    assert statement(books.bo) == []


# --- Month close ----------------------------------------------------------------------------------------
def local(text: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("month", "end"),
    [
        ("2026-01-31", "2026-02-01"),
        ("2026-02-01", "2026-03-01"),
        ("2026-02-28", "2026-03-01"),
        ("2026-12-15", "2027-01-01"),
        ("2028-02-29", "2028-03-01"),
    ],
)
def test_a_month_ends_with_its_last_day(month: str, end: str) -> None:
    assert closing.end_of(dt.date.fromisoformat(month)) == local(f"{end} 00:00")


def test_a_month_is_closed_an_hour_after_its_end_at_the_earliest(books: Books, clock_at: Any) -> None:
    clock_at("2026-04-01 00:59:59")
    with refused("month_not_over"):
        closing.close_month(dt.date(2026, 3, 1))
    clock_at("2026-04-01 01:00:00")
    assert closing.close_month(dt.date(2026, 3, 1)) == 2


def test_the_last_moment_belongs_to_the_month_and_the_next_does_not(books: Books, clock_at: Any) -> None:
    clock_at("2026-03-31 23:59:59.999999")
    books.move(books.pool, books.of(books.ann, "pending"), 5)
    books.move(books.pool, books.of(books.ann, "pending"), 5)
    books.move(books.treasury, books.pool, 3)
    books.move(books.treasury, books.pool, 3)
    clock_at("2026-04-01 00:00")
    books.move(books.pool, books.of(books.ann, "pending"), 90)
    books.move(books.treasury, books.pool, 900)
    clock_at("2026-04-30 12:00")
    assert closing.close_last_month() == 3
    found = {one.account.code: one.amount for one in Assertion.objects.select_related("account")}
    assert found == {
        books.treasury.code: -1006,
        books.pool.code: 996,
        books.of(books.ann, "pending").code: 10,
    }
    assert {(one.before, one.made_at) for one in Assertion.objects.all()} == {
        (local("2026-04-01 00:00"), local("2026-04-30 12:00"))
    }
    assert closing.close_last_month() == 0
    assert verify().ok
    clock_at("2026-05-01 01:00")
    assert closing.close_last_month() == 3
    assert Assertion.objects.count() == 6
    assert verify().ok


@pytest.mark.parametrize(("day", "closed"), [("2026-04-01", "2026-04-01"), ("2026-05-31", "2026-05-01")])
def test_the_last_month_is_the_one_before_this(books: Books, clock_at: Any, day: str, closed: str) -> None:
    clock_at(f"{day} 08:00")
    closing.close_last_month()
    assert {one.before for one in Assertion.objects.all()} == {local(f"{closed} 00:00")}


def test_tasks_do_what_their_twins_do(books: Books, clock_at: Any) -> None:
    from points.ledger import tasks

    books.give(books.ann, 5, SOON)
    clock_at("2026-07-01 08:00")
    assert tasks.lapse_due() == 1
    assert tasks.seal_pending() == 3
    assert tasks.close_month() == Assertion.objects.count() == 3
    assert AccountKind.LAPSED in Account.objects.values_list("kind", flat=True)
    assert clock.today() == dt.date(2026, 7, 1)
