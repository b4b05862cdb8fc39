"""Aid that costs no beans: bearer vouchers, handed out at a service point (F-S9).

A voucher names nobody. Why somebody is given one, and to whom, is known to the community worker and written
down nowhere: no list of entitled persons is kept. Whoever holds the paper is served.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from rewards.codes import grouped, random_voucher_code


class AidBatch(models.Model):
    """So many vouchers, made in one go. `key` is the nonce of the form: sent twice, one batch."""

    key = models.CharField(_("form key"), max_length=64, unique=True, editable=False)
    provider = models.ForeignKey(
        "rewards.Provider", on_delete=models.PROTECT, related_name="aid", verbose_name=_("provider")
    )
    point = models.ForeignKey(
        "grids.ServicePoint",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("issued at"),
    )
    title = models.CharField(_("what it is for"), max_length=60, help_text=_("For example: one warm meal."))
    count = models.PositiveSmallIntegerField(_("vouchers"))
    valid_until = models.DateField(_("valid until"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    issued_at = models.DateTimeField(pgettext_lazy("time", "issued at"), default=clock.now)

    class Meta:
        verbose_name = _("aid vouchers")
        verbose_name_plural = _("aid vouchers")
        ordering = ["-issued_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(count__gt=0), name="%(app_label)s_%(class)s_some")]

    def __str__(self) -> str:
        return f"{self.title} × {self.count}"


class AidVoucherQuerySet(models.QuerySet["AidVoucher"]):
    def fulfilled_between(
        self, provider: models.Model, start: dt.datetime, end: dt.datetime
    ) -> AidVoucherQuerySet:
        """What a provider handed over for aid vouchers; for the month's statement, beside its beans."""
        return self.filter(batch__provider=provider, fulfilled_at__gte=start, fulfilled_at__lt=end)


class AidVoucher(models.Model):
    """One voucher of a batch. It is open, handed over, or void; nothing else is known of it."""

    batch = models.ForeignKey(
        AidBatch, on_delete=models.PROTECT, related_name="vouchers", verbose_name=_("batch")
    )
    code = models.CharField(
        _("voucher code"), max_length=12, unique=True, default=random_voucher_code, editable=False
    )
    fulfilled_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    fulfilled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handed over by"),
    )
    fulfil_nonce = models.CharField(_("nonce of the hand-over"), max_length=64, blank=True, editable=False)
    voided_at = models.DateTimeField(_("made void at"), null=True, blank=True)

    objects = AidVoucherQuerySet.as_manager()

    class Meta:
        verbose_name = _("aid voucher")
        verbose_name_plural = _("aid vouchers")
        constraints = [
            models.CheckConstraint(
                condition=Q(fulfilled_at__isnull=True, fulfilled_by__isnull=True)
                | Q(fulfilled_at__isnull=False, fulfilled_by__isnull=False),
                name="%(app_label)s_%(class)s_handed_over_by",
            ),
            models.CheckConstraint(
                condition=Q(fulfilled_at__isnull=True) | Q(voided_at__isnull=True),
                name="%(app_label)s_%(class)s_one_end",
            ),
        ]
        indexes = [models.Index(fields=["batch", "fulfilled_at"], name="rewards_aid_idx")]

    def __str__(self) -> str:
        return f"{self.batch_id}"

    @property
    def grouped_code(self) -> str:
        return grouped(self.code)

    @property
    def is_open(self) -> bool:
        """Whether it can be handed over today."""
        return (
            self.fulfilled_at is None and self.voided_at is None and self.batch.valid_until >= clock.today()
        )
