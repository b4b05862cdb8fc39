"""The back office's page about a young person: the year of birth, and a guardian's consent on paper."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from points.grids import policies
from points.grids.office import OfficePage, checked_id
from points.grids.policies import Action
from points.grids.viewsets import PersonViewSet
from points.people import guardians
from points.people.forms import BirthYearField, GuardianForm
from points.people.models import User
from points.people.services import birth_year_of, is_under_14, tell_birth_year
from points.refusals import Refusal


class YearForm(forms.Form):
    """What the community knows about somebody's age."""

    birth_year = BirthYearField()


class GuardianPage(OfficePage):
    """Enter or revoke the consent that a guardian signed; only for people the reader may change."""

    template_name = "grids/admin/guardian.html"
    header_icon = "user"
    page_title = gettext_lazy("Under 14: consent of a guardian")

    def may_enter(self, user: Any) -> bool:
        return policies.has_any(user, Action.MANAGE_PEOPLE)

    def crumbs(self) -> list[tuple[str, Any]]:
        return [(reverse("person:index"), _("People"))]

    def person(self) -> User:
        found = get_object_or_404(User, pk=checked_id(self.kwargs["pk"]))
        if not PersonViewSet().covers(self.request.user, "change", found):
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        person = self.person()
        context["person"] = person
        context["is_under_14"] = is_under_14(person)
        context["consent"] = guardians.consent_of(person)
        context["history"] = person.guardian_consents.select_related("entered_by").order_by(
            "-given_at", "-pk"
        )
        context.setdefault("year_form", YearForm(initial={"birth_year": birth_year_of(person)}))
        context.setdefault("guardian_form", GuardianForm())
        return context

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person, by = self.person(), cast(User, request.user)
        try:
            match request.POST.get("do"):
                case "year":
                    form: forms.Form = YearForm(request.POST)
                    if not form.is_valid():
                        return self.render_to_response(self.get_context_data(year_form=form))
                    tell_birth_year(person, year=form.cleaned_data["birth_year"], by=by)
                case "agree":
                    form = GuardianForm(request.POST)
                    if not form.is_valid():
                        return self.render_to_response(self.get_context_data(guardian_form=form))
                    given = form.cleaned_data
                    guardians.agree(
                        person, name=given["name"], phone=given["phone"], relation=given["relation"], by=by
                    )
                case "revoke":
                    standing = guardians.consent_of(person)
                    if standing is not None:
                        guardians.revoke(standing, by=by)
                case _:
                    raise Http404
        except Refusal as refusal:
            messages.error(request, refusal.as_text())
        else:
            log(instance=person, action="wagtail.edit", user=by)
            messages.success(request, _("Saved."))
        return redirect("person_guardian", pk=person.pk)
