"""Reading the books in bulk: in one picture, in a stream, in constant memory.

The canonical text of a transaction (`points.ledger.content` says what it is) is what is sealed, verified and
exported. On PostgreSQL the database writes it, five times as fast as Python could from rows; elsewhere Python
does, a part at a time. A test compares the two letter by letter.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.models import Max, Min, QuerySet

from points.ledger import content
from points.ledger.models import Account, Posting, Transaction

PART, CHUNK = 20_000, 1000
"""So many transactions are asked for at a time; so many are held at a time where Python writes the texts."""

# One row per posting (or one without, where a transaction has lost its postings). The bounds of p say nothing
# new; with them PostgreSQL reads a stretch of each index instead of the whole table.
QUERY = """
SELECT t.seal_id, t.id,
    concat('{"approved_by":', COALESCE(t.approved_by_id::text, 'null'),
        ',"body_digest":', to_json(t.body_digest),
        ',"by":', COALESCE(t.by_id::text, 'null'), ',"corrects":', COALESCE(t.corrects_id::text, 'null'),
        ',"id":', t.id, ',"inputs_digest":', to_json(t.inputs_digest), ',"key":', to_json(t.key),
        ',"kind":', to_json(t.kind),
        ',"occurred_at":"', to_char(t.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        '","on_behalf_of":', COALESCE(t.on_behalf_of_id::text, 'null'),
        ',"posted_at":"', to_char(t.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        '","postings":['),
    CASE WHEN p.id IS NOT NULL THEN
        concat('{"amount":', p.amount, ',"destination":', to_json(d.code), ',"destination_day":',
            COALESCE(to_char(p.destination_day, '"\\""YYYY-MM-DD"\\""'), 'null'), ',"id":', p.id,
            ',"source":', to_json(s.code), ',"source_day":',
            COALESCE(to_char(p.source_day, '"\\""YYYY-MM-DD"\\""'), 'null'),
            ',"unit":', to_json(p.unit_id), '}')
    END,
    concat('],"reason":', to_json(t.reason), ',"reference":', to_json(t.reference),
        ',"reverses":', COALESCE(t.reverses_id::text, 'null'), ',"rule":', to_json(t.rule), '}')
FROM ledger_transaction t
LEFT JOIN ledger_posting p ON p.transaction_id = t.id AND p.transaction_id BETWEEN %(first)s AND %(last)s
LEFT JOIN ledger_account s ON s.id = p.source_id LEFT JOIN ledger_account d ON d.id = p.destination_id
WHERE t.id BETWEEN %(first)s AND %(last)s
"""
NOT_PLAIN = re.compile(r"[^\x00-\x7e]")


Text = tuple[int | None, int, str]
"""One transaction: its seal, its id, and its canonical JSON."""


@contextmanager
def one_picture() -> Iterator[None]:
    """See the books as they are now, whatever is posted meanwhile (on PostgreSQL: repeatable read)."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def of_seals(first: int, last: int) -> Iterator[Text]:
    """The transactions of the seals from `first` to `last`, in the order of seal and id."""
    mine = Transaction.objects.filter(seal__gte=first, seal__lte=last)
    ends = mine.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return iter(())
    if connection.vendor != "postgresql":
        return _written_here(mine.order_by("seal_id", "pk"))
    bounds = {**ends, "first_seal": first, "last_seal": last}
    return _streamed(
        f"{QUERY} AND t.seal_id BETWEEN %(first_seal)s AND %(last_seal)s ORDER BY t.seal_id, t.id, p.id",
        bounds,
    )


def of_ids(ids: Sequence[int]) -> Iterator[Text]:
    """Some transactions, in the order of their ids."""
    if not ids:
        return iter(())
    if connection.vendor != "postgresql":
        return _written_here(Transaction.objects.filter(pk__in=ids).order_by("pk"))
    bounds = {"first": min(ids), "last": max(ids), "ids": list(ids)}
    return _streamed(f"{QUERY} AND t.id = ANY (%(ids)s) ORDER BY t.id, p.id", bounds)


def of_all() -> Iterator[Text]:
    """All transactions, in the order of their ids."""
    for first, last in parts():
        if connection.vendor != "postgresql":
            yield from _written_here(Transaction.objects.filter(pk__range=(first, last)).order_by("pk"))
        else:
            yield from _streamed(f"{QUERY} ORDER BY t.id, p.id", {"first": first, "last": last})


def parts() -> Iterator[tuple[int, int]]:
    """The ids of all transactions in parts: first and last of each."""
    ends = Transaction.objects.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"], ends["last"]
    while first is not None and first <= last:
        yield first, min(first + PART - 1, last)
        first = first + PART


def rows(query: str, values: Any = None) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a few at a time, as they come.

    Until the last one has come, nothing else can be asked of this connection.
    """
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield from cursor.execute(query, values)
        return
    connection.ensure_connection()
    size = 500 if psycopg.capabilities.has_stream_chunked() else 1
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield from cursor.stream(query, values, size=size)


def _streamed(query: str, values: dict[str, Any]) -> Iterator[Text]:
    seal, pk, before, after = None, None, "", ""
    postings: list[str] = []
    for row in rows(query, values):
        if row[1] == pk:
            postings.append(row[3])
            continue
        if pk is not None:
            yield seal, pk, _plain(before + ",".join(postings) + after)
        seal, pk, before, posting, after = row
        postings = [posting] if posting else []
    if pk is not None:
        yield seal, pk, _plain(before + ",".join(postings) + after)


def _plain(text: str) -> str:
    """Canonical JSON is ASCII; PostgreSQL writes Chinese as it is."""
    if text.isascii() and "\x7f" not in text:
        return text
    return NOT_PLAIN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _written_here(transactions: QuerySet[Transaction]) -> Iterator[Text]:
    waiting = transactions.iterator(chunk_size=CHUNK)
    while batch := list(islice(waiting, CHUNK)):
        postings = postings_of(one.pk for one in batch)
        codes = codes_of(postings)
        for one in batch:
            value = content.as_dict(one, postings.get(one.pk, []), codes)
            yield one.seal_id, one.pk, content.canonical(value).decode()


def postings_of(ids: Iterable[int]) -> dict[int, list[Posting]]:
    """The postings of some transactions, in the order they were written."""
    grouped: dict[int, list[Posting]] = defaultdict(list)
    for posting in Posting.objects.filter(transaction_id__in=list(ids)).order_by("pk"):
        grouped[posting.transaction_id].append(posting)
    return grouped


def codes_of(postings: dict[int, list[Posting]]) -> dict[int, str]:
    ids = {pk for rows in postings.values() for row in rows for pk in (row.source_id, row.destination_id)}
    return dict(Account.objects.filter(pk__in=ids).values_list("pk", "code"))
