"""What is sealed, to the last byte, and the seals themselves: their form must never change."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from points import clock
from points.ledger import accounts, content, sealing, streams
from points.ledger.models import Checkpoint, Posting, Seal, Transaction
from points.ledger.receipts import check, receipt
from points.ledger.services import Move, post, reverse
from points.ledger.verify import verify
from tests.ledger.conftest import Books, beans

SOON, LATER = dt.date(2026, 6, 1), dt.date(2027, 6, 1)


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def test_an_instant_is_utc_to_the_microsecond() -> None:
    moment = timezone.make_aware(dt.datetime(2026, 3, 1, 9, 0, 0, 1200))
    assert content.instant(moment) == "2026-03-01T01:00:00.001200Z"
    assert content.instant(moment.astimezone(dt.UTC)) == content.instant(moment)


def test_a_transaction_says_everything_but_its_seal(books: Books) -> None:
    mine, held = books.of(books.ann, "available"), books.of(books.ann, "hold")
    books.give(books.ann, 10, SOON)
    first = books.give(books.ann, 10, LATER)
    one = post(
        "hold",
        key="h:1",
        moves=[Move(mine, held, beans(12))],
        by=books.ann,
        approved_by=books.bo,
        on_behalf_of=books.ann,
        reference="redemption:王",
        reason="gift",
        rule="town:3",
        inputs_digest="d" * 64,
        occurred_at=dt.datetime(2026, 2, 28, 23, 59, tzinfo=dt.UTC),
        corrects=first,
    )
    rows = list(Posting.objects.filter(transaction=one).order_by("pk"))
    codes = {mine.pk: mine.code, held.pk: held.code}
    expected = {
        "id": one.pk,
        "kind": "hold",
        "reference": "redemption:王",
        "key": "h:1",
        "body_digest": one.body_digest,
        "occurred_at": "2026-02-28T23:59:00.000000Z",
        "posted_at": "2026-03-01T01:00:00.000000Z",
        "by": books.ann.pk,
        "approved_by": books.bo.pk,
        "on_behalf_of": books.ann.pk,
        "reason": "gift",
        "rule": "town:3",
        "inputs_digest": "d" * 64,
        "reverses": None,
        "corrects": first.pk,
        "postings": [
            {
                "id": row.pk,
                "source": mine.code,
                "destination": held.code,
                "unit": "BEAN",
                "amount": amount,
                "source_day": day,
                "destination_day": day,
            }
            for row, amount, day in zip(rows, (10, 2), ("2026-06-01", "2027-06-01"), strict=True)
        ],
    }
    assert content.as_dict(one, rows, codes) == expected
    mirror = reverse(one, key="r", by=None, reason="x")
    assert content.as_dict(mirror, [], codes)["reverses"] == one.pk


def test_days_that_are_not_kept_are_null(books: Books) -> None:
    one = Transaction.objects.get()
    rows = streams.postings_of([one.pk])
    [said] = content.as_dict(one, rows[one.pk], streams.codes_of(rows))["postings"]
    assert (said["source_day"], said["destination_day"]) == (None, None)
    assert (said["source"], said["destination"]) == ("system:treasury:bean", "pool:p1:2026")


def test_canonical_json_is_this_and_stays_this() -> None:
    assert content.canonical({"b": [1, None], "a": "王"}) == b'{"a":"\\u738b","b":[1,null]}'


def test_leaves_nodes_and_heads_are_these_and_stay_these() -> None:
    a, b, c = (content.leaf(name) for name in (b"a", b"b", b"c"))
    assert a == sha(b"\x00", b"a")
    assert content.root([a]) == a
    assert content.root([a, b]) == sha(b"\x01", a, b)
    assert content.root([a, b, c]) == sha(b"\x01", sha(b"\x01", a, b), c)
    assert content.root([]) == sha()
    assert content.head("0" * 64, "ab", 3) == sha(b"0" * 64 + b":ab:3").hex()
    assert content.GENESIS == "0" * 64


def test_paths_say_on_which_side() -> None:
    a, b, c = (content.leaf(name) for name in (b"a", b"b", b"c"))
    assert content.path([a, b, c], 0) == ["R" + b.hex(), "R" + c.hex()]
    assert content.path([a, b, c], 1) == ["L" + a.hex(), "R" + c.hex()]
    assert content.path([a, b, c], 2) == ["L" + sha(b"\x01", a, b).hex()]
    assert content.path([a], 0) == []


# --- Seals ----------------------------------------------------------------------------------------------
def test_a_seal_follows_the_one_before_it(books: Books) -> None:
    sealing.seal_pending()
    books.give(books.ann, 1)
    books.give(books.ann, 2)
    now = clock.now()
    with clock.at(now + dt.timedelta(minutes=1)):
        assert sealing.seal_pending() == 2
    first, second = Seal.objects.order_by("number")
    assert (first.number, first.previous_head, first.count, first.sealed_at) == (1, content.GENESIS, 1, now)
    assert (second.number, second.previous_head, second.count) == (2, first.head, 2)
    assert second.sealed_at == now + dt.timedelta(minutes=1)
    leaves = sealing.leaves_of(Transaction.objects.filter(seal=second).order_by("pk"))
    assert second.root == content.root(leaves).hex()
    assert second.head == content.head(first.head, second.root, 2)
    assert sealing.seal_pending() == 0
    assert Seal.objects.count() == 2


def test_a_seal_takes_a_batch_at_most(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    for amount in range(1, 5):
        books.give(books.ann, amount)
    assert sealing.seal_pending(batches=2) == 4
    assert [one.count for one in Seal.objects.order_by("number")] == [2, 2]
    assert Transaction.objects.filter(seal=None).count() == 1
    assert sealing.seal_pending() == 1
    assert verify().ok


def test_a_batch_is_two_thousand() -> None:
    assert sealing.BATCH == 2000


def test_a_checkpoint_is_the_sum_of_what_is_sealed(books: Books) -> None:
    forfeit = accounts.system_account("forfeit")
    for amount in (5, 5, 7):
        books.move(books.pool, forfeit, amount)
    books.move(forfeit, books.treasury, 3)
    sealing.seal_pending()
    books.move(books.treasury, books.pool, 11)
    sealing.seal_pending()
    books.move(books.pool, forfeit, 2)
    books.move(books.treasury, books.pool, 100)
    sealing.seal_pending()
    found = Checkpoint.objects.order_by("seal", "account__code").values_list(
        "seal", "account__code", "amount"
    )
    assert list(found) == [
        (1, "system:forfeit:bean", 14),
        (1, "system:treasury:bean", -997),
        (2, "system:treasury:bean", -1008),
        (3, "system:forfeit:bean", 16),
        (3, "system:treasury:bean", -1108),
    ]
    assert verify().ok


def test_sealing_asks_the_same_however_many(books: Books) -> None:
    sealing.seal_pending()
    asked = []
    for many in (1, 30):
        for _turn in range(many):
            books.give(books.ann, 1)
        with CaptureQueriesContext(connection) as queries:
            assert sealing.seal_batch() is not None
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 12


def test_of_two_sealers_one_finds_nothing_to_do(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one has written the same number first."""
    sealing.seal_pending()
    books.give(books.ann, 1)

    def taken(**_values: Any) -> Seal:
        raise IntegrityError("UNIQUE constraint failed: ledger_seal.number")

    with monkeypatch.context() as patch:
        patch.setattr(Seal.objects, "create", taken)
        assert sealing.seal_batch() is None
    assert sealing.seal_pending() == 1


def test_an_error_that_is_no_collision_comes_through(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_values: Any) -> Seal:
        raise IntegrityError("something else")

    monkeypatch.setattr(Seal.objects, "create", broken)
    with pytest.raises(IntegrityError):
        sealing.seal_batch()


# --- Receipts -------------------------------------------------------------------------------------------
def test_a_receipt_is_this_and_stays_this(books: Books) -> None:
    for amount in (1, 2):
        books.give(books.ann, amount)
    sealing.seal_pending()
    first, second, third = Transaction.objects.order_by("pk")
    leaves = sealing.leaves_of([first, second, third])
    seal = Seal.objects.get()
    rows = streams.postings_of([second.pk])
    paper = receipt(second)
    assert paper == {
        "type": "jindou-receipt",
        "version": 1,
        "content": content.as_dict(second, rows[second.pk], streams.codes_of(rows)),
        "path": ["L" + leaves[0].hex(), "R" + leaves[2].hex()],
        "seal": {
            "number": 1,
            "previous_head": "0" * 64,
            "root": seal.root,
            "count": 3,
            "head": seal.head,
        },
    }
    assert check(paper) is True
    out = io.StringIO()
    call_command("ledger_receipt", str(second.pk), stdout=out)
    assert json.loads(out.getvalue()) == paper


@pytest.mark.parametrize(
    "paper",
    [
        {},
        {"seal": {}},
        {"seal": None, "content": {}, "path": []},
        {"seal": {}, "content": {}, "path": ["Lzz"]},
        [],
        None,
    ],
)
def test_what_is_no_receipt_is_not_right(paper: Any) -> None:
    assert check(paper) is False


def test_a_receipt_with_another_head_is_not_right(books: Books) -> None:
    sealing.seal_pending()
    paper = receipt(Transaction.objects.get())
    assert check(paper)
    for name, value in (("head", "00" * 32), ("count", 2), ("previous_head", "1" * 64), ("root", "00" * 32)):
        assert check({**paper, "seal": {**paper["seal"], name: value}}) is False


def test_postings_come_in_the_order_they_were_written(books: Books) -> None:
    mine = books.of(books.ann, "pending")
    one = post("test", key="k", moves=[Move(books.pool, mine, beans(n)) for n in (3, 1, 2)], by=None)
    found = streams.postings_of([one.pk])
    assert [row.amount for row in found[one.pk]] == [3, 1, 2]
    assert streams.codes_of(found) == {books.pool.pk: books.pool.code, mine.pk: mine.code}
