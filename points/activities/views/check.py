"""Check-in and check-out by the code on the organiser's screen: one big field, one next step."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from points import clock
from points.activities import services
from points.activities.forms import CheckForm
from points.activities.models import Registration
from points.activities.views.answers import person
from points.refusals import Refusal

IN, OUT = "in", "out"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Type the code: in when you come, out when you leave.

    Whoever has just come sees that it worked, not the field again: the same code typed twice would check
    them out in the first minute. Leaving is a step of its own, one press away.
    """
    volunteer = person(request)
    mine = list(services.registrations_of_now(volunteer))
    inside = [each for each in mine if each.checked_in_at and not each.checked_out_at]
    waiting = [each for each in mine if not each.checked_in_at and each.shift.ends_at > clock.now()]
    step = request.POST.get("step") or request.GET.get("step") or ""
    is_there = step not in (IN, OUT) and bool(inside)
    if step not in (IN, OUT):
        step = OUT if inside else IN
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verb = services.check_out_with_code if step == OUT else services.check_in_with_code
        try:
            verb(volunteer, form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", refusal.as_text())
        else:
            done = (
                _("You have checked out. Thank you!") if step == OUT else _("You have checked in. Welcome!")
            )
            messages.success(request, done)
            return redirect("activities:check")
    finished = [each for each in mine if each.checked_out_at]
    upcoming = None
    if not mine:
        upcoming = (
            Registration.objects.filter(
                volunteer=volunteer,
                state=Registration.State.SIGNED_UP,
                shift__starts_at__gt=clock.now(),
            )
            .select_related("shift__activity", "position")
            .order_by("shift__starts_at")
            .first()
        )
    current = inside[0] if inside else (waiting[0] if waiting else None)
    context = {
        "tab": "activities",
        "form": form,
        "step": step,
        "is_there": is_there,
        "inside": inside,
        "waiting": waiting,
        "finished": finished,
        "current": current,
        "upcoming": upcoming,
        "opens_at": upcoming.shift.starts_at - services.OPENS_BEFORE if upcoming else None,
        "steps": steps(inside, finished),
    }
    return render(request, "activities/check.html", context)


def steps(inside: list[Registration], finished: list[Registration]) -> list[dict[str, str]]:
    """Where the volunteer stands: come, leave, be confirmed."""
    came, left = bool(inside or finished), bool(finished and not inside)
    return [
        {"title": _("Check in when you come"), "state": "done" if came else "now"},
        {"title": _("Check out when you leave"), "state": "done" if left else ("now" if came else "")},
        {"title": _("The organiser confirms your hours"), "state": "now" if left else ""},
    ]
