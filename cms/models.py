"""Pages editors write: the home page and announcements.

Editors' words are pages; anything the public can change is a model. An announcement may point to an
activity and then shows its live card, so an older draft can never undo a sign-up.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.blocks import CharBlock, RichTextBlock
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms import front
from cms.forms import AnnouncementPageForm, plain_select
from cms.rights import AnnouncementIndexTester, AnnouncementTester
from points import clock
from points.people.models import User


class HomePage(Page):
    """The front door of one town. What is on it comes from the rooms; editors choose the words."""

    intro = models.CharField(_("greeting"), max_length=160, blank=True)
    grid = models.ForeignKey(
        "grids.GridUnit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("grid unit"),
    )

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("grid", widget=plain_select)]
    max_count = 1
    subpage_types = ["cms.AnnouncementIndexPage"]
    template = "cms/home_page.html"

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | front.home(self, request.user)


class AnnouncementIndexPage(Page):
    """All announcements, newest first, of a part of the town and of some days."""

    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.AnnouncementPage"]
    template = "cms/announcement_index_page.html"

    class Meta:
        verbose_name = _("announcement index")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | front.announcement_index(self, request.GET)

    def permissions_for_user(self, user: User | AnonymousUser) -> AnnouncementIndexTester:
        return AnnouncementIndexTester(user, self)


class AnnouncementPage(Page):
    """One announcement of one grid unit, with a picture and, if it is about one, the live activity card."""

    grid = models.ForeignKey(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="+", verbose_name=_("grid unit")
    )
    published_on = models.DateField(_("date"), default=clock.today)
    intro = models.CharField(_("in short"), max_length=200)
    body = StreamField(
        [
            ("heading", CharBlock(label=_("Heading"), icon="title", template="cms/blocks/heading.html")),
            ("text", RichTextBlock(label=_("Text"), features=["bold", "italic", "ol", "ul", "link"])),
        ],
        blank=True,
        verbose_name=_("text"),
    )
    cover = models.ForeignKey(
        "cms_images.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
    )
    activity = models.ForeignKey(
        "activities.Activity",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("activity"),
        help_text=_("Its card is shown with the seats left at that moment."),
    )

    base_form_class = AnnouncementPageForm
    content_panels = [
        *Page.content_panels,
        FieldPanel("grid", widget=plain_select),
        FieldPanel("published_on"),
        FieldPanel("intro"),
        FieldPanel("cover"),
        FieldPanel("body"),
        FieldPanel("activity", widget=plain_select),
    ]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["cms.AnnouncementIndexPage"]
    subpage_types: list[str] = []
    template = "cms/announcement_page.html"

    class Meta:
        verbose_name = _("announcement")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | front.announcement(self)

    def permissions_for_user(self, user: User | AnonymousUser) -> AnnouncementTester:
        return AnnouncementTester(user, self)
