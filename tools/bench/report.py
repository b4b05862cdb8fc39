"""What a run found, as Markdown: every figure of the ledger with what was reached, then every measurement."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from points import clock
from tools.bench.cells import Cell, Results, Spread, Value, p50, p99, rate
from tools.bench.config import Config

if TYPE_CHECKING:
    from tools.bench.stages import Bench


READS = ("balance", "busy balance", "statement", "deep statement")


@dataclass(frozen=True)
class Figure:
    """One promise: a ratio or a number, the bound it has to keep, and the bound we aim at."""

    name: str
    found: Spread
    bound: float
    aim: float | None = None
    at_most: bool = False
    unit: str = ""

    def keeps(self, bound: float) -> bool:
        return self.found.median <= bound if self.at_most else self.found.median >= bound

    @property
    def verdict(self) -> str:
        if not self.keeps(self.bound):
            return "**missed**"
        return "aim reached" if self.aim is not None and self.keeps(self.aim) else "kept"

    def row(self) -> list[str]:
        sign = "≤" if self.at_most else "≥"
        wanted = f"{sign} {shown(self.bound)}{self.unit}"
        if self.aim is not None:
            wanted += f" (aim {shown(self.aim)}{self.unit})"
        return [self.name, f"{ranged(self.found)}{self.unit}", wanted, self.verdict]


def shown(value: float) -> str:
    """`0.83`, `12.4`, `4,310`: three digits say enough."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def ranged(spread: Spread) -> str:
    """The median, and the least and the most of the rounds."""
    if spread.least == spread.most:
        return shown(spread.median)
    return f"{shown(spread.median)} ({shown(spread.least)}–{shown(spread.most)})"


def one(value: float) -> Spread:
    return Spread(value, value, value)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    titles = list(head)
    lines = ["| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


# --- Figures --------------------------------------------------------------------------------------------
def figures(results: Results, facts: dict[str, Any], config: Config) -> Iterator[Figure]:
    """The figures of this run, in the order of the promise; what was not measured is left out."""
    yield from _posting_figures(results, config)
    yield from _batch_figures(results, config)
    yield from _reading_figures(results, config)
    yield from _sealing_figures(results, config)
    yield from _proof_figures(facts, config)


def _posting_figures(results: Results, config: Config) -> Iterator[Figure]:
    many, books = config.clients, config.middle

    def cell(who: str, what: str = "post random") -> Cell:
        return Cell(who, what, many, books)

    def against(
        other: Cell, name: str, bound: float, aim: float | None, value: Value = rate, *, at_most: bool = False
    ) -> Iterator[Figure]:
        if results.has(cell("ours"), other):
            yield Figure(name, results.ratio(cell("ours"), other, value), bound, aim, at_most)

    posting = f"one posting, {many} clients:"
    yield from against(cell("psycopg"), f"{posting} ours / one SQL function through psycopg", 0.7, 0.8)
    yield from against(cell("pgbench"), f"{posting} ours / pgbench, the same rows", 0.5, 0.6)
    yield from against(cell("hordak"), f"{posting} ours / django-hordak", 5, 6)
    yield from against(cell("psycopg"), f"{posting} p99 of ours / p99 of psycopg", 3, None, p99, at_most=True)
    hot = cell("ours", "post hot")
    if results.has(hot, cell("ours")):
        yield Figure(
            f"hot account without a floor, {many} clients: hot / random",
            results.ratio(hot, cell("ours")),
            0.8,
        )


def _batch_figures(results: Results, config: Config) -> Iterator[Figure]:
    ours = Cell("ours", "post_many", books=config.middle)
    for who, bound in (("one statement", 0.7), ("hordak bulk", 3.0), ("hordak loop", 20.0)):
        other = Cell(who, "post_many", books=config.middle)
        if results.has(ours, other):
            name = f"`post_many` of {config.batch:,}: ours / {who}"
            yield Figure(name, results.ratio(ours, other), bound)
    mine, plain = (
        Cell(who, "post on SQLite", config.clients, config.members) for who in ("ours", "plain ORM")
    )
    if results.has(mine, plain):
        name = f"SQLite, durable, {config.clients} clients: ours / plain ORM ledger"
        yield Figure(name, results.ratio(mine, plain), 4)


def _reading_figures(results: Results, config: Config) -> Iterator[Figure]:
    big = config.big or config.middle
    for what in READS:
        small, large = Cell("ours", what, books=config.small), Cell("ours", what, books=big)
        if results.has(small, large):
            name = f"{what}: time at {big:,} postings / at {config.small:,}"
            yield Figure(name, results.ratio(large, small, p50), 1.5, at_most=True)


def _sealing_figures(results: Results, config: Config) -> Iterator[Figure]:
    sealing, alone = (
        Cell("ours", f"post {how} sealing", config.clients, config.middle) for how in ("while", "without")
    )
    if results.has(sealing, alone):
        kept = results.ratio(sealing, alone)
        cost = Spread(*(100 * (1 - share) for share in (kept.median, kept.most, kept.least)))
        yield Figure("what sealing costs the writers", cost, 25, 12, at_most=True, unit=" %")


def _proof_figures(facts: dict[str, Any], config: Config) -> Iterator[Figure]:
    proofs = facts.get("proofs", {})
    largest = config.big or config.middle
    if found := proofs.get(f"verify {largest}"):
        name = f"`verify_ledger`, {largest:,} postings: postings per second"
        yield Figure(name, one(found["postings"] / found["seconds"]), 100_000)
    for name, said in proofs.items():
        if name.endswith(f" {largest}"):
            yield Figure(
                f"memory of {name.split()[0]}, {largest:,} postings",
                one(said["megabytes"]),
                250,
                at_most=True,
                unit=" MB",
            )
    for fmt in ("beancount", "hledger", "jsonl"):
        if found := proofs.get(f"{fmt} {config.middle}"):
            seconds = found["seconds"] * 100_000 / found["postings"]
            yield Figure(
                f"export of 100,000 transactions as {fmt}", one(seconds), 15, at_most=True, unit=" s"
            )


# --- Measurements ---------------------------------------------------------------------------------------
Column = tuple[str, Callable[[Results, Cell], str]]
POSTING: tuple[Column, ...] = (
    ("per second", lambda results, cell: ranged(results.of(cell))),
    ("p50, ms", lambda results, cell: shown(results.of(cell, p50).median)),
    ("p99, ms", lambda results, cell: shown(results.of(cell, p99).median)),
)
RATE = POSTING[:1]
TIMES = (("p50, ms", lambda results, cell: ranged(results.of(cell, p50))), POSTING[2])


def measured(results: Results, wanted: Callable[[Cell], bool], columns: tuple[Column, ...]) -> list[str]:
    """A table of the cells that are wanted, in the order they were first measured."""
    cells = sorted(
        (cell for cell in results.samples if wanted(cell)), key=lambda c: (c.what, c.books, c.clients)
    )
    rows = (
        [
            cell.what,
            cell.who,
            str(cell.clients),
            f"{cell.books:,}",
            *(tell(results, cell) for _n, tell in columns),
        ]
        for cell in cells
    )
    return table(["what", "who", "clients", "books", *(name for name, _tell in columns)], rows)


def _sealer(facts: dict[str, Any]) -> list[str]:
    if not facts.get("seal_lag_seconds"):
        return []
    lags, rates = facts["seal_lag_seconds"], facts["seal_rate"]
    return [
        f"When the writers stopped, the sealer was {max(lags):.1f} s behind them at most; alone it seals "
        f"{min(rates):,.0f}–{max(rates):,.0f} transactions per second.",
        "",
    ]


def _proofs(facts: dict[str, Any]) -> list[str]:
    rows = []
    for name, said in facts.get("proofs", {}).items():
        if "postings" in said:
            per_second = said["postings"] / said["seconds"]
            rows.append(
                [name, f"{said['seconds']:.1f} s", f"{per_second:,.0f}", f"{said['megabytes']:.0f} MB"]
            )
        else:
            rows.append(
                [name, f"{said['seconds']:.1f} s", "", "accepted" if said["accepted"] else "**refused**"]
            )
    return table(["proof", "time", "postings per second", "memory"], rows) if rows else []


def _machine() -> str:
    with open("/proc/meminfo", encoding="ascii") as meminfo:
        memory = int(meminfo.readline().split()[1]) // 1024**2
    names = ("Django", "psycopg", "django-money")
    parts = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}, {parts}"


def written(bench: Bench, settings: dict[str, str], *, peer: str = "", load: float = 0.0) -> str:
    """The whole page. `peer`: versions of the other environment; `load`: what the machine did besides."""
    results, facts, config = bench.results, bench.facts, bench.config
    shown_settings = ", ".join(f"{name} {value}" for name, value in settings.items())
    lines = [
        "# Benchmarks of the ledger",
        "",
        f"Made by `make bench` on {clock.today()}: {_machine()}{'; ' + peer if peer else ''}. "
        f"PostgreSQL of its own, durable: {shown_settings}. {config.rounds} rounds of {config.seconds:g} s; "
        "contenders take turns in every round, every other round backwards, each round on a fresh copy of "
        "the books. Numbers are medians with the least and the most of the rounds; ratios are made round by "
        f"round, so what slows one slows both. The machine's load before the run was {load:.1f}.",
        "",
        "* **ours**: `post` and `post_many` as services call them, with key, floor, days, digest and guards.",
        "* **psycopg**: one SQL function that writes the same rows into the same tables and checks nothing.",
        "* **pgbench**: that function called by PostgreSQL's own client; **bare tables**: without indexes "
        "and guards.",
        "* **hordak**: django-hordak in its own environment.",
        "* **plain ORM**: what a careful Django developer writes.",
        "",
        "## Figures",
        "",
        *table(["figure", "found", "wanted", ""], (each.row() for each in figures(results, facts, config))),
        "## One posting",
        "",
        *measured(results, lambda c: c.what.startswith("post ") and "SQLite" not in c.what, POSTING),
        *_sealer(facts),
        f"## {config.batch:,} awards at once",
        "",
        *measured(results, lambda c: c.what == "post_many", RATE),
        "## SQLite",
        "",
        *measured(results, lambda c: "SQLite" in c.what, POSTING),
        "## Reading",
        "",
        *measured(results, lambda c: c.what in READS, TIMES),
        "## Proofs",
        "",
        *_proofs(facts),
    ]
    return "\n".join(lines).rstrip() + "\n"
