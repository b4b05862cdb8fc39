"""The random histories of the kernel at full length, on both engines; and with one rule taken away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.conftest import Figure
from tests.faults.sabotage import IN_SQL, PORTABLE
from tests.faults.server import ROOT
from tools import pg

pytestmark = pytest.mark.slow
RUNS = os.environ.get("JINDOU_RUNS", "200")
STEPS = os.environ.get("JINDOU_STEPS", "50")
ENGINES = ("SQLite", "PostgreSQL")
SUMMARY = re.compile(r"^(\d+) steps: (.*)$", re.MULTILINE)


@contextmanager
def database(engine: str) -> Iterator[dict[str, str]]:
    """The environment of a run on that engine."""
    variables = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    if engine == "SQLite":
        yield variables
        return
    with pg.server() as url:
        yield {**variables, "DATABASE_URL": url}


def run(variables: dict[str, str], *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/ledger/test_machine.py",
            *options,
        ],
        cwd=ROOT,
        env={**variables, **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_long_random_histories(figure: Figure, engine: str) -> None:
    with database(engine) as variables:
        done = run(variables, JINDOU_RUNS=RUNS, JINDOU_STEPS=STEPS)
    assert done.returncode == 0, done.stdout + done.stderr
    found = SUMMARY.search(done.stdout)
    assert found is not None, done.stdout
    counts = {name: int(number) for number, name in re.findall(r"(\d+) ([a-z_ ]+)", found[2])}
    steps = int(found[1])
    figure(
        f"random histories on {engine} ({RUNS} runs of up to {STEPS} steps)",
        steps=steps,
        accepted=f"{100 * counts['accepted'] // steps} %",
        kinds_of_refusal=len(counts) - 1,
        differences=0,
    )
    assert counts["accepted"] >= 0.3 * steps


@pytest.mark.parametrize("engine", ENGINES)
def test_control_a_missing_rule_is_noticed(figure: Figure, engine: str) -> None:
    rules = PORTABLE if engine == "SQLite" else IN_SQL
    noticed = []
    with database(engine) as variables:
        for rule in rules:
            more = {"JINDOU_SABOTAGE": rule, "JINDOU_RUNS": "100", "JINDOU_STEPS": "40"}
            done = run(variables, "-p", "tests.faults.sabotage", **more)
            assert done.returncode in (0, 1), done.stdout + done.stderr
            if done.returncode == 1:
                noticed.append(rule)
    figure(f"a rule taken away on {engine}", noticed=f"{len(noticed)} of {len(rules)} ({', '.join(noticed)})")
    assert noticed == list(rules)
