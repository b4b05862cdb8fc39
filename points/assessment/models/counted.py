"""What counts: facts the system found, claims with evidence, and sums of ratings."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from points.assessment.kinds import Question
from points.assessment.models.periods import AssessmentPeriod, Indicator, person_field
from points.grids.models import private_storage


class Fact(models.Model):
    """Something the system found: an activity, a meeting, a list confirmed in time.

    What nobody but the leader vouches for waits until somebody else has looked at it.
    """

    class State(models.TextChoices):
        COUNTED = "counted", pgettext_lazy("fact", "Counted")
        WAITING = "waiting", pgettext_lazy("fact", "Waits for a second look")
        STRUCK = "struck", pgettext_lazy("fact", "Does not count")

    period = models.ForeignKey(AssessmentPeriod, on_delete=models.CASCADE, related_name="facts")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    leader = person_field(_("leader"))
    reference = models.CharField(_("what was found"), max_length=80)
    title = models.CharField(_("title"), max_length=120)
    unit_code = models.CharField(_("grid code"), max_length=32)
    happened_on = models.DateField(_("date"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.COUNTED)
    decided_by = person_field(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ["happened_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "indicator", "reference"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("leader")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody confirms their own facts."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Claim(models.Model):
    """What a leader says was done: one thing, one day, with evidence where the indicator demands it."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", pgettext_lazy("claim", "Waits for review")
        ACCEPTED = "accepted", pgettext_lazy("claim", "Accepted")
        REJECTED = "rejected", pgettext_lazy("claim", "Not accepted")
        WITHDRAWN = "withdrawn", pgettext_lazy("claim", "Withdrawn")

    period = models.ForeignKey(AssessmentPeriod, on_delete=models.CASCADE, related_name="claims")
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="+", verbose_name=_("indicator")
    )
    leader = person_field(_("leader"))
    happened_on = models.DateField(_("date"))
    note = models.CharField(_("what was done"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SUBMITTED)
    submitted_at = models.DateTimeField(_("submitted at"), default=clock.now)
    reviewed_by = person_field(_("reviewed by"), null=True)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("leader")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody reviews their own claims."),
            )
        ]
        indexes = [models.Index(fields=["period", "state"], name="assessment_claim_state_idx")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.happened_on}"


class ClaimEvidence(models.Model):
    """One paper or picture beside a claim, checked by its content, without the camera's notes."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="evidence")
    file = models.FileField(_("file"), upload_to="claims/%Y/%m/", storage=private_storage, max_length=160)
    name = models.CharField(_("file name"), max_length=100)
    content_type = models.CharField(_("kind of file"), max_length=40)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return self.name


class RatingTally(models.Model):
    """How often each number of stars was given for a unit in a period: sums only, no answer of anybody."""

    period = models.ForeignKey(AssessmentPeriod, on_delete=models.CASCADE, related_name="tallies")
    unit_code = models.CharField(_("grid code"), max_length=32)
    question = models.CharField(_("question"), max_length=10, choices=Question.choices)
    stars = models.PositiveSmallIntegerField(_("stars"))
    answers = models.PositiveIntegerField(_("answers"), default=0)

    class Meta:
        verbose_name = _("ratings")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "unit_code", "question", "stars"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(stars__gte=1) & Q(stars__lte=5), name="%(app_label)s_%(class)s_stars"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_code} {self.question} {self.stars}: {self.answers}"


class RatingSeen(models.Model):
    """A device has answered for a unit: a keyed digest without a time, deleted when the counting begins."""

    period = models.ForeignKey(AssessmentPeriod, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("device that has answered")
        verbose_name_plural = _("devices that have answered")
        constraints = [
            models.UniqueConstraint(fields=["period", "digest"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return self.digest[:8]
