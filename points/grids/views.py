"""A person's own profile, with their home in the tree."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from points.grids import services
from points.grids.forms import ProfileWithHomeForm
from points.people.adapter import forget_choices, remember_choices
from points.people.errors import BirthYearFixed
from points.people.models import User
from points.refusals import Refusal


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
        except BirthYearFixed as refusal:
            form.add_error("birth_year", refusal)
        except Refusal as refusal:
            form.add_error("home", refusal)
        else:
            messages.success(request, _("Your profile has been saved."))
            response = redirect("grids:profile")
            forget_choices(response)
            remember_choices(response, person)
            return response
    context = {"form": form, "person": person, "tab": "me"}
    return render(request, "grids/profile.html", context)
