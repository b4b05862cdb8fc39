"""Doing a piece of work again when the database says "not now".

A serialization failure, a deadlock, a lost connection: nothing is wrong with the request, it only has to be
made again, from its beginning, in a new transaction. `retrying` does that a few times and then refuses with
`TryAgainLater`.

It is safe because every posting has a key. When a connection breaks between COMMIT and its answer nobody
knows whether the work was done; made again with the same keys it finds what was written and adds nothing.
Work that does other things (a mail, a second database) must not do them here: `transaction.on_commit` does.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from points.ledger import errors

Result = TypeVar("Result")
NOT_NOW = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "53300",  # too many connections
    "55P03",  # a lock was not to be had in time
    "57P01",  # the session was ended by an administrator
    "57P02",  # the server crashed
    "57P03",  # the server is starting up
}
STALE = ("ledger_balance_day", "ledger_transaction_key")
"""Above READ COMMITTED a writer may not see the row another one has just added, and adds it again."""
BUSY = {5, 6}  # SQLITE_BUSY, SQLITE_LOCKED
LONGEST_PAUSE = 1.0


def is_passing(error: DatabaseError | InterfaceError) -> bool:
    """Whether the same work, made again, may succeed."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state == "23505":
        return str(getattr(cause, "diag").constraint_name).startswith(STALE)  # noqa: B009
    if state is not None:
        return state in NOT_NOW or state.startswith("08")
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in BUSY
    return isinstance(error, OperationalError | InterfaceError)  # the connection broke, or there was none


def retrying(work: Callable[[], Result], *, attempts: int = 5, pause: float = 0.05) -> Result:
    """Run `work` in a transaction of its own, up to `attempts` times.

    It must be the outermost transaction: what has begun outside cannot be begun again here. Between two
    attempts it waits a random part of `pause`, doubled each time (a second at most).

    Raises:
        TryAgainLater: none of the attempts went through. Nothing has been written then, unless the
            connection broke during the last COMMIT; the caller may ask again with the same keys.
        RuntimeError: there is a transaction around it.
    """
    for attempt in range(1, attempts + 1):
        try:
            with transaction.atomic(durable=True):
                return work()
        except (DatabaseError, InterfaceError) as error:
            if not is_passing(error):
                raise
            if attempt == attempts:
                raise errors.TryAgainLater() from error
            if not connection.in_atomic_block and not connection.is_usable():
                connection.close()
        time.sleep(random.uniform(0, min(pause * 2 ** (attempt - 1), LONGEST_PAUSE)))
    raise ValueError("attempts must be at least 1")
