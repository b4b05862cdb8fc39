"""A person's statement in words: what each line was for, and why. Causes are fetched in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext, pgettext
from djmoney.money import Money

from points.ledger.models import NEVER, Transaction
from points.ledger.statements import Line
from points.people.models import User
from points.records.models import ServiceRecord
from points.records.words import is_in_notice
from rewards.models import Redemption

RECORD, REDEMPTION = "record", "redemption"


@dataclass(frozen=True)
class Causes:
    """The records and redemptions a number of transactions refer to, of one person."""

    records: dict[str, ServiceRecord] = field(default_factory=dict)
    redemptions: dict[int, Redemption] = field(default_factory=dict)

    def record(self, transaction: Transaction) -> ServiceRecord | None:
        room, _colon, name = transaction.reference.partition(":")
        return self.records.get(name) if room == RECORD else None

    def redemption(self, transaction: Transaction) -> Redemption | None:
        room, _colon, name = transaction.reference.partition(":")
        return self.redemptions.get(int(name)) if room == REDEMPTION and name.isdigit() else None


def causes_of(transactions: Iterable[Transaction], user: User) -> Causes:
    """What the transactions of `user` were for. Two queries, however many there are."""
    numbers: set[str] = set()
    keys: set[int] = set()
    for one in transactions:
        room, _colon, name = one.reference.partition(":")
        if room == RECORD:
            numbers.add(name)
        elif room == REDEMPTION and name.isdigit():
            keys.add(int(name))
    records = (
        ServiceRecord.objects.filter(volunteer=user, number__in=numbers)
        .select_related("scheme_version__scheme", "recording_unit")
        .order_by("version")
    )
    redemptions = Redemption.objects.filter(member=user, pk__in=keys).select_related(
        "reward__provider", "slot"
    )
    return Causes(
        {record.number: record for record in records} if numbers else {},
        {redemption.pk: redemption for redemption in redemptions} if keys else {},
    )


@dataclass(frozen=True)
class Entry:
    """One line of the statement as it is shown."""

    line: Line
    title: str
    on: dt.datetime
    record: ServiceRecord | None
    redemption: Redemption | None
    badge: str
    tone: str

    @property
    def shown(self) -> Money | None:
        """The number beside the line: what became or ceased to be spendable, else what is on its way."""
        if self.line.available.amount:
            return self.line.available
        if self.line.kind in ("award", "correction", "reversal") and self.line.pending.amount:
            return self.line.pending
        return None

    @property
    def is_quiet(self) -> bool:
        """Whether the number has been counted by another line (or will be): written small."""
        return not self.line.available.amount and not (self.record and is_in_notice(self.record))

    @property
    def until(self) -> dt.date | None:
        return self.line.day if self.line.day and self.line.day != NEVER else None


def entries(lines: Sequence[Line], user: User) -> list[Entry]:
    """The lines with their causes, in the reader's language."""
    causes = causes_of((line.transaction for line in lines), user)
    return [entry(line, causes) for line in lines]


def entry(line: Line, causes: Causes) -> Entry:
    record, redemption = causes.record(line.transaction), causes.redemption(line.transaction)
    badge, tone = _badge(line, record, redemption)
    title = title_of(line.transaction, record, redemption)
    return Entry(line, title, line.transaction.occurred_at, record, redemption, badge, tone)


def _badge(line: Line, record: ServiceRecord | None, redemption: Redemption | None) -> tuple[str, str]:
    if line.kind == "award" and record is not None:
        if is_in_notice(record):
            return pgettext("statement", "In public notice"), "bean"
        if record.state == ServiceRecord.State.FINAL and not record.awaiting_budget:
            return pgettext("statement", "Arrived"), "plain"
    if line.kind == "hold" and redemption is not None:
        tone = "jade" if redemption.state == Redemption.State.ISSUED else "plain"
        return redemption.get_state_display(), tone
    return "", ""


def title_of(transaction: Transaction, record: ServiceRecord | None, redemption: Redemption | None) -> str:
    """What a line was for, in a few words."""
    name = record.activity_name if record else ""
    reward = redemption.reward.title if redemption else ""
    what = name or reward
    titles = {
        "award": name or pgettext("statement", "Service"),
        "release": gettext("Arrived: %(what)s") % {"what": name or pgettext("statement", "Service")},
        "hours": name or pgettext("statement", "Service"),
        "hold": reward or pgettext("statement", "Voucher"),
        "fulfil": gettext("Used: %(what)s") % {"what": reward or pgettext("statement", "Voucher")},
        "return": gettext("Given back: %(what)s") % {"what": reward or pgettext("statement", "Voucher")},
        "forfeit": gettext("Not used: %(what)s") % {"what": reward or pgettext("statement", "Voucher")},
        "lapse": pgettext("statement", "Expired beans"),
        "donation": pgettext("statement", "Given to the community"),
        "closing": pgettext("statement", "Lapsed with the account"),
        "correction": gettext("Correction: %(what)s") % {"what": what} if what else gettext("Correction"),
        "dispute": gettext("Looked at: %(what)s") % {"what": name or pgettext("statement", "Service")},
        "reversal": gettext("Taken back: %(what)s") % {"what": what} if what else gettext("Taken back"),
    }
    return titles.get(transaction.kind, transaction.kind)
