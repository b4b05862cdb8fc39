"""PostgreSQL's own benchmark program calling the floor's function: as fast as a client can be."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.db import connection

from tools import pg
from tools.bench.clients import Sample, sample_of
from tools.bench.fill import cast

# key, source and destination of `contenders.pair`, in pgbench's words
PAIRS = {
    "random": "\\set s {available} + random(0, {members} - 1)\n"
    "\\set d {available} + mod(:s - {available} + random(1, {members} - 1), {members})\n",
    "hot": "\\set s {treasury}\n\\set d {available} + random(0, {members} - 1)\n",
    "pool": "\\set s {pool}\n\\set d {pending} + random(0, {members} - 1)\n",
}
CALL = (
    "\\set k random(1, 1000000000000000000)\n"
    "SELECT {schema}.post('bench:' || :k::text, :s, :d, 1, {staff});\n"
)


def program() -> str | None:
    """pgbench beside the server's programs, or on the path; None when this machine has none."""
    beside = pg.installed()
    if beside and (beside / "pgbench").exists():
        return str(beside / "pgbench")
    return shutil.which("pgbench")


def measure(accounts: str, schema: str, *, clients: int, seconds: float) -> Sample:
    """Run pgbench against the database Django is connected to."""
    found = program()
    assert found is not None
    settings = connection.settings_dict
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "post.sql"
        script.write_text((PAIRS[accounts] + CALL).format(schema=schema, **vars(cast())), encoding="utf-8")
        done = subprocess.run(
            [
                *(found, "-n", "-M", "prepared", "-f", str(script)),
                *("-l", "--log-prefix", str(folder / "log")),
                *("-c", str(clients), "-j", str(min(clients, 2)), "-T", str(max(1, round(seconds)))),
                *("-h", settings["HOST"] or settings["OPTIONS"]["host"], "-U", settings["USER"]),
                settings["NAME"],
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        latencies = [
            int(line.split()[2]) / 1e6 for log in folder.glob("log*") for line in log.open(encoding="utf-8")
        ]
    per_second = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert per_second is not None
    return sample_of(latencies, len(latencies) / float(per_second[1]))
