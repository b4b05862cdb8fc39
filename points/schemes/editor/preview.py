"""What new rules would have done last month: the same pure functions over the stored inputs.

Rooms above register a source of stored acts (the records room does); nothing is read from them here. Both the
rules in force and the new ones are applied to the same acts in the same order, so every difference comes from
the rules. A large town is computed in slices, account by account; what has been computed waits in the cache,
so the page can be left and found again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.cache import cache
from django.db.models import Q

from points import clock
from points.schemes.facts import Act
from points.schemes.models import Scheme
from points.schemes.parts.scheme import Rules
from points.schemes.tally import Tally, looks_back_to

SLICE = 5_000
"""Records read at once; a slice ends where an account ends."""
SECONDS = 4.0
"""How long one request computes before it shows the progress."""
MOST = 500_000
"""More records than this are not computed; the page says so."""
MOST_CHANGED = 20
KEPT_SECONDS = 24 * 3600
LONGEST_BACK = dt.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Stored:
    """One act as its record keeps it."""

    account: int
    act: Act


class Source(Protocol):
    """Where stored acts come from. `places` filters by the unit at the ORM path `grid`."""

    def count(self, places: Q, start: dt.date, end: dt.date) -> int: ...

    def read(self, places: Q, start: dt.date, end: dt.date, after: int, size: int) -> list[Stored]:
        """Whole accounts above `after`, each in the order of its acts: about `size` acts, [] at the end."""

    def names(self, accounts: Iterable[int]) -> Mapping[int, str]:
        """Masked names."""


_sources: list[Callable[[], Source]] = []


def register_source(make: Callable[[], Source]) -> None:
    """Called by a room above when it is ready."""
    _sources.append(make)


@dataclass(frozen=True)
class Month:
    """A calendar month."""

    first: dt.date

    @property
    def last(self) -> dt.date:
        return (self.first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)

    @classmethod
    def before(cls, day: dt.date) -> Month:
        return cls((day.replace(day=1) - dt.timedelta(days=1)).replace(day=1))


@dataclass(frozen=True)
class Changed:
    """One person whose beans would have been others."""

    name: str
    before: int
    after: int

    @property
    def by(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class Effect:
    """How far the computation is, and what it found."""

    month: Month
    done: int
    total: int
    finished: bool
    cut_off: bool
    looked_back: dt.date
    records: int
    before: int
    after: int
    more: int
    fewer: int
    same: int
    kinds: list[tuple[str, int, int, int]]
    """(kind of service, records, beans before, beans after)"""
    people: list[Changed]

    @property
    def by(self) -> int:
        return self.after - self.before

    @property
    def percent(self) -> int | None:
        """The change of the month's beans in percent, rounded."""
        return round(100 * self.by / self.before) if self.before else None


def places_of(scheme: Scheme) -> Q:
    """The units where this scheme applies: its subtree without those that have a scheme of their own."""
    found = Q(grid__path__startswith=scheme.grid.path)
    below = Scheme.objects.filter(grid__path__startswith=scheme.grid.path, versions__isnull=False)
    for path in below.exclude(pk=scheme.pk).values_list("grid__path", flat=True).distinct():
        found &= ~Q(grid__path__startswith=path)
    return found


def effect(scheme: Scheme, old: Rules | None, new: Rules, month: Month) -> Effect:
    """Compute on from where the last request stopped, for some seconds, and tell how far it is."""
    key = _key(scheme, old, new, month)
    state: dict[str, Any] = cache.get(key) or _beginning(month, old, new)
    if not state["finished"]:
        _compute(state, places_of(scheme), old or Rules(), new, month)
        cache.set(key, state, KEPT_SECONDS)
    return _told(state, month)


def forget(scheme: Scheme, old: Rules | None, new: Rules, month: Month) -> None:
    """Compute anew next time (records may have come in)."""
    cache.delete(_key(scheme, old, new, month))


def _key(scheme: Scheme, old: Rules | None, new: Rules, month: Month) -> str:
    both = json.dumps([old.to_dict() if old else None, new.to_dict()], sort_keys=True)
    digest = hashlib.sha256(both.encode()).hexdigest()[:24]
    return f"schemes:preview:{scheme.pk}:{month.first:%Y%m}:{digest}"


def _beginning(month: Month, old: Rules | None, new: Rules) -> dict[str, Any]:
    backs = [looks_back_to(rules, month.first) for rules in (old, new) if rules is not None]
    earliest = min((day for day in backs if day is not None), default=month.first)
    return {
        "start": max(min(earliest, month.first), month.first - LONGEST_BACK),
        "source": 0,
        "after": 0,
        "done": 0,
        "total": None,
        "finished": False,
        "cut_off": False,
        "records": 0,
        "before": 0,
        "after_beans": 0,
        "more": 0,
        "fewer": 0,
        "same": 0,
        "kinds": {},
        "top": [],
    }


def _compute(state: dict[str, Any], places: Q, old: Rules, new: Rules, month: Month) -> None:
    sources = [make() for make in _sources]
    if state["total"] is None:
        state["total"] = sum(source.count(places, state["start"], month.last) for source in sources)
    deadline = time.monotonic() + SECONDS
    while state["source"] < len(sources):
        source = sources[state["source"]]
        stored = source.read(places, state["start"], month.last, state["after"], SLICE)
        if not stored:
            state["source"], state["after"] = state["source"] + 1, 0
            continue
        _count(state, stored, old, new, month)
        state["after"] = stored[-1].account
        state["done"] += len(stored)
        if state["done"] >= MOST:
            state["cut_off"] = True
            break
        if time.monotonic() > deadline:
            return
    state["finished"] = True


def _count(state: dict[str, Any], stored: list[Stored], old: Rules, new: Rules, month: Month) -> None:
    """One slice: every account whole, with what came before the month only remembered."""
    tallies = Tally(old), Tally(new)
    beans: dict[int, list[int]] = {}
    for row in stored:
        both = [tally.award(row.account, row.act).beans for tally in tallies]
        if row.act.on < month.first:
            continue
        sums = beans.setdefault(row.account, [0, 0])
        kind = state["kinds"].setdefault(row.act.words.get("category", ""), [0, 0, 0])
        state["records"] += 1
        kind[0] += 1
        for at in (0, 1):
            sums[at] += both[at]
            kind[at + 1] += both[at]
    for account, (before, after) in beans.items():
        state["before"] += before
        state["after_beans"] += after
        state["more" if after > before else "fewer" if after < before else "same"] += 1
        if before != after:
            state["top"].append((account, before, after, state["source"]))
    state["top"].sort(key=lambda row: (-abs(row[2] - row[1]), row[0]))
    del state["top"][MOST_CHANGED:]


def _told(state: dict[str, Any], month: Month) -> Effect:
    people = []
    if state["finished"]:
        names: dict[tuple[int, int], str] = {}
        for at, make in enumerate(_sources):
            wanted = [account for account, _before, _after, source in state["top"] if source == at]
            if wanted:
                names |= {(at, account): name for account, name in make().names(wanted).items()}
        people = [
            Changed(names.get((source, account), "*"), before, after)
            for account, before, after, source in state["top"]
        ]
    kinds = sorted(state["kinds"].items(), key=lambda item: -item[1][0])
    return Effect(
        month=month,
        done=state["done"],
        total=max(state["total"] or 0, state["done"]),
        finished=state["finished"],
        cut_off=state["cut_off"],
        looked_back=state["start"],
        records=state["records"],
        before=state["before"],
        after=state["after_beans"],
        more=state["more"],
        fewer=state["fewer"],
        same=state["same"],
        kinds=[(kind, *numbers) for kind, numbers in kinds],
        people=people,
    )


def last_month() -> Month:
    return Month.before(clock.today())
