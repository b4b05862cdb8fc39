"""QR codes as pictures in a page. A leaf: it knows nothing of the rooms."""

from __future__ import annotations

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str, *, label: str) -> SafeString:
    """The text as inline SVG with its own white border (four modules), without a style attribute."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        omitsize=True, svgclass="qr", lineclass=None, border=4, dark="#000000", light="#ffffff"
    )
    head = format_html('<svg role="img" aria-label="{}" ', label)
    return mark_safe(head + drawn.removeprefix("<svg "))


def qr_squares(text: str) -> list[list[bool]]:
    """Row by row, which squares are dark; for paper, without a border."""
    return [[bool(square) for square in row] for row in segno.make(text, error="m", micro=False).matrix]
