"""Sheets of paper with Chinese type: one place for page, font, headings and tables of every PDF we make.

A leaf: it knows nothing of the rooms. The font (Noto Sans SC, OFL) comes with a package and is cut down to
the characters a sheet uses, so that a page weighs some tens of kilobytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fpdf import FPDF
from fpdf.fonts import FontFace
from pylopdf_fonts_zh_cn import sans_path

FONT = "sans"
HEAD = FontFace(emphasis="", fill_color=(244, 239, 226))


class Sheet(FPDF):
    """An A4 page in millimetres, ready to be written on."""

    def __init__(self, *, title: str, orientation: str = "portrait") -> None:
        super().__init__(orientation=orientation, format="A4")
        self.set_title(title)
        self.set_creator("Jindou")
        self.set_margins(18, 16)
        self.set_auto_page_break(True, margin=18)
        self.add_font(FONT, fname=str(sans_path()))
        self.set_font(FONT, size=11)
        self.add_page()

    def heading(self, text: str) -> None:
        self.set_font(size=20)
        self.multi_cell(0, 12, text, align="C", new_x="LMARGIN", new_y="NEXT")
        self.ln(4)
        self.set_font(size=11)

    def small_heading(self, text: str) -> None:
        self.ln(3)
        self.set_font(size=13)
        self.multi_cell(0, 8, text, new_x="LMARGIN", new_y="NEXT")
        self.set_font(size=11)

    def facts(self, rows: Iterable[tuple[str, str]], *, width: float = 36) -> None:
        """Names with their texts, one below the other."""
        for name, text in rows:
            top = self.get_y()
            self.set_text_color(90)
            self.multi_cell(width, 7, name, new_x="RIGHT", new_y="TOP")
            self.set_text_color(0)
            self.set_xy(self.l_margin + width, top)
            self.multi_cell(0, 7, text, new_x="LMARGIN", new_y="NEXT")

    def rows(self, widths: Sequence[int], head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table whose head stands on every page."""
        self.set_font(size=9.5)
        with self.table(
            col_widths=tuple(widths), line_height=6, wrapmode="CHAR", text_align="LEFT", headings_style=HEAD
        ) as table:
            for cells in [head, *rows]:
                row = table.row()
                for cell in cells:
                    row.cell(cell)
        self.set_font(size=11)
