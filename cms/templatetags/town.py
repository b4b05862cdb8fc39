"""Numbers as the public pages write them."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from djmoney.money import Money

register = template.Library()


@register.filter
def whole(value: Money | int | None) -> int:
    """The whole number of a Money, for plurals."""
    if value is None:
        return 0
    return int(value.amount) if isinstance(value, Money) else int(value)


@register.filter
def amount(value: Money | int | None) -> str:
    """`1,286`: the number alone, for the one that stands large."""
    return number_format(whole(value), force_grouping=True)


@register.filter
def month(value: dt.date) -> str:
    """`11月`, `Nov`."""
    return f"{value.month}月" if (get_language() or "").startswith("zh") else date_format(value, "M")
