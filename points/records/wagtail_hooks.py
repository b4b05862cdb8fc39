"""Registers the back office of this room with Wagtail."""

from __future__ import annotations

from wagtail import hooks

from points.records.viewsets import RecordViewSet


@hooks.register("register_admin_viewset")
def service_records() -> RecordViewSet:
    return RecordViewSet()
