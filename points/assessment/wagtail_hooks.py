"""Registers the back office of this room with Wagtail."""

from __future__ import annotations

from wagtail import hooks

from points.assessment.viewsets import AssessmentGroup


@hooks.register("register_admin_viewset")
def assessment() -> AssessmentGroup:
    return AssessmentGroup()
