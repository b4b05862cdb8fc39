"""Books of a given size, filled by set-based SQL: correct in every sum, sealed but for the last postings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from points.ledger import content, streams
from points.ledger.kinds import RULES
from points.ledger.models import Account, AccountKind, Seal
from points.people.models import User
from points.units import BEAN
from tools.bench import databases

SEAL_SIZE = 2000
TAIL = 200
"""Transactions left unsealed: the tail a busy account's balance is summed over."""
FUNDING = 1_000_000

# Transaction 1 gives the pool its beans, the next ones each member a million; then everybody in turn is
# awarded 20 beans, has them released with a day, and redeems 10 of that day.
ROWS = """
CREATE TEMPORARY VIEW filled AS
SELECT i, kind, CASE kind WHEN 'allotment' THEN {treasury} WHEN 'funding' THEN {treasury}
                WHEN 'award' THEN {pool} WHEN 'release' THEN {pending} + member
                ELSE {available} + member END AS source,
    CASE kind WHEN 'allotment' THEN {pool} WHEN 'award' THEN {pending} + member
        WHEN 'redeem' THEN {settled} ELSE {available} + member END AS destination,
    CASE kind WHEN 'allotment' THEN 9000000000000 WHEN 'funding' THEN {funding}
        WHEN 'redeem' THEN 10 ELSE 20 END AS amount,
    CASE kind WHEN 'release' THEN never WHEN 'redeem' THEN day END AS source_day,
    CASE kind WHEN 'funding' THEN never WHEN 'award' THEN never WHEN 'release' THEN day END AS destination_day
FROM (
    SELECT i, never, CASE WHEN i = 1 THEN 'allotment' WHEN i <= {members} + 1 THEN 'funding'
            ELSE (ARRAY['award', 'release', 'redeem'])[1 + turn % 3] END AS kind,
        CASE WHEN i <= {members} + 1 THEN i - 2 ELSE (i - 2) % {members} END AS member,
        CASE WHEN (turn / 3) % 2 = 0 THEN never ELSE DATE '2099-06-30' END AS day
    FROM (SELECT i, DATE '9999-12-31' AS never, (i - 2) / {members} - 1 AS turn
          FROM generate_series(1, {postings}) AS i) AS counted
) AS turned
"""
FILL = """
INSERT INTO ledger_transaction (id, kind, reference, key, body_digest, occurred_at, posted_at, by_id, reason,
    rule, inputs_digest, seal_id)
SELECT i, kind, 'record:fill:' || i, 'fill:' || i, encode(sha256(i::text::bytea), 'hex'), moment, moment,
    {staff}, '', 'bench:1', '', CASE WHEN i <= {sealed} THEN (i - 1) / {seal_size} + 1 END
FROM (
    SELECT *, TIMESTAMPTZ '2024-01-01 08:00+08' + i * (INTERVAL '2 years' / {postings}) AS moment FROM filled
) AS f;
INSERT INTO ledger_posting (id, transaction_id, source_id, destination_id, unit_id, amount, source_day,
    destination_day)
SELECT i, i, source, destination, 'BEAN', amount, source_day, destination_day FROM filled;
"""
SUMS = """
INSERT INTO ledger_balance (account_id, day, amount, sign)
SELECT account_id, day, SUM(amount), 1 FROM (
    SELECT destination_id AS account_id, COALESCE(destination_day, DATE '9999-12-31') AS day, amount
    FROM ledger_posting
    UNION ALL
    SELECT source_id, COALESCE(source_day, DATE '9999-12-31'), -amount FROM ledger_posting
) AS m JOIN ledger_account a ON a.id = account_id WHERE a.is_stored GROUP BY account_id, day;
INSERT INTO ledger_checkpoint (account_id, seal_id, amount)
SELECT account_id, {last_seal}, SUM(amount) FROM (
    SELECT destination_id AS account_id, amount FROM ledger_posting WHERE transaction_id <= {sealed}
    UNION ALL
    SELECT source_id, -amount FROM ledger_posting WHERE transaction_id <= {sealed}
) AS m JOIN ledger_account a ON a.id = account_id WHERE NOT a.is_stored GROUP BY account_id;
SELECT setval(pg_get_serial_sequence('ledger_transaction', 'id'), {postings});
SELECT setval(pg_get_serial_sequence('ledger_posting', 'id'), {postings});
"""
OTHERS = """
INSERT INTO bare.transaction SELECT * FROM ledger_transaction;
INSERT INTO bare.posting SELECT * FROM ledger_posting;
INSERT INTO bare.balance SELECT * FROM ledger_balance;
SELECT setval('bare.transaction_id_seq', {postings}), setval('bare.posting_id_seq', {postings});
INSERT INTO plain_account (id, code, unit, has_floor, balance)
SELECT a.id, a.code, a.unit_id, a.is_stored, COALESCE((SELECT SUM(amount) FROM ledger_balance b
    WHERE b.account_id = a.id), 0) FROM ledger_account a;
INSERT INTO plain_transaction (id, kind, reference, key, body_digest, occurred_at, posted_at, by_id, reason,
    rule)
SELECT id, kind, reference, key, body_digest, occurred_at, posted_at, by_id, reason, rule
FROM ledger_transaction;
INSERT INTO plain_posting (id, transaction_id, source_id, destination_id, unit, amount)
SELECT id, transaction_id, source_id, destination_id, unit_id, amount FROM ledger_posting;
SELECT setval(pg_get_serial_sequence('plain_transaction', 'id'), {postings});
SELECT setval(pg_get_serial_sequence('plain_posting', 'id'), {postings});
"""
BARE = """
CREATE SCHEMA bare;
CREATE TABLE bare.transaction (LIKE ledger_transaction INCLUDING DEFAULTS INCLUDING IDENTITY);
CREATE TABLE bare.posting (LIKE ledger_posting INCLUDING DEFAULTS INCLUDING IDENTITY);
CREATE TABLE bare.balance (LIKE ledger_balance INCLUDING DEFAULTS INCLUDING IDENTITY);
ALTER TABLE bare.transaction ADD PRIMARY KEY (id), ADD UNIQUE (key);
ALTER TABLE bare.posting ADD PRIMARY KEY (id);
ALTER TABLE bare.balance ADD PRIMARY KEY (account_id, day);
"""


@dataclass(frozen=True)
class Cast:
    """The accounts of the books, by id; the members' accounts are consecutive."""

    treasury: int
    settled: int
    pool: int
    available: int
    pending: int
    members: int
    staff: int


def cast() -> Cast:
    """The accounts of the books Django is connected to."""

    def first(kind: str) -> int:
        return Account.objects.filter(kind=kind).order_by("pk").values_list("pk", flat=True)[0]

    return Cast(
        treasury=first(AccountKind.TREASURY),
        settled=first(AccountKind.SETTLED),
        pool=first(AccountKind.POOL),
        available=first(AccountKind.AVAILABLE),
        pending=first(AccountKind.PENDING),
        members=Account.objects.filter(kind=AccountKind.AVAILABLE).count(),
        staff=User.objects.get(username="staff").pk,
    )


def migrate_empty(name: str) -> None:
    """A database with the ledger's real migrations, the floor's tables and the plain ledger's."""
    databases.create(name)
    databases.use(name)
    call_command("migrate", "ledger", verbosity=0, interactive=False)
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("plain").get_models():
            editor.create_model(model)
    functions = (Path(__file__).parent / "floor.sql").read_text(encoding="utf-8")
    with connection.cursor() as cursor:
        cursor.execute(BARE)
        for schema, prefix in (("floor", "ledger_"), ("bare", "bare.")):
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            text = functions.replace("{schema}", schema)
            for table in ("transaction", "posting", "balance"):
                text = text.replace(f"{{{table}}}", prefix + table)
            cursor.execute(text)


def open_accounts(members: int) -> None:
    """The people and accounts of the books, in one order everywhere."""
    User.objects.create_user("staff", name="staff")
    people = User.objects.bulk_create(
        User(username=f"m{n}", password="!", number=f"m{n:07d}") for n in range(members)
    )
    made: list[tuple[str, str, int | None]] = [
        ("system:treasury:bean", AccountKind.TREASURY, None),
        ("system:lapsed:bean", AccountKind.LAPSED, None),
        ("provider:p1:settled", AccountKind.SETTLED, None),
        ("pool:p1:2026", AccountKind.POOL, None),
    ]
    for kind in (AccountKind.AVAILABLE, AccountKind.PENDING):
        made += [(f"member:{person.number}:{kind}", kind, person.pk) for person in people]
    Account.objects.bulk_create(
        Account(
            code=code,
            kind=kind,
            unit_id=BEAN,
            owner_id=owner,
            is_stored=RULES[kind].is_stored,
            tracks_days=RULES[kind].tracks_days,
            sign=RULES[kind].sign,
        )
        for code, kind, owner in made
    )


def fill(*, members: int, postings: int, others: bool = True) -> None:
    """Fill the database Django is connected to (a copy of `migrate_empty`) with so many postings."""
    open_accounts(members)
    sealed = max(0, postings - TAIL)
    numbers = {
        **vars(cast()),
        "postings": postings,
        "funding": FUNDING,
        "sealed": sealed,
        "seal_size": SEAL_SIZE,
        "last_seal": (sealed - 1) // SEAL_SIZE + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")  # of this filling only
        with transaction.atomic():
            extras = Extras(cursor) if postings > 1_000_000 else None
            cursor.execute(ROWS.format(**numbers))
            cursor.execute(FILL.format(**numbers))
            if extras:
                extras.build_indexes()
            cursor.execute("ANALYZE ledger_transaction, ledger_posting")
            add_seals(numbers["last_seal"])
            if extras:
                extras.add_constraints()
            cursor.execute(SUMS.format(**numbers))
            cursor.execute("DROP VIEW filled")
            if others:
                cursor.execute(OTHERS.format(**numbers))
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET synchronous_commit")


def add_seals(count: int) -> None:
    """The seals of the transactions that already name theirs, each with the root that verify will find."""
    previous = content.GENESIS
    made = []
    for first in range(1, count + 1, 10):
        of_seal = groupby(streams.of_seals(first, min(first + 9, count)), key=itemgetter(0))
        for number, texts in of_seal:
            leaves = [content.leaf(text.encode()) for _seal, _id, text in texts]
            root = content.root(leaves).hex()
            head = content.head(previous, root, len(leaves))
            made.append(Seal(number=number, previous_head=previous, root=root, count=len(leaves), head=head))
            previous = head
    Seal.objects.bulk_create(made)


class Extras:
    """The indexes and foreign keys of the two long tables: taken away, and built again when they are full."""

    def __init__(self, cursor: CursorWrapper) -> None:
        self.cursor = cursor
        tables = [["ledger_transaction", "ledger_posting"]]
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype IN ('f', 'u') AND conrelid = ANY (%s::regclass[]) ORDER BY contype DESC",
            tables,
        )
        self.constraints: list[tuple[str, str, str]] = cursor.fetchall()
        for table, name, _definition in self.constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = ANY (%s::regclass[]) AND NOT indisprimary",
            tables,
        )
        self.indexes: list[tuple[str, str]] = cursor.fetchall()
        for name, _definition in self.indexes:
            cursor.execute(f"DROP INDEX {name}")

    def build_indexes(self) -> None:
        for _name, definition in self.indexes:
            self.cursor.execute(definition)

    def add_constraints(self) -> None:
        for table, name, definition in self.constraints:
            self.cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
