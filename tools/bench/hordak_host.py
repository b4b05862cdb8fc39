"""django-hordak 2.0 in its own virtual environment: answers requests, one JSON object per line.

Started by `hordak.py` with the interpreter of that environment, from the root of the repository. It uses
hordak as its documentation does: `transfer_to` for one transfer, `bulk_create` for many.
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import sys
from typing import Any

import django
from django.conf import settings

from tools.bench.clients import Prepare, Sample, Step, charged, measure, sample_of, timed

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres",
            "USER": "jindou",
            "HOST": os.environ["BENCH_HOST"],
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    SECRET_KEY="for-the-benchmark-only",
)
django.setup()

import time

from django.core.management import call_command
from django.db import connection, connections, transaction
from hordak.models import Account, Leg, Transaction  # type: ignore[import-not-found]
from moneyed import Money

ONE = Money(1, "EUR")
FILL = """
SET session_replication_role = replica;
INSERT INTO hordak_transaction (id, uuid, timestamp, date, description)
SELECT i, gen_random_uuid(), now(), now(), 'record:fill:' || i FROM generate_series(1, {transfers}) AS i;
INSERT INTO hordak_leg (id, uuid, transaction_id, account_id, credit, debit, currency, description)
SELECT 2 * i - 1, gen_random_uuid(), i, {first} + i % {accounts}, 20, NULL, 'EUR', ''
FROM generate_series(1, {transfers}) AS i
UNION ALL
SELECT 2 * i, gen_random_uuid(), i, {first} + (i + 1) % {accounts}, NULL, 20, 'EUR', ''
FROM generate_series(1, {transfers}) AS i;
SELECT setval(pg_get_serial_sequence('hordak_transaction', 'id'), {transfers});
SELECT setval(pg_get_serial_sequence('hordak_leg', 'id'), 2 * {transfers});
SET session_replication_role = DEFAULT;
ANALYZE;
"""


def do_migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def do_fill(*, accounts: int, transfers: int) -> None:
    made = Account.objects.bulk_create(
        Account(name=f"m{n}", type="LI", currencies=["EUR"], lft=1, rght=2, tree_id=n + 1, level=0)
        for n in range(accounts)
    )
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(accounts=accounts, transfers=transfers, first=made[0].pk))


def pairs(accounts: str) -> Any:
    """Two accounts; the hot one is always the first."""
    known = list(Account.objects.order_by("pk"))

    def pair() -> tuple[Account, Account]:
        one, other = random.sample(known, 2)
        return (one, other) if accounts == "random" or other is known[0] else (known[0], other)

    return pair


def do_post(*, accounts: str, clients: int, seconds: float) -> Sample:
    def prepare() -> Step:
        pair = pairs(accounts)

        def step() -> None:
            one, other = pair()
            one.transfer_to(other, ONE, description="record:bench")

        return step

    prepared: Prepare = prepare
    connections.close_all()
    return measure(prepared, clients=clients, seconds=seconds)


def do_charged(*, accounts: str, repeat: int) -> Sample:
    pair = pairs(accounts)

    def step() -> None:
        one, other = pair()
        one.transfer_to(other, ONE, description="record:bench")

    connection.ensure_connection()
    return charged(step, connection.connection.info.backend_pid, repeat)


def do_many(*, count: int, bulk: bool) -> Sample:
    pair = pairs("hot")
    transfers = [pair() for _unused in range(count)]
    start = time.perf_counter()
    with transaction.atomic():
        if bulk:
            made = Transaction.objects.bulk_create(
                [Transaction(description="record:bench") for _unused in transfers], batch_size=2000
            )
            legs = [
                leg
                for one, (source, destination) in zip(made, transfers, strict=True)
                for leg in (
                    Leg(transaction=one, account=source, credit=ONE, debit=None),
                    Leg(transaction=one, account=destination, debit=ONE, credit=None),
                )
            ]
            Leg.objects.bulk_create(legs, batch_size=2000)
        else:
            for source, destination in transfers:
                source.transfer_to(destination, ONE, description="record:bench")
    seconds = time.perf_counter() - start
    return sample_of([seconds], seconds, per_call=count)


def do_read(*, what: str, repeat: int) -> Sample:
    known = list(Account.objects.order_by("pk"))

    def balance() -> Any:
        return Account.objects.with_balances().get(pk=random.choice(known).pk).balance

    def statement() -> Any:
        legs = random.choice(known).legs.select_related("transaction")
        return list(legs.order_by("-transaction_id")[:20])

    return timed({"balance": balance, "statement": statement}[what], repeat)


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        connections.close_all()
        connection.settings_dict["NAME"] = request.pop("database")
        try:
            answer = globals()["do_" + request.pop("do")](**request)
            said: dict[str, Any] = dataclasses.asdict(answer) if isinstance(answer, Sample) else {}
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"}
        connections.close_all()
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
