"""Every guard that stands in the database, read from its own catalogue, and ways to take one away.

A guard has the same name on both engines where it is the same rule: `trigger ledger_account_guard`,
`check ledger_balance_floor`, `unique ledger_account(code)`, `key ledger_seal`,
`foreign ledger_posting(transaction_id)`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError, connection, transaction

KINDS = {"c": "check", "u": "unique", "p": "key", "f": "foreign"}
CONSTRAINTS = """
SELECT c.contype, c.conrelid::regclass::text, c.conname, (
    SELECT string_agg(a.attname, ', ' ORDER BY k.place)
    FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number)
FROM pg_constraint c WHERE c.contype IN ('c', 'u', 'p', 'f') AND c.conrelid::regclass::text LIKE 'ledger\\_%'
"""
INDEXES = """
SELECT i.indexrelid::regclass::text FROM pg_index i
WHERE i.indisunique AND i.indrelid::regclass::text LIKE 'ledger\\_%'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))
"""
TRIGGERS = """
SELECT tgname, tgrelid::regclass::text FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'ledger\\_%'
"""


class Undo(Exception):
    """Ends a savepoint."""


class PostgreSQL:
    """The test's own connection; whatever is taken away comes back with the test's rollback."""

    def __init__(self) -> None:
        self.drops: dict[str, str] = {}
        with connection.cursor() as cursor:
            cursor.execute(CONSTRAINTS)
            for kind, table, name, columns in cursor.fetchall():
                guard = KINDS[kind if isinstance(kind, str) else kind.decode()]
                shown = {"check": name, "key": table}.get(guard, f"{table}({columns})")
                self.drops[f"{guard} {shown}"] = f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE'
            cursor.execute(INDEXES)
            for (name,) in cursor.fetchall():
                self.drops[f"unique {name}"] = f"DROP INDEX {name}"
            cursor.execute(TRIGGERS)
            for name, table in cursor.fetchall():
                self.drops[f"trigger {name}"] = f"DROP TRIGGER {name} ON {table}"

    def guards(self) -> set[str]:
        return set(self.drops)

    def refusal(self, sql: str, values: Iterable[Any] = (), *, without: Iterable[str] = ()) -> str | None:
        """What the database says to the statement, or None when it lets it pass. Nothing is kept."""
        connection.check_constraints()  # nothing may be pending when a table is altered
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for guard in without:
                    cursor.execute(self.drops[guard])
                cursor.execute(sql, list(values))
                connection.check_constraints()
                raise Undo
        except Undo:
            return None
        except DatabaseError as error:
            return str(error)

    def columns(self, table: str) -> list[str]:
        with connection.cursor() as cursor:
            return [one.name for one in connection.introspection.get_table_description(cursor, table)]


class SQLite:
    """For each statement a new database in memory, made of the real one's own DDL less what is taken away."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL "
                "AND (tbl_name LIKE 'ledger\\_%%' ESCAPE '\\' OR tbl_name = 'people_user') ORDER BY rowid"
            )
            rows = cursor.fetchall()
            self.tables = {name: sql for kind, name, _table, sql in rows if kind == "table"}
            self.others = {name: (kind, sql) for kind, name, _table, sql in rows if kind != "table"}
            self.data = {}
            for name in self.tables:
                cursor.execute(f"SELECT * FROM {name}")
                self.data[name] = cursor.fetchall()
        self.parts: dict[str, tuple[str, str]] = {}
        """guard → (table, the piece of its DDL)"""
        for table, sql in self.tables.items():
            if table != "people_user":
                self._find(table, sql)

    def _find(self, table: str, sql: str) -> None:
        for part in split(sql):
            name = re.match(r'"(\w+)"', part)
            for pattern, guard in (
                (
                    r' REFERENCES "\w+" \("\w+"\)( DEFERRABLE INITIALLY DEFERRED)?',
                    "foreign {table}({column})",
                ),
                (r" PRIMARY KEY( AUTOINCREMENT)?", "key {table}"),
                (r" UNIQUE(?! \()", "unique {table}({column})"),
                (r' CHECK \("\w+" >= 0\)', "check {table}_{column}_check"),
            ):
                found = re.search(pattern, part)
                if name and found:
                    known = guard.format(table=table, column=name[1])
                    self.parts[known] = (part, part.replace(found[0], "", 1))
            whole = re.match(r'CONSTRAINT "(\w+)" (UNIQUE|CHECK) \((.*)\)', part)
            if whole:
                columns = whole[3].replace('"', "")
                known = f"check {whole[1]}" if whole[2] == "CHECK" else f"unique {table}({columns})"
                self.parts[known] = (f", {part}", "")

    def guards(self) -> set[str]:
        triggers = {f"trigger {name}" for name, (kind, _sql) in self.others.items() if kind == "trigger"}
        indexes = {f"unique {name}" for name, (_kind, sql) in self.others.items() if "UNIQUE INDEX" in sql}
        return triggers | indexes | set(self.parts)

    def copy(self, without: Iterable[str]) -> sqlite3.Connection:
        made = sqlite3.connect(":memory:", isolation_level=None)
        left_out = {guard.split(" ", 1)[1] for guard in without if guard not in self.parts}
        for table, sql in self.tables.items():
            for guard in without:
                if guard in self.parts:
                    old, new = self.parts[guard]
                    if table == guard.split(" ", 1)[1].split("(")[0] or guard.startswith("check"):
                        sql = sql.replace(old, new, 1)
                if guard.startswith("key "):  # nothing can refer to it any more
                    target = guard.split(" ", 1)[1]
                    sql = re.sub(
                        rf' REFERENCES "{target}" \("\w+"\)( DEFERRABLE INITIALLY DEFERRED)?', "", sql
                    )
            made.execute(sql)
            marks = ", ".join("?" * len(self.columns(table)))
            made.executemany(f"INSERT INTO {table} VALUES ({marks})", self.data[table])
        for name, (_kind, sql) in self.others.items():
            if name not in left_out:
                made.execute(sql)
        made.execute("PRAGMA foreign_keys = ON")
        return made

    def refusal(self, sql: str, values: Iterable[Any] = (), *, without: Iterable[str] = ()) -> str | None:
        """What the database says to the statement, or None when it lets it pass. Nothing is kept."""
        made = self.copy(list(without))
        try:
            made.execute("BEGIN")
            made.execute(sql.replace("%s", "?"), list(values))
            made.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            return str(error)
        finally:
            made.close()
        return None

    def columns(self, table: str) -> list[str]:
        parts = [re.match(r'"(\w+)"', part) for part in split(self.tables[table])]
        return [found[1] for found in parts if found]


def split(sql: str) -> list[str]:
    """The columns and constraints of a CREATE TABLE."""
    inside, parts, depth = sql[sql.index("(") + 1 : sql.rindex(")")], [""], 0
    for sign in inside:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def catalogue() -> PostgreSQL | SQLite:
    return PostgreSQL() if connection.vendor == "postgresql" else SQLite()
