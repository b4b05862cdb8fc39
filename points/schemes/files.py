"""Schemes as YAML files: read with the line of every mistake, written so that they read back the same.

Plain scalars keep their text until the parts say what they are, so `1.5` is the exact ratio 3/2 and never a
float. Aliases, tags and names written twice are refused.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from points.refusals import Refusal
from points.schemes import errors
from points.schemes.award import Award
from points.schemes.facts import Act
from points.schemes.parts import codec
from points.schemes.parts.codec import Path
from points.schemes.parts.scheme import Rules
from points.schemes.tally import Tally

MOST_CHARACTERS = 500_000
WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
MISSING = ("missing_rule",)


@dataclass(frozen=True)
class Mistake:
    """One mistake in a file: where, which code, and the sentence."""

    line: int
    column: int
    refusal: Refusal

    @property
    def code(self) -> str:
        return str(self.refusal.code)

    def __str__(self) -> str:
        return f"line {self.line}: [{self.code}] {self.refusal.as_text()}"


@dataclass
class Document:
    """A file's values, and where each of them stands."""

    data: Any = None
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def at(self, path: Path) -> tuple[int, int]:
        """The line and column of a value, or of the nearest thing around it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (1, 1))


def parse(text: str) -> Document:
    """The values of a YAML text with their places."""
    document = Document()
    if len(text) > MOST_CHARACTERS:
        refusal = errors.NotYaml(reason=f"more than {MOST_CHARACTERS} characters")
        document.mistakes.append(Mistake(1, 1, refusal))
        return document
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise yaml.MarkedYAMLError(
                    problem="aliases are not used here",
                    problem_mark=event.start_mark,  # type: ignore[arg-type]
                )
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            document.data = _value(node, (), document)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        document.mistakes.append(Mistake(line, column, errors.NotYaml(reason=reason)))
    except RecursionError:
        document.mistakes.append(Mistake(1, 1, errors.NotYaml(reason="too deep")))
    return document


def _value(node: yaml.Node, path: Path, document: Document) -> Any:
    place = (node.start_mark.line + 1, node.start_mark.column + 1)
    document.marks.setdefault(path, place)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key in found:
                document.mistakes.append(Mistake(*here, errors.WrittenTwice(key=key)))
            document.marks[(*path, key)] = here
            found[key] = _value(value_node, (*path, key), document)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, (*path, at), document) for at, each in enumerate(node.value)]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text in WORDS:
        return WORDS[text]
    return int(text) if WHOLE.fullmatch(text) else text


def read(text: str) -> tuple[Rules | None, dict[str, Any], list[Mistake]]:
    """The rules of a file, its other words (`effective_from`), and every mistake with its line."""
    document = parse(text)
    if document.mistakes:
        return None, {}, document.mistakes
    data = document.data
    other: dict[str, Any] = {}
    if isinstance(data, dict) and "effective_from" in data:
        other["effective_from"] = data.pop("effective_from")
    rules, problems = Rules.examine(data)
    mistakes = [Mistake(*document.at(problem.path), problem.refusal) for problem in problems]
    if "effective_from" in other:
        try:
            other["effective_from"] = dt.date.fromisoformat(str(other["effective_from"]))
        except ValueError:
            refusal = errors.NotADay(key="effective_from", value=other["effective_from"])
            mistakes.append(Mistake(*document.at(("effective_from",)), refusal))
    if mistakes:
        return None, {}, sorted(mistakes, key=lambda each: (each.line, each.column))
    other["line"] = document.at(("effective_from",))[0]
    return rules, other, []


def read_acts(text: str, rules: Rules) -> tuple[list[tuple[int, Award]], list[Mistake]]:
    """Acts of one person, in order, with what each earns; every mistake with its line.

    Refused are values that cannot be (negative hours), acts that no rule names, and acts before counting
    starts.
    """
    document = parse(text)
    if document.mistakes:
        return [], document.mistakes
    if not isinstance(document.data, list):
        return [], [Mistake(1, 1, errors.NotAList(key="acts"))]
    tally, made, mistakes = Tally(rules), [], list[Mistake]()
    known = {each.act for each in rules.earning}
    for at, data in enumerate(document.data):
        act, problems = codec.read(Act, data)
        mistakes += [Mistake(*document.at((at, *each.path)), each.refusal) for each in problems]
        if problems:
            continue
        here = document.at((at,))
        if act.act not in known:
            mistakes.append(Mistake(*here, errors.UnknownAct(act=act.act)))
            continue
        found = tally.award("somebody", act)
        if found.code == "before_counting_starts":
            since = found.lines[-1].params["since"]["day"]
            refusal = errors.BeforeCountingStarts(day=act.on.isoformat(), since=since)
            mistakes.append(Mistake(*here, refusal))
            continue
        made.append((here[0], found))
    return made, mistakes


class _Dumper(yaml.SafeDumper):
    """Writes nested lists indented and never with aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(rules: Rules, **other: Any) -> str:
    """The rules as YAML; `read` gives equal rules back."""
    values = {**rules.to_dict(), **other}
    text: str = yaml.dump(values, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return text
