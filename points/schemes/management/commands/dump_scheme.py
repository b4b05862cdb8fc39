"""`manage.py dump_scheme CODE [--version N]`: a version as YAML; `--schema` prints the JSON Schema."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from points.schemes import files
from points.schemes.models import SchemeVersion
from points.schemes.parts import codec
from points.schemes.parts.scheme import Rules


def json_schema() -> str:
    """The published JSON Schema of a scheme's file, as text."""
    described = codec.schema(Rules)
    properties = described["$defs"]["Rules"]["properties"]
    properties["effective_from"] = {"type": "string", "format": "date"}
    described["title"] = "A Jindou scheme"
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"


class Command(BaseCommand):
    help = "Print a scheme version as YAML, or the JSON Schema of such files."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django has a --version of its own; here it means the version of the rules."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", metavar="CODE")
        parser.add_argument("--version", type=int, dest="number", metavar="N", help="default: the newest")
        parser.add_argument("--schema", action="store_true", help="print the JSON Schema and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(json_schema(), ending="")
            return
        versions = SchemeVersion.objects.filter(scheme__code=options["code"] or "").order_by("-number")
        if options["number"] is not None:
            versions = versions.filter(number=options["number"])
        version = versions.select_related("scheme").first()
        if version is None:
            raise CommandError("There is no such scheme or version.")
        day = version.effective_from.isoformat()
        self.stdout.write(
            f"# {version.label}\n" + files.write(version.as_rules(), effective_from=day), ending=""
        )
