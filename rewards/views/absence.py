"""The desk says who did not come, within a day after the appointment, and may take it back."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from points import clock
from points.refusals import Refusal
from rewards import services
from rewards.models import NoShow, Provider, Redemption
from rewards.views.answers import number_of, person, say_no

MARKED_DAYS = 14


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def absent(request: HttpRequest) -> HttpResponse:
    """Appointments that are over and not handed over, and what this desk has marked lately."""
    desks = Provider.objects.staffed_by(person(request)).order_by("name", "pk")
    if request.method == "POST":
        return _mark(request, desks)
    now = clock.now()
    open_rows = Redemption.objects.issued().filter(
        reward__provider__in=desks, slot__starts_at__lt=now, expires_at__gte=now
    )
    over = [
        row
        for row in open_rows.exclude(no_shows__outcome__in=["waiting", "rebook"])
        .select_related("member", "reward", "slot")
        .order_by("slot__starts_at", "pk")
        if row.slot is not None and row.slot.ends_at <= now
    ]
    marked = (
        NoShow.objects.filter(
            redemption__reward__provider__in=desks, marked_at__gte=now - dt.timedelta(days=MARKED_DAYS)
        )
        .select_related("redemption__member", "redemption__reward", "slot")
        .order_by("-marked_at", "-pk")
    )
    context = {"tab": "desk", "desks": desks, "over": over, "marked": marked}
    return render(request, "desk/absent.html", context)


def _mark(request: HttpRequest, desks: QuerySet[Provider]) -> HttpResponse:
    try:
        if case := number_of(request, "case"):
            row = get_object_or_404(
                NoShow.objects.filter(redemption__reward__provider__in=desks).select_related(
                    "redemption__reward__provider", "slot"
                ),
                pk=case,
            )
            services.withdraw(row, by=person(request))
            messages.success(request, _("Taken back. The member is told."))
        else:
            voucher = get_object_or_404(
                Redemption.objects.filter(reward__provider__in=desks).select_related("reward__provider"),
                pk=number_of(request, "redemption"),
            )
            services.mark_absent(voucher, by=person(request))
            messages.success(request, _("Marked as missed. The member is told and can answer."))
    except Refusal as refusal:
        say_no(request, refusal)
    return redirect("desk:absent")
