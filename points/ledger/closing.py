"""Month close: a dated row per account says what it held, and `verify` checks it ever after."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone

from points import clock
from points.ledger import errors
from points.ledger.models import Assertion

CLOSE = """
INSERT INTO ledger_assertion (account_id, before, amount, made_at)
SELECT m.account_id, %s, SUM(m.amount), %s FROM (
    SELECT p.destination_id AS account_id, p.amount AS amount
    FROM ledger_posting p JOIN ledger_transaction t ON t.id = p.transaction_id WHERE t.posted_at < %s
    UNION ALL
    SELECT p.source_id, -p.amount
    FROM ledger_posting p JOIN ledger_transaction t ON t.id = p.transaction_id WHERE t.posted_at < %s
) AS m GROUP BY m.account_id
"""


def end_of(month: dt.date) -> dt.datetime:
    """The first moment after a month, in the site's time zone."""
    following = (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return timezone.make_aware(dt.datetime.combine(following, dt.time()))


def close_month(month: dt.date) -> int:
    """Assert the balance of every account that moved, at the end of `month`; returns their number.

    Once per month: a second call finds the assertions and adds none.

    Raises:
        MonthNotOver: the month has not ended, or ended less than an hour ago (writers may still commit).
    """
    before = end_of(month)
    if clock.now() < before + dt.timedelta(hours=1):
        raise errors.MonthNotOver()
    adapt = connection.ops.adapt_datetimefield_value
    with transaction.atomic():
        if Assertion.objects.filter(before=before).exists():
            return 0
        with connection.cursor() as cursor:
            cursor.execute(CLOSE, [adapt(before), adapt(clock.now()), adapt(before), adapt(before)])
            return int(cursor.rowcount)


def close_last_month() -> int:
    """Close the month before this one."""
    return close_month(clock.today().replace(day=1) - dt.timedelta(days=1))
