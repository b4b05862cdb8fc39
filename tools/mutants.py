"""Small changes to a Python file, each of which a test ought to notice.

The operators are those of mutmut 3 (numbers, texts, comparisons, arithmetic, arguments, assignments, …) with
some that it lacks: a `raise` or a call left out, a result forgotten, a filter dropped, a plain condition
turned round, and changes inside SQL (`<` to `<=`, `AND` to `OR`, `+` to `-`, `MAX` to `MIN`, a lock left
out). What only declares something (annotations, docstrings, class bodies, decorators) is left alone.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Div,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
METHODS = {
    "lower": "upper",
    "upper": "lower",
    "lstrip": "rstrip",
    "rstrip": "lstrip",
    "find": "rfind",
    "removeprefix": "removesuffix",
    "removesuffix": "removeprefix",
    "partition": "rpartition",
    "min": "max",
    "max": "min",
}
SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE|FROM|WHERE|ORDER BY|GROUP BY|JOIN|ON CONFLICT)\b")
SQL_SWAPS = [
    (r"<>", "="),
    (r"<=", "<"),
    (r">=", ">"),
    (r"(?<= )<(?= )", "<="),
    (r"(?<= )>(?= )", ">="),
    (r"(?<= )=(?= )", "<>"),
    (r"\bAND\b", "OR"),
    (r"\bOR\b", "AND"),
    (r"(?<= )\+(?= )", "-"),
    (r"(?<= )-(?= )", "+"),
    (r"(?<![\w)] )-(?=[a-z]\w*\.)", ""),
    (r"\bIS NOT NULL\b", "IS NULL"),
    (r"\bIS NULL\b", "IS NOT NULL"),
    (r"\bNOT EXISTS\b", "EXISTS"),
    (r"(?<=WHERE )NOT ", ""),
    (r"\bMAX\(", "MIN("),
    (r"\bSUM\(", "MAX("),
    (r" DESC\b", ""),
    (r"\bUNION ALL\b", "UNION"),
    (r"\bLEFT JOIN\b", "JOIN"),
    (r"\bDISTINCT ", ""),
    (r" FOR NO KEY UPDATE", ""),
    (r"\bON CONFLICT (\(\"?\w+\"?\) )?DO NOTHING", ""),
    (r" ORDER BY [\w., ]+(?= DESC| LIMIT|\)|\n|$)", ""),
    (r"(?<![\w%$.])0(?![\w.])", "1"),
]
IN_FUNCTIONS = [
    (r"\bRETURN;", ""),
    (r"\bLEAST\(", "GREATEST("),
    (r"& \d+ <> 0", "& 0 <> 0"),
    (r"(?<=ELSIF )(?=\w)", "NOT "),
    (r"(?<=IF )(?=\w)(?!NOT )", "NOT "),
    (r"(?<=COALESCE\()[\w.\[\]]+, ", ""),
    (r"\bo_(account|subject|balance|needed|is_new|digest) := [^;]+;", ""),
]
"""What else may go wrong in a function of the database."""
Slot = tuple[Any, str, int | None]


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, and what stands there instead."""

    path: str
    line: int
    last_line: int
    where: str
    what: str
    owner: ast.AST
    slot: Slot
    new: Any
    key: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.where}: {self.what}"


def mutants_of(path: Path, shown: str) -> list[Mutant]:
    """Every mutant of one Python file, or of the function in an SQL file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return list(_in_sql(text, shown))
    return list(_Finder(ast.parse(text), shown).find())


def _in_sql(text: str, shown: str) -> Iterator[Mutant]:
    """In the body of a function; `new` is the whole text with one change."""
    body = text.index("BEGIN")
    for pattern, instead in SQL_SWAPS + IN_FUNCTIONS:
        for match in re.finditer(pattern, text):
            start, end = match.span()
            line = text.count("\n", 0, start) + 1
            first = text.rfind("\n", 0, start) + 1
            if start < body or "--" in text[first:start]:
                continue
            new = text[:start] + instead + text[end:]
            around = " ".join(text[max(start - 30, first) : end + 30].split())
            what = f"SQL `{match[0].strip()}` → `{instead}` in `{around}`"
            key = hashlib.sha256(f"{shown}|{hashlib.sha256(new.encode()).hexdigest()}".encode()).hexdigest()[
                :16
            ]
            yield Mutant(shown, line, line, "<sql>", what, ast.Module([], []), (None, "", None), new, key)


class changed:
    """`with changed(mutant):` the syntax tree holds the change."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def __enter__(self) -> ast.AST:
        self.old = self._put(self.mutant.new)
        return self.mutant.owner

    def __exit__(self, *_error: object) -> None:
        self._put(self.old)

    def _put(self, value: Any) -> Any:
        holder, name, place = self.mutant.slot
        if place is None:
            old = getattr(holder, name)
            setattr(holder, name, value)
        else:
            old = getattr(holder, name)[place]
            getattr(holder, name)[place] = value
        return old


class _Finder:
    def __init__(self, tree: ast.Module, shown: str) -> None:
        self.tree = tree
        self.shown = shown
        self.keys: set[str] = set()

    def find(self) -> Iterator[Mutant]:
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef):
                yield from self._function(node, node.name)
            elif isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef):
                        yield from self._function(inner, f"{node.name}.{inner.name}")
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                if any(name.startswith("__") for name in names_of(node)):
                    continue
                yield from self._in(node, node, "value", None, node.value, "<module>")

    def _function(self, owner: ast.FunctionDef, where: str) -> Iterator[Mutant]:
        arguments = owner.args
        for name in ("defaults", "kw_defaults"):
            for place, default in enumerate(getattr(arguments, name)):
                if default is not None:
                    yield from self._in(owner, arguments, name, place, default, where)
        yield from self._body(owner, owner, where)

    def _body(self, owner: ast.AST, holder: Any, where: str) -> Iterator[Mutant]:
        for name in ("body", "orelse", "finalbody"):
            for place, node in enumerate(getattr(holder, name, [])):
                yield from self._statement(owner, holder, name, place, node, where)
        for handler in getattr(holder, "handlers", []):
            yield from self._body(owner, handler, where)

    def _statement(
        self, owner: ast.AST, holder: Any, name: str, place: int, node: ast.stmt, where: str
    ) -> Iterator[Mutant]:
        def mutant(new: ast.AST, what: str) -> Mutant:
            return self._mutant(owner, (holder, name, place), node, new, where, what)

        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        if isinstance(node, ast.FunctionDef):
            yield from self._body(owner, node, where)
            return
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            yield mutant(ast.Pass(), f"`{short(node)}` left out")
        if isinstance(node, ast.Break):
            yield mutant(ast.Return(None), "`break` → `return`")
        if isinstance(node, ast.Continue):
            yield mutant(ast.Break(), "`continue` → `break`")
        if isinstance(node, ast.Return) and node.value is not None and not is_none(node.value):
            yield mutant(ast.Return(ast.Constant(None)), f"`{short(node)}` → `return None`")
        if isinstance(node, ast.AugAssign):
            target = deepcopy(node.target)
            yield mutant(ast.Assign([target], node.value), f"`{short(node)}` → plain assignment")
            swapped = ast.AugAssign(node.target, SWAPS[type(node.op)](), node.value)  # type: ignore[arg-type]
            yield mutant(swapped, f"`{short(node)}` → `{short(swapped)}`")
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            new = ast.Constant("" if is_none(node.value) else None)
            shown = f"`{short(node)}` → `= {short(new)}`"
            yield self._mutant(owner, (node, "value", None), node, new, where, shown)
        if isinstance(node, ast.If | ast.While) and not isinstance(
            node.test, ast.Compare | ast.BoolOp | ast.UnaryOp
        ):
            turned = ast.UnaryOp(ast.Not(), node.test)
            shown = f"if `{short(node.test)}` → if not"
            yield self._mutant(owner, (node, "test", None), node.test, turned, where, shown)
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "returns", "decorator_list", "names"}:
                continue
            if isinstance(value, ast.expr):
                yield from self._in(owner, node, field, None, value, where)
            elif field in {"targets", "items"}:
                for at, one in enumerate(value):
                    if isinstance(one, ast.withitem):
                        yield from self._in(owner, one, "context_expr", None, one.context_expr, where)
                    else:
                        yield from self._in(owner, node, field, at, one, where)
        yield from self._body(owner, node, where)

    def _in(
        self, owner: ast.AST, holder: Any, name: str, place: int | None, node: ast.AST, where: str
    ) -> Iterator[Mutant]:
        """The mutants of an expression and of everything in it."""
        for new, what in expressions(node):
            yield self._mutant(owner, (holder, name, place), node, new, where, what)
        if isinstance(node, ast.Call):
            yield from self._in(owner, node, "func", None, node.func, where)
        for field, value in ast.iter_fields(node):
            if (isinstance(node, ast.Call) and field == "func") or field in {"annotation", "format_spec"}:
                continue
            if isinstance(value, ast.expr | ast.keyword | ast.comprehension | ast.slice):
                yield from self._in(owner, node, field, None, value, where)
            elif isinstance(value, list):
                for at, one in enumerate(value):
                    if isinstance(one, ast.expr | ast.keyword | ast.comprehension):
                        yield from self._in(owner, node, field, at, one, where)

    def _mutant(self, owner: Any, slot: Slot, old: ast.AST, new: ast.AST, where: str, what: str) -> Mutant:
        place: Any = old if hasattr(old, "lineno") else getattr(old, "iter", owner)
        ast.copy_location(new, place)
        ast.fix_missing_locations(new)
        spot = f"{place.lineno - owner.lineno}:{getattr(place, 'col_offset', 0)}"
        text = f"{self.shown}|{where}|{ast.unparse(owner)}|{spot}|{what}"
        key = hashlib.sha256(text.encode()).hexdigest()[:16]
        while key in self.keys:  # the same change to the same text twice, as in `f(a, a)`
            key = hashlib.sha256(key.encode()).hexdigest()[:16]
        self.keys.add(key)
        first = place.lineno
        return Mutant(self.shown, first, place.end_lineno or first, where, what, owner, slot, new, key)


def expressions(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """What may stand instead of one expression."""
    if isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        if type(node.op) in SWAPS:
            new: ast.AST = deepcopy(node)
            new.op = SWAPS[type(node.op)]()  # type: ignore[attr-defined]
            yield new, f"`{short(node)}` → `{short(new)}`"
    elif isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            if type(operator) in SWAPS:
                new = deepcopy(node)
                new.ops[place] = SWAPS[type(operator)]()  # type: ignore[call-overload]
                yield new, f"`{short(node)}` → `{short(new)}`"
    elif isinstance(node, ast.UnaryOp):
        yield node.operand, f"`{short(node)}` → `{short(node.operand)}`"
    elif isinstance(node, ast.IfExp):
        yield node.body, f"`{short(node)}` always the first"
        yield node.orelse, f"`{short(node)}` always the second"
    elif isinstance(node, ast.Lambda):
        yield ast.Lambda(node.args, ast.Constant(None)), f"`{short(node)}` gives None"
    elif isinstance(node, ast.comprehension):
        for place, condition in enumerate(node.ifs):
            new = deepcopy(node)
            del new.ifs[place]
            yield new, f"filter `{short(condition)}` dropped"
    elif isinstance(node, ast.Slice):
        if node.upper is not None:
            yield ast.Slice(node.lower, None, node.step), f"`[{short(node)}]` without its end"
    elif isinstance(node, ast.Call):
        yield from _calls(node)


def _constants(node: ast.Constant) -> Iterator[tuple[ast.AST, str]]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value), f"{value} → {not value}"
    elif isinstance(value, int):
        yield ast.Constant(value + 1), f"{value} → {value + 1}"
    elif isinstance(value, bytes):
        yield ast.Constant(value + b"XX"), f"{value!r} → with XX"
    elif isinstance(value, str):
        if not SQL.search(value):
            yield ast.Constant(f"XX{value}XX"), f"{value[:40]!r} → XX…XX"
            return
        for pattern, instead in SQL_SWAPS:
            for number, match in enumerate(re.finditer(pattern, value), start=1):
                new = value[: match.start()] + instead + value[match.end() :]
                around = " ".join(value[max(match.start() - 24, 0) : match.end() + 24].split())
                yield ast.Constant(new), f"SQL `{match[0].strip()}` ({number}) → `{instead}` in `{around}`"


def _calls(node: ast.Call) -> Iterator[tuple[ast.AST, str]]:
    if isinstance(node.func, ast.Name) and node.func.id in {"len", "isinstance", "getattr"}:
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        new = deepcopy(node)
        new.func.attr = METHODS[node.func.attr]  # type: ignore[attr-defined]
        yield new, f".{node.func.attr}() → .{METHODS[node.func.attr]}()"
    if isinstance(node.func, ast.Name) and node.func.id in METHODS:
        new = deepcopy(node)
        new.func.id = METHODS[node.func.id]  # type: ignore[attr-defined]
        yield new, f"{node.func.id}() → {METHODS[node.func.id]}()"
    count = len(node.args) + len(node.keywords)
    for name in ("args", "keywords"):
        for place, argument in enumerate(getattr(node, name)):
            value = argument.value if name == "keywords" else argument
            if not is_none(value) and not isinstance(argument, ast.Starred):
                new = deepcopy(node)
                if name == "keywords":
                    new.keywords[place].value = ast.Constant(None)
                else:
                    new.args[place] = ast.Constant(None)
                yield new, f"`{short(argument)}` → None in `{short(node)}`"
            if count > 1:
                new = deepcopy(node)
                del getattr(new, name)[place]
                yield new, f"`{short(argument)}` dropped from `{short(node)}`"


def is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def names_of(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]


def short(node: ast.AST) -> str:
    """The source of a node on one short line."""
    if isinstance(node, ast.Slice):
        text = f"{short(node.lower) if node.lower else ''}:{short(node.upper) if node.upper else ''}"
    else:
        text = " ".join(ast.unparse(ast.fix_missing_locations(deepcopy(node))).split())
    return text if len(text) <= 70 else text[:67] + "…"
