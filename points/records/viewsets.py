"""The back office of records: to read, to filter and to export; nobody edits a record."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic

from points.grids.backoffice import GridScopedViewSet
from points.grids.policies import Action
from points.records.models import ServiceRecord
from points.records.words import explain
from points.schemes.categories import CATEGORIES


class RecordFilterSet(WagtailFilterSet):  # type: ignore[misc]
    served_on = django_filters.DateFromToRangeFilter(label=_("date"), widget=DateRangePickerWidget)
    category = django_filters.ChoiceFilter(label=_("category"), choices=list(CATEGORIES.items()))
    awaiting_budget = django_filters.BooleanFilter(label=_("waiting for budget"))

    class Meta:
        model = ServiceRecord
        fields = ["state", "grade", "category", "awaiting_budget", "served_on"]


class RecordInspectView(generic.InspectView):  # type: ignore[misc]
    template_name = "records/admin/inspect.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | {"explanation": explain(self.object)}


class RecordViewSet(GridScopedViewSet):
    """Records of the person's subtrees. A correction is a new version, never an edit."""

    model = ServiceRecord
    name = "service_record"
    icon = "list-ul"
    menu_label = _("Service records")
    action = Action.VIEW_RECORDS
    allowed = ("view",)
    inspect_view_class = RecordInspectView
    inspect_template_name = "records/admin/inspect.html"
    inspect_view_enabled = True
    form_fields: ClassVar[list[str]] = []
    filterset_class = RecordFilterSet
    list_display = [
        "activity_name",
        Column("volunteer", label=_("volunteer"), accessor="volunteer.display_name"),
        Column("served_on", label=_("date"), sort_key="served_on"),
        Column("minutes", label=_("minutes of service"), sort_key="minutes"),
        Column("beans", label=_("beans"), sort_key="beans"),
        Column("grade", label=_("how it was proven"), accessor="get_grade_display"),
        Column("state", label=_("state"), accessor="get_state_display"),
    ]
    search_fields = ["number", "activity_name", "activity_reference", "volunteer__name"]
    ordering = ["-served_on", "-pk"]
    list_per_page = 50
    list_export = [
        "number",
        "version",
        "volunteer.number",
        "volunteer.display_name",
        "grid.code",
        "grid.name",
        "recording_unit.name",
        "activity_name",
        "activity_reference",
        "category_name",
        "content",
        "place",
        "person_in_charge.display_name",
        "served_on",
        "planned_start",
        "planned_end",
        "checked_in_at",
        "checked_out_at",
        "minutes",
        "get_grade_display",
        "get_state_display",
        "confirmed_by.display_name",
        "confirmed_at",
        "notice_ends_at",
        "scheme_version.label",
        "beans",
        "awaiting_budget",
    ]
    export_headings = {
        "volunteer.number": _("member number"),
        "volunteer.display_name": _("volunteer"),
        "grid.code": _("grid code"),
        "grid.name": _("grid unit"),
        "recording_unit.name": _("recording unit"),
        "person_in_charge.display_name": _("person in charge"),
        "category_name": _("category"),
        "get_grade_display": _("how it was proven"),
        "get_state_display": _("state"),
        "confirmed_by.display_name": _("confirmed by"),
        "scheme_version.label": _("rule version"),
    }
    inspect_view_fields = [
        "number",
        "version",
        "volunteer",
        "activity_name",
        "activity_reference",
        "content",
        "place",
        "grid",
        "recording_unit",
        "person_in_charge",
        "served_on",
        "planned_start",
        "planned_end",
        "checked_in_at",
        "checked_out_at",
        "minutes",
        "grade",
        "state",
        "confirmed_by",
        "confirmed_at",
        "notice_ends_at",
        "beans",
        "awaiting_budget",
        "hours_transaction",
        "award_transaction",
        "release_transaction",
    ]

    @cached_property
    def export_filename(self) -> str:
        return "service-records"

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return (
            super()
            .scoped(queryset, user, permission)
            .select_related(
                "volunteer",
                "grid",
                "recording_unit",
                "person_in_charge",
                "confirmed_by",
                "scheme_version__scheme",
            )
        )
