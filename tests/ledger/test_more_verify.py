"""The verifier's own words: what it counts, and which row it names for which damage."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from points import clock
from points.ledger import accounts, content, sealing
from points.ledger.models import NEVER, Assertion, Checkpoint, Posting, Seal, Transaction
from points.ledger.verify import Finding, verify
from tests.ledger.conftest import Books
from tests.ledger.test_guards import without_guards

SOON, LATER = dt.date(2026, 6, 1), dt.date(2027, 6, 1)


@pytest.fixture
def busy(books: Books) -> Books:
    """Six transactions in two seals, and one that is not sealed."""
    books.give(books.ann, 10, SOON)
    books.give(books.ann, 10, LATER)
    sealing.seal_pending()
    books.move(books.of(books.ann, "available"), books.of(books.ann, "hold"), 15)
    books.move(books.treasury, books.pool, 1)
    books.move(books.treasury, books.pool, 1)
    sealing.seal_pending()
    books.move(books.of(books.bo, "debt"), books.pool, 4)
    assert verify().ok
    return books


def found() -> list[tuple[str, str, str]]:
    return [(one.code, one.row, one.detail) for one in verify().findings]


def damage(sql: str, *, checks: bool = True) -> None:
    """By somebody with the keys: no triggers, and no CHECK constraints either, when asked for."""
    if checks:
        without_guards(sql)
        return
    connection.check_constraints()  # nothing may be pending when a table is altered
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name in ("positive", "moves"):
                cursor.execute(f"ALTER TABLE ledger_posting DROP CONSTRAINT ledger_posting_{name}")
            without_guards(sql)
            return
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        try:
            without_guards(sql)
        finally:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def test_it_counts_what_it_checked(busy: Books) -> None:
    report = verify()
    assert (report.transactions, report.postings, report.seals, report.unsealed) == (7, 8, 2, 1)
    assert report.accounts == 6  # treasury, pool, available, lapsed, hold, debt
    assert report.ok
    assert report.findings == []


def test_it_reports_its_progress(busy: Books) -> None:
    seen: list[tuple[int, int]] = []
    verify(progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_a_finding_reads_as_one_line() -> None:
    assert str(Finding("wrong_seal", "seal 3", "gone")) == "wrong_seal: seal 3: gone"


def test_a_transaction_without_postings_is_named(busy: Books) -> None:
    first, last = Transaction.objects.order_by("pk").first(), Transaction.objects.order_by("pk").last()
    assert first is not None
    assert last is not None
    without_guards(f"DELETE FROM ledger_posting WHERE transaction_id IN ({first.pk}, {last.pk})")
    assert found()[:2] == [
        ("empty_transaction", f"transaction {first.pk}", "has no posting"),
        ("empty_transaction", f"transaction {last.pk}", "has no posting"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "amount = 0",
        "amount = -1",
        "source_id = destination_id, source_day = destination_day",
        "source_day = '2026-06-01'",
        "destination_day = NULL",
    ],
)
def test_a_posting_that_cannot_be_is_named(busy: Books, change: str) -> None:
    one = Posting.objects.order_by("pk")[1]
    damage(f"UPDATE ledger_posting SET {change} WHERE id = {one.pk}", checks=False)
    wrong = [finding for finding in found() if finding[0] == "wrong_posting"]
    assert wrong == [
        (
            "wrong_posting",
            f"posting {one.pk} of transaction {one.transaction_id}",
            "amount, unit, accounts or days",
        )
    ]


@pytest.mark.parametrize("end", ["source", "destination"])
def test_a_posting_between_units_is_named(busy: Books, end: str) -> None:
    """Minutes at one end, beans at the other; the row says what the other end holds."""
    one = Posting.objects.order_by("pk").first()  # treasury → pool
    assert one is not None
    service = accounts.system_account("service")
    without_guards(f"UPDATE ledger_posting SET {end}_id = {service.pk} WHERE id = {one.pk}")
    codes = [(code, row) for code, row, _detail in found() if code == "wrong_posting"]
    assert codes == [("wrong_posting", f"posting {one.pk} of transaction {one.transaction_id}")]


def test_wrong_postings_are_named_in_order(busy: Books) -> None:
    ids = list(Posting.objects.order_by("-pk").values_list("pk", flat=True)[:3])
    damage(f"UPDATE ledger_posting SET amount = 0 WHERE id IN ({', '.join(map(str, ids))})", checks=False)
    named = [row for code, row, _detail in found() if code == "wrong_posting"]
    assert [int(row.split()[1]) for row in named] == sorted(ids)


def test_an_account_that_does_not_behave_is_named(busy: Books) -> None:
    without_guards("UPDATE ledger_account SET sign = -1 WHERE kind = 'hold'")
    hold = busy.of(busy.ann, "hold").code
    assert found() == [("wrong_account", hold, "does not behave like hold")]


@pytest.mark.parametrize(
    "change", ["is_stored = NOT is_stored", "tracks_days = NOT tracks_days", "kind = 'x'"]
)
def test_an_account_of_another_nature_is_named(busy: Books, change: str) -> None:
    without_guards(f"UPDATE ledger_account SET {change} WHERE kind = 'lapsed'")
    assert "wrong_account" in {code for code, _row, _detail in found()}


def test_a_wrong_balance_is_named_with_both_sums(busy: Books) -> None:
    hold = busy.of(busy.ann, "hold").code
    without_guards("UPDATE ledger_balance SET amount = amount + 2 WHERE day = '2026-06-01' AND amount = 10")
    without_guards("UPDATE ledger_balance SET amount = amount + 1 WHERE amount = 986")
    assert found() == [
        ("wrong_balance", f"{hold} on {SOON}", "postings say 10, stored is 12"),
        ("wrong_balance", f"{busy.pool.code} on {NEVER}", "postings say 986, stored is 987"),
    ]


def test_wrong_balances_are_named_by_account_and_day(busy: Books) -> None:
    without_guards("UPDATE ledger_balance SET amount = amount + 1 WHERE sign = 1")
    rows = [row for code, row, _detail in found() if code == "wrong_balance"]
    available, hold = busy.of(busy.ann, "available").code, busy.of(busy.ann, "hold").code
    assert rows == [
        f"{available} on {SOON}",
        f"{available} on {LATER}",
        f"{hold} on {SOON}",
        f"{hold} on {LATER}",
        f"{busy.pool.code} on {NEVER}",
    ]


def test_a_balance_that_is_gone_is_named(busy: Books) -> None:
    without_guards("DELETE FROM ledger_balance WHERE sign = -1")
    debt = busy.of(busy.bo, "debt").code
    assert found() == [("wrong_balance", f"{debt} on {NEVER}", "postings say -4, stored is 0")]


def test_a_wrong_checkpoint_is_named(busy: Books) -> None:
    newest = Checkpoint.objects.get(account=busy.treasury, seal=2)
    without_guards(f"UPDATE ledger_checkpoint SET amount = -1 WHERE id = {newest.pk}")
    assert found() == [
        ("wrong_checkpoint", "system:treasury:bean at seal 2", "postings say -1002, stored is -1")
    ]


def test_a_wrong_checkpoint_of_nothing_is_named(busy: Books) -> None:
    """One where no posting is: the rebuilt sum is zero."""
    forfeit = accounts.system_account("forfeit")
    Checkpoint.objects.create(account=forfeit, seal_id=2, amount=1)
    assert found() == [("wrong_checkpoint", "system:forfeit:bean at seal 2", "postings say 0, stored is 1")]


def test_each_busy_account_has_its_own_checkpoint(busy: Books) -> None:
    forfeit = accounts.system_account("forfeit")
    busy.move(busy.pool, forfeit, 9)
    busy.move(busy.pool, forfeit, 9)
    sealing.seal_pending()
    assert verify().ok
    busy.move(busy.treasury, busy.pool, 5)
    sealing.seal_pending()
    assert verify().ok


def test_a_broken_promise_of_a_month_is_named(busy: Books) -> None:
    """What was asserted, too much, too little, and where nothing ever moved."""
    before = clock.now() + dt.timedelta(days=31)
    for account, amount in (
        (busy.pool, 986),
        (busy.treasury, -1001),
        (accounts.system_account("forfeit"), 2),
    ):
        Assertion.objects.create(account=account, before=before, amount=amount)
    for person, kind, amount in ((busy.ann, "available", 5), (busy.ann, "hold", 15)):
        Assertion.objects.create(account=busy.of(person, kind), before=before, amount=amount)
    debt = busy.of(busy.bo, "debt").code
    treasury = "postings say -1002, asserted was -1001"
    assert found() == [
        ("wrong_assertion", f"{debt} before 2026-04-01", "postings say -4, asserted was 0"),
        ("wrong_assertion", "system:forfeit:bean before 2026-04-01", "postings say 0, asserted was 2"),
        ("wrong_assertion", "system:treasury:bean before 2026-04-01", treasury),
    ]


def test_a_month_ends_before_its_last_moment(busy: Books) -> None:
    """Postings of the very moment are not before it."""
    moment = Transaction.objects.first().posted_at  # type: ignore[union-attr]
    assert set(Transaction.objects.values_list("posted_at", flat=True)) == {moment}
    Assertion.objects.create(account=busy.pool, before=moment, amount=0)
    assert verify().ok
    without_guards("UPDATE ledger_assertion SET amount = 986")
    assert found() == [
        ("wrong_assertion", f"{busy.pool.code} before 2026-03-01", "postings say 0, asserted was 986")
    ]


def test_a_broken_chain_is_named(busy: Books) -> None:
    without_guards("UPDATE ledger_seal SET previous_head = root WHERE number = 2")
    assert found() == [
        ("broken_chain", "seal 2", "does not follow the seal before it"),
        ("wrong_head", "seal 2", "its head does not follow from its root"),
    ]


def test_a_first_seal_follows_nothing(busy: Books) -> None:
    forged = content.head("1" * 64, Seal.objects.get(number=1).root, 3)
    without_guards(f"UPDATE ledger_seal SET previous_head = '{'1' * 64}', head = '{forged}' WHERE number = 1")
    assert found() == [
        ("broken_chain", "seal 1", "does not follow the seal before it"),
        ("broken_chain", "seal 2", "does not follow the seal before it"),
    ]


def test_a_missing_seal_is_named(busy: Books) -> None:
    busy.move(busy.treasury, busy.pool, 1)
    sealing.seal_pending()
    without_guards("UPDATE ledger_transaction SET seal_id = NULL WHERE seal_id = 2")
    without_guards("DELETE FROM ledger_checkpoint WHERE seal_id = 2")
    without_guards("DELETE FROM ledger_seal WHERE number = 2")
    assert ("broken_chain", "seal 3", "does not follow the seal before it") in found()


def test_a_changed_transaction_is_named_by_its_seal(busy: Books) -> None:
    ids = list(Transaction.objects.filter(seal=1).order_by("pk").values_list("pk", flat=True))
    without_guards(f"UPDATE ledger_transaction SET reason = 'x' WHERE id = {ids[1]}")
    assert found() == [
        ("wrong_seal", "seal 1", f"3 of 3 transactions ({ids[0]} to {ids[-1]}) no longer give its root")
    ]


def test_a_transaction_taken_out_of_its_seal_is_named(busy: Books) -> None:
    ids = list(Transaction.objects.filter(seal=2).order_by("pk").values_list("pk", flat=True))
    without_guards(f"UPDATE ledger_transaction SET seal_id = NULL WHERE id = {ids[0]}")
    assert (
        "wrong_seal",
        "seal 2",
        f"2 of 3 transactions ({ids[1]} to {ids[2]}) no longer give its root",
    ) in found()


def test_an_emptied_seal_is_named(busy: Books) -> None:
    without_guards("UPDATE ledger_transaction SET seal_id = 1 WHERE seal_id = 2")
    assert ("wrong_seal", "seal 2", "0 of 3 transactions (- to -) no longer give its root") in found()


def test_a_wrong_count_is_named(busy: Books) -> None:
    without_guards("UPDATE ledger_seal SET count = 4 WHERE number = 2")
    codes = [(code, row) for code, row, _detail in found()]
    assert codes == [("wrong_seal", "seal 2"), ("wrong_head", "seal 2")]


def test_everything_wrong_is_named_at_once(busy: Books) -> None:
    without_guards("UPDATE ledger_balance SET amount = amount + 1 WHERE sign = 1")
    without_guards("UPDATE ledger_seal SET previous_head = root WHERE number = 2")
    without_guards("UPDATE ledger_posting SET destination_day = NULL")
    assert {"wrong_balance", "broken_chain", "wrong_posting", "wrong_seal"} <= {one[0] for one in found()}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_it_reads_one_picture_of_the_books() -> None:
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        verify()
    assert asked.captured_queries[0]["sql"] == "BEGIN"
    assert asked.captured_queries[1]["sql"] == "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
