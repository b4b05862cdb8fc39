"""Opening a sign-in sheet: XLSX or CSV, told by content, with its limits kept before anything is unpacked.

The heading may stand under title rows, its columns in any order and under any of their usual names.
Formulas are never run: they come as the text they are.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from points.activities import errors
from points.activities.services.sheet_cells import is_blank, squeezed

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_PARTS = 1000
MAX_ROWS = 5000
MAX_COLUMNS = 60
HEADING_WITHIN = 20
BLANK_ROWS_TO_STOP = 1000

NAMES: dict[str, tuple[str, ...]] = {
    "name": (
        "姓名",
        "名字",
        "志愿者",
        "志愿者姓名",
        "参加人员",
        "参与人员",
        "参加人",
        "人员",
        "name",
        "volunteer",
    ),
    "phone": (
        "手机",
        "手机号",
        "手机号码",
        "电话",
        "电话号码",
        "联系电话",
        "联系方式",
        "联系手机",
        "phone",
        "mobile",
        "telephone",
        "phonenumber",
    ),
    "position": (
        "岗位",
        "分工",
        "岗位分工",
        "服务岗位",
        "工作岗位",
        "任务",
        "任务分工",
        "职责",
        "position",
        "task",
    ),
    "came": (
        "签到",
        "签到时间",
        "到岗",
        "到岗时间",
        "到达时间",
        "上岗时间",
        "开始时间",
        "服务开始时间",
        "in",
        "checkin",
        "timein",
        "from",
    ),
    "left": (
        "签退",
        "签退时间",
        "签离",
        "签离时间",
        "离岗",
        "离岗时间",
        "离开时间",
        "下岗时间",
        "结束时间",
        "服务结束时间",
        "out",
        "checkout",
        "timeout",
        "to",
    ),
    "duration": (
        "时长",
        "服务时长",
        "志愿时长",
        "志愿服务时长",
        "工时",
        "小时",
        "小时数",
        "服务小时",
        "服务小时数",
        "分钟",
        "分钟数",
        "服务分钟",
        "duration",
        "hours",
        "minutes",
    ),
    "day": ("日期", "活动日期", "服务日期", "签到日期", "date", "day"),
}
COLUMN_OF = {name: column for column, names in NAMES.items() for name in names}
IN_HOURS, IN_MINUTES = "hours", "minutes"


@dataclass
class SheetRow:
    """One line of the sheet as it was written. `number` is the line people see in their spreadsheet."""

    number: int
    name: Any = None
    phone: Any = None
    position: Any = None
    came: Any = None
    left: Any = None
    duration: Any = None
    day: Any = None


@dataclass
class Sheet:
    """A sheet whose heading was understood. `columns` says which column was read as what."""

    rows: list[SheetRow]
    columns: dict[str, str]
    ignored: list[str] = field(default_factory=list)
    duration_unit: str = ""
    encoding: str = ""


@dataclass
class Heading:
    line: int
    places: dict[str, int]
    titles: dict[str, str]
    ignored: list[str]
    duration_unit: str


def read_sheet(data: bytes) -> Sheet:
    """Read a whole sheet (at most 5 MB, 50 MB unpacked, 5,000 rows).

    Raises FileTooLarge, UnpacksTooLarge, NotASheet, UnreadableEncoding, NoHeading, TooManyRows, NoRows.
    """
    if len(data) > MAX_BYTES:
        raise errors.FileTooLarge(limit=MAX_BYTES // 1024 // 1024)
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return read_workbook(data)
    if is_something_else(data):
        raise errors.NotASheet
    text, encoding = decoded(data)
    sheet = understood(enumerate(csv_lines(text), start=1))
    if sheet is None:
        raise errors.NoHeading
    sheet.encoding = encoding
    return sheet


SIGNATURES = (
    b"\xd0\xcf\x11\xe0",
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"RIFF",
    b"II*\x00",
    b"MM\x00*",
    b"\x7fELF",
    b"<!DOCTYPE",
    b"<html",
    b"<?xml",
    b"<svg",
    b"{\\rtf",
)


def is_something_else(data: bytes) -> bool:
    return data.lstrip()[:16].startswith(SIGNATURES)


# --- CSV ------------------------------------------------------------------------------------------------
def decoded(data: bytes) -> tuple[str, str]:
    """The text of a CSV in UTF-8 (with or without mark), UTF-16 with mark, or GB18030."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ["utf-16"]
    elif b"\x00" in data:
        raise errors.UnreadableEncoding
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if is_text(text):
            return text, encoding
    raise errors.UnreadableEncoding


def is_text(text: str) -> bool:
    """Whether decoding gave letters and not noise: GB18030 finds some character for nearly any bytes."""
    sample = text[:20_000]
    odd = sum(
        1
        for character in sample
        if (unicodedata.category(character) in ("Cc", "Co", "Cn", "Cs") and character not in "\r\n\t")
    )
    letters = sum(1 for character in sample if character.isalnum())
    rare = sum(1 for character in sample if character.isalnum() and not is_common(character))
    return odd * 200 <= len(sample) and rare * 5 <= max(letters, 1)


def is_common(character: str) -> bool:
    """ASCII, full-width forms, and the Chinese characters of GB2312, in which names and headings are."""
    if character.isascii() or "\uff00" <= character <= "\uffef":
        return True
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def csv_lines(text: str) -> Iterator[list[str]]:
    """The rows, with whichever separator the first lines use most."""
    first = "\n".join(text.splitlines()[:HEADING_WITHIN])
    separator = max(",\t;", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:
        raise errors.NotASheet from error


# --- XLSX -----------------------------------------------------------------------------------------------
def read_workbook(data: bytes) -> Sheet:
    refuse_bomb(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            for page in book.worksheets:
                if page.sheet_state != "visible" or not hasattr(page, "reset_dimensions"):
                    continue
                page.reset_dimensions()  # what the file says about its size may be wrong
                rows = page.iter_rows(max_col=MAX_COLUMNS, values_only=True)
                sheet = understood(enumerate(rows, start=1))
                if sheet is not None:
                    sheet.encoding = "xlsx"
                    return sheet
        finally:
            book.close()
    except errors.SheetRefusal:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        SyntaxError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OverflowError,
    ) as error:
        raise errors.NotASheet from error  # whatever a broken workbook makes openpyxl stumble over
    raise errors.NoHeading


def refuse_bomb(data: bytes) -> None:
    """Look at the archive's directory before anything is unpacked; then refuse document types (XXE)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MAX_UNPACKED or len(parts) > MAX_PARTS:
                raise errors.UnpacksTooLarge(limit=MAX_UNPACKED // 1024 // 1024)
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise errors.NotASheet
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    refuse_document_type(archive.read(part))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, errors.SheetRefusal):
            raise
        raise errors.NotASheet from error


def refuse_document_type(part: bytes) -> None:
    for mark in ("<!DOCTYPE", "<!ENTITY"):
        if any(mark.encode(encoding) in part for encoding in ("utf-8", "utf-16-le", "utf-16-be")):
            raise errors.NotASheet


# --- The heading and the rows under it ------------------------------------------------------------------
def heading_of(line: int, cells: Iterable[Any]) -> Heading | None:
    """The heading, if this row is one: at least two known columns, one of which says who."""
    places: dict[str, int] = {}
    titles: dict[str, str] = {}
    ignored: list[str] = []
    unit = ""
    for place, cell in enumerate(cells):
        if not isinstance(cell, str) or not cell.strip() or len(cell) > 40:
            continue
        title = squeezed(cell)
        bare = re.sub(r"[(\[【].*?[)\]】]|[:*#]", "", title)
        column = COLUMN_OF.get(re.sub(r"[-_/、]", "", bare))
        if column is None or column in places:
            ignored.append(cell.strip())
            continue
        places[column], titles[column] = place, cell.strip()
        if column == "duration":
            unit = IN_MINUTES if "分" in title or "min" in title else ""
            unit = unit or (IN_HOURS if "时)" in title or "小时" in title or "hour" in title else "")
    if len(places) >= 2 and ("name" in places or "phone" in places):
        return Heading(line, places, titles, ignored, unit)
    return None


def understood(lines: Iterable[tuple[int, Iterable[Any]]]) -> Sheet | None:
    """The rows under the first heading, blank ones left out; None if the first rows hold no heading."""
    heading: Heading | None = None
    rows: list[SheetRow] = []
    blank = 0
    for number, cells in lines:
        row = list(cells)[:MAX_COLUMNS]
        if heading is None:
            heading = heading_of(number, row)
            if heading is None and number >= HEADING_WITHIN:
                return None
            continue
        values = {
            column: row[place] if place < len(row) else None for column, place in heading.places.items()
        }
        if all(is_blank(value) for value in values.values()):
            blank += 1
            if blank > BLANK_ROWS_TO_STOP:
                break
            continue
        blank = 0
        if heading_of(number, row) is not None:
            continue  # the heading repeated at the top of a printed page
        if len(rows) >= MAX_ROWS:
            raise errors.TooManyRows(limit=MAX_ROWS)
        rows.append(SheetRow(number, **values))
    if heading is None:
        return None
    if not rows:
        raise errors.NoRows
    return Sheet(rows, heading.titles, heading.ignored, heading.duration_unit)
