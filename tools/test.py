"""All tests twice: on a SQLite file and on a real PostgreSQL.

The PostgreSQL is the one of DATABASE_URL, else one that we start ourselves (`tools/pg.py`). Tests that
drive a browser run once, on SQLite. Arguments go to pytest (`make test ARGS="tests/ledger -x"`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import pg

WORKERS = min(os.cpu_count() or 1, 4)
NOTHING_COLLECTED = 5


def run(name: str, arguments: list[str], database_url: str | None) -> int:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    if database_url:
        environment["DATABASE_URL"] = database_url
    print(f"\n=== {name}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(WORKERS), "--dist", "loadgroup", *arguments]
    return subprocess.run(command, env=environment, check=False).returncode


def main() -> int:
    signal.signal(signal.SIGTERM, pg.stop)
    arguments = sys.argv[1:]
    given = os.environ.get("DATABASE_URL", "")
    given = given if given.startswith(("postgres", "pgsql")) else ""
    codes = [run("SQLite", arguments, None)]
    with nullcontext(given) if given else pg.server() as url:
        without_browser = ["-m", "not browser and not slow"] if "-m" not in arguments else []
        codes.append(run("PostgreSQL", [*without_browser, *arguments], url))
    if all(code in (0, NOTHING_COLLECTED) for code in codes) and 0 in codes:
        return 0  # a selection may be empty on one engine, not on both
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
