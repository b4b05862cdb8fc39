"""Entering somebody's hours later, for a shift that is over: evidence, and a second person (journey J1)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points import clock
from points.activities.models import Activity, Position, Shift
from points.activities.views.answers import own_activity, own_shift, person
from points.grids import policies
from points.people.services import find_person
from points.records import supplements
from points.records.forms_claims import VouchForm
from points.refusals import Refusal


class SupplementForm(VouchForm):
    who = forms.CharField(
        label=gettext_lazy("volunteer"),
        max_length=150,
        help_text=gettext_lazy("User name, phone number or member number, exactly."),
    )
    position = forms.ModelChoiceField(Position.objects.none(), label=gettext_lazy("position"))
    came = forms.TimeField(
        label=gettext_lazy("came at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    left = forms.TimeField(
        label=gettext_lazy("left at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    reason = forms.CharField(
        label=gettext_lazy("why it is entered later"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ["who", "position", "came", "left", "reason", "papers"]

    def __init__(self, shift: Shift, *args: Any, **kwargs: Any) -> None:
        self.shift = shift
        kwargs["initial"] = {
            "came": timezone.localtime(shift.starts_at).time(),
            "left": timezone.localtime(shift.ends_at).time(),
        }
        super().__init__(*args, **kwargs)
        self.fields["position"].queryset = shift.positions.all()  # type: ignore[attr-defined]

    def clean_who(self) -> Any:
        found = find_person(self.cleaned_data["who"])
        if found is None:
            raise forms.ValidationError(_("There is no active account with that name or number."))
        return found

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if {"came", "left"} <= found.keys() and found["left"] <= found["came"]:
            self.add_error("left", _("Nobody can leave before coming."))
        return found

    def facts(self) -> dict[str, Any]:
        """The fields of a supplement."""
        data, activity, shift = self.cleaned_data, self.shift.activity, self.shift
        day = timezone.localdate(shift.starts_at)
        return {
            "volunteer": data["who"],
            "grid": activity.grid,
            "recording_unit": activity.organization,
            "activity_name": activity.title,
            "activity_reference": activity.code,
            "activity_minutes": planned_total(activity),
            "category": activity.category,
            "content": f"{data['position'].name}: {activity.summary}"[:200],
            "place": activity.place,
            "planned_start": shift.starts_at,
            "planned_end": shift.ends_at,
            "came_at": timezone.make_aware(dt.datetime.combine(day, data["came"])),
            "left_at": timezone.make_aware(dt.datetime.combine(day, data["left"])),
            "reason": data["reason"],
        }


def planned_total(activity: Activity) -> int:
    """The planned minutes of all seats of all shifts."""
    positions = Position.objects.filter(shift__activity=activity).select_related("shift")
    return sum(position.capacity * position.shift.planned_minutes for position in positions)


@login_required
def enter(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One person's hours of a shift that is over and counts as service."""
    activity = own_activity(request, code, policies.Action.CONFIRM)
    shift = own_shift(activity, pk)
    if not activity.is_service or shift.ends_at > clock.now():
        raise Http404
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = SupplementForm(shift, *data)
    if request.method == "POST" and form.is_valid():
        try:
            supplements.enter_hours(form.facts(), by=person(request), files=form.cleaned_data["papers"])
        except Refusal as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("A colleague in another role has been asked to approve it."))
            return redirect("organise:roster", code)
    context = {"tab": "activities", "activity": activity, "shift": shift, "form": form}
    return render(request, "organise/supplement.html", context)
