"""Registers the back office of this room with Wagtail."""

from __future__ import annotations

from wagtail import hooks

from rewards.viewsets import RewardsGroup


@hooks.register("register_admin_viewset")
def rewards() -> RewardsGroup:
    return RewardsGroup()
