"""The other record groups of Order 67 beside service: training, commendations, evaluations (law L-A3)."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from points.grids.models import private_storage
from points.records.models.service import ServiceRecord


class GroupRecord(models.Model):
    """What training and commendation records share."""

    volunteer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("volunteer")
    )
    grid = models.ForeignKey(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="+", verbose_name=_("grid unit")
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("entered by"),
        editable=False,
    )
    entered_at = models.DateTimeField(_("entered at"), default=clock.now, editable=False)

    class Meta:
        abstract = True


class TrainingRecord(GroupRecord):
    """One training: its name, content, length, holder and day (law L-A10). It is not service time."""

    name = models.CharField(_("name of the training"), max_length=120)
    content = models.CharField(_("main content"), max_length=300)
    minutes = models.PositiveIntegerField(_("minutes of learning"), validators=[MinValueValidator(1)])
    held_by = models.CharField(_("held by"), max_length=120)
    held_on = models.DateField(_("date"))

    class Meta:
        verbose_name = _("training record")
        verbose_name_plural = _("training records")
        indexes = [models.Index(fields=["volunteer", "-held_on"], name="records_training_idx")]
        constraints = [
            models.UniqueConstraint(
                fields=["volunteer", "name", "held_on"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message=_("This training has been recorded for this person already."),
            ),
            models.CheckConstraint(
                condition=~Q(entered_by=F("volunteer")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody records their own training."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Commendation(GroupRecord):
    """One commendation: its name, day and awarding body (law L-A11).

    The unit's own stands at once; what a government or somebody else awarded is recorded on proof.
    """

    class Source(models.TextChoices):
        OWN = "own", pgettext_lazy("commendation", "By the recording unit itself")
        GOVERNMENT = "government", pgettext_lazy("commendation", "By a government or its department")
        OTHER = "other", pgettext_lazy("commendation", "By another organisation")

    name = models.CharField(_("name of the commendation"), max_length=120)
    awarded_on = models.DateField(_("date"))
    awarded_by = models.CharField(_("awarding body"), max_length=120)
    source = models.CharField(
        _("kind of awarding body"), max_length=10, choices=Source.choices, default=Source.OWN
    )
    proof = models.FileField(
        _("proof"), upload_to="proofs/%Y/%m/", storage=private_storage, max_length=160, blank=True
    )
    proof_name = models.CharField(_("file name"), max_length=100, blank=True, editable=False)
    proof_type = models.CharField(_("kind of file"), max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = _("commendation")
        verbose_name_plural = _("commendations")
        indexes = [models.Index(fields=["volunteer", "-awarded_on"], name="records_commendation_idx")]
        constraints = [
            models.UniqueConstraint(
                fields=["volunteer", "name", "awarded_on"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message=_("This commendation has been recorded for this person already."),
            ),
            models.CheckConstraint(
                condition=Q(source="own") | ~Q(proof=""),
                name="%(app_label)s_%(class)s_proof",
                violation_error_message=_(
                    "What others awarded is recorded on proof: please add the certificate as a picture or "
                    "PDF (Order 67, article 9)."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(entered_by=F("volunteer")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody records their own commendation."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Evaluation(models.Model):
    """A dated rating of the quality of one service (law L-A12), without the name of whoever was served."""

    class Source(models.TextChoices):
        ORGANISER = "organiser", pgettext_lazy("evaluation", "By the organiser")
        SERVED = "served", pgettext_lazy("evaluation", "By the people served")

    record = models.ForeignKey(
        ServiceRecord, on_delete=models.PROTECT, related_name="evaluations", verbose_name=_("service record")
    )
    source = models.CharField(
        _("whose rating"), max_length=10, choices=Source.choices, default=Source.ORGANISER
    )
    rating = models.PositiveSmallIntegerField(
        _("rating"),
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("1 (poor) to 5 (very good)."),
    )
    rated_on = models.DateField(_("date"), default=clock.today)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("entered by"),
        editable=False,
    )

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        constraints = [
            models.UniqueConstraint(
                fields=["record", "source"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message=_("This service has been rated by them already."),
            ),
            models.CheckConstraint(
                condition=Q(rating__gte=1, rating__lte=5),
                name="%(app_label)s_%(class)s_range",
                violation_error_message=_("A rating is a number from 1 to 5."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.rating}"
