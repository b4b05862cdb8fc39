"""What hangs on the wall and lies on the table: the poster of an activity and the sign-in sheet, as PDF."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from points import dates
from points.activities.models import Activity, Registration, Shift
from points.pdf import Sheet
from points.qr import qr_squares

QR_SIDE = 118.0
"""Millimetres: read from two steps away."""
MOST_TIMES = 8
BLANK_LINES = 8
ROOM_TO_SIGN = " \n "
"""Two lines high: what a hand needs."""
COLUMNS = (10, 30, 32, 34, 22, 22, 30)


def poster_pdf(activity: Activity, shifts: Sequence[Shift], *, address: str) -> bytes:
    """An A4 poster: what, when, where, and a QR that leads to the page for signing up (`address`)."""
    sheet = Sheet(title=activity.title)
    sheet.set_font(size=30)
    sheet.multi_cell(0, 16, activity.title, align="C", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(2)
    sheet.set_font(size=14)
    sheet.multi_cell(0, 9, activity.summary, align="C", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(4)
    times = [span(shift) for shift in shifts[:MOST_TIMES]]
    if len(shifts) > MOST_TIMES:
        times.append("…")
    rows = [
        (_("When"), "\n".join(times)),
        (_("Where"), activity.place),
        (_("Bring"), activity.bring),
        (_("Risks"), activity.risk_note),
        (_("Organised by"), activity.organization.name),
        (_("Telephone"), activity.contact_phone),
    ]
    sheet.set_font(size=14)
    sheet.facts([(name, text) for name, text in rows if text], width=42)
    sheet.ln(6)
    draw_qr(sheet, address, side=min(QR_SIDE, sheet.h - sheet.b_margin - sheet.get_y() - 22))
    sheet.set_font(size=16)
    sheet.multi_cell(0, 10, _("Scan to sign up"), align="C", new_x="LMARGIN", new_y="NEXT")
    sheet.set_font(size=9)
    sheet.multi_cell(0, 5, address, align="C", new_x="LMARGIN", new_y="NEXT")
    return bytes(sheet.output())


def sign_in_sheet_pdf(activity: Activity, shift: Shift, people: Sequence[Registration]) -> bytes:
    """The list of a shift for pens: everybody who signed up, and empty lines for those who just come."""
    sheet = Sheet(title=_("Sign-in sheet"))
    sheet.heading(_("Sign-in sheet: %(title)s") % {"title": activity.title})
    sheet.facts(
        [
            (_("When"), span(shift)),
            (_("Where"), activity.place),
            (_("Recording unit"), activity.organization.name),
            (_("Organiser"), activity.organiser.display_name),
        ]
    )
    sheet.ln(3)
    lines = [
        (
            str(number),
            each.volunteer.display_name,
            each.volunteer.phone or "",
            each.position.name,
            "",
            "",
            ROOM_TO_SIGN,
        )
        for number, each in enumerate(people, start=1)
    ]
    blank = [
        (str(len(lines) + number), "", "", "", "", "", ROOM_TO_SIGN) for number in range(1, BLANK_LINES + 1)
    ]
    head = (
        _("No."),
        pgettext("sheet", "Name"),
        pgettext("sheet", "Phone"),
        pgettext("sheet", "Position"),
        pgettext("sheet", "Time in"),
        pgettext("sheet", "Time out"),
        pgettext("sheet", "Signature"),
    )
    sheet.rows(COLUMNS, head, [*lines, *blank])
    return bytes(sheet.output())


def span(shift: Shift) -> str:
    """`2026年11月25日 周三 09:00–11:00`."""
    start, end = dates.clocktime(shift.starts_at), dates.clocktime(shift.ends_at)
    return f"{dates.longday(shift.starts_at)} {start}–{end}"


def draw_qr(sheet: Sheet, text: str, *, side: float) -> None:
    """The QR in the middle of the page at the current height, as squares (no picture to blur)."""
    squares = qr_squares(text)
    unit = side / len(squares)
    left, top = (sheet.w - side) / 2, sheet.get_y()
    sheet.set_fill_color(0)
    for row, line in enumerate(squares):
        for column, dark in enumerate(line):
            if dark:
                sheet.rect(left + column * unit, top + row * unit, unit, unit, style="F")
    sheet.set_y(top + side + 6)
