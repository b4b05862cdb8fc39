"""Forms of the pages: the editor's announcement form, and the filter of the public list."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm

from points import clock
from points.activities.models import Activity
from points.grids import policies
from points.grids.models import GridUnit

plain_select = forms.Select
RECENT = dt.timedelta(days=60)
INDENT = "\u3000"


class GridChoiceField(forms.ModelChoiceField):
    """Grid units in the order of the tree, indented by their depth."""

    def label_from_instance(self, obj: GridUnit) -> str:  # type: ignore[override]
        return f"{INDENT * (obj.depth - 1)}{obj.name}"


class AnnouncementPageForm(WagtailAdminPageForm):  # type: ignore[misc]
    """Choices end where the writer's own part of the town ends; a picture needs its words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grids = self.grids_of_writer()
        if "grid" in self.fields:
            self.fields["grid"].queryset = grids
            self.fields["grid"].label_from_instance = lambda unit: f"{INDENT * (unit.depth - 1)}{unit.name}"
        if "activity" in self.fields:
            recent = Q(last_ends_at__gt=clock.now() - RECENT) | Q(pk=self.instance.activity_id)
            self.fields["activity"].queryset = (
                Activity.objects.public().filter(recent, grid__in=grids).order_by("-first_starts_at")
            )

    def grids_of_writer(self) -> QuerySet[GridUnit]:
        user = self.for_user
        if user is None:
            return GridUnit.objects.none()
        if user.is_superuser:
            return GridUnit.objects.order_by("path")
        return policies.grids_for(user, "announce").order_by("path")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        cover = cleaned.get("cover")
        if cover is not None and not cover.alt_text.strip():
            self.add_error(
                "cover",
                ValidationError(
                    _(
                        "This picture has no alternative text. Open the picture, say in a few words what "
                        "it shows, and choose it again: people who cannot see it will hear these words."
                    ),
                    code="alt_text_missing",
                ),
            )
        return cleaned


class AnnouncementFilter(forms.Form):
    """Which part of the town, and from which day to which."""

    grid = GridChoiceField(
        label=_("Area"),
        queryset=GridUnit.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("The whole town"),
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    AREAS = (
        GridUnit.Level.DISTRICT,
        GridUnit.Level.TOWN,
        GridUnit.Level.SUBDISTRICT,
        GridUnit.Level.VILLAGE,
        GridUnit.Level.COMMUNITY,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = GridUnit.objects.filter(level__in=self.AREAS, closed_on__isnull=True).order_by("path")
        self.fields["grid"].queryset = areas  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error(
                "until", ValidationError(_("The last day cannot be before the first."), code="dates")
            )
        return cleaned
