"""The certificate on paper: A4, Chinese type, a QR to the public check page (F-V7, law L-A17, D4).

It says what the snapshot says and asks the database nothing. The volunteer prints it; the paper can be sealed
where the volunteer wishes it (Order 67, article 15).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import segno
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from points import dates
from points.ledger.templatetags.beans import hours
from points.pdf import Sheet
from points.records.models import Certificate, ServiceRecord

QR_SIDE = 34.0
"""Millimetres: read from paper by any phone."""
COLUMNS = (27, 58, 68, 21)


def certificate_pdf(certificate: Certificate, address: str) -> bytes:
    """The certificate as a PDF; `address` is the full address of its check page."""
    says = certificate.snapshot
    sheet = CertificateSheet(certificate, says["unit"]["name"])
    sheet.heading(_("Certificate of volunteer service"))
    sheet.facts(_facts(certificate))
    sheet.small_heading(_("What it contains"))
    sheet.rows(
        COLUMNS,
        (_("Date"), _("Activity"), pgettext("service", "What was done"), pgettext("service time", "Counted")),
        [_row(record) for record in says["records"]],
    )
    sheet.foot(address, _foot(certificate))
    return bytes(sheet.output())


def _facts(certificate: Certificate) -> list[tuple[str, str]]:
    says = certificate.snapshot
    person, unit = says.get("person") or {}, says["unit"]
    in_charge = list(dict.fromkeys(record["person_in_charge"] for record in says["records"]))
    rows = [
        (_("Volunteer"), f"{person.get('name', '')} ({person.get('number', '')})" if person else ""),
        (_("Service in all"), _exactly(certificate.minutes)),
        (
            _("Time"),
            " – ".join(dict.fromkeys(map(dates.longday, (certificate.first_on, certificate.last_on)))),
        ),
        (_("Recorded by"), unit["name"]),
        (_("Guided by"), unit["guided_by"]),
        (_("Persons in charge"), _enough(in_charge)),
        (_("Telephone"), unit["phone"]),
        (pgettext("certificate", "Number"), certificate.number),
        (_("Check code"), certificate.check_code),
        (_("Issued"), dates.longday(timezone.localdate(certificate.issued_at))),
    ]
    return [(name, text) for name, text in rows if text]


def _days(first: dt.date, last: dt.date) -> str:
    return dates.longday(first) if first == last else f"{dates.longday(first)} – {dates.longday(last)}"


def _exactly(minutes: int) -> str:
    """`1.3 小时 (80 分钟)`: hours as the law wants them, and the minutes that were kept."""
    exact = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return f"{hours(minutes)} ({exact})"


def _enough(names: list[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def _row(record: dict[str, Any]) -> tuple[str, ...]:
    day = dt.date.fromisoformat(record["served_on"])
    grade = record["grade"]
    mark = " *" if grade == ServiceRecord.Grade.SUPPLEMENTED else ""
    return (day.isoformat(), record["activity"], record["content"], hours(record["minutes"]) + mark)


def _foot(certificate: Certificate) -> list[str]:
    lines = [
        _("Whether this certificate is valid: scan the code, or open the check page with number and code."),
        _("Made from confirmed records after their public notice, free of charge (Order 67)."),
    ]
    if any(row["grade"] == ServiceRecord.Grade.SUPPLEMENTED for row in certificate.snapshot["records"]):
        lines.append(_("* entered later, on evidence, approved by two people"))
    return lines


class CertificateSheet(Sheet):
    """A sheet whose every page names the certificate, with the check at its end."""

    def __init__(self, certificate: Certificate, unit: str) -> None:
        self.foot_line = f"{certificate.number} · {unit}"
        super().__init__(title=_("Certificate of volunteer service"))
        self.set_creation_date(certificate.issued_at)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(size=8)
        self.cell(0, 5, f"{self.foot_line} · {self.page_no()}/{{nb}}", align="C")

    def foot(self, address: str, lines: list[str]) -> None:
        """The QR of the check page with its words, kept together on one page."""
        if self.get_y() + QR_SIDE + 12 > self.page_break_trigger:
            self.add_page()
        self.ln(6)
        top = self.get_y()
        self.draw_qr(address, self.l_margin, top, QR_SIDE)
        self.set_xy(self.l_margin + QR_SIDE + 6, top)
        self.set_font(size=9)
        for line in [*lines, address]:
            self.set_x(self.l_margin + QR_SIDE + 6)
            self.multi_cell(0, 5, line, new_x="LMARGIN", new_y="NEXT", align="L")

    def draw_qr(self, text: str, x: float, y: float, side: float) -> None:
        """The code as squares, so that it is sharp at every size."""
        matrix = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=2)]
        step = side / len(matrix)
        self.set_fill_color(0)
        for down, row in enumerate(matrix):
            for across, dark in enumerate(row):
                if dark:
                    self.rect(x + across * step, y + down * step, step, step, style="F")
