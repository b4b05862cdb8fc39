"""How each kind of account behaves.

`is_stored`: it must not be overdrawn, so it stores its balance and is locked when it changes. The others
are busy sources and sinks without a floor, whose balance is a checkpoint and a tail.
`tracks_days`: it holds value that can expire. `lapses`: overdue days are lapsed before every debit.
`sign`: -1 for a debt, which may not rise above zero.
"""

from __future__ import annotations

from dataclasses import dataclass

from points.ledger.models import AccountKind


@dataclass(frozen=True)
class KindRule:
    """The behaviour of one kind of account."""

    is_stored: bool = True
    tracks_days: bool = False
    lapses: bool = False
    sign: int = 1


_UNSTORED = KindRule(is_stored=False)

RULES: dict[str, KindRule] = {
    AccountKind.TREASURY: _UNSTORED,
    AccountKind.POOL: KindRule(),
    AccountKind.PENDING: KindRule(tracks_days=True),
    AccountKind.AVAILABLE: KindRule(tracks_days=True, lapses=True),
    AccountKind.HOLD: KindRule(tracks_days=True),
    AccountKind.PAYABLE: KindRule(),
    AccountKind.SETTLED: _UNSTORED,
    AccountKind.LAPSED: _UNSTORED,
    AccountKind.FORFEIT: _UNSTORED,
    AccountKind.DEBT: KindRule(sign=-1),
    AccountKind.COMMUNITY: KindRule(),
    AccountKind.BASE: KindRule(),
    AccountKind.DONATE_ONLY: KindRule(),
    AccountKind.SERVICE: _UNSTORED,
    AccountKind.HOURS: KindRule(),
    AccountKind.ASSESSED: _UNSTORED,
    AccountKind.SCORE: KindRule(),
}
LAPSING = tuple(kind for kind, rule in RULES.items() if rule.lapses)
