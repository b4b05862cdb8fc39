"""Codes of the ledger in words."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format
from django.utils.translation import pgettext_lazy
from djmoney.money import Money

from points.ledger.models import AccountKind

register = template.Library()

TRANSACTION_KINDS = {
    "allotment": pgettext_lazy("transaction kind", "Budget allotted"),
    "award": pgettext_lazy("transaction kind", "Beans awarded"),
    "release": pgettext_lazy("transaction kind", "Beans released"),
    "hours": pgettext_lazy("transaction kind", "Hours recorded"),
    "hold": pgettext_lazy("transaction kind", "Held for a voucher"),
    "fulfil": pgettext_lazy("transaction kind", "Handed over"),
    "return": pgettext_lazy("transaction kind", "Returned"),
    "forfeit": pgettext_lazy("transaction kind", "Forfeited"),
    "settle": pgettext_lazy("transaction kind", "Settled"),
    "lapse": pgettext_lazy("transaction kind", "Expired"),
    "correction": pgettext_lazy("transaction kind", "Correction"),
    "dispute": pgettext_lazy("transaction kind", "Being looked at"),
    "reversal": pgettext_lazy("transaction kind", "Reversal"),
    "donation": pgettext_lazy("transaction kind", "Donated to the community"),
    "closing": pgettext_lazy("transaction kind", "Lapsed with a closed account"),
    "score": pgettext_lazy("transaction kind", "Score entered"),
    "score_correction": pgettext_lazy("transaction kind", "Score corrected"),
}


@register.filter
def account_kind(kind: str) -> str:
    """`available` → `Available`; an unknown kind stays as it is."""
    return str(AccountKind(kind).label) if kind in AccountKind.values else kind


@register.filter
def transaction_kind(kind: str) -> str:
    """`award` → `Beans awarded`; an unknown kind stays as it is."""
    return str(TRANSACTION_KINDS.get(kind, kind))


@register.filter
def number(value: Money | int) -> str:
    """`−1,286`: an amount without its unit, with a real minus sign."""
    amount = int(value.amount) if isinstance(value, Money) else int(value)
    return ("−" if amount < 0 else "") + number_format(abs(amount), force_grouping=True)
