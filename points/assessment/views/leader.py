"""A leader's own pages: the result with every line explained, claims, appeals, and the code for ratings."""

from __future__ import annotations

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from points import clock
from points.assessment import reading, services
from points.assessment.forms import AppealForm, ClaimForm
from points.assessment.models import Appeal, AssessmentPeriod, Claim, ClaimEvidence, Fact, Indicator, Result
from points.assessment.services import rating
from points.assessment.services.standing import spans_of_one
from points.assessment.views.answers import checked_id, led_period, person, say_no
from points.grids import policies
from points.grids.evidence import PDF
from points.grids.models import GridUnit
from points.refusals import Refusal

State = AssessmentPeriod.State


@require_GET
@login_required
def mine(request: HttpRequest, code: str) -> HttpResponse:
    """What counts for me so far, and once it is out my result, line by line."""
    period, user = led_period(request, code), person(request)
    shown = period.state in reading.SHOWN
    result = Result.objects.filter(period=period, leader=user).select_related("period").first()
    last = period.last_appeal_on
    context = {
        "tab": "me",
        "period": period,
        "result": result if shown else None,
        "lines": reading.own_lines(result) if result and shown else [],
        "place": reading.place_of(result) if result and shown else None,
        "changes": list(result.changes.select_related("transaction")) if result else [],
        "appeals": list(result.appeals.select_related("indicator")) if result else [],
        "claims": list(Claim.objects.filter(period=period, leader=user).select_related("indicator")),
        "facts": list(Fact.objects.filter(period=period, leader=user).select_related("indicator")),
        "can_claim": period.state == State.OPEN,
        "can_appeal": shown and last is not None and clock.today() <= last,
    }
    return render(request, "assessment/mine.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, code: str) -> HttpResponse:
    """Claim one thing the system cannot see."""
    period, user = led_period(request, code), person(request)
    form = ClaimForm(
        request.POST or None,
        request.FILES or None,
        period=period,
        initial={"happened_on": min(clock.today(), period.to_on)},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.submit_claim(
                period,
                indicator=given["indicator"],
                happened_on=given["happened_on"],
                note=given["note"],
                files=given["papers"],
                by=user,
            )
        except Refusal as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Claimed. Somebody else will look at it."))
            return redirect("assessment:mine", period.code)
    context = {"tab": "me", "period": period, "form": form, "is_open": period.state == State.OPEN}
    return render(request, "assessment/claim.html", context)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        Claim.objects.select_related("period"), pk=checked_id(pk), leader=person(request)
    )
    try:
        services.withdraw_claim(found, by=person(request))
    except Refusal as refusal:
        say_no(request, refusal)
    else:
        messages.success(request, _("Your claim has been withdrawn."))
    return redirect("assessment:mine", found.period.code)


@require_GET
@login_required
def evidence(request: HttpRequest, pk: int, paper: int) -> FileResponse:
    """One paper beside a claim, for the leader and for those who review or judge there."""
    found = get_object_or_404(
        ClaimEvidence.objects.select_related("claim__period__grid"),
        pk=checked_id(paper),
        claim=checked_id(pk),
    )
    grid = found.claim.period.grid
    needed = (policies.Action.REVIEW_ASSESSMENT, policies.Action.DECIDE_APPEALS)
    if found.claim.leader_id != person(request).pk and not any(
        policies.can(request.user, action, grid) for action in needed
    ):
        raise Http404
    try:
        file = found.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(
        file,
        content_type=found.content_type,
        as_attachment=found.content_type == PDF,
        filename=found.name,
    )
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, code: str, indicator: int) -> HttpResponse:
    """Say what was not counted in one line of my result."""
    period, user = led_period(request, code), person(request)
    result = get_object_or_404(Result.objects.select_related("period"), period=period, leader=user)
    line = get_object_or_404(Indicator, pk=checked_id(indicator), indicator_set=period.indicator_set_id)
    if period.state not in reading.SHOWN:
        raise Http404
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.file_appeal(result, indicator=line, text=form.cleaned_data["text"], by=user)
        except Refusal as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Your appeal is in. Somebody who was not involved will decide."))
            return redirect("assessment:mine", period.code)
    row = result.lines.filter(indicator=line).first()
    open_ones = Appeal.objects.filter(Q(result=result, indicator=line))
    context = {
        "tab": "me",
        "period": period,
        "indicator": line,
        "line": row,
        "form": form,
        "earlier": list(open_ones),
    }
    return render(request, "assessment/appeal.html", context)


@require_GET
@login_required
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """The code residents scan to rate, for each of my units, to be shown or printed."""
    period, user = led_period(request, code), person(request)
    codes = dict.fromkeys(span.unit for span in spans_of_one(period, user))
    names = dict(GridUnit.objects.filter(code__in=codes).values_list("code", "name"))
    sheets = []
    for unit in codes:
        path = reverse("assessment:rate", args=[rating.token_for(period, unit)])
        address = request.build_absolute_uri(path)
        drawn = segno.make(address, error="m", micro=False).svg_inline(
            omitsize=True, svgclass="qr", lineclass=None, border=0, dark="#221c12"
        )
        sheets.append(
            {
                "name": names.get(unit, unit),
                "path": path,
                "qr": drawn,
                "means": rating.shown(period, unit),
            }
        )
    return render(request, "assessment/poster.html", {"tab": "me", "period": period, "sheets": sheets})
