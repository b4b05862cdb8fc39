"""`manage.py export_ledger --format beancount|hledger|jsonl [--output FILE]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from points.ledger.export import FORMATS, write


class Command(BaseCommand):
    help = "Write the whole ledger for another program to read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=FORMATS, required=True)
        parser.add_argument("--output", type=Path, help="a file; standard output without it")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path | None = options["output"]
        if target is None:
            write(options["format"], self.stdout)  # type: ignore[arg-type]
            return
        with target.open("w", encoding="utf-8") as out:
            count = write(options["format"], out)
        self.stderr.write(f"{count} transactions written to {target}")
