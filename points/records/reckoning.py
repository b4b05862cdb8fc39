"""From a record to the values the rules are applied to, and back: what is kept, and computing it again.

The inputs of a record are the act, the history the rules asked for, and the answer. They stand in the
record, where they can be erased; the ledger keeps a salted digest of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from points.ledger.balances import member_balances
from points.people.models import User
from points.records.models import ServiceRecord
from points.schemes.facts import total_key
from points.schemes.parts.basics import Period
from points.schemes.parts.codec import ratio
from points.schemes.rules import (
    BEAN,
    SERVICE,
    Act,
    Amount,
    Award,
    Bucket,
    History,
    Rules,
    Tally,
    award,
    looks_back_to,
)


def service_act(
    *,
    volunteer: User,
    served_on: dt.date,
    minutes: int,
    planned_minutes: int,
    category: str,
    grade: str,
    claimed_on: dt.date,
) -> Act:
    """A service as the rules see it. What the platform knows of the person and the activity goes along."""
    return Act(
        on=served_on,
        act=SERVICE,
        minutes=minutes,
        planned_minutes=planned_minutes,
        words={"category": category, "grade": str(grade)},
        flags={"filed": True, "registered": True},
        claimed_on=claimed_on,
    )


def history_of(rules: Rules, volunteer: User, act: Act) -> History:
    """What the volunteer earned before, as far as the rules ask: in every place, by the records that count.

    The caller holds the volunteer's lock.
    """
    found = tallied(rules, volunteer, act, ServiceRecord.objects.of(volunteer).valid())
    if any(each.unit == BEAN for each in rules.ceilings):
        held = int(member_balances(volunteer).total.amount)
        found = replace(found, balances={**found.balances, BEAN: held})
    return found


def tallied(rules: Rules, volunteer: User, act: Act, records: QuerySet[ServiceRecord]) -> History:
    """The history that these records of a volunteer make, as far back as the rules look."""
    since = looks_back_to(rules, act.on)
    tally = Tally(rules)
    if since is not None:
        rows = records.filter(served_on__gte=since).order_by("confirmed_at", "pk")
        for row in rows.values("served_on", "minutes", "beans", "inputs"):
            before, given = earlier(row)
            tally.add(volunteer.pk, before, given)
    return tally.history(volunteer.pk, act)


def earlier(row: Mapping[str, Any]) -> tuple[Act, Award]:
    """An act and its award from a record's row; from its columns where it was made before rules had parts."""
    inputs = row["inputs"] or {}
    if "act" not in inputs:
        given = Award((Amount(BEAN, row["beans"]),), row["minutes"])
        return Act(on=row["served_on"], minutes=row["minutes"]), given
    return Act.from_dict(inputs["act"]), award_from(inputs["award"])


def award_from(kept: Mapping[str, Any]) -> Award:
    """An answer as it was kept, without its lines."""
    return Award(
        tuple(Amount(unit, points, Bucket(bucket)) for unit, points, bucket in kept["amounts"]),
        kept["minutes"],
        (),
        kept.get("code", ""),
        {unit: ratio(value, unit) for unit, value in kept.get("exact", {}).items()},
    )


def for_giving_away(record: ServiceRecord) -> int:
    """The beans above a ceiling that this record earned for giving away only."""
    kept = record.inputs.get("award", {}).get("amounts", [])
    wanted = (BEAN, Bucket.DONATE_ONLY.value)
    return sum(points for unit, points, bucket in kept if (unit, bucket) == wanted)


def inputs_of(act: Act, history: History, given: Award, allowed_extension_minutes: int) -> dict[str, Any]:
    """What a record keeps so that its line can be computed again."""
    return {
        "act": act.to_dict(),
        "history": history.to_dict(),
        "award": given.to_dict(),
        "allowed_extension_minutes": allowed_extension_minutes,
    }


@dataclass(frozen=True)
class Recomputed:
    """A record's line computed again from its inputs."""

    beans: int
    award: Award
    is_equal: bool
    """The same points as were kept; and the same whole answer, where it was kept whole."""


def recompute(record: ServiceRecord) -> Recomputed | None:
    """The award again, from the inputs and the rule version; None when the inputs were erased."""
    inputs = record.inputs
    if not inputs or record.scheme_version is None:
        return None
    rules = record.scheme_version.as_rules()
    if "act" in inputs:
        found = award(rules, Act.from_dict(inputs["act"]), History.from_dict(inputs["history"]))
        kept = found.to_dict() == inputs["award"]
        return Recomputed(found.beans, found, kept and found.beans == record.beans)
    if "facts" not in inputs:
        return None
    act, history = _first_form(inputs["facts"])
    found = award(rules, act, history)
    return Recomputed(found.beans, found, found.beans == inputs["beans"] == record.beans)


def _first_form(facts: Mapping[str, Any]) -> tuple[Act, History]:
    """Facts as they were kept before rules had parts."""
    act = Act(
        on=dt.date.fromisoformat(facts["served_on"]),
        minutes=facts["minutes"],
        planned_minutes=facts["planned_minutes"],
        words={"category": facts["category"], "grade": facts["grade"]},
    )
    already = Fraction(facts.get("beans_already_that_day", 0))
    return act, History({total_key(BEAN, "", Period.DAY): already})
