"""Sessions ended by an administrator every half second: the callers notice nothing but a little delay."""

from __future__ import annotations

import time

import pytest

from tests.faults.conftest import Figure
from tests.faults.load import Compared, compare, load
from tests.faults.proxy import Proxy
from tests.faults.server import Server, fresh

pytestmark = pytest.mark.slow
EVERY = 0.5
SECONDS = 12
END = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def end_sessions(server: Server, *options: object) -> tuple[int, Compared]:
    """Clients at work while all sessions are ended again and again; how many were ended."""
    ended = 0
    with load(server.url, "--clients", 6, "--seal", *options) as clients:
        clients.wait_for(50)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            time.sleep(EVERY)
            ended += server.ask(END)[0][0]
        clients.wait_for(20)
        clients.stop()
    return ended, compare(server, clients)


def test_ended_sessions_lose_and_double_nothing(figure: Figure) -> None:
    with fresh() as server:
        server.start()
        ended, found = end_sessions(server)
    figure(
        f"sessions ended every {EVERY} s",
        ended=ended,
        acknowledged=found.acknowledged,
        errors=found.errors,
        lost=found.lost,
        doubled=found.doubled,
        retried=found.retried,
        verify="green" if found.verified else "RED",
    )
    assert found.right
    assert (found.errors, found.gave_up) == (0, 0)
    assert found.retried > 10, "the ended sessions must have been at work"


def test_control_without_retry_callers_see_errors(figure: Figure) -> None:
    with fresh() as server:
        server.start()
        ended, found = end_sessions(server, "--attempts", 0)
    figure("the same without the retry", ended=ended, errors=found.errors, lost=found.lost)
    assert found.errors > 0
    assert found.right, "even so nothing half-done is left"


@pytest.mark.parametrize("fresh_keys", [False, True], ids=["", "control"])
def test_answer_to_commit_lost_then_retried(figure: Figure, fresh_keys: bool) -> None:
    """The line breaks after a COMMIT was done and before its answer, for several clients."""
    with fresh() as server:
        server.start()
        with Proxy(server.home, every=10) as proxy:
            options = ["--clients", 4, "--count", 80, *(["--fresh-keys"] if fresh_keys else [])]
            with load(proxy.url, "--pause", 0.02, *options) as clients:
                proxy.armed = True
                clients.finish()
            found = compare(server, clients)
    figure(
        "answer to COMMIT lost, then retried" + (" with a new key" if fresh_keys else ""),
        answers_lost=proxy.dropped,
        found_again=found.found,
        lost=found.lost,
        doubled=found.doubled,
    )
    assert proxy.dropped >= 10
    assert found.lost == 0
    assert found.attempts == proxy.dropped
    assert (found.doubled == proxy.dropped) if fresh_keys else (found.right and found.found >= 10)
