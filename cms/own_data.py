"""The ledger's part of a person's own copy: the balances and every line, each with its reason.

Here because a line is explained by records and vouchers, which only this floor can read together.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from cms.statement import entries
from points.ledger.balances import member_balances
from points.ledger.statements import statement
from points.people.models import User
from points.people.own_data import Row, Section, register
from points.records.words import explain

PAGE = 200


def _balances(user: User) -> Iterator[Row]:
    held = member_balances(user)
    yield {
        "available": int(held.available.amount),
        "pending": int(held.pending.amount),
        "held": int(held.held.amount),
        "debt": int(held.debt.amount),
        "minutes": held.minutes,
    }


def _lines(user: User) -> Iterator[Row]:
    before: int | None = None
    while lines := statement(user, before=before, size=PAGE):
        for entry in entries(lines, user):
            line = entry.line
            yield {
                "entry": line.transaction.pk,
                "at": line.transaction.occurred_at,
                "title": entry.title,
                "available": int(line.available.amount),
                "pending": int(line.pending.amount),
                "held": int(line.held.amount),
                "debt": int(line.debt.amount),
                "until": entry.until,
                "rule": line.transaction.rule,
                "why": " ".join(explain(entry.record)) if entry.record and line.kind == "award" else "",
            }
        before = lines[-1].transaction.pk


register(
    Section(
        "balances",
        _("My beans and hours"),
        {
            "available": _("To spend"),
            "pending": _("In public notice"),
            "held": _("Set aside for vouchers"),
            "debt": _("To be made up"),
            "minutes": _("Minutes of service"),
        },
        _balances,
        order=50,
        is_single=True,
    )
)
register(
    Section(
        "statement",
        _("Every line of my beans"),
        {
            "entry": _("Entry in the books"),
            "at": _("When"),
            "title": _("What for"),
            "available": _("To spend"),
            "pending": _("In public notice"),
            "held": _("Set aside for vouchers"),
            "debt": _("To be made up"),
            "until": _("Can be used until"),
            "rule": _("Rules"),
            "why": _("Why so many"),
        },
        _lines,
        order=51,
    )
)
