"""The overdue list: what nobody has confirmed yet, the oldest first, per organisation (F-O4, law L-A13)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from points import clock
from points.activities.overdue import first_in_time, unconfirmed_shifts, with_due_days
from points.activities.views.answers import person, whole
from points.grids import policies

PER_PAGE = 20


@login_required
@require_safe
def overdue(request: HttpRequest) -> HttpResponse:
    """`?unit=<id of a recording unit>`, `?show=all`: everything unconfirmed, or only what is overdue."""
    user = person(request)
    if not policies.has_any(user, policies.Action.CONFIRM):
        raise Http404
    everything = unconfirmed_shifts(user)
    late = everything.filter(ends_at__lt=first_in_time(clock.today()))
    show = "all" if request.GET.get("show") == "all" else "overdue"
    rows = everything if show == "all" else late
    units = list(
        late.order_by()
        .values_list("activity__organization", "activity__organization__name")
        .annotate(number=Count("pk"))
        .order_by("-number", "activity__organization__name")
    )
    chosen = whole(request.GET["unit"]) if request.GET.get("unit") else None
    if chosen is not None:
        rows = rows.filter(activity__organization=chosen)
    rows = rows.select_related("activity__grid", "activity__organization").order_by("ends_at", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": "activities",
        "page": page,
        "dues": with_due_days(list(page)),
        "show": show,
        "units": units,
        "chosen": chosen,
        "numbers": {"overdue": late.count(), "all": everything.count()},
    }
    return render(request, "organise/overdue.html", context)
