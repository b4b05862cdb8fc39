"""My member card: to show on the phone, to print, and to replace when it is lost."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from points.people.cards import card_code, renew_card
from points.people.models import User
from points.qr import qr_svg


@never_cache
@login_required
@require_safe
def card(request: HttpRequest) -> HttpResponse:
    """The card with its code. Nobody else has an address for it."""
    user = cast(User, request.user)
    context = {
        "tab": "me",
        "person": user,
        "qr": qr_svg(card_code(user), label=_("QR code of my member card")),
    }
    return render(request, "me/card.html", context)


@require_POST
@login_required
def new_card(request: HttpRequest) -> HttpResponse:
    """The old card is dead from now on."""
    user = cast(User, request.user)
    renew_card(user, by=user)
    messages.success(request, _("You have a new card. The old one does not work any more."))
    return redirect("me:card")
