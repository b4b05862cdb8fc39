"""Registers the back office of this room with Wagtail."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from points.grids import policies
from rewards.viewsets import RewardsGroup


class OverviewMenuItem(MenuItem):  # type: ignore[misc]
    """For those who manage rewards anywhere."""

    def is_shown(self, request: HttpRequest) -> bool:
        return policies.has_any(request.user, policies.Action.MANAGE_REWARDS)


@hooks.register("register_admin_viewset")
def rewards() -> RewardsGroup:
    return RewardsGroup()


@hooks.register("register_admin_urls")
def office_addresses() -> list[URLPattern | URLResolver]:
    return [path("rewards-office/", include("rewards.urls_office"))]


@hooks.register("register_admin_menu_item")
def overview() -> MenuItem:
    address = reverse("rewards_office:overview")
    return OverviewMenuItem(
        _("Rewards at a glance"), address, name="rewards-office", icon_name="view", order=229
    )
