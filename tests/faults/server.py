"""A PostgreSQL of our own that can be killed and started again, with the product's tables in it.

Built on `tools/pg.py`. The data folder is migrated once per run and copied for each test.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from tools import pg

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"listen_addresses": "", "max_connections": "60", "shared_buffers": "64MB", "max_wal_size": "128MB"}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
MIGRATED: dict[str, Path] = {}


def children_of(pid: int) -> list[int]:
    """The processes started by `pid` (PostgreSQL gives each one a group of its own)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def busy() -> float:
    """How many times more work than this machine can do at once is waiting for it; 1 when it is free.

    Limits in seconds are meant for a free machine and are stretched by this.
    """
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def environment(url: str, **more: str) -> dict[str, str]:
    """For programs of ours that work on the server at `url`."""
    settings = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    return {**os.environ, **settings, **more}


class Server:
    """One server in a folder of its own. Durable unless `settings` say otherwise."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.settings = {**SMALL, **(settings or {})}
        self.data = home / "data"
        self.user = pg.servant()
        self.process: subprocess.Popen[bytes] | None = None
        if self.user:
            os.chown(home, self.user["user"], self.user["group"])
        self.binaries = pg.installed() or pg.packaged(home)

    @property
    def url(self) -> str:
        return f"postgres://jindou@/jindou?host={self.home}"

    def run(self, *command: Any) -> None:
        """One of PostgreSQL's own programs."""
        where: dict[str, Any] = {**self.user, "cwd": self.home, "stdin": subprocess.DEVNULL}
        done = subprocess.run(
            [self.binaries / command[0], *command[1:]], capture_output=True, text=True, check=False, **where
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> float:
        """Start it; the seconds until it answers."""
        began = time.monotonic()
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, "-k", self.home, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                **self.user,
            )
        pg.wait_ready(self.process, self.home, self.home / "log")
        return time.monotonic() - began

    def kill(self) -> None:
        """`kill -9`, every process of it at once: no word to the disk, no word to the clients."""
        assert self.process is not None
        family = [self.process.pid, *children_of(self.process.pid)]
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        while any(alive(pid) for pid in family):
            time.sleep(0.005)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def connect(self, name: str = "jindou") -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.home), user="jindou", dbname=name, autocommit=True)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


def folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="jindou-faults-"))


def migrated() -> Path:
    """A data folder with the product's tables, made once."""
    if "data" not in MIGRATED:
        server = Server(folder(), FAST)
        server.run(
            "initdb", "-D", server.data, "-U", "jindou", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )
        server.start()
        server.run("createdb", "-h", server.home, "-U", "jindou", "jindou")
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env=environment(server.url),
            check=True,
        )
        server.stop()
        MIGRATED["data"] = server.data
    return MIGRATED["data"]


def forget() -> None:
    """At the end of the run."""
    for data in MIGRATED.values():
        shutil.rmtree(data.parent, ignore_errors=True)
    MIGRATED.clear()


def fresh(settings: Mapping[str, str] | None = None, home: Path | None = None) -> Server:
    """A server of its own with empty books, not started yet."""
    source = migrated()
    server = Server(home or folder(), settings)
    subprocess.run(["cp", "-a", str(source), str(server.data)], check=True)
    os.sync()  # or the first recovery would pay for the copy
    return server
