"""Two ways to write a task that posts: with a key that belongs to the cause, and without (a control)."""

from __future__ import annotations

import uuid

from celery import shared_task


def award(key: str) -> int:
    from django.db import transaction
    from djmoney.money import Money

    from points.ledger.accounts import pool_account, system_account
    from points.ledger.services import Move, post

    with transaction.atomic():
        move = Move(system_account("treasury"), pool_account("faults", 2026), Money(1, "BEAN"))
        return post("award", key=key, moves=[move], by=None).pk


@shared_task(name="faults.careful")
def careful(cause: str) -> int:
    """Named after its cause: delivered again, it finds what it did."""
    return award(f"award:{cause}")


@shared_task(name="faults.careless")
def careless(cause: str) -> int:
    """A new key each time."""
    return award(f"award:{cause}:{uuid.uuid4()}")
