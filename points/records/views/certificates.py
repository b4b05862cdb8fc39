"""My certificates: made with one tap, printed by myself, free; and the public check page (F-V7)."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from points.grids.models import Organization
from points.people.models import User
from points.records import certificates
from points.records.certificate_pdf import certificate_pdf
from points.records.forms import CertificateForm, CheckForm
from points.records.models import Certificate
from points.records.rates import is_too_often
from points.refusals import Refusal

LARGEST_ID = 2**63 - 1


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Which units can certify something, and what they certified already."""
    user = cast(User, request.user)
    found = Certificate.objects.filter(volunteer=user).select_related("recording_unit", "replaced_by")
    context = {
        "tab": "me",
        "offers": certificates.offers_for(user),
        "found": list(found.order_by("-issued_at", "-pk")),
        "form": CertificateForm(),
    }
    return render(request, "records/certificates.html", context)


@login_required
@require_POST
def issue(request: HttpRequest, unit: int) -> HttpResponse:
    """Make one of this unit, perhaps in place of a revoked one."""
    if unit > LARGEST_ID:
        raise Http404
    user = cast(User, request.user)
    organization = get_object_or_404(Organization.objects.select_related("guided_by"), pk=unit)
    form = CertificateForm(request.POST)
    replaces = None
    if number := request.POST.get("replaces", ""):
        replaces = get_object_or_404(Certificate, number=number, volunteer=user, recording_unit=organization)
    if not form.is_valid():
        messages.error(request, _("Please look at the two days again."))
        return redirect("records:certificates")
    try:
        made = certificates.issue_certificate(
            user,
            unit=organization,
            by=user,
            first_on=form.cleaned_data["first_on"],
            last_on=form.cleaned_data["last_on"],
            replaces=replaces,
        )
    except Refusal as refusal:
        messages.error(request, refusal.as_text())
        return redirect("records:certificates")
    messages.success(request, _("Your certificate is ready. It is free; print it as often as you like."))
    return redirect("records:certificate", made.number)


@login_required
@require_safe
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """One certificate of mine, what it says, and the way to a new one when it was revoked."""
    found = _own(request, number)
    context = {
        "tab": "me",
        "certificate": found,
        "address": check_address(request, found),
        "newer": Certificate.objects.filter(replaces=found).first(),
    }
    return render(request, "records/certificate.html", context)


@login_required
@require_safe
@never_cache
def pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The paper. A revoked certificate is not printed any more."""
    found = _own(request, number)
    if not found.is_valid:
        messages.error(request, _("This certificate has been revoked. Please make a new one."))
        return redirect("records:certificate", found.number)
    response = HttpResponse(
        certificate_pdf(found, check_address(request, found)), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="certificate-{found.number}.pdf"'
    return response


def _own(request: HttpRequest, number: str) -> Certificate:
    rows = Certificate.objects.select_related("recording_unit", "volunteer")
    return get_object_or_404(rows, number=number, volunteer=request.user)


def check_address(request: HttpRequest, certificate: Certificate) -> str:
    """The full address that the QR code leads to."""
    page = reverse("records:check_number", args=[certificate.number])
    return request.build_absolute_uri(f"{page}?code={certificate.check_code}")


# --- For everybody --------------------------------------------------------------------------------------
@require_safe
@never_cache
def check(request: HttpRequest, number: str = "") -> HttpResponse:
    """Valid, revoked or unknown, with a masked name, and nothing more (law L-A19). Seldom enough."""
    asked = {"number": number or request.GET.get("number", ""), "code": request.GET.get("code", "")}
    form = CheckForm(asked if asked["code"] else None, initial=asked)
    answer, status = None, 200
    if asked["code"] and form.is_valid():
        if is_too_often(request, "check"):
            status = 429
        else:
            answer = certificates.check(form.cleaned_data["number"], form.cleaned_data["code"])
    context = {"form": form, "answer": answer, "asked": asked, "too_often": status == 429}
    response = render(request, "records/check.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
