"""Versioned rules: what service earns, when it becomes spendable, when it expires.

A scheme belongs to a subtree; the nearest one above a grid unit applies. Its versions take effect from a
day and never change once in force, so that any line of the ledger can be explained years later. The rules
themselves are plain values, evaluated by the pure functions of `points.schemes.rules`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from points import clock
from points.schemes.rules import Rules, stored


class Scheme(models.Model):
    """The points rules of one place, as published there."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    grid = models.OneToOneField(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="scheme", verbose_name=_("grid unit")
    )

    class Meta:
        verbose_name = _("scheme")
        verbose_name_plural = _("schemes")

    def __str__(self) -> str:
        return self.name


class SchemeVersion(models.Model):
    """One version of a scheme, in force from `effective_from` until the next one."""

    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="versions", verbose_name=_("scheme")
    )
    number = models.PositiveIntegerField(_("version"))
    effective_from = models.DateField(_("effective from"))
    rules: models.JSONField[dict[str, Any]] = models.JSONField(_("rules"))
    published_at = models.DateTimeField(_("published at"), default=clock.now)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )

    class Meta:
        verbose_name = _("scheme version")
        verbose_name_plural = _("scheme versions")
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="%(app_label)s_%(class)s_number"),
            models.UniqueConstraint(fields=["scheme", "effective_from"], name="%(app_label)s_%(class)s_day"),
        ]
        ordering = ["scheme", "-effective_from"]

    def __str__(self) -> str:
        return f"{self.scheme} v{self.number}"

    @property
    def label(self) -> str:
        """The name written into the ledger: `peicun:3`."""
        return f"{self.scheme.code}:{self.number}"

    def as_rules(self) -> Rules:
        """The rules as the plain value that `points.schemes.rules` evaluates."""
        return stored(self.rules)


class SchemeDraft(models.Model):
    """New rules on their way: written by one person, put in force by another.

    A draft may be wrong or unfinished while it is being written; what is submitted is checked whole. While a
    request waits, and once it has become a version, nobody changes it (`points.schemes.editor.drafts`).
    """

    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="drafts", verbose_name=_("scheme")
    )
    based_on = models.ForeignKey(
        SchemeVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("based on"),
    )
    rules: models.JSONField[dict[str, Any]] = models.JSONField(_("rules"), default=dict)
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    note = models.CharField(_("what changes, and why"), max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    """Counts the changes, so that two people do not overwrite each other."""
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    made_at = models.DateTimeField(_("begun at"), default=clock.now)
    changed_at = models.DateTimeField(_("changed at"), default=clock.now)
    request = models.ForeignKey(
        "grids.ApprovalRequest",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval request"),
    )
    version = models.OneToOneField(
        SchemeVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="draft",
        verbose_name=_("became version"),
    )

    class Meta:
        verbose_name = _("scheme draft")
        verbose_name_plural = _("scheme drafts")
        ordering = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.scheme} · {self.made_at:%Y-%m-%d}"

    @property
    def is_waiting(self) -> bool:
        """Whether somebody is to decide about it."""
        return self.request is not None and self.request.is_waiting

    @property
    def can_change(self) -> bool:
        return self.version_id is None and not self.is_waiting
