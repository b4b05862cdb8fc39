"""How long things are kept, or waited for: one register, with the usual days, and what the town decided.

Each room registers what it erases in its own module. A row of `Term` overrides the usual number of days; the
law names no period (`docs/privacy.md` says why each of ours is what it is).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from points import clock
from points.people.errors import UnknownTerm
from points.people.models import Digest, Notice, OwnDataCopy, Term

Erase = Callable[[dt.datetime], int]
LONGEST = 32767
"""Days."""


@dataclass(frozen=True)
class Kept:
    """Something with a term. `erase(before)` deletes what is older and returns how many rows."""

    code: str
    title: Promise
    days: int
    erase: Erase | None = None


TERMS: dict[str, Kept] = {}


def register(kept: Kept) -> Kept:
    """Make a term known.

    Raises:
        ValueError: another one has this code.
    """
    if TERMS.setdefault(kept.code, kept) != kept:
        raise ValueError(f"two terms are called {kept.code}")
    return kept


def days_of(code: str) -> int:
    """The town's number of days, else the usual one."""
    chosen = Term.objects.filter(code=code).values_list("days", flat=True).first()
    return TERMS[code].days if chosen is None else chosen


@transaction.atomic
def decide(code: str, *, days: int) -> Term:
    """Let the town decide on a term. Refuses with unknown_term (of an unknown code, or under one day)."""
    if code not in TERMS or not 1 <= days <= LONGEST:
        raise UnknownTerm(codes=", ".join(TERMS))
    term, _created = Term.objects.update_or_create(code=code, defaults={"days": days})
    return term


def terms() -> dict[str, int]:
    """The days of every code, as the town decided or as usual."""
    chosen = dict(Term.objects.values_list("code", "days"))
    return {code: chosen.get(code, kept.days) for code, kept in TERMS.items()}


def erase_old() -> int:
    """Erase everything whose term is over; returns how many rows. Run twice, it erases nothing twice."""
    days, now = terms(), clock.now()
    erased = 0
    for kept in TERMS.values():
        if kept.erase is not None:
            erased += kept.erase(now - dt.timedelta(days=days[kept.code]))
    return erased


COOLING_OFF = register(Kept("closing", _("cooling-off before an account is closed"), 7))
register(
    Kept(
        "notices",
        _("notices"),
        365,
        lambda before: Notice.objects.filter(created_at__lt=before).delete()[0],
    )
)
register(
    Kept(
        "digests",
        _("that a mail of the day was sent"),
        30,
        lambda before: Digest.objects.filter(on__lt=before.date()).delete()[0],
    )
)
register(
    Kept(
        "data_copies",
        _("that a copy of one's own data was made"),
        365,
        lambda before: OwnDataCopy.objects.filter(made_at__lt=before).delete()[0],
    )
)
register(
    Kept(
        "sessions",
        _("sign-ins that have run out"),
        1,
        lambda before: Session.objects.filter(expire_date__lt=before).delete()[0],
    )
)
