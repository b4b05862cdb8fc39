"""Announcement rights at the door of the back office: membership by the role rows, foreign pages 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from cms.rights import may_announce, sync_announcer

BACK_OFFICE = "/admin/"
PAGE_ARGUMENTS = ("page_id", "page_to_move_id", "parent_page_id", "destination_id")
PAGE_ADDRESSES = ("wagtailadmin_pages", "wagtailadmin_api")
UNSCOPED = ("wagtailadmin_reports",)
"""Wagtail's reports list the pages of everybody; only superusers read them."""

GetResponse = Callable[[HttpRequest], HttpResponse]


class AnnouncementRightsMiddleware:
    """Runs before every view of the back office, so no address of a foreign announcement is forgotten."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        user = request.user
        if not request.path.startswith(BACK_OFFICE) or not user.is_authenticated or user.is_superuser:
            return None
        sync_announcer(user)
        match = request.resolver_match
        spaces = match.namespaces if match else []
        if any(space in UNSCOPED for space in spaces):
            raise Http404
        named = [kwargs[name] for name in PAGE_ARGUMENTS if name in kwargs]
        if any(space in PAGE_ADDRESSES for space in spaces):
            named += [kwargs[name] for name in ("pk",) if name in kwargs] + list(args[:1])
        if named:
            refuse_foreign(request, [int(value) for value in named if str(value).isdigit()])
        return None


def refuse_foreign(request: HttpRequest, page_ids: list[int]) -> None:
    """404 when one of the pages is an announcement of a grid unit the user does not announce for."""
    from cms.models import AnnouncementPage

    user = request.user
    for page in AnnouncementPage.objects.filter(pk__in=page_ids).select_related("grid"):
        if not may_announce(user, page):
            raise Http404
