"""What `make bench` says of its samples: spreads, ratios within a round, figures reached or not."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest

from tools.bench import report
from tools.bench.cells import Cell, Results, Spread, p99, spread
from tools.bench.clients import Sample, charged, sample_of
from tools.bench.config import Config
from tools.bench.stages import turned

OURS, FLOOR = Cell("ours", "post random", 8, 100), Cell("psycopg", "post random", 8, 100)


def sample(rate: float, late: float = 1.0) -> Sample:
    return Sample(rate, 0.5, late, 100)


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> Config:
    for name, value in {"SMALL": 10, "MIDDLE": 100, "BIG": 0, "CLIENTS": 8, "BATCH": 50}.items():
        monkeypatch.setenv(f"BENCH_{name}", str(value))
    return Config()


@pytest.fixture
def results() -> Results:
    """Three rounds; the machine was twice as slow in the second."""
    found = Results()
    for ours, floor in ((800, 1000), (380, 500), (840, 1000)):
        found.add(OURS, sample(ours, 4.0))
        found.add(FLOOR, sample(floor))
    return found


def test_a_sample_is_a_rate_and_percentiles() -> None:
    found = sample_of([0.001 * n for n in range(1, 101)], seconds=2.0, per_call=10)
    assert (found.rate, found.count) == (500, 100)
    assert (found.p50, found.p99) == (pytest.approx(51), pytest.approx(100))


def test_processor_time_is_charged_to_the_call() -> None:
    """Ten calls that work for some milliseconds, and ten that only sleep as long."""

    def work() -> None:
        end = time.process_time() + 0.02
        while time.process_time() < end:
            pass

    done = charged(work, os.getpid(), repeat=10)
    assert 0.03 < done.p50 / 1000 < 0.08, "ours and our server's, which here is ourselves: twice 20 ms"
    assert charged(lambda: time.sleep(0.02), os.getpid(), repeat=10).p50 / 1000 < 0.01


def test_a_spread_is_the_median_with_its_ends() -> None:
    assert spread([3, 1, 8]) == Spread(3, 1, 8)


def test_a_ratio_is_taken_within_its_round(results: Results) -> None:
    """The medians of the rates (800 and 1000) would say 0.8; so would the slow round, had it been paired."""
    assert results.ratio(OURS, FLOOR) == Spread(0.8, 0.76, 0.84)
    assert results.ratio(OURS, FLOOR, p99).median == 4.0
    results.add(OURS, sample(1))
    with pytest.raises(ValueError, match="argument"):
        results.ratio(OURS, FLOOR)


def test_results_survive_being_put_away(results: Results) -> None:
    again = Results()
    again.load(json.loads(json.dumps(results.dump())))
    assert again.samples == results.samples


def test_every_other_round_goes_backwards() -> None:
    assert turned("abc", 0) == ["a", "b", "c"]
    assert turned("abc", 1) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("value", "said"),
    [(12345.6, "12,346"), (123.4, "123"), (12.34, "12.3"), (1.234, "1.23"), (0.1234, "0.123"), (0, "0.00")],
)
def test_three_digits_that_matter(value: float, said: str) -> None:
    assert report.number(value) == said


def test_a_figure_is_judged_by_its_median() -> None:
    found = Spread(0.75, 0.1, 0.9)
    assert report.Figure("x", found, goal=0.7, aim=0.8).verdict == "reached"
    assert report.Figure("x", found, goal=0.7, aim=0.75).verdict == "reached, and the aim"
    assert report.Figure("x", found, goal=0.76).verdict == "**not reached**"
    assert report.Figure("x", found, goal=0.76, at_most=True).verdict == "reached"
    assert report.Figure("x", found, goal=0.74, at_most=True).verdict == "**not reached**"


def test_figures_speak_only_of_what_was_measured(results: Results, config: Config) -> None:
    found = {one.what: one for one in report.figures(results, config, {})}
    assert list(found) == [
        "one posting, 8 clients: ours to psycopg",
        "one posting, 8 clients: p99 of ours to psycopg's",
    ]
    assert [one.reached for one in found.values()] == [True, False]


def test_every_figure_of_the_goal_has_its_line(config: Config) -> None:
    results = Results()
    for who in ("ours", "psycopg", "pgbench", "hordak"):
        results.add(Cell(who, "post random", 8, 100), sample(1))
    for on in ("post hot", "post while sealing", "post without sealing"):
        results.add(Cell("ours", on, 8, 100), sample(1))
    for who in ("ours", "one statement", "hordak bulk", "hordak loop"):
        results.add(Cell(who, "post_many", books=100), sample(1))
    for who in ("ours", "plain ORM"):
        for clients in (1, 8):
            results.add(Cell(who, "post on SQLite", clients, config.members), sample(1))
    for what in ("balance", "statement"):
        for books in (10, 100):
            results.add(Cell("ours", what, books=books), sample(1))
    facts = {"seal_lag_seconds": [1.0], "seal_rate": [10.0], "proofs": proofs()}
    found = report.figures(results, config, facts)
    assert len(found) == 4 + 1 + 2 + 3 + 2 + 2 + 1 + 3 + 4
    text = report.body(results, config, facts)
    assert f"of {len(found)} are not reached." in text
    for title in (
        "One posting",
        "Thousands at once",
        "Balances",
        "Statements",
        "SQLite",
        "Sealing",
        "Proofs",
    ):
        assert f"## {title}" in text
    assert text.count("\n| ours") == 0  # tables begin with the situation, not with the contender


def proofs() -> dict[str, Any]:
    one = {"seconds": 2.0, "own_cpu": 1.0, "server_cpu": 1.0, "megabytes": 90.0, "count": 100, "wrong": 0}
    known: dict[str, Any] = {f"{what} 100": one for what in ("verify", "beancount", "hledger", "jsonl")}
    known["bean-check"] = {"seconds": 3.0, "accepted": True}
    known["hledger check"] = {"seconds": 3.0, "accepted": False}
    return known


def test_strangers_and_findings_are_named() -> None:
    said = report.strangers(proofs(), 100)
    assert "`bean-check` accepts" in said
    assert "`hledger check` **refuses**" in said
    assert "verify_export" not in said
    wrong = proofs()
    wrong["verify 100"] = wrong["verify 100"] | {"wrong": 2}
    assert "**2 findings**" in report.proofs_table(wrong)
    assert "no finding" in report.proofs_table(proofs())


def test_tables_compare_ours_with_everybody_in_the_same_situation(results: Results, config: Config) -> None:
    results.add(Cell("ours", "post random", 1, 100), sample(100))
    text = report.body(results, config, {})
    assert "| post random | 100 | 8 | ours | 800 (380 – 840) | 0.500 | 4.00 |" in text
    assert "| post random | 100 | 8 | psycopg | 0.800 (0.760 – 0.840) |" in text
    assert "## SQLite" not in text
