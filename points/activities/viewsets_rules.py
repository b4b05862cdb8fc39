"""The back office of a place's sign-up rules, and of the qualifications volunteers can be asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.log_actions import log

from points.activities.models import HeldQualification, Qualification, SignupRules
from points.grids.backoffice import GridScopedViewSet
from points.grids.policies import Action
from points.people.models import User
from points.people.services import find_person


class SignupRulesViewSet(GridScopedViewSet):
    """A community's own numbers: waiting lists, marks and pauses, messages."""

    model = SignupRules
    icon = "cog"
    action = Action.MANAGE_PEOPLE
    view_action = Action.VIEW_BACK_OFFICE
    form_fields = [
        "grid",
        "no_show_limit",
        "no_show_window_days",
        "pause_days",
        "answer_hours",
        "confirm_hours",
        "messages_a_day",
    ]
    list_display = ["grid", "no_show_limit", "no_show_window_days", "pause_days", "confirm_hours"]
    list_export = ["grid.code", "grid.name", *form_fields[1:]]
    search_fields = ["grid__name", "grid__code"]
    ordering = "grid__path"
    inspect_view_enabled = True

    def scoped(self, queryset: QuerySet[Any], user: User, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("grid")


class QualificationViewSet(GridScopedViewSet):
    """The short vocabulary of skills, training and licences."""

    model = Qualification
    icon = "tick-inverse"
    action = Action.MANAGE_PEOPLE
    view_action = Action.VIEW_BACK_OFFICE
    form_fields = ["name", "grid", "how"]
    list_display = ["name", "grid", "how"]
    list_export = ["name", "grid.code", "grid.name", "how"]
    search_fields = ["name", "grid__name"]
    ordering = "name"
    inspect_view_enabled = True

    def scoped(self, queryset: QuerySet[Any], user: User, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("grid")


class HeldQualificationForm(WagtailAdminModelForm):  # type: ignore[misc]
    """The person is named exactly, so that nobody leafs through everybody's names to find them."""

    who = forms.CharField(
        label=_("person"), max_length=150, help_text=_("User name, phone number or member number, exactly.")
    )

    class Meta:
        model = HeldQualification
        fields = ["qualification", "who", "valid_until"]

    def clean_who(self) -> User:
        found = find_person(self.cleaned_data["who"])
        if found is None:
            raise forms.ValidationError(gettext("There is no active account with that name or number."))
        self.instance.volunteer = found
        return found

    def _get_validation_exclusions(self) -> set[str]:
        """The person comes by `who`, and is checked like a field of the form."""
        return set(super()._get_validation_exclusions()) - {"volunteer"}


class HeldQualificationEditForm(WagtailAdminModelForm):  # type: ignore[misc]
    class Meta:
        model = HeldQualification
        fields = ["valid_until"]


class HeldQualificationCreateView(generic.CreateView):  # type: ignore[misc]
    def save_instance(self) -> models.Model:
        held: HeldQualification = self.form.save(commit=False)
        held.entered_by = self.request.user
        held.save()
        log(instance=held, action="wagtail.create", content_changed=True)
        return held


class HeldQualificationViewSet(GridScopedViewSet):
    """Who has which qualification, and until when."""

    model = HeldQualification
    icon = "user"
    grid_lookup = "qualification__grid"
    action = Action.MANAGE_PEOPLE
    choice_lookups = {"qualification": "grid"}
    list_display = ["volunteer", "qualification", "valid_until", "entered_by"]
    list_export = ["volunteer.number", "volunteer.display_name", "qualification.name", "valid_until"]
    search_fields = ["volunteer__name", "volunteer__username", "qualification__name"]
    ordering = "-entered_at"
    inspect_view_enabled = True
    inspect_view_fields = ["volunteer", "qualification", "valid_until", "entered_by", "entered_at"]
    add_view_class = HeldQualificationCreateView

    def scoped(self, queryset: QuerySet[Any], user: User, permission: str) -> QuerySet[Any]:
        found = super().scoped(queryset, user, permission)
        return found.select_related("volunteer", "qualification__grid", "entered_by")

    def get_form_class(self, for_update: bool = False) -> type[forms.BaseForm]:
        return HeldQualificationEditForm if for_update else HeldQualificationForm


class SignupGroup(ViewSetGroup):  # type: ignore[misc]
    menu_label = _("Sign-up")
    menu_icon = "calendar-alt"
    menu_order = 220
    items = (SignupRulesViewSet(), QualificationViewSet(), HeldQualificationViewSet())
