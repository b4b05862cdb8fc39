"""Beans for the community's pool, and wishes for rewards that are not there yet."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from points.grids.services import home_of
from points.ledger.templatetags.beans import beans as in_words
from points.refusals import Refusal
from rewards import services
from rewards.models import Wish
from rewards.services.giving import community_of, given_to
from rewards.services.redeeming import spendable
from rewards.views.answers import key_of, new_key, person, say_no

SHOWN = 10


class GiveForm(forms.Form):
    """How many beans."""

    beans = forms.IntegerField(label=gettext_lazy("How many beans"), min_value=1, max_value=999_999)


class WishForm(forms.Form):
    """A few words."""

    text = forms.CharField(
        label=gettext_lazy("I would like to have"),
        max_length=60,
        help_text=gettext_lazy("For example: somebody who sharpens knives. Please name nobody."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def give(request: HttpRequest) -> HttpResponse:
    """Give beans to the pool of the community; the same form sent twice is one gift."""
    member = person(request)
    home = home_of(member)
    community = community_of(home) if home else None
    form = GiveForm(request.POST or None)
    key = key_of(request, "key") if request.method == "POST" else ""
    if request.method == "POST" and form.is_valid() and key:
        beans = form.cleaned_data["beans"]
        try:
            services.give(member, beans=beans, key=key)
        except Refusal as refusal:
            say_no(request, refusal)
        else:
            told = {"beans": in_words(beans), "community": community.name if community else ""}
            messages.success(request, _("Thank you! %(beans)s are with %(community)s now.") % told)
            return redirect("rewards:give")
    context = {
        "tab": "rewards",
        "form": form,
        "key": key or new_key(),
        "community": community,
        "balance": spendable(member),
        "pool": given_to(community) if community else None,
    }
    return render(request, "rewards/give.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def wishes(request: HttpRequest) -> HttpResponse:
    """Write a wish, and see what became of one's own."""
    member = person(request)
    form = WishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.wish(member, text=form.cleaned_data["text"])
        except Refusal as refusal:
            say_no(request, refusal)
        else:
            messages.success(request, _("Thank you. Your community reads it; your name is not shown."))
            return redirect("rewards:wishes")
    mine = Wish.objects.filter(member=member)[:SHOWN]
    return render(request, "rewards/wishes.html", {"tab": "rewards", "form": form, "mine": mine})
