"""Hours that were not recorded at the time: the claim, and the leader's word for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from points.grids.models import GridUnit, Organization
from points.grids.services import home_of
from points.people.models import User
from points.schemes.categories import CATEGORIES
from points.schemes.editor.forms import ManyFilesField
from points.schemes.services import lineage

EVIDENCE = _("A photograph of the sign-in sheet, a message, a letter: pictures or PDF, at most five.")


class ClaimForm(forms.Form):
    """What a volunteer says: one day, from when to when, for whom and what."""

    recording_unit = forms.ModelChoiceField(Organization.objects.none(), label=_("For which organisation"))
    activity_name = forms.CharField(label=_("activity"), max_length=120)
    category = forms.ChoiceField(label=_("category"), choices=list(CATEGORIES.items()))
    content = forms.CharField(label=_("what was done"), max_length=200)
    place = forms.CharField(label=_("place"), max_length=160)
    day = forms.DateField(label=_("date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    came = forms.TimeField(label=_("came at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    left = forms.TimeField(label=_("left at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    reason = forms.CharField(
        label=_("why it is entered later"),
        help_text=_("And who was there and can say so. Write nothing about the people who were helped."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Organization.objects.select_related("grid").order_by("grid__path", "name")
        home = home_of(user)
        if home is not None:
            town = GridUnit.objects.filter(path__in=lineage(home)).order_by("path").first()
            units = units.filter(grid__path__startswith=town.path) if town else units
        self.fields["recording_unit"].queryset = units  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if {"came", "left"} <= found.keys() and found["left"] <= found["came"]:
            self.add_error("left", _("Nobody can leave before coming."))
        return found

    def facts(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        day = data.pop("day")
        came, left = data.pop("came"), data.pop("left")
        return data | {
            "came_at": timezone.make_aware(dt.datetime.combine(day, came)),
            "left_at": timezone.make_aware(dt.datetime.combine(day, left)),
        }


class VouchForm(forms.Form):
    """The evidence behind a claim."""

    papers = ManyFilesField(label=_("Evidence"), help_text=EVIDENCE, required=False)


class AnswerForm(forms.Form):
    answer = forms.CharField(label=_("Why not"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
