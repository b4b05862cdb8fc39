"""`make test-long`: the fault suite of the ledger and every other slow test; a line for each case at the end.

Each case states its figure, and has a control that fails when the protection is taken away. JINDOU_KILLS (3)
is how often PostgreSQL is killed, JINDOU_RUNS and JINDOU_STEPS (200, 50) the size of the random histories.
Arguments go to pytest and choose cases (`make test-long ARGS="-k killed"`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "-m", "slow"]
NOTHING_COLLECTED = 5


def main() -> int:
    arguments = sys.argv[1:]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="jindou-figures-") as folder:
        figures = Path(folder) / "figures"
        figures.touch()
        environment = {**os.environ, "JINDOU_FIGURES": str(figures)}
        environment.pop("DATABASE_URL", None)  # every case has a server of its own
        print("=== faults of the ledger", flush=True)
        command = [*PYTEST, "tests/faults", *arguments]
        codes = [subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode]
        print("\n=== other slow tests", flush=True)
        command = [*PYTEST, "tests", "--ignore=tests/faults", *arguments]
        codes.append(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)
        print(f"\n=== figures ({(time.monotonic() - began) / 60:.0f} minutes)")
        print(figures.read_text(encoding="utf-8"))
    bad = [code for code in codes if code not in (0, NOTHING_COLLECTED)]
    print("test-long: " + ("FAILED" if bad else "all good"))
    return max(bad, default=0)


if __name__ == "__main__":
    raise SystemExit(main())
