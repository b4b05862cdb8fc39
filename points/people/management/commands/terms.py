"""`manage.py terms`: how long things are kept; `manage.py terms notices 180` decides otherwise."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from points.people import retention
from points.people.errors import UnknownTerm


class Command(BaseCommand):
    help = "List the terms after which things are erased, or set one (in days)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?")
        parser.add_argument("days", nargs="?", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] is not None:
            try:
                retention.decide(options["code"], days=options["days"])
            except UnknownTerm as refusal:
                raise CommandError(f"{refusal.code}: {refusal.as_text()}") from refusal
        for code, days in retention.terms().items():
            usual = retention.TERMS[code].days
            note = "" if days == usual else f" (usually {usual})"
            self.stdout.write(f"{code:15} {days:5}{note}  {retention.TERMS[code].title}")
