"""All the rules of one version: the parts together, read from and written as plain values."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from points.schemes import errors
from points.schemes.parts import checks, codec, flat
from points.schemes.parts.basics import BEANS, Condition, Conversion, Fact, Holder, Unit
from points.schemes.parts.codec import CODE, Problem, Text, item
from points.schemes.parts.earning import Coefficient, Earning, HoursClass, Quality
from points.schemes.parts.levels import Counter, Ladder, Ranking
from points.schemes.parts.limits import Ceiling, Limit, Rounding
from points.schemes.parts.redemption import Expiry, Use

SUPPLEMENTED = "supplemented"
BEAN = "BEAN"
NO_POINTS_FROM_PAPER = HoursClass((SUPPLEMENTED,), Text("补录时长", "Hours entered later"))


@dataclass(frozen=True, slots=True)
class About:
    """Where the rules come from."""

    place: str = item("")
    operator: str = item("")
    published: dt.date | None = item(None)
    source: str = item("")


@dataclass(frozen=True, slots=True)
class Note:
    """A rule of the source that is left out, or a number that the source does not give; and why."""

    rule: str = item()
    why: str = item()


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one version of a scheme."""

    code: str = item("", pattern=r"[a-z0-9][a-z0-9-]{0,39}|")
    name: Text = item(Text("积分办法"))
    about: About = item(About())
    units: tuple[Unit, ...] = item((Unit(BEAN, BEANS),), least=1)
    conversions: tuple[Conversion, ...] = item(())
    account: Holder = item(Holder.PERSON)
    """Whose account the points go to; limits count per account."""
    facts: tuple[Fact, ...] = item(())
    eligibility: tuple[Condition, ...] = item(())
    earning: tuple[Earning, ...] = item(())
    coefficients: tuple[Coefficient, ...] = item(())
    hours: tuple[HoursClass, ...] = item((NO_POINTS_FROM_PAPER,))
    quality: Quality = item(Quality())
    limits: tuple[Limit, ...] = item(())
    ceilings: tuple[Ceiling, ...] = item(())
    rounding: Rounding = item(Rounding())
    levels: tuple[Ladder, ...] = item(())
    counters: tuple[Counter, ...] = item(())
    uses: tuple[Use, ...] = item(())
    expiry: tuple[Expiry, ...] = item(())
    rankings: tuple[Ranking, ...] = item(())
    notice_days: int = item(3, high=60)
    left_out: tuple[Note, ...] = item(())
    assumed: tuple[Note, ...] = item(())

    @classmethod
    def from_dict(cls, data: Any) -> Rules:
        """Rules from JSON or YAML values; raises the first of `problems` as a coded refusal."""
        rules, found = cls.examine(data)
        if rules is None:
            raise found[0].refusal
        return rules

    @classmethod
    def examine(cls, data: Any) -> tuple[Rules | None, list[Problem]]:
        """The rules, or None and everything that is wrong with them."""
        if isinstance(data, Rules):
            return (None, found) if (found := checks.problems(data)) else (data, [])
        if flat.is_flat(data):
            data, found = flat.lift(data)
            if found:
                return None, found
        if not isinstance(data, Mapping):
            return None, [Problem((), errors.RulesNotAnObject(key=""))]
        rules, found = codec.read(cls, data)
        found = found or checks.problems(rules)
        return (None, found) if found else (rules, [])

    def to_dict(self) -> dict[str, Any]:
        """The rules as JSON values; `from_dict` reads them back. Defaults are left out."""
        written: dict[str, Any] = codec.write(self)
        return written

    def unit(self, code: str) -> Unit:
        return next(unit for unit in self.units if unit.code == code)

    def unit_name(self, code: str) -> Text:
        return next((unit.name for unit in self.units if unit.code == code), Text(code, code))


def stored(data: Any) -> Rules:
    """The rules of a stored version, which never change: read once per process."""
    return _stored(json.dumps(data, sort_keys=True))


@lru_cache(maxsize=256)
def _stored(text: str) -> Rules:
    return Rules.from_dict(json.loads(text))


__all__ = ["BEAN", "CODE", "SUPPLEMENTED", "About", "Note", "Rules", "stored"]
