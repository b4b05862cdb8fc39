"""The organiser writes a few words to everybody of a shift."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from points.activities import services
from points.activities.forms_series import MessageForm
from points.activities.models import Registration
from points.activities.views.answers import own_activity, own_shift, person
from points.refusals import Refusal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    activity = own_activity(request, code)
    shift = own_shift(activity, pk)
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sent = services.write_to_participants(shift, by=person(request), text=form.cleaned_data["text"])
        except Refusal as refusal:
            form.add_error(None, refusal.messages)  # type: ignore[arg-type]
        else:
            text = ngettext("%(people)s person told.", "%(people)s people told.", sent.people)
            messages.success(request, text % {"people": sent.people})
            url = reverse("organise:roster", args=[activity.code])
            return HttpResponseRedirect(f"{url}?shift={shift.pk}")
    people = Registration.objects.filter(shift=shift, state__in=Registration.HOLDS_A_SEAT).count()
    context = {
        "tab": "activities",
        "activity": activity,
        "shift": shift,
        "form": form,
        "people": people,
        "sent": shift.messages.select_related("sent_by")[:10],
    }
    return render(request, "organise/message.html", context)
