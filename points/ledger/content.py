"""What is sealed: the canonical bytes of a transaction, and the Merkle tree over a batch.

Canonical JSON (sorted keys, ASCII, no blanks) is unambiguous; it holds everything a transaction says except
its seal. People appear by account code only: `by` and its like are row numbers, which stop meaning anybody
once the person's row has been scrubbed. The tree is RFC 6962's: leaves and nodes are hashed with different
prefixes, so that one can never pass for the other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from points.ledger.models import Posting, Transaction

GENESIS = "0" * 64


def instant(moment: dt.datetime) -> str:
    """UTC, with microseconds, always in the same form."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def as_dict(transaction: Transaction, postings: Iterable[Posting], codes: dict[int, str]) -> dict[str, Any]:
    """One transaction as plain values; `codes` maps account ids to account codes."""
    return {
        "id": transaction.pk,
        "kind": transaction.kind,
        "reference": transaction.reference,
        "key": transaction.key,
        "body_digest": transaction.body_digest,
        "occurred_at": instant(transaction.occurred_at),
        "posted_at": instant(transaction.posted_at),
        "by": transaction.by_id,
        "approved_by": transaction.approved_by_id,
        "on_behalf_of": transaction.on_behalf_of_id,
        "reason": transaction.reason,
        "rule": transaction.rule,
        "inputs_digest": transaction.inputs_digest,
        "reverses": transaction.reverses_id,
        "corrects": transaction.corrects_id,
        "postings": [
            {
                "id": posting.pk,
                "source": codes[posting.source_id],
                "destination": codes[posting.destination_id],
                "unit": posting.unit_id,
                "amount": posting.amount,
                "source_day": posting.source_day.isoformat() if posting.source_day else None,
                "destination_day": posting.destination_day.isoformat() if posting.destination_day else None,
            }
            for posting in postings
        ],
    }


def canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def leaf(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


def _above(level: Sequence[bytes]) -> list[bytes]:
    """The next level of the tree; an odd node moves up unchanged."""
    pairs = [
        hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)
    ]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle root over some leaves."""
    level = list(leaves)
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], place: int) -> list[str]:
    """The hashes that lead from the leaf at `place` to the root, each as `L` or `R` and its hex digits."""
    steps: list[str] = []
    level = list(leaves)
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            steps.append(("L" if beside < place else "R") + level[beside].hex())
        level, place = _above(level), place // 2
    return steps


def follow(start: bytes, steps: Iterable[str]) -> bytes:
    """The root that a path leads to."""
    node = start
    for step in steps:
        beside = bytes.fromhex(step[1:])
        pair = beside + node if step[0] == "L" else node + beside
        node = hashlib.sha256(b"\x01" + pair).digest()
    return node


def head(previous: str, merkle_root: str, count: int) -> str:
    """The head of a seal: it commits to the seal before it."""
    return hashlib.sha256(f"{previous}:{merkle_root}:{count}".encode()).hexdigest()
