"""The row-scoped base of the back office.

Wagtail's own viewsets are not scoped: their index shows every row and their edit addresses open every row.
`GridScopedViewSet` answers each view from the person's roles instead: a row outside their subtrees does not
exist (404), choices of grid units are limited to their own, and what a form would put outside is refused.
No Django permission rows are needed; `RolePermissionPolicy` translates Wagtail's questions into `policies`.

    class ActivityViewSet(GridScopedViewSet):
        model = Activity
        grid_lookup = "grid"            # ORM path to the GridUnit
        action = Action.ORGANISE        # needed to add, change and delete
        view_action = Action.VIEW_RECORDS   # needed to see; `action` when left out
        allowed = ("view", "change")    # of view, add, change, delete; all when left out
        choice_lookups = {"organization": "grid"}   # further choices limited in the same way

A service may be called from `save_instance` or `delete_action` of a view class: its Refusal becomes a
sentence on the page. Rows are then kept or left as one: Wagtail saves inside a transaction.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db.models import Model, ProtectedError, Q, QuerySet, RestrictedError
from django.forms import BaseForm, ModelChoiceField
from django.forms.models import modelform_factory
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.views import generic
from wagtail.admin.views.generic import chooser, history, usage
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies.base import BasePermissionPolicy

from points.grids import policies
from points.grids.exports import SafeExport
from points.grids.models import GridUnit, RoleAssignment
from points.grids.policies import Action
from points.refusals import Refusal

INDENT = "\u3000"


def indented(unit: GridUnit) -> str:
    """The name of a unit, moved in by its depth: for lists and choices in tree order."""
    return INDENT * (unit.depth - 1) + unit.name


class RolePermissionPolicy(BasePermissionPolicy):  # type: ignore[misc]
    """Wagtail's questions (may this person view, add, change, delete?) answered from roles."""

    def __init__(self, rules: ScopeRules) -> None:
        super().__init__(rules.model)
        self.rules = rules

    def user_has_permission(self, user: Any, action: str) -> bool:
        needed = self.rules.action_for(action)
        return needed is not None and policies.has_any(user, needed)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        return self.user_has_permission(user, action) and self.rules.covers(user, action, instance)

    def instances_user_has_any_permission_for(self, user: Any, actions: list[str]) -> QuerySet[Any]:
        everything = self.model._default_manager.all()
        found = everything.none()
        for action in actions:
            if self.user_has_permission(user, action):
                found = found | self.rules.scoped(everything, user, action)
        return found

    def users_with_any_permission(self, actions: list[str]) -> QuerySet[Any]:
        needed = {self.rules.action_for(action) for action in actions} - {None}
        roles = [role for role, may in policies.ROLE_ACTIONS.items() if may & needed]
        holders = RoleAssignment.objects.current().filter(role__in=roles).values("user_id")
        return get_user_model()._default_manager.filter(
            Q(pk__in=holders) | Q(is_superuser=True), is_active=True
        )

    def users_with_any_permission_for_instance(self, actions: list[str], instance: Model) -> QuerySet[Any]:
        return self.users_with_any_permission(actions)


class ScopeRules:
    """What a viewset says about whose rows it shows; shared by the model and the chooser viewset."""

    model: Any
    grid_lookup: ClassVar[str] = "grid"
    action: ClassVar[str] = Action.ORGANISE
    view_action: ClassVar[str | None] = None
    allowed: ClassVar[tuple[str, ...]] = ("view", "add", "change", "delete")
    choice_lookups: ClassVar[dict[str, str]] = {}

    @property
    def writing_differs(self) -> bool:
        """Whether a person may see rows that they may not change."""
        return self.view_action not in (None, self.action)

    def action_for(self, permission: str) -> Action | None:
        """Which of our actions Wagtail's permission needs; None when nobody may."""
        if permission not in self.allowed:
            return None
        return Action(self.view_action or self.action) if permission == "view" else Action(self.action)

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        """The rows of `queryset` for which the person has Wagtail's `permission`."""
        action = self.action_for(permission)
        if action is None:
            return queryset.none()
        return queryset.filter(policies.scope(user, action, lookup=self.grid_lookup))

    def covers(self, user: Any, permission: str, instance: Model) -> bool:
        """Whether this one (saved) row is among them."""
        rows = type(instance)._default_manager.filter(pk=instance.pk)
        return self.scoped(rows, user, permission).exists()

    def limit_choices(self, form: BaseForm, user: Any) -> None:
        """Offer only grid units, and rows of other models, that the person may use; refuse others."""
        for name, field in form.fields.items():
            if not isinstance(field, ModelChoiceField) or field.queryset is None:
                continue
            if field.queryset.model is GridUnit:
                mine = policies.scope(user, self.action, lookup="")
                field.queryset = field.queryset.filter(mine).order_by("path")
                field.label_from_instance = indented  # type: ignore[method-assign,assignment]
            elif name in self.choice_lookups:
                mine = policies.scope(user, self.action, lookup=self.choice_lookups[name])
                field.queryset = field.queryset.filter(mine)


class _ScopedView:
    """Mixed into every view of a scoped viewset, before Wagtail's own class."""

    rules: ScopeRules
    request: HttpRequest
    needs: ClassVar[str] = "view"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        needed = getattr(self, "permission_required", None)
        if needed is not None and needed not in self.rules.allowed:
            raise Http404  # nobody ever may: there is no such page
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        loaded = getattr(self, "object", None)
        found = super().get_object(*args, **kwargs)  # type: ignore[misc]
        if found is not loaded and not self.rules.covers(self.request.user, self.needs, found):
            raise Http404
        return found


class _ScopedIndex(_ScopedView, SafeExport):
    def get_base_queryset(self) -> QuerySet[Any]:
        return self.rules.scoped(super().get_base_queryset(), self.request.user, "view")  # type: ignore[misc]

    def get_edit_url(self, instance: Model) -> str | None:
        return super().get_edit_url(instance) if self._may_write(instance) else None  # type: ignore[misc]

    def get_delete_url(self, instance: Model) -> str | None:
        return super().get_delete_url(instance) if self._may_write(instance) else None  # type: ignore[misc]

    def _may_write(self, instance: Model) -> bool:
        """No link that would answer 404: matters where more may be seen than changed."""
        return not self.rules.writing_differs or instance.pk in self._writable

    def get_table(self, object_list: Any) -> Any:
        self._shown = [row.pk for row in object_list]
        return super().get_table(object_list)  # type: ignore[misc]

    @cached_property
    def _writable(self) -> set[Any]:
        rows = self.rules.model._default_manager.filter(pk__in=self._shown)
        return set(self.rules.scoped(rows, self.request.user, "change").values_list("pk", flat=True))


class _ScopedHistory(_ScopedView):
    any_permission_required = ("add", "change", "delete", "view")

    def get_edit_url(self, instance: Model) -> str | None:
        may = self.rules.covers(self.request.user, "change", instance)
        return super().get_edit_url(instance) if may else None  # type: ignore[misc]

    @cached_property
    def header_buttons(self) -> list[Any]:
        return super().header_buttons if self.get_edit_url(self.object) else []  # type: ignore[misc, attr-defined]


class _ScopedForm(_ScopedView):
    needs = "change"
    saves: ClassVar[str] = "change"

    def get_form(self, *args: Any, **kwargs: Any) -> BaseForm:
        form: BaseForm = super().get_form(*args, **kwargs)  # type: ignore[misc]
        self.rules.limit_choices(form, self.request.user)
        return form

    def save_instance(self) -> Any:
        instance = super().save_instance()  # type: ignore[misc]
        if not self.rules.covers(self.request.user, self.saves, instance):
            raise Http404  # inside Wagtail's transaction: nothing is kept
        return instance

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        try:
            return super().form_valid(form)  # type: ignore[misc]
        except Refusal as refusal:
            form.add_error(None, refusal)
            self.produced_error_code = refusal.refusal_code
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
            return self.form_invalid(form)  # type: ignore[attr-defined]


class _ScopedCreate(_ScopedForm):
    saves = "add"


class _ScopedCopy(_ScopedCreate):
    needs = "view"


class _ScopedDelete(_ScopedView):
    needs = "delete"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        try:
            return super().form_valid(form)  # type: ignore[misc]
        except Refusal as refusal:
            messages.error(self.request, refusal.as_text())
        except (ProtectedError, RestrictedError):
            messages.error(self.request, _("This is still in use elsewhere and cannot be deleted."))
        return HttpResponseRedirect(self.get_success_url())  # type: ignore[attr-defined]


class _ScopedChoose(_ScopedView):
    def get_object_list(self) -> QuerySet[Any]:
        return self.rules.scoped(super().get_object_list(), self.request.user, "view")  # type: ignore[misc]


class _ScopedChosenMany(_ScopedView):
    def get_objects(self, pks: list[str]) -> QuerySet[Any]:
        return self.rules.scoped(super().get_objects(pks), self.request.user, "view")  # type: ignore[misc]


class _ScopedChooserForm(_ScopedView):
    def get_creation_form(self) -> BaseForm | None:
        form: BaseForm | None = super().get_creation_form()  # type: ignore[misc]
        if form is not None:
            self.rules.limit_choices(form, self.request.user)
        return form


class _ScopedChooseAndCreate(_ScopedChoose, _ScopedChooserForm):
    pass


# The first match counts: subclasses before their bases.
_MIXINS: tuple[tuple[type, type], ...] = (
    (generic.IndexView, _ScopedIndex),
    (generic.CopyView, _ScopedCopy),
    (generic.CreateView, _ScopedCreate),
    (generic.EditView, _ScopedForm),
    (generic.DeleteView, _ScopedDelete),
    (generic.InspectView, _ScopedView),
    (history.HistoryView, _ScopedHistory),
    (usage.UsageView, _ScopedView),
    (chooser.BaseChooseView, _ScopedChooseAndCreate),
    (chooser.ChosenMultipleViewMixin, _ScopedChosenMany),
    (chooser.ChosenViewMixin, _ScopedView),
    (chooser.CreateViewMixin, _ScopedChooserForm),
)


class _ScopedViews(ScopeRules):
    """Gives every view that a viewset builds its scope; a view of an unknown kind is refused."""

    def construct_view(self, view_class: type, **kwargs: Any) -> Any:
        for base, mixin in _MIXINS:
            if issubclass(view_class, base):
                scoped = type(view_class.__name__, (mixin, view_class), {"rules": self})
                return super().construct_view(scoped, **kwargs)  # type: ignore[misc]
        if issubclass(view_class, _ScopedView):
            return super().construct_view(view_class, **kwargs)  # type: ignore[misc]
        raise TypeError(f"{view_class.__name__} is not scoped by roles")

    @cached_property
    def permission_policy(self) -> RolePermissionPolicy:
        return RolePermissionPolicy(self)


class GridScopedViewSet(_ScopedViews, ModelViewSet):  # type: ignore[misc]
    """A ModelViewSet whose rows are those of the person's subtrees."""

    search_backend_name = None
    # Saving a row of ours should not rewrite Wagtail's index of references.
    add_to_reference_index = False
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[BaseForm]:
        if self._edit_handler:
            return super().get_form_class(for_update)  # type: ignore[no-any-return]
        form: type[BaseForm] = modelform_factory(
            self.model,
            form=WagtailAdminModelForm,  # dates and times get Wagtail's pickers
            fields=self.get_form_fields(),
            exclude=self.get_exclude_form_fields(),
        )
        return form

    def register_permissions(self) -> None:
        """Roles decide: our models' permissions do not belong on the page of groups."""


class GridScopedChooserViewSet(_ScopedViews, ChooserViewSet):  # type: ignore[misc]
    """A chooser that offers only rows of the person's subtrees."""
