"""`manage.py demo_signins`: the sign-ins of the demo town again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cms.demo import personas
from cms.demo.build import is_built


class Command(BaseCommand):
    help = "Print who can sign in to the demo town."

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_built():
            raise CommandError(
                "no_demo: " + _("There is no demo town in this database. Build it: manage.py seed_demo")
            )
        self.stdout.write(personas.sign_ins())
