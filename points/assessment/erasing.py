"""What of a former grid leader is erased when the account is closed (J6): words and papers, never scores."""

from __future__ import annotations

from django.db import transaction

from points.assessment.models import Appeal, Claim, ClaimEvidence
from points.people.models import User


@transaction.atomic
def forget_words(leader: User) -> None:
    """Erase what the person wrote in claims and appeals, and the papers beside them."""
    for paper in ClaimEvidence.objects.filter(claim__leader=leader):
        paper.file.delete(save=False)
        paper.delete()
    Claim.objects.filter(leader=leader).update(note="")
    Appeal.objects.filter(leader=leader).update(text="")
