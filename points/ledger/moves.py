"""Plain values a caller hands to the kernel, and the checks that need no database."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from djmoney.money import Money

from points.ledger import errors
from points.ledger.models import Account

LARGEST = 2**63 - 1
CANONICAL = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


@dataclass(frozen=True)
class Move:
    """Move `amount` from `source` to `destination`.

    `source_day`: draw from the beans of this expiry day; None on an account that keeps days draws the
    soonest first (one posting per day touched). `destination_day`: the expiry day given to what arrives;
    None keeps the day drawn from (NEVER where the source keeps none).
    """

    source: Account
    destination: Account
    amount: Money
    source_day: dt.date | None = None
    destination_day: dt.date | None = None


@dataclass(frozen=True)
class Entry:
    """One one-move transaction of a batch; the fields mean what they mean for `services.post`."""

    key: str
    move: Move
    reference: str = ""
    occurred_at: dt.datetime | None = None
    reason: str = ""
    rule: str = ""
    inputs_digest: str = ""


def whole(amount: Money) -> int:
    """The whole, positive number in `amount`.

    Raises:
        NotPositive: zero, negative, a fraction, or not a number.
        TooLarge: beyond 63 bits.
    """
    number = amount.amount
    if not isinstance(number, Decimal) or not number.is_finite() or number != number.to_integral_value():
        raise errors.NotPositive(amount=number)
    value = int(number)
    if value <= 0:
        raise errors.NotPositive(amount=value)
    if value > LARGEST:
        raise errors.TooLarge(amount=value)
    return value


def check(moves: Sequence[Move]) -> list[int]:
    """Check every move by itself and return the whole amounts.

    Raises:
        NoMoves, NotPositive, TooLarge, SameAccount, WrongUnit, AccountClosed, DayNotKept.
    """
    if not moves:
        raise errors.NoMoves()
    amounts = []
    for move in moves:
        amounts.append(whole(move.amount))
        if move.source.pk == move.destination.pk:
            raise errors.SameAccount(account=move.source.code)
        unit = move.amount.currency.code
        for account, day in ((move.source, move.source_day), (move.destination, move.destination_day)):
            if account.unit_id != unit:
                raise errors.WrongUnit(account=account.code, held=account.unit_id, moved=unit)
            if account.closed_on is not None:
                raise errors.AccountClosed(account=account.code)
            if day is not None and not account.tracks_days:
                raise errors.DayNotKept(account=account.code)
    return amounts


def digest(kind: str, reference: str, reason: str, rule: str, moves: Sequence[Move], linked: Any) -> str:
    """SHA-256 of what was asked for, in canonical JSON: the same key must bring the same digest."""
    body = [
        kind,
        reference,
        reason,
        rule,
        linked,
        [
            [
                move.source.code,
                move.destination.code,
                move.amount.currency.code,
                int(move.amount.amount),
                move.source_day.isoformat() if move.source_day else None,
                move.destination_day.isoformat() if move.destination_day else None,
            ]
            for move in moves
        ],
    ]
    return hashlib.sha256(CANONICAL.encode(body).encode()).hexdigest()


def check_entries(entries: Sequence[Entry]) -> list[int]:
    """Check a batch and return the whole amounts.

    Raises:
        DuplicateKey: a key stands twice. DayNeeded: a source keeps days and none is named.
        NotPositive, TooLarge, SameAccount, WrongUnit, AccountClosed, DayNotKept: as `check`.
    """
    seen: set[str] = set()
    for entry in entries:
        if entry.key in seen:
            raise errors.DuplicateKey(key=entry.key)
        seen.add(entry.key)
        if entry.move.source.tracks_days and entry.move.source_day is None:
            raise errors.DayNeeded(account=entry.move.source.code)
    return check([entry.move for entry in entries])
