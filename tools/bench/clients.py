"""Clients are processes: forked, started together, stopped by the clock, every call timed.

Only the standard library is used here, because the peer in its own virtual environment runs it as well.
"""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Step = Callable[[], Any]
Prepare = Callable[[], Step]
"""Runs inside the client: connects, loads what it needs, and returns the call to be measured."""

WARM_UP = 10


@dataclass(frozen=True)
class Sample:
    """One measurement: calls (or things) per second, and milliseconds per call."""

    rate: float
    p50: float
    p99: float
    count: int


def sample_of(latencies: list[float], seconds: float, per_call: int = 1) -> Sample:
    """What some calls, each of so many seconds and together `seconds` long, come to."""
    ordered = sorted(latencies)

    def at(share: float) -> float:
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Sample(per_call * len(ordered) / seconds, at(0.5), at(0.99), len(ordered))


def measure(prepare: Prepare, *, clients: int, seconds: float) -> Sample:
    """Run `clients` processes that repeat a step for `seconds`.

    Raises:
        RuntimeError: a client failed; its traceback is the message.
    """
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(clients)
    started: list[tuple[Any, Connection]] = []
    for _number in range(clients):
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_client, args=(prepare, seconds, barrier, sender))
        process.start()
        sender.close()
        started.append((process, receiver))
    latencies: list[float] = []
    starts, ends, failures = [], [], []
    for process, receiver in started:
        answer = receiver.recv()
        process.join()
        if isinstance(answer, str):
            failures.append(answer)
            continue
        start, end, raw = answer
        starts.append(start)
        ends.append(end)
        latencies.extend(array("d", raw))
    if failures:
        raise RuntimeError(failures[0])
    return sample_of(latencies, max(ends) - min(starts))


def _client(prepare: Prepare, seconds: float, barrier: Any, sender: Connection) -> None:
    try:
        step = prepare()
        for _unused in range(WARM_UP):
            step()
        barrier.wait(60)
        sender.send(_repeat(step, seconds))
    except BaseException:
        barrier.abort()
        sender.send(traceback.format_exc())
    finally:
        sender.close()
        os._exit(0)  # the parent's connections and handlers are not ours to close


def _repeat(step: Step, seconds: float) -> tuple[float, float, bytes]:
    latencies = array("d")
    start = now = time.perf_counter()
    deadline = start + seconds
    while now < deadline:
        before = now
        step()
        now = time.perf_counter()
        latencies.append(now - before)
    return start, now, latencies.tobytes()


def timed(step: Step, repeat: int, warm_up: int = 3) -> Sample:
    """One client in this process, so many calls."""
    for _unused in range(warm_up):
        step()
    latencies = []
    for _unused in range(repeat):
        before = time.perf_counter()
        step()
        latencies.append(time.perf_counter() - before)
    return sample_of(latencies, sum(latencies))


def processor(*pids: int) -> float:
    """Seconds of the processor these processes have taken so far."""
    ticks = 0
    for pid in pids:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        ticks += sum(map(int, stat.rsplit(") ", 1)[1].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def charged(step: Step, backend: int, repeat: int, per_call: int = 1, warm_up: int = 5) -> Sample:
    """Things done per second of processor time, of this process and its server process together.

    Waiting costs nothing here, so a machine that is busy with something else changes little.
    """
    for _unused in range(warm_up):
        step()
    before = time.process_time() + processor(backend)
    for _unused in range(repeat):
        step()
    each = (time.process_time() + processor(backend) - before) / repeat
    return Sample(per_call / each, 1000 * each, 1000 * each, repeat)
