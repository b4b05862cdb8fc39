"""Celery workers killed in the middle of a task, and tasks delivered five times, on real brokers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from celery import Celery

from tests.faults import broker
from tests.faults.broker import Worker, wait_until
from tests.faults.conftest import Figure
from tests.faults.load import verified
from tests.faults.server import FAST, ROOT, Server, busy, environment, fresh

pytestmark = pytest.mark.slow
VISIBILITY = 6
GRACE = 20.0
"""Seconds beyond the visibility time-out for handing the task on and doing it, on a busy machine."""


@dataclass
class Work:
    """A background task in the middle of which a worker can be killed."""

    task: str
    prepare: tuple[str, int]
    done: str
    """How much of it is done."""
    all_of_it: int


WORKS = {
    "seal_pending": Work("ledger.seal_pending", ("unsealed", 16_000), "SELECT count(*) FROM ledger_seal", 8),
    "release_due": Work(
        "records.release_due",
        ("in_notice", 120),
        "SELECT count(*) FROM ledger_transaction WHERE kind = 'release'",
        120,
    ),
}


def brokers() -> list[str]:
    found = ["redis", "rabbitmq"]
    return [*found, "given"] if os.environ.get("CELERY_BROKER_URL") else found


@contextmanager
def running(name: str) -> Iterator[str]:
    """The address of a broker."""
    if name == "given":
        yield os.environ["CELERY_BROKER_URL"]
        return
    if name == "redis" and broker.redis_binary() is None:
        pytest.skip("SKIPPED, NOT PASSED: no redis-server here (apt-get install redis-server)")
    if name == "rabbitmq" and broker.rabbit_binary() is None:
        pytest.skip("SKIPPED, NOT PASSED: no rabbitmq-server here (apt-get install rabbitmq-server)")
    with broker.redis() if name == "redis" else broker.rabbit() as url:
        yield url


class Shop:
    """A database, a broker and workers."""

    def __init__(self, server: Server, url: str, folder: Path, stack: ExitStack) -> None:
        self.server, self.url, self.folder, self.stack = server, url, folder, stack
        self.queue = f"jindou-faults-{uuid.uuid4().hex[:8]}"
        self.hired = 0

    def prepare(self, what: str, count: int) -> None:
        subprocess.run(
            [sys.executable, "-m", "tests.faults.town", what, str(count)],
            cwd=ROOT,
            env=environment(self.server.url),
            check=True,
        )

    def worker(self, **variables: str) -> Worker:
        self.hired += 1
        known = {"JINDOU_QUEUE": self.queue, "JINDOU_VISIBILITY": str(VISIBILITY), **variables}
        made = Worker(self.server.url, self.url, self.folder / f"worker{self.hired}", **known)
        self.stack.callback(made.stop)
        return made

    def send(self, task: str, *arguments: object, times: int = 1) -> None:
        with Celery(broker=self.url) as app:
            for _time in range(times):
                app.send_task(task, args=arguments, queue=self.queue)

    def count(self, query: str) -> int:
        return int(self.server.ask(query)[0][0])


@contextmanager
def shop(name: str, folder: Path) -> Iterator[Shop]:
    with running(name) as url, fresh(FAST) as server, ExitStack() as stack:
        server.start()
        yield Shop(server, url, folder, stack)


def kill_in_the_middle(here: Shop, work: Work, *, child_only: bool = False, **variables: str) -> int:
    """Kill the worker when a part of the task is done; how much that was."""
    here.prepare(*work.prepare)
    before = here.count(work.done)
    first = here.worker(**variables)
    first.wait_ready()
    here.send(work.task)
    wait_until(lambda: here.count(work.done) > before, 120, "the task has begun")
    if child_only:
        first.kill_child()
    else:
        first.kill()
    done = here.count(work.done)
    assert done < work.all_of_it, "it was killed too late: the task had ended"
    return done


@pytest.mark.parametrize("name", brokers())
@pytest.mark.parametrize("what", WORKS)
def test_killed_workers_task_is_done_once(figure: Figure, tmp_path: Path, name: str, what: str) -> None:
    work = WORKS[what]
    with shop(name, tmp_path) as here:
        done = kill_in_the_middle(here, work)
        began = time.monotonic()
        here.worker()
        within = VISIBILITY + GRACE * busy()
        wait_until(
            lambda: here.count(work.done) >= work.all_of_it, within, "the other worker has finished it"
        )
        seconds = time.monotonic() - began
        time.sleep(VISIBILITY + 3)  # were it delivered once more, it would show now
        after = here.count(work.done)
        right = verified(here.server)
    figure(
        f"worker killed in {what} on {name}",
        done_before=done,
        done_after=f"{after} of {work.all_of_it}",
        finished_after=f"{seconds:.0f} s (time-out {VISIBILITY} s, machine {busy():.1f} times busy)",
        verify="green" if right else "RED",
    )
    assert after == work.all_of_it
    assert right


@pytest.mark.parametrize("name", brokers())
def test_control_acknowledged_early_the_task_is_lost(figure: Figure, tmp_path: Path, name: str) -> None:
    work = WORKS["seal_pending"]
    with shop(name, tmp_path) as here:
        done = kill_in_the_middle(here, work, JINDOU_ACKS="early")
        here.worker(JINDOU_ACKS="early").wait_ready()
        time.sleep(VISIBILITY + 8)
        after = here.count(work.done)
    figure(
        f"the same, acknowledged early, on {name}",
        done_before=done,
        done_after=f"{after} of {work.all_of_it}",
    )
    assert after < work.all_of_it


def test_killed_pool_process_hands_its_task_back(figure: Figure, tmp_path: Path) -> None:
    """Only the process of the pool is killed (out of memory, say); its worker lives and takes another."""
    work = WORKS["seal_pending"]
    with shop("redis", tmp_path) as here:
        done = kill_in_the_middle(here, work, child_only=True)
        seconds = wait_until(
            lambda: here.count(work.done) >= work.all_of_it, VISIBILITY + GRACE * busy(), "it is finished"
        )
        right = verified(here.server)
    figure("pool process killed", done_before=done, finished_after=f"{seconds:.0f} s", verify="green")
    assert right


@pytest.mark.parametrize("name", brokers())
def test_five_deliveries_have_one_effect(figure: Figure, tmp_path: Path, name: str) -> None:
    """Each task five times, three workers at once; and the control: the same without a key of its cause."""
    effects = {
        "ledger.seal_pending": ("SELECT count(*) FROM ledger_transaction WHERE seal_id IS NULL", 0),
        "ledger.lapse_due": ("SELECT count(*) FROM ledger_transaction WHERE kind = 'lapse'", 30),
        "ledger.close_month": (
            "SELECT count(*) - count(DISTINCT (account_id, before)) FROM ledger_assertion",
            0,
        ),
        "records.release_due": ("SELECT count(*) FROM ledger_transaction WHERE kind = 'release'", 30),
        "faults.careful": ("SELECT count(*) FROM ledger_transaction WHERE key = 'award:x'", 1),
        "faults.careless": ("SELECT count(*) FROM ledger_transaction WHERE key LIKE 'award:y:%'", 5),
    }
    with shop(name, tmp_path) as here:
        here.prepare("in_notice", 30)
        here.prepare("overdue", 30)
        workers = [here.worker() for _each in range(3)]
        for one in workers:
            one.wait_ready()
        for task in ("ledger.lapse_due", "records.release_due", "ledger.close_month"):
            here.send(task, times=5)
        here.send("faults.careful", "x", times=5)
        here.send("faults.careless", "y", times=5)

        def ended() -> int:
            logs = "".join(one.log.read_text(errors="replace") for one in workers)
            return logs.count(" succeeded in ") + logs.count(" raised unexpected: ")

        wait_until(lambda: ended() >= 25, 300, "all have been worked on")
        here.send("ledger.seal_pending", times=5)
        wait_until(lambda: ended() >= 30, 300, "all is sealed")
        counts = {task: here.count(query) for task, (query, _expected) in effects.items()}
        right = verified(here.server)
    careless = counts.pop("faults.careless")
    wrong = [task for task, count in counts.items() if count != effects[task][1]]
    figure(f"five deliveries on {name}", tasks=len(counts), with_more_than_one_effect=len(wrong))
    figure(f"  control: a task without a key, five deliveries on {name}", effects=careless)
    assert wrong == []
    assert careless == 5
    assert right
