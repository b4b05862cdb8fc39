"""`manage.py verify_ledger`: recompute the books; exit code 1 and the rows when something is wrong."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from points.ledger.verify import verify


class Command(BaseCommand):
    help = "Recompute balances, checkpoints, assertions and seals from the postings."

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        shown = self._show if sys.stderr.isatty() else None
        report = verify(progress=shown)
        for finding in report.findings:
            self.stderr.write(self.style.ERROR(str(finding)))
        summary = (
            f"{report.transactions} transactions, {report.postings} postings, {report.accounts} accounts, "
            f"{report.seals} seals ({report.unsealed} transactions not sealed yet), "
            f"{time.monotonic() - started:.1f} s"
        )
        if not report.ok:
            raise CommandError(f"{len(report.findings)} wrong; {summary}", returncode=1)
        self.stdout.write(self.style.SUCCESS(f"The books are right: {summary}"))

    def _show(self, done: int, total: int) -> None:
        self.stderr.write(f"\rseal {done} of {total}", ending="" if done < total else "\n")
