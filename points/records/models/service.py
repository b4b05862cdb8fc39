"""Service records: who served, when, what, how it was proven, and what it earned.

A record is made from facts (check-in, check-out, the planned time), confirmed by somebody other than the
volunteer, shown in a public notice, and then final. It is the only door by which service earns beans.
Actual minutes are kept and never rounded (law L-A9); hours, beans and scores stay three quantities.
A correction is a new version that supersedes the old one, which stays visible (law L-A15).
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from points.records.querysets import ServiceRecordQuerySet
from points.schemes.categories import name_of


def random_record_number() -> str:
    """`R` and ten digits and letters; says nothing about the person."""
    return "R" + secrets.token_hex(5).upper()


class ServiceRecord(models.Model):
    """One volunteer's service in one shift: the seven facts of Order 67, article 7, and their proof."""

    class Grade(models.TextChoices):
        SYSTEM_VERIFIED = "system_verified", pgettext_lazy("evidence grade", "Checked in and out")
        ORGANISER_WITNESSED = (
            "organiser_witnessed",
            pgettext_lazy("evidence grade", "Witnessed by the organiser"),
        )
        SUPPLEMENTED = "supplemented", pgettext_lazy("evidence grade", "Entered later")

    class State(models.TextChoices):
        IN_NOTICE = "in_notice", pgettext_lazy("record state", "In public notice")
        HELD = "held", pgettext_lazy("record state", "Being looked at")
        FINAL = "final", pgettext_lazy("record state", "Final")
        SUPERSEDED = "superseded", pgettext_lazy("record state", "Replaced by a correction")

    number = models.CharField(_("record number"), max_length=16, default=random_record_number, editable=False)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    source = models.CharField(
        _("source"), max_length=80, help_text=_("What the record was made from, for example registration:12.")
    )
    volunteer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="service_records",
        verbose_name=_("volunteer"),
    )
    grid = models.ForeignKey(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="+", verbose_name=_("grid unit")
    )
    recording_unit = models.ForeignKey(
        "grids.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("recording unit")
    )
    activity_name = models.CharField(_("activity"), max_length=120)
    activity_reference = models.CharField(_("activity code"), max_length=40, blank=True)
    category = models.CharField(_("category"), max_length=20)
    content = models.CharField(_("what was done"), max_length=200)
    place = models.CharField(_("place"), max_length=160)
    person_in_charge = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("person in charge"),
    )
    served_on = models.DateField(_("date"))
    planned_start = models.DateTimeField(_("planned start"))
    planned_end = models.DateTimeField(_("planned end"))
    checked_in_at = models.DateTimeField(_("checked in at"), null=True, blank=True)
    checked_out_at = models.DateTimeField(_("checked out at"), null=True, blank=True)
    minutes = models.PositiveIntegerField(_("minutes of service"))
    grade = models.CharField(_("how it was proven"), max_length=20, choices=Grade.choices)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.IN_NOTICE)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), default=clock.now)
    notice_ends_at = models.DateTimeField(_("public notice ends"))
    scheme_version = models.ForeignKey(
        "schemes.SchemeVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("rule version"),
    )
    inputs: models.JSONField[dict[str, Any]] = models.JSONField(
        _("inputs of the rule"), default=dict, blank=True
    )
    beans = models.PositiveIntegerField(_("beans"), default=0)
    awaiting_budget = models.BooleanField(_("waiting for budget"), default=False)
    hours_transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    award_transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    release_transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = ServiceRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("service record")
        verbose_name_plural = _("service records")
        constraints = [
            models.UniqueConstraint(fields=["number", "version"], name="%(app_label)s_%(class)s_version"),
            models.UniqueConstraint(fields=["source", "version"], name="%(app_label)s_%(class)s_source"),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("volunteer")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody confirms their own service."),
            ),
        ]
        indexes = [
            models.Index(fields=["volunteer", "-served_on"], name="records_volunteer_idx"),
            models.Index(fields=["state", "notice_ends_at"], name="records_due_idx"),
            models.Index(fields=["grid", "-served_on"], name="records_grid_idx"),
            models.Index(fields=["activity_reference"], name="records_activity_idx"),
            models.Index(fields=["id"], condition=Q(awaiting_budget=True), name="records_budget_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.number} v{self.version}"

    @property
    def category_name(self) -> str:
        """The kind of service in the reader's language."""
        return name_of(self.category)

    @property
    def notice_last_day(self) -> dt.date:
        """The last day on which somebody can object."""
        return timezone.localdate(self.notice_ends_at - dt.timedelta(microseconds=1))
