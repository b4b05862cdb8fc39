"""What I agreed to: purpose by purpose, with its history; and a guardian's yes for somebody under 14."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from points.people import guardians
from points.people.forms import GuardianForm
from points.people.models import Consent, GuardianConsent, User
from points.people.purposes import TEXTS
from points.people.services import birth_year_of, give_consent, is_under_14, withdraw_consent
from points.refusals import Refusal


def me(request: HttpRequest) -> User:
    return cast(User, request.user)


@login_required
def consents(request: HttpRequest) -> HttpResponse:
    """Every purpose: why, what taking it back means, whether it stands, and what happened before."""
    user = me(request)
    rows = list(user.consents.select_related("entered_by").order_by("-given_at", "-pk"))
    under_14 = is_under_14(user)
    context = {
        "tab": "me",
        "person": user,
        "purposes": [
            {
                "text": text,
                "history": [row for row in rows if row.purpose == text.purpose],
                "standing": next(
                    (row for row in rows if row.purpose == text.purpose and row.withdrawn_at is None), None
                ),
            }
            for text in TEXTS
        ],
        "is_under_14": under_14,
        "guardian": guardians.consent_of(user) if under_14 else None,
        "invitation": guardians.invitation(user) if under_14 else "",
        "children": children_of(user),
        "birth_year": birth_year_of(user),
    }
    return render(request, "me/consents.html", context)


def children_of(user: User) -> QuerySet[GuardianConsent]:
    """For whom the person agreed as a parent."""
    return GuardianConsent.objects.filter(guardian=user, revoked_at__isnull=True).select_related("minor")


@login_required
@require_POST
def consent(request: HttpRequest, purpose: str) -> HttpResponse:
    """Give one consent, or take it back."""
    if purpose not in Consent.Purpose.values:
        raise Http404
    user = me(request)
    if request.POST.get("answer") == "yes":
        give_consent(user, purpose=purpose, by=user)
        messages.success(request, _("Thank you. You can take this back at any time."))
    elif request.POST.get("answer") == "no":
        withdraw_consent(user, purpose=purpose, by=user)
        messages.success(request, _("Your consent has been taken back."))
    return redirect("me:consents")


@login_required
def withdraw_records(request: HttpRequest) -> HttpResponse:
    """Before the consent that volunteering needs is taken back: what that means, and where it leads."""
    text = next(each for each in TEXTS if each.is_needed)
    return render(request, "me/withdraw_records.html", {"tab": "me", "text": text})


@login_required
def guardian(request: HttpRequest, token: str) -> HttpResponse:
    """A parent opens the child's invitation in an account of their own. 404 for an old or foreign link."""
    minor = guardians.read_invitation(token)
    user = me(request)
    if minor is None or minor.pk == user.pk:
        raise Http404
    initial = {"name": user.name, "phone": user.phone or ""}
    form = GuardianForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            guardians.agree(
                minor,
                name=given["name"],
                phone=given["phone"],
                relation=given["relation"],
                by=user,
                guardian=user,
            )
        except Refusal as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Thank you. You can take this back at any time."))
            return redirect("me:consents")
    context: dict[str, Any] = {"tab": "me", "form": form, "minor": minor}
    return render(request, "me/guardian.html", context)


@login_required
@require_POST
def revoke_guardian(request: HttpRequest, pk: int) -> HttpResponse:
    """A parent takes the yes for a child back. 404 for the consent of somebody else."""
    user = me(request)
    found = get_object_or_404(GuardianConsent, pk=pk, guardian=user)
    guardians.revoke(found, by=user)
    messages.success(request, _("Your consent has been taken back."))
    return redirect("me:consents")
