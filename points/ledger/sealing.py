"""The sealer: it runs behind the writers and seals whatever is committed and not sealed yet."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, connection, transaction

from points import clock
from points.ledger import content, streams
from points.ledger.models import Seal, Transaction

BATCH = 2000
# The busy accounts that moved: their newest checkpoint and what this seal brings.
CHECKPOINT = """
INSERT INTO ledger_checkpoint (account_id, seal_id, amount)
SELECT m.account_id, %(seal)s, SUM(m.amount) + COALESCE((
    SELECT c.amount FROM ledger_checkpoint c WHERE c.account_id = m.account_id
    ORDER BY c.seal_id DESC LIMIT 1), 0)
FROM (
    SELECT p.destination_id AS account_id, p.amount AS amount
    FROM ledger_transaction t JOIN ledger_posting p ON p.transaction_id = t.id WHERE t.seal_id = %(seal)s
    UNION ALL
    SELECT p.source_id, -p.amount
    FROM ledger_transaction t JOIN ledger_posting p ON p.transaction_id = t.id WHERE t.seal_id = %(seal)s
) AS m JOIN ledger_account a ON a.id = m.account_id WHERE NOT a.is_stored
GROUP BY m.account_id ORDER BY m.account_id
"""


def leaves_of(transactions: Iterable[Transaction]) -> list[bytes]:
    """The leaf hashes of some transactions, in the order of their ids."""
    return _leaves([one.pk for one in transactions])


def _leaves(ids: list[int]) -> list[bytes]:
    return [content.leaf(text.encode()) for _seal, _id, text in streams.of_ids(ids)]


def seal_batch() -> Seal | None:
    """Seal up to `BATCH` committed transactions; None when there is nothing to seal.

    Two sealers at once: both try the same seal number, one wins, the other finds nothing done and returns
    None. Checkpoints of the busy accounts are written in the same transaction, so that a checkpoint always
    covers exactly the sealed postings.
    """
    try:
        with transaction.atomic():
            last = Seal.objects.order_by("-number").first()
            unsealed = Transaction.objects.filter(seal__isnull=True).order_by("pk")
            ids = list(unsealed.values_list("pk", flat=True)[:BATCH])
            if not ids:
                return None
            merkle_root = content.root(_leaves(ids)).hex()
            previous = last.head if last else content.GENESIS
            seal = Seal.objects.create(
                number=last.number + 1 if last else 1,
                previous_head=previous,
                root=merkle_root,
                count=len(ids),
                head=content.head(previous, merkle_root, len(ids)),
                sealed_at=clock.now(),
            )
            Transaction.objects.filter(pk__in=ids).update(seal=seal)
            with connection.cursor() as cursor:
                cursor.execute(CHECKPOINT, {"seal": seal.number})
            return seal
    except IntegrityError:
        if Seal.objects.exists():
            return None
        raise


def seal_pending(*, batches: int = 1000) -> int:
    """Seal until nothing is left (or `batches` are done); returns the number of transactions sealed."""
    sealed = 0
    for _unused in range(batches):
        seal = seal_batch()
        if seal is None:
            break
        sealed += seal.count
    return sealed
