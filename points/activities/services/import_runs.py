"""An import as a piece of work: uploaded, checked, imported on a second press; left and found again.

The file is kept where no address leads, until the import is done or a week has passed. The task writes its
report in the transaction of the rows that it tells of, so a run that stops goes on from where it stopped,
and a task that is delivered twice, or comes back from the dead, has one effect.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import translation
from kombu.exceptions import OperationalError as BrokerError

from points import clock
from points.activities import errors, tasks
from points.activities.models import Activity, ImportRun
from points.activities.services.import_report import ImportReport, RowReport
from points.activities.services.roster_import import import_roster
from points.activities.services.sheet_reading import MAX_BYTES, read_sheet
from points.activities.storage import SHEETS, PrivateStorage
from points.grids import policies
from points.people import retention
from points.people.models import User
from points.refusals import Refusal

State = ImportRun.State
log = logging.getLogger(__name__)
STOPPED = {
    one.refusal_code: one
    for one in (
        errors.ImportFileGone,
        errors.ImportNotAllowed,
        errors.ImportStopped,
        errors.ImportNotHandedOver,
    )
}


class TakenOver(Exception):
    """Somebody else works at this run now."""


# --- What people do -------------------------------------------------------------------------------------
def upload_sheet(
    activity: Activity, *, data: bytes, name: str, by: User, create_people: bool = False
) -> ImportRun:
    """Keep a sheet and have it checked. A file that is no sheet is refused and not kept.

    Raises:
        ImportNotAllowed; FileTooLarge, UnpacksTooLarge, NotASheet, UnreadableEncoding, NoHeading, NoRows,
        TooManyRows: as `read_sheet`.
    """
    if not policies.can(by, policies.Action.IMPORT_RECORDS, activity.grid):
        raise errors.ImportNotAllowed
    sheet = read_sheet(data)
    run = ImportRun(
        activity=activity,
        uploaded_by=by,
        file_name=name[-120:],
        options={"create_people": create_people, "language": translation.get_language() or ""},
        rows_total=len(sheet.rows),
    )
    run.file.save("", ContentFile(data), save=False)
    try:
        with transaction.atomic():
            run.save()
            hand_over(run)
    except BrokerError:
        not_handed_over(run)
    run.refresh_from_db()
    return run


def check_again(run: ImportRun, *, by: User) -> ImportRun:
    """Look at the stored file once more: people may have registered, seats may have been added.

    Raises:
        ImportBusy, ImportOver, ImportFileGone, ImportNotAllowed.
    """
    return begin(run, by=by, importing=False)


def start_import(run: ImportRun, *, by: User) -> ImportRun:
    """Import the stored file. Pressing twice starts it once; pressed after a stop it goes on.

    Raises:
        ImportBusy: it is still being checked.
        ImportFileGone, ImportNotAllowed.
    """
    return begin(run, by=by, importing=True)


def begin(run: ImportRun, *, by: User, importing: bool) -> ImportRun:
    try:
        with transaction.atomic():
            run = locked(run, by=by)
            if importing and (run.state == State.DONE or (run.state == State.IMPORTING and run.is_working)):
                return run  # the second press of the same button
            if run.is_working:
                raise errors.ImportBusy
            if run.state == State.DONE:
                raise errors.ImportOver
            if not run.file:
                raise errors.ImportFileGone
            if run.was_importing:
                importing = True  # rows may have been written: it can only go on
            elif importing and run.state != State.CHECKED:
                raise errors.ImportBusy  # its check stopped: that comes first
            if not run.was_importing:  # from the first row
                run.rows_done, run.rows, run.report = 0, [], {}
            if importing and not run.was_importing:
                run.import_started_at = clock.now()
            run.state = State.IMPORTING if importing else State.CHECKING
            run.attempt, run.claim, run.failure = run.attempt + 1, "", ""
            run.touched_at, run.finished_at = clock.now(), None
            run.save()
            hand_over(run)
    except BrokerError:
        not_handed_over(run)
    run.refresh_from_db()
    return run


def discard_import(run: ImportRun, *, by: User) -> None:
    """Throw a sheet away that was not imported, with everything noted about it.

    Raises:
        ImportBusy, ImportOver (rows have been written), ImportNotAllowed.
    """
    with transaction.atomic():
        run = locked(run, by=by)
        if run.was_importing:
            raise errors.ImportOver
        if run.is_working:
            raise errors.ImportBusy
        drop_file(run)
        run.delete()


def locked(run: ImportRun, *, by: User) -> ImportRun:
    """The run, locked, if it is theirs and they still may import there."""
    found = (
        ImportRun.objects.select_for_update(of=("self",), no_key=True)
        .select_related("activity__grid")
        .get(pk=run.pk)
    )
    if found.uploaded_by_id != by.pk or not policies.can(
        by, policies.Action.IMPORT_RECORDS, found.activity.grid
    ):
        raise errors.ImportNotAllowed
    return found


def hand_over(run: ImportRun) -> None:
    """To a worker, once this is committed; without a broker the work is done then and there."""
    tasks.run_import.delay_on_commit(run.pk, run.attempt)  # type: ignore[attr-defined]


def not_handed_over(run: ImportRun) -> None:
    """The broker did not take the task: say so, so that it can be started again."""
    log.warning("import %s could not be handed over", run.pk)
    ImportRun.objects.filter(pk=run.pk, attempt=run.attempt, claim="").update(
        state=State.FAILED, failure=errors.ImportNotHandedOver.refusal_code
    )


def drop_file(run: ImportRun) -> None:
    """Forget the file now, delete it when that is certain."""
    name = run.file.name
    run.file = ""
    if name:
        transaction.on_commit(lambda: PrivateStorage().delete(name))


# --- What the worker does -------------------------------------------------------------------------------
def run_import(pk: int, attempt: int) -> str:
    """Do the work of attempt number `attempt`; what is over or was begun anew meanwhile is left alone."""
    claim = secrets.token_hex(16)
    wanted = ImportRun.objects.filter(pk=pk, attempt=attempt, state__in=ImportRun.WORKING)
    if not wanted.update(claim=claim, touched_at=clock.now()):
        return ""
    run = ImportRun.objects.select_related("activity__grid", "uploaded_by").get(pk=pk)
    work = Work(run, claim)
    with translation.override(run.options.get("language") or translation.get_language()):
        try:
            work.do()
        except TakenOver:
            log.info("import %s was taken over", pk)
        except Refusal as refusal:
            work.stop(refusal)
        except Exception:
            log.exception("import %s stopped", pk)
            work.stop(errors.ImportStopped())
    return str(ImportRun.objects.values_list("state", flat=True).get(pk=pk))


class Work:
    """One worker at one run, for as long as it holds the claim."""

    def __init__(self, run: ImportRun, claim: str) -> None:
        self.run, self.claim = run, claim
        self.check = run.state == State.CHECKING
        self.rows: list[Any] = [] if self.check else list(run.rows)
        self.report = ImportReport(self.check, [RowReport.unpacked(row) for row in self.rows])

    def do(self) -> None:
        run, by = self.run, self.run.uploaded_by
        if not policies.can(by, policies.Action.IMPORT_RECORDS, run.activity.grid):
            raise errors.ImportNotAllowed
        sheet = read_sheet(self.data())
        self.report.columns, self.report.ignored = sheet.columns, sheet.ignored
        import_roster(
            run.activity,
            sheet,
            by=by,
            check=self.check,
            create_people=bool(run.options.get("create_people"))
            and policies.can(by, policies.Action.MANAGE_PEOPLE, run.activity.grid),
            keep=self.keep,
            start=len(self.rows),
        )
        with transaction.atomic():
            if not self.check:
                drop_file(run)
            state = State.CHECKED if self.check else State.DONE
            self.write(state=state, finished_at=clock.now(), file=run.file.name or "")

    def data(self) -> bytes:
        try:
            with self.run.file.open("rb") as file:
                return bytes(file.read(MAX_BYTES + 1))
        except (OSError, ValueError) as error:  # no file, or no name of one
            raise errors.ImportFileGone from error

    def keep(self, rows: list[RowReport]) -> None:
        """Note down what became of these rows, in the transaction that wrote them."""
        self.report.rows += rows
        self.rows += [row.packed() for row in rows]
        self.write(rows=self.rows, rows_done=len(self.rows), report=self.report.sums())

    def stop(self, refusal: Refusal) -> None:
        code = refusal.refusal_code if refusal.refusal_code in STOPPED else errors.ImportStopped.refusal_code
        try:
            self.write(state=State.FAILED, failure=code)
        except TakenOver:
            log.info("import %s was taken over", self.run.pk)

    def write(self, **values: Any) -> None:
        """Raises TakenOver when the claim is somebody else's."""
        mine = ImportRun.objects.filter(pk=self.run.pk, claim=self.claim)
        if not mine.update(touched_at=clock.now(), **values):
            raise TakenOver


# --- What beat does -------------------------------------------------------------------------------------
def clean_imports(now: dt.datetime | None = None) -> int:
    """Close runs whose worker died, delete what has been kept long enough; returns how many were touched."""
    moment = now or clock.now()
    dead = ImportRun.objects.filter(
        state__in=ImportRun.WORKING, touched_at__lt=moment - ImportRun.SILENCE
    ).update(state=State.FAILED, failure=errors.ImportStopped.refusal_code, claim="")
    done = dead
    days = retention.terms()
    keep_file = dt.timedelta(days=days["import_files"])
    old = ImportRun.objects.filter(created_at__lt=moment - keep_file).exclude(file="")
    for pk in old.exclude(state__in=ImportRun.WORKING).values_list("pk", flat=True):
        with transaction.atomic():
            run = ImportRun.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
            if run.state not in ImportRun.WORKING:
                drop_file(run)
                run.save(update_fields=["file"])
                done += 1
    keep_rows = dt.timedelta(days=days["import_reports"])
    told = ImportRun.objects.filter(created_at__lt=moment - keep_rows).exclude(state__in=ImportRun.WORKING)
    done += told.exclude(rows=[]).update(rows=[])
    return done + delete_orphans(moment, keep_file)


def delete_orphans(moment: dt.datetime, keep: dt.timedelta) -> int:
    """Sheets of uploads that never came to anything."""
    storage, done = PrivateStorage(), 0
    try:
        names = [f"{SHEETS}/{name}" for name in storage.listdir(SHEETS)[1]]
    except FileNotFoundError:
        return 0
    known = set(ImportRun.objects.exclude(file="").values_list("file", flat=True))
    for name in names:
        try:
            if name not in known and storage.get_modified_time(name) < moment - keep:
                storage.delete(name)
                done += 1
        except FileNotFoundError:  # somebody else was quicker
            continue
    return done
