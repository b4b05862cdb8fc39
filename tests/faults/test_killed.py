"""PostgreSQL killed with `kill -9` under load: nothing that was acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.faults.conftest import Figure
from tests.faults.load import Load, compare, load
from tests.faults.proxy import Proxy
from tests.faults.server import Server, busy, fresh

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("JINDOU_KILLS", "3"))
CLIENTS = int(os.environ.get("JINDOU_CLIENTS", "6"))
WITHIN = 5.0


def kill_under_load(
    server: Server, times: int, *, between: float, hold: bool = False
) -> tuple[Load, list[float]]:
    """Kill and restart the server some times; the seconds from each kill to the next acknowledged write.

    `hold`: the WAL writer gets no turn in the last half second, as may happen on a busy machine.
    """
    with load(server.url, "--clients", CLIENTS, "--seal") as clients:
        clients.wait_for(100)
        pauses = []
        for _kill in range(times):
            time.sleep(between)
            if hold:
                [(writer,)] = server.ask("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
                os.kill(writer, signal.SIGSTOP)
                time.sleep(0.5)
            server.kill()
            began = time.monotonic()
            server.start()
            clients.wait_for(1)
            pauses.append(time.monotonic() - began)
        clients.wait_for(50)
        clients.stop()
    return clients, pauses


def test_killed_server_loses_and_doubles_nothing(figure: Figure) -> None:
    with fresh() as server:
        server.start()
        clients, pauses = kill_under_load(server, KILLS, between=max(30 / KILLS - 3, 2), hold=True)
        found = compare(server, clients)
    figure(
        f"PostgreSQL killed {KILLS} times under {CLIENTS} clients",
        acknowledged=found.acknowledged,
        lost=found.lost,
        doubled=found.doubled,
        negative=found.negative,
        gaps_in_seals=found.gaps,
        retried=found.retried,
        answer_lost_and_found_again=found.found,
        slowest_recovery=f"{max(pauses):.1f} s (machine {busy():.1f} times busy)",
        verify="green" if found.verified else "RED",
    )
    assert found.right
    assert (found.errors, found.gave_up) == (0, 0)
    assert found.retried >= KILLS, "the kills must have hit somebody"
    assert max(pauses) < WITHIN * busy()


def test_control_killed_server_without_synchronous_commit_loses_some(figure: Figure) -> None:
    # What was acknowledged waits in memory for the WAL writer.
    with fresh({"synchronous_commit": "off", "wal_buffers": "16MB"}) as server:
        server.start()
        clients, _pauses = kill_under_load(server, 2, between=3, hold=True)
        found = compare(server, clients)
    figure("the same with synchronous_commit=off", acknowledged=found.acknowledged, lost=found.lost)
    assert found.lost > 0


@pytest.mark.parametrize("fresh_keys", [False, True], ids=["", "control"])
def test_killed_between_commit_and_answer_then_retried(figure: Figure, fresh_keys: bool) -> None:
    """The answer to every tenth COMMIT never arrives: the server is killed at that moment."""
    count = 60
    with fresh() as server:
        server.start()

        def killed() -> None:
            server.kill()
            server.start()

        with Proxy(server.home, every=10, on_drop=killed) as proxy:
            options = ["--clients", 1, "--count", count, *(["--fresh-keys"] if fresh_keys else [])]
            with load(proxy.url, "--pause", 0.02, *options) as clients:
                proxy.armed = True
                clients.finish()
            found = compare(server, clients)
    figure(
        "killed between COMMIT and answer, then retried" + (" with a new key" if fresh_keys else ""),
        answers_lost=proxy.dropped,
        found_again=found.found,
        lost=found.lost,
        doubled=found.doubled,
    )
    assert proxy.dropped >= 3
    assert found.lost == 0
    if fresh_keys:
        assert found.doubled == proxy.dropped
    else:
        assert found.right
        assert found.attempts == proxy.dropped
        assert found.found >= 3
