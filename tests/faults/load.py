"""The bank's clients beside a test: start them, stop them, and compare what they were told with the books."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.server import ROOT, Server, environment


@dataclass
class Compared:
    """What the clients wrote down, and what the books say about it."""

    acknowledged: int = 0
    refused: int = 0
    gave_up: int = 0
    """Refused because nothing helped (`try_again_later`)."""
    errors: int = 0
    retried: int = 0
    attempts: int = 0
    """Attempts beyond the first."""
    found: int = 0
    """Requests whose last attempt found what an earlier one, whose answer was lost, had written."""
    lost: int = 0
    doubled: int = 0
    negative: int = 0
    gaps: int = 0
    seals: int = 0
    verified: bool = False
    kinds: set[str] = field(default_factory=set)

    @property
    def right(self) -> bool:
        return not (self.lost or self.doubled or self.negative or self.gaps) and self.verified


class Load:
    """The clients of one run."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder, self.process = folder, process
        self.kept: list[dict[str, Any]] = []
        """All answers, once the clients have stopped."""

    def answers(self) -> Iterator[dict[str, Any]]:
        """All that the clients have written down so far."""
        for path in sorted(self.folder.glob("client-*.jsonl")):
            for line in path.read_text().splitlines(keepends=True):
                if line.endswith("\n"):
                    yield json.loads(line)

    def acknowledged(self) -> int:
        return sum("ids" in one for one in self.answers())

    def wait_for(self, more: int, seconds: float = 60) -> float:
        """Until `more` requests have been acknowledged since now; the seconds it took."""
        began, target = time.monotonic(), self.acknowledged() + more
        while self.acknowledged() < target:
            assert self.process.poll() is None, "the clients have ended"
            assert time.monotonic() - began < seconds, "nothing is acknowledged any more"
            time.sleep(0.02)
        return time.monotonic() - began

    def stop(self) -> None:
        (self.folder / "stop").touch()
        self.finish()

    def finish(self) -> None:
        """Until they have ended."""
        code = self.process.wait(180)
        assert code == 0, (self.folder / "said").read_text()
        self.kept = list(self.answers())


@contextmanager
def load(url: str, *options: object) -> Iterator[Load]:
    """Clients at work for the block; they have stopped when it ends."""
    with tempfile.TemporaryDirectory(prefix="jindou-bank-") as name:
        folder = Path(name)
        with (folder / "said").open("w") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.bank", str(folder), *map(str, options)],
                cwd=ROOT,
                env=environment(url),
                stdout=said,
                stderr=said,
                text=True,
            )
        running = Load(folder, process)
        try:
            while not (folder / "started").exists():
                assert process.poll() is None, (folder / "said").read_text()
                time.sleep(0.05)
            yield running
            if process.poll() is None:
                running.stop()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def verified(server: Server) -> bool:
    """`manage.py verify_ledger` is content."""
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_ledger"],
        cwd=ROOT,
        env=environment(server.url),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout, done.stderr)
    return done.returncode == 0


def compare(server: Server, load: Load) -> Compared:
    """What was acknowledged against what stands in the books."""
    books = {
        pk: (key, amount)
        for pk, key, amount in server.ask(
            "SELECT t.id, t.key, SUM(p.amount) FROM ledger_transaction t "
            "JOIN ledger_posting p ON p.transaction_id = t.id WHERE t.kind = 'bank' GROUP BY t.id, t.key"
        )
    }
    result, known, unknown = Compared(), set(), set()
    for one in load.kept:
        result.retried += one.get("tries", 1) > 1
        result.attempts += one.get("tries", 1) - 1
        if "ids" in one:
            result.acknowledged += 1
            result.found += one["found"]
            known |= {int(pk) for pk in one["ids"]}
            result.lost += any(
                int(pk) not in books
                or books[int(pk)][1] != amount
                or books[int(pk)][0].rpartition("/")[0].split(":")[:3] != one["key"].split(":")
                for pk, amount in one["ids"].items()
            )
            continue
        if "error" in one:
            result.errors += 1
            result.kinds.add(one["error"])
            unknown.add(one["key"])
        elif one["refused"] == "try_again_later":
            result.gave_up += 1
            unknown.add(one["key"])
        else:
            result.refused += 1
    result.doubled = sum(
        pk not in known and key.rpartition("/")[0] not in unknown for pk, (key, _amount) in books.items()
    )
    [(result.negative,)] = server.ask("SELECT count(*) FROM ledger_balance WHERE amount * sign < 0")
    [(result.seals, result.gaps)] = server.ask(
        "SELECT count(*), COALESCE(MAX(number), 0) - count(*) FROM ledger_seal"
    )
    result.verified = verified(server)
    return result
