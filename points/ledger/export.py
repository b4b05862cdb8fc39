"""The whole ledger for programs nobody here wrote: Beancount, hledger, and JSON Lines.

Account codes stay ASCII (Beancount rejects Chinese names); what they mean in Chinese is in the metadata.
Both text formats end with assertions of every balance, so that `bean-check` and `hledger check` compare
their sums with ours. A line appears as one amount and its mirror, as in the books.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, TextIO

from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from points import clock
from points.ledger import content, streams
from points.ledger.models import Account, AccountKind, Balance, Seal, Transaction, Unit

FORMATS = ("beancount", "hledger", "jsonl")
SOURCES = {AccountKind.TREASURY, AccountKind.SERVICE, AccountKind.ASSESSED}
CHUNK = 2000
DAY = dt.timedelta(days=1)

# The bounds of p say nothing new; with them PostgreSQL reads a stretch of each index, not the whole table.
TRANSACTIONS = """
SELECT t.id, {day}, t.kind, t.reference, t.key, s.code, s.kind, d.code, d.kind, p.amount, p.unit_id
FROM ledger_transaction t
LEFT JOIN ledger_posting p ON p.transaction_id = t.id AND p.transaction_id BETWEEN %s AND %s
LEFT JOIN ledger_account s ON s.id = p.source_id LEFT JOIN ledger_account d ON d.id = p.destination_id
WHERE t.id BETWEEN %s AND %s ORDER BY t.id, p.id
"""
# What every account holds: as stored, or summed over all postings where nothing is stored.
BALANCES = """
SELECT a.code, a.kind, a.unit_id, COALESCE(m.amount, 0) FROM ledger_account a LEFT JOIN (
    SELECT account_id, SUM(amount) AS amount FROM (
        SELECT account_id, amount FROM ledger_balance
        UNION ALL
        SELECT p.destination_id, p.amount
        FROM ledger_posting p JOIN ledger_account d ON d.id = p.destination_id WHERE NOT d.is_stored
        UNION ALL
        SELECT p.source_id, -p.amount
        FROM ledger_posting p JOIN ledger_account s ON s.id = p.source_id WHERE NOT s.is_stored
    ) AS parts GROUP BY account_id
) AS m ON m.account_id = a.id ORDER BY a.id
"""


def write(fmt: str, out: TextIO) -> int:
    """Write the ledger to `out`; returns the number of transactions written."""
    with streams.one_picture():
        for text in lines(fmt):
            out.write(text)
        return Transaction.objects.count()


def lines(fmt: str) -> Iterator[str]:
    """The export, piece by piece (for files and streamed answers), in one picture of the books.

    Raises:
        ValueError: `fmt` is none of FORMATS.
    """
    if fmt not in FORMATS:
        raise ValueError(f"unknown format {fmt!r}: one of {', '.join(FORMATS)}")
    return _in_one_picture({"beancount": _beancount, "hledger": _hledger, "jsonl": _jsonl}[fmt])


def _in_one_picture(writer: Callable[[], Iterator[str]]) -> Iterator[str]:
    with streams.one_picture():
        yield from writer()


def account_name(account: Account) -> str:
    """`member:7f3k:available` → `Assets:Member:7F3K:Available` (sources are `Equity:`)."""
    return _name(account.code, account.kind)


@lru_cache(50_000)
def _name(code: str, kind: str) -> str:
    group = "Equity" if kind in SOURCES else "Assets"
    named = [
        part.upper() if any(c.isdigit() for c in part) or place == 1 else part.title()
        for place, part in enumerate(code.split(":"))
    ]
    return ":".join([group, *named])


def _accounts() -> Iterator[tuple[str, str, str, str]]:
    """Code, name, unit and Chinese kind of every account, in the order they were opened."""
    with override("zh-hans"):
        chinese = {kind.value: str(kind.label) for kind in AccountKind}
    rows = Account.objects.order_by("pk").values_list("code", "kind", "unit_id")
    for code, kind, unit in rows.iterator(chunk_size=CHUNK):
        yield code, _name(code, kind), unit, chinese.get(kind, kind)


def _transactions() -> Iterator[list[tuple[Any, ...]]]:
    """The rows of `TRANSACTIONS`, those of one transaction together."""
    zone = str(timezone.get_default_timezone())
    day, values = connection.ops.datetime_cast_date_sql("t.posted_at", (), zone)
    for first, last in streams.parts():
        found = streams.rows(TRANSACTIONS.format(day=day), [*values, first, last, first, last])
        for _pk, group in groupby(found, key=itemgetter(0)):
            yield list(group)


def _sides(rows: list[tuple[Any, ...]]) -> Iterator[tuple[str, int, str]]:
    """Account, amount and unit of both sides of the postings of one transaction."""
    for *_head, source, source_kind, destination, destination_kind, amount, unit in rows:
        if source is not None:
            yield _name(source, source_kind), -amount, unit
            yield _name(destination, destination_kind), amount, unit


def _span() -> tuple[dt.date, dt.date]:
    """The local dates of the first and last posting."""
    first = Transaction.objects.order_by("posted_at").values_list("posted_at", flat=True).first()
    last = Transaction.objects.order_by("-posted_at").values_list("posted_at", flat=True).first()
    if first is None or last is None:
        return clock.today(), clock.today()
    return timezone.localdate(first), timezone.localdate(last)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _beancount() -> Iterator[str]:
    first, last = _span()
    yield '; Jindou ledger. Amounts are whole units; each unit sums to zero.\noption "title" "Jindou"\n\n'
    for unit in Unit.objects.order_by("code"):
        yield f'{first} commodity {unit.code}\n  name: "{unit.name_en}"\n  zh: "{unit.name_zh}"\n'
    for code, name, held, chinese in _accounts():
        yield f'{first} open {name} {held}\n  code: "{code}"\n  zh: "{chinese}"\n'
    for rows in _transactions():
        pk, day, kind, reference, key = rows[0][:5]
        yield (
            f'\n{day} * "{_quoted(kind)}" "{_quoted(reference)}"\n  id: "{pk}"\n  key: "{_quoted(key)}"\n'
            + "".join([f"  {name}  {amount} {held}\n" for name, amount, held in _sides(rows)])
        )
    yield "\n"
    for code, kind, held, amount in streams.rows(BALANCES):
        yield f"{last + DAY} balance {_name(code, kind)}  {amount} {held}\n"


def _hledger() -> Iterator[str]:
    _first, last = _span()
    yield "; Jindou ledger. Amounts are whole units; each unit sums to zero.\n\n"
    for unit in Unit.objects.order_by("code"):
        yield f"commodity 1000. {unit.code}\n"
    for code, name, _held, chinese in _accounts():
        yield f"account {name}  ; {code}, {chinese}\n"
    for rows in _transactions():
        pk, day, kind, reference, key = rows[0][:5]
        yield f"\n{day} * {kind} {reference}  ; id: {pk}, key: {key}\n" + "".join(
            [f"    {name}  {amount} {held}\n" for name, amount, held in _sides(rows)]
        )
    yield f"\n{last + DAY} * balances\n"
    for code, kind, held, amount in streams.rows(BALANCES):
        yield f"    {_name(code, kind)}  0 {held} = {amount} {held}\n"


def _jsonl() -> Iterator[str]:
    """One JSON object per line: format, units, accounts, seals, transactions, balances.

    A transaction's content stands there byte by byte as it is sealed.
    """

    def line(kind: str, value: dict[str, Any]) -> str:
        return json.dumps({"type": kind, **value}, ensure_ascii=True, separators=(",", ":")) + "\n"

    yield line("format", {"name": "jindou-ledger", "version": 1, "exported_at": content.instant(clock.now())})
    for unit in Unit.objects.order_by("code"):
        yield line("unit", {"code": unit.code, "name_en": unit.name_en, "name_zh": unit.name_zh})
    for account in Account.objects.order_by("pk").iterator():
        yield line(
            "account",
            {
                "code": account.code,
                "kind": account.kind,
                "unit": account.unit_id,
                "tracks_days": account.tracks_days,
                "sign": account.sign if account.is_stored else None,
            },
        )
    for seal in Seal.objects.order_by("number").iterator():
        values = ("number", "previous_head", "root", "count", "head")
        yield line("seal", {name: getattr(seal, name) for name in values})
    for number, _pk, text in streams.of_all():
        yield f'{{"type":"transaction","seal":{"null" if number is None else number},"content":{text}}}\n'
    held = Balance.objects.exclude(amount=0).order_by("account_id", "day")
    for code, day, amount in held.values_list("account__code", "day", "amount").iterator():
        yield line("balance", {"account": code, "day": day.isoformat(), "amount": amount})
