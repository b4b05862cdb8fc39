"""What one run of the benchmark does; every number can be changed in the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "var" / "bench"


def _number(name: str, default: int) -> int:
    return int(os.environ.get(f"BENCH_{name}", default))


@dataclass(frozen=True)
class Config:
    """`BENCH_ROUNDS=3 BENCH_BIG=0 make bench` changes the fields of these names."""

    rounds: int = field(default_factory=lambda: _number("ROUNDS", 5))
    seconds: float = field(default_factory=lambda: _number("MILLISECONDS", 1500) / 1000)
    clients: int = field(default_factory=lambda: _number("CLIENTS", 8))
    members: int = field(default_factory=lambda: _number("MEMBERS", 800))
    small: int = field(default_factory=lambda: _number("SMALL", 1_000))
    middle: int = field(default_factory=lambda: _number("MIDDLE", 100_000))
    big: int = field(default_factory=lambda: _number("BIG", 10_000_000))
    """Postings in the largest books; 0 skips them."""
    batch: int = field(default_factory=lambda: _number("BATCH", 10_000))
    loop: int = field(default_factory=lambda: _number("LOOP", 300))
    reads: int = field(default_factory=lambda: _number("READS", 200))
    hordak: bool = field(default_factory=lambda: bool(_number("HORDAK", 1)))
    go_on: bool = field(default_factory=lambda: bool(_number("GO_ON", 0)))
    note: str = field(default_factory=lambda: os.environ.get("BENCH_NOTE", ""))
    """What a reader should know of this run, above its figures."""
    parts: str = field(default_factory=lambda: os.environ.get("BENCH_PARTS", "all"))
    """`all`, or some of post,processor,many,seal,sqlite,big,proofs,read with commas between."""

    def does(self, part: str) -> bool:
        return self.parts == "all" or part in self.parts.split(",")
