"""Registers the back office of this room with Wagtail."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from points.grids import policies
from points.grids.policies import Action
from points.schemes.viewsets import SchemeVersionViewSet


@hooks.register("register_admin_viewset")
def scheme_versions() -> SchemeVersionViewSet:
    return SchemeVersionViewSet()


@hooks.register("register_admin_urls")
def editor_urls() -> list[URLPattern | URLResolver]:
    return [path("schemes/", include("points.schemes.editor.urls"))]


class SchemesMenuItem(MenuItem):  # type: ignore[misc]
    def is_shown(self, request: HttpRequest) -> bool:
        return policies.has_any(request.user, Action.VIEW_BACK_OFFICE)


@hooks.register("register_admin_menu_item")
def schemes_menu_item() -> MenuItem:
    return SchemesMenuItem(
        _("Schemes"), reverse("scheme_editor:list"), name="schemes", icon_name="clipboard-list", order=500
    )
