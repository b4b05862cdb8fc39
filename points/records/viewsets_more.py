"""The back office beside service records: objections, certificates, supplements, training, the calendar."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup

from points.grids import policies
from points.grids.backoffice import GridScopedViewSet
from points.grids.policies import Action
from points.people.models import User
from points.people.services import find_person
from points.records import groups
from points.records.models import (
    Certificate,
    Commendation,
    Evaluation,
    Objection,
    ServiceRecord,
    Supplement,
    SupplementLimit,
    TrainingRecord,
    WorkDay,
)
from points.records.viewsets import RecordViewSet


def person(name: str, label: Any) -> Column:
    return Column(name, label=label, accessor=f"{name}.display_name")


class ObjectionViewSet(GridScopedViewSet):
    """Objections of the person's subtrees; the title leads to the page where one is decided."""

    model = Objection
    name = "objection"
    icon = "comment"
    menu_label = _("Objections")
    grid_lookup = "record__grid"
    action = Action.VIEW_RECORDS
    allowed = ("view",)
    form_fields: ClassVar[list[str]] = []
    list_display = [
        TitleColumn(
            "record",
            label=_("activity"),
            accessor="record.activity_name",
            get_url=lambda row: reverse("records_objection", args=[row.pk]),
        ),
        Column("volunteer", label=_("volunteer"), accessor="record.volunteer.display_name"),
        Column("claim", label=_("what is wrong"), accessor="get_claim_display"),
        Column("state", label=_("state"), accessor="get_state_display", sort_key="state"),
        Column("raised_at", label=_("raised at"), sort_key="raised_at"),
    ]
    list_filter = ["state", "claim", "was_final"]
    list_export = [
        "record.number",
        "record.version",
        "record.activity_name",
        "get_claim_display",
        "get_state_display",
        "was_final",
        "raised_at",
        "decided_at",
        "decided_by.display_name",
    ]
    export_headings = {
        "record.number": _("record number"),
        "record.version": _("version"),
        "record.activity_name": _("activity"),
        "get_claim_display": _("what is wrong"),
        "get_state_display": _("state"),
        "decided_by.display_name": _("decided by"),
    }
    search_fields = ["record__number", "record__activity_name"]
    ordering = ["-raised_at", "-pk"]

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("record__volunteer", "decided_by")


class CertificateViewSet(GridScopedViewSet):
    """Certificates of the recording units of the person's subtrees. The check code is the volunteer's."""

    model = Certificate
    name = "certificate"
    icon = "doc-full"
    menu_label = _("Certificates")
    grid_lookup = "recording_unit__grid"
    action = Action.VIEW_RECORDS
    allowed = ("view",)
    form_fields: ClassVar[list[str]] = []
    list_display = [
        "number",
        person("volunteer", _("volunteer")),
        Column("recording_unit", label=_("recording unit")),
        Column("minutes", label=_("minutes of service"), sort_key="minutes"),
        Column("issued_at", label=_("issued at"), sort_key="issued_at"),
        BooleanColumn("is_valid", label=_("valid")),
    ]
    list_filter = ["recording_unit", "revoked_why"]
    list_export = [
        "number",
        "volunteer.number",
        "recording_unit.name",
        "first_on",
        "last_on",
        "minutes",
        "issued_at",
        "revoked_at",
        "get_revoked_why_display",
    ]
    export_headings = {
        "volunteer.number": _("member number"),
        "recording_unit.name": _("recording unit"),
        "get_revoked_why_display": _("why it was revoked"),
    }
    search_fields = ["number", "volunteer__name"]
    ordering = ["-issued_at", "-pk"]

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("volunteer", "recording_unit")


class SupplementViewSet(GridScopedViewSet):
    """Hours entered later, from the claim to the record. Decided in the inbox of approvals."""

    model = Supplement
    name = "supplement"
    icon = "time"
    menu_label = _("Hours entered later")
    action = Action.VIEW_RECORDS
    allowed = ("view",)
    form_fields: ClassVar[list[str]] = []
    list_display = [
        "activity_name",
        person("volunteer", _("volunteer")),
        Column("minutes", label=_("minutes of service")),
        Column("state", label=_("state"), accessor="get_state_display", sort_key="state"),
        Column("leader", label=_("vouched for by")),
        Column("claimed_at", label=_("entered at"), sort_key="claimed_at"),
    ]
    list_filter = ["state", "category"]
    list_export = [
        "volunteer.number",
        "activity_name",
        "activity_reference",
        "came_at",
        "left_at",
        "minutes",
        "get_state_display",
        "leader.display_name",
        "record.number",
    ]
    export_headings = {
        "volunteer.number": _("member number"),
        "get_state_display": _("state"),
        "leader.display_name": _("vouched for by"),
        "record.number": _("record number"),
        "minutes": _("minutes of service"),
    }
    search_fields = ["activity_name", "volunteer__name"]
    ordering = ["-claimed_at", "-pk"]

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("volunteer", "leader", "record")


class SupplementLimitViewSet(GridScopedViewSet):
    """How much one approver may let through in a month; the nearest limit upwards counts."""

    model = SupplementLimit
    name = "supplement_limit"
    icon = "lock"
    menu_label = _("Limits for hours entered later")
    action = Action.MANAGE_GRIDS
    form_fields = ["grid", "minutes_per_month"]
    list_display = ["grid", Column("minutes_per_month", label=_("minutes per approver and month"))]
    ordering = ["grid__path"]

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("grid")


# --- The other record groups ----------------------------------------------------------------------------
class AboutSomebody(WagtailAdminModelForm):  # type: ignore[misc]
    """A record about a volunteer, who is named exactly and never offered as a list."""

    who = forms.CharField(
        label=_("volunteer"),
        max_length=150,
        help_text=_("User name, phone number or member number, exactly."),
    )

    def clean_who(self) -> User:
        found = find_person(self.cleaned_data["who"])
        if found is None:
            raise forms.ValidationError(gettext("There is no active account with that name or number."))
        self.instance.volunteer = found
        return found


class TrainingForm(AboutSomebody):
    class Meta:
        model = TrainingRecord
        fields = ["who", "grid", "name", "content", "minutes", "held_by", "held_on"]


class CommendationForm(AboutSomebody):
    paper = forms.FileField(
        label=pgettext_lazy("commendation", "Proof"),
        required=False,
        help_text=_("Needed when somebody else awarded it: a picture or PDF of the certificate."),
    )

    class Meta:
        model = Commendation
        fields = ["who", "grid", "name", "awarded_on", "awarded_by", "source"]

    def validate_constraints(self) -> None:
        """The service demands the proof, which is not on the row yet; the database holds the rule as well."""


class TrainingCreate(generic.CreateView):  # type: ignore[misc]
    def save_instance(self) -> TrainingRecord:
        return groups.record_training(self.form.save(commit=False), by=self.request.user)


class CommendationCreate(generic.CreateView):  # type: ignore[misc]
    def save_instance(self) -> Commendation:
        commendation = self.form.save(commit=False)
        proof = self.form.cleaned_data["paper"]
        return groups.record_commendation(commendation, by=self.request.user, proof=proof)


class EvaluationCreate(generic.CreateView):  # type: ignore[misc]
    def save_instance(self) -> Evaluation:
        return groups.rate_service(self.form.save(commit=False), by=self.request.user)


class TrainingViewSet(GridScopedViewSet):
    model = TrainingRecord
    name = "training_record"
    icon = "openquote"
    menu_label = _("Training")
    action = Action.CONFIRM
    view_action = Action.VIEW_RECORDS
    allowed = ("view", "add")
    add_view_class = TrainingCreate
    list_display = ["name", person("volunteer", _("volunteer")), "held_on", "minutes", "held_by"]
    list_export = ["volunteer.number", "name", "content", "minutes", "held_by", "held_on"]
    export_headings = {"volunteer.number": _("member number")}
    search_fields = ["name", "volunteer__name"]
    ordering = ["-held_on", "-pk"]

    def get_form_class(self, for_update: bool = False) -> type[forms.BaseForm]:
        return TrainingForm

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("volunteer", "grid")


class CommendationViewSet(GridScopedViewSet):
    model = Commendation
    name = "commendation"
    icon = "pick"
    menu_label = _("Commendations")
    action = Action.CONFIRM
    view_action = Action.VIEW_RECORDS
    allowed = ("view", "add")
    add_view_class = CommendationCreate
    list_display = ["name", person("volunteer", _("volunteer")), "awarded_on", "awarded_by"]
    list_export = ["volunteer.number", "name", "awarded_on", "awarded_by", "get_source_display"]
    export_headings = {
        "volunteer.number": _("member number"),
        "get_source_display": _("kind of awarding body"),
    }
    search_fields = ["name", "volunteer__name"]
    ordering = ["-awarded_on", "-pk"]

    def get_form_class(self, for_update: bool = False) -> type[forms.BaseForm]:
        return CommendationForm

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("volunteer", "grid")


class EvaluationForm(WagtailAdminModelForm):  # type: ignore[misc]
    """A rating of one record, which is named by its number."""

    number = forms.CharField(label=_("record number"), max_length=16)

    class Meta:
        model = Evaluation
        fields = ["number", "source", "rating", "rated_on"]

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip().upper()
        found = ServiceRecord.objects.valid().filter(number=number).first()
        if found is None:
            raise forms.ValidationError(gettext("There is no record with this number."))
        self.instance.record = found
        return number


class EvaluationViewSet(GridScopedViewSet):
    model = Evaluation
    name = "evaluation"
    icon = "check"
    menu_label = _("Ratings of service")
    grid_lookup = "record__grid"
    action = Action.CONFIRM
    view_action = Action.VIEW_RECORDS
    allowed = ("view", "add")
    add_view_class = EvaluationCreate
    list_display = [
        Column("record", label=_("activity"), accessor="record.activity_name"),
        Column("volunteer", label=_("volunteer"), accessor="record.volunteer.display_name"),
        "rating",
        Column("source", label=_("whose rating"), accessor="get_source_display"),
        "rated_on",
    ]
    list_export = ["record.number", "rating", "get_source_display", "rated_on"]
    export_headings = {"record.number": _("record number"), "get_source_display": _("whose rating")}
    search_fields = ["record__number", "record__activity_name"]
    ordering = ["-rated_on", "-pk"]

    def get_form_class(self, for_update: bool = False) -> type[forms.BaseForm]:
        return EvaluationForm

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("record__volunteer")


class WorkDayViewSet(GridScopedViewSet):
    """The town's exceptions from the working calendar: of no single unit, so only for the whole town."""

    model = WorkDay
    name = "work_day"
    icon = "date"
    menu_label = _("Working calendar")
    action = Action.MANAGE_GRIDS
    form_fields = ["day", "is_workday", "note"]
    list_display = ["day", BooleanColumn("is_workday", label=_("working day")), "note"]
    list_export = ["day", "is_workday", "note"]
    ordering = ["-day"]

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        action = self.action_for(permission)
        may = action is not None and policies.everywhere(user, action)
        return queryset if may else queryset.none()


class RecordsGroup(ViewSetGroup):  # type: ignore[misc]
    menu_label = _("Records")
    menu_icon = "list-ul"
    menu_order = 220
    items = (
        RecordViewSet(),
        ObjectionViewSet(),
        CertificateViewSet(),
        SupplementViewSet(),
        TrainingViewSet(),
        CommendationViewSet(),
        EvaluationViewSet(),
        SupplementLimitViewSet(),
        WorkDayViewSet(),
    )
