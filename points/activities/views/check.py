"""Check-in and check-out by the code on the organiser's screen: scanned or typed, one next step.

A phone's own camera opens `scan`: the code is looked at there and then, so signing in afterwards takes
nothing away from it, and what remains is one press of a button. Nothing is written by opening an address.
"""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from points import clock
from points.activities import errors, services
from points.activities.forms import CheckForm
from points.activities.models import Registration, Shift
from points.activities.services import devices
from points.activities.views.answers import person, say_no
from points.devices import camera_allowed
from points.refusals import Refusal

IN, OUT = "in", "out"
SCANNED = "check_scanned"
"""In the session: which shift's code this browser opened, and when."""


@never_cache
@require_safe
def scan(request: HttpRequest, token: str) -> HttpResponse:
    """Where the QR on the organiser's screen leads, signed in or not."""
    try:
        shift = services.scanned_shift(token)
    except Refusal as refusal:
        request.session.pop(SCANNED, None)
        say_no(request, refusal)
    else:
        request.session[SCANNED] = [shift.pk, clock.now().timestamp()]
    return redirect("activities:check")


def scanned(request: HttpRequest) -> tuple[Shift, dt.datetime] | None:
    """The shift whose code this browser opened in the last minutes, and when that was."""
    kept = request.session.get(SCANNED)
    if kept is None:
        return None
    at = dt.datetime.fromtimestamp(kept[1], tz=dt.UTC)
    shift = Shift.objects.select_related("activity").filter(pk=kept[0]).first()
    if shift is None or clock.now() - at > services.SCAN_LASTS:
        del request.session[SCANNED]
        return None
    return shift, at


@camera_allowed
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Scan or type the code: in when you come, out when you leave.

    Whoever has just come sees that it worked, not the field again: the same code typed twice would check
    them out in the first minute. Leaving is a step of its own, one press away.
    """
    volunteer = person(request)
    mine = list(services.registrations_of_now(volunteer))
    inside = [each for each in mine if each.checked_in_at and not each.checked_out_at]
    waiting = [each for each in mine if not each.checked_in_at and each.shift.ends_at > clock.now()]
    opened = scanned(request)
    seat = next((each for each in mine if opened and each.shift_id == opened[0].pk), None)
    step = request.POST.get("step") or request.GET.get("step") or ""
    is_there = step not in (IN, OUT) and bool(inside) and seat is None
    if seat is not None:
        step = OUT if seat.checked_in_at else IN
    elif step not in (IN, OUT):
        step = OUT if inside else IN
    form = CheckForm(request.POST or None)
    if request.method == "POST" and request.POST.get("scanned"):
        return by_scan(request, opened, step)
    if request.method == "POST" and form.is_valid():
        verb = services.check_out_with_code if step == OUT else services.check_in_with_code
        try:
            done = verb(volunteer, form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", refusal.as_text())
        else:
            return thanks(request, done, step)
    if opened is not None and seat is None:
        say_no(request, errors.NotOnTheList(activity=opened[0].activity.title))
        del request.session[SCANNED]
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
        "seat": seat if seat and not seat.checked_out_at else None,
        "now": int(clock.now().timestamp()),
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


def by_scan(request: HttpRequest, opened: tuple[Shift, dt.datetime] | None, step: str) -> HttpResponse:
    """The one press after the phone's own camera opened the code."""
    verb = services.check_out_scanned if step == OUT else services.check_in_scanned
    try:
        if opened is None:
            raise errors.ScanTooOld
        done = verb(person(request), opened[0], scanned_at=opened[1])
    except Refusal as refusal:
        say_no(request, refusal)
        request.session.pop(SCANNED, None)
        return redirect("activities:check")
    return thanks(request, done, step)


def thanks(request: HttpRequest, registration: Registration, step: str) -> HttpResponse:
    """Say that it worked, and note the device within this shift (a cookie of thirty days, no fingerprint)."""
    request.session.pop(SCANNED, None)
    messages.success(
        request, _("You have checked out. Thank you!") if step == OUT else _("You have checked in. Welcome!")
    )
    device = request.COOKIES.get(devices.COOKIE, "")
    if not 16 <= len(device) <= 40:
        device = devices.new_device()
    services.note_device(registration, device)
    response = redirect("activities:check")
    response.set_cookie(
        devices.COOKIE,
        device,
        max_age=devices.COOKIE_AGE,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def steps(inside: list[Registration], finished: list[Registration]) -> list[dict[str, str]]:
    """Where the volunteer stands: come, leave, be confirmed."""
    came, left = bool(inside or finished), bool(finished and not inside)
    return [
        {"title": _("Check in when you come"), "state": "done" if came else "now"},
        {"title": _("Check out when you leave"), "state": "done" if left else ("now" if came else "")},
        {"title": _("The organiser confirms your hours"), "state": "now" if left else ""},
    ]
