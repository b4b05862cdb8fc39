"""Calendars for the phone: the page with my secret address, my feed, and the feed of a unit."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods

from points.activities import feeds, finding
from points.activities.models import CalendarAddress
from points.activities.views.answers import person
from points.grids.models import GridUnit
from points.grids.services import home_of

KIND = "text/calendar; charset=utf-8"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """My secret address: make one, make another (the old one is dead at once), or close it."""
    user = person(request)
    if request.method == "POST":
        CalendarAddress.objects.filter(user=user).delete()
        if request.POST.get("do") == "close":
            messages.success(request, _("Closed. The old address no longer works."))
        else:
            CalendarAddress.objects.create(user=user)
            messages.success(request, _("Here is your address. Keep it to yourself."))
        return redirect("activities:calendar")
    own = CalendarAddress.objects.filter(user=user).first()
    url = request.build_absolute_uri(reverse("activities:feed", args=[own.token])) if own else ""
    home = home_of(user)
    place = finding.nearby(home) if home else None
    near = ""
    if place is not None:
        near = request.build_absolute_uri(reverse("activities:grid_feed", args=[place.code]))
    context = {
        "tab": "me",
        "url": url,
        "webcal": url.replace("https://", "webcal://").replace("http://", "webcal://"),
        "place": place,
        "near": near,
    }
    return render(request, "activities/calendar.html", context)


@never_cache
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """My own calendar, for whoever has the secret address. A dead address is not found."""
    own = get_object_or_404(CalendarAddress.objects.select_related("user"), token=token, user__is_active=True)
    data = feeds.own_feed(own.user, host=request.get_host(), name=_("My volunteer shifts"))
    response = HttpResponse(data, content_type=KIND)
    response["Content-Disposition"] = 'inline; filename="jindou.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response


@cache_control(public=True, max_age=900)
@require_GET
def grid_feed(request: HttpRequest, grid_code: str) -> HttpResponse:
    """What is on in a unit: public, without names of people."""
    grid = get_object_or_404(GridUnit, code=grid_code)
    response = HttpResponse(feeds.grid_feed(grid, host=request.get_host()), content_type=KIND)
    response["Content-Disposition"] = f'inline; filename="{grid.code}.ics"'
    return response
