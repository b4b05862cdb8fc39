"""What sets up the public site: one home page, one announcement index, the group that may write there."""

from __future__ import annotations

from django.db import transaction
from wagtail.models import Page, Site

from cms.models import AnnouncementIndexPage, HomePage
from cms.rights import announcers
from points.grids.models import GridUnit


@transaction.atomic
def build_site(name: str, grid: GridUnit | None = None, *, intro: str = "") -> HomePage:
    """The home page of the town, its announcement index, the default site and the announcers' group.

    Idempotent: what is there is kept and brought up to date; Wagtail's welcome page gives way.
    """
    home = HomePage.objects.first() or _create_home(name)
    home.title, home.draft_title, home.grid = name, name, grid
    if intro:
        home.intro = intro
    home.save()
    index = AnnouncementIndexPage.objects.child_of(home).first()
    if index is None:
        index = AnnouncementIndexPage(title="公告", draft_title="公告", slug="announcements")
        home.add_child(instance=index)
    site = Site.objects.filter(is_default_site=True).first() or Site(
        hostname="localhost", is_default_site=True
    )
    site.root_page, site.site_name = home, name
    site.save()
    _remove_welcome(home)
    announcers()
    return home


def _create_home(name: str) -> HomePage:
    root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")
    home = HomePage(title=name, draft_title=name, slug="home" if not _slug_taken(root) else "jindou")
    root.add_child(instance=home)
    return home


def _slug_taken(root: Page) -> bool:
    return bool(root.get_children().filter(slug="home").exists())


def _remove_welcome(home: HomePage) -> None:
    """Delete the page Wagtail's own migration made: a plain page without a type of its own, at the top."""
    for page in Page.objects.filter(depth=2, slug="home").exclude(pk=home.pk):
        if page.specific_class is Page and page.is_leaf():
            page.delete()
