"""What happened at a desk, kept as it happened: hand-overs, also those that were annulled."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock


class AnnulReason(models.TextChoices):
    """Why a hand-over is annulled. A code, so that nothing about a person enters the books."""

    MISTAKE = "mistake", pgettext_lazy("reason", "Pressed by mistake")
    WRONG_VOUCHER = "wrong_voucher", pgettext_lazy("reason", "It was the wrong voucher")
    NOT_TAKEN = "not_taken", pgettext_lazy("reason", "It was not taken after all")
    FAULTY = "faulty", pgettext_lazy("reason", "It was not in order and was brought back")


class HandOver(models.Model):
    """One confirmation at a desk. Annulled, the row stays; the voucher can then be handed over anew.

    `nonce` is made with the page that asks "is this right?": a confirmation sent again finds its first
    effect, and after an annulment it finds that too.
    """

    redemption = models.ForeignKey(
        "rewards.Redemption",
        on_delete=models.PROTECT,
        related_name="hand_overs",
        verbose_name=_("redemption"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("handed over by")
    )
    at = models.DateTimeField(_("at"), default=clock.now)
    nonce = models.CharField(_("nonce of the hand-over"), max_length=64, blank=True, editable=False)
    transaction = models.ForeignKey("ledger.Transaction", on_delete=models.PROTECT, related_name="+")
    annulled_at = models.DateTimeField(_("annulled at"), null=True, blank=True)
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("annulled by"),
    )
    annul_reason = models.CharField(_("reason"), max_length=16, choices=AnnulReason.choices, blank=True)
    annul_transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints = [
            models.UniqueConstraint(
                fields=["redemption"],
                condition=Q(annulled_at__isnull=True),
                name="%(app_label)s_%(class)s_once",
                violation_error_message=_("This voucher has been handed over already."),
            ),
            models.UniqueConstraint(
                fields=["redemption", "nonce"],
                condition=~Q(nonce=""),
                name="%(app_label)s_%(class)s_nonce",
                violation_error_message=_("This confirmation has been taken already."),
            ),
            models.CheckConstraint(
                condition=Q(
                    annulled_at__isnull=True,
                    annulled_by__isnull=True,
                    annul_reason="",
                    annul_transaction__isnull=True,
                )
                | (
                    Q(annulled_at__isnull=False, annulled_by__isnull=False, annul_transaction__isnull=False)
                    & ~Q(annul_reason="")
                ),
                name="%(app_label)s_%(class)s_annulled",
                violation_error_message=_("An annulment has a time, a person and a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.redemption_id} {self.at:%Y-%m-%d %H:%M}"
