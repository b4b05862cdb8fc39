"""Serialization failures and deadlocks: a bounded retry, then a clean refusal; never a wrong book."""

from __future__ import annotations

import time

import pytest

from tests.faults.conftest import Figure
from tests.faults.load import Compared, compare, load
from tests.faults.server import Server, fresh

pytestmark = pytest.mark.slow
SECONDS = 8
CASES = {
    "SERIALIZABLE": ["--isolation", "SERIALIZABLE"],
    "REPEATABLE READ": ["--isolation", "REPEATABLE_READ"],
    "deadlocks at READ COMMITTED": ["--swaps"],
}
EXPECTED = {"SerializationFailure", "DeadlockDetected", "UniqueViolation"}


def work(server: Server, *options: object) -> Compared:
    with load(server.url, "--clients", 6, *options) as clients:
        clients.wait_for(20)
        time.sleep(SECONDS)
        clients.stop()
    return compare(server, clients)


@pytest.mark.parametrize("case", CASES)
def test_conflicts_are_retried(figure: Figure, case: str) -> None:
    with fresh({"deadlock_timeout": "50ms"}) as server:
        server.start()
        found = work(server, "--attempts", 10, *CASES[case])
        failures = server.log().count("could not serialize access") + server.log().count("deadlock detected")
    figure(
        case,
        acknowledged=found.acknowledged,
        conflicts=failures,
        retried=found.retried,
        refused_after_ten_attempts=found.gave_up,
        errors=found.errors,
        verify="green" if found.verified else "RED",
    )
    assert failures > 10
    assert found.right
    assert found.errors == 0
    assert found.gave_up < 0.02 * found.acknowledged


@pytest.mark.parametrize("case", CASES)
def test_control_without_retry_conflicts_reach_the_caller(figure: Figure, case: str) -> None:
    with fresh({"deadlock_timeout": "50ms"}) as server:
        server.start()
        found = work(server, "--attempts", 0, *CASES[case])
    figure(f"{case} without the retry", errors=found.errors, kinds=" ".join(sorted(found.kinds)))
    assert found.errors > 0
    assert found.kinds <= EXPECTED
    assert found.right


def test_attempts_are_bounded(figure: Figure) -> None:
    """Two attempts only: some are refused with a code, none breaks, nothing half-done is left."""
    with fresh() as server:
        server.start()
        found = work(server, "--attempts", 2, *CASES["REPEATABLE READ"])
    figure("two attempts only", acknowledged=found.acknowledged, refused_cleanly=found.gave_up, errors=0)
    assert found.gave_up > 0
    assert found.errors == 0
    assert found.right
