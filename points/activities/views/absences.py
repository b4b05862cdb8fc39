"""Marks "did not come": the person's page with the answer, and the page of those who decide."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from points import clock
from points.activities import services
from points.activities.forms import AnswerForm, DecideForm
from points.activities.models import Absence, Registration
from points.activities.views.answers import person, say_no
from points.grids import policies
from points.people.models import User
from points.refusals import Refusal

PER_PAGE = 20


def own_marks(volunteer: User) -> list[Absence]:
    """My marks that can still be answered, or whose answer waits: what stands on "My sign-ups"."""
    marks = Absence.objects.filter(
        registration__volunteer=volunteer,
        registration__state=Registration.State.NO_SHOW,
        decision=Absence.Decision.WAITING,
    ).select_related("registration__shift__activity")
    return [
        mark
        for mark in marks.order_by("-marked_at")[:20]
        if mark.answered_at is not None or mark.answer_until > clock.now()
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: HttpRequest, pk: int) -> HttpResponse:
    """My own mark: what it means, and my answer to it."""
    mark = get_object_or_404(
        Absence.objects.select_related(
            "registration__shift__activity__organization", "registration__position", "decided_by"
        ),
        pk=pk,
        registration__volunteer=person(request),
    )
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_absence(mark, by=person(request), **form.cleaned_data)
        except Refusal as refusal:
            say_no(request, refusal)
        else:
            messages.success(
                request, _("Thank you for telling us. Somebody else than the marker reads it and decides.")
            )
        return redirect("activities:absence", mark.pk)
    context = {
        "tab": "me",
        "mark": mark,
        "stands": mark.registration.state == Registration.State.NO_SHOW,
        "activity": mark.registration.shift.activity,
        "form": form,
    }
    return render(request, "activities/absence.html", context)


@require_GET
@login_required
def answers(request: HttpRequest) -> HttpResponse:
    """Answers that wait for a decision in my part of the town."""
    if not policies.has_any(request.user, policies.Action.CONFIRM):
        raise Http404
    page = Paginator(services.answers_waiting(person(request)), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "organise/answers.html", {"tab": "activities", "page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer: what the person says, and the decision."""
    mark = get_object_or_404(
        Absence.objects.filter(
            policies.scope(
                request.user, policies.Action.CONFIRM, lookup="registration__shift__activity__grid"
            ),
            answered_at__isnull=False,
        ).select_related(
            "registration__volunteer", "registration__position", "registration__shift__activity", "marked_by"
        ),
        pk=pk,
    )
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        lift = form.cleaned_data["decision"] == Absence.Decision.LIFTED
        try:
            services.decide_absence(mark, by=person(request), lift=lift, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error(None, refusal.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, _("Decided. The person has been told."))
            return redirect("organise:answers")
    activity = mark.registration.shift.activity
    context = {"tab": "activities", "mark": mark, "activity": activity, "form": form}
    return render(request, "organise/decide.html", context)
