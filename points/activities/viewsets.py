"""The back office of activities: to look at, to correct the words and the picture of, to export.

Times, positions and people are written on the organiser's pages of the site, whose addresses are linked
here, so that seats are only ever counted by the services.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.log_actions import log

from points.activities import services
from points.activities.models import Activity, ActivityQuerySet, Registration
from points.grids.backoffice import GridScopedViewSet
from points.grids.policies import Action
from points.people.models import User


def seats(activity: Any) -> str:
    """`14 / 18`, from `with_counts`."""
    return f"{activity.taken} / {activity.seats}"


class ActivityIndexView(generic.IndexView):  # type: ignore[misc]
    def get_base_queryset(self) -> QuerySet[Any]:
        found: ActivityQuerySet = super().get_base_queryset()
        return found.with_counts()

    @property
    def header_buttons(self) -> list[HeaderButton]:
        new = HeaderButton(gettext("New activity"), url=reverse("organise:create"), icon_name="plus")
        return [new, *super().header_buttons]

    def get_list_more_buttons(self, instance: Activity) -> list[Button]:
        code = instance.code
        return [
            *super().get_list_more_buttons(instance),
            Button(gettext("Roster"), url=reverse("organise:roster", args=[code]), icon_name="group"),
            Button(
                gettext("Times and positions"), url=reverse("organise:edit", args=[code]), icon_name="date"
            ),
            Button(
                gettext("Import a sign-in sheet"),
                url=reverse("activities_import", args=[code]),
                icon_name="upload",
            ),
        ]


class ActivityEditView(generic.EditView):  # type: ignore[misc]
    def save_instance(self) -> Activity:
        activity = services.save_activity(self.form.save(commit=False), by=self.request.user)
        self.has_content_changes = self.form.has_changed()
        log(instance=activity, action="wagtail.edit", content_changed=self.has_content_changes)
        return activity


class ActivityInspectView(generic.InspectView):  # type: ignore[misc]
    def get_fields(self) -> list[str]:
        return [*super().get_fields(), "shifts"]

    def get_field_label(self, field_name: str, field: Any) -> str:
        return (
            gettext("Times and positions")
            if field_name == "shifts"
            else super().get_field_label(field_name, field)
        )

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        if field_name == "shifts":
            return written_shifts(self.object)
        return super().get_field_display_value(field_name, field)


def written_shifts(activity: Activity) -> SafeString:
    """The shifts with their positions, and the way to each roster."""
    came = Registration.objects.filter(shift__activity=activity, checked_in_at__isnull=False)
    present: dict[int, int] = {}
    for shift_id in came.values_list("shift_id", flat=True):
        present[shift_id] = present.get(shift_id, 0) + 1
    rows = []
    for shift in activity.shifts.prefetch_related("positions"):
        start, end = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
        positions = ", ".join(f"{p.name} {p.seats_taken}/{p.capacity}" for p in shift.positions.all())
        address = f"{reverse('organise:roster', args=[activity.code])}?shift={shift.pk}"
        rows.append((address, f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}", positions, present.get(shift.pk, 0)))
    items = format_html_join("", '<li><a href="{}">{}</a> · {} · ✓ {}</li>', rows)
    return format_html("<ul>{}</ul>", items)


class ActivityViewSet(GridScopedViewSet):
    """Activities are called off, never deleted: records stand on them."""

    model = Activity
    icon = "calendar-check"
    menu_label = _("Activities")
    menu_name = "activities"
    menu_order = 200
    add_to_admin_menu = True
    action = Action.ORGANISE
    view_action = Action.VIEW_RECORDS
    allowed = ("view", "change")
    form_fields = [
        "title",
        "category",
        "summary",
        "description",
        "place",
        "bring",
        "contact_phone",
        "is_risky",
        "risk_note",
        "is_insured",
        "is_service",
        "min_age",
        "max_age",
        "cover",
    ]
    list_display = [
        "title",
        "grid",
        "first_starts_at",
        "state",
        Column("seats", label=_("seats"), accessor=seats),
    ]
    list_filter = ["state", "category"]
    list_export = [
        "code",
        "title",
        "grid.code",
        "grid.name",
        "category",
        "state",
        "first_starts_at",
        "last_ends_at",
        "place",
        "organiser.name",
        "organization",
    ]
    search_fields = ["title", "place", "code", "grid__name"]
    ordering = "-first_starts_at"
    inspect_view_enabled = True
    inspect_view_fields = [
        "code",
        "title",
        "grid",
        "organization",
        "organiser",
        "category",
        "state",
        "summary",
        "place",
        "contact_phone",
        "is_service",
        "is_risky",
        "is_insured",
    ]
    index_view_class = ActivityIndexView
    edit_view_class = ActivityEditView
    inspect_view_class = ActivityInspectView

    def scoped(self, queryset: QuerySet[Any], user: User, permission: str) -> QuerySet[Any]:
        found = super().scoped(queryset, user, permission)
        return found.select_related("grid", "organiser", "organization")
