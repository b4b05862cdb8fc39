"""A month again, from the facts alone: the same minutes, the same beans, the same ledger.

Nothing that was computed is believed: minutes follow from the times, the rule version from place and day, the
history from the records that counted when it was confirmed. What comes out is held against the record, and
against what the books moved under its number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import F, Q
from django.utils import timezone

from points.ledger.models import AccountKind, Posting
from points.records import standing
from points.records.models import ServiceRecord
from points.records.reckoning import inputs_of, service_act, tallied
from points.records.services import creditable_minutes
from points.schemes import rules as scheme_rules
from points.schemes.facts import History
from points.schemes.services import version_in_force
from points.units import MINUTE


@dataclass(frozen=True)
class Difference:
    """What was kept and what came out, for one version of a record."""

    record: str
    what: str
    kept: int | str
    again: int | str

    def __str__(self) -> str:
        return f"{self.record}: {self.what}: kept {self.kept}, recomputed {self.again}"


@dataclass
class Outcome:
    """A month recomputed."""

    records: int = 0
    minutes: int = 0
    beans: int = 0
    differences: list[Difference] = field(default_factory=list)


def recompute_month(first: dt.date) -> Outcome:
    """Every version of every record of service in the month that begins on `first`."""
    after = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    rows = ServiceRecord.objects.filter(served_on__gte=first, served_on__lt=after)
    rows = rows.select_related("volunteer", "grid", "scheme_version__scheme", "supersedes")
    outcome = Outcome()
    for record in rows.order_by("confirmed_at", "pk").iterator(chunk_size=500):
        outcome.records += 1
        outcome.differences += _reckoned(record)
        if record.state != ServiceRecord.State.SUPERSEDED:
            outcome.minutes += record.minutes
            outcome.beans += 0 if record.awaiting_budget else record.beans
            outcome.differences += _posted(record)
    return outcome


def _reckoned(record: ServiceRecord) -> Iterator[Difference]:
    """Minutes and beans of one version from its facts."""
    name = str(record)
    extension = int(record.inputs.get("allowed_extension_minutes", 0))
    plan = (record.planned_start, record.planned_end)
    came, left = record.checked_in_at or plan[0], record.checked_out_at or plan[1]
    minutes = creditable_minutes(*plan, came, left, extension)
    if minutes != record.minutes:
        yield Difference(name, "minutes", record.minutes, minutes)
    version = version_in_force(record.grid, timezone.localdate(record.planned_start))
    if (version.pk if version else None) != record.scheme_version_id:
        yield Difference(
            name, "rule version", str(record.scheme_version), version.label if version else "none"
        )
        return
    if version is None:
        if record.beans:
            yield Difference(name, "beans without a scheme", record.beans, 0)
        return
    rules = version.as_rules()
    claimed_on = record.inputs.get("act", {}).get("claimed_on")
    act = service_act(
        volunteer=record.volunteer,
        served_on=timezone.localdate(record.planned_start),
        minutes=minutes,
        planned_minutes=creditable_minutes(*plan, *plan),
        category=record.category,
        grade=record.grade,
        claimed_on=dt.date.fromisoformat(claimed_on)
        if claimed_on
        else timezone.localdate(record.confirmed_at),
    )
    then = Q(confirmed_at__lt=record.confirmed_at) | Q(confirmed_at=record.confirmed_at, pk__lt=record.pk)
    standing_then = Q(superseded_by__isnull=True) | Q(superseded_by__confirmed_at__gt=record.confirmed_at)
    before = ServiceRecord.objects.of(record.volunteer).filter(then & standing_then)
    if record.supersedes_id:
        before = before.exclude(pk=record.supersedes_id)
    history = tallied(rules, record.volunteer, act, before)
    kept = record.inputs.get("history")
    if kept and any(ceiling.unit == scheme_rules.BEAN for ceiling in rules.ceilings):
        # What was on the account at that moment is a fact of its own, which the record keeps.
        history = History(**{**history.__dict__, "balances": History.from_dict(kept).balances})
    award = scheme_rules.award(rules, act, history)
    if award.beans != record.beans:
        yield Difference(name, "beans", record.beans, award.beans)
    again = inputs_of(act, history, award, extension)["award"]
    if record.inputs.get("award") not in (None, again):
        yield Difference(name, "reasons", "kept", "others")


def _posted(record: ServiceRecord) -> Iterator[Difference]:
    """What the books moved under the record's number, all versions together."""
    name = str(record)
    moved = {True: 0, False: 0}
    rows = Posting.objects.filter(transaction__reference=standing.reference_of(record), unit=MINUTE)
    for came, amount in rows.values_list(F("destination__kind"), "amount"):
        moved[came == AccountKind.HOURS] += amount
    if moved[True] - moved[False] != record.minutes:
        yield Difference(name, "minutes in the books", moved[True] - moved[False], record.minutes)
    beans, _extra = standing.paid(record)
    if not record.awaiting_budget and beans != record.beans:
        yield Difference(name, "beans in the books", beans, record.beans)
