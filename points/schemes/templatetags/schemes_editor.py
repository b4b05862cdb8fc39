"""Small words of the preview's tables."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def number(value: int) -> str:
    """12345 → `12,345`."""
    return number_format(value, force_grouping=True)


@register.filter
def signed(value: int) -> str:
    """5 → `+5`, -1234 → `−1,234`, 0 → `0`."""
    return f"{value:+,}".replace("-", "−") if value else "0"


@register.filter
def less(value: int, other: int) -> int:
    return value - other
