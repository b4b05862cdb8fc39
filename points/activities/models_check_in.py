"""From which device people checked in: only to say "one phone checked in ten people", within one shift.

No fingerprint: a random cookie, and of it a digest made with the shift's secret, so that nobody can follow a
phone from one activity to the next. Deleted after thirty days.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from points import clock


class CheckInDevice(models.Model):
    """One registration was checked in or out from this device."""

    registration = models.ForeignKey(
        "activities.Registration",
        on_delete=models.CASCADE,
        related_name="devices",
        verbose_name=_("registration"),
    )
    digest = models.CharField(_("digest of the device"), max_length=64, editable=False)
    made_at = models.DateTimeField(_("made at"), default=clock.now)

    class Meta:
        verbose_name = _("device of a check-in")
        verbose_name_plural = _("devices of check-ins")
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "digest"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message=_("This device has been noted already."),
            )
        ]
        indexes = [models.Index(fields=["made_at"], name="activities_device_age_idx")]

    def __str__(self) -> str:
        return f"{self.registration_id} {self.digest[:8]}"
