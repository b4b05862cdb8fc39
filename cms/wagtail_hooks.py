"""Wagtail's lists and choosers show an announcer only what is theirs."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail import hooks
from wagtail.models import Page

from cms.rights import foreign_announcements


@hooks.register("construct_explorer_page_queryset")
def own_announcements(parent: Page, pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    """The page explorer and its search leave out announcements of other grid units."""
    if request.user.is_superuser or not request.user.is_authenticated:
        return pages
    return pages.exclude(pk__in=foreign_announcements(request.user).values("pk"))


@hooks.register("construct_page_chooser_queryset")
def no_foreign_drafts(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    """A link may lead to any published page, never to another unit's draft."""
    if request.user.is_superuser or not request.user.is_authenticated:
        return pages
    return pages.exclude(pk__in=foreign_announcements(request.user).filter(live=False).values("pk"))
