"""The first form of the rules, eight names with numbers, and its meaning in parts.

Versions published in it stay as they were stored and are read through `lift`; it is also the short form for
a plain "so many beans an hour".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from points.schemes.parts import codec
from points.schemes.parts.codec import Problem, item

MOST_BEANS = 100_000


@dataclass(frozen=True, slots=True)
class Flat:
    """Percentages are whole: 100 is a factor of 1."""

    beans_per_hour: int = item(high=MOST_BEANS)
    category_factor_percent: Mapping[str, int] = item(dict, high=300)
    cap_per_day: int | None = item(None, high=MOST_BEANS)
    notice_days: int = item(3, high=60)
    expiry_months: int | None = item(None, low=1, high=1200)
    minimum_percent_of_plan: int = item(60, high=100)
    supplement_earns: bool = item(False)


def is_flat(data: Any) -> bool:
    """Whether these are rules in the first form: they name a word that only it has."""
    return isinstance(data, Mapping) and bool({"beans_per_hour", "cap_per_day"} & set(data))


def lift(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The same rules in parts, or what is wrong with them."""
    found, problems = codec.read(Flat, data)
    return ({}, problems) if problems else (parts(found), [])


def parts(flat: Flat) -> dict[str, Any]:
    """One hour earns so many beans, times the category's factor, within a day's cap."""
    rules: dict[str, Any] = {
        "notice_days": flat.notice_days,
        "quality": {"percent_of_plan": flat.minimum_percent_of_plan},
    }
    if flat.beans_per_hour:
        rules["earning"] = [{"id": "service", "name": SERVICE, "rate": {"points": flat.beans_per_hour}}]
    if flat.category_factor_percent:
        factors = {
            category: codec.plain_ratio(Fraction(percent, 100))
            for category, percent in flat.category_factor_percent.items()
        }
        rules["coefficients"] = [{"by": "category", "factors": factors}]
    if flat.cap_per_day is not None:
        rules["limits"] = [{"most": flat.cap_per_day}]
    if flat.expiry_months is not None:
        rules["expiry"] = [{"validity": {"months": flat.expiry_months}}]
    if flat.supplement_earns:
        rules["hours"] = []
    return rules


SERVICE = {"zh": "志愿服务", "en": "Volunteer service"}
