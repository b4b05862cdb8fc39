"""What must hold before the room opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def private_is_private(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Sign-in sheets must not lie where the server in front gives files out."""
    private = Path(settings.PRIVATE_ROOT).resolve()
    public = [Path(root).resolve() for root in (settings.MEDIA_ROOT, settings.STATIC_ROOT) if root]
    if any(private == root or root in private.parents for root in public):
        return [
            Error("PRIVATE_ROOT must not lie inside MEDIA_ROOT or STATIC_ROOT.", id="activities.E001"),
        ]
    return []
