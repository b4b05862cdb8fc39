"""Work for beat. Each task has a synchronous twin in `rewards.services`."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="rewards.expire_due")
def expire_due() -> int:
    """End vouchers past their last moment and give the beans back."""
    from rewards.services import expire_due as work

    return work()
