"""`verify`: do the books still say what they said? Names every row that does not.

Everything is recomputed from the postings: the balance of every account and expiry day, the checkpoints,
the assertions, and the seals down to the last byte of every sealed transaction.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from django.db import connection
from django.db.models import QuerySet

from points.ledger import content, streams
from points.ledger.kinds import RULES
from points.ledger.models import NEVER, Account, Assertion, Posting, Seal, Transaction

Progress = Callable[[int, int], None]

# What has moved, by account and day. Every sum is taken once over all postings, before any join.
MOVED = """
SELECT destination_id AS account_id, COALESCE(destination_day, %(never)s) AS day, SUM(amount) AS amount
FROM ledger_posting GROUP BY destination_id, destination_day
UNION ALL
SELECT source_id, COALESCE(source_day, %(never)s), -SUM(amount)
FROM ledger_posting GROUP BY source_id, source_day
"""
# Where the postings and the stored balances of a day differ. (A union, not a full join: older SQLite.)
DIFFERING = f"""
SELECT a.code, m.day, m.rebuilt, m.stored FROM (
    SELECT account_id, day, SUM(rebuilt) AS rebuilt, SUM(stored) AS stored FROM (
        SELECT moved.account_id, moved.day, moved.amount AS rebuilt, 0 AS stored
        FROM ({MOVED}) AS moved JOIN ledger_account s ON s.id = moved.account_id WHERE s.is_stored
        UNION ALL
        SELECT account_id, day, 0, amount FROM ledger_balance
    ) AS both_sides GROUP BY account_id, day
) AS m JOIN ledger_account a ON a.id = m.account_id
WHERE m.rebuilt <> m.stored ORDER BY 1, 2
"""
# The newest checkpoint of an account covers everything sealed: all it moved, less what is not sealed yet.
CHECKPOINTS = f"""
SELECT a.code, c.seal_id, COALESCE(m.rebuilt, 0), c.amount
FROM ledger_checkpoint c JOIN ledger_account a ON a.id = c.account_id
JOIN (SELECT account_id, MAX(seal_id) AS seal_id FROM ledger_checkpoint GROUP BY account_id) newest
  ON newest.account_id = c.account_id AND newest.seal_id = c.seal_id
LEFT JOIN (
    SELECT account_id, SUM(amount) AS rebuilt FROM (
        SELECT moved.account_id, moved.amount
        FROM ({MOVED}) AS moved JOIN ledger_account s ON s.id = moved.account_id WHERE NOT s.is_stored
        UNION ALL
        SELECT p.destination_id, -p.amount
        FROM ledger_transaction t JOIN ledger_posting p ON p.transaction_id = t.id WHERE t.seal_id IS NULL
        UNION ALL
        SELECT p.source_id, p.amount
        FROM ledger_transaction t JOIN ledger_posting p ON p.transaction_id = t.id WHERE t.seal_id IS NULL
    ) AS parts GROUP BY account_id
) AS m ON m.account_id = c.account_id
WHERE COALESCE(m.rebuilt, 0) <> c.amount ORDER BY 1
"""
# What has moved from one close of a month to the next.
PERIOD = """
SELECT account_id, SUM(amount) FROM (
    SELECT p.destination_id AS account_id, p.amount AS amount
    FROM ledger_transaction t JOIN ledger_posting p ON p.transaction_id = t.id
    WHERE t.posted_at >= %(start)s AND t.posted_at < %(end)s
    UNION ALL
    SELECT p.source_id, -p.amount
    FROM ledger_transaction t JOIN ledger_posting p ON p.transaction_id = t.id
    WHERE t.posted_at >= %(start)s AND t.posted_at < %(end)s
) AS m GROUP BY account_id
"""
EMPTY = """
SELECT t.id FROM ledger_transaction t
WHERE NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.transaction_id = t.id) ORDER BY t.id
"""
WRONG_POSTINGS = """
SELECT p.id, p.transaction_id FROM ledger_posting p
JOIN ledger_account s ON s.id = p.source_id JOIN ledger_account d ON d.id = p.destination_id
WHERE p.amount <= 0 OR p.source_id = p.destination_id OR s.unit_id <> p.unit_id OR d.unit_id <> p.unit_id
   OR s.tracks_days <> (p.source_day IS NOT NULL) OR d.tracks_days <> (p.destination_day IS NOT NULL)
ORDER BY p.id
"""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: a code, the row it is about, and what was found."""

    code: str
    row: str
    detail: str

    def __str__(self) -> str:
        return f"{self.code}: {self.row}: {self.detail}"


@dataclass
class Report:
    """What was checked and what was wrong."""

    transactions: int = 0
    postings: int = 0
    accounts: int = 0
    seals: int = 0
    unsealed: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings


def verify(progress: Progress | None = None) -> Report:
    """Recompute the books. Reads one consistent picture on PostgreSQL (repeatable read)."""
    with streams.one_picture():
        report = Report(
            transactions=Transaction.objects.count(),
            postings=Posting.objects.count(),
            accounts=Account.objects.count(),
            seals=Seal.objects.count(),
            unsealed=Transaction.objects.filter(seal__isnull=True).count(),
        )
        report.findings += _wrong_rows()
        report.findings += _accounts()
        report.findings += _balances()
        report.findings += _assertions()
        report.findings += _seals(report, progress)
    return report


def _wrong_rows() -> list[Finding]:
    found = [
        Finding("empty_transaction", f"transaction {pk}", "has no posting") for (pk,) in streams.rows(EMPTY)
    ]
    found += [
        Finding("wrong_posting", f"posting {pk} of transaction {parent}", "amount, unit, accounts or days")
        for pk, parent in streams.rows(WRONG_POSTINGS)
    ]
    return found


def _accounts() -> list[Finding]:
    found = []
    natures = Account.objects.order_by("pk").values_list("code", "kind", "is_stored", "tracks_days", "sign")
    for code, kind, *nature in natures.iterator():
        rule = RULES.get(kind)
        if rule is None or nature != [rule.is_stored, rule.tracks_days, rule.sign]:
            found.append(Finding("wrong_account", code, f"does not behave like {kind}"))
    return found


def _balances() -> list[Finding]:
    never = {"never": connection.ops.adapt_datefield_value(NEVER)}
    found = [
        Finding("wrong_balance", f"{code} on {day}", f"postings say {rebuilt}, stored is {stored}")
        for code, day, rebuilt, stored in streams.rows(DIFFERING, never)
    ]
    found += [
        Finding("wrong_checkpoint", f"{code} at seal {seal}", f"postings say {rebuilt}, stored is {stored}")
        for code, seal, rebuilt, stored in streams.rows(CHECKPOINTS, never)
    ]
    return found


def _assertions() -> list[Finding]:
    """Every month is summed once, on top of the months before it: one number per account in memory."""
    found = []
    adapt = connection.ops.adapt_datetimefield_value
    sums: dict[int, int] = defaultdict(int)
    start = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
    for end in list(Assertion.objects.order_by("before").values_list("before", flat=True).distinct()):
        for account_id, amount in streams.rows(PERIOD, {"start": adapt(start), "end": adapt(end)}):
            sums[account_id] += int(amount)
        start = end
        found += _differing(end, sums)
    return found


def _differing(end: dt.datetime, sums: dict[int, int]) -> list[Finding]:
    """The assertions made of one moment, beside the sums up to it. Not asserted is asserted to be nothing."""
    wrong: dict[int, str] = {}
    silent = {pk for pk, total in sums.items() if total}
    for pk, asserted in Assertion.objects.filter(before=end).values_list("account_id", "amount").iterator():
        silent.discard(pk)
        if sums.get(pk, 0) != asserted:
            wrong[pk] = f"postings say {sums.get(pk, 0)}, asserted was {asserted}"
    wrong |= {pk: f"postings say {sums[pk]}, asserted was 0" for pk in silent}
    codes = Account.objects.filter(pk__in=list(wrong)).order_by("code").values_list("pk", "code")
    return [Finding("wrong_assertion", f"{code} before {end:%Y-%m-%d}", wrong[pk]) for pk, code in codes]


def _seals(report: Report, progress: Progress | None) -> list[Finding]:
    found: list[Finding] = []
    previous, number = content.GENESIS, 0
    for seals in _parts(Seal.objects.order_by("number")):
        batches = groupby(streams.of_seals(seals[0].number, seals[-1].number), key=itemgetter(0))
        waiting = next(batches, None)
        for seal in seals:
            batch: list[streams.Text] = []
            while waiting is not None and (waiting[0] or 0) <= seal.number:
                if waiting[0] == seal.number:
                    batch = list(waiting[1])
                waiting = next(batches, None)
            follows = seal.number == number + 1 and seal.previous_head == previous
            found += _seal(seal, follows=follows, batch=batch)
            previous, number = seal.head, seal.number
            if progress is not None:
                progress(seal.number, report.seals)
    return found


def _parts(seals: QuerySet[Seal]) -> Iterator[list[Seal]]:
    """Seals in parts of so many transactions that reading them together pays, and takes little memory."""
    part: list[Seal] = []
    count = 0
    for seal in seals.iterator():
        part.append(seal)
        count += seal.count
        if count >= streams.PART:
            yield part
            part, count = [], 0
    if part:
        yield part


def _seal(seal: Seal, *, follows: bool, batch: list[streams.Text]) -> Iterator[Finding]:
    row = f"seal {seal.number}"
    if not follows:
        yield Finding("broken_chain", row, "does not follow the seal before it")
    merkle_root = content.root([content.leaf(text.encode()) for _seal, _id, text in batch]).hex()
    if len(batch) != seal.count or merkle_root != seal.root:
        first, last = (batch[0][1], batch[-1][1]) if batch else ("-", "-")
        detail = f"{len(batch)} of {seal.count} transactions ({first} to {last}) no longer give its root"
        yield Finding("wrong_seal", row, detail)
    if seal.head != content.head(seal.previous_head, seal.root, seal.count):
        yield Finding("wrong_head", row, "its head does not follow from its root")
