"""How roles open the back office: one permission of Wagtail, and a door that says no plainly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from points.grids import policies
from points.grids.policies import Action

ACCESS_ADMIN = "wagtailadmin.access_admin"


class RolesBackend(BaseBackend):
    """Grants entry to the Wagtail admin to people whose current role includes the back office.

    It signs nobody in. Everything inside asks `policies`; Wagtail's own settings (users, groups, sites)
    need Django permissions, which only superusers have.
    """

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if obj is None and policies.has_any(user_obj, Action.VIEW_BACK_OFFICE):
            return {ACCESS_ADMIN}
        return set()


class BackOfficeDoorMiddleware:
    """Tell somebody who is signed in but may not enter so (403).

    Wagtail would send them to the sign-in page, which sends signed-in people back: a circle.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        door = reverse("wagtailadmin_home")
        if (
            request.path.startswith(door)
            and request.user.is_authenticated
            and not request.user.has_perm(ACCESS_ADMIN)
        ):
            raise PermissionDenied
        return self.get_response(request)
