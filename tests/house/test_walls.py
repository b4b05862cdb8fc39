"""Walls that import-linter cannot express."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LEDGER = ROOT / "points" / "ledger"
WEB_SIDE = {"views.py", "urls.py", "forms.py", "backoffice.py", "wagtail_hooks.py", "tasks.py", "apps.py"}
KERNEL = [
    path
    for path in sorted(LEDGER.rglob("*.py"))
    if path.name not in WEB_SIDE
    and not {"migrations", "management", "templatetags", "views"} & set(path.relative_to(LEDGER).parts)
]


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", KERNEL, ids=lambda path: path.name)
def test_kernel_knows_no_web_editor_or_queue(path: Path) -> None:
    for name in imported(path.read_text(encoding="utf-8")):
        assert not name.startswith(("django.http", "django.shortcuts", "wagtail", "celery")), name


def time_calls(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"timezone", "datetime", "date"}
            and (
                node.func.attr in {"now", "utcnow", "today"}
                or (node.func.attr == "localdate" and not node.args)
            )
        ):
            yield node.lineno


def test_only_the_clock_asks_for_the_time() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for room in ("points", "rewards", "cms")
        for path in sorted((ROOT / room).rglob("*.py"))
        if path != ROOT / "points" / "clock.py" and "migrations" not in path.parts
        for line in time_calls(path.read_text(encoding="utf-8"))
    ]
    assert not wrong


def test_no_file_is_too_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count}"
        for room in ("config", "points", "rewards", "cms", "tools", "tests")
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts and (count := path.read_text(encoding="utf-8").count("\n")) > 550
    ]
    assert not long
