"""Training, commendations and ratings beside service: entered in the back office, read by the volunteer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Avg, Count

from points.grids import evidence
from points.people.models import User
from points.records import errors
from points.records.models import Commendation, Evaluation, TrainingRecord

if TYPE_CHECKING:
    from django.db.models import QuerySet

Source = Commendation.Source


@transaction.atomic
def record_training(training: TrainingRecord, *, by: User) -> TrainingRecord:
    """Keep one training. Refuses with own_group_record."""
    _demand_other(training.volunteer_id, by)
    training.entered_by = by
    training.save()
    return training


@transaction.atomic
def record_commendation(
    commendation: Commendation, *, by: User, proof: UploadedFile | evidence.Paper | None = None
) -> Commendation:
    """Keep one commendation; what others awarded only with its proof (law L-A11).

    Refuses with own_group_record, proof_missing, evidence_too_large, evidence_unreadable.
    """
    _demand_other(commendation.volunteer_id, by)
    commendation.entered_by = by
    if proof is not None:
        (paper,) = evidence.check_all([proof])
        commendation.proof_name, commendation.proof_type = paper.name, paper.content_type
        commendation.proof.save(
            f"{secrets.token_hex(16)}.{paper.ending}", ContentFile(paper.data), save=False
        )
    if commendation.source != Source.OWN and not commendation.proof:
        raise errors.ProofMissing()
    commendation.save()
    return commendation


@transaction.atomic
def rate_service(evaluation: Evaluation, *, by: User) -> Evaluation:
    """Keep a dated rating of one service; whoever was served is not named (law L-A12).

    Refuses with own_group_record.
    """
    _demand_other(evaluation.record.volunteer_id, by)
    evaluation.entered_by = by
    evaluation.save()
    return evaluation


def _demand_other(volunteer: int, by: User) -> None:
    if by.pk == volunteer:
        raise errors.OwnGroupRecord()


@dataclass(frozen=True)
class OtherRecords:
    """The groups beside service of one volunteer, for pages and for the export of one's own data."""

    trainings: list[TrainingRecord] = field(default_factory=list)
    commendations: list[Commendation] = field(default_factory=list)
    ratings: list[Evaluation] = field(default_factory=list)
    average: float | None = None


def others_of(volunteer: User) -> OtherRecords:
    """Everything beside service, the newest first. Four queries."""
    ratings: QuerySet[Evaluation] = Evaluation.objects.filter(record__volunteer=volunteer)
    sums = ratings.aggregate(average=Avg("rating"), count=Count("pk"))
    return OtherRecords(
        list(TrainingRecord.objects.filter(volunteer=volunteer).order_by("-held_on", "-pk")),
        list(Commendation.objects.filter(volunteer=volunteer).order_by("-awarded_on", "-pk")),
        list(ratings.select_related("record").order_by("-rated_on", "-pk")),
        sums["average"],
    )
