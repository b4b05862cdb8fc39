"""The one place that formats units for people: `20 金豆` / `20 beans`, `1.5 小时` / `1.5 hours`."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from djmoney.money import Money

from points.units import BEAN, MINUTE, SCORE

register = template.Library()


@register.filter
def beans(value: Money | int | None) -> str:
    """A Money (or a whole number of beans) with its unit in the reader's language."""
    if value is None:
        return ""
    if isinstance(value, Money):
        amount, unit = int(value.amount), str(value.currency)
    else:
        amount, unit = int(value), BEAN
    if unit == MINUTE:
        return hours(amount)
    shown = number_format(amount, force_grouping=True)
    if unit == BEAN:
        return ngettext("%(amount)s bean", "%(amount)s beans", abs(amount)) % {"amount": shown}
    if unit == SCORE:
        return ngettext("%(amount)s point", "%(amount)s points", abs(amount)) % {"amount": shown}
    return f"{shown} {unit}"


@register.filter
def signed(value: Money) -> str:
    """`+20` or `−80`, without a unit, for statement lines."""
    amount = int(value.amount)
    sign = "+" if amount > 0 else "−" if amount < 0 else ""
    return f"{sign}{number_format(abs(amount), force_grouping=True)}"


@register.filter
def hours(minutes: int | None) -> str:
    """Minutes of service shown as hours, cut (never rounded up) to a tenth."""
    if minutes is None:
        return ""
    value = (Decimal(minutes) / 60).quantize(Decimal("0.1"), rounding=ROUND_DOWN)
    shown = number_format(value.normalize() if value % 1 else int(value), force_grouping=True)
    if value == 1:
        return gettext("%(hours)s hour") % {"hours": shown}
    return gettext("%(hours)s hours") % {"hours": shown}
