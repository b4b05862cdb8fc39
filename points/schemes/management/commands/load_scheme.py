"""`manage.py load_scheme FILE --grid CODE --effective-from DAY --by USER`: a file becomes a version."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from points.grids.models import GridUnit
from points.people.models import User
from points.refusals import Refusal
from points.schemes import errors, files
from points.schemes.management.commands.check_scheme import text_of
from points.schemes.models import Scheme, SchemeVersion
from points.schemes.parts.scheme import Rules
from points.schemes.services import publish_version


class Command(BaseCommand):
    help = (
        "Check a scheme's YAML file and put it in force from a day. Nothing is written if anything is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--grid", help="code of the grid unit, for a scheme that is new")
        parser.add_argument("--effective-from", type=dt.date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument("--by", help="member number or user name of the person who publishes it")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        rules, other, mistakes = files.read(text_of(path))
        for mistake in mistakes:
            self.stderr.write(f"{path.name}: {mistake}")
        if rules is None:
            raise CommandError(f"{len(mistakes)} mistake(s). Nothing was loaded.", returncode=2)
        day = options["effective_from"] or other.get("effective_from")
        if day is None:
            raise CommandError("From which day? Give --effective-from, or effective_from: in the file.")
        try:
            version = load(rules, grid=options["grid"], day=day, by=person(options["by"]))
        except Refusal as refusal:
            line = other["line"] if "effective_from" in other else 1
            found = files.Mistake(line, 1, refusal)
            raise CommandError(f"{path.name}: {found}", returncode=2) from refusal
        self.stdout.write(f"{version.label} from {version.effective_from}")


def person(name: str | None) -> User | None:
    """The person by member number or user name; nobody when none was named."""
    if name is None:
        return None
    found: User | None = (
        User.objects.filter(number=name).first() or User.objects.filter(username=name).first()
    )
    if found is None:
        raise CommandError(f"There is nobody with the number or name “{name}”.")
    return found


@transaction.atomic
def load(rules: Rules, *, grid: str | None, day: dt.date, by: User | None) -> SchemeVersion:
    """The next version of the scheme named in the file; a new scheme needs a grid unit of its own.

    Refuses with missing_rule (no code), no_grid, grid_taken, and what `publish_version` refuses.
    """
    if not rules.code:
        raise errors.MissingRule(key="code")
    scheme = Scheme.objects.filter(code=rules.code).first()
    if scheme is None:
        unit = GridUnit.objects.filter(code=grid or "").first()
        if unit is None:
            raise errors.NoGrid(code=grid or "")
        taken = Scheme.objects.filter(grid=unit).first()
        if taken is not None:
            raise errors.GridTaken(grid=unit.name, scheme=taken.code)
        scheme = Scheme.objects.create(code=rules.code, name=rules.name.zh[:80], grid=unit)
    return publish_version(scheme, rules=rules, effective_from=day, by=by)
