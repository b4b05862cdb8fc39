"""The desk on a phone: type or scan, look, confirm, done.

The clerk never sees a code before it is shown to them: the list of appointments has masked names only.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from points import clock
from points.devices import camera_allowed
from points.grids import policies
from points.refusals import Refusal
from rewards import errors, services, showing
from rewards.codes import is_signed
from rewards.forms import ProviderCancelForm, ScanForm
from rewards.models import Provider, Redemption
from rewards.services import aid
from rewards.services.desk import keep_refusal, normalise_code
from rewards.services.settlement import first_of
from rewards.views import aid_desk
from rewards.views.answers import key_of, new_key, own_desk, person, say_no

DAYS_AHEAD = 7
RECENT = 8


def desks_of(request: HttpRequest) -> list[Provider]:
    return list(Provider.objects.staffed_by(person(request)).order_by("name", "pk"))


@camera_allowed
@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Where a clerk starts; who settles finds the providers of their subtree here."""
    desks = desks_of(request)
    may_read = policies.scope(request.user, policies.Action.SETTLE) | policies.scope(
        request.user, policies.Action.AUDIT
    )
    looks_after = any(policies.has_any(request.user, action) for action in ("settle", "audit"))
    if not desks and not looks_after:
        raise Http404
    wanted = request.GET.get("provider")
    desk = next((each for each in desks if each.code == wanted), desks[0] if desks else None)
    month = first_of(clock.today())
    context: dict[str, Any] = {
        "desks": desks,
        "desk": desk,
        "month": month,
        "last_month": first_of(month - dt.timedelta(days=1)),
        "overseen": Provider.objects.filter(may_read).order_by("name", "pk")[:200] if looks_after else [],
    }
    if desk is not None:
        today = timezone.make_aware(dt.datetime.combine(clock.today(), dt.time()))
        of_desk = showing.with_reward(Redemption.objects.filter(reward__provider=desk)).select_related(
            "member"
        )
        context |= {
            "form": ScanForm(),
            "reasons": ProviderCancelForm(),
            "appointments": of_desk.filter(
                state=Redemption.State.ISSUED,
                slot__starts_at__gte=today,
                slot__starts_at__lt=today + dt.timedelta(days=DAYS_AHEAD),
            ).order_by("slot__starts_at", "pk")[:60],
            "recent": of_desk.filter(state=Redemption.State.FULFILLED).order_by("-ended_at", "-pk")[:RECENT],
            "today_count": Redemption.objects.fulfilled_between(
                desk, today, today + dt.timedelta(days=1)
            ).count(),
            "today": clock.today(),
        }
    return render(request, "desk/home.html", context)


def _desk_for(request: HttpRequest, code: str) -> Provider:
    """The desk named in the address; a scanned QR code names none, so the voucher's own comes first."""
    named = request.GET.get("provider")
    if named:
        return own_desk(request, named)
    desks = desks_of(request)
    if not desks:
        raise Http404
    if paper := aid.find_voucher(code):
        return next((desk for desk in desks if desk.pk == paper.batch.provider_id), desks[0])
    found = Redemption.objects.filter(code=normalise_code(code)).values_list("reward__provider_id", flat=True)
    return next((desk for desk in desks if desk.pk in found), desks[0])


@camera_allowed
@require_GET
@never_cache
@login_required
def scan(request: HttpRequest) -> HttpResponse:
    """Look at a voucher before anything is handed over."""
    code = request.GET.get("code", "")
    desk = _desk_for(request, code)
    if not code.strip():
        return redirect(f"{reverse('desk:home')}?provider={desk.code}")
    given = request.GET.get("s")
    if given is not None and not is_signed(normalise_code(code), given):
        refusal = errors.UnknownCode()  # a picture that somebody drew: as if there were no such voucher
        keep_refusal(desk, code, person(request), refusal)
        return _refused(request, desk, refusal)
    if aid.find_voucher(code) is not None:
        return aid_desk.look(request, desk, code)
    try:
        found = services.find_voucher(desk, code, person(request))
    except Refusal as refusal:
        return _refused(request, desk, refusal)
    context = {"desk": desk, "voucher": found, "nonce": new_key(), "reasons": ProviderCancelForm()}
    return render(request, "desk/scan.html", context)


def _refused(request: HttpRequest, desk: Provider, refusal: Refusal) -> HttpResponse:
    context = {"desk": desk, "refusal": refusal.as_text(), "form": ScanForm()}
    return render(request, "desk/scan.html", context)


@require_POST
@login_required
def fulfil(request: HttpRequest) -> HttpResponse:
    """Confirm the hand-over. Sent again with the same nonce, it gives the same answer."""
    desk = own_desk(request, request.POST.get("provider", ""))
    try:
        done = services.fulfil(
            desk,
            code=request.POST.get("code", ""),
            by=person(request),
            nonce=key_of(request, "nonce") or new_key(),
        )
    except Refusal as refusal:
        return _refused(request, desk, refusal)
    return redirect("desk:done", pk=done.pk)


@camera_allowed
@require_GET
@login_required
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """What was handed over, for the clerk to see and the next person to come."""
    rows = showing.with_reward(Redemption.objects.filter(state=Redemption.State.FULFILLED))
    found = get_object_or_404(rows.select_related("member"), pk=pk)
    desk = own_desk(request, found.reward.provider.code)
    return render(request, "desk/done.html", {"desk": desk, "voucher": found, "form": ScanForm()})


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """The provider cannot serve: everything goes back to the member."""
    found = get_object_or_404(Redemption.objects.select_related("reward__provider"), pk=pk)
    desk = own_desk(request, found.reward.provider.code)
    try:
        services.provider_cancel(found, by=person(request), reason=request.POST.get("reason", ""))
    except Refusal as refusal:
        say_no(request, refusal)
    else:
        messages.success(request, _("Cancelled. The member has all beans back."))
    return redirect(f"{reverse('desk:home')}?provider={desk.code}")
