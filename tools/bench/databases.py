"""Databases on the benchmark's server: made by copying, filled once, thrown away with the server."""

from __future__ import annotations

from urllib.parse import parse_qs, urlparse

import psycopg
from django.db import connection, connections
from psycopg import sql

PRODUCT = ("ledger_transaction", "ledger_posting", "ledger_balance")


def conninfo(name: str) -> str:
    """How psycopg reaches the database `name` of the server Django is connected to."""
    given = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        host=given["HOST"] or given.get("OPTIONS", {}).get("host", ""), user=given["USER"], dbname=name
    )


def host_of(url: str) -> str:
    """The folder of the socket in a DATABASE_URL of `tools/pg.py`."""
    return parse_qs(urlparse(url).query)["host"][0]


def use(name: str) -> None:
    """Point Django at the database `name`, with a new connection."""
    connections.close_all()
    connection.settings_dict["NAME"] = name


def create(name: str, template: str = "template0") -> None:
    """Make (again) a database as a copy of another."""
    connections.close_all()
    with psycopg.connect(conninfo("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )


def tune() -> dict[str, str]:
    """Fewer checkpoints, so that they do not fall into one contender's turn; returns what matters.

    Durability stays as PostgreSQL ships it: fsync, synchronous_commit and full_page_writes are on.
    """
    settings = {
        "max_wal_size": "16GB",
        "checkpoint_timeout": "30min",
        "maintenance_work_mem": "512MB",
        "jit": "off",
    }
    with psycopg.connect(conninfo("postgres"), autocommit=True) as admin:
        for name, value in settings.items():
            admin.execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            )
        admin.execute("SELECT pg_reload_conf()")
        shown = (
            "server_version fsync synchronous_commit full_page_writes wal_sync_method shared_buffers "
            "max_wal_size checkpoint_timeout"
        ).split()
        found = {}
        for name in shown:
            row = admin.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone()
            found[name] = str(row[0]) if row else ""
    return found


def checkpoint() -> None:
    """Write everything out now, so that the next measurements start alike."""
    with psycopg.connect(conninfo("postgres"), autocommit=True) as admin:
        admin.execute("CHECKPOINT")
