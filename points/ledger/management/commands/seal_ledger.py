"""`manage.py seal_ledger`: seal what is committed and not sealed yet (what beat does every minute)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from points.ledger.sealing import seal_pending


class Command(BaseCommand):
    help = "Seal committed transactions."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{seal_pending()} transactions sealed")
