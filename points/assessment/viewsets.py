"""The back office of this room: sets of indicators, indicators, periods; results to read and to export."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup

from points.assessment import services
from points.assessment.models import AssessmentPeriod, Indicator, IndicatorSet, Result
from points.grids.backoffice import GridScopedViewSet
from points.grids.policies import Action


class _Saving:
    """Saves by the service of the row, so that its refusals stand on the page."""

    save_row: ClassVar[Any]

    def save_instance(self) -> Any:
        instance = self.form.save(commit=False)  # type: ignore[attr-defined]
        return type(self).save_row(instance, by=self.request.user)  # type: ignore[attr-defined]


class _Removing:
    remove_row: ClassVar[Any]

    def delete_action(self) -> None:
        type(self).remove_row(self.object, by=self.request.user)  # type: ignore[attr-defined]


class IndicatorSetCreateView(_Saving, generic.CreateView):  # type: ignore[misc]
    save_row = staticmethod(services.save_set)


class IndicatorSetEditView(_Saving, generic.EditView):  # type: ignore[misc]
    save_row = staticmethod(services.save_set)


class IndicatorSetViewSet(GridScopedViewSet):
    """The list of what counts in a community; frozen once a period has been opened with it."""

    model = IndicatorSet
    name = "assessment_set"
    icon = "list-ol"
    action = Action.MANAGE_ASSESSMENT
    view_action = Action.VIEW_ASSESSMENT
    allowed = ("view", "add", "change")
    form_fields = ["name", "grid", "prompt_days"]
    list_display = ["name", "grid", "prompt_days", DateColumn("published_at", label=_("published at"))]
    list_export = ["name", "grid.code", "grid.name", "prompt_days", "published_at"]
    search_fields = ["name", "grid__name"]
    ordering = "name"
    add_view_class = IndicatorSetCreateView
    edit_view_class = IndicatorSetEditView

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("grid")


class IndicatorCreateView(_Saving, generic.CreateView):  # type: ignore[misc]
    save_row = staticmethod(services.save_indicator)


class IndicatorEditView(_Saving, generic.EditView):  # type: ignore[misc]
    save_row = staticmethod(services.save_indicator)


class IndicatorDeleteView(_Removing, generic.DeleteView):  # type: ignore[misc]
    remove_row = staticmethod(services.remove_indicator)


class IndicatorViewSet(GridScopedViewSet):
    """One line of a set. Kinds are a closed list; nothing about residents is on it."""

    model = Indicator
    name = "assessment_indicator"
    icon = "tasks"
    grid_lookup = "indicator_set__grid"
    action = Action.MANAGE_ASSESSMENT
    view_action = Action.VIEW_ASSESSMENT
    choice_lookups = {"indicator_set": "grid"}
    form_fields = ["indicator_set", "function", "kind", "weight", "cap", "needs_evidence"]
    list_display = ["__str__", "indicator_set", "function", "weight", "cap", "needs_evidence"]
    list_filter = ["function", "kind"]
    list_export = [
        "indicator_set",
        "get_function_display",
        "get_kind_display",
        "weight",
        "cap",
        "needs_evidence",
    ]
    export_headings = {"get_function_display": _("function"), "get_kind_display": _("indicator")}
    search_fields = ["indicator_set__name"]
    ordering = ["indicator_set", "function", "kind"]
    add_view_class = IndicatorCreateView
    edit_view_class = IndicatorEditView
    delete_view_class = IndicatorDeleteView

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("indicator_set__grid")


class PeriodCreateView(_Saving, generic.CreateView):  # type: ignore[misc]
    save_row = staticmethod(services.save_period)

    def get_success_url(self) -> str:
        return reverse("assessment:manage", args=[self.object.code])


class PeriodEditView(_Saving, generic.EditView):  # type: ignore[misc]
    save_row = staticmethod(services.save_period)


class PeriodDeleteView(_Removing, generic.DeleteView):  # type: ignore[misc]
    remove_row = staticmethod(services.discard_period)


class PeriodViewSet(GridScopedViewSet):
    """Drafts are written here; every later step is a button on the period's own page."""

    model = AssessmentPeriod
    name = "assessment_period"
    icon = "calendar-alt"
    action = Action.MANAGE_ASSESSMENT
    view_action = Action.VIEW_ASSESSMENT
    choice_lookups = {"indicator_set": "grid"}
    form_fields = [
        "title",
        "grid",
        "role",
        "indicator_set",
        "from_on",
        "to_on",
        "notice_days",
        "appeal_days",
        "visibility",
    ]
    list_display = [
        "title",
        "grid",
        "from_on",
        "to_on",
        Column("state", label=_("state"), accessor="get_state_display"),
    ]
    list_filter = ["state", "role"]
    list_export = [
        "title",
        "grid.code",
        "grid.name",
        "get_role_display",
        "from_on",
        "to_on",
        "get_state_display",
    ]
    export_headings = {"get_role_display": _("who is assessed"), "get_state_display": _("state")}
    search_fields = ["title", "grid__name"]
    ordering = "-from_on"
    add_view_class = PeriodCreateView
    edit_view_class = PeriodEditView
    delete_view_class = PeriodDeleteView

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("grid")


class ResultViewSet(GridScopedViewSet):
    """Results of the person's subtrees: to read, to filter, and to export as CSV or XLSX."""

    model = Result
    name = "assessment_result"
    icon = "clipboard-list"
    grid_lookup = "period__grid"
    action = Action.VIEW_ASSESSMENT
    allowed = ("view",)
    form_fields: ClassVar[list[str]] = []
    inspect_view_enabled = True
    inspect_view_fields = ["period", "leader", "units", "days", "points", "maximum", "transaction"]
    list_display = [
        Column("leader", label=_("leader"), accessor="leader.display_name"),
        "units",
        "period",
        Column("days", label=_("days in office"), sort_key="days"),
        Column("points", label=_("points"), sort_key="points"),
        Column("maximum", label=_("points that were possible"), sort_key="maximum"),
    ]
    list_export = [
        "period.title",
        "period.grid.name",
        "units",
        "leader.number",
        "leader.display_name",
        "days",
        "points",
        "maximum",
        "period.get_state_display",
    ]
    export_headings = {
        "period.title": _("assessment period"),
        "period.grid.name": _("grid unit"),
        "leader.number": _("member number"),
        "leader.display_name": _("leader"),
        "period.get_state_display": _("state"),
    }
    search_fields = ["units", "leader__name", "period__title"]
    ordering = ["-period__from_on", "units"]
    list_per_page = 50

    @property
    def export_filename(self) -> str:
        return "assessment-results"

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        rows = super().scoped(queryset, user, permission)
        return rows.select_related("leader", "period__grid")


class AssessmentGroup(ViewSetGroup):  # type: ignore[misc]
    menu_label = _("Assessment")
    menu_icon = "clipboard-list"
    menu_order = 550
    items = (PeriodViewSet(), IndicatorSetViewSet(), IndicatorViewSet(), ResultViewSet())
