"""Everything static, two checks at a time: style, types, walls, migrations, translations, templates."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PLAIN = {"DATABASE_URL": f"sqlite:///{ROOT / 'var' / 'check.sqlite3'}", "CELERY_BROKER_URL": ""}
DEPLOY = {
    **PLAIN,
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "jindou.example",
    "STAFF_SECOND_FACTOR": "true",
}
MANAGE = [sys.executable, "manage.py"]
CHECKS: list[tuple[str, list[str], dict[str, str]]] = [
    ("types", [str(BIN / "mypy")], PLAIN),
    ("style", [str(BIN / "ruff"), "check", "."], {}),
    ("format", [str(BIN / "ruff"), "format", "--check", "."], {}),
    ("walls between rooms", [str(BIN / "lint-imports"), "--no-cache"], {}),
    ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], PLAIN),
    ("production settings", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], DEPLOY),
    ("translations", [sys.executable, "tools/messages.py", "--check"], {}),
    ("templates", [str(BIN / "djlint"), "templates", "--lint", "--quiet"], {}),
]


def run(check: tuple[str, list[str], dict[str, str]]) -> tuple[str, int, str, float]:
    name, command, extra = check
    start = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **extra}, capture_output=True, text=True, check=False
    )
    return name, done.returncode, (done.stdout + done.stderr).strip(), time.monotonic() - start


def main() -> int:
    (ROOT / "var").mkdir(exist_ok=True)
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, code, output, seconds in pool.map(run, CHECKS):
            print(f"{'FAILED' if code else 'ok':6} {name} ({seconds:.0f} s)", flush=True)
            if code:
                failed.append(name)
                print(output + "\n", flush=True)
    print("check: " + (f"failed: {', '.join(failed)}" if failed else "all good"))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
