"""Stars for hours of service: 100, 300, 600, 1,000 and 1,500 in all (F-V8; Order 67, article 10).

Recomputed from the hours each time they are shown, so that a correction is a star more or less at once. A
town whose rules have a ladder called `stars` has its own; everywhere else the usual five steps stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from points import dates
from points.schemes import words
from points.schemes.parts.codec import Text
from points.schemes.parts.levels import Ladder, Step
from points.schemes.rules import Rules, level

LADDER = "stars"
_STEPS = (
    ("一", "One", 100),
    ("二", "Two", 300),
    ("三", "Three", 600),
    ("四", "Four", 1000),
    ("五", "Five", 1500),
)


def _step(rank: int, zh: str, en: str, least: int) -> Step:
    name = Text(f"{zh}星级志愿者", f"{en}-star volunteer")
    return Step(id=f"star-{rank}", name=name, needs={"hours": Fraction(least)})


STARS = Ladder(
    id=LADDER,
    name=Text("星级志愿者", "Star volunteer"),
    steps=tuple(_step(rank, *each) for rank, each in enumerate(_STEPS, 1)),
    falls=True,
)


@dataclass(frozen=True)
class Stars:
    """How many of how many, in words, and the minutes that are missing to the next one (0: none is left)."""

    rank: int
    of: int
    name: str
    following: str
    missing_minutes: int
    goal_minutes: int

    @property
    def drawn(self) -> str:
        """`★★☆☆☆`, beside the same in words."""
        return "★" * self.rank + "☆" * (self.of - self.rank)

    @property
    def missing(self) -> str:
        """`56 小时 25 分钟`, to the minute: nobody should come a quarter of an hour too early."""
        return dates.duration(self.missing_minutes)


def stars_of(minutes: int, rules: Rules | None = None) -> Stars:
    """The stars for so many minutes of service, by the ladder of the rules in force or the usual one."""
    rules = rules or Rules()
    ladder = next((each for each in rules.levels if each.id == LADDER), STARS)
    found = level(rules, ladder, {"hours": Fraction(minutes, 60)})
    least = found.following.needs.get("hours", Fraction(0)) if found.following else Fraction(0)
    goal = int(least * 60)
    return Stars(
        rank=found.rank,
        of=len(ladder.steps),
        name=words.spoken(words.named(found.step.name)) if found.step else "",
        following=words.spoken(words.named(found.following.name)) if found.following else "",
        missing_minutes=max(goal - minutes, 0),
        goal_minutes=goal,
    )
