"""A plain ORM ledger: what a careful Django developer writes first. Only the benchmark uses it.

The same facts as ours (a transaction with its key, a posting, two stored balances with a floor), the same
integers, the same indexes for reading; no SQL function, no days, no seals, no guards.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Account(models.Model):
    """An account with its balance; the floor is a CHECK."""

    code = models.CharField(max_length=80, unique=True)
    unit = models.CharField(max_length=8)
    has_floor = models.BooleanField(default=True)
    balance = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager[Account]] = models.Manager()

    class Meta:
        app_label = "plain"
        constraints = [
            models.CheckConstraint(
                condition=Q(has_floor=False) | Q(balance__gte=0), name="plain_account_floor"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Transaction(models.Model):
    """One business event."""

    kind = models.CharField(max_length=32)
    reference = models.CharField(max_length=80, blank=True)
    key = models.CharField(max_length=120, unique=True)
    body_digest = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField(db_index=True)
    by_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    rule = models.CharField(max_length=80, blank=True)

    objects: ClassVar[models.Manager[Transaction]] = models.Manager()

    class Meta:
        app_label = "plain"
        indexes = [models.Index(fields=["kind", "reference"], name="plain_tx_cause_idx")]

    def __str__(self) -> str:
        return self.key


class Posting(models.Model):
    """One amount moved between two accounts."""

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="postings")
    source = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="outgoing")
    destination = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="incoming")
    unit = models.CharField(max_length=8)
    amount = models.BigIntegerField()

    objects: ClassVar[models.Manager[Posting]] = models.Manager()

    class Meta:
        app_label = "plain"
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="plain_posting_positive")]

    def __str__(self) -> str:
        return f"{self.transaction} {self.amount}"
