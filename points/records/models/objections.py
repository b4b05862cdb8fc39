"""Objections: somebody says that a record is wrong, somebody else decides (F-V6, law L-A15, journey J6)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from points.records.models.service import ServiceRecord


class Objection(models.Model):
    """One person's word against one version of a record, and the answer to it.

    While it is open the record is held: nothing of it becomes spendable. `record` stays the version that was
    objected to; `result` is the version that an upheld objection led to.
    """

    class Claim(models.TextChoices):
        TOO_FEW = "too_few", pgettext_lazy("objection", "Too few hours")
        TOO_MANY = "too_many", pgettext_lazy("objection", "Too many hours, or not there at all")
        WRONG_FACT = "wrong_fact", pgettext_lazy("objection", "Something else is wrong")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("objection state", "Being looked at")
        UPHELD = "upheld", pgettext_lazy("objection state", "Upheld: the record was corrected")
        REJECTED = "rejected", pgettext_lazy("objection state", "Not upheld: the record stays")
        WITHDRAWN = "withdrawn", pgettext_lazy("objection state", "Taken back")

    record = models.ForeignKey(
        ServiceRecord,
        on_delete=models.PROTECT,
        related_name="objections",
        verbose_name=_("service record"),
    )
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("raised by")
    )
    raised_at = models.DateTimeField(_("raised at"), default=clock.now)
    claim = models.CharField(_("what is wrong"), max_length=12, choices=Claim.choices)
    text = models.CharField(_("in the person's words"), max_length=500)
    was_final = models.BooleanField(
        _("after the public notice"),
        default=False,
        help_text=_("A request for a correction (Order 67, article 13)."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    result = models.OneToOneField(
        ServiceRecord,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("corrected record"),
    )

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        constraints = [
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(state="open"),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message=_("This record is being looked at already."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("raised_by")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody decides their own objection."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["upheld", "rejected"], decided_by__isnull=False)
                | (~Q(state__in=["upheld", "rejected"]) & Q(decided_by__isnull=True)),
                name="%(app_label)s_%(class)s_decided_by",
                violation_error_message=_("What is decided names who decided it."),
            ),
            models.CheckConstraint(
                condition=Q(state="upheld", result__isnull=False)
                | (~Q(state="upheld") & Q(result__isnull=True)),
                name="%(app_label)s_%(class)s_result",
                violation_error_message=_("An upheld objection leads to a corrected record."),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "raised_at"], name="records_objection_open_idx"),
            models.Index(fields=["raised_by", "-raised_at"], name="records_objection_mine_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.claim}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
