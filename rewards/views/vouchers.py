"""A member's vouchers. Somebody else's voucher does not exist."""

from __future__ import annotations

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from points.refusals import Refusal
from rewards import errors, services, showing
from rewards.codes import qr_text
from rewards.models import NoShow, Redemption, Slot
from rewards.services.desk import normalise_code
from rewards.services.moving import may_move
from rewards.views.answers import number_of, person, say_no

PER_PAGE = 20


def own_voucher(request: HttpRequest, code: str) -> Redemption:
    """The member's own voucher; anybody else's is not found."""
    mine = Redemption.objects.filter(member=person(request))
    return get_object_or_404(showing.with_reward(mine), code=normalise_code(code))


@require_GET
@login_required
def voucher_list(request: HttpRequest) -> HttpResponse:
    """Open vouchers first, the soonest to be used on top; then the past."""
    mine = showing.with_reward(Redemption.objects.filter(member=person(request)))
    past = Paginator(mine.exclude(state=Redemption.State.ISSUED).order_by("-ended_at", "-pk"), PER_PAGE)
    context = {
        "tab": "rewards",
        "open": mine.issued().order_by("expires_at", "pk"),  # type: ignore[attr-defined]
        "page": past.get_page(request.GET.get("page")),
    }
    return render(request, "rewards/vouchers.html", context)


def qr_code(text: str, label: str) -> SafeString:
    """The code as inline SVG: black on white in both colour schemes, no style attribute."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        omitsize=True, svgclass="qr", lineclass=None, border=0, dark="#221c12"
    )
    head = format_html('<svg role="img" aria-label="{}" ', label)
    return mark_safe(head + drawn.removeprefix("<svg "))


@require_GET
@cache_control(private=True, no_cache=True)
@login_required
def voucher(request: HttpRequest, code: str) -> HttpResponse:
    """The voucher as it is shown at the desk. The code is drawn into the page: it can be kept and printed."""
    found = own_voucher(request, code)
    address = qr_text(request.build_absolute_uri(reverse("desk:scan")), found.code)
    usable = found.is_issued and not found.is_expired
    context = {
        "tab": "rewards",
        "voucher": found,
        "usable": usable,
        "qr": qr_code(address, _("QR code of this voucher")) if usable else "",
        "can_cancel": found.can_be_cancelled and not found.is_expired,
        "can_move": may_move(found),
        "absence": found.no_shows.exclude(outcome=NoShow.Outcome.WITHDRAWN).first(),
        "came_back": int(found.price.amount) - found.forfeited,
    }
    return render(request, "rewards/voucher.html", context)


@require_POST
@login_required
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Give the voucher back; all beans return."""
    found = own_voucher(request, code)
    try:
        services.cancel(found, by=person(request))
    except Refusal as refusal:
        say_no(request, refusal)
    else:
        messages.success(request, _("Cancelled. All your beans are back, with the days they had."))
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Choose another time for an appointment."""
    found = own_voucher(request, code)
    if request.method == "POST":
        slot = Slot.objects.filter(pk=number_of(request, "slot"), reward=found.reward).first()
        try:
            if slot is None:
                raise errors.SlotNeeded()
            services.move(found, slot, by=person(request))
        except Refusal as refusal:
            say_no(request, refusal)
            return redirect("rewards:move", code=found.code)
        messages.success(request, _("Your appointment has a new time."))
        return redirect(found)
    context = {
        "tab": "rewards",
        "voucher": found,
        "can_move": may_move(found),
        "days": showing.free_slots(found.reward),
    }
    return render(request, "rewards/move.html", context)


@require_POST
@login_required
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """The member's own words about a missed appointment."""
    found = own_voucher(request, code)
    case = found.no_shows.filter(outcome=NoShow.Outcome.WAITING).first()
    if case is None:
        raise Http404
    try:
        services.answer(case, by=person(request), text=request.POST.get("answer", ""))
    except Refusal as refusal:
        say_no(request, refusal)
    else:
        messages.success(request, _("Thank you. Somebody from the community decides, and you will be told."))
    return redirect(found)
