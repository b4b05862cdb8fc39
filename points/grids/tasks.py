"""Background work of this room."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="grids.expire_requests")
def expire_requests() -> int:
    """Close the approval requests that nobody decided in time; returns how many."""
    from points.grids.approvals import expire_stale

    return expire_stale()
