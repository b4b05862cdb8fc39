"""What was measured: one cell per contender and situation, one sample per round."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from tools.bench.clients import Sample

Value = Callable[[Sample], float]


def rate(sample: Sample) -> float:
    return sample.rate


def p50(sample: Sample) -> float:
    return sample.p50


def p99(sample: Sample) -> float:
    return sample.p99


@dataclass(frozen=True)
class Cell:
    """Who did what, with how many clients, in books of how many postings."""

    who: str
    what: str
    clients: int = 1
    books: int = 0


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, with the least and the most."""

    median: float
    least: float
    most: float


def spread(values: Iterable[float]) -> Spread:
    ordered = sorted(values)
    return Spread(statistics.median(ordered), ordered[0], ordered[-1])


class Results:
    """The samples of every cell, in the order of the rounds."""

    def __init__(self) -> None:
        self.samples: dict[Cell, list[Sample]] = defaultdict(list)

    def add(self, cell: Cell, sample: Sample) -> None:
        self.samples[cell].append(sample)

    def dump(self) -> list[dict[str, Any]]:
        """Plain values, for a run that is taken up again."""
        return [
            {"cell": asdict(cell), "samples": [asdict(one) for one in samples]}
            for cell, samples in self.samples.items()
        ]

    def load(self, dumped: Iterable[dict[str, Any]]) -> None:
        for one in dumped:
            self.samples[Cell(**one["cell"])] = [Sample(**values) for values in one["samples"]]

    def has(self, *cells: Cell) -> bool:
        return all(self.samples.get(cell) for cell in cells)

    def of(self, cell: Cell, value: Value = rate) -> Spread:
        return spread(value(sample) for sample in self.samples[cell])

    def ratio(self, one: Cell, other: Cell, value: Value = rate) -> Spread:
        """One over the other, round by round: what slows one round slows both."""
        pairs = zip(self.samples[one], self.samples[other], strict=True)
        return spread(value(mine) / value(its) for mine, its in pairs)
