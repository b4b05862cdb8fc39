"""Certificates of service: what a recording unit says a volunteer did (F-V7, law L-A16, L-A17, L-A19)."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from points.people.models import CROCKFORD
from points.records.models.service import ServiceRecord


def random_certificate_number() -> str:
    """`C` and ten digits and letters; says nothing about the person."""
    return "C" + secrets.token_hex(5).upper()


def random_check_code() -> str:
    """Eight characters that are hard to confuse (40 bits)."""
    return "".join(secrets.choice(CROCKFORD) for _unused in range(8)).upper()


class Certificate(models.Model):
    """One certificate: a copy of final records of one volunteer and one recording unit, on one day.

    The copy is never written again; `digest` proves it. A certificate whose records were corrected is
    revoked, never changed, and another one can take its place.
    """

    class Why(models.TextChoices):
        RECORD_CHANGED = "record_changed", pgettext_lazy("certificate", "A record in it was corrected")
        REPLACED = "replaced", pgettext_lazy("certificate", "A newer one took its place")

    number = models.CharField(
        _("certificate number"),
        max_length=16,
        unique=True,
        default=random_certificate_number,
        editable=False,
    )
    check_code = models.CharField(_("check code"), max_length=8, default=random_check_code, editable=False)
    volunteer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="certificates",
        verbose_name=_("volunteer"),
    )
    recording_unit = models.ForeignKey(
        "grids.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("recording unit")
    )
    records: models.ManyToManyField[ServiceRecord, Any] = models.ManyToManyField(
        ServiceRecord, related_name="certificates", verbose_name=_("service records")
    )
    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("to"))
    minutes = models.PositiveIntegerField(_("minutes of service"))
    snapshot: models.JSONField[dict[str, Any]] = models.JSONField(_("what it says"))
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    issued_at = models.DateTimeField(_("issued at"), default=clock.now)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_why = models.CharField(_("why it was revoked"), max_length=16, choices=Why.choices, blank=True)
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_why="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_why="")),
                name="%(app_label)s_%(class)s_revoked_why",
                violation_error_message=_("What is revoked says why."),
            ),
            models.CheckConstraint(
                condition=Q(minutes__gt=0),
                name="%(app_label)s_%(class)s_minutes",
                violation_error_message=_("A certificate of no service says nothing."),
            ),
        ]
        indexes = [models.Index(fields=["volunteer", "-issued_at"], name="records_certificate_mine_idx")]

    def __str__(self) -> str:
        return self.number

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None
