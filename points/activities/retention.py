"""How long this room keeps what it need not keep for good. `services.clean_imports` erases it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.people.retention import Kept, register

register(Kept("import_files", _("uploaded sign-in sheets"), 7))
register(Kept("import_reports", _("row reports of sign-in sheets, with names and phone numbers"), 30))
