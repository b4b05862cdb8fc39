"""Closing my account: what it means, the request with my password, the cooling-off, and the way back."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cms import closing as service
from cms.forms_account import ClosingForm
from points.activities.services import seats_ahead
from points.ledger.balances import member_balances
from points.people import closing, retention
from points.people.models import User
from points.refusals import Refusal
from rewards.models import Redemption


@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Ask for it, or see until when it can be taken back."""
    user = cast(User, request.user)
    found = closing.request_of(user)
    form = ClosingForm(request.POST or None, request=request)
    if request.method == "POST" and found is None and form.is_valid():
        try:
            service.ask_to_close(user, beans=form.cleaned_data["beans"], by=user)
        except Refusal as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("me:closing")
    balances = member_balances(user)
    context = {
        "tab": "me",
        "found": found,
        "form": form,
        "balances": balances,
        "vouchers": Redemption.objects.issued().filter(member=user).count(),
        "seats": seats_ahead(user).count(),
        "days": retention.days_of(retention.COOLING_OFF.code),
    }
    return render(request, "me/closing.html", context)


@login_required
@require_POST
def change_mind(request: HttpRequest) -> HttpResponse:
    """Withdraw the request."""
    user = cast(User, request.user)
    try:
        if closing.change_mind(user, by=user) is not None:
            messages.success(request, _("Your account stays open. Nothing has been deleted."))
    except Refusal as refusal:
        messages.error(request, refusal.as_text())
    return redirect("me:closing")
