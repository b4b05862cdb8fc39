"""Each case of the fault suite states its figure and its control; they are printed at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import server

Figure = Callable[..., None]
STATED: list[str] = []


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """`figure("killed 3 times", acknowledged=812, lost=0)`: one line of the summary."""

    def state(case: str, **numbers: object) -> None:
        control = "control" in request.node.name
        shown = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in numbers.items())
        STATED.append(f"{'  control' if control else 'case'}: {case}: {shown}")

    return state


@pytest.fixture(scope="session", autouse=True)
def _forget_servers() -> Iterator[None]:
    yield
    server.forget()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if STATED:
        terminalreporter.section("faults")
        for line in STATED:
            terminalreporter.write_line(line)
        if "JINDOU_FIGURES" in os.environ:
            with Path(os.environ["JINDOU_FIGURES"]).open("a", encoding="utf-8") as out:
                out.writelines(f"{line}\n" for line in STATED)
