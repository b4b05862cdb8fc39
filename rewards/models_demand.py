"""What is wanted and what is there: changes of stock with their reason, the queue when sold out, wishes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock


class StockChange(models.Model):
    """Stock that came or went by hand, with who and why. Redemptions change the stock without a row here."""

    class Reason(models.TextChoices):
        DELIVERED = "delivered", pgettext_lazy("stock", "Delivered")
        COUNTED = "counted", pgettext_lazy("stock", "Counted anew")
        SPOILED = "spoiled", pgettext_lazy("stock", "Spoiled or broken")
        ELSEWHERE = "elsewhere", pgettext_lazy("stock", "Given elsewhere")

    reward = models.ForeignKey(
        "rewards.Reward", on_delete=models.CASCADE, related_name="stock_changes", verbose_name=_("reward")
    )
    option = models.ForeignKey(
        "rewards.RewardOption",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("choice"),
    )
    change = models.IntegerField(_("change"), help_text=_("Plus or minus."))
    left = models.PositiveIntegerField(_("left after it"))
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    note = models.CharField(_("note"), max_length=100, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("stock change")
        verbose_name_plural = _("stock changes")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(change=0), name="%(app_label)s_%(class)s_not_nothing")
        ]
        indexes = [models.Index(fields=["reward", "-at"], name="rewards_stock_idx")]

    def __str__(self) -> str:
        return f"{self.reward_id} {self.change:+d}"


class WaitingQuerySet(models.QuerySet["Waiting"]):
    def open(self) -> WaitingQuerySet:
        """Who has not been told yet and still waits."""
        return self.filter(ended_at__isnull=True)


class Waiting(models.Model):
    """A member who wants to know when something is there again. It reserves nothing."""

    reward = models.ForeignKey(
        "rewards.Reward", on_delete=models.CASCADE, related_name="waiting", verbose_name=_("reward")
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("member")
    )
    since = models.DateTimeField(_("since"), default=clock.now)
    ended_at = models.DateTimeField(_("told or left at"), null=True, blank=True)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiting")
        verbose_name_plural = _("waiting")
        constraints = [
            models.UniqueConstraint(
                fields=["reward", "member"],
                condition=Q(ended_at__isnull=True),
                name="%(app_label)s_%(class)s_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reward_id} {self.since:%Y-%m-%d}"


class Wish(models.Model):
    """Something members would like to have. Community workers read the words; names are shown to nobody."""

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("wish", "New")
        NOTED = "noted", pgettext_lazy("wish", "Noted")
        THERE = "there", pgettext_lazy("wish", "Offered now")
        HIDDEN = "hidden", pgettext_lazy("wish", "Hidden")

    grid = models.ForeignKey(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="+", verbose_name=_("grid unit")
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("member")
    )
    text = models.CharField(_("wish"), max_length=60)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.NEW)
    made_at = models.DateTimeField(_("made at"), default=clock.now)

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["member", "-made_at"], name="rewards_wish_idx")]

    def __str__(self) -> str:
        return self.text
