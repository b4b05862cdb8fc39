"""The peer: django-hordak in a virtual environment under var/, asked through a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import TracebackType
from typing import Any

from tools.bench.clients import Sample
from tools.bench.config import FOLDER, ROOT

VERSION = "2.0.0"
PYTHON = FOLDER / "hordak" / "bin" / "python"


def install() -> None:
    """The virtual environment, made on the first run."""
    if PYTHON.exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    here = PYTHON.parent.parent
    subprocess.run([sys.executable, "-m", "venv", str(here)], check=True)
    wanted = [f"django-hordak=={VERSION}", "psycopg[binary]", "Django>=5.2,<5.3"]
    subprocess.run([str(PYTHON), "-m", "pip", "install", "-q", *wanted], check=True)


def versions() -> str:
    """What runs in that environment."""
    ask = (
        "from importlib.metadata import version as v; "
        "print(', '.join(f'{n} {v(n)}' for n in ('django-hordak', 'Django', 'psycopg')))"
    )
    done = subprocess.run([str(PYTHON), "-c", ask], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Hordak:
    """The other process."""

    def __init__(self, host: str) -> None:
        self.process = subprocess.Popen(
            [str(PYTHON), "-m", "tools.bench.hordak_host"],
            cwd=ROOT,
            env={**os.environ, "BENCH_HOST": host, "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Hordak:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)

    def ask(self, do: str, database: str, **values: Any) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            RuntimeError: the other side failed.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, "database": database, **values}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"hordak: {do}: {answer['error']}")
        return answer

    def measure(self, do: str, database: str, **values: Any) -> Sample:
        return Sample(**self.ask(do, database, **values))
