"""A small bank under load: several client processes that post, and write down what they were told.

    python -m tests.faults.bank FOLDER --clients 6 …      (DATABASE_URL names the database)

Each client makes one random request after the other, with a key of its own, and notes the answer in
FOLDER/client-N.jsonl *after* its transaction has ended: that is the acknowledgement which the database must
never forget. It goes on until FOLDER/stop exists, or for `--count` requests.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MEMBERS = 12


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--count", type=int, default=0, help="requests per client; 0: until told to stop")
    parser.add_argument("--attempts", type=int, default=60, help="0: no retry at all (a control)")
    parser.add_argument("--fresh-keys", action="store_true", help="a new key for each attempt (a control)")
    parser.add_argument("--isolation", default="", help="of the transactions, for example SERIALIZABLE")
    parser.add_argument("--swaps", action="store_true", help="two postings in one transaction, in any order")
    parser.add_argument("--seal", action="store_true", help="one more process seals")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two requests")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    if options.isolation:
        import psycopg

        level = psycopg.IsolationLevel[options.isolation]
        settings.DATABASES["default"].setdefault("OPTIONS", {})["isolation_level"] = level
    settings.DATABASES["default"]["CONN_MAX_AGE"] = None
    django.setup()
    from django.db import connections

    accounts = open_books()
    connections.close_all()
    works: list[Callable[[], None]] = [Client(options, n, accounts).work for n in range(options.clients)]
    if options.seal:
        works.append(lambda: seal(options.folder))
    pids = []
    for work in works:
        pid = os.fork()
        if not pid:
            code = 1
            try:
                work()
                code = 0
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                sys.stderr.flush()
                os._exit(code)
        pids.append(pid)
    (options.folder / "started").touch()
    clients = [os.waitpid(pid, 0)[1] for pid in pids[: options.clients]]
    (options.folder / "stop").touch()
    return 1 if any(clients + [os.waitpid(pid, 0)[1] for pid in pids[options.clients :]]) else 0


def open_books() -> dict[str, Any]:
    """The accounts of the bank, and beans in its pool."""
    from django.db import transaction
    from djmoney.money import Money

    from points.ledger import accounts
    from points.ledger.services import Move, post
    from points.people.models import User

    treasury, pool = accounts.system_account("treasury"), accounts.pool_account("bank", 2026)
    found: dict[str, Any] = {"pool": pool, "payable": accounts.provider_account("shop", "payable")}
    for number in range(MEMBERS):
        person, _new = User.objects.get_or_create(username=f"b{number}", defaults={"number": f"b{number}"})
        for kind in ("available", "hold"):
            found[f"{kind}{number}"] = accounts.member_account(person, kind)
    with transaction.atomic():
        post("allotment", key="bank", moves=[Move(treasury, pool, Money(1_000_000, "BEAN"))], by=None)
        first = [Move(pool, found[f"available{n}"], Money(100, "BEAN")) for n in range(MEMBERS)]
        post("allotment", key="first", moves=first, by=None)
    return found


class Client:
    """One process of the workload."""

    def __init__(self, options: argparse.Namespace, number: int, accounts: dict[str, Any]) -> None:
        self.options = options
        self.number = number
        self.accounts = accounts
        self.random = random.Random(f"{options.folder.name}:{number}")
        self.stop = options.folder / "stop"
        self.tries = 0

    def work(self) -> None:
        with (self.options.folder / f"client-{self.number}.jsonl").open("w", buffering=1) as out:
            count = 0
            while not self.stop.exists() and (not self.options.count or count < self.options.count):
                count += 1
                key = f"bank:{self.number}:{count}"
                out.write(json.dumps({"key": key, **self.request(key)}) + "\n")
                if self.options.pause:
                    time.sleep(self.options.pause)

    def request(self, key: str) -> dict[str, Any]:
        """Make one request, again where allowed, and say how it ended."""
        from django.db import DatabaseError, InterfaceError, connection, transaction

        from points import clock
        from points.ledger.retry import retrying
        from points.refusals import Refusal

        plan = self.plan()
        self.tries, began = 0, clock.now()

        def work() -> list[Any]:
            nonlocal began
            self.tries, began = self.tries + 1, clock.now()
            name = f"{key}:{self.tries}" if self.options.fresh_keys else key
            return self.post(name, plan)

        try:
            if self.options.attempts:
                posted = retrying(work, attempts=self.options.attempts)
            else:
                with transaction.atomic():
                    posted = work()
        except Refusal as refusal:
            return {"refused": refusal.code, "tries": self.tries}
        except (DatabaseError, InterfaceError) as error:
            if not connection.is_usable():
                connection.close()
            cause = error.__cause__
            return {"error": type(cause or error).__name__, "state": getattr(cause, "sqlstate", None)}
        # Posted before this attempt began: an earlier one was committed and its answer lost.
        found = any(one.posted_at < began for one in posted)
        amounts = {one.pk: sum(n for _a, _b, n in part) for one, part in zip(posted, plan, strict=True)}
        return {"ids": amounts, "tries": self.tries, "found": found}

    def post(self, key: str, plan: list[list[tuple[str, str, int]]]) -> list[Any]:
        from djmoney.money import Money

        from points.ledger.services import Move, post

        posted = []
        for place, part in enumerate(plan):
            moves = [
                Move(self.accounts[a], self.accounts[b], Money(amount, "BEAN"), None, self.day(b, amount))
                for a, b, amount in part
            ]
            posted.append(post("bank", key=f"{key}/{place}", moves=moves, by=None))
        return posted

    def day(self, destination: str, amount: int) -> dt.date | None:
        """Some beans expire, on one of a few days far ahead."""
        days = (None, dt.date(2999, 6, 1), dt.date(2999, 12, 1))
        return days[amount % 3] if destination.startswith("available") else None

    def plan(self) -> list[list[tuple[str, str, int]]]:
        """The postings of a request: one transaction as a rule, two with `--swaps`."""
        pick, amount = self.random.random(), self.random.randint(1, 9)
        one, other = self.random.sample(range(MEMBERS), 2)
        if self.options.swaps:  # three members, first one's accounts, then another's: no order of locks
            there, back = ("available", "hold") if pick < 0.5 else ("hold", "available")
            return [[(f"{there}{n}", f"{back}{n}", 1)] for n in self.random.sample(range(3), 2)]
        if pick < 0.4:
            return [[("pool", f"available{one}", amount)]]
        if pick < 0.55:
            return [[(f"available{one}", f"available{other}", amount)]]
        if pick < 0.75:
            return [[(f"available{one}", f"hold{one}", amount)]]
        if pick < 0.85:
            return [[(f"hold{one}", "payable", amount)]]
        if pick < 0.95:
            return [[("pool", f"available{one}", amount), (f"available{one}", f"hold{one}", amount)]]
        return [[("pool", f"available{n}", amount) for n in range(MEMBERS)]]


def seal(folder: Path) -> None:
    """The sealer beside the writers; a lost connection is tried again at the next turn."""
    from django.db import DatabaseError, InterfaceError, connection

    from points.ledger import sealing

    while not (folder / "stop").exists():
        try:
            sealing.seal_pending(batches=3)
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.3)


if __name__ == "__main__":
    raise SystemExit(main())
