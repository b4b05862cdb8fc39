"""The papers of the demo town: one page of a public notice as a PDF, without a font file.

The characters are drawn by the reader's own Song font (`STSong-Light`, one of the fonts every PDF program
knows for Chinese).
"""

from __future__ import annotations

from collections.abc import Sequence

from points.grids.evidence import PDF, Paper


def notice(name: str, title: str, lines: Sequence[str]) -> Paper:
    """One A4 page: a title and some lines."""
    drawn = ["BT /F1 22 Tf 70 760 Td 34 TL", f"<{_hex(title)}> Tj T* /F1 13 Tf 24 TL"]
    drawn += [f"<{_hex(line)}> Tj T*" for line in lines]
    page = " ".join([*drawn, "ET"])
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(page)} >>\nstream\n{page}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        "/DescendantFonts [6 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo "
        "<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 /FontDescriptor 7 0 R >>",
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] "
        "/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    text, places = "%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(bodies) + 1
    text += f"xref\n0 {count}\n0000000000 65535 f \n{table}"
    start = text.index("xref\n0")
    text += f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return Paper(name, PDF, "pdf", text.encode("ascii"))


def _hex(text: str) -> str:
    return text.encode("utf-16-be").hex()
