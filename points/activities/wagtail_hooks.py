"""Registers the back office of this room with Wagtail."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from points.activities.views import importing
from points.activities.viewsets import ActivityViewSet
from points.activities.viewsets_rules import SignupGroup
from points.grids import policies


class ImportsMenuItem(MenuItem):  # type: ignore[misc]
    """For those who may import anywhere."""

    def is_shown(self, request: HttpRequest) -> bool:
        return policies.has_any(request.user, policies.Action.IMPORT_RECORDS)


@hooks.register("register_admin_viewset")
def activities() -> ActivityViewSet:
    return ActivityViewSet()


@hooks.register("register_admin_viewset")
def sign_up_rules() -> SignupGroup:
    return SignupGroup()


@hooks.register("register_admin_urls")
def import_addresses() -> list[URLPattern]:
    return [
        path("activities/<slug:code>/import/", importing.import_sheet, name="activities_import"),
        path("sheets/", importing.runs, name="activities_imports"),
        path("sheets/<slug:code>/", importing.run, name="activities_import_run"),
        path("sheets/<slug:code>/do/", importing.act, name="activities_import_do"),
    ]


@hooks.register("register_admin_menu_item")
def imports() -> MenuItem:
    return ImportsMenuItem(
        _("Sign-in sheets"), reverse("activities_imports"), name="imports", icon_name="upload", order=210
    )
