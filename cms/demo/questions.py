"""Records that people looked at again: a correction, its certificates, an open objection, what is beside."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from cms.demo import personas, town
from cms.demo.calendar import local
from cms.demo.stage import Stage
from points import clock
from points.records import certificates, groups, objections, supplements
from points.records.corrections import Facts
from points.records.models import (
    Commendation,
    Evaluation,
    Objection,
    ServiceRecord,
    TrainingRecord,
)

QUARTER = dt.timedelta(minutes=15)
State = ServiceRecord.State
Claim = Objection.Claim


class Questions:
    """Turns of the last three weeks, queued on the timeline."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def queue(self, now: dt.datetime) -> None:
        morning = now.replace(hour=9, minute=20, second=0, microsecond=0)
        story = [
            (21, self.certify),
            (14, self.ask_for_more),
            (13, self.decide),
            (6, self.stand_beside),
            (5, self.certify_again),
            (2, self.claim),
            (1, self.object),
        ]
        for days, turn in story:
            self.stage.timeline.at(morning - dt.timedelta(days=days), turn)
        self.stage.timeline.at(now - QUARTER, self.object)  # if nothing was in notice yesterday

    # --- The volunteer of the tour ----------------------------------------------------------------------
    def certify(self) -> None:
        """She prints a certificate of everything that is final."""
        me = self.stage.persona(personas.VOLUNTEER)
        unit = self.stage.organizations[town.PEICUN]
        if certificates.certifiable(me, unit).exists():
            certificates.issue_certificate(me, unit=unit, by=me)

    def ask_for_more(self) -> None:
        """She stayed a quarter of an hour longer, and nobody wrote it down."""
        me = self.stage.persona(personas.VOLUNTEER)
        records = ServiceRecord.objects.of(me).filter(
            state=State.FINAL, certificates__isnull=False, checked_out_at__gte=F("planned_end")
        )
        record = records.order_by("-served_on", "-pk").first()
        if record is not None:
            text = "那天收拾工具多留了一刻钟，组织者在场。"
            objections.object_to(record, claim=Claim.TOO_FEW, text=text, by=me)

    def decide(self) -> None:
        """The community worker asked, and corrects: a new version, and the certificate is revoked."""
        open_ones = Objection.objects.filter(state=Objection.State.OPEN).select_related("record")
        objection = open_ones.order_by("pk").first()
        if objection is None:
            return
        now = Facts.of(objection.record)
        left = max(now.checked_out_at, objection.record.planned_end) + QUARTER
        facts = Facts(
            now.checked_in_at,
            left,
            now.category,
            now.content,
            now.place,
            allowed_extension_minutes=int((left - objection.record.planned_end) / dt.timedelta(minutes=1)),
        )
        answer = "问过组织者，确实多做了一刻钟，已补上。"
        worker = self.stage.persona(personas.WORKER)
        objections.uphold(objection, facts, answer=answer, by=worker)

    def certify_again(self) -> None:
        """A new certificate takes the place of the revoked one."""
        me = self.stage.persona(personas.VOLUNTEER)
        revoked = me.certificates.filter(revoked_at__isnull=False).first()
        if revoked is not None:
            certificates.issue_certificate(me, unit=revoked.recording_unit, by=me, replaces=revoked)

    def stand_beside(self) -> None:
        """A training, a commendation of the community, and a rating."""
        me, worker = self.stage.persona(personas.VOLUNTEER), self.stage.persona(personas.WORKER)
        grid, day = self.stage.units[town.PEICUN], clock.today()
        training = TrainingRecord(
            volunteer=me,
            grid=grid,
            name="社区急救基础",
            content="心肺复苏、止血包扎、拨打 120",
            minutes=90,
            held_by="裴村社区卫生服务站",
            held_on=day - dt.timedelta(days=1),
        )
        groups.record_training(training, by=worker)
        honour = Commendation(
            volunteer=me, grid=grid, name="季度热心邻居", awarded_on=day, awarded_by="裴村社区居民委员会"
        )
        groups.record_commendation(honour, by=worker)
        record = ServiceRecord.objects.of(me).filter(state=State.FINAL).order_by("-served_on").first()
        if record is not None:
            groups.rate_service(Evaluation(record=record, rating=5), by=worker)

    # --- The others -------------------------------------------------------------------------------------
    def claim(self) -> None:
        """A neighbour helped without an activity, and waits for the grid leader."""
        neighbour = self.stage.residents[town.PEICUN][0]
        came = local(clock.today() - dt.timedelta(days=1), 20, 30)  # after every activity of that day
        supplements.claim_hours(
            neighbour,
            recording_unit=self.stage.organizations[town.PEICUN],
            activity_name="帮邻居搬家具",
            category="care",
            content="把旧柜子搬到一楼",
            place="裴村三号院",
            came_at=came,
            left_at=came + dt.timedelta(minutes=90),
            reason="临时帮忙，没有发活动，周晓彤在场。",
            by=neighbour,
        )

    def object(self) -> None:
        """Somebody read the public notice and remembers it differently: this one is still open."""
        if Objection.objects.filter(state=Objection.State.OPEN).exists():
            return
        me = self.stage.persona(personas.VOLUNTEER)
        unit = self.stage.units[town.PEICUN]
        shown = ServiceRecord.objects.in_notice().in_subtree(unit).filter(state=State.IN_NOTICE)
        record = shown.exclude(volunteer=me).order_by("served_on", "pk").first()
        if record is not None:
            readers = [one for one in self.stage.residents[town.PEICUN] if one.pk != record.volunteer_id]
            text = "那天他十点左右就走了，没有做到结束。"
            objections.object_to(record, claim=Claim.TOO_MANY, text=text, by=readers[-1])
