"""The auditor's room in Wagtail's menu."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from points.audit.views import may_enter


class RightMenuItem(MenuItem):  # type: ignore[misc]
    """Shown to those whom the pages behind it let in."""

    def __init__(self, *args: object, action: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.action = action

    def is_shown(self, request: HttpRequest) -> bool:
        return may_enter(request.user, self.action)


@hooks.register("register_admin_urls")
def audit_urls() -> list[URLPattern | URLResolver]:
    return [path("audit/", include("points.audit.urls"))]


@hooks.register("register_admin_menu_item")
def audit_menu_item() -> MenuItem:
    return RightMenuItem(
        _("Audit"), reverse("audit:trial_balance"), name="audit", icon_name="table", order=700, action="audit"
    )


@hooks.register("register_admin_menu_item")
def budgets_menu_item() -> MenuItem:
    return RightMenuItem(
        _("Budgets"),
        reverse("audit:budgets"),
        name="budgets",
        icon_name="pick",
        order=710,
        action="manage_budget",
    )
