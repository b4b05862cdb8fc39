"""`make stack`: the demo town as several real processes, against the database and broker you name.

gunicorn serves, a Celery worker works, beat keeps time. Ctrl-C stops all three; when one dies, all stop.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.messages import compile_stale

NEEDED = {
    "DATABASE_URL": "the PostgreSQL database, for example postgres://user:secret@host/name",
    "CELERY_BROKER_URL": "the broker, for example redis://host:6379/0 or amqp://user:secret@host//",
}


def environment() -> dict[str, str]:
    """What the processes see; refuses in plain words when a service was not named."""
    missing = [f"  {name}  {meaning}" for name, meaning in NEEDED.items() if not os.environ.get(name)]
    if missing:
        sys.exit(
            "make stack runs on services that you name in the environment. Missing:\n" + "\n".join(missing)
        )
    if not os.environ["DATABASE_URL"].startswith(("postgres", "pgsql")):
        sys.exit(
            "make stack runs on PostgreSQL: DATABASE_URL must begin with postgres:// (for SQLite: make demo)."
        )
    variables = {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "DEBUG": "false",
        "DEMO_NOTICE": "true",
        **os.environ,
    }
    variables.setdefault("MEDIA_ROOT", str(ROOT / "var" / "stack-media"))
    variables.setdefault("PRIVATE_ROOT", str(ROOT / "var" / "stack-private"))
    if "CACHE_URL" not in variables:
        # Rate limits live in the cache, so all processes must share one.
        broker = re.fullmatch(r"redis://(.*?)(?:/(\d+))?", variables["CELERY_BROKER_URL"])
        if broker:
            variables["CACHE_URL"] = f"rediscache://{broker[1]}/{1 if (broker[2] or '0') != '1' else 2}"
        else:
            variables["CACHE_URL"] = f"filecache://{ROOT / 'var' / 'stack-cache'}"
    return variables


def stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the demo town as real processes.")
    parser.add_argument("--port", default="8000")
    options = parser.parse_args()
    variables = environment()
    os.chdir(ROOT)
    compile_stale()
    for command in (
        ["migrate", "--verbosity", "0"],
        ["seed_demo"],
        ["collectstatic", "--noinput", "--verbosity", "0"],
    ):
        print(f"— {' '.join(command)}", flush=True)
        code = subprocess.run([sys.executable, "manage.py", *command], env=variables, check=False).returncode
        if code:
            return code
    address = f"127.0.0.1:{options.port}"
    tools = Path(sys.executable).parent
    celery = [str(tools / "celery"), "-A", "config"]
    commands = {
        "gunicorn": [
            *(str(tools / "gunicorn"), "config.wsgi", "--bind", address, "--no-control-socket"),
            *("--workers", "2", "--threads", "4"),
        ],
        "worker": [*celery, "worker", "--loglevel", "INFO", "--concurrency", "2"],
        "beat": [*celery, "beat", "--loglevel", "INFO", "--pidfile="],
    }
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, stop)
    running: dict[str, subprocess.Popen[bytes]] = {}
    ended = ""
    try:
        for name, line in commands.items():
            # A session of its own: Ctrl-C reaches us alone, and we stop the three in good order.
            running[name] = subprocess.Popen(line, env=variables, start_new_session=True)
        print(f"\nJindou is at http://{address}  (stop: Ctrl-C)", flush=True)
        while not ended:
            time.sleep(0.5)
            ended = next((name for name, process in running.items() if process.poll() is not None), "")
    except KeyboardInterrupt:
        pass
    finally:
        for name in reversed(running):
            if running[name].poll() is None:
                running[name].terminate()
        for process in running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
    if ended:
        print(
            f"{ended} stopped by itself (code {running[ended].returncode}); everything else was stopped too."
        )
        return 1
    print("Stopped.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
