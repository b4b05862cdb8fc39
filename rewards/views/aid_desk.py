"""Aid vouchers at the desk: looked at and handed over like any other, without a name and without beans."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from points.refusals import Refusal
from rewards import services
from rewards.forms import ScanForm
from rewards.models import AidVoucher, Provider
from rewards.views.answers import key_of, new_key, own_desk, person


def look(request: HttpRequest, desk: Provider, code: str) -> HttpResponse:
    """The part of the desk's scan page for a code that is an aid voucher's."""
    context = {"desk": desk, "form": ScanForm()}
    try:
        found = services.open_aid(desk, code, by=person(request))
    except Refusal as refusal:
        return render(request, "desk/scan.html", context | {"refusal": refusal.as_text()})
    return render(request, "desk/aid.html", context | {"voucher": found, "nonce": new_key()})


@require_POST
@login_required
def fulfil(request: HttpRequest) -> HttpResponse:
    """Confirm the hand-over. Sent again with the same nonce, it gives the same answer."""
    desk = own_desk(request, request.POST.get("provider", ""))
    code, nonce = request.POST.get("code", ""), key_of(request, "nonce") or new_key()
    try:
        done = services.fulfil_aid(desk, code=code, by=person(request), nonce=nonce)
    except Refusal as refusal:
        context = {"desk": desk, "form": ScanForm(), "refusal": refusal.as_text()}
        return render(request, "desk/scan.html", context)
    return redirect("desk:aid_done", pk=done.pk)


@require_GET
@login_required
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """What was handed over."""
    rows = AidVoucher.objects.filter(fulfilled_at__isnull=False).select_related("batch__provider")
    found = get_object_or_404(rows, pk=pk)
    desk = own_desk(request, found.batch.provider.code)
    return render(
        request, "desk/aid.html", {"desk": desk, "voucher": found, "form": ScanForm(), "is_done": True}
    )
