"""An import as a piece of work: checked, pressed, left, found again, stopped, gone on with, never doubled."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from kombu.exceptions import OperationalError as BrokerError

from points import clock
from points.activities import errors, services, tasks
from points.activities.models import ImportRun, Position, Registration
from points.activities.services import import_runs, roster_import
from points.activities.storage import SHEETS, PrivateStorage
from points.grids.models import Role, RoleAssignment
from points.grids.policies import forget
from points.people.models import User
from points.records.models import ServiceRecord
from tests.activities.conftest import Scene
from tests.activities.sheets import csv_bytes, xlsx
from tests.factories import make_user, make_volunteer

State = ImportRun.State
pytestmark = pytest.mark.usefixtures("budget")
HEAD = ["姓名", "手机", "签到", "签退"]
WANG = ["王秀英", "13800000002", "9:00", "11:00"]
ZHAO = ["赵大海", "13800000003", "9:00", "11:00"]
NOBODY = ["没有人", "13911112222", "9:00", "11:00"]
Commits = Callable[[], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def after(scene: Scene, clock_at: Callable[[str], dt.datetime], settings: Any, tmp_path: Path) -> None:
    """Monday evening, the shift is over; ten seats; no sheet of an earlier test."""
    settings.PRIVATE_ROOT = tmp_path / "private"
    clock_at("2026-11-23 18:00")
    Position.objects.filter(pk=scene.position.pk).update(capacity=10)


@pytest.fixture
def desk(scene: Scene, client: Client) -> Client:
    client.force_login(scene.organiser)
    return client


@pytest.fixture
def worker(django_capture_on_commit_callbacks: Callable[..., Any]) -> Commits:
    """`with worker():` does at its end what was handed to a worker within it."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def two_by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows a chunk."""
    monkeypatch.setattr(roster_import, "CHUNK", 2)


def kept() -> list[Path]:
    folder = Path(settings.PRIVATE_ROOT) / SHEETS
    return sorted(folder.iterdir()) if folder.exists() else []


def upload(scene: Scene, *rows: list[str], by: User | None = None, create_people: bool = False) -> ImportRun:
    return services.upload_sheet(
        scene.activity,
        data=xlsx([HEAD, *rows]),
        name="签到表.xlsx",
        by=by or scene.organiser,
        create_people=create_people,
    )


def checked(scene: Scene, worker: Commits, *rows: list[str], **options: object) -> ImportRun:
    with worker():
        run = upload(scene, *rows, **options)  # type: ignore[arg-type]
    run.refresh_from_db()
    assert run.state == State.CHECKED
    return run


def pressed(scene: Scene, worker: Commits, run: ImportRun) -> ImportRun:
    with worker():
        services.start_import(run, by=scene.organiser)
    run.refresh_from_db()
    return run


def crowd(number: int) -> list[list[str]]:
    people = [make_volunteer(name=f"邻居{n}", phone=f"1390000{n:04}") for n in range(number)]
    return [[person.name, str(person.phone), "9:00", "11:00"] for person in people]


# --- From the first press to the last -------------------------------------------------------------------
def test_upload_is_checked_and_nothing_is_written(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, WANG, NOBODY)
    assert (run.rows_done, run.rows_total, run.report["recorded"], run.report["errors"]) == (2, 2, 1, 1)
    assert [row[3][0][0] for row in run.rows] == ["would_record", "unknown_person"]
    assert not Registration.objects.exists()
    assert run.import_started_at is None


def test_second_press_imports_the_stored_file(scene: Scene, worker: Commits) -> None:
    run = pressed(scene, worker, checked(scene, worker, WANG, NOBODY))
    assert (run.state, run.report["recorded"], run.report["check"]) == (State.DONE, 1, False)
    assert ServiceRecord.objects.get().volunteer == scene.volunteer
    assert (run.file.name, kept(), run.finished_at) == ("", [], clock.now())


def test_file_is_private(scene: Scene) -> None:
    run = upload(scene, WANG)
    [path] = kept()
    assert path.name == (run.file.name or "").removeprefix(f"{SHEETS}/")
    assert len(path.name) == 32
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(path.parent).st_mode) == 0o700
    assert Path(settings.MEDIA_ROOT) not in path.parents
    with pytest.raises(ValueError, match="no address"):
        _ = run.file.url


def test_private_folder_inside_the_public_one_is_an_error(settings: Any) -> None:
    from points.activities.checks import private_is_private

    assert private_is_private(None) == []
    settings.PRIVATE_ROOT = Path(settings.MEDIA_ROOT) / "private"
    assert [error.id for error in private_is_private(None)] == ["activities.E001"]


def test_bar_moves_chunk_by_chunk(
    scene: Scene, worker: Commits, two_by_two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []
    write = import_runs.Work.write

    def look(work: import_runs.Work, **values: object) -> None:
        write(work, **values)
        row = ImportRun.objects.get(pk=work.run.pk)
        seen.append((row.state, row.rows_done))

    monkeypatch.setattr(import_runs.Work, "write", look)
    pressed(scene, worker, checked(scene, worker, *crowd(5)))
    bar = [(State.CHECKING, 2), (State.CHECKING, 4), (State.CHECKING, 5), (State.CHECKED, 5)]
    assert seen[:4] == bar
    assert seen[4:] == [(State.IMPORTING, 2), (State.IMPORTING, 4), (State.IMPORTING, 5), (State.DONE, 5)]


def test_same_sheet_twice_records_once(scene: Scene, worker: Commits) -> None:
    pressed(scene, worker, checked(scene, worker, WANG, ZHAO))
    again = pressed(scene, worker, checked(scene, worker, WANG, ZHAO))
    assert (again.report["recorded"], again.report["already"]) == (0, 2)
    assert ServiceRecord.objects.count() == 2


def test_check_again_sees_what_has_changed(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, NOBODY)
    assert run.report["errors"] == 1
    make_volunteer(name="没有人", phone="13911112222")
    with worker():
        services.check_again(run, by=scene.organiser)
    run.refresh_from_db()
    assert (run.state, run.report["errors"], run.report["recorded"], len(run.rows)) == (
        State.CHECKED,
        0,
        1,
        1,
    )


def test_words_are_in_the_language_of_the_upload(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    assert run.options["language"] == "zh-hans"


# --- Delivered twice, killed, taken over ------------------------------------------------------------------
def test_second_delivery_does_nothing(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    first = run.attempt
    assert tasks.run_import(run.pk, first) == ""
    pressed(scene, worker, run)
    for attempt in (first, run.attempt, run.attempt + 1):
        assert tasks.run_import(run.pk, attempt) == ""
    assert (ServiceRecord.objects.count(), ImportRun.objects.get().state) == (1, State.DONE)


def test_late_check_does_not_import(scene: Scene, worker: Commits) -> None:
    """The check's task comes a second time, after the import was pressed but before its worker has begun."""
    run = checked(scene, worker, WANG)
    first = run.attempt
    services.start_import(run, by=scene.organiser)
    assert tasks.run_import(run.pk, first) == ""
    assert not ServiceRecord.objects.exists()


def test_two_presses_start_it_once(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    for _press in range(2):
        services.start_import(run, by=scene.organiser)
    run.refresh_from_db()
    assert run.attempt == 2
    pressed(scene, worker, run)
    assert run.attempt == 2


def test_killed_worker_goes_on_where_it_stopped(
    scene: Scene, worker: Commits, two_by_two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the third chunk: four rows are there with their report, the delivery after it does one."""
    run = checked(scene, worker, *crowd(5))
    services.start_import(run, by=scene.organiser)
    run.refresh_from_db()
    keep = import_runs.Work.keep

    def killed(work: import_runs.Work, rows: list[object]) -> None:
        if len(work.rows) == 4:
            raise KeyboardInterrupt
        keep(work, rows)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(import_runs.Work, "keep", killed)
        with pytest.raises(KeyboardInterrupt):
            tasks.run_import(run.pk, run.attempt)
    run.refresh_from_db()
    assert (run.state, run.rows_done, ServiceRecord.objects.count()) == (State.IMPORTING, 4, 4)
    assert tasks.run_import(run.pk, run.attempt) == State.DONE
    run.refresh_from_db()
    assert (run.report["recorded"], run.report["already"], run.report["rows"]) == (5, 0, 5)
    assert ServiceRecord.objects.count() == 5
    scene.position.refresh_from_db()
    assert scene.position.seats_taken == 5


def test_worker_that_was_thought_dead_writes_nothing(
    scene: Scene, worker: Commits, two_by_two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it sleeps in its second chunk another delivery does everything; then it wakes up."""
    run = checked(scene, worker, *crowd(4))
    services.start_import(run, by=scene.organiser)
    run.refresh_from_db()
    claims: list[str] = []
    keep = import_runs.Work.keep

    def overtaken(work: import_runs.Work, rows: list[object]) -> None:
        claims.append(work.claim)
        if len(claims) == 2:
            work.claim = "one that no longer counts"
        keep(work, rows)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(import_runs.Work, "keep", overtaken)
        tasks.run_import(run.pk, run.attempt)
    run.refresh_from_db()
    assert (run.state, run.rows_done, ServiceRecord.objects.count()) == (State.IMPORTING, 2, 2)
    assert tasks.run_import(run.pk, run.attempt) == State.DONE
    assert ServiceRecord.objects.count() == 4


def test_fault_stops_it_and_it_can_be_started_again(
    scene: Scene, worker: Commits, two_by_two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = checked(scene, worker, *crowd(3))
    count = roster_import.Run.count_seats
    with monkeypatch.context() as patch:

        def broken(_run: object) -> None:
            if ServiceRecord.objects.count() > 2:
                raise RuntimeError("disk full")
            count(_run)  # type: ignore[arg-type]

        patch.setattr(roster_import.Run, "count_seats", broken)
        pressed(scene, worker, run)
    assert (run.state, run.failure, run.rows_done) == (State.FAILED, "import_stopped", 2)
    assert ServiceRecord.objects.count() == 2
    pressed(scene, worker, run)
    assert (run.state, run.failure, run.report["recorded"]) == (State.DONE, "", 3)


def test_stopped_check_is_checked_first(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    ImportRun.objects.update(state=State.FAILED, failure="import_stopped")
    with pytest.raises(errors.ImportBusy):
        services.start_import(run, by=scene.organiser)
    with worker():
        services.check_again(run, by=scene.organiser)
    run.refresh_from_db()
    assert (run.state, run.failure) == (State.CHECKED, "")


@pytest.mark.django_db(transaction=True)
def test_broker_away_is_said_and_it_can_be_started_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_options: object) -> None:
        raise BrokerError("no route to the broker")

    with monkeypatch.context() as patch:
        patch.setattr(tasks.run_import, "apply_async", away)
        run = upload(scene, WANG)
        assert (run.state, run.failure, len(kept())) == (State.FAILED, "import_not_handed_over", 1)
    assert services.check_again(run, by=scene.organiser).state == State.CHECKED
    assert services.start_import(run, by=scene.organiser).state == State.DONE


# --- Refused --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7", "not_a_sheet"),
        (b"\x00\x01\x02 text", "unreadable_encoding"),
        (csv_bytes([["a", "b"]]), "no_heading"),
        (csv_bytes([HEAD]), "no_rows"),
        (csv_bytes([HEAD, *[WANG] * 5001]), "too_many_rows"),
        (b"x" * (5 * 1024 * 1024 + 1), "file_too_large"),
    ],
)
def test_refused_file_is_not_kept(scene: Scene, data: bytes, code: str) -> None:
    with pytest.raises(errors.SheetRefusal) as refused:
        services.upload_sheet(scene.activity, data=data, name="x", by=scene.organiser)
    assert refused.value.refusal_code == code
    assert (ImportRun.objects.count(), kept()) == (0, [])


def test_upload_without_the_right(scene: Scene) -> None:
    with pytest.raises(errors.ImportNotAllowed):
        upload(scene, WANG, by=scene.volunteer)


def test_right_lost_before_the_work(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    services.start_import(run, by=scene.organiser)
    RoleAssignment.objects.filter(user=scene.organiser).update(to_on=clock.today() - dt.timedelta(days=1))
    run.refresh_from_db()
    tasks.run_import(run.pk, run.attempt)
    run.refresh_from_db()
    assert (run.state, run.failure) == (State.FAILED, "import_not_allowed")
    assert not ServiceRecord.objects.exists()
    forget(scene.organiser)
    with pytest.raises(errors.ImportNotAllowed):
        services.start_import(run, by=scene.organiser)


def test_nobody_presses_for_somebody_else(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    colleague = make_user(role=Role.ORGANISER, grid=scene.town.community)
    for verb in (services.start_import, services.check_again, services.discard_import):
        with pytest.raises(errors.ImportNotAllowed):
            verb(run, by=colleague)


def test_busy_while_it_is_worked_on(scene: Scene) -> None:
    run = upload(scene, WANG)  # no worker has come yet
    for verb in (services.start_import, services.check_again, services.discard_import):
        with pytest.raises(errors.ImportBusy):
            verb(run, by=scene.organiser)


def test_over_when_it_is_done(scene: Scene, worker: Commits) -> None:
    run = pressed(scene, worker, checked(scene, worker, WANG))
    for verb in (services.check_again, services.discard_import):
        with pytest.raises(errors.ImportOver):
            verb(run, by=scene.organiser)


def test_file_that_is_gone(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    kept()[0].unlink()
    pressed(scene, worker, run)
    assert (run.state, run.failure) == (State.FAILED, "import_file_gone")
    ImportRun.objects.update(file="")
    with pytest.raises(errors.ImportFileGone):
        services.start_import(run, by=scene.organiser)


def test_discard_leaves_nothing(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    with worker():
        services.discard_import(run, by=scene.organiser)
    assert (ImportRun.objects.count(), kept()) == (0, [])


def test_accounts_only_by_managers_of_people(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, NOBODY, create_people=True)
    assert run.report["errors"] == 1
    worker_of_community = make_user(role=Role.COMMUNITY_WORKER, grid=scene.town.community)
    run = checked(scene, worker, NOBODY, create_people=True, by=worker_of_community)
    with worker():
        services.start_import(run, by=worker_of_community)
    assert User.objects.get(phone="13911112222").name == "没有人"


# --- Swept ------------------------------------------------------------------------------------------------
def test_silent_run_is_closed_and_can_go_on(scene: Scene, worker: Commits) -> None:
    run = upload(scene, WANG)
    with clock.at(clock.now() + dt.timedelta(minutes=9)):
        assert tasks.clean_imports() == 0
    with clock.at(clock.now() + dt.timedelta(minutes=11)):
        assert run.is_silent
        assert tasks.clean_imports() == 1
        run.refresh_from_db()
        assert (run.state, run.failure) == (State.FAILED, "import_stopped")
        with worker():
            services.check_again(run, by=scene.organiser)
    run.refresh_from_db()
    assert run.state == State.CHECKED


def test_silent_run_can_be_started_before_the_sweep(scene: Scene, worker: Commits) -> None:
    run = upload(scene, WANG)
    with clock.at(clock.now() + dt.timedelta(minutes=11)), worker():
        services.check_again(run, by=scene.organiser)
    run.refresh_from_db()
    assert run.state == State.CHECKED


def test_file_is_kept_for_a_week_and_the_rows_for_a_month(scene: Scene, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    for days, files, rows in [(6, 1, 1), (8, 0, 1), (31, 0, 0)]:
        with clock.at(clock.now() + dt.timedelta(days=days)), worker():
            tasks.clean_imports()
        run.refresh_from_db()
        assert (len(kept()), len(run.rows)) == (files, rows)
    assert run.report["recorded"] == 1


def test_file_without_a_run_is_swept(scene: Scene) -> None:
    run = upload(scene, WANG)
    stray = PrivateStorage().save(f"{SHEETS}/stray", ContentFile(b"x"))
    old = (clock.now() - dt.timedelta(days=8)).timestamp()
    for name in (stray, run.file.name):
        os.utime(Path(settings.PRIVATE_ROOT) / str(name), (old, old))
    assert tasks.clean_imports() == 1
    assert [path.name for path in kept()] == [(run.file.name or "").rpartition("/")[2]]
