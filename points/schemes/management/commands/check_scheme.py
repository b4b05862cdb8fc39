"""`manage.py check_scheme FILE…`: every mistake of a scheme with its line and its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from points.schemes import files
from points.schemes.parts.scheme import Rules
from points.schemes.summary import summary


class Command(BaseCommand):
    help = "Check YAML files of schemes; say the rules in plain words."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--acts", type=Path, help="a YAML list of acts to try the last file's rules on")
        parser.add_argument("--words", action="store_true", help="print the rules in plain words")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong, rules = 0, None
        for path in options["files"]:
            rules, _other, mistakes = files.read(text_of(path))
            for mistake in mistakes:
                self.stderr.write(f"{path.name}: {mistake}")
            wrong += len(mistakes)
            if rules is not None:
                self.stdout.write(f"{path.name}: ok")
                if options["words"]:
                    self.stdout.write("\n".join(f"  {line}" for line in summary(rules)))
        if options["acts"] is not None and rules is not None:
            wrong += self.try_acts(options["acts"], rules)
        if wrong:
            raise CommandError(f"{wrong} mistake(s).", returncode=2)

    def try_acts(self, path: Path, rules: Rules) -> int:
        """What each act earns, with its reasons; the number of mistakes."""
        made, mistakes = files.read_acts(text_of(path), rules)
        for line, award in made:
            got = ", ".join(f"{each.points} {each.unit} {each.bucket}" for each in award.amounts) or "nothing"
            self.stdout.write(f"{path.name}: line {line}: {got}")
            self.stdout.write("\n".join(f"  {each}" for each in award.lines))
        for mistake in mistakes:
            self.stderr.write(f"{path.name}: {mistake}")
        return len(mistakes)


def text_of(path: Path) -> str:
    """The text of a file, or a plain reason why there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}") from error
