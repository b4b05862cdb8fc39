"""Background work of this room. Each task has a synchronous twin; `manage.py run_due` calls all of them."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="people.mail_notices")
def mail_notices(people: list[int] | None = None) -> int:
    """Send what cannot wait for the day's mail: to these people, or (the sweep) to everybody."""
    from points.people import mailing

    return mailing.mail_notices(people)


@shared_task(name="people.mail_digest")
def mail_digest() -> int:
    """Send the day's mails that are due and have not gone out."""
    from points.people import mailing

    return mailing.mail_digest()


@shared_task(name="people.erase_old")
def erase_old() -> int:
    """Erase what has been kept for as long as it may."""
    from points.people import retention

    return retention.erase_old()
