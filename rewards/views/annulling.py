"""The page of one hand-over, where it can be taken back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from points.refusals import Refusal
from rewards import services
from rewards.models import AnnulReason, HandOver, Provider
from rewards.services import annulling
from rewards.views.answers import person, say_no


@require_http_methods(["GET", "POST"])
@login_required
def annul(request: HttpRequest, pk: int) -> HttpResponse:
    """For the staff of the desk and those who manage rewards there; `pk` is the redemption's.

    Shown is the hand-over in force, else the last one that was taken back.
    """
    rows = HandOver.objects.filter(redemption=pk).select_related(
        "redemption__reward__provider__grid", "redemption__member", "by", "annulled_by"
    )
    done = rows.filter(annulled_at__isnull=True).first() or rows.order_by("-annulled_at", "-pk").first()
    done = done or get_object_or_404(rows)
    provider = done.redemption.reward.provider
    me = person(request)
    works_here = Provider.objects.staffed_by(me).filter(pk=provider.pk).exists()
    if not works_here and not annulling.supervises(provider, me):
        raise Http404
    if request.method == "POST":
        try:
            services.annul(done, by=me, reason=request.POST.get("reason", ""))
        except Refusal as refusal:
            say_no(request, refusal)
        else:
            messages.success(request, _("Taken back. The voucher is open again if it is still valid."))
        return redirect("desk:annul", pk=pk)
    try:
        annulling.demand_right(done, me)
        refusal_text = ""
    except Refusal as refusal:
        refusal_text = refusal.as_text()
    context = {
        "done": done,
        "voucher": done.redemption,
        "provider": provider,
        "refusal": refusal_text,
        "minutes_left": annulling.own_minutes_left(done, me),
        "reasons": AnnulReason.choices,
    }
    return render(request, "desk/annul.html", context)
