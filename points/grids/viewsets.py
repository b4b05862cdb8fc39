"""The back office of this room: the tree, roles, organisations, service points and people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log

from points.grids import policies, services, teams
from points.grids.backoffice import GridScopedViewSet, indented
from points.grids.models import (
    GridMembership,
    GridUnit,
    Organization,
    Role,
    RoleAssignment,
    ServicePoint,
    Team,
)
from points.grids.policies import Action
from points.people.forms import PhoneFormMixin
from points.people.models import User
from points.people.services import find_person


# --- Grid units -----------------------------------------------------------------------------------------
class GridUnitForm(WagtailAdminModelForm):  # type: ignore[misc]
    """A new unit: where in the tree, and what it is. The code never changes afterwards."""

    parent = forms.ModelChoiceField(
        GridUnit.objects.all(),
        label=_("above it"),
        required=False,
        help_text=_("Only the administrator of the whole town can leave this empty."),
    )

    class Meta:
        model = GridUnit
        fields = ["parent", "code", "name", "level", "kind", "opened_on"]


class GridUnitEditForm(WagtailAdminModelForm):  # type: ignore[misc]
    class Meta:
        model = GridUnit
        fields = ["name", "level", "kind", "opened_on", "closed_on"]


class GridUnitIndexView(generic.IndexView):  # type: ignore[misc]
    @cached_property
    def columns(self) -> list[Column]:
        columns: list[Column] = super().columns
        columns[0].accessor = indented
        return columns


class GridUnitCreateView(generic.CreateView):  # type: ignore[misc]
    def save_instance(self) -> GridUnit:
        data = self.form.cleaned_data
        unit = services.add_unit(
            data["parent"],
            code=data["code"],
            name=data["name"],
            level=data["level"],
            kind=data["kind"],
            opened_on=data["opened_on"],
            by=self.request.user,
        )
        log(instance=unit, action="wagtail.create", content_changed=True)
        return unit


class GridUnitViewSet(GridScopedViewSet):
    """Units are closed, never deleted: history stands on them."""

    model = GridUnit
    icon = "site"
    grid_lookup = ""
    action = Action.MANAGE_GRIDS
    view_action = Action.VIEW_BACK_OFFICE
    allowed = ("view", "add", "change")
    list_display = ["name", "code", "level", "kind", "closed_on"]
    list_filter = ["level", "kind"]
    list_export = ["code", "name", "level", "kind", "opened_on", "closed_on"]
    search_fields = ["name", "code"]
    ordering = "path"
    list_per_page = 50
    inspect_view_enabled = True
    inspect_view_fields = ["code", "name", "level", "kind", "opened_on", "closed_on"]
    index_view_class = GridUnitIndexView
    add_view_class = GridUnitCreateView

    def get_form_class(self, for_update: bool = False) -> type[forms.BaseForm]:
        return GridUnitEditForm if for_update else GridUnitForm


# --- Roles ----------------------------------------------------------------------------------------------
class RoleAssignmentForm(WagtailAdminModelForm):  # type: ignore[misc]
    """The person is named exactly, so that nobody leafs through everybody's names to find them."""

    who = forms.CharField(
        label=_("person"), max_length=150, help_text=_("User name, phone number or member number, exactly.")
    )

    class Meta:
        model = RoleAssignment
        fields = ["who", "role", "grid", "from_on", "to_on"]

    def clean_who(self) -> User:
        found = find_person(self.cleaned_data["who"])
        if found is None:
            raise forms.ValidationError(gettext("There is no active account with that name or number."))
        return found


class RoleAssignmentCreateView(generic.CreateView):  # type: ignore[misc]
    def save_instance(self) -> RoleAssignment:
        data = self.form.cleaned_data
        assignment = services.assign_role(
            data["who"],
            role=data["role"],
            grid=data["grid"],
            from_on=data["from_on"],
            to_on=data["to_on"],
            by=self.request.user,
        )
        log(instance=assignment, action="wagtail.create", content_changed=True)
        return assignment


class RoleAssignmentEndView(generic.DeleteView):  # type: ignore[misc]
    page_title = _("End role")
    success_message = _("The role has ended: %(object)s")

    @property
    def confirmation_message(self) -> str:
        return gettext("The role ends now. Its dates stay on record.")

    def delete_action(self) -> None:
        log(instance=self.object, action="wagtail.delete")
        services.end_role(self.object, by=self.request.user)


class RoleAssignmentViewSet(GridScopedViewSet):
    """Roles begin and end by service: nobody gives themselves one, or more than they hold."""

    model = RoleAssignment
    icon = "key"
    action = Action.MANAGE_PEOPLE
    allowed = ("view", "add", "delete")
    list_display = ["user", "role", "grid", "from_on", "to_on"]
    list_filter = ["role"]
    list_export = ["user.number", "user.display_name", "role", "grid.code", "grid.name", "from_on", "to_on"]
    search_fields = ["user__name", "user__username", "grid__name", "grid__code"]
    ordering = "-from_on"
    inspect_view_enabled = True
    add_view_class = RoleAssignmentCreateView
    delete_view_class = RoleAssignmentEndView

    def scoped(self, queryset: QuerySet[Any], user: User, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("user", "grid")

    def get_form_class(self, for_update: bool = False) -> type[forms.BaseForm]:
        return RoleAssignmentForm


# --- Organisations and service points -------------------------------------------------------------------
class OrganizationViewSet(GridScopedViewSet):
    model = Organization
    icon = "group"
    action = Action.MANAGE_PEOPLE
    view_action = Action.VIEW_BACK_OFFICE
    choice_lookups = {"guided_by": "grid"}
    form_fields = ["name", "kind", "grid", "guided_by", "phone"]
    list_display = ["name", "kind", "grid", "phone"]
    list_filter = ["kind"]
    list_export = ["name", "kind", "grid.code", "grid.name", "guided_by", "phone"]
    search_fields = ["name", "grid__name"]
    ordering = "name"
    inspect_view_enabled = True

    def scoped(self, queryset: QuerySet[Any], user: User, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("grid")


class ServicePointViewSet(GridScopedViewSet):
    model = ServicePoint
    icon = "home"
    action = Action.MANAGE_PEOPLE
    view_action = Action.VIEW_BACK_OFFICE
    form_fields = ["name", "grid", "address", "opening_hours", "phone"]
    list_display = ["name", "grid", "address", "opening_hours", "phone"]
    list_export = ["name", "grid.code", "grid.name", "address", "opening_hours", "phone"]
    search_fields = ["name", "address", "grid__name"]
    ordering = "name"
    inspect_view_enabled = True

    def scoped(self, queryset: QuerySet[Any], user: User, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("grid")


# --- Teams ----------------------------------------------------------------------------------------------
class TeamForm(WagtailAdminModelForm):  # type: ignore[misc]
    """A new team and its first leader, named exactly."""

    who = forms.CharField(
        label=_("first leader"),
        max_length=150,
        help_text=_("User name, phone number or member number, exactly."),
    )

    class Meta:
        model = Team
        fields = ["name", "grid", "guided_by", "about", "who"]

    def clean_who(self) -> User:
        found = find_person(self.cleaned_data["who"])
        if found is None:
            raise forms.ValidationError(gettext("There is no active account with that name or number."))
        return found


class TeamEditForm(WagtailAdminModelForm):  # type: ignore[misc]
    class Meta:
        model = Team
        fields = ["name", "about"]


class TeamCreateView(generic.CreateView):  # type: ignore[misc]
    def save_instance(self) -> Team:
        data = self.form.cleaned_data
        team = teams.found_team(
            name=data["name"],
            grid=data["grid"],
            guided_by=data["guided_by"],
            about=data["about"],
            leader=data["who"],
            by=self.request.user,
        )
        log(instance=team, action="wagtail.create", content_changed=True)
        return team


class TeamViewSet(GridScopedViewSet):
    """Teams are founded here; who joins is between them and their leaders."""

    model = Team
    icon = "group"
    action = Action.MANAGE_PEOPLE
    view_action = Action.VIEW_BACK_OFFICE
    allowed = ("view", "add", "change")
    choice_lookups = {"guided_by": "grid"}
    list_display = ["name", "grid", "guided_by", "founded_on"]
    list_export = ["code", "name", "grid.code", "grid.name", "guided_by", "founded_on"]
    search_fields = ["name", "grid__name"]
    ordering = "name"
    inspect_view_enabled = True
    inspect_view_fields = ["code", "name", "grid", "guided_by", "about", "founded_on"]
    add_view_class = TeamCreateView

    def scoped(self, queryset: QuerySet[Any], user: User, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related("grid", "guided_by")

    def get_form_class(self, for_update: bool = False) -> type[forms.BaseForm]:
        return TeamEditForm if for_update else TeamForm


# --- People ---------------------------------------------------------------------------------------------
class PersonForm(PhoneFormMixin, WagtailAdminModelForm):  # type: ignore[misc]
    """What the office may correct. Passwords, mail and second factors are the person's own."""

    class Meta:
        model = User
        fields = ["name", "phone", "is_active"]


class PersonIndexView(generic.IndexView):  # type: ignore[misc]
    def get_list_more_buttons(self, instance: User) -> list[Button]:
        guardian = Button(
            gettext("Under 14: consent of a guardian"),
            url=reverse("person_guardian", args=[instance.pk]),
            icon_name="user",
        )
        buttons = list(super().get_list_more_buttons(instance))
        return [*buttons, guardian] if self._may_write(instance) else buttons


class PersonViewSet(GridScopedViewSet):
    """The people who live in, or work for, the manager's subtree.

    Somebody who holds more than the manager could give (an administrator, an auditor, a superuser) can be
    seen there, not changed: who changes a phone number or closes an account has power over its owner.
    """

    model = User
    name = "person"
    icon = "user"
    action = Action.MANAGE_PEOPLE
    allowed = ("view", "change")
    index_view_class = PersonIndexView
    list_display = [
        "name",
        Column("number", label=_("member number"), accessor="number"),
        "phone",
        Column("home", label=pgettext_lazy("grid membership", "Home"), accessor="home_name"),
        BooleanColumn("is_active", label=_("active"), sort_key="is_active"),
    ]
    list_filter = ["is_active"]
    list_export = ["number", "name", "phone", "home_name", "is_active"]
    export_headings = {"home_name": pgettext_lazy("grid membership", "Home")}
    search_fields = ["name", "phone", "username", "number"]
    ordering = "name"
    inspect_view_enabled = True
    inspect_view_fields = ["number", "name", "username", "phone", "is_active", "date_joined"]
    menu_label = _("People")

    def scoped(self, queryset: QuerySet[Any], user: User, permission: str) -> QuerySet[Any]:
        action = self.action_for(permission)
        if action is None:
            return queryset.none()
        homes = GridMembership.objects.filter(kind=GridMembership.Kind.HOME, to_on__isnull=True)
        queryset = queryset.annotate(
            home_name=Subquery(homes.filter(user=OuterRef("pk")).values("grid__name")[:1])
        )
        if policies.EVERYWHERE in policies.paths_for(user, action):
            return queryset.exclude(pk=user.pk) if permission == "change" else queryset
        here = policies.scope(user, action)
        roles = RoleAssignment.objects.current()
        queryset = queryset.filter(
            Q(pk__in=homes.filter(here).values("user_id")) | Q(pk__in=roles.filter(here).values("user_id"))
        )
        if permission == "change":
            beyond = roles.exclude(_grantable(user))
            queryset = queryset.exclude(pk=user.pk).exclude(is_superuser=True)
            queryset = queryset.exclude(pk__in=beyond.values("user_id"))
        return queryset

    @property
    def writing_differs(self) -> bool:
        return True

    def get_form_class(self, for_update: bool = False) -> type[forms.BaseForm]:
        return PersonForm


def _grantable(user: User) -> Q:
    """The role rows that the person could have given themselves to others."""
    found = Q(pk__in=[])
    for path in policies.paths_for(user, Action.MANAGE_PEOPLE):
        held = policies.actions_at(user, path)
        roles = [role for role in Role if policies.ROLE_ACTIONS[role] <= held]
        found |= Q(grid__path__startswith=path, role__in=roles)
    return found


class PlacesGroup(ViewSetGroup):  # type: ignore[misc]
    menu_label = _("Places and people")
    menu_icon = "group"
    menu_order = 600
    items = (
        GridUnitViewSet(),
        OrganizationViewSet(),
        ServicePointViewSet(),
        TeamViewSet(),
        RoleAssignmentViewSet(),
        PersonViewSet(),
    )
