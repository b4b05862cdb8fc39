"""A copy of everything the product knows about me."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from cms.forms_account import CopyForm
from points import clock
from points.people import own_data
from points.people.models import User
from points.refusals import Refusal


@login_required
@never_cache
def page(request: HttpRequest) -> HttpResponseBase:
    """Ask for a copy with the password; it is written while it is read and kept nowhere."""
    user = cast(User, request.user)
    form = CopyForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["form"]
        try:
            own_data.begin_copy(user, form=wanted, by=user)
        except Refusal as refusal:
            form.add_error(None, refusal)
        else:
            return copy(user, wanted)
    context = {
        "tab": "me",
        "form": form,
        "sections": own_data.sections(),
        "copies": user.data_copies.order_by("-made_at")[: own_data.COPIES_PER_DAY],
    }
    return render(request, "me/own_data.html", context)


def copy(user: User, form: str) -> HttpResponseBase:
    """The file, named after the day and not after the person."""
    language = get_language() or ""
    response: HttpResponseBase
    if form == "json":
        response = StreamingHttpResponse(
            own_data.as_json(user, language), content_type="application/json; charset=utf-8"
        )
    else:
        response = HttpResponse(own_data.as_pdf(user, language), content_type="application/pdf")
    name = f"jindou-{clock.today():%Y%m%d}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
