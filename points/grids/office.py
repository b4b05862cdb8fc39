"""Pages of ours in Wagtail's own frame, for rooms whose work is not a list of rows."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

LARGEST_ID = 2**63 - 1


class Door(View):
    """Whoever lacks the right does not learn that the page exists."""

    def may_enter(self, user: Any) -> bool:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may_enter(request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class OfficePage(Door, WagtailAdminTemplateMixin, TemplateView):  # type: ignore[misc]
    """A page with Wagtail's header; `crumbs` lead to it."""

    def crumbs(self) -> list[tuple[str, Any]]:
        """(address, words) of the pages above, from the start."""
        return []

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = [{"url": url, "label": label} for url, label in self.crumbs()]
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.get_page_title()}]


def checked_id(number: int) -> int:
    """A row id that fits the database; 404 for anything larger."""
    if number > LARGEST_ID:
        raise Http404
    return number
