"""Registers the back office of this room with Wagtail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem

from points.grids import approvals
from points.grids.guardians import GuardianPage
from points.grids.viewsets import PlacesGroup


@hooks.register("register_admin_viewset")
def places() -> PlacesGroup:
    return PlacesGroup()


@hooks.register("register_admin_urls")
def own_urls() -> list[URLPattern | URLResolver]:
    return [
        path("approvals/", include("points.grids.urls_approvals")),
        path("people/<int:pk>/guardian/", GuardianPage.as_view(), name="person_guardian"),
    ]


class InboxMenuItem(MenuItem):  # type: ignore[misc]
    """Says how many requests wait for this person: one query."""

    def is_shown(self, request: HttpRequest) -> bool:
        return approvals.may_use_inbox(request.user)

    def render_component(self, request: HttpRequest) -> Any:
        waiting = approvals.waiting_for(request.user).count()
        label = f"{self.label} ({waiting})" if waiting else str(self.label)
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name, classname=self.classname)


@hooks.register("register_admin_menu_item")
def inbox_menu_item() -> MenuItem:
    return InboxMenuItem(
        _("For my approval"), reverse("approvals:inbox"), name="approvals", icon_name="check", order=90
    )


@hooks.register("construct_main_menu", order=1000)
def settings_are_for_superusers(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Users, groups, sites, reports about everybody and Wagtail's own help: not for the town's offices."""
    if not request.user.is_superuser:
        menu_items[:] = [item for item in menu_items if item.name not in ("settings", "reports", "help")]
