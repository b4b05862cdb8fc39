"""Registers the back office of this room with Wagtail."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem

from points.grids import policies
from points.people.models import User
from points.records import objections, office
from points.records.viewsets_more import RecordsGroup


class YearMenuItem(MenuItem):  # type: ignore[misc]
    def is_shown(self, request: HttpRequest) -> bool:
        return policies.has_any(request.user, policies.Action.VIEW_RECORDS)


class DecideMenuItem(MenuItem):  # type: ignore[misc]
    """Says how many objections this person could decide: one query."""

    def is_shown(self, request: HttpRequest) -> bool:
        return policies.has_any(request.user, policies.Action.CONFIRM)

    def render_component(self, request: HttpRequest) -> Any:
        waiting = objections.waiting_for(cast(User, request.user)).count()
        label = f"{self.label} ({waiting})" if waiting else str(self.label)
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name, classname=self.classname)


@hooks.register("register_admin_menu_item")
def to_decide() -> MenuItem:
    return DecideMenuItem(
        _("Objections to decide"),
        f"{reverse('objection:index')}?state=open",
        name="records_to_decide",
        icon_name="comment",
        order=95,
    )


@hooks.register("register_admin_viewset")
def records() -> RecordsGroup:
    return RecordsGroup()


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    return [
        path("objections/<int:pk>/", office.ObjectionPage.as_view(), name="records_objection"),
        path("objections/<int:pk>/decide/", office.Decide.as_view(), name="records_decide"),
        path("records/<slug:number>/question/", office.Question.as_view(), name="records_question"),
        path("records/year/", office.YearPage.as_view(), name="records_year"),
    ]


@hooks.register("register_admin_menu_item")
def year() -> MenuItem:
    return YearMenuItem(
        _("Year in records"), reverse("records_year"), name="records_year", icon_name="history", order=225
    )
