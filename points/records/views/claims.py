"""Hours that are missing: a volunteer claims them, a leader stands by them (F-O4, journey J1)."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from points.grids import policies
from points.people.models import User
from points.records import supplements
from points.records.forms_claims import AnswerForm, ClaimForm, VouchForm
from points.records.models import Supplement
from points.refusals import Refusal

PER_PAGE = 20
LARGEST_ID = 2**63 - 1


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My claims and what became of them."""
    rows = Supplement.objects.filter(volunteer=cast(User, request.user)).select_related(
        "recording_unit", "record"
    )
    page = Paginator(rows.order_by("-claimed_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "records/claims.html", {"tab": "me", "page": page})


@login_required
def claim(request: HttpRequest) -> HttpResponse:
    """Say which hours are missing."""
    user = cast(User, request.user)
    form = ClaimForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            supplements.claim_hours(user, **form.facts(), by=user)
        except Refusal as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Sent to the leaders of the organisation. You will be told."))
            return redirect("records:claims")
    return render(request, "records/claim.html", {"tab": "me", "form": form})


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take my claim back."""
    found = get_object_or_404(Supplement, pk=_small(pk), volunteer=request.user)
    try:
        supplements.take_back(found, by=cast(User, request.user))
    except Refusal as refusal:
        messages.error(request, refusal.as_text())
    else:
        messages.success(request, _("Taken back."))
    return redirect("records:claims")


# --- The leader -----------------------------------------------------------------------------------------
@login_required
@require_safe
def to_check(request: HttpRequest) -> HttpResponse:
    """The claims of my part of the town that wait for a leader."""
    user = cast(User, request.user)
    if not policies.has_any(user, policies.Action.CONFIRM):
        raise Http404
    page = Paginator(supplements.claims_for(user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "records/claims_to_check.html", {"tab": "me", "page": page})


@login_required
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Stand by one claim with evidence, or turn it down with a reason."""
    user = cast(User, request.user)
    scope = policies.scope(user, policies.Action.CONFIRM)
    rows = Supplement.objects.filter(scope).select_related("volunteer", "recording_unit", "leader", "record")
    found = get_object_or_404(rows, pk=_small(pk))
    is_no = request.POST.get("do") == "refuse"
    vouch = VouchForm(*((request.POST, request.FILES) if request.method == "POST" and not is_no else ()))
    answer = AnswerForm(request.POST if is_no else None)
    form = answer if is_no else vouch
    if request.method == "POST" and form.is_valid():
        try:
            if is_no:
                supplements.turn_down(found, answer=answer.cleaned_data["answer"], by=user)
                messages.success(request, _("Sent back with your reason."))
            else:
                supplements.vouch(found, by=user, files=vouch.cleaned_data["papers"])
                messages.success(request, _("A colleague in another role has been asked to approve it."))
            return redirect("records:claims_to_check")
        except Refusal as refusal:
            form.add_error(None, refusal)
    context = {"tab": "me", "found": found, "vouch": vouch, "answer": answer}
    return render(request, "records/claim_to_check.html", context)


def _small(pk: int) -> int:
    if pk > LARGEST_ID:
        raise Http404
    return pk
