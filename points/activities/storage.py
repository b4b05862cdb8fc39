"""Files that nobody can fetch by an address: outside MEDIA_ROOT, under random names, readable by us alone."""

from __future__ import annotations

import os
import secrets
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

SHEETS = "sheets"


@deconstructible
class PrivateStorage(FileSystemStorage):
    """`PRIVATE_ROOT`, without addresses."""

    def __init__(self) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self) -> str:  # type: ignore[override]
        return str(settings.PRIVATE_ROOT)

    @property
    def location(self) -> str:  # type: ignore[override]
        return os.path.abspath(self.base_location)

    def url(self, name: str | None) -> str:
        raise ValueError("A private file has no address.")


def random_name(_instance: Any, _filename: str) -> str:
    """Thirty-two digits: nothing of the file's own name, which may say anything."""
    return f"{SHEETS}/{secrets.token_hex(16)}"
