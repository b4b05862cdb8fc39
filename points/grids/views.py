"""A person's own profile, with their home in the tree and their consents."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from points.grids import services
from points.grids.forms import ProfileWithHomeForm
from points.people.adapter import forget_choices, remember_choices
from points.people.models import Consent, User
from points.people.services import give_consent, withdraw_consent
from points.refusals import Refusal

OPTIONAL = (Consent.Purpose.PUBLIC_NAME, Consent.Purpose.RANKING, Consent.Purpose.PHOTO)
"""What a person may say no to and still volunteer."""


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Read and change what I told about myself."""
    person = User.objects.get(pk=request.user.pk)
    form = ProfileWithHomeForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                form.save()
                services.choose_home(person, grid=form.cleaned_data["home"], by=person)
        except Refusal as refusal:
            form.add_error("home", refusal)
        else:
            messages.success(request, _("Your profile has been saved."))
            response = redirect("grids:profile")
            forget_choices(response)
            remember_choices(response, person)
            return response
    context = {"form": form, "person": person, "consents": _consents(person), "tab": "me"}
    return render(request, "grids/profile.html", context)


@login_required
@require_POST
def consent(request: HttpRequest, purpose: str) -> HttpResponse:
    """Give or take back one consent that volunteering does not depend on."""
    if purpose not in OPTIONAL:
        raise Http404
    person = User.objects.get(pk=request.user.pk)
    if request.POST.get("answer") == "yes":
        give_consent(person, purpose=purpose, by=person)
        messages.success(request, _("Thank you. You can take this back at any time."))
    else:
        withdraw_consent(person, purpose=purpose, by=person)
        messages.success(request, _("Your consent has been taken back."))
    return redirect("grids:profile")


def _consents(person: User) -> list[dict[str, Any]]:
    standing = {row.purpose: row for row in person.consents.filter(withdrawn_at__isnull=True)}
    return [
        {
            "purpose": purpose.value,
            "label": purpose.label,
            "row": standing.get(purpose.value),
            "optional": purpose in OPTIONAL,
        }
        for purpose in Consent.Purpose
    ]
