"""`import_roster FILE --activity CODE`: a sign-in sheet into registrations and service records."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from points.activities import services
from points.activities.models import Activity
from points.activities.services.sheet_reading import MAX_BYTES
from points.grids import policies
from points.people import services as people
from points.refusals import Refusal

BAR = 30


class Command(BaseCommand):
    help = "Import a sign-in sheet (XLSX, or CSV in UTF-8 or GB18030) into an activity, row by row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the sheet")
        parser.add_argument("--activity", required=True, metavar="CODE", help="the activity's code")
        parser.add_argument("--check", action="store_true", help="only report, write nothing")
        parser.add_argument("--by", metavar="USERNAME", help="who imports (the activity's organiser)")
        parser.add_argument(
            "--create-people",
            action="store_true",
            help="make accounts for unknown people with a phone number",
        )
        parser.add_argument("--errors-only", action="store_true", help="print only rows that need attention")

    def handle(self, *args: Any, **options: Any) -> None:
        activity = (
            Activity.objects.select_related("grid", "organiser").filter(code=options["activity"]).first()
        )
        if activity is None:
            raise CommandError(_("There is no activity with the code “%s”.") % options["activity"])
        by = activity.organiser
        if options["by"]:
            found = people.find_person(options["by"])
            if found is None:
                raise CommandError(_("There is nobody with the user name “%s”.") % options["by"])
            by = found
        if not policies.can(by, policies.Action.IMPORT_RECORDS, activity.grid):
            raise CommandError(_("%s may not import sheets for this activity.") % by)
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(str(error)) from error
        try:
            sheet = services.read_sheet(data)
        except Refusal as refusal:
            raise CommandError(f"{refusal.refusal_code}: {refusal.as_text()}") from refusal
        report = services.import_roster(
            activity,
            sheet,
            by=by,
            check=options["check"],
            create_people=options["create_people"],
            progress=self.progress,
        )
        self.tell(report, errors_only=options["errors_only"])
        if report.errors:
            sys.exit(1)

    def progress(self, done: int, total: int) -> None:
        """A bar on a terminal; a line now and then elsewhere."""
        if self.stderr.isatty():
            filled = BAR * done // max(total, 1)
            self.stderr.write(f"\r[{'█' * filled}{'·' * (BAR - filled)}] {done}/{total}", ending="")
            if done >= total:
                self.stderr.write("")
        elif done >= total or done % 1000 == 0:
            self.stderr.write(f"{done}/{total}")

    def tell(self, report: services.ImportReport, *, errors_only: bool) -> None:
        for row in report.rows:
            if errors_only and row.level == "ok":
                continue
            codes = ",".join(note.code for note in row.notes)
            self.stdout.write(f"{row.number:>5}  {row.level:<7}  {codes:<24}  {row.name}  {row.sentence}")
        if report.ignored:
            self.stdout.write(_("Columns not used: %s") % ", ".join(report.ignored))
        summary = _(
            "%(rows)s rows: %(recorded)s recorded, %(already)s already there, %(warnings)s with a remark, "
            "%(errors)s refused; %(minutes)s minutes, %(beans)s beans."
        )
        self.stdout.write(
            summary
            % {
                "rows": len(report.rows),
                "recorded": report.recorded,
                "already": report.already,
                "warnings": report.warnings,
                "errors": report.errors,
                "minutes": report.minutes,
                "beans": report.beans,
            }
        )
        if report.check:
            self.stdout.write(_("Only checked: nothing has been written."))
