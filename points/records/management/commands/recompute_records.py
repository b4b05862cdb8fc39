"""`manage.py recompute_records --month 2026-10`: the month again from the facts; 1 when anything differs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from points.records.recompute import recompute_month


class Command(BaseCommand):
    help = "Recompute a month of service records from their facts and compare records and ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", required=True, help="For example 2026-10.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            first = dt.date.fromisoformat(f"{options['month']}-01")
        except ValueError:
            raise CommandError("A month is written like 2026-10.") from None
        outcome = recompute_month(first)
        for difference in outcome.differences:
            self.stdout.write(str(difference))
        self.stdout.write(
            f"{options['month']}: {outcome.records} versions of records, {outcome.minutes} minutes, "
            f"{outcome.beans} beans, {len(outcome.differences)} differences"
        )
        if outcome.differences:
            raise CommandError("The month does not follow from its facts.", returncode=1)
