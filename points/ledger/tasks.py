"""What beat asks of the ledger. Each task has its synchronous twin in services or sealing."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="ledger.lapse_due")
def lapse_due() -> int:
    """Lapse beans whose day has passed."""
    from points.ledger import services

    return services.lapse_due()


@shared_task(name="ledger.seal_pending")
def seal_pending() -> int:
    """Seal committed transactions."""
    from points.ledger import sealing

    return sealing.seal_pending()


@shared_task(name="ledger.close_month")
def close_month() -> int:
    """Assert every balance at the end of last month."""
    from points.ledger import closing

    return closing.close_last_month()
