"""The calls that are measured, by contender. Those that post run inside a client, on its own connection."""

from __future__ import annotations

import itertools
import os
import random
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection, transaction
from djmoney.money import Money

from points.ledger import balances, services, statements
from points.ledger.models import NEVER, Account, AccountKind, Transaction
from points.people.models import User
from points.units import BEAN
from tools.bench import databases
from tools.bench.clients import Prepare, Sample, Step, charged, sample_of
from tools.bench.fill import Cast, cast
from tools.bench.plain import models as plain_models
from tools.bench.plain import services as plain

ACCOUNTS = ("random", "hot", "pool")
"""random: from one member's available beans to another's. hot: from the treasury, which stores no balance,
to a member. pool: from one budget, whose balance has a floor, to a member's pending beans."""
ONE = Money(1, BEAN)


def keys() -> Callable[[], str]:
    """Keys nobody else makes."""
    prefix, count = os.urandom(6).hex(), itertools.count()
    return lambda: f"bench:{prefix}:{next(count)}"


def pair(who: Cast, accounts: str) -> tuple[int, int]:
    """The ids of a source and a destination."""
    member = random.randrange(who.members)
    if accounts == "random":
        other = (member + random.randrange(1, who.members)) % who.members
        return who.available + other, who.available + member
    if accounts == "hot":
        return who.treasury, who.available + member
    return who.pool, who.pending + member


# --- One posting ----------------------------------------------------------------------------------------
def ours_post(accounts: str) -> Prepare:
    """Our `post`, in a database transaction of its own, as a service calls it."""

    def prepare() -> Step:
        who, key = cast(), keys()
        known = Account.objects.in_bulk()
        staff = User.objects.get(pk=who.staff)

        def step() -> None:
            source, destination = pair(who, accounts)
            name = key()
            with transaction.atomic():
                services.post(
                    "bench",
                    key=name,
                    moves=[services.Move(known[source], known[destination], ONE)],
                    by=staff,
                    reference=f"record:{name}",
                    rule="bench:1",
                )

        return step

    return prepare


def floor_post(accounts: str, *, autocommit: bool = False) -> Prepare:
    """The same rows by one SQL function through psycopg, prepared, in a transaction as psycopg begins one."""

    def prepare() -> Step:
        who, key = cast(), keys()
        raw = psycopg.connect(
            databases.conninfo(connection.settings_dict["NAME"]), autocommit=autocommit, prepare_threshold=0
        )

        def step() -> None:
            raw.execute("SELECT floor.post(%s, %s, %s, 1, %s)", [key(), *pair(who, accounts), who.staff])
            raw.commit()

        return step

    return prepare


def plain_post(accounts: str) -> Prepare:
    """The plain ORM ledger."""

    def prepare() -> Step:
        who, key = cast(), keys()
        known = plain_models.Account.objects.in_bulk()

        def step() -> None:
            source, destination = pair(who, accounts)
            plain.post(
                "bench",
                key=key(),
                source=known[source],
                destination=known[destination],
                amount=1,
                by=who.staff,
            )

        return step

    return prepare


POSTERS: dict[str, Callable[[str], Prepare]] = {
    "ours": ours_post,
    "psycopg": floor_post,
    "psycopg, autocommit": lambda accounts: floor_post(accounts, autocommit=True),
    "plain ORM": plain_post,
}


# --- Thousands at once ----------------------------------------------------------------------------------
def once(step: Step, count: int) -> Sample:
    """One call that does `count` things."""
    start = time.perf_counter()
    step()
    seconds = time.perf_counter() - start
    return sample_of([seconds], seconds, per_call=count)


def ours_many(count: int) -> Sample:
    """Our `post_many`: awards from one budget to many members."""
    who, key = cast(), keys()
    known = Account.objects.in_bulk()
    staff = User.objects.get(pk=who.staff)
    entries = []
    for _unused in range(count):
        source, destination = pair(who, "pool")
        name = key()
        move = services.Move(known[source], known[destination], ONE)
        entries.append(services.Entry(name, move, reference=f"record:{name}", rule="bench:1"))

    def step() -> None:
        with transaction.atomic():
            services.post_many("award", entries, by=staff)

    return once(step, count)


def floor_many(count: int) -> Sample:
    """The same rows by one hand-written statement through psycopg."""
    who, key = cast(), keys()
    moves = [pair(who, "pool") for _unused in range(count)]
    sources, destinations = [one for one, _other in moves], [other for _one, other in moves]
    values = [[key() for _unused in moves], sources, destinations, [1] * count, who.staff]
    with psycopg.connect(databases.conninfo(connection.settings_dict["NAME"])) as raw:

        def step() -> None:
            raw.execute(
                "SELECT floor.post_many(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s)",
                values,
                binary=True,
            )
            raw.commit()

        return once(step, count)


def plain_many(count: int) -> Sample:
    """The plain ORM ledger with `bulk_create`."""
    who, key = cast(), keys()
    known = plain_models.Account.objects.in_bulk()
    entries = []
    for _unused in range(count):
        source, destination = pair(who, "pool")
        entries.append((key(), known[source], known[destination], 1))
    return once(lambda: plain.post_many("award", entries, by=who.staff), count)


MANY: dict[str, Callable[[int], Sample]] = {
    "ours": ours_many,
    "one statement": floor_many,
    "plain ORM": plain_many,
}


# --- By processor time ----------------------------------------------------------------------------------
def charge(name: str, accounts: str, repeat: int) -> Sample:
    """One posting after another, in this process."""
    made: list[psycopg.Connection[Any]] = []
    if name == "psycopg":
        made.append(
            psycopg.connect(databases.conninfo(connection.settings_dict["NAME"]), prepare_threshold=0)
        )
        who, key = cast(), keys()

        def step() -> None:
            made[0].execute("SELECT floor.post(%s, %s, %s, 1, %s)", [key(), *pair(who, accounts), who.staff])
            made[0].commit()

    else:
        step = POSTERS[name](accounts)()
        connection.ensure_connection()
        made.append(connection.connection)
    try:
        return charged(step, made[0].info.backend_pid, repeat)
    finally:
        if name == "psycopg":
            made[0].close()


# --- Reading --------------------------------------------------------------------------------------------
READS = ("balance", "busy balance", "statement", "deep statement")
"""A member's balance; the treasury's, which is summed; a member's newest page; one in the middle."""


def ours_read(what: str) -> Step:
    """Reads of our ledger, for a random member each time."""
    who = cast()
    known = Account.objects.in_bulk()
    people = {a.owner_id: a for a in known.values() if a.kind == AccountKind.AVAILABLE}
    members = list(User.objects.filter(pk__in=people))
    newest = Transaction.objects.order_by("-pk").values_list("pk", flat=True)[0]

    def step() -> Any:
        member = random.choice(members)
        if what == "balance":
            return balances.balance(people[member.pk])
        if what == "busy balance":
            return balances.balance(known[who.treasury])
        if what == "statement":
            return statements.statement(member)
        return statements.statement(member, before=newest // 2 + random.randrange(newest // 4))

    return step


def floor_read(what: str) -> Step:
    """The same figures by plain SQL through psycopg."""
    who = cast()
    raw = psycopg.connect(
        databases.conninfo(connection.settings_dict["NAME"]), autocommit=True, prepare_threshold=0
    )
    balance = "SELECT SUM(amount) FROM ledger_balance WHERE account_id = %s"
    page = (
        "SELECT * FROM ledger_posting p JOIN ledger_transaction t ON t.id = p.transaction_id "
        "WHERE p.id IN ((SELECT id FROM ledger_posting WHERE source_id = %s ORDER BY id DESC LIMIT 20) "
        "UNION ALL (SELECT id FROM ledger_posting WHERE destination_id = %s ORDER BY id DESC LIMIT 20)) "
        "ORDER BY t.id DESC LIMIT 20"
    )

    def step() -> Any:
        account = who.available + random.randrange(who.members)
        if what == "balance":
            return raw.execute(balance, [account]).fetchall()
        return raw.execute(page, [account, account]).fetchall()

    return step


def plain_read(what: str) -> Step:
    """Reads of the plain ORM ledger."""
    who = cast()
    known = plain_models.Account.objects.in_bulk()

    def step() -> Any:
        member = random.randrange(who.members)
        mine = [known[who.available + member], known[who.pending + member]]
        return plain.balance(mine[0]) if what == "balance" else plain.statement(mine)

    return step


READERS: dict[str, Callable[[str], Step]] = {
    "ours": ours_read,
    "psycopg": floor_read,
    "plain ORM": plain_read,
}
assert NEVER.year == 9999  # what the floor's functions write
