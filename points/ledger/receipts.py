"""Receipts: one transaction, its seal, and the path between them.

Whoever holds a receipt and knows the head of its seal can check, without asking us, that the transaction
stood in the books when they were sealed. `check` here and `tools/verify_export.py --receipt` do the same
sum.
"""

from __future__ import annotations

from typing import Any

from points.ledger import content, errors, sealing, streams
from points.ledger.models import Transaction


def receipt(transaction: Transaction) -> dict[str, Any]:
    """The receipt of a sealed transaction, as plain values for JSON.

    Raises:
        NotSealedYet: the sealer has not reached it (it runs every minute).
    """
    seal = transaction.seal
    if seal is None:
        raise errors.NotSealedYet()
    ids = list(Transaction.objects.filter(seal=seal).order_by("pk").values_list("pk", flat=True))
    leaves = sealing.leaves_of(Transaction.objects.filter(seal=seal).order_by("pk"))
    postings = streams.postings_of([transaction.pk])
    codes = streams.codes_of(postings)
    return {
        "type": "jindou-receipt",
        "version": 1,
        "content": content.as_dict(transaction, postings[transaction.pk], codes),
        "path": content.path(leaves, ids.index(transaction.pk)),
        "seal": {
            "number": seal.number,
            "previous_head": seal.previous_head,
            "root": seal.root,
            "count": seal.count,
            "head": seal.head,
        },
    }


def check(paper: dict[str, Any]) -> bool:
    """Whether a receipt's content leads to its root, and the root to its head. Asks no database."""
    try:
        seal = paper["seal"]
        leaf = content.leaf(content.canonical(paper["content"]))
        reached = content.follow(leaf, paper["path"]).hex()
        head = content.head(seal["previous_head"], reached, seal["count"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return False
    return bool(reached == seal.get("root") and head == seal.get("head"))
