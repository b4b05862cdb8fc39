"""`make bench`: one run on one PostgreSQL of its own, durable; prints ratios and writes docs/benchmarks.md.

BENCH_BIG=0 make bench                       without the ten million postings
BENCH_PARTS=post,many BENCH_ROUNDS=3 make bench    some parts only (nothing is written then)
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tools import pg
from tools.bench import hordak
from tools.bench.config import FOLDER, Config


def main() -> int:
    config = Config()
    began = time.monotonic()
    facts: dict[str, Any] = {
        "begun": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "minutes": 0.0,
        "load": f"{os.getloadavg()[0]:.1f} of {os.cpu_count()}",
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    if config.hordak:
        hordak.install()
    with ExitStack() as stack:
        url = stack.enter_context(pg.server(durable=True))
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tools.bench.settings"}
        os.environ["BENCH_HOST"] = url.split("host=")[1]
        import django

        django.setup()
        from tools.bench import databases, report
        from tools.bench.stages import Bench, say

        settings = databases.tune()
        peer = stack.enter_context(hordak.Hordak(os.environ["BENCH_HOST"])) if config.hordak else None
        bench = Bench(config, peer)
        bench.facts |= facts
        bench.prepare()
        stages = {
            "post": bench.posting,
            "processor": bench.charged,
            "many": bench.many,
            "seal": bench.seal,
            "sqlite": bench.sqlite,
            "big": bench.biggest,
            "proofs": bench.prove,
            "read": bench.read,
        }
        left = bench.take_up(list(stages))
        while left:
            say(f"--- {left[0]}")
            stages[left.pop(0)]()
            bench.facts["left"] = ", ".join(left)
            bench.facts["minutes"] += (time.monotonic() - began) / 60
            began = time.monotonic()
            bench.facts["load after"] = f"{os.getloadavg()[2]:.1f} of {os.cpu_count()}"
            bench.keep(left)
            text = report.written(bench, settings)
            if config.parts == "all":  # after each stage: a run cut short has still said what it found
                (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")
        print("\n" + text)
        return 0


if __name__ == "__main__":
    raise SystemExit(main())
