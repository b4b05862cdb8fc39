"""One proof in a process of its own, so that its memory can be measured: `python -m tools.bench.proofs …`.

verify, or export FORMAT FILE; prints one JSON object: seconds, the most memory it ever held, what it read.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path


def peak_megabytes() -> float:
    """The most resident memory of this process so far."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tools.bench.settings")
    import django

    django.setup()
    from django.db import connection

    from points.ledger import export, sealing
    from points.ledger.models import Posting
    from points.ledger.verify import verify
    from tools.bench.clients import processor

    connection.ensure_connection()
    server = connection.connection.info.backend_pid
    before = peak_megabytes()
    start, own, its = time.perf_counter(), time.process_time(), processor(server)
    wrong = 0
    if sys.argv[1] == "verify":
        report = verify()
        wrong, count = len(report.findings), report.postings
        for finding in report.findings[:10]:
            print(finding, file=sys.stderr)
    elif sys.argv[1] == "seal":
        count = sealing.seal_pending()
    else:
        with open(sys.argv[3], "w", encoding="utf-8") as out:
            count = export.write(sys.argv[2], out)
    seconds = time.perf_counter() - start
    said = {
        "seconds": seconds,
        "own_cpu": time.process_time() - own,
        "server_cpu": processor(server) - its,
        "megabytes": peak_megabytes(),
        "idle_megabytes": before,
        "count": count,
        "wrong": wrong,
        "postings": Posting.objects.count() if sys.argv[1] != "verify" else count,
    }
    print(json.dumps(said))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
