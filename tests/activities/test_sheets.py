"""Opening sheets: by content, with their limits, in the encodings people have; and reading single cells."""

from __future__ import annotations

import datetime as dt
import io
import random
import struct
import zipfile

import pytest
from openpyxl import Workbook

from points.activities import errors
from points.activities.services import read_sheet, sheet_cells, sheet_reading
from tests.activities.sheets import csv_bytes, xlsx

HEAD = ["序号", "姓名", "联系方式", "岗位", "签到", "签退", "服务时长(小时)", "备注"]
LINE = [1, "王秀英", "13800000002", "清扫", "09:00", "11:00", "2", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_csv_in_the_encodings_people_have(encoding: str) -> None:
    sheet = read_sheet(csv_bytes([HEAD, LINE], encoding=encoding))
    [row] = sheet.rows
    assert (row.name, row.phone, row.came, row.left) == ("王秀英", "13800000002", "09:00", "11:00")
    assert sheet.duration_unit == "hours"
    assert sheet.ignored == ["序号", "备注"]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_separators(separator: str) -> None:
    assert read_sheet(csv_bytes([HEAD, LINE], separator=separator)).rows[0].name == "王秀英"


def test_xlsx_under_title_rows_with_shuffled_columns() -> None:
    data = xlsx(
        [
            ["春风社区志愿服务签到表"],
            ["活动:楼院大扫除", None, "日期:11月23日"],
            [],
            ["签退时间", "备注", "手机号码", "分工", "志愿者姓名", "签到时间"],
            [dt.time(11), "", 13800000002, "清扫", "王秀英", dt.datetime(2026, 11, 23, 9)],
            [None, None, None, None, None, None],
            ["签退时间", "备注", "手机号码", "分工", "志愿者姓名", "签到时间"],
            ["11:00", "", "138-0000-0003", "搬运", "赵大海", "9：00"],
        ]
    )
    first, second = read_sheet(data).rows
    assert (first.number, first.name, first.phone, first.left) == (5, "王秀英", 13800000002, dt.time(11))
    assert (second.number, second.came) == (8, "9：00")


def test_xlsx_takes_the_page_with_a_heading() -> None:
    book = Workbook()
    book.active.append(["说明:请认真填写"])
    book.create_sheet("签到").append(["姓名", "手机"])
    book["签到"].append(["王秀英", "13800000002"])
    out = io.BytesIO()
    book.save(out)
    assert read_sheet(out.getvalue()).rows[0].name == "王秀英"


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("手机", "phone"),
        ("电话", "phone"),
        ("联系方式", "phone"),
        (" 联系电话(必填)", "phone"),
        ("手 机 号", "phone"),
        ("岗位/分工", "position"),
        ("签到时间", "came"),
        ("签　到", "came"),
        ("签退", "left"),
        ("时长", "duration"),
        ("服务时长（分钟）", "duration"),
        ("日期", "day"),
        ("Check-in", "came"),
    ],
)
def test_headings_have_many_names(heading: str, column: str) -> None:
    assert column in read_sheet(csv_bytes([["姓名", heading], ["王秀英", "1"]])).columns


def garbage() -> bytes:
    noise = random.Random(4)
    return bytes(noise.randrange(0x80, 0xFF) for _byte in range(4000))


@pytest.mark.parametrize(
    ("data", "error", "code"),
    [
        (garbage(), errors.UnreadableEncoding, "unreadable_encoding"),
        (b"\x00\x01\x02" * 400, errors.UnreadableEncoding, "unreadable_encoding"),
        ("姓名,手机\n王,1".encode("big5"), errors.UnreadableEncoding, "unreadable_encoding"),
        (b"%PDF-1.7 ...", errors.NotASheet, "not_a_sheet"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, errors.NotASheet, "not_a_sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 100, errors.NotASheet, "not_a_sheet"),
        (b"<html><table></table>", errors.NotASheet, "not_a_sheet"),
        (b"PK\x03\x04" + b"broken" * 50, errors.NotASheet, "not_a_sheet"),
        (b"", errors.NoHeading, "no_heading"),
        ("一,二\n三,四".encode(), errors.NoHeading, "no_heading"),
        (("备注\n" * 30 + "姓名,手机\n王秀英,1").encode(), errors.NoHeading, "no_heading"),
        ("姓名,手机\n,\n".encode(), errors.NoRows, "no_rows"),
        (b"a" * (5 * 1024 * 1024 + 1), errors.FileTooLarge, "file_too_large"),
    ],
)
def test_wrong_files_are_refused_by_content(data: bytes, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as refusal:
        read_sheet(data)
    assert refusal.value.code == code


def test_wrong_name_does_not_matter(tmp_path) -> None:
    assert read_sheet(xlsx([HEAD, LINE])).encoding == "xlsx"  # whatever the file was called


def test_one_row_too_many_is_refused() -> None:
    rows = [["姓名", "手机"], *(["王秀英", number] for number in range(5001))]
    with pytest.raises(errors.TooManyRows) as refusal:
        read_sheet(csv_bytes(rows))
    assert refusal.value.code == "too_many_rows"
    assert len(read_sheet(csv_bytes(rows[:-1])).rows) == 5000


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b"0" * (51 * 1024 * 1024)})
    assert len(bomb) < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *a, **k: pytest.fail("was unpacked"))
    monkeypatch.setattr(sheet_reading, "load_workbook", lambda *a, **k: pytest.fail("was opened"))
    with pytest.raises(errors.UnpacksTooLarge) as refusal:
        read_sheet(bomb)
    assert refusal.value.code == "unpacks_too_large"


def test_zip_bomb_that_lies_about_its_size_is_refused() -> None:
    content = b"0" * (3 * 1024 * 1024)
    bomb = bytearray(zipped({"xl/workbook.xml": content}))
    honest = struct.pack("<I", len(content))
    while (place := bomb.find(honest)) >= 0:
        bomb[place : place + 4] = struct.pack("<I", 100)
    with pytest.raises(errors.NotASheet):
        read_sheet(bytes(bomb))


def test_another_zip_is_refused() -> None:
    with pytest.raises(errors.NotASheet):
        read_sheet(zipped({"word/document.xml": b"<document/>"}))


def test_document_types_are_refused() -> None:
    real = io.BytesIO(xlsx([HEAD, LINE]))
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(real) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    bad = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    parts["xl/worksheets/sheet1.xml"] = bad + parts["xl/worksheets/sheet1.xml"]
    with pytest.raises(errors.NotASheet):
        read_sheet(zipped(parts))


def test_far_away_cell_does_not_fill_the_memory() -> None:
    book = Workbook()
    page = book.active
    page.append(["姓名", "手机"])
    page.append(["王秀英", "13800000002"])
    page["XFD1048576"] = "远"
    out = io.BytesIO()
    book.save(out)
    assert len(read_sheet(out.getvalue()).rows) == 1


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("９：００", "09:00"),
        ("9点30分", "09:30"),
        ("下午2点半", "14:30"),
        ("0905", "09:05"),
        ("14.30", "14:30"),
        (0.375, "09:00"),
        (dt.time(9, 5), "09:05"),
        (dt.timedelta(hours=9), "09:00"),
        ("9:00 AM", "09:00"),
        ("11月23日 9:00", "09:00"),
    ],
)
def test_times_are_read(cell: object, expected: str) -> None:
    assert sheet_cells.read_time(cell) == dt.time.fromisoformat(expected)


@pytest.mark.parametrize("cell", ["25:00", "九点", "abc", "9:75", True])
def test_times_that_cannot_be_read(cell: object) -> None:
    with pytest.raises(ValueError):
        sheet_cells.read_time(cell)


@pytest.mark.parametrize(
    ("cell", "unit", "expected"),
    [
        ("1.5小时", "", 90),
        ("90分钟", "", 90),
        ("１．５", "", 90),
        ("1小时30分", "", 90),
        ("半小时", "", 30),
        (2, "", 120),
        (90, "", 90),
        (90, "minutes", 90),
        (1.5, "hours", 90),
        ("1:30", "", 90),
        (dt.time(1, 30), "", 90),
        ("", "", None),
        ("/", "", None),
    ],
)
def test_durations_are_read(cell: object, unit: str, expected: int | None) -> None:
    assert sheet_cells.read_minutes(cell, unit=unit) == expected


@pytest.mark.parametrize("cell", ["300小时", "0", "-1", "两小时左右", "1e3"])
def test_durations_that_cannot_be_read(cell: object) -> None:
    with pytest.raises(ValueError):
        sheet_cells.read_minutes(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-23",
        "2026/11/23",
        "2026年11月23日",
        "26.11.23",
        dt.datetime(2026, 11, 23),
        46349,
        "2026-11-23（周一）",
    ],
)
def test_days_are_read(cell: object) -> None:
    assert sheet_cells.read_day(cell) == dt.date(2026, 11, 23)
