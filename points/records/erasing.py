"""What of a person's records is erased when the account is closed (J6).

A record keeps its seven facts, which the law wants true and complete, beside a number instead of a name.
What goes are the inputs of the rule, which say what else the person did that day, week or month; the ledger's
salted digest of them then proves nothing to anybody. A record still in public notice keeps them until it is
final.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from points.people.models import User
from points.records.models import ServiceRecord

State = ServiceRecord.State


def with_inputs() -> QuerySet[ServiceRecord]:
    """Records that can no longer change and still hold the inputs of their rule."""
    found: QuerySet[ServiceRecord] = ServiceRecord.objects.exclude(state=State.IN_NOTICE)
    return found.exclude(awaiting_budget=True).exclude(inputs={})


@transaction.atomic
def erase_inputs(volunteer: User) -> int:
    """Erase the inputs of one person's records; returns of how many. Twice is once."""
    return with_inputs().filter(volunteer=volunteer).update(inputs={})
