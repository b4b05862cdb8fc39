"""The published schemes, loaded from their files, and short ways to ask them."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from points.schemes import files
from points.schemes.decide import Decision
from points.schemes.parts.scheme import Rules
from points.schemes.rules import Act, Request, decide

EXAMPLES = Path(files.__file__).parent / "examples"
DAY = dt.date(2024, 6, 1)


@cache
def town(name: str) -> Rules:
    """The scheme whose file name holds `name`."""
    (path,) = EXAMPLES.glob(f"*{name}*.yaml")
    rules, _other, mistakes = files.read(path.read_text(encoding="utf-8"))
    assert not mistakes, [str(mistake) for mistake in mistakes]
    assert rules is not None
    return rules


def hours(count: Any, *, on: dt.date = DAY, grade: str = "system_verified", **known: Any) -> Act:
    """So many hours of service of somebody who is registered and in a team."""
    flags = {"registered": True, "in_team": True, "filed": True, **known.pop("flags", {})}
    words = {"grade": grade, "category": "care", **known.pop("words", {})}
    minutes = int(Fraction(count) * 60)
    return Act(on=on, minutes=minutes, planned_minutes=minutes, flags=flags, words=words, **known)


def act(name: str, *, on: dt.date = DAY, **known: Any) -> Act:
    """Something else than a service by the hour."""
    flags = {"registered": True, "in_team": True, **known.pop("flags", {})}
    return Act(on=on, act=name, flags=flags, **known)


def ask(rules: Rules, use: str, at: str = "2024-06-05T10:00", **known: Any) -> Decision:
    numbers = {name: Fraction(value) for name, value in known.pop("numbers", {}).items()}
    for name in ("yuan", "reduction_yuan", "rate"):
        if name in known:
            known[name] = Fraction(known[name])
    return decide(rules, Request(use=use, at=at, numbers=numbers, **known))
