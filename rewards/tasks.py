"""Work for beat. Each task has a synchronous twin in `rewards.services`."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="rewards.expire_due")
def expire_due() -> int:
    """End vouchers past their last moment and give the beans back."""
    from rewards.services import expire_due as work

    return work()


@shared_task(name="rewards.forfeit_due")
def forfeit_due() -> int:
    """End missed appointments that nobody answered in time."""
    from rewards.services import forfeit_due as work

    return work()


@shared_task(name="rewards.remind_due")
def remind_due() -> int:
    """Tell members of tomorrow's appointments and of vouchers that end soon."""
    from rewards.services import remind_due as work

    return work()
