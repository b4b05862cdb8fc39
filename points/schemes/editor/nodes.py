"""Forms for the parts of a scheme, made from the parts themselves.

A part is a dataclass whose type hints say what may stand in it (`points.schemes.parts.codec`). `build` turns
a part and the values of a draft into a tree of nodes that one small template draws; `parse` turns what the
browser sends back into the same plain values. Neither checks anything: `codec.read` does, and its problems
are shown beside the fields they belong to. So a new part has its form as soon as it exists.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from points.schemes.categories import CATEGORIES
from points.schemes.editor import words
from points.schemes.parts.codec import Path, Problem, Text, fields_of, optional, required, write
from points.schemes.words import number

DEEPEST = 3
"""Parts that hold themselves are drawn to this depth; what lies below is kept as it is."""
BLANK_PAIRS = 2
MOST_ROWS = 300
_SEPARATORS = re.compile(r"[,，、;；\n]+")
_WHOLE = re.compile(r"-?\d{1,12}")
Data = Any


@dataclass
class Node:
    """One field, or a group of fields, as the template draws it."""

    shape: str
    """input, area, check, maybe, choice, choices, words, pairs, part, parts, kept"""
    path: Path
    label: str
    help: str = ""
    value: Any = ""
    required: bool = False
    errors: list[str] = field(default_factory=list)
    choices: list[tuple[str, str, bool]] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    kind: str = "text"
    optional: bool = False
    """A part that can be left out altogether."""
    present: bool = True

    @property
    def name(self) -> str:
        return ".".join(str(step) for step in self.path)

    @property
    def id(self) -> str:
        return "f-" + "-".join(str(step) for step in self.path)


def is_part(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind) and kind is not Text


def item_of(kind: Any) -> Any:
    """`tuple[X, ...]` → X; None for what is no list."""
    return typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else None


def is_mapping(kind: Any) -> bool:
    return typing.get_origin(kind) in (Mapping, typing.get_origin(Mapping[str, int]))


def is_choice(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.StrEnum)


# --- Drawing --------------------------------------------------------------------------------------------
def build(
    cls: type,
    data: Data,
    problems: Sequence[Problem] = (),
    path: Path = (),
    depth: int = 0,
    only: Sequence[str] = (),
) -> list[Node]:
    """The fields of one part (`only` some). `path` is where it stands; problems are shown at their fields."""
    values = data if isinstance(data, Mapping) else {}
    found = []
    for name, (each, hint) in fields_of(cls).items():
        if only and name not in only:
            continue
        kind, nullable = optional(hint)
        given = values.get(name, _plain_default(each))
        node = _node(kind, nullable, given, (*path, name), problems, depth)
        node.label, node.help = words.label(cls.__name__, name), words.hint(cls.__name__, name)
        node.required = required(each)
        node.errors += [p.refusal.as_text() for p in problems if p.path == (*path, name)]
        if node.required and name not in values:
            node.errors += [
                p.refusal.as_text()
                for p in problems
                if p.path == path and p.refusal.context.get("key") == node.name
            ]
        found.append(node)
    return found


def _plain_default(each: dataclasses.Field[Any]) -> Any:
    if each.default is not dataclasses.MISSING:
        return write(each.default)
    return None


def _node(
    kind: Any, nullable: bool, given: Data, path: Path, problems: Sequence[Problem], depth: int
) -> Node:
    item = item_of(kind)
    if is_part(item):
        return _parts(item, given, path, problems, depth)
    if item is Text:
        lines = [_line(each) for each in given or []]
        return Node("area", path, "", value="\n".join(lines), help="")
    if item is not None and is_choice(item):
        chosen = set(given) if isinstance(given, list | tuple) else set()
        return Node("choices", path, "", choices=words.choices(item, chosen))
    if item is not None:
        value = ", ".join(str(each) for each in given) if isinstance(given, list | tuple) else _shown(given)
        return Node("input", path, "", value=value, kind="list")
    if is_mapping(kind):
        return _pairs(given, path, is_exact=typing.get_args(kind)[1] is Fraction)
    if is_part(kind):
        return _one_part(kind, nullable, given, path, problems, depth)
    if kind is Text:
        text = {"zh": given} if isinstance(given, str) else given if isinstance(given, Mapping) else {}
        return Node("words", path, "", value={key: text.get(key, "") for key in ("zh", "en", "one")})
    if kind is bool and nullable:
        return Node("maybe", path, "", choices=words.yes_no(given))
    if kind is bool:
        return Node("check", path, "", value=given is True)
    if is_choice(kind):
        return Node("choice", path, "", choices=words.choices(kind, {given}), optional=nullable)
    shape = {int: "number", dt.date: "date", Fraction: "ratio"}.get(kind, "text")
    shown = _decimal(given) if kind is Fraction and given is not None else _shown(given)
    return Node("input", path, "", value=shown, kind=shape)


def _one_part(
    kind: type, nullable: bool, given: Data, path: Path, problems: Sequence[Problem], depth: int
) -> Node:
    present = not nullable or given is not None
    if present and depth >= DEEPEST:
        return Node("kept", path, "", value=json.dumps(given, ensure_ascii=False))
    children = build(kind, given or {}, problems, path, depth + 1) if present else []
    return Node("part", path, "", children=children, optional=nullable, present=present)


def _parts(kind: type, given: Data, path: Path, problems: Sequence[Problem], depth: int) -> Node:
    rows = given if isinstance(given, list | tuple) else []
    if depth >= DEEPEST:
        return Node("kept", path, "", value=json.dumps(list(rows), ensure_ascii=False) if rows else "")
    children = [
        Node(
            "part",
            (*path, at),
            words.part_title(kind.__name__, at + 1),
            children=build(kind, row, problems, (*path, at), depth + 1),
            errors=[p.refusal.as_text() for p in problems if p.path == (*path, at)],
        )
        for at, row in enumerate(rows)
    ]
    return Node("parts", path, "", children=children, value=len(children))


def _pairs(given: Data, path: Path, *, is_exact: bool) -> Node:
    """Rows of a name and a number, with some empty ones; kinds of service get their names beside."""
    rows = list(given.items()) if isinstance(given, Mapping) else []
    rows += [("", "")] * BLANK_PAIRS
    value = [
        (at, str(key), _decimal(each) if is_exact else _shown(each), str(CATEGORIES.get(str(key), "")))
        for at, (key, each) in enumerate(rows)
    ]
    return Node("pairs", path, "", value=value)


def _decimal(value: Data) -> str:
    """An exact number as people write it: 6/5 → 1.2; 1/3 stays, and so does what is wrong."""
    try:
        return number(Fraction(str(value)))
    except (ValueError, ZeroDivisionError):
        return _shown(value)


def _line(text: Data) -> str:
    if isinstance(text, Mapping):
        return f"{text.get('zh', '')} | {text['en']}" if text.get("en") else str(text.get("zh", ""))
    return str(text)


def _shown(value: Data) -> str:
    return "" if value is None else str(value)


# --- Reading back ---------------------------------------------------------------------------------------
def parse(
    cls: type, sent: Mapping[str, Any], path: Path = (), depth: int = 0, only: Sequence[str] = ()
) -> dict[str, Data]:
    """The plain values of one part from what the browser sent (a QueryDict). Empty fields are left out."""
    found: dict[str, Data] = {}
    for name, (_each, hint) in fields_of(cls).items():
        if only and name not in only:
            continue
        kind, nullable = optional(hint)
        value = _read(kind, nullable, sent, (*path, name), depth)
        if value is not None:
            found[name] = value
    return found


def _read(kind: Any, nullable: bool, sent: Any, path: Path, depth: int) -> Data:
    name = ".".join(str(step) for step in path)
    item = item_of(kind)
    if (is_part(item) or is_part(kind)) and f"{name}.json" in sent:
        return _kept(sent.get(f"{name}.json", ""))
    if is_part(item):
        count = min(_number(sent.get(f"{name}.n")), MOST_ROWS)
        return [parse(item, sent, (*path, at), depth + 1) for at in range(count)] or None
    if item is Text:
        return [_text_of(line) for line in sent.get(name, "").splitlines() if line.strip()] or None
    if item is not None and is_choice(item):
        return list(sent.getlist(name)) or None
    if item is not None:
        parts = [each.strip() for each in _SEPARATORS.split(sent.get(name, ""))]
        return [_whole(each) if item is int else each for each in parts if each] or None
    if is_mapping(kind):
        count = min(_number(sent.get(f"{name}.n")), MOST_ROWS)
        pairs = (
            (sent.get(f"{name}.{at}.k", "").strip(), sent.get(f"{name}.{at}.v", "")) for at in range(count)
        )
        return {key: _whole(value.strip()) for key, value in pairs if key} or None
    if is_part(kind):
        if nullable and f"{name}.on" not in sent:
            return None
        return parse(kind, sent, path, depth + 1)
    if kind is Text:
        text = {key: sent.get(f"{name}.{key}", "").strip() for key in ("zh", "en", "one")}
        given = {key: value for key, value in text.items() if value}
        return given.get("zh") if set(given) == {"zh"} else given or None
    if kind is bool:
        answer = sent.get(name, "")
        return {"true": True, "false": False}.get(answer) if nullable else bool(answer)
    answer = sent.get(name, "").strip()
    if not answer:
        return None
    return _whole(answer) if kind in (int, Fraction) else answer


def _kept(text: str) -> Data:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _text_of(line: str) -> Data:
    zh, _bar, en = (each.strip() for each in line.partition("|"))
    return {"zh": zh, "en": en} if en else zh


def _whole(text: str) -> int | str:
    return int(text) if _WHOLE.fullmatch(text) else text


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 6 else 0


# --- Adding and taking away -----------------------------------------------------------------------------
def change(data: dict[str, Data], do: str) -> None:
    """`append:a.0.b` adds a row to a list, `add:a` begins an optional part, `remove:a.0` takes one away.

    What leads nowhere changes nothing.
    """
    verb, _colon, dotted = do.partition(":")
    steps: list[str | int] = [
        int(step) if step.isdigit() and len(step) < 6 else step for step in dotted.split(".")
    ]
    if verb not in ("append", "add", "remove") or not dotted or len(steps) > 12:
        return
    where: Any = data
    for at, step in enumerate(steps[:-1]):
        if isinstance(where, dict) and isinstance(step, str):
            where = where.setdefault(step, [] if isinstance(steps[at + 1], int) else {})
        elif isinstance(where, list) and isinstance(step, int) and step < len(where):
            where = where[step]
        else:
            return
    last = steps[-1]
    if isinstance(where, list) and isinstance(last, int):
        if verb == "remove" and last < len(where):
            del where[last]
    elif isinstance(where, dict) and isinstance(last, str):
        if verb == "remove":
            where.pop(last, None)
        elif verb == "add":
            where.setdefault(last, {})
        elif isinstance(rows := where.setdefault(last, []), list) and len(rows) < MOST_ROWS:
            rows.append({})
