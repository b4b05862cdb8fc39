"""The organiser's page "the same again": a copy, every week, several days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from points import dates
from points.activities import services
from points.activities.forms_series import CopyForm, DaysForm, WeeklyForm
from points.activities.models import Activity
from points.activities.views.answers import own_activity, person
from points.refusals import Refusal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def repeat(request: HttpRequest, code: str) -> HttpResponse:
    """Three small forms, one press each; what is wrong stands at its form, and nothing has been made."""
    activity = own_activity(request, code)
    what = request.POST.get("do", "")
    boxes: dict[str, forms.Form] = {
        "weekly": WeeklyForm(request.POST if what == "weekly" else None, prefix="weekly"),
        "days": DaysForm(request.POST if what == "days" else None, prefix="days", activity=activity),
        "copy": CopyForm(request.POST if what == "copy" else None, prefix="copy"),
    }
    doing: dict[str, Callable[[HttpRequest, Activity, dict[str, Any]], HttpResponse]] = {
        "weekly": every_week,
        "days": more_days,
        "copy": copy,
    }
    if what in boxes and boxes[what].is_valid():
        try:
            return doing[what](request, activity, boxes[what].cleaned_data)
        except Refusal as refusal:
            boxes[what].add_error(None, refusal.messages)  # type: ignore[arg-type]
    series = list(activity.series.activities.order_by("first_starts_at", "pk")) if activity.series else []
    context = {"tab": "activities", "activity": activity, "boxes": boxes, "series": series}
    return render(request, "organise/repeat.html", context)


def every_week(request: HttpRequest, activity: Activity, data: dict[str, Any]) -> HttpResponse:
    made = services.repeat_weekly(
        activity,
        by=person(request),
        times=data["times"],
        until=data["until"],
        every_weeks=data["every_weeks"],
    )
    text = ngettext(
        "%(number)s more date, the last on %(day)s.",
        "%(number)s more dates, the last on %(day)s.",
        len(made),
    )
    messages.success(request, text % {"number": len(made), "day": dates.day(made[-1].first_starts_at)})
    return redirect("organise:repeat", activity.code)


def more_days(request: HttpRequest, activity: Activity, data: dict[str, Any]) -> HttpResponse:
    made = services.add_days(
        activity,
        by=person(request),
        like=data["like"],
        first_on=data["first_on"],
        last_on=data["last_on"],
        weekdays=data["weekdays"] or range(7),
    )
    text = ngettext("%(number)s shift added.", "%(number)s shifts added.", len(made))
    messages.success(request, text % {"number": len(made)})
    return redirect("organise:edit", activity.code)


def copy(request: HttpRequest, activity: Activity, data: dict[str, Any]) -> HttpResponse:
    made = services.copy_activity(activity, by=person(request), first_on=data["first_on"])
    messages.success(request, _("Copied as a draft. Look it over, then publish."))
    return redirect("organise:edit", made.code)
