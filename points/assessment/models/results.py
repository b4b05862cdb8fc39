"""Results, what changed them afterwards, and appeals."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from points.assessment.models.periods import AssessmentPeriod, Indicator, person_field


class Result(models.Model):
    """One leader's points in one period. `points` is what the books say once the period is closed."""

    period = models.ForeignKey(
        AssessmentPeriod,
        on_delete=models.CASCADE,
        related_name="results",
        verbose_name=_("assessment period"),
    )
    leader = person_field(_("leader"))
    units = models.CharField(_("grid units"), max_length=200)
    days = models.PositiveSmallIntegerField(_("days in office"))
    points = models.PositiveIntegerField(_("points"))
    maximum = models.PositiveIntegerField(_("points that were possible"))
    transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        constraints = [
            models.UniqueConstraint(fields=["period", "leader"], name="%(app_label)s_%(class)s_once"),
            models.CheckConstraint(
                condition=Q(points__lte=F("maximum")), name="%(app_label)s_%(class)s_within"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leader} {self.points}"


class ResultLine(models.Model):
    """One indicator of one result: how many counted, and what that gave."""

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="lines")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveIntegerField(_("counted"))
    points = models.PositiveIntegerField(_("points"))
    maximum = models.PositiveIntegerField(_("points that were possible"))

    class Meta:
        verbose_name = _("line of a result")
        verbose_name_plural = _("lines of results")
        constraints = [
            models.UniqueConstraint(fields=["result", "indicator"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.points}/{self.maximum}"


class ScoreChange(models.Model):
    """A score that changed after it was published, and why: visible to its owner, posted when closed."""

    class Cause(models.TextChoices):
        FACT = "fact_reversed", pgettext_lazy("why a score changed", "A fact turned out not to hold")
        APPEAL = "appeal", pgettext_lazy("why a score changed", "An appeal was upheld")

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="changes")
    cause = models.CharField(_("why"), max_length=16, choices=Cause.choices)
    reference = models.CharField(_("what it rests on"), max_length=80)
    before = models.PositiveIntegerField(_("before"))
    after = models.PositiveIntegerField(_("after"))
    by = person_field(_("decided by"))
    at = models.DateTimeField(_("when"), default=clock.now)
    transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("change of a score")
        verbose_name_plural = _("changes of scores")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Appeal(models.Model):
    """A leader says that something was not counted; a third person decides."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "Waits for a decision")
        UPHELD = "upheld", pgettext_lazy("appeal", "Upheld")
        DISMISSED = "dismissed", pgettext_lazy("appeal", "Dismissed")

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="appeals")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    leader = person_field(_("leader"))
    text = models.CharField(_("what was not counted"), max_length=400)
    filed_at = models.DateTimeField(_("filed at"), default=clock.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    added = models.PositiveSmallIntegerField(_("so many more count"), default=0)
    decided_by = person_field(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    answer = models.CharField(_("answer"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "indicator"],
                condition=Q(state="open"),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message=_("Your appeal on this line is waiting for a decision."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("leader")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody decides their own appeal."),
            ),
            models.CheckConstraint(
                condition=Q(state="upheld", added__gte=1) | (~Q(state="upheld") & Q(added=0)),
                name="%(app_label)s_%(class)s_added",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leader_id} {self.indicator_id}"
