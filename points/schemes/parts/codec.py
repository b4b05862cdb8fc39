"""Parts from plain values and back, and the JSON Schema of both: one description, the dataclass itself.

A part is a frozen dataclass. Its type hints and the metadata of its fields say what may stand in a file:
whole numbers, exact ratios (`2`, `"1/2"`, `"1.5"`; never floats), days, texts in two languages, choices,
lists and other parts. `read` collects every problem with the path to it, so that a file's errors can name
their lines; `write` gives JSON values back, leaving out what is left at its default; `schema` describes
both for editors and programs of others.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import math
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from points.refusals import Refusal
from points.schemes import errors

Path = tuple[str | int, ...]
RATIO = re.compile(r"-?\d{1,9}(\.\d{1,6}|/\d{1,9})?")
CODE = r"[A-Za-z][A-Za-z0-9_.-]{0,39}"
MOST = 10**9
WRONG: Any = object()
"""Stands where a value could not be read; the problem is on the list."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where: the path leads from the top of the file through names and numbers."""

    path: Path
    refusal: Refusal


def item(default: Any = MISSING, *, name: str = "", **limits: Any) -> Any:
    """A field with limits: `low`, `high` (numbers), `pattern` (texts), `least` (length of a list).

    `name` is the word in the file where Python forbids it (`from`, `is`).
    """
    metadata = {**limits, **({"name": name} if name else {})}
    if default is MISSING:
        return field(metadata=metadata)
    if default is dict:
        return field(default_factory=lambda: types.MappingProxyType({}), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Text:
    """A name in Chinese, and in English where somebody translated it; `one` is the English singular."""

    zh: str = item(pattern=r"[\s\S]{1,400}")
    en: str = item("", pattern=r"[\s\S]{0,400}")
    one: str = item("", pattern=r"[\s\S]{0,80}")


def dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)


@cache
def fields_of(cls: type) -> dict[str, tuple[dataclasses.Field[Any], Any]]:
    """The fields of a part by their names in a file, with resolved types."""
    hints = typing.get_type_hints(cls)
    return {
        each.metadata.get("name", each.name): (each, hints[each.name]) for each in dataclasses.fields(cls)
    }


def required(each: dataclasses.Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def optional(kind: Any) -> tuple[Any, bool]:
    """`X | None` → (X, True)."""
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        inner = [each for each in typing.get_args(kind) if each is not type(None)]
        return inner[0], True
    return kind, False


# --- Reading --------------------------------------------------------------------------------------------
def read(cls: type, data: Any) -> tuple[Any, list[Problem]]:
    """The part and no problems, or `WRONG` and every problem found."""
    problems: list[Problem] = []
    value = _part(cls, data, (), problems)
    return (WRONG if problems else value), problems


def _part(cls: type, data: Any, path: Path, problems: list[Problem]) -> Any:
    if cls is Text and isinstance(data, str):
        data = {"zh": data}
    if not isinstance(data, Mapping):
        problems.append(Problem(path, errors.RulesNotAnObject(key=dotted(path))))
        return WRONG
    known = fields_of(cls)
    for key in data:
        if key not in known:
            problems.append(Problem((*path, str(key)), errors.UnknownRule(key=dotted((*path, str(key))))))
    values: dict[str, Any] = {}
    for name, (each, kind) in known.items():
        if name not in data:
            if required(each):
                problems.append(Problem(path, errors.MissingRule(key=dotted((*path, name)))))
            continue
        values[each.name] = _value(kind, data[name], (*path, name), each.metadata, problems)
    if any(value is WRONG for value in values.values()) or any(
        required(each) and each.name not in values for each, _kind in known.values()
    ):
        return WRONG
    return cls(**values)


def _value(kind: Any, data: Any, path: Path, limits: Mapping[str, Any], problems: list[Problem]) -> Any:
    kind, nullable = optional(kind)
    if data is None and nullable:
        return None
    origin = typing.get_origin(kind)
    try:
        if origin is tuple:
            return _list(typing.get_args(kind)[0], data, path, limits, problems)
        if origin in (Mapping, typing.get_origin(Mapping[str, int])):
            return _mapping(typing.get_args(kind)[1], data, path, limits, problems)
        if dataclasses.is_dataclass(kind):
            return _part(typing.cast(type, kind), data, path, problems)
        return _scalar(kind, data, dotted(path), limits)
    except Refusal as refusal:
        problems.append(Problem(path, refusal))
        return WRONG


def _list(kind: Any, data: Any, path: Path, limits: Mapping[str, Any], problems: list[Problem]) -> Any:
    if isinstance(data, str) or not isinstance(data, list | tuple):
        raise errors.NotAList(key=dotted(path))
    if len(data) < limits.get("least", 0):
        raise errors.MissingRule(key=dotted(path))
    found = [_value(kind, each, (*path, at), limits, problems) for at, each in enumerate(data)]
    return WRONG if any(each is WRONG for each in found) else tuple(found)


def _mapping(kind: Any, data: Any, path: Path, limits: Mapping[str, Any], problems: list[Problem]) -> Any:
    if not isinstance(data, Mapping):
        raise errors.RulesNotAnObject(key=dotted(path))
    if len(data) < limits.get("least", 0):
        raise errors.MissingRule(key=dotted(path))
    found = {}
    for key, each in data.items():
        if not isinstance(key, str) or not key or len(key) > 80:
            raise errors.BadCode(key=dotted(path), value=key)
        found[key] = _value(kind, each, (*path, key), limits, problems)
    return WRONG if any(each is WRONG for each in found.values()) else types.MappingProxyType(found)


def _scalar(kind: Any, data: Any, key: str, limits: Mapping[str, Any]) -> Any:
    if kind is bool:
        if not isinstance(data, bool):
            raise errors.NotYesOrNo(key=key, value=data)
        return data
    if kind is int:
        if isinstance(data, bool) or not isinstance(data, int):
            raise errors.NotWhole(key=key, value=data)
        return _within(data, key, limits)
    if kind is Fraction:
        return _within(ratio(data, key), key, limits)
    if kind is dt.date:
        return _day(data, key)
    if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        if not isinstance(data, str) or data not in [choice.value for choice in kind]:
            choices = ", ".join(choice.value for choice in kind)
            raise errors.NotOneOf(key=key, value=data, choices=choices)
        return kind(data)
    if not isinstance(data, str):
        raise errors.NotText(key=key, value=data)
    if not re.fullmatch(limits.get("pattern", r"[\s\S]{0,400}"), data) or "\x00" in data:
        raise errors.BadCode(key=key, value=data)
    return data


def _within(value: Any, key: str, limits: Mapping[str, Any]) -> Any:
    low, high = limits.get("low", 0), limits.get("high", MOST)
    if value < 0 <= low:
        raise errors.NegativeNumber(key=key, value=value)
    if not low <= value <= high:
        raise errors.NumberOutOfRange(key=key, value=value, low=low, high=high)
    return value


def ratio(data: Any, key: str) -> Fraction:
    """An exact number: whole, `"1/2"` or `"1.5"`. Floats and `1/0` are refused."""
    if isinstance(data, Fraction):
        return data
    if isinstance(data, bool) or not isinstance(data, int | str):
        raise errors.BadRate(key=key, value=data)
    if isinstance(data, int):
        return Fraction(data)
    text = data.replace(" ", "")
    if not RATIO.fullmatch(text):
        raise errors.BadRate(key=key, value=data)
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise errors.BadRate(key=key, value=data) from None


def _day(data: Any, key: str) -> dt.date:
    if isinstance(data, dt.date) and not isinstance(data, dt.datetime):
        return data
    if isinstance(data, str):
        try:
            return dt.date.fromisoformat(data)
        except ValueError:
            pass
    raise errors.NotADay(key=key, value=data)


# --- Writing --------------------------------------------------------------------------------------------
def plain_ratio(value: Fraction) -> int | str:
    """3 → 3, 3/2 → `"3/2"`."""
    return value.numerator if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def write(value: Any) -> Any:
    """JSON values that `read` takes back; what stands at its default is left out."""
    if isinstance(value, Text) and not value.en and not value.one:
        return value.zh
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = {
            name: (each, getattr(value, each.name)) for name, (each, _kind) in fields_of(type(value)).items()
        }
        return {
            name: write(inner)
            for name, (each, inner) in given.items()
            if required(each) or inner != _default(each)
        }
    if isinstance(value, Mapping):
        return {key: write(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [write(each) for each in value]
    if isinstance(value, Fraction):
        return plain_ratio(value)
    if isinstance(value, enum.StrEnum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _default(each: dataclasses.Field[Any]) -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default


# --- Describing -----------------------------------------------------------------------------------------
def schema(cls: type) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a part and of all parts below it."""
    defs: dict[str, Any] = {}
    top = _schema(cls, {}, defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "$defs": dict(sorted(defs.items())),
    }


def _schema(kind: Any, limits: Mapping[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    kind, nullable = optional(kind)
    if nullable:
        return {"anyOf": [_schema(kind, limits, defs), {"type": "null"}]}
    origin = typing.get_origin(kind)
    if origin is tuple:
        least = {"minItems": limits["least"]} if "least" in limits else {}
        return {"type": "array", "items": _schema(typing.get_args(kind)[0], limits, defs), **least}
    if origin is not None:
        least = {"minProperties": limits["least"]} if "least" in limits else {}
        values = _schema(typing.get_args(kind)[1], limits, defs)
        return {"type": "object", "additionalProperties": values, **least}
    if dataclasses.is_dataclass(kind):
        return _part_schema(typing.cast(type, kind), defs)
    return _scalar_schema(kind, limits)


def _part_schema(cls: type, defs: dict[str, Any]) -> dict[str, Any]:
    if cls.__name__ not in defs:
        defs[cls.__name__] = {}  # parts can hold themselves
        known = fields_of(cls)
        described: dict[str, Any] = {
            "description": (cls.__doc__ or "").strip().split("\n\n")[0],
            "type": "object",
            "properties": {name: _schema(kind, each.metadata, defs) for name, (each, kind) in known.items()},
            "required": [name for name, (each, _kind) in known.items() if required(each)],
            "additionalProperties": False,
        }
        if cls is Text:
            described = {"anyOf": [described, {"type": "string", "minLength": 1}]}
        defs[cls.__name__] = described
    return {"$ref": f"#/$defs/{cls.__name__}"}


def _scalar_schema(kind: Any, limits: Mapping[str, Any]) -> dict[str, Any]:
    bounds = {"minimum": math.ceil(limits.get("low", 0)), "maximum": math.floor(limits.get("high", MOST))}
    if kind is bool:
        return {"type": "boolean"}
    if kind is int:
        return {"type": "integer", **bounds}
    if kind is Fraction:
        text = {"type": "string", "pattern": f"^{RATIO.pattern}$"}
        return {"anyOf": [{"type": "integer", **bounds}, text]}
    if kind is dt.date:
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        return {"enum": [choice.value for choice in kind]}
    pattern = {"pattern": f"^{limits['pattern']}$"} if "pattern" in limits else {}
    return {"type": "string", **pattern}
