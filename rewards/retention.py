"""How long this room keeps what it need not keep for good."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.people.retention import Kept, register
from rewards.models import RefusedScan

register(
    Kept(
        "refused_scans",
        _("refused scans at the desks"),
        180,
        lambda before: RefusedScan.objects.filter(at__lt=before).delete()[0],
    )
)
