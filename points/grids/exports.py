"""Exports of the back office as people can open them safely.

A cell that begins like a formula would be run by a spreadsheet program; it gets an apostrophe in front. Times
are local. The CSV says that it is UTF-8, else office programs guess wrong with Chinese.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from wagtail.admin.views.mixins import SpreadsheetExportMixin

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
UTF8_MARK = b"\xef\xbb\xbf"


def harmless(value: object) -> str:
    """Text that no spreadsheet program takes for a formula."""
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def local_naive(value: dt.datetime) -> dt.datetime:
    """Excel knows no time zones: the town's clock."""
    return timezone.make_naive(value) if timezone.is_aware(value) else value


def local_text(value: dt.datetime) -> str:
    return f"{local_naive(value):%Y-%m-%d %H:%M}"


class SafeExport:
    """Mixed into index views before Wagtail's own class."""

    custom_value_preprocess = {
        **SpreadsheetExportMixin.custom_value_preprocess,
        dt.datetime: {"csv": local_text, "xlsx": local_naive},
        (str, Promise): {"csv": harmless, "xlsx": harmless},
    }

    def get_preprocess_function(self, field: str, value: Any, export_format: str) -> Any:
        """Whatever else comes (a related row, say) is written as text, so it is made harmless too."""
        known = (str, Promise, int, dt.date, dt.time, list, type(None))
        if not isinstance(value, known) and field not in getattr(self, "custom_field_preprocess", {}):
            return harmless
        return super().get_preprocess_function(field, value, export_format)  # type: ignore[misc]

    def stream_csv(self, queryset: QuerySet[Any]) -> Iterator[bytes]:
        yield UTF8_MARK
        yield from super().stream_csv(queryset)  # type: ignore[misc]
