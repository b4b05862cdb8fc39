"""The back office of schemes: every version and what it says, in plain words (`editor` writes them)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic

from points import clock
from points.grids import policies
from points.grids.backoffice import GridScopedViewSet
from points.grids.models import GridUnit
from points.grids.policies import Action
from points.schemes.models import SchemeVersion
from points.schemes.summary import summary


def standing(version: Any) -> str:
    """Whether the version is in force today (annotated with `is_replaced`)."""
    if version.effective_from > clock.today():
        return pgettext("scheme version", "Not yet in force")
    if version.is_replaced:
        return pgettext("scheme version", "Replaced")
    return pgettext("scheme version", "In force")


class VersionInspectView(generic.InspectView):  # type: ignore[misc]
    template_name = "schemes/admin/inspect.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | {"summary": summary(self.object.as_rules())}


class SchemeVersionViewSet(GridScopedViewSet):
    """The schemes of the person's subtrees, and those above that apply to them."""

    model = SchemeVersion
    name = "scheme_version"
    icon = "clipboard-list"
    menu_label = _("Schemes")
    add_to_admin_menu = False  # the menu leads to the editor, which leads here
    grid_lookup = "scheme__grid"
    action = Action.VIEW_BACK_OFFICE
    allowed = ("view",)
    inspect_view_class = VersionInspectView
    inspect_template_name = "schemes/admin/inspect.html"
    inspect_view_enabled = True
    form_fields: ClassVar[list[str]] = []
    list_display = [
        "scheme",
        Column("number", label=_("version")),
        Column("grid", label=_("grid unit"), accessor="scheme.grid.name"),
        Column("effective_from", label=_("effective from")),
        Column("standing", label=_("state"), accessor=standing),
    ]
    list_export = [
        "scheme.code",
        "scheme.name",
        "scheme.grid.code",
        "number",
        "effective_from",
        "published_at",
    ]
    export_headings = {
        "scheme.code": _("code"),
        "scheme.name": _("scheme"),
        "scheme.grid.code": _("grid code"),
    }
    search_fields = ["scheme__name", "scheme__code", "scheme__grid__name"]
    ordering = ["scheme__grid__path", "-effective_from"]
    inspect_view_fields = ["scheme", "number", "effective_from", "published_at", "published_by"]

    def scoped(self, queryset: QuerySet[Any], user: Any, permission: str) -> QuerySet[Any]:
        action = self.action_for(permission)
        if action is None:
            return queryset.none()
        above = {
            root[:end]
            for root in policies.paths_for(user, action)
            for end in range(GridUnit.steplen, len(root), GridUnit.steplen)
        }
        own = policies.scope(user, action, lookup=self.grid_lookup)
        newer = SchemeVersion.objects.filter(
            scheme=OuterRef("scheme"),
            effective_from__gt=OuterRef("effective_from"),
            effective_from__lte=clock.today(),
        )
        applies = own | Q(scheme__grid__path__in=above) if own else own
        return (
            queryset.filter(applies)
            .annotate(is_replaced=Exists(newer))
            .select_related("scheme__grid", "published_by")
        )
