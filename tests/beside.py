"""What stands beside a service record, one of each, for the table of rights."""

from __future__ import annotations

import datetime as dt
from typing import Any

from points.grids.evidence import Paper
from points.records import certificates, groups, objections, supplements
from points.records.models import (
    Commendation,
    Evaluation,
    ServiceRecord,
    SupplementLimit,
    TrainingRecord,
    WorkDay,
)


def beside(record: Any, people: dict[str, Any]) -> dict[str, list[Any]]:
    """What stands beside a record: an objection, a certificate, hours entered later, and so on."""
    member, by = people["member"], people["organiser"]
    about = {"volunteer": member, "grid": record.grid, "name": "春风急救"}
    day = record.served_on
    training = TrainingRecord(**about, content="心肺复苏", minutes=60, held_by="红十字会", held_on=day)
    honour = Commendation(**about, awarded_on=day, awarded_by="居委会")
    paper = Paper("春风奖状.pdf", "application/pdf", "pdf", b"%PDF-1.4\n%%EOF")
    state = record.state
    ServiceRecord.objects.filter(pk=record.pk).update(state="final")
    paper_of_member = certificates.issue_certificate(member, unit=record.recording_unit, by=member)
    ServiceRecord.objects.filter(pk=record.pk).update(state=state)
    start = record.planned_start - dt.timedelta(days=5)
    claim = supplements.claim_hours(
        member,
        recording_unit=record.recording_unit,
        activity_name="春风搬家",
        category="care",
        content="搬柜子",
        place="三号楼",
        came_at=start,
        left_at=start + dt.timedelta(hours=1),
        reason="没有活动",
        by=member,
    )
    objection = objections.object_to(record, claim="too_few", text="春风少了半小时", by=member)
    return {
        "objection": [objection.pk],
        "certificate": [paper_of_member.number],
        "certificate_pk": [paper_of_member.pk],
        "supplement": [claim.pk],
        "training": [groups.record_training(training, by=by).pk],
        "commendation": [groups.record_commendation(honour, by=by, proof=paper).pk],
        "evaluation": [groups.rate_service(Evaluation(record=record, rating=5), by=by).pk],
        "supplement_limit": [SupplementLimit.objects.create(grid=record.grid).pk],
        "work_day": [WorkDay.objects.create(day=day, is_workday=True, note="春风").pk],
    }
