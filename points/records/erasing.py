"""What of a person's records is erased when the account is closed (J6).

A record keeps its seven facts, which the law wants true and complete, beside a number instead of a name.
What goes are the inputs of the rule, which say what else the person did that day, week or month; the ledger's
salted digest of them then proves nothing to anybody. A record still in public notice, or held by an
objection, keeps them until it is final.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from points.people.models import User
from points.records import certificates, objections, supplements
from points.records.models import Commendation, Objection, ServiceRecord, Supplement

State = ServiceRecord.State


def with_inputs() -> QuerySet[ServiceRecord]:
    """Records that can no longer change and still hold the inputs of their rule."""
    found: QuerySet[ServiceRecord] = ServiceRecord.objects.exclude(state__in=(State.IN_NOTICE, State.HELD))
    return found.exclude(awaiting_budget=True).exclude(inputs={})


@transaction.atomic
def erase_inputs(volunteer: User) -> int:
    """Erase the inputs of one person's records; returns of how many. Twice is once."""
    return with_inputs().filter(volunteer=volunteer).update(inputs={})


@transaction.atomic
def forget_person(volunteer: User) -> None:
    """End what is open and erase what the person wrote or handed in. Twice is once.

    An open objection of theirs is withdrawn and an unseen claim taken back. Certificates stay and can be
    checked by number (`certificates.forget_person`).
    """
    for objection in Objection.objects.filter(raised_by=volunteer, state=Objection.State.OPEN).order_by("pk"):
        objections.withdraw(objection, by=volunteer)
    for claim in Supplement.objects.filter(volunteer=volunteer, state=Supplement.State.CLAIMED).order_by(
        "pk"
    ):
        supplements.take_back(claim, by=volunteer)
    Objection.objects.filter(raised_by=volunteer).update(text="")
    Supplement.objects.filter(volunteer=volunteer).update(reason="")
    for honour in Commendation.objects.filter(volunteer=volunteer).exclude(proof=""):
        honour.proof.delete(save=False)
        honour.proof, honour.proof_name = "", ""
        honour.save(update_fields=["proof", "proof_name"])
    certificates.forget_person(volunteer)
