"""The stages of a run: what is measured, in which books, in which order.

Contenders take turns in every round.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from django.db import connections

from points.ledger import sealing
from points.ledger.export import FORMATS
from points.ledger.models import Transaction
from tools.bench import contenders, databases, fill, pgbench
from tools.bench.cells import Cell, Results
from tools.bench.clients import Sample, measure, timed
from tools.bench.config import FOLDER, ROOT, Config
from tools.bench.hordak import Hordak

VERIFIER = "tools/verify_export.py"
STARTED = time.monotonic()
KEPT = FOLDER / "results.json"
PAUSE = 1.0
"""Seconds the sealer rests between two looks."""


def say(text: str) -> None:
    """One line of progress, with the time since the start."""
    print(f"{time.monotonic() - STARTED:6.0f} s  {text}", flush=True)


class Bench:
    """One run on one server."""

    def __init__(self, config: Config, hordak: Hordak | None) -> None:
        self.config = config
        self.hordak = hordak
        self.results = Results()
        self.facts: dict[str, Any] = {}

    # --- Books ------------------------------------------------------------------------------------------
    def prepare(self) -> None:
        """The books everything starts from; the measured ones are copies of them."""
        config = self.config
        say("databases: migrating")
        fill.migrate_empty("empty")
        sizes = [("books", config.small, config.members), ("books", config.middle, config.members)]
        if config.does("read"):  # few members, so that there are pages to read in small books
            sizes.append(("read", config.small, 20))
        for kind, postings, members in sizes:
            name = f"{kind}_{postings}"
            say(f"databases: {name}")
            databases.create(name, "empty")
            databases.use(name)
            fill.fill(members=members, postings=postings)
        if self.hordak:
            databases.create("hordak_empty")
            self.hordak.ask("migrate", "hordak_empty")
            for postings in (config.small, config.middle):
                databases.create(f"hordak_{postings}", "hordak_empty")
                self.hordak.ask("fill", f"hordak_{postings}", accounts=2 * config.members, transfers=postings)
        databases.checkpoint()

    def copy(self, postings: int, kind: str = "books") -> str:
        """A fresh copy of the books to measure in."""
        name = f"{kind}_{postings}"
        databases.create(f"work_{name}", name)
        return f"work_{name}"

    # --- A run cut short --------------------------------------------------------------------------------
    def take_up(self, stages: list[str]) -> list[str]:
        """The stages to do: those wanted, or those an earlier run has left."""
        if self.config.go_on and KEPT.exists():
            kept = json.loads(KEPT.read_text(encoding="utf-8"))
            self.results.load(kept["results"])
            self.facts |= kept["facts"]
            return [name for name in stages if name in kept["left"]]
        return [name for name in stages if self.config.does(name)]

    def keep(self, left: list[str]) -> None:
        kept = {"results": self.results.dump(), "facts": self.facts, "left": left}
        KEPT.write_text(json.dumps(kept), encoding="utf-8")

    # --- One posting ------------------------------------------------------------------------------------
    def posting_cells(self) -> list[Cell]:
        small, middle, many = self.config.small, self.config.middle, self.config.clients
        cells: list[Cell] = []
        names = [*contenders.POSTERS, *(["pgbench", "pgbench, bare tables"] if pgbench.program() else [])]
        if self.hordak:
            names.append("hordak")
        for name in names:
            for clients in (1, many):
                cells.append(Cell(name, "post random", clients, small))
                cells.append(Cell(name, "post random", clients, middle))
                if name in ("psycopg, autocommit", "pgbench, bare tables"):
                    continue
                cells.append(Cell(name, "post hot", clients, middle))
                if name != "hordak":  # it has no floors: its hot account is the hot account
                    cells.append(Cell(name, "post pool", clients, middle))
        return cells

    def post(self, cell: Cell, database: str) -> Sample:
        accounts = cell.what.split()[1]
        if cell.who == "hordak":
            assert self.hordak is not None
            return self.hordak.measure(
                "post", database, accounts=accounts, clients=cell.clients, seconds=self.config.seconds
            )
        databases.use(database)
        if cell.who.startswith("pgbench"):
            schema = "bare" if "bare" in cell.who else "floor"
            return pgbench.measure(accounts, schema, clients=cell.clients, seconds=self.config.seconds)
        prepare = contenders.POSTERS[cell.who](accounts)
        connections.close_all()
        return measure(prepare, clients=cell.clients, seconds=self.config.seconds)

    def posting(self) -> None:
        cells = self.posting_cells()
        # All contenders of one situation in turn, so that they share the machine's moods.
        cells.sort(key=lambda cell: (cell.books, cell.what, cell.clients))
        for number in range(self.config.rounds):
            names: dict[tuple[str, int], str] = {}
            for cell in turned(cells, number):
                kind = "hordak" if cell.who == "hordak" else "books"
                if (kind, cell.books) not in names:
                    names[kind, cell.books] = self.copy(cell.books, kind)
                self.results.add(cell, self.post(cell, names[kind, cell.books]))
            say(f"one posting: round {number + 1} of {self.config.rounds}")

    def charged(self) -> None:
        """What one posting costs in processor time, whatever else the machine does."""
        middle, repeat = self.config.middle, self.config.loop
        names = ["ours", "psycopg", "plain ORM", *(["hordak"] if self.hordak else [])]
        for number in range(self.config.rounds):
            database = self.copy(middle)
            if self.hordak:
                self.copy(middle, "hordak")
            for who in turned(names, number):
                for accounts in ("random", "hot"):
                    if who == "hordak":
                        assert self.hordak is not None
                        name = f"work_hordak_{middle}"
                        found = self.hordak.measure("charged", name, accounts=accounts, repeat=repeat)
                    else:
                        databases.use(database)
                        found = contenders.charge(who, accounts, repeat)
                    self.results.add(Cell(who, f"processor {accounts}", 1, middle), found)
            say(f"processor time: round {number + 1} of {self.config.rounds}")

    def biggest(self) -> None:
        """The largest books: filled, and ours alone measured in them."""
        big = self.config.big
        if not big:
            return
        say(f"databases: {big:,} postings by set-based SQL (some minutes)")
        name = f"books_{big}"
        databases.create(name, "empty")
        databases.use(name)
        start = time.perf_counter()
        fill.fill(members=self.config.members, postings=big, others=False)
        self.facts["fill_seconds"] = time.perf_counter() - start
        databases.checkpoint()
        cells = [
            Cell("ours", f"post {on}", clients, big)
            for on in ("random", "hot")
            for clients in (1, self.config.clients)
        ]
        for number in range(self.config.rounds):
            for cell in turned(cells, number):
                self.results.add(cell, self.post(cell, name))
            say(f"one posting in the largest books: round {number + 1} of {self.config.rounds}")

    # --- Thousands at once ------------------------------------------------------------------------------
    def many(self) -> None:
        middle, batch = self.config.middle, self.config.batch
        tasks: list[tuple[str, Callable[[], Sample]]] = []
        for name, step in contenders.MANY.items():
            tasks.append((name, lambda step=step: step(batch)))  # type: ignore[misc]
        if self.hordak:
            hordak = self.hordak
            for name, count, bulk in (("hordak bulk", batch, True), ("hordak loop", self.config.loop, False)):
                tasks.append(
                    (
                        name,
                        lambda count=count, bulk=bulk: hordak.measure(  # type: ignore[misc]
                            "many", f"work_hordak_{middle}", count=count, bulk=bulk
                        ),
                    )
                )
        for number in range(self.config.rounds):
            name = self.copy(middle)
            if self.hordak:
                self.copy(middle, "hordak")
            databases.use(name)
            for who, task in turned(tasks, number):
                self.results.add(Cell(who, "post_many", books=middle), task())
            say(f"post_many: round {number + 1} of {self.config.rounds}")

    # --- Sealing beside the writers ---------------------------------------------------------------------
    def seal(self) -> None:
        config, name = self.config, self.copy(self.config.middle)
        seconds = 6 * config.seconds  # long enough to fall behind
        lags, sealed_rates = [], []
        for number in range(config.rounds):
            for with_sealer in (False, True) if number % 2 else (True, False):
                databases.use(name)
                sealing.seal_pending()
                before = Transaction.objects.count()
                connections.close_all()
                sealer = Sealer() if with_sealer else None
                sample = measure(contenders.ours_post("random"), clients=config.clients, seconds=seconds)
                what = "post while sealing" if with_sealer else "post without sealing"
                self.results.add(Cell("ours", what, config.clients, config.middle), sample)
                if sealer is None:
                    continue
                sealed = sealer.stop()
                posted = Transaction.objects.count() - before
                left = Transaction.objects.filter(seal=None).count()
                start = time.perf_counter()
                sealing.seal_pending()
                catching_up = time.perf_counter() - start
                lags.append(left / sample.rate)
                sealed_rates.append(left / catching_up if left else 0.0)
                say(
                    f"sealing: {posted} posted, {sealed} sealed meanwhile, {left} left, "
                    f"sealed in {catching_up:.2f} s"
                )
        self.facts["seal_lag_seconds"] = lags
        self.facts["seal_rate"] = sealed_rates

    # --- Reading ----------------------------------------------------------------------------------------
    def read(self) -> None:
        config = self.config
        sizes = [("read", config.small), ("books", config.middle)]
        if config.big:
            sizes.append(("books", config.big))
        for number in range(config.rounds):
            for kind, postings in turned(sizes, number):
                for who, reader in contenders.READERS.items():
                    if who == "plain ORM" and postings == config.big:
                        continue
                    for what in contenders.READS if who == "ours" else ("balance", "statement"):
                        databases.use(f"{kind}_{postings}")
                        sample = timed(reader(what), config.reads)
                        self.results.add(Cell(who, what, books=postings), sample)
                if self.hordak and postings != config.big:
                    for what in ("balance", "statement"):
                        sample = self.hordak.measure(
                            "read", f"hordak_{postings}", what=what, repeat=config.reads
                        )
                        self.results.add(Cell("hordak", what, books=postings), sample)
            say(f"reading: round {number + 1} of {config.rounds}")

    # --- Proofs and exports -----------------------------------------------------------------------------
    def prove(self) -> None:
        config = self.config
        proofs: dict[str, Any] = self.facts.setdefault("proofs", {})
        for postings in [config.middle, *([config.big] if config.big else [])]:
            proofs[f"verify {postings}"] = self.child(postings, "verify")
            formats = FORMATS if postings == config.middle else FORMATS[-1:]
            for fmt in formats:
                target = FOLDER / f"ledger.{fmt}" if postings == config.middle else Path(os.devnull)
                proofs[f"{fmt} {postings}"] = self.child(postings, "export", fmt, str(target))
        bean_check = Path(sys.executable).parent / "bean-check"
        outside = {
            "bean-check": [str(bean_check), "--no-cache", str(FOLDER / "ledger.beancount")],
            "hledger check": ["hledger", "-f", str(FOLDER / "ledger.hledger"), "check", "--strict"],
            "verify_export.py": [sys.executable, "-I", VERIFIER, str(FOLDER / "ledger.jsonl")],
        }
        for name, command in outside.items():
            if shutil.which(command[0]) is None:
                say(f"{name}: not on this machine")
                continue
            start = time.perf_counter()
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            proofs[name] = {"seconds": time.perf_counter() - start, "accepted": done.returncode == 0}
            say(f"{name}: {'accepted' if done.returncode == 0 else 'REFUSED ' + done.stderr[:500]}")

    def child(self, postings: int, *what: str) -> dict[str, Any]:
        """A proof in its own process, on the books of so many postings."""
        databases.use("postgres")
        url = f"postgres://jindou@/books_{postings}?host={os.environ['BENCH_HOST']}"
        done = subprocess.run(
            [sys.executable, "-m", "tools.bench.proofs", *what],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        if not done.stdout.strip():
            raise RuntimeError(done.stderr)
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        wrong = f", {answer['wrong']} WRONG: {done.stderr}" if answer["wrong"] else ""
        say(
            f"{' '.join(what[:2])}, {answer['postings']:,} postings: {answer['seconds']:.1f} s, "
            f"{answer['megabytes']:.0f} MB{wrong}"
        )
        return answer

    # --- SQLite -----------------------------------------------------------------------------------------
    def sqlite(self) -> None:
        path = FOLDER / "bench.sqlite3"
        for old in FOLDER.glob("bench.sqlite3*"):
            old.unlink()
        done = subprocess.run(
            [sys.executable, "-m", "tools.bench.sqlite"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": f"sqlite:///{path}"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        for line in done.stdout.splitlines():
            said = json.loads(line)
            cell = Cell(said["who"], "post on SQLite", said["clients"], self.config.members)
            self.results.add(cell, Sample(**said["sample"]))
        for old in FOLDER.glob("bench.sqlite3*"):
            old.unlink()
        say("SQLite")


class Sealer:
    """The product's sealer in a process of its own, looking again after every pause."""

    def __init__(self) -> None:
        context = get_context("fork")
        self.done = context.Event()
        self.receiver, sender = context.Pipe(duplex=False)
        self.process = context.Process(target=self.work, args=(self.done, sender))
        self.process.start()

    @staticmethod
    def work(done: Event, sender: Connection) -> None:
        sealed = 0
        while not done.wait(PAUSE):
            sealed += sealing.seal_pending()
        sender.send(sealed)
        sender.close()
        os._exit(0)

    def stop(self) -> int:
        self.done.set()
        sealed: int = self.receiver.recv()
        self.process.join()
        return sealed


def turned(things: Sequence[Any], number: int) -> list[Any]:
    """Every other round backwards: nobody is always first."""
    return list(things) if number % 2 == 0 else list(reversed(things))
