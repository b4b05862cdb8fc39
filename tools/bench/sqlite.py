"""The same on SQLite, durable (WAL, synchronous FULL, IMMEDIATE): ours and the plain ORM ledger.

A process of its own, because Django's engine is chosen when it starts: `python -m tools.bench.sqlite`.
Prints one JSON object per measurement.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tools.bench.settings")
    import django

    django.setup()
    from django.apps import apps
    from django.core.management import call_command
    from django.db import connection, connections, transaction
    from djmoney.money import Money

    from points.ledger import services
    from points.ledger.models import Account
    from points.units import BEAN
    from tools.bench import fill
    from tools.bench.clients import measure
    from tools.bench.config import Config
    from tools.bench.contenders import POSTERS
    from tools.bench.plain.models import Account as PlainAccount

    config = Config()
    call_command("migrate", "ledger", verbosity=0, interactive=False)
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("plain").get_models():
            editor.create_model(model)
    fill.open_accounts(config.members)
    who = fill.cast()
    known = Account.objects.in_bulk()
    grants = [
        services.Entry(f"fund:{n}", services.Move(known[who.treasury], known[n], Money(fill.FUNDING, BEAN)))
        for n in (who.pool, *range(who.available, who.available + who.members))
    ]
    with transaction.atomic():
        services.post_many("funding", grants, by=None)
    PlainAccount.objects.bulk_create(
        PlainAccount(id=one.pk, code=one.code, unit=BEAN, has_floor=one.is_stored, balance=fill.FUNDING)
        for one in known.values()
    )
    for turn in range(config.rounds):
        for clients in (1, config.clients):
            for name in ("ours", "plain ORM") if turn % 2 else ("plain ORM", "ours"):
                connections.close_all()
                sample = measure(POSTERS[name]("random"), clients=clients, seconds=config.seconds)
                said = {"who": name, "clients": clients, "sample": dataclasses.asdict(sample)}
                print(json.dumps(said), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
