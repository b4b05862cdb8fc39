"""`make demo`: the demo town on SQLite, served on this machine. Needs no service and no settings."""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.messages import compile_stale

TOWN = ROOT / "var" / "demo.sqlite3"


def manage(database: Path, *arguments: str) -> None:
    """Run a management command against `database`; stop at once when it fails."""
    command = [sys.executable, "manage.py", *arguments]
    code = subprocess.run(command, cwd=ROOT, env=environment(database), check=False).returncode
    if code:
        raise SystemExit(code)


def environment(database: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "DATABASE_URL": f"sqlite:///{database}",
        "MEDIA_ROOT": str(ROOT / "var" / "demo-media"),
        "PRIVATE_ROOT": str(ROOT / "var" / "demo-private"),
        "CELERY_BROKER_URL": "",
        "DEMO_NOTICE": "true",
        "SQLITE_SYNCHRONOUS": "FULL" if database == TOWN else "OFF",
        "CACHE_URL": "locmemcache://demo",
    }


def discard(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the demo town and serve it.")
    parser.add_argument("--port", default="8000")
    parser.add_argument("--build-only", action="store_true", help="build the town, serve nothing")
    options = parser.parse_args()
    TOWN.parent.mkdir(exist_ok=True)
    compile_stale()
    if not TOWN.exists():
        # Built aside and moved into place when complete: an interrupted build leaves no half town.
        half = TOWN.with_name("demo-half.sqlite3")
        discard(half)
        print("Preparing the database", flush=True)
        manage(half, "migrate", "--verbosity", "0")
        manage(half, "seed_demo")
        with sqlite3.connect(half) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        half.rename(TOWN)
        discard(half)
    else:
        manage(TOWN, "migrate", "--verbosity", "0")
        manage(TOWN, "demo_signins")
    if options.build_only:
        return 0
    print(
        f"\nJindou is at http://127.0.0.1:{options.port}  (stop: Ctrl-C)\n"
        f"For a fresh town: rm {TOWN.relative_to(ROOT)}; make demo"
    )
    print("The demo asks nobody for a second factor; production does.\n", flush=True)
    serve = [sys.executable, "manage.py", "runserver", f"127.0.0.1:{options.port}"]
    os.chdir(ROOT)
    os.execve(serve[0], serve, environment(TOWN))  # noqa: S606


if __name__ == "__main__":
    raise SystemExit(main())
