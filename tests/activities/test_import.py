"""From a sheet to records: who, which shift, when; twice; one bad row; nothing when only checked."""

from __future__ import annotations

import datetime as dt
import io
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from points import clock
from points.activities import services
from points.activities.models import Position, Registration
from points.activities.services import import_report
from points.people.models import Consent, User
from points.records.models import ServiceRecord
from tests.activities.conftest import Scene, give_budget
from tests.activities.sheets import csv_bytes, xlsx
from tests.factories import (
    local,
    make_activity,
    make_position,
    make_registration,
    make_shift,
    make_user,
    make_volunteer,
)

State = Registration.State
Method = Registration.Method
Grade = ServiceRecord.Grade
pytestmark = pytest.mark.usefixtures("budget")
HEAD = ["姓名", "手机", "岗位", "签到", "签退", "时长", "日期"]


@pytest.fixture(autouse=True)
def after(scene: Scene, clock_at: Callable[[str], dt.datetime]) -> None:
    """Monday evening, the shift is over; ten seats."""
    clock_at("2026-11-23 18:00")
    Position.objects.filter(pk=scene.position.pk).update(capacity=10, name="清扫")
    scene.position.refresh_from_db()


def run(scene: Scene, *rows: list[object], by: User | None = None, **options) -> services.ImportReport:
    sheet = services.read_sheet(xlsx([options.pop("head", HEAD), *rows]))
    return services.import_roster(scene.activity, sheet, by=by or scene.organiser, **options)


def line(name: object = "王秀英", phone: object = "13800000002", **cells: object) -> list[object]:
    values = {"position": "清扫", "came": "9:00", "left": "11:00", "duration": None, "day": None, **cells}
    return [name, phone, *values.values()]


def codes(report: services.ImportReport, row: int = 0) -> list[str]:
    return [note.code for note in report.rows[row].notes]


def test_signed_up_person_is_recorded(scene: Scene) -> None:
    seat = make_registration(
        scene.position, volunteer=scene.volunteer, signed_up_at=local("2026-11-20 10:00")
    )
    report = run(scene, line())
    assert (codes(report), report.rows[0].level, report.minutes, report.beans) == (
        ["recorded"],
        "ok",
        120,
        20,
    )
    record = ServiceRecord.objects.get()
    assert (record.grade, record.source) == (Grade.ORGANISER_WITNESSED, f"registration:{seat.pk}")
    seat.refresh_from_db()
    assert (seat.state, seat.checked_in_by, seat.checked_out_by) == (State.RECORDED, "sheet", "sheet")


def test_person_who_had_not_signed_up_is_supplemented(scene: Scene) -> None:
    report = run(scene, line())
    assert codes(report) == ["recorded", "not_signed_up"]
    record = ServiceRecord.objects.get()
    assert (record.grade, record.minutes, record.beans) == (Grade.SUPPLEMENTED, 120, 0)
    seat = Registration.objects.get()
    scene.position.refresh_from_db()
    assert (seat.entered_by, scene.position.seats_taken) == (scene.organiser, 1)


def test_twice_changes_nothing(scene: Scene) -> None:
    rows = [line(), line("赵大海", "13800000003")]
    assert run(scene, *rows).recorded == 2
    before = list(Registration.objects.order_by("pk").values())
    again = run(scene, *rows)
    assert (again.recorded, again.already, again.errors) == (0, 2, 0)
    assert list(Registration.objects.order_by("pk").values()) == before
    assert ServiceRecord.objects.count() == 2


def test_check_writes_nothing_and_says_the_same(scene: Scene) -> None:
    rows = [line(), line("赵大海", "13800000003"), line("没有人", "13911112222")]
    looked = run(scene, *rows, check=True)
    assert (Registration.objects.count(), ServiceRecord.objects.count()) == (0, 0)
    scene.position.refresh_from_db()
    assert scene.position.seats_taken == 0
    done = run(scene, *rows)
    assert [row.level for row in looked.rows] == [row.level for row in done.rows]
    assert (looked.recorded, looked.minutes, looked.errors) == (done.recorded, done.minutes, done.errors)
    assert codes(looked) == ["would_record", "not_signed_up"]


def test_check_with_new_people_makes_no_accounts(scene: Scene) -> None:
    before = User.objects.count()
    report = run(scene, line("新人", "13911112222"), check=True, create_people=True)
    assert "person_would_be_created" in codes(report)
    assert User.objects.count() == before


def test_one_bad_row_does_not_stop_the_others(scene: Scene) -> None:
    people = [make_volunteer(name=f"邻居{n}", phone=f"1390000{n:04}") for n in range(9)]
    rows = [line(person.name, person.phone) for person in people]
    rows.insert(4, line("坏行", "13900000001x"))
    report = run(scene, *rows)
    assert (report.recorded, report.errors) == (9, 1)
    assert (report.rows[4].number, report.rows[4].code) == (6, "bad_phone")


def test_gb18030_with_shuffled_headings(scene: Scene) -> None:
    data = csv_bytes(
        [
            ["春风社区签到表"],
            ["备注", "时长(分钟)", "联系方式", "姓名", "序号"],
            ["", "90", "138-0000-0002", "王秀英", 1],
        ],
        encoding="gb18030",
    )
    report = services.import_roster(scene.activity, services.read_sheet(data), by=scene.organiser)
    assert codes(report) == ["recorded", "time_assumed", "not_signed_up"]
    assert report.minutes == 90


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"name": '=HYPERLINK("http://x","王秀英")'}, "formula"),
        ({"came": "=NOW()"}, "formula"),
        ({"name": "@SUM(1)"}, "formula"),
        ({"name": "", "phone": ""}, "no_name"),
        ({"phone": "12"}, "bad_phone"),
        ({"name": "没有人", "phone": ""}, "unknown_person"),
        ({"phone": "13911112222"}, "unknown_person"),
        ({"name": "赵大海"}, "name_differs"),
        ({"came": "昨天"}, "unreadable_time"),
        ({"came": "25:00"}, "unreadable_time"),
        ({"duration": "很久"}, "unreadable_duration"),
        ({"day": "去年"}, "unreadable_day"),
        ({"day": "2026-11-24"}, "no_such_shift"),
        ({"came": "11:00", "left": "9:00"}, "out_before_in"),
        ({"came": "5:00", "left": "6:00"}, "time_out_of_range"),
        ({"came": "9:00", "left": "17:30"}, "time_out_of_range"),
        ({"came": dt.datetime(2026, 11, 22, 9)}, "no_such_shift"),
    ],
)
def test_rows_in_the_way(scene: Scene, cells: dict[str, object], code: str) -> None:
    report = run(scene, line(**cells))
    assert (report.rows[0].level, report.rows[0].code) == ("error", code)
    assert report.rows[0].sentence
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    ("cells", "minutes", "notes"),
    [
        ({"came": "９：１５", "left": "11：00"}, 105, []),
        ({"came": dt.time(9, 30), "left": dt.datetime(2026, 11, 23, 10, 30)}, 60, []),
        ({"left": None, "duration": "1.5小时"}, 90, []),
        ({"came": None, "duration": "90分钟"}, 90, []),
        ({"came": None, "left": None, "duration": 1.5}, 90, ["time_assumed"]),
        ({"came": "√", "left": "√"}, 120, ["time_assumed"]),
        ({"left": None}, 120, ["no_check_out"]),
        ({"duration": "1小时"}, 120, ["duration_differs"]),
        ({"duration": "=E2-D2"}, 120, ["duration_ignored"]),
        ({"day": "11月23日"}, 120, []),
        ({"day": dt.datetime(2026, 11, 23)}, 120, []),
        ({"position": "看热闹"}, 120, ["unknown_position"]),
    ],
)
def test_rows_as_people_write_them(
    scene: Scene, cells: dict[str, object], minutes: int, notes: list[str]
) -> None:
    report = run(scene, line(**cells))
    assert (report.rows[0].code, report.rows[0].minutes) == ("recorded", minutes), report.rows[0].sentence
    assert codes(report)[1:] == [*notes, "not_signed_up"]


def test_absent_row_is_left_out(scene: Scene) -> None:
    report = run(scene, line(came=None, left=None))
    assert codes(report) == ["absent"]
    assert not Registration.objects.exists()


def test_position_assumed_when_the_sheet_has_none(scene: Scene) -> None:
    make_position(scene.shift, name="搬运")
    assert "position_assumed" in codes(run(scene, line(position=None)))


def test_afternoon_written_without_saying_so(scene: Scene) -> None:
    afternoon = make_activity(
        grid=scene.town.grid, organiser=scene.organiser, starts_at=local("2026-11-23 14:00")
    )
    sheet = services.read_sheet(xlsx([HEAD, line(came="2:05", left="4:00", position=None)]))
    report = services.import_roster(afternoon, sheet, by=scene.organiser)
    assert (report.rows[0].minutes, "afternoon_assumed" in codes(report)) == (115, True)


def test_person_is_found_by_name_alone(scene: Scene) -> None:
    make_registration(scene.position, volunteer=scene.volunteer)
    make_user(name="王秀英", home=scene.town.second_grid)  # a namesake who did not sign up
    assert run(scene, line(phone=None)).rows[0].code == "recorded"
    assert ServiceRecord.objects.get().volunteer == scene.volunteer


def test_person_is_found_by_name_in_the_neighbourhood(scene: Scene) -> None:
    neighbour = make_user(name="孙阿姨", home=scene.town.second_grid)
    make_user(name="孙阿姨", home=scene.town.other_grid)
    assert run(scene, line("孙阿姨", None)).rows[0].code == "recorded"
    assert ServiceRecord.objects.get().volunteer == neighbour


def test_namesakes_are_ambiguous(scene: Scene) -> None:
    for _twin in range(2):
        make_user(name="孙阿姨", home=scene.town.grid)
    assert run(scene, line("孙阿姨", None)).rows[0].code == "ambiguous_person"


def test_namesake_with_another_number_is_somebody_else(scene: Scene) -> None:
    make_registration(scene.position, volunteer=scene.volunteer)
    assert run(scene, line(phone="13911112222")).rows[0].code == "unknown_person"


def test_new_people_get_accounts_without_a_password(scene: Scene) -> None:
    rows = [line("新人", "139 1111 2222"), line("无号", None)]
    report = run(scene, *rows, create_people=True)
    assert codes(report) == ["recorded", "person_created", "not_signed_up"]
    assert report.rows[1].code == "phone_needed"
    person = User.objects.get(phone="13911112222")
    assert (person.name, person.has_usable_password()) == ("新人", False)
    assert Consent.objects.get(user=person).entered_by == scene.organiser
    again = run(scene, *rows, create_people=True)
    assert (again.already, User.objects.filter(name="新人").count()) == (1, 1)


def test_twice_in_one_sheet(scene: Scene) -> None:
    report = run(scene, line(), line())
    assert [row.code for row in report.rows] == ["recorded", "twice_in_sheet"]
    assert "2" in report.rows[1].sentence


def test_shift_not_over(scene: Scene) -> None:
    with clock.at(local("2026-11-23 10:59")):
        assert run(scene, line()).rows[0].code == "shift_not_over"


def test_own_row_is_refused(scene: Scene) -> None:
    report = run(scene, line("林主任", "13800000001"))
    assert report.rows[0].code == "own_service"


def test_no_seat_left(scene: Scene) -> None:
    Position.objects.filter(pk=scene.position.pk).update(capacity=1)
    for check in (True, False):
        report = run(scene, line(), line("赵大海", "13800000003"), check=check)
        assert [row.level for row in report.rows] == ["warning", "error"]
        assert report.rows[1].code == "activity_full"


def test_two_places_at_once(scene: Scene) -> None:
    other = make_activity(grid=scene.town.grid, starts_at=local("2026-11-23 09:00"), title="别处")
    make_registration(
        other.shifts.get().positions.get(),
        volunteer=scene.volunteer,
        checked_in_at=local("2026-11-23 09:00"),
    )
    report = run(scene, line())
    assert report.rows[0].code == "clash"
    assert "别处" in report.rows[0].sentence


def test_two_shifts_are_told_apart_by_day_or_time(scene: Scene) -> None:
    make_shift(scene.activity, starts_at=local("2026-11-23 14:00"))
    assert run(scene, line(came="√", left="√", position=None)).rows[0].code == "ambiguous_shift"
    assert run(scene, line(came="9:00", left="11:00")).rows[0].code == "recorded"
    assert run(scene, line(came="14:00", left="16:00", position=None)).rows[0].code == "recorded"
    starts = Registration.objects.values_list("shift__starts_at", flat=True).order_by("shift__starts_at")
    assert list(starts) == [local("2026-11-23 09:00"), local("2026-11-23 14:00")]


def test_times_already_there_are_kept(scene: Scene) -> None:
    make_registration(
        scene.position,
        volunteer=scene.volunteer,
        checked_in_at=local("2026-11-23 09:20"),
        checked_in_by=Method.CODE,
    )
    report = run(scene, line())
    assert codes(report) == ["recorded", "kept_times"]
    assert (report.minutes, Registration.objects.get().checked_in_by) == (100, Method.CODE)


def test_meeting_is_only_written_down(scene: Scene) -> None:
    type(scene.activity).objects.update(is_service=False)
    assert run(scene, line(), check=True).rows[0].code == "would_be_present"
    assert run(scene, line()).rows[0].code == "present"
    assert not ServiceRecord.objects.exists()


def test_refusal_of_the_record_room_is_a_row(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    from points.activities.services import roster_import
    from points.records.errors import LongerThanADay

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise LongerThanADay

    monkeypatch.setattr(roster_import, "confirm_one", refuse)
    report = run(scene, line())
    assert (report.rows[0].level, report.rows[0].code) == ("error", "longer_than_a_day")
    assert not Registration.objects.exists()


def test_every_code_has_a_sentence_that_fits(scene: Scene) -> None:
    from django.utils import translation

    params = dict.fromkeys(["minutes", "given", "counted", "taken", "known", "row"], "7")
    for code in import_report.SENTENCES:
        for language in ("zh-hans", "en"):
            with translation.override(language):
                assert str(import_report.Note(code, params))


# --- The command ----------------------------------------------------------------------------------------
def command(scene: Scene, path: Path, *options: str) -> tuple[str, int]:
    out, status = io.StringIO(), 0
    try:
        call_command(
            "import_roster",
            str(path),
            "--activity",
            scene.activity.code,
            *options,
            stdout=out,
            stderr=io.StringIO(),
        )
    except SystemExit as end:
        status = int(end.code or 0)
    return out.getvalue(), status


def test_command_checks_then_imports_then_finds_it_there(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "sheet.txt"  # the name says nothing
    path.write_bytes(xlsx([HEAD, line(), line("没有人", "13911112222")]))
    told, status = command(scene, path, "--check")
    assert ("unknown_person" in told, status, ServiceRecord.objects.count()) == (True, 1, 0)
    command(scene, path, "--by", "lin", "--errors-only")
    assert ServiceRecord.objects.count() == 1
    told, _status = command(scene, path)
    assert "already_there" in told
    told, status = command(scene, path, "--create-people")
    assert (status, ServiceRecord.objects.count()) == (0, 2)


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (b"%PDF", [], "not_a_sheet"),
        (None, [], "No such file"),
        (b"x", ["--by", "nobody"], "nobody"),
        (b"x", ["--by", "wang"], "王秀英"),
    ],
)
def test_command_refusals(
    scene: Scene, tmp_path: Path, content: bytes | None, options: list[str], says: str
) -> None:
    path = tmp_path / "sheet.xlsx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=says):
        command(scene, path, *options)


def test_command_unknown_activity(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("import_roster", str(tmp_path / "x"), "--activity", "zzzz")


def many(scene: Scene, number: int, *, signed_up: bool = False) -> bytes:
    """A sheet of `number` people with accounts; the position has room for them."""
    Position.objects.filter(pk=scene.position.pk).update(capacity=number)
    people = User.objects.bulk_create(
        [
            User(username=f"crowd{n}", name=f"群众{n}", phone=f"137{n:08}", number=f"crowd{n}", password="!")
            for n in range(number)
        ],
        batch_size=500,
    )
    if signed_up:
        seats = [Registration(position=scene.position, shift=scene.shift, volunteer=one) for one in people]
        Registration.objects.bulk_create(seats, batch_size=500)
        Position.objects.filter(pk=scene.position.pk).update(seats_taken=number)
        Registration.objects.update(signed_up_at=local("2026-11-20 10:00"))
    return xlsx([HEAD, *(line(f"群众{n}", f"137{n:08}") for n in range(number))])


def test_queries_per_row_do_not_grow(scene: Scene, django_assert_max_num_queries) -> None:
    sheet = services.read_sheet(many(scene, 300))
    with django_assert_max_num_queries(30):
        assert services.import_roster(scene.activity, sheet, by=scene.organiser, check=True).recorded == 300


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # chunk by chunk, as it is: one transaction for all is another story
@pytest.mark.parametrize("signed_up", [False, True], ids=["hours", "hours-and-beans"])
def test_five_thousand_rows_in_time_and_memory(
    scene: Scene, capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path, *, signed_up: bool
) -> None:
    """Both presses. With beans is the dearest case: seat, record, hours and award for each row."""
    settings.PRIVATE_ROOT = tmp_path
    data = many(scene, 5000, signed_up=signed_up)
    give_budget(scene, 100_000)
    for press in ("check", "import"):
        start, used, before = time.monotonic(), time.process_time(), peak()
        if press == "check":
            run = services.upload_sheet(scene.activity, data=data, name="x", by=scene.organiser)
        else:
            run = services.start_import(run, by=scene.organiser)
        seconds, worked = time.monotonic() - start, time.process_time() - used
        with capsys.disabled():
            print(f"\n5,000 {press}: {seconds:.1f} s ({worked:.1f} ours), {peak()} MB ({before} before)")
        crowded = os.getloadavg()[0] > 2 * (os.cpu_count() or 1)  # then our own seconds count
        assert (worked if crowded else seconds) < 60
        assert peak() < 300
    assert (run.state, run.report["recorded"], run.report["errors"]) == ("done", 5000, 0)
    assert run.report["beans"] == (100_000 if signed_up else 0)
    assert ServiceRecord.objects.filter(hours_transaction__isnull=False).count() == 5000


def peak() -> int:
    """The most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
