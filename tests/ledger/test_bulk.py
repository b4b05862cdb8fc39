"""`post_many` does what a loop of `post` does, all or nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import transaction

from points.ledger import accounts
from points.ledger.balances import balance
from points.ledger.models import NEVER, AccountKind, Posting, Transaction
from points.ledger.services import Entry, Move, halt, post, post_many
from points.ledger.verify import verify
from points.people.models import User
from tests.ledger.conftest import Books, beans
from tests.ledger.test_posting import refused

DAY = dt.date(2026, 9, 1)


@pytest.fixture
def entries(books: Books) -> list[Entry]:
    people = [books.ann, books.bo, *(User.objects.create_user(f"u{n}") for n in range(5))]
    moves = [
        Move(books.pool, books.of(person, AccountKind.PENDING), beans(n + 1))
        for n, person in enumerate(people)
    ]
    return [Entry(f"award:{n}", move, reference=f"record:{n}", rule="t:1") for n, move in enumerate(moves)]


def many(kind: str, entries: list[Entry]) -> list[int]:
    with transaction.atomic():
        return post_many(kind, entries, by=None)


def test_batch_writes_what_a_loop_writes(books: Books, entries: list[Entry]) -> None:
    ids = many("award", entries)
    assert ids == sorted(set(ids))
    assert [one.reference for one in Transaction.objects.filter(pk__in=ids).order_by("pk")] == [
        entry.reference for entry in entries
    ]
    assert balance(books.pool) == beans(1000 - 28)
    assert verify().ok
    for entry in entries:  # a single post with the same key and body finds the one of the batch
        with transaction.atomic():
            single = post(
                "award", key=entry.key, moves=[entry.move], by=None, reference=entry.reference, rule="t:1"
            )
        assert single.pk in ids


def test_batch_again_changes_nothing_and_answers_the_same(books: Books, entries: list[Entry]) -> None:
    first = many("award", entries[:4])
    assert many("award", entries)[:4] == first
    assert many("award", entries)[:4] == first
    assert Posting.objects.filter(transaction__kind="award").count() == len(entries)
    assert verify().ok


def test_batch_names_days(books: Books, entries: list[Entry]) -> None:
    many("award", entries[:1])
    pending, available = (books.of(books.ann, kind) for kind in ("pending", "available"))
    release = Move(pending, available, beans(1), source_day=NEVER, destination_day=DAY)
    many("release", [Entry("release:0", release)])
    assert books.days(books.ann) == {DAY: 1}
    with refused("day_needed"):
        many("release", [Entry("release:1", replace(release, source_day=None))])
    assert verify().ok


def test_batch_is_all_or_nothing(books: Books, entries: list[Entry]) -> None:
    too_much = Entry("award:x", Move(books.pool, books.of(books.ann, "pending"), beans(1000)))
    with refused("insufficient_balance"):
        many("award", [*entries, too_much])
    assert not Transaction.objects.filter(kind="award").exists()
    assert balance(books.pool) == beans(1000)


def test_batch_refuses_a_changed_body(books: Books, entries: list[Entry]) -> None:
    many("award", entries[:1])
    changed = replace(entries[0], reference="record:other")
    with refused("idempotency_conflict"):
        many("award", [*entries[1:], changed])
    assert Transaction.objects.filter(kind="award").count() == 1


def test_batch_refuses_a_key_twice(books: Books, entries: list[Entry]) -> None:
    with refused("duplicate_key"):
        many("award", [entries[0], entries[0]])


def test_batch_refuses_a_halted_kind(books: Books, entries: list[Entry]) -> None:
    many("award", entries[:1])
    halt("award", by=None, reason="mismatch")
    assert len(many("award", entries[:1])) == 1  # done before: its answer stands
    with refused("kind_halted"):
        many("award", entries)


def test_batch_refuses_a_debt_above_zero(books: Books) -> None:
    with refused("above_ceiling"):
        many("test", [Entry("d", Move(books.pool, books.of(books.ann, "debt"), beans(1)))])


def test_batch_outside_a_transaction_is_refused(transactional_db: None) -> None:
    move = Move(accounts.system_account("treasury"), accounts.pool_account("P9", 2026), beans(1))
    with refused("not_in_transaction"):
        post_many("test", [Entry("k", move)], by=None)


def test_empty_batch_is_refused(books: Books) -> None:
    with refused("no_moves"):
        many("test", [])
