"""Batches, lapsing and halts: every field in its column, in parts, and named when refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from djmoney.money import Money

from points import clock, units
from points.ledger import accounts, portable, services
from points.ledger.balances import balance
from points.ledger.models import NEVER, Account, Balance, Halt, Posting, Transaction, Unit
from points.ledger.moves import LARGEST
from points.ledger.services import Entry, Move, halt, lapse_due, lift, post, post_many, reverse
from points.ledger.verify import verify
from points.people.models import User
from tests.ledger.conftest import Books, beans
from tests.ledger.test_more_writing import EARLIER, HAPPENED, LATER, SOON, row
from tests.ledger.test_posting import refused


# --- Batches --------------------------------------------------------------------------------------------
def test_a_batch_writes_whatever_a_text_may_hold(books: Books) -> None:
    """They travel as one array; no letter of it may be taken for the array's own."""
    odd = ['a"b', "c\\d", 'e","f', "{g,h}", "NULL", " i ", "谢谢", "\ttab\nline", "'", '\\"']
    moves = [Move(books.pool, books.of(books.ann, "pending"), beans(1)) for _unused in odd]
    entries = [
        Entry(f"k:{text}", move, reference=text, rule=text) for text, move in zip(odd, moves, strict=True)
    ]
    with transaction.atomic():
        ids = post_many("award", entries, by=None)
    found = Transaction.objects.in_bulk(ids)
    assert [(found[pk].key, found[pk].reference, found[pk].rule) for pk in ids] == [
        (f"k:{text}", text, text) for text in odd
    ]
    with transaction.atomic():
        assert post_many("award", [*entries, Entry("new", moves[0])], by=None)[:-1] == ids


def test_a_batch_writes_every_field(books: Books) -> None:
    move = Move(books.pool, books.of(books.ann, "pending"), beans(3))
    full = Entry("a", move, "record:1", HAPPENED, "service", "town:3", "d" * 64)
    with transaction.atomic():
        ids = post_many("award", [full, Entry("b", move)], by=books.ann, approved_by=books.bo)
    common = {
        "kind": "award",
        "posted_at": clock.now(),
        "by_id": books.ann.pk,
        "approved_by_id": books.bo.pk,
        "on_behalf_of_id": None,
        "reverses_id": None,
        "corrects_id": None,
    }
    found = [row(Transaction.objects.get(pk=pk)) for pk in ids]
    assert found == [
        common
        | {
            "key": "a",
            "reference": "record:1",
            "occurred_at": HAPPENED,
            "reason": "service",
            "rule": "town:3",
            "inputs_digest": "d" * 64,
        },
        common
        | {
            "key": "b",
            "reference": "",
            "occurred_at": clock.now(),
            "reason": "",
            "rule": "",
            "inputs_digest": "",
        },
    ]


def test_a_batch_without_people_names_none(books: Books) -> None:
    entry = Entry("a", Move(books.pool, books.of(books.ann, "pending"), beans(3)))
    with transaction.atomic():
        [pk] = post_many("award", [entry], by=None)
    one = Transaction.objects.get(pk=pk)
    assert (one.by_id, one.approved_by_id) == (None, None)


def test_a_batch_outside_a_transaction_is_refused(transactional_db: None) -> None:
    with refused("not_in_transaction"):
        post_many("award", [], by=None)


def test_a_batch_names_what_it_refuses(books: Books) -> None:
    pending, debt = books.of(books.ann, "pending"), books.of(books.ann, "debt")
    entry = Entry("a", Move(books.pool, pending, beans(3)))
    with transaction.atomic():
        post_many("award", [entry], by=None)
    with refused("idempotency_conflict") as caught, transaction.atomic():
        post_many("award", [Entry("b", entry.move), replace(entry, reference="other")], by=None)
    assert caught.value.context == {"key": "a"}
    with refused("insufficient_balance") as caught, transaction.atomic():
        too_much = [Entry(f"c{n}", replace(entry.move, amount=beans(500))) for n in range(2)]
        post_many("award", too_much, by=None)
    assert caught.value.context == {"account": books.pool.code, "balance": 997, "needed": 1000}
    with refused("above_ceiling") as caught, transaction.atomic():
        post_many("award", [Entry("d", Move(books.pool, debt, beans(1)))], by=None)
    assert caught.value.context == {"account": debt.code}
    payable = accounts.provider_account("shop", "payable")
    with refused("too_large"), transaction.atomic():
        largest = Move(books.treasury, payable, beans(LARGEST))
        post_many("award", [Entry("e", largest), Entry("f", largest)], by=None)
    assert Transaction.objects.filter(kind="award").count() == 1


def test_a_halted_batch_still_answers_for_what_was_done(books: Books) -> None:
    entry = Entry("a", Move(books.pool, books.of(books.ann, "pending"), beans(3)))
    with transaction.atomic():
        first = post_many("award", [entry], by=None)
    halt("award", by=None, reason="mismatch")
    with transaction.atomic():
        assert post_many("award", [entry], by=None) == first
    with refused("kind_halted"), transaction.atomic():
        post_many("award", [entry, replace(entry, key="b")], by=None)


def test_a_batch_may_carry_a_day_that_has_passed(books: Books, today: dt.date) -> None:
    """It is history put into the books; what is overdue lapses at the next debit."""
    past = today - dt.timedelta(days=1)
    given = Move(books.pool, books.of(books.ann, "available"), beans(3), None, past)
    with transaction.atomic():
        post_many("import", [Entry("a", given)], by=None)
    assert books.days(books.ann) == {past: 3}
    assert lapse_due() == 1


def test_a_long_batch_goes_through_in_parts(books: Books) -> None:
    """More than one statement's worth on SQLite: answers stay in order, balances right."""
    people = [User.objects.create_user(f"u{n}") for n in range(3)]
    ends = [books.of(person, "pending") for person in people]
    entries = [Entry(f"e{n}", Move(books.treasury, ends[n % 3], beans(1 + n % 5))) for n in range(1203)]
    with transaction.atomic():
        ids = post_many("award", entries, by=None)
    found = dict(Transaction.objects.filter(kind="award").values_list("key", "pk"))
    assert ids == [found[entry.key] for entry in entries]
    assert len(set(ids)) == 1203
    expected = [sum(1 + n % 5 for n in range(1203) if n % 3 == place) for place in range(3)]
    assert [int(balance(one).amount) for one in ends] == expected
    assert Posting.objects.filter(transaction_id__in=ids[:5]).count() == 5
    with transaction.atomic():
        assert post_many("award", entries, by=None) == ids


def test_parts_follow_one_another() -> None:
    assert [list(part) for part in portable.batched(range(5), size=2)] == [[0, 1], [2, 3], [4]]
    assert [len(part) for part in portable.batched(range(1001))] == [500, 500, 1]
    assert list(portable.batched([])) == []


@pytest.mark.postgres
def test_what_the_database_refuses_in_a_batch_is_a_database_error(books: Books) -> None:
    """Django's, so that callers (and `retrying`) know it."""
    entry = Entry("a", Move(books.pool, books.of(books.ann, "pending"), beans(3)), rule="x" * 81)
    with pytest.raises(DataError), transaction.atomic():
        post_many("award", [entry], by=None)


# --- Lapsing --------------------------------------------------------------------------------------------
def test_a_lapse_is_a_transaction_of_its_own(books: Books, clock_at: Any) -> None:
    mine = books.of(books.ann, "available")
    books.give(books.ann, 10, SOON)
    books.give(books.ann, 4, EARLIER)
    now = clock_at("2026-07-01 09:00")
    assert lapse_due() == 2
    found = list(Transaction.objects.filter(kind="lapse").order_by("pk"))
    for one, day, amount in zip(found, (EARLIER, SOON), (4, 10), strict=True):
        reference = f"{mine.code}:{day}"
        assert row(one) == {
            "kind": "lapse",
            "reference": reference,
            "key": f"lapse:{reference}:0",
            "occurred_at": now,
            "posted_at": now,
            "by_id": None,
            "approved_by_id": None,
            "on_behalf_of_id": None,
            "reason": "expired",
            "rule": "",
            "inputs_digest": "",
            "reverses_id": None,
            "corrects_id": None,
        }
        posting = one.postings.get()
        assert (posting.source_id, posting.destination.code) == (mine.pk, "system:lapsed:bean")
        assert (posting.amount, posting.source_day, posting.destination_day) == (amount, day, None)


def test_a_day_may_lapse_again(books: Books, clock_at: Any) -> None:
    """Beans that come back to a day that has lapsed once, lapse under a key of their own."""
    books.give(books.ann, 10, SOON)
    books.give(books.bo, 10, SOON)
    held = books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 4)
    clock_at("2026-07-01 09:00")
    assert lapse_due() == 2
    with transaction.atomic():
        reverse(held, key="r", by=None, reason="mistake")
    assert lapse_due() == 1
    mine = books.of(books.ann, "available").code
    keys = Transaction.objects.filter(kind="lapse", reference=f"{mine}:{SOON}").order_by("pk")
    assert [one.key for one in keys] == [f"lapse:{mine}:{SOON}:0", f"lapse:{mine}:{SOON}:1"]
    assert balance(accounts.system_account("lapsed")) == beans(20)


def test_each_unit_lapses_into_its_own(books: Books, clock_at: Any) -> None:
    coins = units.register("COIN", "Time coin").code
    Unit.objects.create(code=coins, name_en="Time coin", name_zh="时间币")
    mine = accounts.member_account(books.ann, "available", coins)
    source = accounts.system_account("forfeit", coins)
    with transaction.atomic():
        post("coins", key="c", moves=[Move(source, mine, Money(5, coins), None, SOON)], by=None)
    clock_at("2026-07-01 09:00")
    assert lapse_due() == 1
    assert balance(accounts.system_account("lapsed", coins)) == Money(5, coins)
    assert balance(accounts.system_account("lapsed")) == beans(0)


def test_only_what_is_overdue_and_available_is_looked_at(
    books: Books, clock_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.give(books.ann, 10, SOON)
    books.give(books.bo, 10, LATER)
    cy = User.objects.create_user("cy")
    books.give(cy, 3, SOON)
    books.move(books.of(cy, "available"), books.of(cy, "hold"), 3)
    looked: list[Account] = []
    lock = portable.lock_and_read

    def note(found: Any) -> Any:
        looked.extend(found)
        return lock(found)

    monkeypatch.setattr(portable, "lock_and_read", note)
    clock_at("2026-07-01 09:00")
    assert lapse_due() == 1
    assert [one.pk for one in looked] == [books.of(books.ann, "available").pk]


def test_a_job_may_do_a_part(books: Books, clock_at: Any) -> None:
    books.give(books.ann, 10, SOON)
    books.give(books.bo, 10, SOON)
    books.give(books.bo, 10, EARLIER)
    clock_at("2026-07-01 09:00")
    assert lapse_due(limit=1) == 1
    assert books.days(books.ann) == {}
    assert len(books.days(books.bo)) == 2
    assert lapse_due(limit=1) == 2


def test_days_long_empty_are_cleared_and_no_others(books: Books, clock_at: Any) -> None:
    mine, hold = books.of(books.ann, "available"), books.of(books.ann, "hold")
    books.give(books.ann, 10, SOON)
    books.give(books.ann, 5, LATER)
    books.give(books.bo, 1, EARLIER)
    books.move(mine, hold, 15)
    books.move(books.of(books.bo, "available"), books.of(books.bo, "hold"), 1)
    books.give(books.ann, 2, EARLIER)
    clock_at("2026-07-01 09:00")
    assert lapse_due() == 1
    days = Balance.objects.values_list("account__code", "day", "amount").order_by("account__code", "day")
    assert [one for one in days if one[0] == mine.code] == [(mine.code, LATER, 0)]
    assert [one[1:] for one in days if one[0] == hold.code] == [(SOON, 10), (LATER, 5)]
    assert [one[1:] for one in days if one[0] == books.of(books.bo, "available").code] == [(EARLIER, 0)]
    assert verify().ok


# --- Halts ----------------------------------------------------------------------------------------------
def test_a_halt_says_who_and_why_and_ends(books: Books) -> None:
    made = halt("hold", by=books.ann, reason="mismatch")
    assert (made.kind, made.by_id, made.reason, made.lifted_at) == ("hold", books.ann.pk, "mismatch", None)
    with clock.at(clock.now() + dt.timedelta(hours=1)):
        made.reason = "changed in memory only"
        assert lift(made, by=books.bo) is made
        expected = (books.bo.pk, clock.now())
    stored = Halt.objects.get(pk=made.pk)
    assert (stored.lifted_by_id, stored.lifted_at) == expected
    assert stored.reason == "mismatch"
    again = halt("hold", by=None, reason="again")
    assert (again.by_id, again.pk != made.pk) == (None, True)


# --- The portable path's own ----------------------------------------------------------------------------
def test_books_of_locked_accounts() -> None:
    one = Account(pk=1, is_stored=True, tracks_days=True)
    other = Account(pk=2, is_stored=True, tracks_days=True)
    books = portable.Books({(1, SOON): 5, (1, LATER): 7, (2, EARLIER): 9, (1, NEVER): 0})
    assert books.days(one) == [SOON, LATER]
    assert books.total(one) == 12
    books.move(portable.Row(one, other, 5, SOON, LATER))
    books.move(portable.Row(one, other, 1, LATER, LATER))
    assert books.days(one) == [LATER]
    assert books.days(other) == [EARLIER, LATER]
    assert (books.total(one), books.total(other)) == (6, 15)
    books.move(portable.Row(other, Account(pk=3, is_stored=False), 6, LATER, None))
    assert books.days(other) == [EARLIER]
    assert 3 not in {pk for pk, _day in books.changes}


def test_an_account_without_a_stored_balance_is_not_locked(
    books: Books, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert portable.lock_and_read([books.treasury]).amounts == {}
    assert portable.lock_and_read([books.treasury, books.pool]).amounts == {(books.pool.pk, NEVER): 1000}


def test_only_available_beans_are_overdue(books: Books, today: dt.date) -> None:
    mine, hold = books.of(books.ann, "available"), books.of(books.ann, "hold")
    yesterday = today - dt.timedelta(days=1)
    held = portable.Books({(mine.pk, yesterday): 5, (mine.pk, today): 5, (hold.pk, yesterday): 5})
    assert portable.overdue(held, mine, today) == [(yesterday, 5)]
    assert portable.overdue(held, hold, today) == []


def test_lapsing_nothing_does_nothing(books: Books) -> None:
    assert portable.lapse(books.of(books.ann, "available"), portable.Books()) == 0


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has its own path")
def test_the_portable_path_answers_with_what_it_wrote(books: Books) -> None:
    move = Move(books.pool, books.of(books.ann, "pending"), beans(3))
    said = {"kind": "test", "reference": "", "key": "k", "body_digest": "d", "reason": "", "rule": ""}
    when = {"inputs_digest": "", "occurred_at": clock.now(), "posted_at": clock.now()}
    values = dict.fromkeys(portable.TRANSACTION_COLUMNS) | said | when
    first = portable.post(values, [move], [3])
    assert (first.body_digest, first.is_new) == ("d", True)
    assert portable.post(values, [move], [3]) == (first.id, "d", False)


def test_services_name_their_writers() -> None:
    assert all(callable(getattr(services, name)) for name in services.__all__)
