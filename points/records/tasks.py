"""Background work of the record room. `manage.py run_due` does the same without a worker."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="records.release_due")
def release_due() -> int:
    """Pay records that waited for a budget, then finish those whose public notice is over."""
    from points.records import services

    services.pay_waiting()
    return services.release_due()
