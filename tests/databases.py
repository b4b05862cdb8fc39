"""Test databases by copy: migrate once into a template, copy it per worker and after transactional tests.

On SQLite the template is a file kept under var/test/, named after what went into it (migrations, models,
pins), so a second run starts at once. On PostgreSQL it is a database of this run, dropped at its end.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "test"


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def run_name() -> str:
    """A short name shared by all workers of one test run."""
    return os.environ["JINDOU_TEST_RUN"]


def base_name() -> str:
    """The database that DATABASE_URL names; ours are called after it."""
    return str(_given.setdefault("NAME", connection.settings_dict["NAME"]))


_given: dict[str, Any] = {}


def template_name() -> str:
    return f"test_{base_name()}_{run_name()}_template"


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One worker at a time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def fingerprint() -> str:
    """Changes whenever a migrated database could come out differently."""
    digest = hashlib.sha256()
    files = [
        ROOT / "requirements.txt",
        ROOT / "config" / "settings" / "base.py",
        ROOT / "points" / "units.py",
    ]
    for room in ("points", "rewards", "cms"):
        for pattern in ("migrations/**/*", "models.py", "models/*.py", "guards*.py", "*.sql"):
            files += (ROOT / room).rglob(pattern)
    for path in sorted(set(files)):
        if path.is_file() and path.suffix in {".py", ".sql", ".txt"}:
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def use(name: str) -> None:
    """Point Django's connection at the database `name`."""
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()


def prepare(worker: str) -> None:
    """Make this worker's database and use it."""
    if is_postgresql():
        base_name()
        with locked(f"run-{run_name()}"):
            marker = FOLDER / f"run-{run_name()}.done"
            if not marker.exists():
                create(template_name())
                use(template_name())
                migrate()
                marker.touch()
        name = f"test_{base_name()}_{run_name()}_{worker}"
        create(name, template=template_name())
        use(name)
        return
    template = FOLDER / f"template-{fingerprint()}.sqlite3"
    with locked("template"):
        if not template.exists():
            for old in FOLDER.glob("template-*"):
                old.unlink()
            half = template.with_suffix(".half")
            discard(half)
            use(str(half))
            migrate()
            with sqlite3.connect(half) as plain:
                plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            plain.close()
            half.rename(template)
            discard(half)
        # A name of our own for it: another run, on other code, may replace the template meanwhile.
        own = FOLDER / f"test-{run_name()}-{worker}.template"
        own.hardlink_to(template)
    _given["template"] = own
    use(str(FOLDER / f"test-{run_name()}-{worker}.sqlite3"))
    restore()


def restore() -> None:
    """Put the current database back to the template."""
    name = connection.settings_dict["NAME"]
    connections.close_all()
    if is_postgresql():
        create(name, template=template_name())
        return
    source, target = (
        sqlite3.connect(f"file:{_given['template']}?immutable=1", uri=True),
        sqlite3.connect(name, timeout=20),
    )
    with source, target:
        source.backup(target)  # SQLite's own copy: safe even beside another open connection
    source.close()
    target.close()


def remove() -> None:
    """Drop this worker's database."""
    name = connection.settings_dict["NAME"]
    connections.close_all()
    if is_postgresql():
        drop(name)
    else:
        discard(Path(name))
        discard(_given["template"])


def drop_run_template() -> None:
    """At the end of the run, in the process that started it."""
    marker = FOLDER / f"run-{run_name()}.done"
    if marker.exists():
        drop(template_name())
        marker.unlink()
        marker.with_suffix(".lock").unlink(missing_ok=True)


def discard(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def create(name: str, *, template: str = "") -> None:
    quote = connection.ops.quote_name
    drop(name)
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(
            f"CREATE DATABASE {quote(name)}" + (f" TEMPLATE {quote(template)}" if template else "")
        )


def drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")
