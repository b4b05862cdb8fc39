"""`manage.py seed_demo`: build the demo town in an empty database."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from cms.demo import personas
from cms.demo.build import SEED, build_town, is_built
from points.grids.models import GridUnit
from points.people.models import User


@contextmanager
def without_query_log() -> Iterator[None]:
    """With DEBUG Django keeps every statement in memory, and on SQLite quotes it by another one."""
    debug, settings.DEBUG = settings.DEBUG, False
    try:
        yield
    finally:
        settings.DEBUG = debug


class Command(BaseCommand):
    help = "Build the demo town (--small: 裴村 alone) in an empty database, and print who can sign in."

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--small", action="store_true", help="裴村 alone: 5 grids, 20 micro-grids")
        parser.add_argument("--seed", type=int, default=SEED, help="another town of the same kind")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        if is_built():
            self.stdout.write(_("The demo town is already here."))
        else:
            if User.objects.exists() or GridUnit.objects.exists():
                sentence = _("This database has people or places already. The demo town needs an empty one.")
                raise CommandError(f"not_empty: {sentence}")
            for noisy in ("django_tasks", "wagtail"):  # a line for every picture and page
                logging.getLogger(noisy).setLevel(logging.WARNING)
            started = time.monotonic()
            with without_query_log():
                town = build_town(small=options["small"], seed=options["seed"], quiet=options["quiet"])
            self.stdout.write(
                _("Built %(units)s places, %(people)s people and %(activities)s activities in %(seconds)s s.")
                % {
                    "units": town.units,
                    "people": town.people,
                    "activities": town.activities,
                    "seconds": round(time.monotonic() - started),
                }
            )
            if options["verbosity"] > 1:
                self.stdout.write(f"refused on the way: {dict(town.refusals)}")
            call_command("verify_ledger", stdout=self.stdout, stderr=sys.stderr)
        self.stdout.write("\n" + _("Who can sign in:"))
        self.stdout.write(personas.sign_ins())
