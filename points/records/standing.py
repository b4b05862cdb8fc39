"""What the books say about one record: read from the postings that name it, never from a second count.

A record of one version that nobody questioned is simple, and `services` deals with it alone. Once it was held
or corrected its beans can stand in several places and on several days; these questions answer where.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from points.ledger.models import Account, AccountKind, Posting, Transaction
from points.records.models import ServiceRecord
from points.units import BEAN

BACK = (AccountKind.PENDING, AccountKind.AVAILABLE, AccountKind.DEBT)


def reference_of(record: ServiceRecord) -> str:
    """How the ledger names the record, in all its versions."""
    return f"record:{record.number}"


def _postings(record: ServiceRecord) -> list[Posting]:
    rows = Posting.objects.filter(transaction__reference=reference_of(record), unit=BEAN)
    return list(rows.select_related("source", "destination", "transaction").order_by("pk"))


def pending_by_day(record: ServiceRecord) -> Counter[dt.date]:
    """The record's beans that are pending, by their expiry day (NEVER before their first release)."""
    return _by_day(record, AccountKind.PENDING)


def available_by_day(record: ServiceRecord) -> Counter[dt.date]:
    """The record's beans that became available, by expiry day, whether or not they were spent since."""
    return _by_day(record, AccountKind.AVAILABLE)


def _by_day(record: ServiceRecord, kind: str) -> Counter[dt.date]:
    found: Counter[dt.date] = Counter()
    for each in _postings(record):
        if each.destination.kind == kind and each.destination_day is not None:
            found[each.destination_day] += each.amount
        if each.source.kind == kind and each.source_day is not None:
            found[each.source_day] -= each.amount
    return +found


def paid(record: ServiceRecord) -> tuple[int, int]:
    """(beans, beans for giving away) that budgets have paid for this record so far, less what went back."""
    beans = extra = 0
    for each in _postings(record):
        if each.source.kind == AccountKind.POOL:
            if each.destination.kind == AccountKind.DONATE_ONLY:
                extra += each.amount
            else:
                beans += each.amount
        elif each.source.kind == AccountKind.DONATE_ONLY:
            extra -= each.amount
        elif each.source.kind in BACK and each.transaction.kind == "correction":
            beans -= each.amount
    return beans, extra


def budgets(record: ServiceRecord) -> list[tuple[Account, int, Transaction]]:
    """The budgets that paid for this record, the last one first, with what each still has in it."""
    held: dict[int, tuple[Account, int, Transaction]] = {}
    for each in _postings(record):
        if each.source.kind == AccountKind.POOL:
            before = held.pop(each.source_id, (each.source, 0, each.transaction))
            held[each.source_id] = (each.source, before[1] + each.amount, each.transaction)
        elif each.destination_id in held:
            account, amount, award = held[each.destination_id]
            held[each.destination_id] = (account, amount - each.amount, award)
    return [row for row in reversed(held.values()) if row[1] > 0]
