"""The report of a run in Markdown: the figures of the goal first, then a table for each stage."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tools.bench.cells import Cell, Results, Spread, Value, p50, p99, rate, spread
from tools.bench.config import Config
from tools.bench.hordak import versions

LAG, VERIFY_RATE, MEMORY, EXPORT = 3.0, 100_000, 250, 15
"""Seconds the seals may be behind; postings verified per second; megabytes; seconds per 100,000 exported."""
SITUATION = ("what", "postings in the books", "clients")
STAGES: tuple[tuple[str, Sequence[str], str, str], ...] = (
    ("One posting", ("post random", "post hot", "post pool"), "postings", ""),
    (
        "One posting by processor time",
        ("processor random", "processor hot"),
        "postings",
        "Per second *of the processor*, of client and server together: waiting for the disk, or for a "
        "machine that is busy with something else, costs nothing. The time is that of one posting.",
    ),
    (
        "Thousands at once",
        ("post_many",),
        "awards",
        "In one call, whose whole time is shown; the loop makes fewer.",
    ),
    (
        "Balances",
        ("balance", "busy balance"),
        "reads",
        "*busy*: the treasury's, summed since its checkpoint.",
    ),
    (
        "Statements",
        ("statement", "deep statement"),
        "pages",
        "Pages of 20. *deep*: in the middle of the books, found by its key.",
    ),
    ("SQLite", ("post on SQLite",), "postings", "WAL, `synchronous=FULL`, IMMEDIATE; books made in the run."),
    ("Sealing beside the writers", ("post without sealing", "post while sealing"), "postings", ""),
)
PROCESSOR = "of the processor: program + server, s"
FACTS = {
    "begun": "begun",
    "minutes": "took",
    "load": "load before it began (1 minute)",
    "load after": "load at its end (15 minutes), itself included",
    "left": "cut short before",
}
METHOD = Path(__file__).parent / "method.md"


@dataclass(frozen=True)
class Figure:
    """One figure of the goal, and what was found."""

    what: str
    found: Spread
    goal: float
    aim: float | None = None
    at_most: bool = False
    unit: str = "×"

    @property
    def reached(self) -> bool:
        return self._meets(self.goal)

    @property
    def verdict(self) -> str:
        if not self.reached:
            return "**not reached**"
        return "reached, and the aim" if self.aim is not None and self._meets(self.aim) else "reached"

    def _meets(self, limit: float) -> bool:
        return self.found.median <= limit if self.at_most else self.found.median >= limit


def number(value: float) -> str:
    """Three digits that matter: 12,345 · 123 · 12.3 · 1.23 · 0.123."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 or size == 0 else 3
    return f"{value:,.{digits}f}"


def shown(found: Spread) -> str:
    """The median, with the least and the most where rounds differ."""
    if found.least == found.most:
        return number(found.median)
    return f"{number(found.median)} ({number(found.least)} – {number(found.most)})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


# --- Figures --------------------------------------------------------------------------------------------
def figures(results: Results, config: Config, facts: dict[str, Any]) -> list[Figure]:
    """Every figure of the goal that this run can speak of."""
    return [
        *_posting_figures(results, config),
        *_many_figures(results, config),
        *_read_figures(results, config),
        *_seal_figures(results, config, facts),
        *_proof_figures(config, facts.get("proofs", {})),
    ]


def _ratio(
    results: Results,
    what: str,
    sides: Sequence[Cell],
    goal: float,
    value: Value = rate,
    *,
    aim: float | None = None,
    at_most: bool = False,
) -> list[Figure]:
    """One cell's rounds over another's, where both were measured."""
    one, other = sides
    if not results.has(one, other):
        return []
    return [Figure(what, results.ratio(one, other, value), goal, aim, at_most)]


def _posting_figures(results: Results, config: Config) -> list[Figure]:
    many, middle = config.clients, config.middle

    def cell(who: str, on: str = "random") -> Cell:
        return Cell(who, f"post {on}", many, middle)

    found = []
    for who, goal, aim in (("psycopg", 0.7, 0.8), ("pgbench", 0.5, 0.6), ("hordak", 5.0, 6.0)):
        what = f"one posting, {many} clients: ours to {who}"
        found += _ratio(results, what, [cell("ours"), cell(who)], goal, aim=aim)
    what = f"one posting, {many} clients: p99 of ours to psycopg's"
    found += _ratio(results, what, [cell("ours"), cell("psycopg")], 3.0, p99, at_most=True)
    what = f"one hot account without a floor, {many} clients: to random accounts"
    found += _ratio(results, what, [cell("ours", "hot"), cell("ours")], 0.8)
    for clients in (1, many):
        what = f"SQLite, durable, {clients} client{'s' if clients > 1 else ''}: ours to the plain ORM"
        sides = [Cell(who, "post on SQLite", clients, config.members) for who in ("ours", "plain ORM")]
        found += _ratio(results, what, sides, 4.0)
    return found


def _many_figures(results: Results, config: Config) -> list[Figure]:
    found = []
    for who, goal in (("one statement", 0.7), ("hordak bulk", 3.0), ("hordak loop", 20.0)):
        sides = [Cell(name, "post_many", books=config.middle) for name in ("ours", who)]
        found += _ratio(results, f"`post_many` of {config.batch:,} awards: ours to {who}", sides, goal)
    return found


def _read_figures(results: Results, config: Config) -> list[Figure]:
    most = config.big or config.middle
    found = []
    for what in ("balance", "statement"):
        sides = [Cell("ours", what, books=postings) for postings in (most, config.small)]
        sentence = f"time of one {what}: {most:,} postings to {config.small:,}"
        found += _ratio(results, sentence, sides, 1.5, p50, at_most=True)
    return found


def _seal_figures(results: Results, config: Config, facts: dict[str, Any]) -> list[Figure]:
    sides = [
        Cell("ours", f"post {how} sealing", config.clients, config.middle) for how in ("while", "without")
    ]
    found = _ratio(results, "writers beside the sealer: to writers alone", sides, 0.75, aim=0.88)
    if facts.get("seal_lag_seconds"):
        lag = spread(facts["seal_lag_seconds"])
        what = "how far the seals are behind writers at full rate"
        found.append(Figure(what, lag, LAG, at_most=True, unit=" s"))
    return found


def _proof_figures(config: Config, proofs: dict[str, Any]) -> list[Figure]:
    found = []

    def one(what: str, value: float, goal: float, unit: str, *, at_most: bool) -> None:
        found.append(Figure(what, Spread(value, value, value), goal, at_most=at_most, unit=unit))

    for postings in dict.fromkeys((config.middle, config.big)):
        if said := proofs.get(f"verify {postings}"):
            what = f"`verify_ledger`, {postings:,} postings: per second"
            one(what, said["count"] / said["seconds"], VERIFY_RATE, " postings", at_most=False)
    for fmt in ("beancount", "hledger", "jsonl"):
        if said := proofs.get(f"{fmt} {config.middle}"):
            value = said["seconds"] * 100_000 / said["count"]
            one(f"export as {fmt}: per 100,000 transactions", value, EXPORT, " s", at_most=True)
    most = config.big or config.middle
    for what in ("verify", "beancount", "hledger", "jsonl"):
        if said := proofs.get(f"{what} {most}"):
            value = said["megabytes"]
            one(f"memory of {what}, {most:,} postings", value, MEMORY, " MB", at_most=True)
    return found


# --- Tables ---------------------------------------------------------------------------------------------
def cells_table(results: Results, cells: Sequence[Cell], things: str) -> str:
    """A row for each cell."""
    rows = []
    for cell in cells:
        times = [shown(results.of(cell, value)) for value in (p50, p99)]
        row = [cell.what, f"{cell.books:,}", str(cell.clients), cell.who, shown(results.of(cell)), *times]
        rows.append(row)
    return table([*SITUATION, "who", f"{things} per second", "p50, ms", "p99, ms"], rows)


def ratios_table(results: Results, cells: Sequence[Cell]) -> str:
    """The rate of ours to everybody else's in the same situation, round by round."""
    rows = []
    for ours in cells:
        for other in cells:
            same = (other.what, other.clients, other.books) == (ours.what, ours.clients, ours.books)
            if ours.who == "ours" and other.who != "ours" and same:
                found = shown(results.ratio(ours, other))
                rows.append([ours.what, f"{ours.books:,}", str(ours.clients), other.who, found])
    return table([*SITUATION, "ours to", "ratio of rates"], rows) if rows else ""


def figures_table(found: Sequence[Figure]) -> str:
    rows = []
    for one in found:
        limit = f"{'≤' if one.at_most else '≥'} {number(one.goal)}{one.unit}"
        aim = f" (aim {number(one.aim)})" if one.aim is not None else ""
        rows.append([one.what, limit + aim, shown(one.found) + one.unit, one.verdict])
    return table(["figure", "goal", "found", ""], rows)


def proofs_table(proofs: dict[str, Any]) -> str:
    rows = []
    for name, said in proofs.items():
        if "megabytes" not in said:
            continue
        what, postings = name.rsplit(" ", 1)
        speed = number(said["count"] / said["seconds"])
        result = "no finding" if not said["wrong"] else f"**{said['wrong']} findings**"
        rows.append(
            [
                "`verify_ledger`" if what == "verify" else f"export as {what}",
                f"{int(postings):,}",
                number(said["seconds"]),
                speed,
                f"{number(said['own_cpu'])} + {number(said['server_cpu'])}",
                number(said["megabytes"]),
                result if what == "verify" else "",
            ]
        )
    head = ["what", "postings in the books", "seconds", "per second", PROCESSOR, "most memory, MB", "found"]
    return table(head, rows)


def strangers(proofs: dict[str, Any], postings: int) -> str:
    """What the programs nobody here wrote said, a sentence each."""
    lines = []
    for name in ("bean-check", "hledger check", "verify_export.py"):
        if said := proofs.get(name):
            verdict = "accepts" if said["accepted"] else "**refuses**"
            lines.append(
                f"* `{name}` {verdict} the export of {postings:,} transactions with an assertion of every "
                f"balance ({number(said['seconds'])} s)"
            )
    return "\n".join(lines) + "\n" if lines else ""


# --- The whole ------------------------------------------------------------------------------------------
def _first(path: str, pattern: str) -> str:
    try:
        found = re.search(pattern, Path(path).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    return found[1].strip() if found else ""


def minutes(value: Any) -> str:
    return f"{value:.0f} minutes" if isinstance(value, float) else str(value)


def machine(facts: dict[str, Any], hordak: bool) -> list[tuple[str, str]]:
    """Where it ran, and on what."""
    processor = _first("/proc/cpuinfo", r"model name\s*:(.*)") or platform.machine()
    memory = _first("/proc/meminfo", r"MemTotal:\s+(\d+)")
    names = ("Django", "psycopg", "django-money")
    rows = [
        ("machine", f"{os.cpu_count()} × {processor}"),
        ("memory", f"{int(memory) / 1024**2:.0f} GB" if memory else "unknown"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("Python", platform.python_version()),
        ("packages", ", ".join(f"{name} {version(name)}" for name in names)),
    ]
    if hordak:
        rows.append(("the peer's environment", versions()))
    rows += [(label, minutes(facts[key])) for key, label in FACTS.items() if facts.get(key)]
    return rows


def stage(results: Results, title: str, names: Sequence[str], things: str, note: str = "") -> str:
    """A heading, what was measured under these names, and how ours compares; nothing where nothing was."""
    mine = [cell for cell in results.samples if cell.what in names]
    if not mine:
        return ""
    mine.sort(key=lambda cell: (names.index(cell.what), cell.books, cell.clients))
    parts = [f"## {title}", *([note, ""] if note else []), cells_table(results, mine, things)]
    return "\n".join([*parts, ratios_table(results, mine)])


def body(results: Results, config: Config, facts: dict[str, Any]) -> str:
    """Everything that was measured, without the machine and the method."""
    found = figures(results, config, facts)
    missed = [one for one in found if not one.reached]
    verdict = "All are reached." if not missed else f"{len(missed)} of {len(found)} are not reached."
    proofs = facts.get("proofs", {})
    parts = [f"## Figures\n{verdict}\n\n{figures_table(found)}"]
    parts += [stage(results, *described) for described in STAGES]
    if facts.get("seal_lag_seconds"):
        lag, caught_up = (shown(spread(facts[name])) for name in ("seal_lag_seconds", "seal_rate"))
        parts.append(
            f"When the writers stop, the seals are {lag} s of writing behind; the rest is then sealed at "
            f"{caught_up} transactions per second. The sealer rests a second between two looks."
        )
    if proofs:
        heading = "## Proofs and exports\nEach in a process of its own.\n\n"
        parts.append(f"{heading}{proofs_table(proofs)}\n{strangers(proofs, config.middle)}")
    return "\n".join(part.rstrip() + "\n" for part in parts if part)


def written(bench: Any, settings: dict[str, str]) -> str:
    """docs/benchmarks.md, for a `stages.Bench` that has run; `settings` are the server's."""
    config: Config = bench.config
    note = f"{config.note}\n\n" if config.note else ""
    where = table(
        ["", ""],
        [
            *machine(bench.facts, bench.hordak is not None),
            *((f"`{name}`", value) for name, value in settings.items()),
            ("rounds", f"{config.rounds}, of {config.seconds:g} s for each contender"),
        ],
    )
    return (
        "# Benchmarks\n"
        "Written by `make bench`, not by hand. Ratios say more than rates: those are this machine's.\n\n"
        f"{note}{body(bench.results, config, bench.facts)}\n{METHOD.read_text(encoding='utf-8')}\n"
        f"## Machine, versions, settings\n{where}"
    )
