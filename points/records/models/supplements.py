"""Supplements (补录): hours entered later, with evidence and a second approver (journey J1)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from points.records.models.service import ServiceRecord


class SupplementLimit(models.Model):
    """How much one approver may let through in a month, in a unit and everything below it."""

    grid = models.OneToOneField(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="+", verbose_name=_("grid unit")
    )
    minutes_per_month = models.PositiveIntegerField(
        _("minutes per approver and month"), default=3000, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("limit for hours entered later")
        verbose_name_plural = _("limits for hours entered later")

    def __str__(self) -> str:
        return f"{self.grid}: {self.minutes_per_month}"


class Supplement(models.Model):
    """Service that was not recorded at the time: claimed by the volunteer, or entered by a leader.

    A claim waits for a leader who vouches for it; with the evidence it then waits for somebody in another
    role. Only an approved one becomes a service record, of the grade "entered later".
    """

    class State(models.TextChoices):
        CLAIMED = "claimed", pgettext_lazy("supplement state", "Waiting for the leader")
        WAITING = "waiting", pgettext_lazy("supplement state", "Waiting for a second person")
        RECORDED = "recorded", pgettext_lazy("supplement state", "Recorded")
        REFUSED = "refused", pgettext_lazy("supplement state", "Sent back")
        WITHDRAWN = "withdrawn", pgettext_lazy("supplement state", "Taken back")

    volunteer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="supplements",
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
    activity_minutes = models.PositiveIntegerField(
        _("planned minutes of the whole activity"),
        null=True,
        blank=True,
        help_text=_("All seats of all shifts; together the records never count more."),
    )
    category = models.CharField(_("category"), max_length=20)
    content = models.CharField(_("what was done"), max_length=200)
    place = models.CharField(_("place"), max_length=160)
    planned_start = models.DateTimeField(_("planned start"))
    planned_end = models.DateTimeField(_("planned end"))
    came_at = models.DateTimeField(_("came at"))
    left_at = models.DateTimeField(_("left at"))
    reason = models.CharField(_("why it is entered later"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CLAIMED)
    claimed_at = models.DateTimeField(_("entered at"), default=clock.now)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("vouched for by"),
    )
    request = models.OneToOneField(
        "grids.ApprovalRequest",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval request"),
    )
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    record = models.OneToOneField(
        ServiceRecord,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("service record"),
    )

    class Meta:
        verbose_name = _("hours entered later")
        verbose_name_plural = _("hours entered later")
        constraints = [
            models.CheckConstraint(
                condition=Q(leader__isnull=True) | ~Q(leader=F("volunteer")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody vouches for their own service."),
            ),
            models.CheckConstraint(
                condition=Q(left_at__gt=F("came_at")),
                name="%(app_label)s_%(class)s_left_after_coming",
                violation_error_message=_("Nobody can leave before coming."),
            ),
            models.CheckConstraint(
                condition=Q(state="recorded", record__isnull=False)
                | (~Q(state="recorded") & Q(record__isnull=True)),
                name="%(app_label)s_%(class)s_recorded",
                violation_error_message=_("What is recorded has its record."),
            ),
        ]
        indexes = [
            models.Index(fields=["volunteer", "-claimed_at"], name="records_supplement_mine_idx"),
            models.Index(fields=["grid", "state"], name="records_supplement_grid_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.activity_name} {self.came_at:%Y-%m-%d}"

    @property
    def minutes(self) -> int:
        """The whole minutes that can count: what lies within the planned time."""
        start, end = max(self.planned_start, self.came_at), min(self.planned_end, self.left_at)
        return max(int((end - start) // dt.timedelta(minutes=1)), 0)
