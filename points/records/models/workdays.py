"""Exceptions from the working calendar that comes with the system."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkDay(models.Model):
    """One day that is worked or free, whatever the calendar that comes with the system says.

    The yearly notice of the State Council reaches the system with its next update; until then, and for a
    town's own free days, the days are entered here.
    """

    day = models.DateField(_("day"), unique=True)
    is_workday = models.BooleanField(_("working day"), help_text=_("Not ticked: a day off."))
    note = models.CharField(_("note"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("exception from the working calendar")
        verbose_name_plural = _("working calendar")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
