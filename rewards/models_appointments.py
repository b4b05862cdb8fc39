"""Times that can be booked, and what happens when nobody comes."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock


class Slot(models.Model):
    """A time at which an appointment can be had."""

    reward = models.ForeignKey(
        "rewards.Reward", on_delete=models.CASCADE, related_name="slots", verbose_name=_("reward")
    )
    starts_at = models.DateTimeField(_("starts at"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=30)
    capacity = models.PositiveSmallIntegerField(_("places"), default=1)
    taken = models.PositiveSmallIntegerField(_("places taken"), default=0, editable=False)

    class Meta:
        verbose_name = _("appointment slot")
        verbose_name_plural = _("appointment slots")
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["reward", "starts_at"], name="%(app_label)s_%(class)s_once"),
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")), name="%(app_label)s_%(class)s_capacity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reward_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def ends_at(self) -> dt.datetime:
        return self.starts_at + dt.timedelta(minutes=self.minutes)

    @property
    def is_full(self) -> bool:
        return self.taken >= self.capacity


class NoShow(models.Model):
    """The desk says that a member did not come to an appointment; what became of it.

    The first ones are free (`Reward.free_rebooks`): another time can be chosen. After that the member may
    answer, and a community worker who does not work there decides. Nothing about the person is kept but
    the member's own words, which go with the case.
    """

    class Outcome(models.TextChoices):
        REBOOK = "rebook", pgettext_lazy("no-show", "May choose another time")
        WAITING = "waiting", pgettext_lazy("no-show", "Waiting for an answer")
        FORFEITED = "forfeited", pgettext_lazy("no-show", "Beans forfeited")
        EXCUSED = "excused", pgettext_lazy("no-show", "Excused, beans returned")
        WITHDRAWN = "withdrawn", pgettext_lazy("no-show", "Taken back by the desk")

    redemption = models.ForeignKey(
        "rewards.Redemption",
        on_delete=models.PROTECT,
        related_name="no_shows",
        verbose_name=_("redemption"),
    )
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="+", verbose_name=_("appointment"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("marked by")
    )
    marked_at = models.DateTimeField(_("marked at"), default=clock.now)
    answer_until = models.DateTimeField(_("can be answered until"), null=True, blank=True)
    answer = models.CharField(_("the member's answer"), max_length=200, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("missed appointment")
        verbose_name_plural = _("missed appointments")
        ordering = ["-marked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["redemption"],
                condition=Q(outcome__in=["waiting", "rebook"], decided_at__isnull=True),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message=_("This appointment is marked as missed already."),
            )
        ]
        indexes = [
            models.Index(
                fields=["answer_until"], condition=Q(outcome="waiting"), name="rewards_noshow_due_idx"
            )
        ]

    def __str__(self) -> str:
        return f"{self.redemption_id} {self.outcome}"

    @property
    def can_be_answered(self) -> bool:
        """By the member, once, while it waits and the day has not passed."""
        return (
            self.outcome == self.Outcome.WAITING
            and self.answered_at is None
            and self.answer_until is not None
            and clock.now() <= self.answer_until
        )
