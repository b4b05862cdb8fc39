"""Background work of the activities room. Each task has a synchronous twin in the services."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="activities.close_forgotten")
def close_forgotten() -> int:
    """Check out whoever forgot to."""
    from points.activities import services

    return services.close_forgotten()


@shared_task(name="activities.run_import")
def run_import(pk: int, attempt: int) -> str:
    """Check or import the sheet of one run; returns the state it ends in, "" when there was nothing to do."""
    from points.activities import services

    return services.run_import(pk, attempt)


@shared_task(name="activities.clean_imports")
def clean_imports() -> int:
    """Close runs whose worker died; delete sheets and row reports that are old."""
    from points.activities import services

    return services.clean_imports()


@shared_task(name="activities.settle_waitlists")
def settle_waitlists() -> int:
    """Let unanswered offers of places lapse and ask the next in line."""
    from points.activities import services

    return services.settle_waitlists()


@shared_task(name="activities.remind")
def remind() -> int:
    """Tell people about their shift of tomorrow."""
    from points.activities import services

    return services.remind()


@shared_task(name="activities.forget_devices")
def forget_devices() -> int:
    """Delete which devices checked people in, once that is thirty days old."""
    from points.activities import services

    return services.forget_devices()
