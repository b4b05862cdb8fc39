"""A month statement as a table for spreadsheets (CSV, XLSX) and as a sheet of paper (PDF).

No names: a provider's files hold no personal data. Text that a spreadsheet would take for a formula is made
harmless. The last row is the total, which is what the books say was owed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook

from points.dates import month_name
from points.grids.exports import harmless
from points.pdf import Sheet
from rewards.services import Statement

Cell = str | int


def head() -> list[str]:
    return [
        _("Handed over"),
        _("Reward"),
        _("End of the voucher code"),
        _("Beans"),
        _("Face value (CNY)"),
    ]


def rows(statement: Statement) -> Iterator[list[Cell]]:
    """One row for every hand-over. The face value is today's, for reports only; empty where none is given."""
    for line in statement.lines:
        at = f"{timezone.localtime(line.ended_at):%Y-%m-%d %H:%M}" if line.ended_at else ""
        value = line.reward.face_value
        yield [
            at,
            harmless(line.reward.title),
            line.code[-4:],
            int(line.price.amount),
            f"{value.amount:.2f}" if value is not None else "",
        ]


def total(statement: Statement) -> list[Cell]:
    return [_("Total"), "", str(statement.count), int(statement.total.amount), ""]


def as_csv(statement: Statement) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head())
    writer.writerows(rows(statement))
    return ("\ufeff" + out.getvalue()).encode()


def as_xlsx(statement: Statement) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(f"{statement.month:%Y-%m}")
    for row in [head(), *rows(statement), total(statement)]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_pdf(statement: Statement, on: dt.date) -> bytes:
    """A4, to be signed by both sides."""
    title = _("Statement %(month)s") % {"month": month_name(statement.month)}
    sheet = Sheet(title=title)
    sheet.heading(title)
    sheet.facts(
        [
            (_("Provider"), statement.provider.name),
            (_("Handed over"), f"{statement.count} · {int(statement.total.amount)} {_('beans')}"),
            (_("Settled"), f"{int(statement.settled.amount)} {_('beans')}"),
            (_("Still owed"), f"{int(statement.owed.amount)} {_('beans')}"),
            (_("Printed on"), f"{on:%Y-%m-%d}"),
        ]
    )
    table = [[str(cell) for cell in row] for row in [*rows(statement), total(statement)]]
    sheet.rows([34, 60, 30, 22, 28], head(), table)
    sheet.ln(12)
    sheet.facts([(_("For the provider"), "________________"), (_("For the community"), "________________")])
    return bytes(sheet.output())
