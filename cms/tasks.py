"""Background work of the public site. `manage.py run_due` does the same without a worker."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="cms.close_due")
def close_due() -> int:
    """Close the accounts whose cooling-off is over."""
    from cms import closing

    return closing.close_due()
