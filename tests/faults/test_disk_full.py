"""The disk is full: clean errors, nothing half-written, and it goes on when there is room again."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import errors as pg

from tests.faults.conftest import Figure
from tests.faults.load import Compared, Load, compare, load
from tests.faults.server import Server, folder, fresh, migrated

NOT_ROOT = "SKIPPED, NOT PASSED: a small disk can only be mounted by root"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.geteuid() != 0, reason=NOT_ROOT)]
MEGABYTE = 1 << 20


@contextmanager
def disk(megabytes: int) -> Iterator[Path]:
    """A disk of that size, in memory."""
    place = folder()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(place)], check=False
    )
    if made.returncode:
        pytest.skip(NOT_ROOT + " with the right to mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        shutil.rmtree(place, ignore_errors=True)


def fill(place: Path, *, leave: int) -> Path:
    """A file that leaves only `leave` bytes free."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as out:
        for size in (MEGABYTE, 4096):
            try:
                while True:
                    out.write(b"\0" * size)
            except OSError:
                continue
    os.truncate(ballast, max(ballast.stat().st_size - leave, 0))
    return ballast


def size_of(place: Path) -> int:
    return int(subprocess.check_output(["du", "-sm", str(place)]).split()[0])


@contextmanager
def small_tables() -> Iterator[tuple[Server, Path]]:
    """The tables on a small disk; the write-ahead log on the large one."""
    with disk(size_of(migrated() / "base") + 60) as place:
        server = fresh({"wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"})
        shutil.copytree(server.data / "base", place / "base", dirs_exist_ok=True)
        shutil.rmtree(server.data / "base")
        (server.data / "base").symlink_to(place / "base")
        if server.user:
            subprocess.run(["chown", "-R", str(server.user["user"]), str(place)], check=True)
        with server:
            server.start()
            yield server, place


@contextmanager
def small_log() -> Iterator[tuple[Server, Path]]:
    """The write-ahead log on a small disk."""
    with disk(120) as place:
        server = fresh({"min_wal_size": "32MB", "max_wal_size": "64MB"})
        shutil.copytree(server.data / "pg_wal", place / "pg_wal")
        shutil.rmtree(server.data / "pg_wal")
        (server.data / "pg_wal").symlink_to(place / "pg_wal")
        if server.user:
            subprocess.run(["chown", "-R", str(server.user["user"]), str(place)], check=True)
        with server:
            server.start()
            yield server, place


def failed(clients: Load) -> int:
    return sum("error" in one or one.get("refused") == "try_again_later" for one in clients.answers())


def starve(server: Server, place: Path, *, switch: bool) -> tuple[Compared, int]:
    """Clients at work while the disk fills up, stays full, and gets room again; acknowledged after that."""
    with load(server.url, "--clients", 4, "--attempts", 4, "--pause", 0.005) as clients:
        clients.wait_for(50)
        ballast = fill(place, leave=MEGABYTE // 4)
        until = time.monotonic() + 120
        while failed(clients) < 40:
            assert time.monotonic() < until, "the disk was not full enough to be noticed"
            time.sleep(0.2)
            if switch:  # a new segment of the log, at once
                try:
                    server.ask("SELECT pg_switch_wal()")
                except psycopg.Error:
                    continue
        ballast.unlink()
        process = server.process
        assert process is not None
        time.sleep(1)
        if process.poll() is not None:  # it stops rather than lose a line of its log
            server.start()
        before = clients.acknowledged()
        clients.wait_for(100)
        clients.stop()
    return compare(server, clients), sum("ids" in one for one in clients.kept) - before


@pytest.mark.parametrize("what", ["tables", "log"])
def test_a_full_disk_loses_nothing_and_leaves_nothing_half_written(figure: Figure, what: str) -> None:
    with small_tables() if what == "tables" else small_log() as (server, place):
        found, after = starve(server, place, switch=what == "log")
    figure(
        f"disk of the {what} full",
        acknowledged=found.acknowledged,
        lost=found.lost,
        errors=found.errors,
        refused_cleanly=found.gave_up,
        kinds=" ".join(sorted(found.kinds)) or "-",
        after_room_was_made=after,
        verify="green" if found.verified else "RED",
    )
    assert found.right
    assert found.errors + found.gave_up >= 40
    assert found.kinds <= {"DiskFull"}
    assert after >= 100


def test_control_a_writer_without_a_transaction_leaves_half(figure: Figure) -> None:
    """Each row committed by itself, as a careless import would: the head is there, its postings are not."""
    head = (
        "INSERT INTO ledger_transaction (kind, reference, key, body_digest, occurred_at, posted_at, reason, "
        "rule, inputs_digest) VALUES ('bank', '', %s, '', now(), now(), '', '', '') RETURNING id"
    )
    posting = (
        "INSERT INTO ledger_posting (transaction_id, source_id, destination_id, unit_id, amount) "
        "SELECT %s, MIN(id), MAX(id), 'BEAN', 1 FROM ledger_account"
    )
    promised, refused = {}, 0
    with small_tables() as (server, place):
        with load(server.url, "--clients", 1, "--count", 1) as clients:
            clients.finish()
        fill(place, leave=MEGABYTE // 4)
        with server.connect() as connection:
            connection.execute("SET synchronous_commit = off")
            for number in range(400):
                try:
                    row = connection.execute(head, [f"careless:{number}"]).fetchone()
                    assert row is not None
                    promised[row[0]] = 100
                    for _posting in range(100):
                        connection.execute(posting, [row[0]])
                except pg.DiskFull:
                    refused += 1
                    if refused > 5:
                        break
        (place / "ballast").unlink()
        rows = server.ask("SELECT transaction_id, count(*) FROM ledger_posting GROUP BY transaction_id")
    written = dict(rows)
    half = sum(written.get(pk, 0) != count for pk, count in promised.items())
    figure("the same, each row committed by itself", refused=refused, left_half_written=half)
    assert half > 0
